//! What stands in which column of a segment. One description writes and reads, so the two cannot
//! disagree. Predictions keep numbers small: an edit goes on where the one before ended.

use std::collections::HashMap;

use tideline_model::{
    Boundary, Change, Event, EventId, Frontier, Kind, LineId, NewLine, ReplicaId, Side, SlotId,
    SlotOrigin, SlotRef, Value,
};
use tideline_wire::{KeyId, PayloadKind, SealedBatch};
use uuid::Uuid;

use super::blank::{Blank, blank_change, blank_event, blank_line, blank_slot, number_of};
use super::columns::{COUNT, Column, Columns, Malformed, malformed};
use super::{Body, Settled};

const VALUE_DEPTH_MAX: usize = tideline_wire::limits::VALUE_DEPTH_MAX + 1;

/// The columns of an id of a line, one pair for each part that a line can play.
type LineColumns = (Column, Column);
const STRAND: LineColumns = (Column::Strand, Column::StrandNumber);
const LINE: LineColumns = (Column::Line, Column::LineNumber);
const NEW_LINE: LineColumns = (Column::NewLine, Column::NewLineNumber);
const PARENT: LineColumns = (Column::Parent, Column::ParentNumber);

type Done = Result<(), Malformed>;

/// Columns with what was written or read so far, for predictions.
pub(super) struct Layout<C> {
    pub(super) columns: C,
    uuids: Vec<Uuid>,
    uuid_places: HashMap<Uuid, u64>,
    names: Vec<String>,
    key: u64,
    lamport: u64,
    time_ms: u64,
    /// The last event of each replica.
    seqs: HashMap<Uuid, u64>,
    /// Where the last edit of each strand ended.
    ends: HashMap<LineId, u64>,
    /// The last number in a column of line numbers.
    numbers: [u64; COUNT],
    /// Slots made so far by the event in hand.
    slots: u64,
}

impl<C: Columns> Layout<C> {
    pub(super) fn new(columns: C) -> Self {
        Self {
            columns,
            uuids: Vec::new(),
            uuid_places: HashMap::new(),
            names: Vec::new(),
            key: 0,
            lamport: 0,
            time_ms: 0,
            seqs: HashMap::new(),
            ends: HashMap::new(),
            numbers: [0; COUNT],
            slots: 0,
        }
    }

    pub(super) fn settled(&mut self, settled: &mut Settled) -> Done {
        let mut key = settled.key.cast_unsigned();
        self.columns.near(Column::Key, self.key + 1, &mut key)?;
        self.key = key;
        settled.key = key.cast_signed();
        self.flag(Column::Origin, &mut settled.written_here)?;
        self.flag(Column::Acked, &mut settled.acked)?;
        let mut is_verbatim = matches!(settled.body, Body::Verbatim(_));
        self.flag(Column::Form, &mut is_verbatim)?;
        if C::READING {
            settled.body = Body::blank(is_verbatim);
        }
        match &mut settled.body {
            Body::Events(events) => self.events(events),
            Body::Verbatim(batch) => self.verbatim(batch),
        }
    }

    /// Consecutive events of one replica.
    fn events(&mut self, events: &mut Vec<Event>) -> Done {
        self.columns.items(Column::Count, events, blank_event)?;
        let mut first = events.first().map_or(EventId::blank(), |event| event.id);
        self.batch_start(&mut first.replica, &mut first.seq)?;
        for (event, seq) in events.iter_mut().zip(first.seq..) {
            event.id.replica = first.replica;
            event.id.seq = seq;
            self.event(event)?;
        }
        Ok(())
    }

    /// A batch that cannot be made again from its events, as it is.
    fn verbatim(&mut self, batch: &mut SealedBatch) -> Done {
        self.batch_start(&mut batch.replica, &mut batch.first_seq)?;
        let mut count = u64::from(batch.count);
        self.columns.number(Column::Envelope, &mut count)?;
        batch.count = count as u32;
        self.columns
            .number(Column::Envelope, &mut batch.last_lamport)?;
        let mut kind = u64::from(batch.payload_kind.0);
        self.columns.number(Column::Envelope, &mut kind)?;
        batch.payload_kind = PayloadKind(kind as u8);
        let mut has_key = batch.key.is_some();
        self.flag(Column::Envelope, &mut has_key)?;
        if has_key {
            let mut key = batch.key.map_or(Uuid::nil(), |key| key.0);
            self.uuid(Column::Envelope, &mut key)?;
            batch.key = Some(KeyId(key));
        }
        let (lengths, bytes) = (Column::VerbatimLength, Column::Verbatim);
        self.columns.bytes(lengths, bytes, &mut batch.payload)?;
        let last = batch.last().seq;
        self.seqs.insert(batch.replica.0, last);
        Ok(())
    }

