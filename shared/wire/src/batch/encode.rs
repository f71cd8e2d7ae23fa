//! Events to bytes.

use std::collections::HashMap;

use tideline_model::{
    Boundary, Change, Event, EventId, Kind, LineId, NewLine, Side, SlotId, SlotOrigin, SlotRef,
    TodoState, UserId, Value,
};
use uuid::Uuid;

use super::bytes::{put_bytes, put_number, put_signed};
use super::{EncodeError, FORMAT_VERSION, flag, kind, line_kind, slot_origin, value};
use crate::limits::{COUNTER_MAX, EVENT_BYTES_MAX, PAYLOAD_BYTES_MAX, VALUE_DEPTH_MAX};

/// Writes one batch, event by event.
pub(crate) struct Encoder {
    out: Vec<u8>,
    /// Each id that was named, with its place in the table that the reader builds alike.
    uuids: HashMap<Uuid, u64>,
    /// The strand of the latest text edit.
    strand: Option<LineId>,
    previous: Option<Previous>,
}

/// What the next event can leave unsaid.
#[derive(Clone, Copy)]
struct Previous {
    id: EventId,
    lamport: u64,
    time_ms: i64,
    author: UserId,
}

/// What an event that is left out must not have changed.
struct Mark {
    bytes: usize,
    uuids: u64,
    strand: Option<LineId>,
    previous: Option<Previous>,
}

impl Encoder {
    pub fn new(first: &Event) -> Result<Self, EncodeError> {
        let mut out = vec![FORMAT_VERSION];
        out.extend_from_slice(first.id.replica.0.as_bytes());
        if first.id.replica.0.is_nil() {
            return Err(EncodeError::NilReplica);
        }
        check(first, "sequence", first.id.seq, 1)?;
        put_number(&mut out, first.id.seq);
        let mut encoder = Self {
            out,
            uuids: HashMap::from([(first.id.replica.0, 0), (Uuid::nil(), 1)]),
            strand: None,
            previous: None,
        };
        encoder.push(first)?;
        Ok(encoder)
    }

    /// Adds the replica's next event; on an error the batch is as it was before.
    pub fn push(&mut self, event: &Event) -> Result<(), EncodeError> {
        let before = self.mark();
        let written = self.event(event);
        if written.is_err() {
            self.return_to(&before);
        }
        written
    }

    /// Like [`Encoder::push`], but leaves the event out when the batch would become too large.
    pub fn push_if_it_fits(&mut self, event: &Event) -> Result<bool, EncodeError> {
        let before = self.mark();
        self.push(event)?;
        let fits = self.out.len() <= PAYLOAD_BYTES_MAX;
        if !fits {
            self.return_to(&before);
        }
        Ok(fits)
    }

    fn mark(&self) -> Mark {
        Mark {
            bytes: self.out.len(),
            uuids: self.uuids.len() as u64,
            strand: self.strand,
            previous: self.previous,
        }
    }

