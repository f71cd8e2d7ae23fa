//! Events made of arbitrary bytes: any change, with ids that mostly exist.

use arbitrary::{Result, Unstructured};
use tideline_model::{
    Boundary, Change, Document, Event, EventId, Frontier, Kind, LineId, NewLine, Side, SlotId,
    SlotOrigin, SlotRef, Value,
};

use crate::merge::gesture::kind_of;
use crate::merge::names;

const REPLICAS: usize = 4;

pub(super) struct Forger<'a, 'b> {
    pub bytes: &'a mut Unstructured<'b>,
    pub document: &'a Document,
}

impl Forger<'_, '_> {
    pub fn event(&mut self) -> Result<Event> {
        let replica = self.below(REPLICAS)?;
        let (id, author) = (names::replica(replica), names::user(replica));
        let mut changes = Vec::new();
        for _ in 0..=self.below(4)? {
            changes.push(self.change()?);
        }
        let mut event = self.document.stamp(id, author, 0, changes);
        match self.below(8)? {
            0 => event.id.seq = self.any_number()?,
            1 => event.lamport = self.any_number()?,
            2 => event.lamport = event.lamport.saturating_add(self.any_number()?),
            3..6 => event.parents = self.parents(&event)?,
            _ => {}
        }
        Ok(event)
    }

    /// Some of what the document has, as if the rest had not arrived yet.
    fn parents(&mut self, event: &Event) -> Result<Frontier> {
        let mut heads = Vec::new();
        if event.id.seq > 1 {
            let seq = event.id.seq - 1;
            heads.push(EventId { seq, ..event.id });
        }
        for _ in 0..self.below(3)? {
            heads.push(self.event_id()?);
        }
        Ok(Frontier::new(heads))
    }

    fn change(&mut self) -> Result<Change> {
        Ok(match self.below(20)? {
            0 | 1 => {
                let mut lines = Vec::new();
                for _ in 0..self.below(4)? {
                    lines.push(self.new_line()?);
                }
                Change::CreateLines { lines }
            }
            2..=5 => Change::EditText {
                strand: self.line()?,
                at: self.position()?,
                delete: self.position()?,
                insert: self.text()?,
            },
            6..=8 => Change::Split {
                strand: self.line()?,
                at: self.position()?,
                line: self.line()?,
                kind: Kind::Text,
                parent: self.line()?,
                slot: self.slot_ref()?,
                ordered: self.bytes.arbitrary()?,
            },
            9 | 10 => Change::Join {
                line: self.line()?,
                boundary: match self.below(2)? {
                    0 => Boundary::Marker(self.line()?),
                    _ => Boundary::End(self.line()?),
                },
            },
            11 => Change::Move {
                line: self.line()?,
                parent: self.line()?,
                slot: self.slot_ref()?,
            },
            12 => Change::MoveBack {
                line: self.line()?,
                parent: self.line()?,
                slot: self.slot()?,
            },
            13 => Change::DeleteLines {
                lines: self.lines()?,
            },
            14 => Change::DeleteAgain {
                lines: self.lines()?,
            },
            15 => {
                let line = self.line()?;
                let mut deletions = Vec::new();
                for _ in 0..self.below(4)? {
                    deletions.push(self.event_id()?);
                }
                Change::Restore { line, deletions }
            }
            16 => Change::UndeleteText {
                deletion: self.event_id()?,
            },
            17 => Change::Keep { line: self.line()? },
            _ => self.description()?,
        })
    }

    fn description(&mut self) -> Result<Change> {
        let line = self.line()?;
        Ok(match self.below(8)? {
            0 => Change::SetKind {
                line,
                kind: kind_of(self.bytes.arbitrary()?),
            },
            1 | 2 => Change::SetProperty {
                line,
                name: self.text()?,
                value: match self.below(3)? {
                    0 => None,
                    1 => Some(Value::Integer(self.bytes.arbitrary()?)),
                    _ => Some(Value::List(vec![Value::Text(self.text()?)])),
                },
            },
            3 => Change::AddTag {
                line,
                tag: self.text()?,
            },
            4 => Change::RemoveTag {
                line,
                tag: self.text()?,
            },
            5 => Change::SetTitle {
                title: self.text()?,
            },
            6 => Change::Undoes {
                event: self.event_id()?,
            },
            _ => Change::Unknown {
                kind: self.bytes.arbitrary()?,
                bytes: vec![1, 2],
            },
        })
    }

    fn new_line(&mut self) -> Result<NewLine> {
        Ok(NewLine {
            id: self.line()?,
            parent: self.line()?,
            slot: self.slot_ref()?,
            kind: Kind::Text,
            text: self.text()?,
        })
    }

    fn lines(&mut self) -> Result<Vec<LineId>> {
        let mut lines = Vec::new();
        for _ in 0..self.below(4)? {
            lines.push(self.line()?);
        }
        Ok(lines)
    }

    /// The first replica made seven lines; all make further ones.
    fn line(&mut self) -> Result<LineId> {
        if self.below(6)? == 0 {
            return Ok(LineId::ROOT);
        }
        Ok(LineId {
            replica: names::replica(self.below(REPLICAS)?),
            number: match self.below(32)? {
                31 => self.any_number()?,
                small => small as u64 % 10,
            },
        })
    }

    fn event_id(&mut self) -> Result<EventId> {
        Ok(EventId {
            replica: names::replica(self.below(REPLICAS)?),
            seq: match self.below(32)? {
                31 => self.any_number()?,
                small => small as u64 % 6,
            },
        })
    }

    fn slot(&mut self) -> Result<SlotId> {
        Ok(SlotId {
            event: self.event_id()?,
            index: self.position()?,
        })
    }

    fn slot_ref(&mut self) -> Result<SlotRef> {
        let side = match self.below(3)? {
            0 => Side::Left,
            _ => Side::Right,
        };
        let origin = match self.below(3)? {
            0 => SlotOrigin::Start,
            1 => SlotOrigin::Own(self.position()?),
            _ => SlotOrigin::Slot(self.slot()?),
        };
        Ok(SlotRef { origin, side })
    }

    fn position(&mut self) -> Result<u32> {
        Ok(match self.below(32)? {
            31 => self.bytes.arbitrary()?,
            small => small as u32 % 8,
        })
    }

    fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        for _ in 0..self.below(5)? {
            text.push(match self.below(8)? {
                0 => self.bytes.arbitrary()?,
                _ => 'x',
            });
        }
        Ok(text)
    }

    fn any_number(&mut self) -> Result<u64> {
        self.bytes.arbitrary()
    }

    fn below(&mut self, limit: usize) -> Result<usize> {
        self.bytes.int_in_range(0..=limit - 1)
    }
}
