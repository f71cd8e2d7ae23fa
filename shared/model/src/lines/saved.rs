//! The lines as bytes.

use uuid::Uuid;

use crate::bytes::{Damaged, Reader, put_bytes, put_column, put_number, put_signed, with_room};
use crate::id::ReplicaId;
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::line::{Kind, Value};
use crate::lines::{BLOCK, Lines, Records, Restored, Run};
use crate::place::Place;
use crate::property::{PropertyWrite, TagWrite};
use crate::state::ChangeIndex;

/// How deep lists may hang in lists; what is deeper is not saved, and replayed instead.
const DEPTH_MAX: usize = 64;

impl Lines {
    pub fn write(&self, bytes: &mut Vec<u8>) {
        put_number(bytes, self.replicas.len() as u64);
        let replicas = self.replicas.iter();
        replicas.for_each(|replica| bytes.extend_from_slice(replica.0.as_bytes()));
        let runs = &self.runs;
        put_column(bytes, runs.iter().map(|run| run.first.0));
        put_column(bytes, runs.iter().map(|run| run.replica));
        put_column(bytes, runs.iter().map(|run| run.created.0.0));
        put_column(bytes, runs.iter().map(|run| run.created.1));
        put_column(bytes, runs.iter().map(|run| run.strand.0));
        put_column(bytes, runs.iter().map(|run| run.slot.0));
        put_column(bytes, runs.iter().map(|run| u32::from(run.is_marker)));
        let mut number = 0;
        for run in runs {
            put_signed(bytes, run.number.wrapping_sub(number).cast_signed());
            number = run.number;
        }
        put_column(bytes, self.kinds.iter().map(|&kind| u32::from(kind)));
        let mut others: Vec<_> = self.other_kinds.iter().collect();
        others.sort_unstable_by_key(|(line, _)| **line);
        put_number(bytes, others.len() as u64);
        for (line, kind) in others {
            put_number(bytes, line.0.into());
            put_kind(bytes, kind);
        }
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_unstable_by_key(|(line, _)| **line);
        put_number(bytes, places.len() as u64);
        for (line, place) in places {
            put_number(bytes, line.0.into());
            place.write(bytes);
        }
        let mut records: Vec<_> = self.records.iter().collect();
        records.sort_unstable_by_key(|(line, _)| **line);
        put_number(bytes, records.len() as u64);
        for (line, records) in records {
            put_number(bytes, line.0.into());
            records.write(bytes);
        }
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut lines = Self::empty();
        for _ in 0..reader.count()? {
            let replica = Uuid::from_slice(reader.take(16)?).map_err(|_| Damaged)?;
            lines.replicas.push(ReplicaId(replica));
        }
        let mut columns = Vec::new();
        for _ in 0..7 {
            columns.push(reader.steps(u32::MAX as usize)?);
        }
        let [firsts, replicas, events, numbers, strands, slots, markers] = columns.as_mut_slice()
        else {
            return Err(Damaged);
        };
        let mut number = 0_u64;
        for _ in 0..firsts.len() {
            number = number.wrapping_add(reader.signed()?.cast_unsigned());
            let replica = replicas.next()?;
            if replica as usize >= lines.replicas.len() {
                return Err(Damaged);
            }
            lines.runs.push(Run {
                first: LineIndex(firsts.next()?),
                replica,
                number,
                created: (EventIndex(events.next()?), numbers.next()?),
                strand: StrandIndex(strands.next()?),
                slot: SlotIndex(slots.next()?),
                is_marker: markers.next()? == 1,
            });
        }
        if lines.runs.is_empty() {
            return Err(Damaged);
        }
        let mut kinds = reader.steps(u32::MAX as usize)?;
        lines.kinds.reserve_exact(with_room(kinds.len()));
        while kinds.len() > 0 {
            let (kind, count) = kinds.run()?;
            let kind = kind.to_le_bytes()[0];
            lines.kinds.extend(std::iter::repeat_n(kind, count));
            kinds.skip(count);
        }
        lines.index();
        for _ in 0..reader.count()? {
            let line = LineIndex(reader.small()?);
            lines.other_kinds.insert(line, kind(reader)?);
        }
        for _ in 0..reader.count()? {
            let line = LineIndex(reader.small()?);
            lines.places.insert(line, Place::read(reader)?);
        }
        for _ in 0..reader.count()? {
            let line = LineIndex(reader.small()?);
            let records = Records::read(reader)?;
            lines.records.insert(line, Box::new(records));
        }
        Ok(lines)
    }

