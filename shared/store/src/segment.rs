//! Settled history in little room: many batches by column, compressed. What comes out is, byte for
//! byte, what went in; that is checked before anything is packed. Knows nothing of the database.

mod blank;
mod columns;
mod layout;
#[cfg(test)]
mod tests;

use tideline_model::{DocumentId, Event, GroupId, ReplicaId};
use tideline_wire::{PayloadKind, SealedBatch};
use uuid::Uuid;

pub(crate) use columns::Malformed;
use columns::{Columns, Reading, Writing, malformed};
use layout::Layout;

/// The first byte of every segment.
const FORMAT: u8 = 1;
/// A segment is refused when it says that it holds more.
const BATCHES_MAX: usize = 1 << 20;

/// A batch with what the store knows of it besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) key: i64,
    pub(crate) written_here: bool,
    pub(crate) acked: bool,
    pub(crate) batch: SealedBatch,
}

/// The same as it is laid out.
struct Settled {
    key: i64,
    written_here: bool,
    acked: bool,
    body: Body,
}

enum Body {
    /// The batch is what sealing these gives.
    Events(Vec<Event>),
    Verbatim(SealedBatch),
}

impl Body {
    fn of(batch: &SealedBatch) -> Self {
        let sealed_again = || {
            let events = tideline_wire::open(batch).ok()?;
            let again = tideline_wire::seal(batch.group, batch.document, &events).ok()?;
            (again == *batch).then_some(events)
        };
        match sealed_again() {
            Some(events) => Body::Events(events),
            None => Body::Verbatim(batch.clone()),
        }
    }

    fn blank(is_verbatim: bool) -> Self {
        if !is_verbatim {
            return Body::Events(Vec::new());
        }
        Body::Verbatim(SealedBatch {
            group: GroupId(Uuid::nil()),
            document: DocumentId(Uuid::nil()),
            replica: ReplicaId(Uuid::nil()),
            first_seq: 0,
            count: 0,
            last_lamport: 0,
            payload_kind: PayloadKind::PLAIN,
            key: None,
            payload: Vec::new(),
        })
    }

    fn into_batch(self, group: GroupId, document: DocumentId) -> Result<SealedBatch, Malformed> {
        match self {
            Body::Events(events) => tideline_wire::seal(group, document, &events)
                .map_err(|_| malformed("its events make no batch")),
            Body::Verbatim(batch) => Ok(SealedBatch {
                group,
                document,
                ..batch
            }),
        }
    }

    fn into_events(self, group: GroupId, document: DocumentId) -> Result<Vec<Event>, OpenError> {
        match self {
            Body::Events(events) => Ok(events),
            Body::Verbatim(batch) => Ok(tideline_wire::open(&SealedBatch {
                group,
                document,
                ..batch
            })?),
        }
    }
}

/// Why a segment does not give events.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A batch in it is intact, but of a kind that this version cannot read.
    #[error(transparent)]
    Batch(#[from] tideline_wire::OpenError),
}

/// Packs batches of one document, in order. `None` when they would not come out as they went in.
pub(crate) fn pack(batches: &[Packed]) -> Option<Vec<u8>> {
    let first = batches.first()?;
    let (group, document) = (first.batch.group, first.batch.document);
    let mut layout = Layout::new(Writing::new());
    for packed in batches {
        let mut settled = Settled {
            key: packed.key,
            written_here: packed.written_here,
            acked: packed.acked,
            body: Body::of(&packed.batch),
        };
        layout.settled(&mut settled).ok()?;
    }
    let mut payload = vec![FORMAT];
    payload.extend((batches.len() as u32).to_le_bytes());
    layout.columns.finish(&mut payload);
    let unpacked = unpack(&payload, group, document).ok()?;
    (unpacked == batches).then_some(payload)
}

/// The batches of a segment.
pub(crate) fn unpack(
    payload: &[u8],
    group: GroupId,
    document: DocumentId,
) -> Result<Vec<Packed>, Malformed> {
    let settled = read(payload)?.into_iter().map(|settled| {
        Ok(Packed {
            key: settled.key,
            written_here: settled.written_here,
            acked: settled.acked,
            batch: settled.body.into_batch(group, document)?,
        })
    });
    settled.collect()
}

/// The events of a segment, without sealing them again.
pub(crate) fn events(
    payload: &[u8],
    group: GroupId,
    document: DocumentId,
) -> Result<Vec<Event>, OpenError> {
    let mut events = Vec::new();
    for settled in read(payload)? {
        events.extend(settled.body.into_events(group, document)?);
    }
    Ok(events)
}

fn read(payload: &[u8]) -> Result<Vec<Settled>, Malformed> {
    let (head, columns) = payload
        .split_first_chunk::<5>()
        .ok_or_else(|| malformed("it is too short"))?;
    let [format, count @ ..] = *head;
    let count = u32::from_le_bytes(count) as usize;
    if format != FORMAT || count > BATCHES_MAX {
        return Err(malformed("its format is not known"));
    }
    let mut layout = Layout::new(Reading::new(columns)?);
    let mut batches = Vec::with_capacity(count);
    for _ in 0..count {
        let mut settled = Settled {
            key: 0,
            written_here: false,
            acked: false,
            body: Body::blank(false),
        };
        layout.settled(&mut settled)?;
        batches.push(settled);
    }
    layout.columns.finish()?;
    Ok(batches)
}

const _: () = assert!(Reading::READING && !Writing::READING);
