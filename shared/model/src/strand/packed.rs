//! A strand as bytes: the text with its markers, and what happened to it. Merge state is not kept,
//! it is made again when it is needed.

use std::sync::OnceLock;

use crate::bytes::{Damaged, Reader, put_bytes, put_number, put_signed};
use crate::index::{EventIndex, LineIndex};
use crate::strand::Strand;
use crate::strand::chunk::Chunk;
use crate::strand::log::{Kind, Log, Run};
use crate::strand::past::Past;
use crate::strand::record::{Record, Records};
use crate::strand::text::Text;

const KINDS: [Kind; 5] = [
    Kind::Insert,
    Kind::Marker,
    Kind::Delete,
    Kind::Backspace,
    Kind::Undelete,
];

impl Strand {
    pub fn pack(&self, bytes: &mut Vec<u8>) {
        let chunk = self.text.whole();
        put_bytes(bytes, chunk.raw());
        chunk
            .markers()
            .iter()
            .for_each(|line| put_number(bytes, line.0.into()));
        if let Some(past) = &self.past {
            pack_past(past, bytes);
        }
    }

    pub fn unpack(first: LineIndex, bytes: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader::new(bytes);
        let raw = reader.bytes()?.to_vec();
        let chunk = Chunk::from_raw(raw, || Ok(LineIndex(reader.small()?)))?;
        let past = if reader.is_at_end() {
            None
        } else {
            Some(Box::new(unpack_past(&mut reader)?))
        };
        Ok(Self {
            first,
            text: Text::packed(chunk),
            past,
        })
    }
}

fn pack_past(past: &Past, bytes: &mut Vec<u8>) {
    let runs = past.log.runs();
    put_number(bytes, runs.len() as u64);
    let mut event = 0;
    for run in runs {
        let kind = KINDS.iter().position(|&kind| kind == run.kind);
        let kind = kind.unwrap_or_default() as u64;
        put_number(bytes, kind << 1 | u64::from(run.is_each));
        put_signed(bytes, i64::from(run.event.0) - event);
        put_number(bytes, run.at.into());
        put_number(bytes, run.len.into());
        put_number(bytes, run.content.into());
        event = run.event.0.into();
    }
    let trunk = past.log.trunk();
    put_number(bytes, trunk.len() as u64);
    for &(first, last) in trunk {
        put_number(bytes, first.into());
        put_number(bytes, last.into());
    }
    put_events(bytes, &past.heads);
    put_bytes(bytes, past.removed.as_bytes());
    put_number(bytes, past.removed_chars.into());
    put_number(bytes, past.undone.len() as u64);
    for &(deletion, event) in &past.undone {
        put_events(bytes, &[deletion, event]);
    }
    match past.records.get() {
        None => put_number(bytes, 0),
        Some(records) => pack_records(records, bytes),
    }
}

fn pack_records(records: &Records, bytes: &mut Vec<u8>) {
    let mut all: Vec<(LineIndex, &Record)> = records.iter().collect();
    // The first one stays in front.
    all[1..].sort_unstable_by_key(|&(line, _)| line);
    put_number(bytes, all.len() as u64);
    for (line, record) in all {
        put_number(bytes, line.0.into());
        put_events(bytes, record.latest.as_slice());
        put_events(bytes, &record.touches);
    }
}

fn put_events(bytes: &mut Vec<u8>, events: &[EventIndex]) {
    put_number(bytes, events.len() as u64);
    events
        .iter()
        .for_each(|event| put_number(bytes, event.0.into()));
}

fn unpack_past(reader: &mut Reader<'_>) -> Result<Past, Damaged> {
    let mut runs = Vec::new();
    let mut event = 0;
    for _ in 0..reader.count()? {
        let mark = reader.number()?;
        event += reader.signed()?;
        runs.push(Run {
            event: EventIndex(u32::try_from(event).map_err(|_| Damaged)?),
            at: reader.small()?,
            len: reader.small()?,
            content: reader.small()?,
            kind: *KINDS.get((mark >> 1) as usize).ok_or(Damaged)?,
            is_each: mark & 1 == 1,
        });
    }
    let mut trunk = Vec::new();
    for _ in 0..reader.count()? {
        trunk.push((reader.small()?, reader.small()?));
    }
    let heads = events(reader)?;
    let removed = reader.text()?.to_owned();
    let removed_chars = reader.small()?;
    let mut undone = Vec::new();
    for _ in 0..reader.count()? {
        let &[deletion, event] = events(reader)?.as_slice() else {
            return Err(Damaged);
        };
        undone.push((deletion, event));
    }
    Ok(Past {
        log: Log::from_parts(runs, trunk),
        heads,
        removed,
        removed_chars,
        undone,
        records: unpack_records(reader)?.map_or_else(OnceLock::new, OnceLock::from),
        tracker: None,
    })
}

fn unpack_records(reader: &mut Reader<'_>) -> Result<Option<Records>, Damaged> {
    let mut records: Option<Records> = None;
    for _ in 0..reader.count()? {
        let line = LineIndex(reader.small()?);
        let latest = events(reader)?.first().copied();
        let touches = events(reader)?;
        let all = records.get_or_insert_with(|| Records::new(line));
        *all.of(line) = Record { latest, touches };
    }
    Ok(records)
}

fn events(reader: &mut Reader<'_>) -> Result<Vec<EventIndex>, Damaged> {
    let count = reader.count()?;
    (0..count)
        .map(|_| Ok(EventIndex(reader.small()?)))
        .collect()
}
