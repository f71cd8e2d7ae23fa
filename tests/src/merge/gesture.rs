//! Turns the numbers of a gesture into an intent on lines that are displayed.

use tideline_model::{DraftLine, Intent, Kind, LineId, Placement, TodoState, Value};

use super::names;
use super::operation::Gesture;
use crate::shown::{Shown, ShownLine};

/// Makes ids and letters that were not used before.
#[derive(Debug, Clone)]
pub struct Maker {
    pub replica: usize,
    pub lines: u64,
}

impl Maker {
    pub fn line(&mut self) -> LineId {
        self.lines += 1;
        LineId {
            replica: names::replica(self.replica),
            number: self.lines,
        }
    }
}

/// What a gesture is resolved against.
pub struct Scene<'a> {
    pub shown: &'a Shown,
    /// Lines that are known and not displayed.
    pub hidden: Vec<LineId>,
    pub maker: &'a mut Maker,
    /// How many letters the whole history has used.
    pub letters: &'a mut u32,
}

impl Scene<'_> {
    /// `None` when there is nothing to choose from. The intent may be impossible.
    pub fn intent(&mut self, gesture: &Gesture) -> Option<Intent> {
        Some(match gesture {
            Gesture::Type {
                line, at, letters, ..
            } => self.edit(*line, *at, 0, *letters)?,
            Gesture::TypeBackwards { line, at, .. } => self.edit(*line, *at, 0, 0)?,
            Gesture::Replace {
                line,
                at,
                delete,
                letters,
            } => self.edit(*line, *at, *delete, *letters)?,
            Gesture::Split { line, at, kind } => {
                let line = self.pick(*line)?;
                Intent::Split {
                    line: line.id,
                    at: offset(line, *at),
                    new_line: self.maker.line(),
                    kind: kind_of(*kind),
                }
            }
            Gesture::JoinUp { line } => {
                let flat = self.shown.flat();
                let line = self.pick(*line)?.id;
                let position = flat.iter().position(|(_, other)| other.id == line)?;
                let into = flat.get(position.checked_sub(1)?)?.1.id;
                Intent::Join { line, into }
            }
            Gesture::Join { line, into } => Intent::Join {
                line: self.pick(*line)?.id,
                into: self.pick(*into)?.id,
            },
            Gesture::DeleteRange {
                first,
                first_at,
                lines,
                last_at,
            } => self.range((*first, *first_at), *lines, *last_at)?,
            Gesture::Create {
                parent,
                after,
                shape,
                letters,
            } => Intent::CreateLines {
                placement: self.placement(*parent, *after)?,
                lines: self.drafts(*shape, *letters),
            },
            Gesture::Move {
                lines,
                parent,
                after,
            } => Intent::Move {
                lines: self.pick_several(lines),
                placement: self.placement(*parent, *after)?,
            },
            Gesture::Indent { line } => self.indent(*line)?,
            Gesture::Outdent { line } => self.outdent(*line)?,
            Gesture::Kind { lines, kind } => Intent::SetKind {
                lines: self.pick_several(lines),
                kind: kind_of(*kind),
            },
            Gesture::Property { line, name, value } => Intent::SetProperty {
                line: self.pick_or_root(*line),
                name: ["due", "rank", "owner"][usize::from(*name) % 3].to_owned(),
                value: value_of(*value),
            },
            Gesture::Tag { line, tag } => Intent::AddTag {
                line: self.pick(*line)?.id,
                tag: tag_of(*tag),
            },
            Gesture::Untag { line, tag } => Intent::RemoveTag {
                line: self.pick(*line)?.id,
                tag: tag_of(*tag),
            },
            Gesture::Delete { lines } => Intent::Delete {
                lines: self.pick_several(lines),
            },
            Gesture::Restore { line } => {
                let index = usize::from(*line).checked_rem(self.hidden.len())?;
                Intent::Restore {
                    lines: vec![self.hidden[index]],
                }
            }
            Gesture::Title { title } => Intent::SetTitle {
                title: format!("title {title}"),
            },
        })
    }

    /// Half of the time one of the first few lines, so that people meet.
    fn pick(&self, number: u16) -> Option<&ShownLine> {
        let flat = self.shown.flat();
        let limit = if number.is_multiple_of(2) {
            6
        } else {
            usize::MAX
        };
        let index = usize::from(number / 2).checked_rem(flat.len().min(limit))?;
        Some(flat[index].1)
    }

    fn pick_several(&self, numbers: &[u16]) -> Vec<LineId> {
        let mut lines: Vec<LineId> = Vec::new();
        for &number in numbers {
            let picked = self.pick(number).map(|line| line.id);
            lines.extend(picked.filter(|line| !lines.contains(line)));
        }
        lines
    }

    fn pick_or_root(&self, number: u16) -> LineId {
        let picked = self.pick(number).filter(|_| !number.is_multiple_of(7));
        picked.map_or(LineId::ROOT, |line| line.id)
    }

    fn fresh_text(&mut self, letters: u8) -> String {
        let from = *self.letters;
        *self.letters += u32::from(letters);
        (from..*self.letters).map(names::letter).collect()
    }

    fn edit(&mut self, line: u16, at: u16, delete: u8, letters: u8) -> Option<Intent> {
        let line = self.pick(line)?;
        let at = offset(line, at);
        let id = line.id;
        let length = length(line);
        Some(Intent::EditText {
            line: id,
            at,
            delete: u32::from(delete).min(length - at),
            insert: self.fresh_text(letters),
        })
    }

    fn range(&self, first: (u16, u16), lines: u8, last_at: u16) -> Option<Intent> {
        let flat = self.shown.flat();
        let from = self.pick(first.0)?;
        let position = flat.iter().position(|(_, other)| other.id == from.id)?;
        let last = flat[(position + usize::from(lines)).min(flat.len() - 1)].1;
        let (mut first_at, mut last_at) = (offset(from, first.1), offset(last, last_at));
        if from.id == last.id && first_at > last_at {
            std::mem::swap(&mut first_at, &mut last_at);
        }
        Some(Intent::DeleteRange {
            first: from.id,
            first_at,
            last: last.id,
            last_at,
        })
    }

    fn placement(&self, parent: u16, after: u16) -> Option<Placement> {
        let parent = self.pick_or_root(parent);
        let children: Vec<LineId> = match parent {
            LineId::ROOT => self.shown.lines.iter().map(|line| line.id).collect(),
            parent => self
                .shown
                .find(parent)?
                .children
                .iter()
                .map(|line| line.id)
                .collect(),
        };
        let after = usize::from(after) % (children.len() + 1);
        Some(Placement {
            parent,
            after: after.checked_sub(1).map(|index| children[index]),
        })
    }

    fn drafts(&mut self, shape: u8, letters: u8) -> Vec<DraftLine> {
        let mut depth = 0;
        let mut drafts = Vec::new();
        for index in 0..=(shape % 4) {
            let deeper = shape >> (index + 2) & 1 == 1;
            depth = if index > 0 && deeper {
                depth + 1
            } else {
                depth.min(u32::from(index / 2))
            };
            drafts.push(DraftLine {
                id: self.maker.line(),
                depth,
                kind: kind_of(shape / 16 + index),
                text: self.fresh_text(letters),
                properties: Vec::new(),
                tags: Vec::new(),
            });
        }
        if let Some(draft) = drafts.last_mut().filter(|_| shape.is_multiple_of(5)) {
            draft
                .properties
                .push(("due".to_owned(), Value::Integer(i64::from(shape))));
            draft.tags.push(tag_of(shape));
        }
        drafts
    }

    fn indent(&self, line: u16) -> Option<Intent> {
        let line = self.pick(line)?.id;
        let (_, siblings) = siblings(&self.shown.lines, LineId::ROOT, line)?;
        let position = siblings.iter().position(|other| other.id == line)?;
        let above = &siblings[position.checked_sub(1)?];
        Some(Intent::Move {
            lines: vec![line],
            placement: Placement {
                parent: above.id,
                after: above.children.last().map(|child| child.id),
            },
        })
    }

    fn outdent(&self, line: u16) -> Option<Intent> {
        let line = self.pick(line)?.id;
        let (parent, _) = siblings(&self.shown.lines, LineId::ROOT, line)?;
        let (above, _) = siblings(&self.shown.lines, LineId::ROOT, parent)?;
        Some(Intent::Move {
            lines: vec![line],
            placement: Placement {
                parent: above,
                after: Some(parent),
            },
        })
    }
}

