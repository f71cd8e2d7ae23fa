//! Bytes to events. Trusts nothing.

use smallvec::{SmallVec, smallvec};
use tideline_model::{
    Boundary, Change, Event, EventId, Frontier, Kind, LineId, NewLine, ReplicaId, Side, SlotId,
    SlotOrigin, SlotRef, TodoState, UserId, Value,
};
use uuid::Uuid;

use super::bytes::Reader;
use super::{DecodeError, FORMAT_VERSION, flag, kind, line_kind, slot_origin, value};
use crate::limits::{COUNTER_MAX, PAYLOAD_BYTES_MAX, VALUE_DEPTH_MAX};

/// The fewest bytes of each thing: what keeps announced counts honest, and memory in proportion.
mod least {
    pub const CHANGE: usize = 2;
    pub const NEW_LINE: usize = 5;
    pub const LINE: usize = 1;
    pub const EVENT_ID: usize = 2;
    pub const VALUE: usize = 1;
}

/// Room is made for so many events before the first is read.
const LIKELY_EVENT_BYTES: usize = 256;

pub fn decode(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    if bytes.len() > PAYLOAD_BYTES_MAX {
        let (bytes, max) = (bytes.len(), PAYLOAD_BYTES_MAX);
        return Err(DecodeError::TooLarge { bytes, max });
    }
    let mut reader = Reader::new(bytes);
    match reader.byte()? {
        0 => return Err(DecodeError::NoFormat),
        FORMAT_VERSION => {}
        found => {
            let known = FORMAT_VERSION;
            return Err(DecodeError::NewerFormat { found, known });
        }
    }
    let replica = full_uuid(&mut reader)?;
    if replica.is_nil() {
        return Err(DecodeError::NilReplica);
    }
    let first = reader.number_within("sequence", 1, COUNTER_MAX)?;
    let mut decoder = Decoder {
        replica: ReplicaId(replica),
        uuids: smallvec![replica, Uuid::nil()],
        strand: None,
    };
    let mut events: Vec<Event> = Vec::with_capacity(1 + reader.left() / LIKELY_EVENT_BYTES);
    while !reader.is_empty() {
        let event = decoder.event(&mut reader, first, events.len() as u64, events.last())?;
        events.push(event);
    }
    if events.is_empty() {
        return Err(DecodeError::Empty);
    }
    Ok(events)
}

fn full_uuid(reader: &mut Reader<'_>) -> Result<Uuid, DecodeError> {
    let mut uuid = [0; 16];
    uuid.copy_from_slice(reader.take(16)?);
    Ok(Uuid::from_bytes(uuid))
}

struct Decoder {
    replica: ReplicaId,
    uuids: SmallVec<[Uuid; 6]>,
    strand: Option<LineId>,
}

impl Decoder {
    fn event(
        &mut self,
        reader: &mut Reader<'_>,
        first: u64,
        index: u64,
        previous: Option<&Event>,
    ) -> Result<Event, DecodeError> {
        let at = reader.at();
        let seq = within(at, "sequence", first.checked_add(index))?;
        let id = EventId {
            replica: self.replica,
            seq,
        };
        let flags = reader.byte()?;
        let known = if previous.is_some() {
            flag::ALL
        } else {
            flag::FOLLOWS_OWN | flag::ONE_CHANGE
        };
        if flags & !known != 0 {
            let (what, tag) = ("event", u64::from(flags));
            return Err(DecodeError::UnknownTag { at, what, tag });
        }
        let time_before_ms = previous.map_or(0, |previous| previous.time_ms);
        let time_ms = time_before_ms.wrapping_add(reader.signed()?);
        let least = previous.map_or(0, |previous| previous.lamport + 1);
        let lamport = if flags & flag::NEXT_LAMPORT != 0 {
            Some(least)
        } else {
            least.checked_add(reader.number()?)
        };
        let lamport = within(at, "Lamport clock", lamport)?;
        let author = match previous {
            Some(previous) if flags & flag::SAME_AUTHOR != 0 => previous.author,
            _ => UserId(self.uuid(reader)?),
        };
        let parents = if flags & flag::FOLLOWS_OWN != 0 {
            let seq = within(at, "sequence of the parent", seq.checked_sub(1))?;
            Frontier::new([EventId { seq, ..id }])
        } else {
            Frontier::new(self.event_ids(reader)?)
        };
        check_parents(at, id, &parents)?;
        let count = if flags & flag::ONE_CHANGE != 0 {
            1
        } else {
            reader.count(least::CHANGE)?
        };
        let mut changes = Vec::with_capacity(count);
        for _ in 0..count {
            changes.push(self.change(reader)?);
        }
        Ok(Event {
            id,
            lamport,
            time_ms,
            author,
            parents,
            changes,
        })
    }

    fn change(&mut self, reader: &mut Reader<'_>) -> Result<Change, DecodeError> {
        let number = reader.small("change kind")?;
        let length = reader.length()?;
        let mut body = reader.part(length)?;
        if !kind::is_known(number) {
            return Ok(Change::Unknown {
                kind: number,
                bytes: body.take(length)?.to_vec(),
            });
        }
        let change = self.known_change(number, &mut body)?;
        body.finish()?;
        Ok(change)
    }

