//! Two gestures at the same time on a document with a random past: what properties P3, P4, P5 and P7
//! say of them.

use tideline_model::{DraftLine, Event, Intent, Kind, LineId, Placement};
use tideline_tests::merge::check::expect_equal;
use tideline_tests::merge::names::{self, Luck};
use tideline_tests::merge::operation::Mix;
use tideline_tests::merge::plan::{Effort, Plan, catching};
use tideline_tests::merge::simulation::Simulation;
use tideline_tests::outliner;
use tideline_tests::shown::{Shown, ShownLine};

/// `Ok` also when the past offers no lines for the property.
type Outcome = Result<(), String>;

/// Checks the property on random pasts; one that fails is shrunk and told.
fn check(property: impl Fn(&mut Past) -> Option<Outcome>) {
    let effort = Effort::from_environment(Effort {
        first_seed: 0,
        seeds: 300,
        operations: 40,
    });
    for seed in effort.first_seed..effort.first_seed + effort.seeds {
        let run = |plan: &Plan, journal: &mut Vec<String>| {
            catching(|| {
                let mut past = Past::new(plan, seed)?;
                let outcome = catching(|| property(&mut past).unwrap_or(Ok(())));
                journal.append(&mut past.simulation.journal);
                outcome
            })
        };
        let operations = effort.operations * usize::try_from(seed % 5).expect("small") / 4;
        let plan = Plan::random(seed, Mix::Restructuring, operations);
        if let Err(error) = run(&plan, &mut Vec::new()) {
            let plan = plan.shrunk(|plan| run(plan, &mut Vec::new()).is_err());
            let mut story = Vec::new();
            let outcome = run(&plan, &mut story);
            let story = story.join("\n");
            panic!("seed {seed}: {error}\n\nthe shrunk past:\n{plan}\n{story}\n{outcome:?}");
        }
    }
}

/// Replicas with the same random past, and luck to choose what comes next.
struct Past {
    simulation: Simulation,
    base: Shown,
    luck: Luck,
    one: usize,
    other: usize,
}