    fn batch_start(&mut self, replica: &mut ReplicaId, first_seq: &mut u64) -> Done {
        self.uuid(Column::BatchReplica, &mut replica.0)?;
        let expected = self
            .seqs
            .get(&replica.0)
            .copied()
            .unwrap_or(0)
            .wrapping_add(1);
        self.columns.near(Column::FirstSeq, expected, first_seq)
    }

    fn event(&mut self, event: &mut Event) -> Done {
        let expected = self.lamport.wrapping_add(1);
        self.columns
            .near(Column::Lamport, expected, &mut event.lamport)?;
        self.lamport = event.lamport;
        let mut time_ms = event.time_ms.cast_unsigned();
        self.columns
            .near(Column::Time, self.time_ms, &mut time_ms)?;
        self.time_ms = time_ms;
        event.time_ms = time_ms.cast_signed();
        self.uuid(Column::Author, &mut event.author.0)?;
        self.parents(event.id, &mut event.parents)?;
        self.seqs.insert(event.id.replica.0, event.id.seq);
        self.slots = 0;
        self.columns
            .items(Column::Changes, &mut event.changes, || Change::SetTitle {
                title: String::new(),
            })?;
        for change in &mut event.changes {
            self.change(event.id, change)?;
        }
        Ok(())
    }

    /// 0: the replica's previous event and nothing else; otherwise one more than how many.
    fn parents(&mut self, id: EventId, parents: &mut Frontier) -> Done {
        let own = EventId {
            seq: id.seq.wrapping_sub(1),
            ..id
        };
        let mut heads = parents.heads().to_vec();
        let follows_own = own.seq > 0 && heads == [own];
        let mut form = if follows_own {
            0
        } else {
            heads.len() as u64 + 1
        };
        self.columns.number(Column::Parents, &mut form)?;
        if C::READING {
            heads = match form {
                0 => vec![own],
                2.. if form <= self.columns.bytes_left() => {
                    vec![EventId::blank(); form as usize - 1]
                }
                2.. => return Err(malformed("too many parents")),
                _ => Vec::new(),
            };
        }
        if form > 0 {
            for head in &mut heads {
                self.event_id((Column::ParentReplica, Column::ParentSeq), None, head)?;
            }
        }
        *parents = Frontier::new(heads);
        Ok(())
    }

    fn change(&mut self, event: EventId, change: &mut Change) -> Done {
        let mut kind = u64::from(number_of(change));
        self.columns.number(Column::ChangeKind, &mut kind)?;
        if C::READING {
            *change = blank_change(kind).ok_or_else(|| malformed("a kind of change"))?;
        }
        match change {
            Change::CreateLines { lines } => {
                self.columns.items(Column::Lines, lines, blank_line)?;
                lines
                    .iter_mut()
                    .try_for_each(|line| self.new_line(event, line))
            }
            Change::EditText {
                strand,
                at,
                delete,
                insert,
            } => {
                self.line(STRAND, strand)?;
                self.at(*strand, at)?;
                self.small(Column::Delete, delete)?;
                self.columns
                    .text(Column::InsertLength, Column::Insert, insert)?;
                let end = u64::from(*at) + insert.chars().count() as u64;
                self.ends.insert(*strand, end);
                Ok(())
            }
            Change::Split {
                strand,
                at,
                line,
                kind,
                parent,
                slot,
                ordered,
            } => {
                self.line(STRAND, strand)?;
                self.at(*strand, at)?;
                self.ends.insert(*strand, u64::from(*at) + 1);
                self.line(NEW_LINE, line)?;
                self.kind(kind)?;
                self.line(PARENT, parent)?;
                self.slot_ref(event, slot)?;
                self.flag(Column::Ordered, ordered)
            }
            Change::Join { line, boundary } => {
                self.line(LINE, line)?;
                self.boundary(boundary)
            }
            Change::Move { line, parent, slot } => {
                self.line(LINE, line)?;
                self.line(PARENT, parent)?;
                self.slot_ref(event, slot)
            }
            Change::MoveBack { line, parent, slot } => {
                self.line(LINE, line)?;
                self.line(PARENT, parent)?;
                self.slot(event, slot)
            }
            Change::SetKind { line, kind } => {
                self.line(LINE, line)?;
                self.kind(kind)
            }
            Change::SetProperty { line, name, value } => {
                self.line(LINE, line)?;
                self.name(name)?;
                self.maybe_value(value)
            }
            Change::AddTag { line, tag } | Change::RemoveTag { line, tag } => {
                self.line(LINE, line)?;
                self.name(tag)
            }
            Change::DeleteLines { lines } | Change::DeleteAgain { lines } => {
                self.columns.items(Column::Lines, lines, || LineId::ROOT)?;
                lines.iter_mut().try_for_each(|line| self.line(LINE, line))
            }
            Change::Restore { line, deletions } => {
                self.line(LINE, line)?;
                self.columns
                    .items(Column::Lines, deletions, EventId::blank)?;
                let id = (Column::EventReplica, Column::EventSeq);
                deletions
                    .iter_mut()
                    .try_for_each(|deletion| self.event_id(id, Some(event), deletion))
            }
            Change::UndeleteText { deletion } => self.event_id(
                (Column::EventReplica, Column::EventSeq),
                Some(event),
                deletion,
            ),
            Change::Undoes { event: undone } => self.event_id(
                (Column::EventReplica, Column::EventSeq),
                Some(event),
                undone,
            ),
            Change::Begins | Change::Continues => Ok(()),
            Change::Keep { line } => self.line(LINE, line),
            Change::SetTitle { title } => {
                self.columns.text(Column::TextLength, Column::Text, title)
            }
            Change::Unknown { kind, bytes } => {
                self.small(Column::Envelope, kind)?;
                self.columns
                    .bytes(Column::VerbatimLength, Column::Verbatim, bytes)
            }
        }
    }