    fn return_to(&mut self, mark: &Mark) {
        self.out.truncate(mark.bytes);
        self.uuids.retain(|_, index| *index < mark.uuids);
        self.strand = mark.strand;
        self.previous = mark.previous;
    }

    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        let (bytes, max) = (self.out.len(), PAYLOAD_BYTES_MAX);
        if bytes > max {
            return Err(EncodeError::BatchTooLarge { bytes, max });
        }
        Ok(self.out)
    }

    fn event(&mut self, event: &Event) -> Result<(), EncodeError> {
        let start = self.out.len();
        let flags = self.flags(event)?;
        self.out.push(flags);
        let time_before_ms = self.previous.map_or(0, |previous| previous.time_ms);
        put_signed(&mut self.out, event.time_ms.wrapping_sub(time_before_ms));
        if flags & flag::NEXT_LAMPORT == 0 {
            let least = self.previous.map_or(0, |previous| previous.lamport + 1);
            put_number(&mut self.out, event.lamport - least);
        }
        if flags & flag::SAME_AUTHOR == 0 {
            self.uuid(event.author.0);
        }
        if flags & flag::FOLLOWS_OWN == 0 {
            self.event_ids(event, event.parents.heads())?;
        }
        if flags & flag::ONE_CHANGE == 0 {
            put_number(&mut self.out, event.changes.len() as u64);
        }
        for change in &event.changes {
            self.change(event, change)?;
        }
        let (bytes, max) = (self.out.len() - start, EVENT_BYTES_MAX);
        if bytes > max {
            let event = event.id;
            return Err(EncodeError::EventTooLarge { event, bytes, max });
        }
        self.previous = Some(Previous {
            id: event.id,
            lamport: event.lamport,
            time_ms: event.time_ms,
            author: event.author,
        });
        Ok(())
    }

    /// Checks that `event` may follow, and says what it can leave unsaid.
    fn flags(&self, event: &Event) -> Result<u8, EncodeError> {
        check(event, "sequence", event.id.seq, 1)?;
        check(event, "Lamport clock", event.lamport, 0)?;
        let mut flags = 0;
        if let Some(previous) = self.previous {
            if event.id.replica != previous.id.replica || event.id.seq != previous.id.seq + 1 {
                let (previous, found) = (previous.id, event.id);
                return Err(EncodeError::NotConsecutive { previous, found });
            }
            if event.lamport <= previous.lamport {
                return Err(EncodeError::ClockRunsBack {
                    event: event.id,
                    previous: previous.lamport,
                    found: event.lamport,
                });
            }
            flags |= given(event.author == previous.author, flag::SAME_AUTHOR);
            flags |= given(event.lamport == previous.lamport + 1, flag::NEXT_LAMPORT);
        }
        let own_before = EventId {
            replica: event.id.replica,
            seq: event.id.seq - 1,
        };
        let follows_own = own_before.seq > 0 && event.parents.heads() == [own_before];
        flags |= given(follows_own, flag::FOLLOWS_OWN);
        flags |= given(event.changes.len() == 1, flag::ONE_CHANGE);
        for &parent in event.parents.heads() {
            if parent.replica == event.id.replica && parent.seq >= event.id.seq {
                let event = event.id;
                return Err(EncodeError::ImpossibleParent { event, parent });
            }
        }
        Ok(flags)
    }

    /// A change is its kind, the length of what follows, and that.
    fn change(&mut self, event: &Event, change: &Change) -> Result<(), EncodeError> {
        let outer = std::mem::take(&mut self.out);
        let written = self.change_body(event, change);
        let body = std::mem::replace(&mut self.out, outer);
        put_number(&mut self.out, u64::from(written?));
        put_bytes(&mut self.out, &body);
        Ok(())
    }

    fn change_body(&mut self, event: &Event, change: &Change) -> Result<u32, EncodeError> {
        Ok(match change {
            Change::CreateLines { lines } => {
                put_number(&mut self.out, lines.len() as u64);
                for line in lines {
                    self.new_line(event, line)?;
                }
                kind::CREATE_LINES
            }
            Change::EditText {
                strand,
                at,
                delete,
                insert,
            } => {
                self.line(event, *strand)?;
                put_number(&mut self.out, u64::from(*at));
                put_number(&mut self.out, u64::from(*delete));
                self.out.extend_from_slice(insert.as_bytes());
                self.strand = Some(*strand);
                kind::EDIT_TEXT
            }
            Change::Split {
                strand,
                at,
                line,
                kind: line_kind,
                parent,
                slot,
                ordered,
            } => {
                self.line(event, *strand)?;
                put_number(&mut self.out, u64::from(*at));
                self.line(event, *line)?;
                self.line_kind(event, line_kind)?;
                self.line(event, *parent)?;
                self.slot_ref(event, *slot)?;
                self.out.push(u8::from(*ordered));
                kind::SPLIT
            }
            Change::Join { line, boundary } => {
                self.line(event, *line)?;
                self.boundary(event, *boundary)?;
                kind::JOIN
            }
            Change::Move { line, parent, slot } => {
                self.line(event, *line)?;
                self.line(event, *parent)?;
                self.slot_ref(event, *slot)?;
                kind::MOVE
            }
            Change::MoveBack { line, parent, slot } => {
                self.line(event, *line)?;
                self.line(event, *parent)?;
                self.slot(event, *slot)?;
                kind::MOVE_BACK
            }
            Change::SetKind {
                line,
                kind: line_kind,
            } => {
                self.line(event, *line)?;
                self.line_kind(event, line_kind)?;
                kind::SET_KIND
            }
            Change::SetProperty { line, name, value } => {
                self.line(event, *line)?;
                put_bytes(&mut self.out, name.as_bytes());
                match value {
                    None => self.out.push(value::NONE),
                    Some(value) => self.value(event, value, 0)?,
                }
                kind::SET_PROPERTY
            }
            Change::AddTag { line, tag } => {
                self.line_and_text(event, *line, tag)?;
                kind::ADD_TAG
            }
            Change::RemoveTag { line, tag } => {
                self.line_and_text(event, *line, tag)?;
                kind::REMOVE_TAG
            }
            Change::DeleteLines { lines } => {
                self.lines(event, lines)?;
                kind::DELETE_LINES
            }
            Change::DeleteAgain { lines } => {
                self.lines(event, lines)?;
                kind::DELETE_AGAIN
            }
            Change::Restore { line, deletions } => {
                self.line(event, *line)?;
                self.event_ids(event, deletions)?;
                kind::RESTORE
            }
            Change::UndeleteText { deletion } => {
                self.event_id(event, *deletion)?;
                kind::UNDELETE_TEXT
            }
            Change::Keep { line } => {
                self.line(event, *line)?;
                kind::KEEP
            }
            Change::SetTitle { title } => {
                self.out.extend_from_slice(title.as_bytes());
                kind::SET_TITLE
            }
            Change::Undoes { event: undone } => {
                self.event_id(event, *undone)?;
                kind::UNDOES
            }
            Change::Begins => kind::BEGINS,
            Change::Continues => kind::CONTINUES,
            Change::Unknown {
                kind: number,
                bytes,
            } => {
                if kind::is_known(*number) {
                    let (event, kind) = (event.id, *number);
                    return Err(EncodeError::KnownKind { event, kind });
                }
                self.out.extend_from_slice(bytes);
                *number
            }
        })
    }

    /// An id by its place in the table; one that is named for the first time takes the next place
    /// and follows in full.
    fn uuid(&mut self, uuid: Uuid) {
        let next = self.uuids.len() as u64;
        let index = *self.uuids.entry(uuid).or_insert(next);
        put_number(&mut self.out, index);
        if index == next {
            self.out.extend_from_slice(uuid.as_bytes());
        }
    }

    fn line(&mut self, event: &Event, line: LineId) -> Result<(), EncodeError> {
        if Some(line) == self.strand {
            self.out.push(0);
            return Ok(());
        }
        check(event, "line number", line.number, 0)?;
        let next = self.uuids.len() as u64;
        let index = *self.uuids.entry(line.replica.0).or_insert(next);
        put_number(&mut self.out, index + 1);
        if index == next {
            self.out.extend_from_slice(line.replica.0.as_bytes());
        }
        put_number(&mut self.out, line.number);
        Ok(())
    }

    fn lines(&mut self, event: &Event, lines: &[LineId]) -> Result<(), EncodeError> {
        put_number(&mut self.out, lines.len() as u64);
        lines.iter().try_for_each(|&line| self.line(event, line))
    }

    fn line_and_text(
        &mut self,
        event: &Event,
        line: LineId,
        text: &str,
    ) -> Result<(), EncodeError> {
        self.line(event, line)?;
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn event_id(&mut self, event: &Event, id: EventId) -> Result<(), EncodeError> {
        check(event, "sequence", id.seq, 1)?;
        self.uuid(id.replica.0);
        put_number(&mut self.out, id.seq);
        Ok(())
    }

    fn event_ids(&mut self, event: &Event, ids: &[EventId]) -> Result<(), EncodeError> {
        put_number(&mut self.out, ids.len() as u64);
        ids.iter().try_for_each(|&id| self.event_id(event, id))
    }

    fn slot(&mut self, event: &Event, slot: SlotId) -> Result<(), EncodeError> {
        self.event_id(event, slot.event)?;
        put_number(&mut self.out, u64::from(slot.index));
        Ok(())
    }

    /// One byte for side and origin, then what the origin needs.
    fn slot_ref(&mut self, event: &Event, slot: SlotRef) -> Result<(), EncodeError> {
        let side = match slot.side {
            Side::Left => 0,
            Side::Right => 1,
        };
        match slot.origin {
            SlotOrigin::Start => self.out.push(slot_origin::START << 1 | side),
            SlotOrigin::Own(index) => {
                self.out.push(slot_origin::OWN << 1 | side);
                put_number(&mut self.out, u64::from(index));
            }
            SlotOrigin::Slot(origin) => {
                self.out.push(slot_origin::SLOT << 1 | side);
                self.slot(event, origin)?;
            }
        }
        Ok(())
    }

    fn boundary(&mut self, event: &Event, boundary: Boundary) -> Result<(), EncodeError> {
        let (tag, line) = match boundary {
            Boundary::Marker(line) => (0, line),
            Boundary::End(line) => (1, line),
        };
        self.out.push(tag);
        self.line(event, line)
    }

    fn new_line(&mut self, event: &Event, line: &NewLine) -> Result<(), EncodeError> {
        self.line(event, line.id)?;
        self.line(event, line.parent)?;
        self.slot_ref(event, line.slot)?;
        self.line_kind(event, &line.kind)?;
        put_bytes(&mut self.out, line.text.as_bytes());
        Ok(())
    }

    fn line_kind(&mut self, event: &Event, kind: &Kind) -> Result<(), EncodeError> {
        let tag = match kind {
            Kind::Text => line_kind::TEXT,
            Kind::Heading(level) => {
                let (found, min, max) = (u64::from(*level), 1, 3);
                if !(min..=max).contains(&found) {
                    let (event, what) = (event.id, "heading level");
                    return Err(EncodeError::OutOfRange {
                        event,
                        what,
                        found,
                        min,
                        max,
                    });
                }
                line_kind::HEADING_1 + level - 1
            }
            Kind::Todo(TodoState::Open) => line_kind::TODO_OPEN,
            Kind::Todo(TodoState::Started) => line_kind::TODO_STARTED,
            Kind::Todo(TodoState::Waiting) => line_kind::TODO_WAITING,
            Kind::Todo(TodoState::Done) => line_kind::TODO_DONE,
            Kind::Todo(TodoState::Cancelled) => line_kind::TODO_CANCELLED,
            Kind::Bullet => line_kind::BULLET,
            Kind::Numbered => line_kind::NUMBERED,
            Kind::Quote => line_kind::QUOTE,
            Kind::Code => line_kind::CODE,
            Kind::Comment => line_kind::COMMENT,
            Kind::Divider => line_kind::DIVIDER,
            Kind::Table | Kind::Other(_) => line_kind::OTHER,
        };
        self.out.push(tag);
        match kind {
            // By name, for programs that know fewer kinds.
            Kind::Table => put_bytes(&mut self.out, line_kind::TABLE.as_bytes()),
            Kind::Other(name) => put_bytes(&mut self.out, name.as_bytes()),
            _ => {}
        }
        Ok(())
    }

    /// `depth`: in how many lists `value` is.
    fn value(&mut self, event: &Event, value: &Value, depth: usize) -> Result<(), EncodeError> {
        match value {
            Value::Text(text) => {
                self.out.push(value::TEXT);
                put_bytes(&mut self.out, text.as_bytes());
            }
            Value::Integer(number) => {
                self.out.push(value::INTEGER);
                put_signed(&mut self.out, *number);
            }
            Value::Boolean(false) => self.out.push(value::FALSE),
            Value::Boolean(true) => self.out.push(value::TRUE),
            Value::List(values) => {
                let (event_id, max) = (event.id, VALUE_DEPTH_MAX);
                if depth == max {
                    return Err(EncodeError::TooDeep {
                        event: event_id,
                        max,
                    });
                }
                self.out.push(value::LIST);
                put_number(&mut self.out, values.len() as u64);
                for value in values {
                    self.value(event, value, depth + 1)?;
                }
            }
        }
        Ok(())
    }
}

fn given(condition: bool, flag: u8) -> u8 {
    if condition { flag } else { 0 }
}

fn check(event: &Event, what: &'static str, found: u64, min: u64) -> Result<(), EncodeError> {
    let max = COUNTER_MAX;
    if (min..=max).contains(&found) {
        return Ok(());
    }
    Err(EncodeError::OutOfRange {
        event: event.id,
        what,
        found,
        min,
        max,
    })
}
