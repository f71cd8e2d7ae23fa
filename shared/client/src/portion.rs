//! Large intents in portions, so that no single event outgrows what a frame carries.

use tideline_model::{DraftLine, Intent, LineId, Placement};

/// An event carries at most about this much text; the protocol's limit for an event is twice that.
const PORTION_BYTES_MAX: usize = 48 * 1024;
/// And at most so many new lines.
const PORTION_LINES_MAX: usize = 1000;

/// `intent` as intents that have the same effect one after the other, each small enough for one
/// event.
pub fn portions(intent: Intent) -> Vec<Intent> {
    match intent {
        Intent::EditText {
            line,
            at,
            delete,
            insert,
        } if insert.len() > PORTION_BYTES_MAX => {
            let first = Intent::EditText {
                line,
                at,
                delete,
                insert: String::new(),
            };
            std::iter::once(first)
                .chain(typed(line, at, &insert))
                .collect()
        }
        Intent::CreateLines { placement, lines } if is_large(&lines) => {
            create_in_portions(placement, lines)
        }
        other => vec![other],
    }
}

fn is_large(lines: &[DraftLine]) -> bool {
    lines.len() > PORTION_LINES_MAX
        || lines.iter().map(|line| line.text.len()).sum::<usize>() > PORTION_BYTES_MAX
}

/// Insertions of `text`, portion by portion.
fn typed(line: LineId, mut at: u32, text: &str) -> Vec<Intent> {
    let mut intents = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (portion, behind) = rest.split_at(rest.floor_char_boundary(PORTION_BYTES_MAX));
        intents.push(Intent::EditText {
            line,
            at,
            delete: 0,
            insert: portion.to_owned(),
        });
        at += portion.chars().count() as u32;
        rest = behind;
    }
    intents
}

/// Cuts a tree of lines into trees that continue one another. A portion starts at the depth of its
/// first line and ends before a line above that depth.
fn create_in_portions(placement: Placement, lines: Vec<DraftLine>) -> Vec<Intent> {
    let mut intents = Vec::new();
    // The latest line at each depth: where the next portion hangs.
    let mut latest: Vec<LineId> = Vec::new();
    let mut portion = Portion::new(placement, 0);
    for mut line in lines {
        let depth = (line.depth as usize).min(latest.len());
        if portion.is_full() || depth < portion.base {
            portion.finish(&mut intents);
            let parent = depth
                .checked_sub(1)
                .map_or(placement.parent, |above| latest[above]);
            let after = latest.get(depth).copied();
            let after = if depth == 0 {
                after.or(placement.after)
            } else {
                after
            };
            portion = Portion::new(Placement { parent, after }, depth);
        }
        latest.truncate(depth);
        latest.push(line.id);
        line.depth = (depth - portion.base) as u32;
        portion.add(line);
    }
    portion.finish(&mut intents);
    intents
}

struct Portion {
    placement: Placement,
    base: usize,
    bytes: usize,
    lines: Vec<DraftLine>,
    /// Text that does not fit into the creation of its line.
    rest: Vec<Intent>,
}

impl Portion {
    fn new(placement: Placement, base: usize) -> Self {
        Self {
            placement,
            base,
            bytes: 0,
            lines: Vec::new(),
            rest: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.bytes >= PORTION_BYTES_MAX || self.lines.len() >= PORTION_LINES_MAX
    }

    fn add(&mut self, mut line: DraftLine) {
        if line.text.len() > PORTION_BYTES_MAX {
            let behind = line
                .text
                .split_off(line.text.floor_char_boundary(PORTION_BYTES_MAX));
            let at = line.text.chars().count() as u32;
            self.rest.extend(typed(line.id, at, &behind));
        }
        self.bytes += line.text.len();
        self.lines.push(line);
    }

    fn finish(self, intents: &mut Vec<Intent>) {
        if !self.lines.is_empty() {
            let (placement, lines) = (self.placement, self.lines);
            intents.push(Intent::CreateLines { placement, lines });
            intents.extend(self.rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use tideline_model::{Kind, ReplicaId};
    use uuid::Uuid;

    use super::*;

    fn line(number: u64) -> LineId {
        LineId {
            replica: ReplicaId(Uuid::from_u128(1)),
            number,
        }
    }

    fn draft(number: u64, depth: u32, text: &str) -> DraftLine {
        DraftLine {
            id: line(number),
            depth,
            kind: Kind::Text,
            text: text.to_owned(),
            properties: Vec::new(),
            tags: Vec::new(),
        }
    }

    const TOP: Placement = Placement {
        parent: LineId::ROOT,
        after: None,
    };

    #[test]
    fn a_long_list_continues_behind_its_last_portion() {
        let lines = (0..2500).map(|number| draft(number, 0, "x")).collect();
        let intents = portions(Intent::CreateLines {
            placement: TOP,
            lines,
        });
        let placements: Vec<_> = intents
            .iter()
            .map(|intent| match intent {
                Intent::CreateLines { placement, lines } => (placement.after, lines.len()),
                other => panic!("not a creation: {other:?}"),
            })
            .collect();
        assert_eq!(
            placements,
            [
                (None, 1000),
                (Some(line(999)), 1000),
                (Some(line(1999)), 500)
            ]
        );
    }

    #[test]
    fn a_portion_that_starts_deep_hangs_under_the_line_it_belongs_to() {
        let mut lines: Vec<_> = (0..1000).map(|number| draft(number, 0, "x")).collect();
        lines.extend([
            draft(1000, 1, "child"),
            draft(1001, 2, "deeper"),
            draft(1002, 0, "top"),
        ]);
        let intents = portions(Intent::CreateLines {
            placement: TOP,
            lines,
        });
        let Intent::CreateLines { placement, lines } = &intents[1] else {
            panic!("{intents:?}")
        };
        assert_eq!((placement.parent, placement.after), (line(999), None));
        assert_eq!(
            lines.iter().map(|line| line.depth).collect::<Vec<_>>(),
            [0, 1]
        );
        let Intent::CreateLines { placement, .. } = &intents[2] else {
            panic!("{intents:?}")
        };
        assert_eq!(
            (placement.parent, placement.after),
            (LineId::ROOT, Some(line(999)))
        );
    }

    #[test]
    fn a_huge_line_is_created_with_its_start_and_typed_to_its_end() {
        let text = "ä".repeat(100_000);
        let intents = portions(Intent::CreateLines {
            placement: TOP,
            lines: vec![draft(1, 0, &text)],
        });
        let mut whole = String::new();
        for intent in intents {
            match intent {
                Intent::CreateLines { lines, .. } => whole.push_str(&lines[0].text),
                Intent::EditText { at, insert, .. } => {
                    assert_eq!(at as usize, whole.chars().count());
                    whole.push_str(&insert);
                }
                other => panic!("unexpected {other:?}"),
            }
        }
        assert_eq!(whole, text);
    }
}