    fn new_line(&mut self, event: EventId, line: &mut NewLine) -> Done {
        self.line(NEW_LINE, &mut line.id)?;
        self.line(PARENT, &mut line.parent)?;
        self.slot_ref(event, &mut line.slot)?;
        self.kind(&mut line.kind)?;
        self.columns
            .text(Column::CreatedLength, Column::Created, &mut line.text)
    }

    fn boundary(&mut self, boundary: &mut Boundary) -> Done {
        let (mut is_end, mut line) = match boundary {
            Boundary::Marker(line) => (false, *line),
            Boundary::End(line) => (true, *line),
        };
        self.flag(Column::Ordered, &mut is_end)?;
        self.line(PARENT, &mut line)?;
        *boundary = if is_end {
            Boundary::End(line)
        } else {
            Boundary::Marker(line)
        };
        Ok(())
    }

    fn slot_ref(&mut self, event: EventId, slot: &mut SlotRef) -> Done {
        let tag = match slot.origin {
            SlotOrigin::Start => 0,
            SlotOrigin::Own(_) => 1,
            SlotOrigin::Slot(_) => 2,
        };
        let mut form = tag * 2 + u64::from(slot.side == Side::Right);
        self.columns.number(Column::SlotForm, &mut form)?;
        slot.side = if form % 2 == 1 {
            Side::Right
        } else {
            Side::Left
        };
        match form / 2 {
            0 => slot.origin = SlotOrigin::Start,
            1 => {
                let mut index = if let SlotOrigin::Own(index) = slot.origin {
                    u64::from(index)
                } else {
                    0
                };
                self.columns.near(Column::SlotOwn, self.slots, &mut index)?;
                slot.origin = SlotOrigin::Own(index as u32);
            }
            2 => {
                let mut id = if let SlotOrigin::Slot(id) = slot.origin {
                    id
                } else {
                    blank_slot()
                };
                self.slot(event, &mut id)?;
                slot.origin = SlotOrigin::Slot(id);
            }
            _ => return Err(malformed("the form of a slot")),
        }
        self.slots += 1;
        Ok(())
    }

    fn slot(&mut self, event: EventId, slot: &mut SlotId) -> Done {
        let columns = (Column::SlotReplica, Column::SlotSeq);
        self.event_id(columns, Some(event), &mut slot.event)?;
        self.small(Column::SlotIndex, &mut slot.index)
    }

    /// Near `to`, or near the last event of the same replica.
    fn event_id(
        &mut self,
        columns: (Column, Column),
        to: Option<EventId>,
        id: &mut EventId,
    ) -> Done {
        self.uuid(columns.0, &mut id.replica.0)?;
        let last = self.seqs.get(&id.replica.0).copied().unwrap_or(0);
        let predicted = to
            .filter(|to| to.replica == id.replica)
            .map_or(last, |to| to.seq);
        self.columns.near(columns.1, predicted, &mut id.seq)
    }

