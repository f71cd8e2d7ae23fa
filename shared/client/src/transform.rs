//! Text edits of an interface meeting edits it had not seen yet: the small operational transform
//! between one panel and the core. Knows nothing of documents or panels.
//!
//! An interface draws before it asks, so an edit may arrive with offsets that do not count what the
//! core has meanwhile sent. Between replicas the merge engine settles such things; between a panel and
//! its core there is one order, the core's, and offsets are moved over it.

use std::collections::VecDeque;

/// One step in a text, in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Insert { at: u32, length: u32 },
    Delete { at: u32, length: u32 },
}

/// Moves an insertion point over a step; text that the step inserts at the same place goes first.
fn moved(point: u32, over: Step) -> u32 {
    match over {
        Step::Insert { at, length } if at <= point => point + length,
        Step::Insert { .. } => point,
        Step::Delete { at, length } => point - point.saturating_sub(at).min(length),
    }
}

/// Moves an insertion point over a step; text that the step inserts at the same place goes behind.
fn moved_left(point: u32, over: Step) -> u32 {
    match over {
        Step::Insert { at, length } if at < point => point + length,
        Step::Insert { .. } => point,
        Step::Delete { .. } => moved(point, over),
    }
}

/// `step`, made by the interface, as it must be applied behind `over`, which the core applied first.
fn behind_core(step: Step, over: Step) -> Vec<Step> {
    match step {
        Step::Insert { at, length } => vec![Step::Insert {
            at: moved(at, over),
            length,
        }],
        Step::Delete { at, length } => shifted_deletion(at, length, over),
    }
}

/// `step`, applied first by the core, as the interface sees it behind its own `over`.
fn behind_interface(step: Step, over: Step) -> Vec<Step> {
    match step {
        Step::Insert { at, length } => vec![Step::Insert {
            at: moved_left(at, over),
            length,
        }],
        Step::Delete { at, length } => shifted_deletion(at, length, over),
    }
}

/// A deletion spares what the other side inserted in its middle, and what is already gone.
fn shifted_deletion(at: u32, length: u32, over: Step) -> Vec<Step> {
    let end = at + length;
    match over {
        Step::Insert {
            at: inserted,
            length: grown,
        } if at < inserted && inserted < end => {
            // The right half first, so that its offsets do not depend on the left half.
            vec![
                Step::Delete {
                    at: inserted + grown,
                    length: end - inserted,
                },
                Step::Delete {
                    at,
                    length: inserted - at,
                },
            ]
        }
        Step::Insert { .. } => vec![Step::Delete {
            at: moved(at, over),
            length,
        }],
        Step::Delete {
            at: other,
            length: gone,
        } => {
            let overlap = end.min(other + gone).saturating_sub(at.max(other));
            if overlap == length {
                return Vec::new();
            }
            vec![Step::Delete {
                at: moved(at, over),
                length: length - overlap,
            }]
        }
    }
}

/// Moves two sequences over each other: (`interface` behind `core`, `core` behind `interface`).
fn cross(interface: &[Step], core: &[Step]) -> (Vec<Step>, Vec<Step>) {
    match (interface, core) {
        ([], _) | (_, []) => (interface.to_vec(), core.to_vec()),
        ([step], [over]) => (behind_core(*step, *over), behind_interface(*over, *step)),
        ([step], [first, rest @ ..]) => {
            let (step, mut first) = cross(&[*step], &[*first]);
            let (step, rest) = cross(&step, rest);
            first.extend(rest);
            (step, first)
        }
        ([first, rest @ ..], _) => {
            let (mut first, core) = cross(&[*first], core);
            let (rest, core) = cross(rest, &core);
            first.extend(rest);
            (first, core)
        }
    }
}

/// The core's text changes of one line that an interface has not confirmed yet, as that interface's
/// text would have to take them.
#[derive(Debug, Default)]
pub struct Unseen {
    steps: VecDeque<(u32, Vec<Step>)>,
}

impl Unseen {
    /// The core changed the text in panel revision `revision`.
    pub fn core_changed(&mut self, revision: u32, steps: Vec<Step>) {
        self.steps.push_back((revision, steps));
    }

    /// The interface has applied everything up to `revision`.
    pub fn confirm(&mut self, revision: u32) {
        while self.steps.front().is_some_and(|(at, _)| *at <= revision) {
            self.steps.pop_front();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Moves what the interface did in one edit over what it had not seen.
    pub fn rebase(&mut self, edit: Vec<Step>) -> Vec<Step> {
        let mut edit = edit;
        for (_, steps) in &mut self.steps {
            let (moved_edit, moved_steps) = cross(&edit, steps);
            edit = moved_edit;
            *steps = moved_steps;
        }
        edit
    }

    /// Moves a point (a split, the end of a selection) over what the interface had not seen.
    pub fn point(&self, at: u32) -> u32 {
        self.steps
            .iter()
            .flat_map(|(_, steps)| steps)
            .fold(at, |at, step| moved(at, *step))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(text: &mut Vec<char>, step: Step, letter: char) {
        match step {
            Step::Insert { at, length } => {
                let at = at as usize;
                text.splice(at..at, std::iter::repeat_n(letter, length as usize));
            }
            Step::Delete { at, length } => {
                text.drain(at as usize..(at + length) as usize);
            }
        }
    }

    fn apply_all(text: &[char], steps: &[Step], letter: char) -> String {
        let mut text = text.to_vec();
        for step in steps {
            apply(&mut text, *step, letter);
        }
        text.into_iter().collect()
    }

    /// Steps that fit a text of `length`, from arbitrary numbers.
    fn fitted(numbers: &[(bool, u32, u32)], mut length: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        for &(insert, at, size) in numbers {
            let at = at % (length + 1);
            if insert {
                steps.push(Step::Insert {
                    at,
                    length: size % 3 + 1,
                });
                length += size % 3 + 1;
            } else if at < length {
                let size = size % (length - at) + 1;
                steps.push(Step::Delete { at, length: size });
                length -= size;
            }
        }
        steps
    }

    proptest! {
        #[test]
        fn both_sides_come_to_the_same_text(
            core in prop::collection::vec((any::<bool>(), 0u32..40, 0u32..9), 0..5),
            interface in prop::collection::vec((any::<bool>(), 0u32..40, 0u32..9), 0..5),
        ) {
            let text: Vec<char> = "abcdefghij".chars().collect();
            let core = fitted(&core, 10);
            let interface = fitted(&interface, 10);
            let (moved_interface, moved_core) = cross(&interface, &core);

            let mut at_core = text.clone();
            core.iter().for_each(|step| apply(&mut at_core, *step, 'C'));
            let at_core = apply_all(&at_core, &moved_interface, 'I');
            let mut at_interface = text;
            interface.iter().for_each(|step| apply(&mut at_interface, *step, 'I'));
            let at_interface = apply_all(&at_interface, &moved_core, 'C');
            prop_assert_eq!(at_core, at_interface);
        }
    }

    #[test]
    fn typing_behind_a_colleague_unseen_insertion_stays_behind_its_letter() {
        let mut unseen = Unseen::default();
        unseen.core_changed(4, vec![Step::Insert { at: 0, length: 2 }]);
        assert_eq!(
            unseen.rebase(vec![Step::Insert { at: 5, length: 1 }]),
            [Step::Insert { at: 7, length: 1 }]
        );
        unseen.confirm(4);
        assert!(unseen.is_empty());
        assert_eq!(unseen.point(5), 5);
    }
}