    /// Makes what finds lines and their runs.
    fn index(&mut self) {
        for at in 0..self.runs.len() {
            let run = self.runs[at];
            let next = self.runs.get(at + 1);
            let end = next.map_or(self.kinds.len() as u32, |next| next.first.0);
            let id = (run.replica, run.number);
            self.note_ids(id, run.first, end.saturating_sub(run.first.0));
            while self.starts.len() * BLOCK < end as usize {
                self.starts.push(at as u32);
            }
        }
    }
}

impl Records {
    fn write(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.places, |bytes, change| {
            put_change(bytes, *change);
        });
        put_list(bytes, &self.kinds, |bytes, (change, kind)| {
            put_change(bytes, *change);
            put_kind(bytes, kind);
        });
        put_list(bytes, &self.properties, |bytes, write| {
            put_change(bytes, write.change);
            put_bytes(bytes, write.name.as_bytes());
            put_value(bytes, write.value.as_ref());
        });
        put_list(bytes, &self.tags, |bytes, write| {
            put_change(bytes, write.change);
            put_bytes(bytes, write.tag.as_bytes());
            put_number(bytes, u64::from(write.is_added));
        });
        put_events(bytes, &self.keeps);
        put_events(bytes, &self.deletions);
        put_list(bytes, &self.restores, |bytes, restore| {
            put_number(bytes, restore.event.0.into());
            put_events(bytes, &restore.deletions);
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            places: list(reader, change)?,
            kinds: list(reader, |reader| Ok((change(reader)?, kind(reader)?)))?,
            properties: list(reader, |reader| {
                Ok(PropertyWrite {
                    change: change(reader)?,
                    name: reader.text()?.to_owned(),
                    value: value(reader, 0)?,
                })
            })?,
            tags: list(reader, |reader| {
                Ok(TagWrite {
                    change: change(reader)?,
                    tag: reader.text()?.to_owned(),
                    is_added: reader.number()? == 1,
                })
            })?,
            keeps: events(reader)?,
            deletions: events(reader)?,
            restores: list(reader, |reader| {
                Ok(Restored {
                    event: EventIndex(reader.small()?),
                    deletions: events(reader)?,
                })
            })?,
        })
    }
}

pub(crate) fn put_list<T>(bytes: &mut Vec<u8>, list: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_number(bytes, list.len() as u64);
    list.iter().for_each(|item| put(bytes, item));
}

pub(crate) fn list<T>(
    reader: &mut Reader<'_>,
    item: impl Fn(&mut Reader<'_>) -> Result<T, Damaged>,
) -> Result<Vec<T>, Damaged> {
    let count = reader.count()?;
    (0..count).map(|_| item(reader)).collect()
}

pub(crate) fn put_change(bytes: &mut Vec<u8>, (event, number): ChangeIndex) {
    put_number(bytes, event.0.into());
    put_number(bytes, number.into());
}

pub(crate) fn change(reader: &mut Reader<'_>) -> Result<ChangeIndex, Damaged> {
    Ok((EventIndex(reader.small()?), reader.small()?))
}

fn put_events(bytes: &mut Vec<u8>, events: &[EventIndex]) {
    put_list(bytes, events, |bytes, event| {
        put_number(bytes, event.0.into());
    });
}

fn events(reader: &mut Reader<'_>) -> Result<Vec<EventIndex>, Damaged> {
    list(reader, |reader| Ok(EventIndex(reader.small()?)))
}

fn put_kind(bytes: &mut Vec<u8>, kind: &Kind) {
    put_bytes(bytes, kind.to_string().as_bytes());
}

fn kind(reader: &mut Reader<'_>) -> Result<Kind, Damaged> {
    reader.text()?.parse().map_err(|_| Damaged)
}

fn put_value(bytes: &mut Vec<u8>, value: Option<&Value>) {
    match value {
        None => put_number(bytes, 0),
        Some(Value::Text(text)) => {
            put_number(bytes, 1);
            put_bytes(bytes, text.as_bytes());
        }
        Some(Value::Integer(number)) => {
            put_number(bytes, 2);
            put_signed(bytes, *number);
        }
        Some(Value::Boolean(flag)) => put_number(bytes, 3 + u64::from(*flag)),
        Some(Value::List(values)) => {
            put_number(bytes, 5);
            put_list(bytes, values, |bytes, value| put_value(bytes, Some(value)));
        }
    }
}

fn value(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Value>, Damaged> {
    Ok(Some(match reader.number()? {
        0 => return Ok(None),
        1 => Value::Text(reader.text()?.to_owned()),
        2 => Value::Integer(reader.signed()?),
        3 => Value::Boolean(false),
        4 => Value::Boolean(true),
        5 if depth < DEPTH_MAX => Value::List(list(reader, |reader| {
            value(reader, depth + 1)?.ok_or(Damaged)
        })?),
        _ => return Err(Damaged),
    }))
}