    fn known_change(&mut self, number: u32, body: &mut Reader<'_>) -> Result<Change, DecodeError> {
        Ok(match number {
            kind::CREATE_LINES => {
                let count = body.count(least::NEW_LINE)?;
                let mut lines = Vec::with_capacity(count);
                for _ in 0..count {
                    lines.push(self.new_line(body)?);
                }
                Change::CreateLines { lines }
            }
            kind::EDIT_TEXT => {
                let strand = self.line(body)?;
                self.strand = Some(strand);
                Change::EditText {
                    strand,
                    at: body.small("position")?,
                    delete: body.small("number of deleted characters")?,
                    insert: body.rest_text()?,
                }
            }
            kind::SPLIT => Change::Split {
                strand: self.line(body)?,
                at: body.small("position")?,
                line: self.line(body)?,
                kind: read_line_kind(body)?,
                parent: self.line(body)?,
                slot: self.slot_ref(body)?,
                ordered: read_flag(body)?,
            },
            kind::JOIN => Change::Join {
                line: self.line(body)?,
                boundary: self.boundary(body)?,
            },
            kind::MOVE => Change::Move {
                line: self.line(body)?,
                parent: self.line(body)?,
                slot: self.slot_ref(body)?,
            },
            kind::MOVE_BACK => Change::MoveBack {
                line: self.line(body)?,
                parent: self.line(body)?,
                slot: self.slot(body)?,
            },
            kind::SET_KIND => Change::SetKind {
                line: self.line(body)?,
                kind: read_line_kind(body)?,
            },
            kind::SET_PROPERTY => Change::SetProperty {
                line: self.line(body)?,
                name: body.text()?,
                value: read_property(body)?,
            },
            kind::ADD_TAG => Change::AddTag {
                line: self.line(body)?,
                tag: body.rest_text()?,
            },
            kind::REMOVE_TAG => Change::RemoveTag {
                line: self.line(body)?,
                tag: body.rest_text()?,
            },
            kind::DELETE_LINES => Change::DeleteLines {
                lines: self.lines(body)?,
            },
            kind::DELETE_AGAIN => Change::DeleteAgain {
                lines: self.lines(body)?,
            },
            kind::RESTORE => Change::Restore {
                line: self.line(body)?,
                deletions: self.event_ids(body)?,
            },
            kind::UNDELETE_TEXT => Change::UndeleteText {
                deletion: self.event_id(body)?,
            },
            kind::KEEP => Change::Keep {
                line: self.line(body)?,
            },
            kind::UNDOES => Change::Undoes {
                event: self.event_id(body)?,
            },
            kind::BEGINS => Change::Begins,
            kind::CONTINUES => Change::Continues,
            _ => Change::SetTitle {
                title: body.rest_text()?,
            },
        })
    }

    fn uuid(&mut self, reader: &mut Reader<'_>) -> Result<Uuid, DecodeError> {
        let at = reader.at();
        let index = reader.number()?;
        self.uuid_at(reader, at, index)
    }

    fn uuid_at(
        &mut self,
        reader: &mut Reader<'_>,
        at: usize,
        index: u64,
    ) -> Result<Uuid, DecodeError> {
        let known = self.uuids.len() as u64;
        if index > known {
            return Err(DecodeError::UnknownReference { at });
        }
        if index == known {
            let uuid = full_uuid(reader)?;
            self.uuids.push(uuid);
        }
        Ok(self.uuids[index as usize])
    }

    fn line(&mut self, reader: &mut Reader<'_>) -> Result<LineId, DecodeError> {
        let at = reader.at();
        let Some(index) = reader.number()?.checked_sub(1) else {
            return self.strand.ok_or(DecodeError::UnknownReference { at });
        };
        Ok(LineId {
            replica: ReplicaId(self.uuid_at(reader, at, index)?),
            number: reader.number_within("line number", 0, COUNTER_MAX)?,
        })
    }