fn length(line: &ShownLine) -> u32 {
    u32::try_from(line.text.chars().count()).unwrap_or(u32::MAX)
}

fn offset(line: &ShownLine, number: u16) -> u32 {
    u32::from(number) % (length(line) + 1)
}

/// The parent of `line` and the lines among which it stands.
fn siblings(lines: &[ShownLine], parent: LineId, line: LineId) -> Option<(LineId, &[ShownLine])> {
    if lines.iter().any(|other| other.id == line) {
        return Some((parent, lines));
    }
    let mut below = lines.iter();
    below.find_map(|other| siblings(&other.children, other.id, line))
}

pub fn kind_of(number: u8) -> Kind {
    match number % 6 {
        0 | 1 => Kind::Text,
        2 => Kind::Heading(1),
        3 => Kind::Todo(TodoState::Open),
        4 => Kind::Other("from-the-future".to_owned()),
        _ => Kind::Bullet,
    }
}

fn value_of(number: u8) -> Option<Value> {
    match number {
        0 => None,
        1 => Some(Value::Text("soon".to_owned())),
        2 => Some(Value::List(vec![Value::Boolean(true), Value::Integer(2)])),
        number => Some(Value::Integer(i64::from(number))),
    }
}

fn tag_of(number: u8) -> String {
    ["home", "work", "later"][usize::from(number) % 3].to_owned()
}