impl Past {
    fn new(plan: &Plan, luck: u64) -> Result<Self, String> {
        let mut simulation = Simulation::new(plan.replicas)?;
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
    fn line(&mut self, length: usize) -> Option<ShownLine> {
        let flat = self.base.flat();
        let mut lines: Vec<&ShownLine> = flat.into_iter().map(|(_, line)| line).collect();
        lines.retain(|line| line.text.chars().count() >= length);
        if lines.is_empty() {
            return None;
        }
        Some(lines[self.luck.below(lines.len())].clone())
    }

    /// Two lines of which the first is not below, and not the same as, the second.
    fn two_lines(&mut self) -> Option<(ShownLine, ShownLine)> {
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
    fn lines_to_join(&mut self) -> Option<(ShownLine, ShownLine)> {
        let (into, line) = self.two_lines()?;
        let is_child = into.children.iter().any(|child| child.id == line.id);
        (!is_child || line.children.is_empty()).then_some((into, line))
    }

    fn at(&mut self, line: &ShownLine) -> u32 {
        let length = line.text.chars().count();
        u32::try_from(self.luck.below(length + 1)).expect("a short line")
    }

    fn split(&mut self, replica: usize, line: &ShownLine, at: u32) -> Intent {
        Intent::Split {
            line: line.id,
            at,
            new_line: self.simulation.peers[replica].maker.line(),
            kind: Kind::Text,
        }
    }

    fn fresh(&mut self, count: u32) -> String {
        let from = self.simulation.letters;
        self.simulation.letters += count;
        (from..self.simulation.letters).map(names::letter).collect()
    }

    fn typing(&mut self, line: LineId, at: u32) -> Intent {
        Intent::EditText {
            line,
            at,
            delete: 0,
            insert: self.fresh(2),
        }
    }

    /// What everybody gets when the two do this at the same time.
    fn together(&mut self, one: &Intent, other: &Intent) -> Result<Shown, String> {
        self.simulation.act(self.one, one)?;
        self.simulation.act(self.other, other)?;
        self.sync()
    }

    fn sync(&mut self) -> Result<Shown, String> {
        self.simulation.sync_all(&mut self.luck)?;
        self.simulation.peers[1].compare_with_oracle()?;
        Ok(self.simulation.peers[1].shown.clone())
    }

    /// The base after these gestures of one person.
    fn plainly(&self, intents: &[&Intent]) -> Shown {
        let mut shown = self.base.clone();
        for intent in intents {
            outliner::carry_out(&mut shown, intent).expect("the gestures are possible");
        }
        shown
    }
}

fn to_the_top(line: LineId) -> Intent {
    Intent::Move {
        lines: vec![line],
        placement: Placement {
            parent: LineId::ROOT,
            after: None,
        },
    }
}

/// P3, and the boundary itself belongs to the left.
#[test]
fn typing_goes_where_its_half_of_a_split_line_goes() {
    check(|past| {
        let line = past.line(2)?;
        let (at, typed_at) = (past.at(&line).max(1), past.at(&line));
        let split = past.split(past.one, &line, at);
        let typing = past.typing(line.id, typed_at);
        let Intent::Split { new_line, .. } = split else {
            return None;
        };
        Some(past.together(&split, &typing).and_then(|got| {
            let mut after_the_split = typing.clone();
            if let Intent::EditText {
                line, at: place, ..
            } = &mut after_the_split
                && typed_at > at
            {
                (*line, *place) = (new_line, typed_at - at);
            }
            expect_equal("P3", &got, &past.plainly(&[&split, &after_the_split]))
        }))
    });
}

/// P4.
#[test]
fn typing_follows_its_line_into_a_join() {
    check(|past| {
        let (into, line) = past.two_lines()?;
        let at = past.at(&line);
        let typing = past.typing(line.id, at);
        let join = Intent::Join {
            line: line.id,
            into: into.id,
        };
        let got = past.together(&join, &typing);
        Some(got.and_then(|got| expect_equal("P4", &got, &past.plainly(&[&typing, &join]))))
    });
}

/// P4.
#[test]
fn the_tail_of_a_split_stays_where_a_joined_line_stood() {
    check(|past| {
        let (into, line) = past.lines_to_join()?;
        let at = Some(past.at(&line)).filter(|&at| at > 0)?;
        let split = past.split(past.other, &line, at);
        let join = Intent::Join {
            line: line.id,
            into: into.id,
        };
        let got = past.together(&join, &split);
        Some(got.and_then(|got| expect_equal("P4", &got, &past.plainly(&[&split, &join]))))
    });
}

/// P4.
#[test]
fn the_later_of_a_join_and_a_move_wins() {
    check(|past| {
        let (into, line) = past.lines_to_join()?;
        let join = Intent::Join {
            line: line.id,
            into: into.id,
        };
        let to_the_top = to_the_top(line.id);
        Some(past.together(&join, &to_the_top).and_then(|got| {
            let own = |replica: usize| {
                let events = past.simulation.peers[0].log.iter();
                let own = events.filter(|it| it.id.replica == names::replica(replica));
                own.map(Event::order).max()
            };
            let later = if own(past.one) > own(past.other) {
                &join
            } else {
                &to_the_top
            };
            expect_equal("P4", &got, &past.plainly(&[later]))
        }))
    });
}

/// P5.
#[test]
fn runs_of_two_people_stay_in_one_piece() {
    check(|past| {
        let line = past.line(0)?;
        let at = past.at(&line);
        let mut runs = Vec::new();
        for replica in [past.one, past.other] {
            let mut run = String::new();
            for typed in 0..3 {
                let keystrokes = past.typing(line.id, at + typed * 2);
                if let Err(error) = past.simulation.act(replica, &keystrokes) {
                    return Some(Err(error));
                }
                if let Intent::EditText { insert, .. } = keystrokes {
                    run.push_str(&insert);
                }
            }
            runs.push(run);
        }
        Some(past.sync().and_then(|got| {
            let text = got
                .find(line.id)
                .map_or("nothing", |line| line.text.as_str());
            let are_whole = runs.iter().all(|run| text.contains(run));
            if are_whole {
                Ok(())
            } else {
                Err(format!("P5: {text} lacks one of {runs:?}"))
            }
        }))
    });
}

/// P5.
#[test]
fn lines_of_two_people_stay_together() {
    check(|past| {
        let after = past.luck.below(past.base.lines.len() + 1);
        let after = after.checked_sub(1).map(|index| past.base.lines[index].id);
        let mut pasted: Vec<Vec<LineId>> = Vec::new();
        for replica in [past.one, past.other] {
            let lines: Vec<DraftLine> = (0..3)
                .map(|_| DraftLine {
                    id: past.simulation.peers[replica].maker.line(),
                    depth: 0,
                    kind: Kind::Text,
                    text: past.fresh(1),
                    properties: Vec::new(),
                    tags: Vec::new(),
                })
                .collect();
            pasted.push(lines.iter().map(|line| line.id).collect());
            let placement = Placement {
                parent: LineId::ROOT,
                after,
            };
            let paste = Intent::CreateLines { placement, lines };
            if let Err(error) = past.simulation.act(replica, &paste) {
                return Some(Err(error));
            }
        }
        Some(past.sync().and_then(|mut got| {
            let order: Vec<LineId> = got.lines.iter().map(|line| line.id).collect();
            let is_block = |lines: &Vec<LineId>| order.windows(3).any(|three| three == lines);
            if !pasted.iter().all(is_block) {
                return Err(format!(
                    "P5: pasted lines mix in {}",
                    got.named(&names::line)
                ));
            }
            got.lines
                .retain(|line| !pasted.iter().flatten().any(|&id| id == line.id));
            expect_equal("around pasted lines", &got, &past.base)
        }))
    });
}

fn check_undo(gesture: impl Fn(&mut Past, &ShownLine, &ShownLine) -> Option<Intent>) {
    check(|past| {
        let (other_line, line) = past.two_lines()?;
        let typed_into = past.line(0)?;
        let at = past.at(&typed_into);
        let typing = past.typing(typed_into.id, at);
        let gesture = gesture(past, &line, &other_line)?;
        let event = past.simulation.act(past.one, &gesture).transpose()?;
        Some(event.and_then(|_| {
            past.simulation.act(past.other, &typing)?;
            past.sync()?;
            past.simulation.undo(past.one, 0)?;
            let got = past.sync()?;
            expect_equal("P7", &got, &past.plainly(&[&typing]))
        }))
    });
}

#[test]
fn undo_of_a_split_leaves_what_others_typed_meanwhile() {
    check_undo(|past, line, _| {
        let at = Some(past.at(line)).filter(|&at| at > 0)?;
        Some(past.split(past.one, line, at))
    });
}

#[test]
fn undo_of_a_join_leaves_what_others_typed_meanwhile() {
    check_undo(|_, line, into| {
        Some(Intent::Join {
            line: line.id,
            into: into.id,
        })
    });
}

#[test]
fn undo_of_a_deletion_leaves_what_others_typed_meanwhile() {
    check_undo(|_, line, other| {
        Some(Intent::Delete {
            lines: vec![line.id, other.id],
        })
    });
}

#[test]
fn undo_of_a_move_leaves_what_others_typed_meanwhile() {
    check_undo(|_, line, _| Some(to_the_top(line.id)));
}

#[test]
fn undo_of_a_deletion_over_several_lines_leaves_what_others_typed_meanwhile() {
    check_undo(|past, _, _| {
        let flat: Vec<ShownLine> = past
            .base
            .flat()
            .iter()
            .map(|(_, it)| (*it).clone())
            .collect();
        let first = past.luck.below(flat.len());
        let last = (first + past.luck.below(4)).min(flat.len() - 1);
        let (first_at, last_at) = (past.at(&flat[first]), past.at(&flat[last]));
        let is_backwards = first == last && first_at > last_at;
        (!is_backwards).then(|| Intent::DeleteRange {
            first: flat[first].id,
            first_at,
            last: flat[last].id,
            last_at,
        })
    });
}

/// Takes out what `base` does not show: a restore ends older deletions of the line, too.
fn keep_only(lines: &mut Vec<ShownLine>, base: &Shown) {
    lines.retain(|line| base.find(line.id).is_some());
    for line in lines {
        keep_only(&mut line.children, base);
    }
}

#[test]
fn another_person_can_restore_what_was_deleted() {
    check(|past| {
        let line = past.line(0)?;
        let lines = vec![line.id];
        let delete = Intent::Delete {
            lines: lines.clone(),
        };
        let restore = Intent::Restore { lines };
        Some(past.simulation.act(past.one, &delete).and_then(|_| {
            past.sync()?;
            past.simulation.act(past.other, &restore)?;
            let mut got = past.sync()?;
            keep_only(&mut got.lines, &past.base);
            expect_equal("restored by another", &got, &past.base)
        }))
    });
}
