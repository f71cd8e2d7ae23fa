//! Two gestures at the same time on a document with a random past: what properties P3, P4, P5 and P7
//! say of them.

use proptest::collection::vec;
use proptest::prelude::*;
use tideline_model::{DraftLine, Intent, Kind, LineId, Placement};
use tideline_tests::merge::names::{self, Luck};
use tideline_tests::merge::operation::{Mix, Operation, operation};
use tideline_tests::merge::peer::expect_equal;
use tideline_tests::merge::simulation::Simulation;
use tideline_tests::outliner;
use tideline_tests::shown::{Shown, ShownLine};

/// Three replicas with the same random past, and luck to choose what comes next.
struct Past {
    simulation: Simulation,
    base: Shown,
    luck: Luck,
}

type Outcome = Result<(), TestCaseError>;

fn past(operations: &[Operation], luck: u64) -> Result<Past, TestCaseError> {
    let mut simulation = Simulation::new(3).map_err(TestCaseError::fail)?;
    for operation in operations {
        simulation
            .operation(operation)
            .map_err(TestCaseError::fail)?;
    }
    let mut luck = Luck::new(luck);
    simulation
        .sync_all(&mut luck)
        .map_err(TestCaseError::fail)?;
    Ok(Past {
        base: simulation.peers[0].shown.clone(),
        simulation,
        luck,
    })
}