    fn line(&mut self, columns: LineColumns, line: &mut LineId) -> Done {
        self.uuid(columns.0, &mut line.replica.0)?;
        let last = &mut self.numbers[columns.1 as usize];
        // New lines count on; other parts stay with the line that they were about.
        let step = u64::from(columns.1 as u8 == NEW_LINE.1 as u8);
        let predicted = last.wrapping_add(step);
        self.columns.near(columns.1, predicted, &mut line.number)?;
        *last = line.number;
        Ok(())
    }

    fn at(&mut self, strand: LineId, at: &mut u32) -> Done {
        let expected = self.ends.get(&strand).copied().unwrap_or(0);
        let mut number = u64::from(*at);
        self.columns.near(Column::At, expected, &mut number)?;
        *at = number as u32;
        Ok(())
    }

    fn kind(&mut self, kind: &mut Kind) -> Done {
        let mut name = String::new();
        if !C::READING {
            name = kind.to_string();
        }
        self.named(Column::LineKind, &mut name)?;
        let Ok(read) = name.parse();
        *kind = read;
        Ok(())
    }

    fn maybe_value(&mut self, value: &mut Option<Value>) -> Done {
        let mut given = value.is_some();
        self.flag(Column::Value, &mut given)?;
        if !given {
            *value = None;
            return Ok(());
        }
        self.value(value.get_or_insert(Value::Boolean(false)), 0)
    }

    fn value(&mut self, value: &mut Value, depth: usize) -> Done {
        let mut tag = match value {
            Value::Text(_) => 0,
            Value::Integer(_) => 1,
            Value::Boolean(_) => 2,
            Value::List(_) => 3,
        };
        self.columns.number(Column::Value, &mut tag)?;
        if C::READING {
            *value = match tag {
                0 => Value::Text(String::new()),
                1 => Value::Integer(0),
                2 => Value::Boolean(false),
                3 if depth < VALUE_DEPTH_MAX => Value::List(Vec::new()),
                _ => return Err(malformed("a value")),
            };
        }
        match value {
            Value::Text(text) => self.columns.text(Column::TextLength, Column::Text, text),
            Value::Integer(number) => {
                let mut bits = number.cast_unsigned();
                self.columns.near(Column::Value, 0, &mut bits)?;
                *number = bits.cast_signed();
                Ok(())
            }
            Value::Boolean(flag) => self.flag(Column::Value, flag),
            Value::List(values) => {
                self.columns
                    .items(Column::Value, values, || Value::Boolean(false))?;
                values
                    .iter_mut()
                    .try_for_each(|value| self.value(value, depth + 1))
            }
        }
    }

    fn name(&mut self, name: &mut String) -> Done {
        self.named(Column::Tag, name)
    }

    /// A name that has probably been there before, as its place among the names.
    fn named(&mut self, column: Column, name: &mut String) -> Done {
        let mut place = self.names.len() as u64;
        if !C::READING {
            let known = self.names.iter().position(|known| known == name);
            place = known.map_or(place, |known| known as u64);
        }
        self.columns.number(column, &mut place)?;
        match self.names.get(place as usize) {
            Some(known) => name.clone_from(known),
            None if place == self.names.len() as u64 => {
                self.columns.text(Column::NameLength, Column::Name, name)?;
                self.names.push(name.clone());
            }
            None => return Err(malformed("a name that was not given")),
        }
        Ok(())
    }

    /// The same for ids.
    fn uuid(&mut self, column: Column, uuid: &mut Uuid) -> Done {
        let next = self.uuids.len() as u64;
        let mut place = next;
        if !C::READING {
            place = self.uuid_places.get(uuid).copied().unwrap_or(next);
        }
        self.columns.number(column, &mut place)?;
        if let Some(known) = self.uuids.get(place as usize) {
            *uuid = *known;
            return Ok(());
        }
        if place != next {
            return Err(malformed("an id that was not given"));
        }
        let (mut high, mut low) = uuid.as_u64_pair();
        self.columns.number(Column::Uuid, &mut high)?;
        self.columns.number(Column::Uuid, &mut low)?;
        *uuid = Uuid::from_u64_pair(high, low);
        self.uuids.push(*uuid);
        self.uuid_places.insert(*uuid, place);
        Ok(())
    }

    fn flag(&mut self, column: Column, flag: &mut bool) -> Done {
        let mut number = u64::from(*flag);
        self.columns.number(column, &mut number)?;
        *flag = number != 0;
        Ok(())
    }

    fn small(&mut self, column: Column, value: &mut u32) -> Done {
        let mut number = u64::from(*value);
        self.columns.number(column, &mut number)?;
        *value = number as u32;
        Ok(())
    }
}