    fn lines(&mut self, reader: &mut Reader<'_>) -> Result<Vec<LineId>, DecodeError> {
        let count = reader.count(least::LINE)?;
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(self.line(reader)?);
        }
        Ok(lines)
    }

    fn event_id(&mut self, reader: &mut Reader<'_>) -> Result<EventId, DecodeError> {
        Ok(EventId {
            replica: ReplicaId(self.uuid(reader)?),
            seq: reader.number_within("sequence", 1, COUNTER_MAX)?,
        })
    }

    fn event_ids(&mut self, reader: &mut Reader<'_>) -> Result<Vec<EventId>, DecodeError> {
        let count = reader.count(least::EVENT_ID)?;
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            ids.push(self.event_id(reader)?);
        }
        Ok(ids)
    }

    fn slot(&mut self, reader: &mut Reader<'_>) -> Result<SlotId, DecodeError> {
        Ok(SlotId {
            event: self.event_id(reader)?,
            index: reader.small("slot index")?,
        })
    }

    fn slot_ref(&mut self, reader: &mut Reader<'_>) -> Result<SlotRef, DecodeError> {
        let at = reader.at();
        let tag = reader.byte()?;
        let side = if tag & 1 == 0 {
            Side::Left
        } else {
            Side::Right
        };
        let origin = match tag >> 1 {
            slot_origin::START => SlotOrigin::Start,
            slot_origin::OWN => SlotOrigin::Own(reader.small("slot index")?),
            slot_origin::SLOT => SlotOrigin::Slot(self.slot(reader)?),
            _ => {
                let (what, tag) = ("slot", u64::from(tag));
                return Err(DecodeError::UnknownTag { at, what, tag });
            }
        };
        Ok(SlotRef { origin, side })
    }

    fn boundary(&mut self, reader: &mut Reader<'_>) -> Result<Boundary, DecodeError> {
        let at = reader.at();
        match reader.byte()? {
            0 => Ok(Boundary::Marker(self.line(reader)?)),
            1 => Ok(Boundary::End(self.line(reader)?)),
            tag => {
                let (what, tag) = ("boundary", u64::from(tag));
                Err(DecodeError::UnknownTag { at, what, tag })
            }
        }
    }

    fn new_line(&mut self, reader: &mut Reader<'_>) -> Result<NewLine, DecodeError> {
        Ok(NewLine {
            id: self.line(reader)?,
            parent: self.line(reader)?,
            slot: self.slot_ref(reader)?,
            kind: read_line_kind(reader)?,
            text: reader.text()?,
        })
    }
}

fn within(at: usize, what: &'static str, found: Option<u64>) -> Result<u64, DecodeError> {
    let (min, max) = (0, COUNTER_MAX);
    match found {
        Some(found) if found <= max => Ok(found),
        _ => Err(DecodeError::OutOfRange {
            at,
            what,
            found: found.unwrap_or(u64::MAX),
            min,
            max,
        }),
    }
}

fn check_parents(at: usize, event: EventId, parents: &Frontier) -> Result<(), DecodeError> {
    for &parent in parents.heads() {
        if parent.seq == 0 {
            return Err(DecodeError::UnknownReference { at });
        }
        if parent.replica == event.replica && parent.seq >= event.seq {
            return Err(DecodeError::ImpossibleParent { event, parent });
        }
    }
    Ok(())
}

fn read_flag(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let at = reader.at();
    match reader.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        tag => {
            let (what, tag) = ("flag", u64::from(tag));
            Err(DecodeError::UnknownTag { at, what, tag })
        }
    }
}

fn read_line_kind(reader: &mut Reader<'_>) -> Result<Kind, DecodeError> {
    let at = reader.at();
    Ok(match reader.byte()? {
        line_kind::TEXT => Kind::Text,
        tag @ line_kind::HEADING_1..=line_kind::HEADING_3 => {
            Kind::Heading(tag - line_kind::HEADING_1 + 1)
        }
        line_kind::TODO_OPEN => Kind::Todo(TodoState::Open),
        line_kind::TODO_STARTED => Kind::Todo(TodoState::Started),
        line_kind::TODO_WAITING => Kind::Todo(TodoState::Waiting),
        line_kind::TODO_DONE => Kind::Todo(TodoState::Done),
        line_kind::TODO_CANCELLED => Kind::Todo(TodoState::Cancelled),
        line_kind::BULLET => Kind::Bullet,
        line_kind::NUMBERED => Kind::Numbered,
        line_kind::QUOTE => Kind::Quote,
        line_kind::CODE => Kind::Code,
        line_kind::COMMENT => Kind::Comment,
        line_kind::DIVIDER => Kind::Divider,
        line_kind::OTHER => match reader.text()? {
            name if name == line_kind::TABLE => Kind::Table,
            name => Kind::Other(name),
        },
        tag => {
            let (what, tag) = ("line kind", u64::from(tag));
            return Err(DecodeError::UnknownTag { at, what, tag });
        }
    })
}

fn read_property(reader: &mut Reader<'_>) -> Result<Option<Value>, DecodeError> {
    let at = reader.at();
    match reader.byte()? {
        value::NONE => Ok(None),
        tag => read_value(reader, at, tag, 0).map(Some),
    }
}

/// `depth`: in how many lists the value is.
fn read_value(
    reader: &mut Reader<'_>,
    at: usize,
    tag: u8,
    depth: usize,
) -> Result<Value, DecodeError> {
    Ok(match tag {
        value::TEXT => Value::Text(reader.text()?),
        value::INTEGER => Value::Integer(reader.signed()?),
        value::FALSE => Value::Boolean(false),
        value::TRUE => Value::Boolean(true),
        value::LIST if depth == VALUE_DEPTH_MAX => {
            let max = VALUE_DEPTH_MAX;
            return Err(DecodeError::TooDeep { at, max });
        }
        value::LIST => {
            let count = reader.count(least::VALUE)?;
            let mut values = Vec::with_capacity(count);
            for _ in 0..count {
                let (at, tag) = (reader.at(), reader.byte()?);
                values.push(read_value(reader, at, tag, depth + 1)?);
            }
            Value::List(values)
        }
        tag => {
            let (what, tag) = ("value", u64::from(tag));
            return Err(DecodeError::UnknownTag { at, what, tag });
        }
    })
}