impl Past {
    fn lines(&self) -> Vec<ShownLine> {
        self.base
            .flat()
            .into_iter()
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// A displayed line with at least `length` characters.
    fn line(&mut self, length: usize) -> Result<ShownLine, TestCaseError> {
        let mut lines = self.lines();
        lines.retain(|line| line.text.chars().count() >= length);
        if lines.is_empty() {
            return Err(TestCaseError::reject("no such line"));
        }
        Ok(lines.swap_remove(self.luck.below(lines.len())))
    }

    /// Two lines of which the first is not below, and not the same as, the second.
    fn two_lines(&mut self) -> Result<(ShownLine, ShownLine), TestCaseError> {
        let (one, other) = (self.line(0)?, self.line(0)?);
        let below = Shown {
            lines: vec![other.clone()],
            ..Shown::default()
        };
        if below.find(one.id).is_some() {
            return Err(TestCaseError::reject("one is below the other"));
        }
        Ok((one, other))
    }

    fn at(&mut self, line: &ShownLine) -> u32 {
        let length = line.text.chars().count();
        u32::try_from(self.luck.below(length + 1)).expect("a short line")
    }

    fn new_line(&mut self, replica: usize) -> LineId {
        self.simulation.peers[replica].maker.line()
    }

    fn fresh(&mut self, count: u32) -> String {
        let from = self.simulation.letters;
        self.simulation.letters += count;
        (from..self.simulation.letters).map(names::letter).collect()
    }

    fn typing(&mut self, line: &ShownLine, at: u32) -> Intent {
        Intent::EditText {
            line: line.id,
            at,
            delete: 0,
            insert: self.fresh(2),
        }
    }

    fn act(&mut self, replica: usize, intent: &Intent) -> Outcome {
        self.simulation
            .act(replica, intent)
            .map_err(TestCaseError::fail)
    }

    fn sync(&mut self) -> Result<Shown, TestCaseError> {
        let luck = &mut self.luck;
        self.simulation
            .sync_all(luck)
            .map_err(TestCaseError::fail)?;
        self.simulation.peers[1]
            .compare_with_oracle()
            .map_err(TestCaseError::fail)?;
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

fn expect(what: &str, got: &Shown, expected: &Shown) -> Outcome {
    expect_equal(what, got, expected).map_err(TestCaseError::fail)
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    vec(operation(Mix::Restructuring), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    })]

    /// P3, and the boundary itself belongs to the left.
    #[test]
    fn typing_goes_where_its_half_of_a_split_line_goes(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
    ) {
        let mut past = past(&operations, luck)?;
        let line = past.line(2)?;
        let at = past.at(&line).max(1);
        let typed_at = past.at(&line);
        let new_line = past.new_line(one);
        let typing = past.typing(&line, typed_at);
        let split = Intent::Split { line: line.id, at, new_line, kind: Kind::Text };
        past.act(one, &split)?;
        past.act(other, &typing)?;
        let got = past.sync()?;
        // One person would have typed first; or behind the boundary, when the typing is at it.
        let expected = if typed_at >= at {
            let behind = typed_at - at;
            let moved = match &typing {
                Intent::EditText { insert, .. } => Intent::EditText {
                    line: if behind == 0 { line.id } else { new_line },
                    at: if behind == 0 { at } else { behind },
                    delete: 0,
                    insert: insert.clone(),
                },
                other => other.clone(),
            };
            past.plainly(&[&split, &moved])
        } else {
            past.plainly(&[&split, &typing])
        };
        expect("P3", &got, &expected)?;
    }

    /// P4.
    #[test]
    fn typing_follows_its_line_into_a_join(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
    ) {
        let mut past = past(&operations, luck)?;
        let (into, line) = past.two_lines()?;
        let at = past.at(&line);
        let typing = past.typing(&line, at);
        let join = Intent::Join { line: line.id, into: into.id };
        past.act(one, &join)?;
        past.act(other, &typing)?;
        let got = past.sync()?;
        expect("P4", &got, &past.plainly(&[&typing, &join]))?;
    }

    /// P4.
    #[test]
    fn the_tail_of_a_split_stays_where_a_joined_line_stood(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
    ) {
        let mut past = past(&operations, luck)?;
        let (into, line) = past.two_lines()?;
        let at = past.at(&line);
        prop_assume!(at > 0);
        let new_line = past.new_line(other);
        let split = Intent::Split { line: line.id, at, new_line, kind: Kind::Text };
        let join = Intent::Join { line: line.id, into: into.id };
        past.act(one, &join)?;
        past.act(other, &split)?;
        let got = past.sync()?;
        expect("P4", &got, &past.plainly(&[&split, &join]))?;
    }

    /// P4.
    #[test]
    fn the_later_of_a_join_and_a_move_wins(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
    ) {
        let mut past = past(&operations, luck)?;
        let (into, line) = past.two_lines()?;
        let placement = Placement { parent: LineId::ROOT, after: None };
        let join = Intent::Join { line: line.id, into: into.id };
        let to_the_top = Intent::Move { lines: vec![line.id], placement };
        past.act(one, &join)?;
        past.act(other, &to_the_top)?;
        let got = past.sync()?;
        let later = if one > other { &join } else { &to_the_top };
        if one > other && past.base.lines.first().is_some_and(|first| first.id == into.id) {
            return Ok(());
        }
        let letters = |shown: &Shown| -> usize {
            shown.flat().iter().map(|(_, line)| line.text.chars().count()).sum()
        };
        prop_assert_eq!(letters(&got), letters(&past.base));
        let expected = past.plainly(&[later]);
        prop_assert_eq!(got.find(line.id).is_some(), expected.find(line.id).is_some());
    }

    /// P5.
    #[test]
    fn runs_of_two_people_stay_in_one_piece(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
    ) {
        let mut past = past(&operations, luck)?;
        let line = past.line(0)?;
        let at = past.at(&line);
        let mut runs = Vec::new();
        for replica in [one, other] {
            let mut run = String::new();
            for typed in 0..3 {
                let keystrokes = past.typing(&line, at + typed * 2);
                past.act(replica, &keystrokes)?;
                if let Intent::EditText { insert, .. } = keystrokes {
                    run.push_str(&insert);
                }
            }
            runs.push(run);
        }
        let got = past.sync()?;
        let text = &got.find(line.id).expect("the line was typed into").text;
        prop_assert!(runs.iter().all(|run| text.contains(run)), "{text} lacks one of {runs:?}");
    }

    /// P5.
    #[test]
    fn lines_of_two_people_stay_together(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
    ) {
        let mut past = past(&operations, luck)?;
        let after = past.base.lines.get(past.luck.below(4)).map(|line| line.id);
        let mut pasted = Vec::new();
        for replica in [one, other] {
            let lines: Vec<DraftLine> = (0..3).map(|_| DraftLine {
                id: past.new_line(replica),
                depth: 0,
                kind: Kind::Text,
                text: past.fresh(1),
                properties: Vec::new(),
                tags: Vec::new(),
            }).collect();
            pasted.push(lines.iter().map(|line| line.id).collect::<Vec<_>>());
            let placement = Placement { parent: LineId::ROOT, after };
            past.act(replica, &Intent::CreateLines { placement, lines })?;
        }
        let got = past.sync()?;
        let order: Vec<LineId> = got.lines.iter().map(|line| line.id).collect();
        for lines in pasted {
            prop_assert!(order.windows(3).any(|window| window == lines), "{order:?} lacks {lines:?}");
        }
        let mut without = got;
        without.lines.retain(|line| past.base.find(line.id).is_some());
        expect("around pasted lines", &without, &past.base)?;
    }

    /// P7.
    #[test]
    fn undo_leaves_what_others_typed_meanwhile(
        operations in operations(),
        luck: u64,
        (one, other) in replicas(),
        which in 0..5,
    ) {
        let mut past = past(&operations, luck)?;
        let (into, line) = past.two_lines()?;
        let typed_into = past.line(0)?;
        let at = past.at(&typed_into);
        let typing = past.typing(&typed_into, at);
        let gesture = match which {
            0 => {
                let at = past.at(&line);
                prop_assume!(at > 0);
                let new_line = past.new_line(one);
                Intent::Split { line: line.id, at, new_line, kind: Kind::Text }
            }
            1 => Intent::Join { line: line.id, into: into.id },
            2 => Intent::Delete { lines: vec![line.id] },
            3 => {
                let placement = Placement { parent: LineId::ROOT, after: None };
                Intent::Move { lines: vec![line.id], placement }
            }
            _ => Intent::SetKind { lines: vec![line.id], kind: Kind::Quote },
        };
        past.act(one, &gesture)?;
        past.act(other, &typing)?;
        past.sync()?;
        past.simulation.undo(one, 0).map_err(TestCaseError::fail)?;
        let got = past.sync()?;
        expect("P7", &got, &past.plainly(&[&typing]))?;
    }
}

/// Two of the three.
fn replicas() -> impl Strategy<Value = (usize, usize)> {
    (0..3usize, 1..3usize).prop_map(|(one, step)| (one, (one + step) % 3))
}
