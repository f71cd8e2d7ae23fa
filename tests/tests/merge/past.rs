//! A document with a random past, and two people who are about to do something at the same time.

use tideline_model::{Intent, Kind, LineId};
use tideline_tests::merge::names::{self, Luck};
use tideline_tests::merge::operation::Mix;
use tideline_tests::merge::plan::{Effort, Plan, catching};
use tideline_tests::merge::simulation::Simulation;
use tideline_tests::outliner;
use tideline_tests::shown::{Shown, ShownLine};

/// `Ok` also when the past offers no lines for the property.
pub type Outcome = Result<(), String>;

/// Checks the property on random pasts; one that fails is shrunk and told.
pub fn check(property: impl Fn(&mut Past) -> Option<Outcome>) {
    let effort = Effort::from_environment(Effort {
        first_seed: 0,
        seeds: 300,
        operations: 40,
    });
    for seed in effort.first_seed..effort.first_seed + effort.seeds {
        let run = |plan: &Plan, journal: Option<&mut Vec<String>>| {
            catching(|| {
                let mut past = Past::new(plan, seed, journal.is_some())?;
                let outcome = catching(|| property(&mut past).unwrap_or(Ok(())));
                let told = past.simulation.journal.take().unwrap_or_default();
                journal
                    .into_iter()
                    .for_each(|journal| journal.extend(told.clone()));
                outcome
            })
        };
        let operations = effort.operations * usize::try_from(seed % 5).expect("small") / 4;
        let plan = Plan::random(seed, Mix::Restructuring, operations);
        if let Err(error) = run(&plan, None) {
            let plan = plan.shrunk(|plan| run(plan, None).is_err());
            let mut story = Vec::new();
            let outcome = run(&plan, Some(&mut story));
            let story = story.join("\n");
            panic!("seed {seed}: {error}\n\nthe shrunk past:\n{plan}\n{story}\n{outcome:?}");
        }
    }
}

/// Replicas with the same random past, and luck to choose what comes next.
pub struct Past {
    pub simulation: Simulation,
    pub base: Shown,
    pub luck: Luck,
    pub one: usize,
    pub other: usize,
}

impl Past {
    fn new(plan: &Plan, luck: u64, is_told: bool) -> Result<Self, String> {
        let mut simulation = Simulation::new(plan.replicas)?;
        simulation.journal = is_told.then(Vec::new);
        for operation in &plan.operations {
            simulation.operation(operation)?;
        }
        let mut luck = Luck::new(luck);
        simulation.sync_all(&mut luck)?;
        let one = luck.below(plan.replicas);
        let other = (one + 1 + luck.below(plan.replicas - 1)) % plan.replicas;
        Ok(Self {
            base: simulation.peers[0].shown.clone(),
            simulation,
            luck,
            one,
            other,
        })
    }

    /// A displayed line with at least `length` characters.
    pub fn line(&mut self, length: usize) -> Option<ShownLine> {
        let flat = self.base.flat();
        let mut lines: Vec<&ShownLine> = flat.into_iter().map(|(_, line)| line).collect();
        lines.retain(|line| line.text.chars().count() >= length);
        if lines.is_empty() {
            return None;
        }
        Some(lines[self.luck.below(lines.len())].clone())
    }

    /// Two lines of which the first is not below, and not the same as, the second.
    pub fn two_lines(&mut self) -> Option<(ShownLine, ShownLine)> {
        let (one, other) = (self.line(0)?, self.line(0)?);
        let below = Shown {
            lines: vec![other.clone()],
            ..Shown::default()
        };
        below.find(one.id).is_none().then_some((one, other))
    }

    /// Two lines of which the second can be joined into the first; its children then stay its own.
    ///
    /// Not so when it is a child of the first: its children take its place among the others then,
    /// each by a move that stands for itself against what others do.
    pub fn lines_to_join(&mut self) -> Option<(ShownLine, ShownLine)> {
        let (into, line) = self.two_lines()?;
        let is_child = into.children.iter().any(|child| child.id == line.id);
        (!is_child || line.children.is_empty()).then_some((into, line))
    }

    pub fn at(&mut self, line: &ShownLine) -> u32 {
        let length = line.text.chars().count();
        u32::try_from(self.luck.below(length + 1)).expect("a short line")
    }

    pub fn split(&mut self, replica: usize, line: &ShownLine, at: u32) -> Intent {
        Intent::Split {
            line: line.id,
            at,
            new_line: self.simulation.peers[replica].maker.line(),
            kind: Kind::Text,
        }
    }

    pub fn fresh(&mut self, count: u32) -> String {
        let from = self.simulation.letters;
        self.simulation.letters += count;
        (from..self.simulation.letters).map(names::letter).collect()
    }

    pub fn typing(&mut self, line: LineId, at: u32) -> Intent {
        Intent::EditText {
            line,
            at,
            delete: 0,
            insert: self.fresh(2),
        }
    }

    /// What everybody gets when the two do this at the same time.
    pub fn together(&mut self, one: &Intent, other: &Intent) -> Result<Shown, String> {
        self.simulation.act(self.one, one)?;
        self.simulation.act(self.other, other)?;
        self.sync()
    }

    pub fn sync(&mut self) -> Result<Shown, String> {
        self.simulation.sync_all(&mut self.luck)?;
        self.simulation.peers[1].compare_with_oracle()?;
        Ok(self.simulation.peers[1].shown.clone())
    }

    /// The base after these gestures of one person.
    pub fn plainly(&self, intents: &[&Intent]) -> Shown {
        let mut shown = self.base.clone();
        for intent in intents {
            outliner::carry_out(&mut shown, intent).expect("the gestures are possible");
        }
        shown
    }
}
