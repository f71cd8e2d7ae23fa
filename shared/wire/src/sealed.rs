//! A batch as it is stored, sent and acknowledged: an envelope in the clear, and a payload that only
//! replicas read. Sealed once, by the replica that wrote the events, and never cut anew.
//!
//! Knows nothing of keys yet: the envelope has a place for one, and is what encryption will
//! authenticate.

use serde::{Deserialize, Serialize};
use tideline_model::{DocumentId, Event, EventId, GroupId, ReplicaId};
use uuid::Uuid;

use crate::batch::{DecodeError, EncodeError, Encoder, decode_batch, encode_batch};
use crate::limits::{COUNTER_MAX, PAYLOAD_BYTES_MAX};

/// How a payload is to be read. Servers store and forward every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PayloadKind(pub u8);

impl PayloadKind {
    /// Events as [`encode_batch`] writes them, not encrypted.
    pub const PLAIN: PayloadKind = PayloadKind(1);
}

/// The key that a payload is encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyId(pub Uuid);

/// Consecutive events of one replica in one document. Everything but `payload` is the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedBatch {
    /// The group that the document belongs to. A document that is adopted by another group takes its
    /// batches along: this field is then set anew, the rest stays.
    pub group: GroupId,
    pub document: DocumentId,
    pub replica: ReplicaId,
    pub first_seq: u64,
    /// At least 1.
    pub count: u32,
    /// The clock of the last event: the highest one in the batch.
    pub last_lamport: u64,
    pub payload_kind: PayloadKind,
    pub key: Option<KeyId>,
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
}

impl SealedBatch {
    pub fn first(&self) -> EventId {
        EventId {
            replica: self.replica,
            seq: self.first_seq,
        }
    }

    pub fn last(&self) -> EventId {
        EventId {
            replica: self.replica,
            seq: self
                .first_seq
                .saturating_add(u64::from(self.count))
                .saturating_sub(1),
        }
    }

    /// Whether the envelope's numbers are possible at all, and the payload not too large.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn check_envelope(&self) -> Result<(), EnvelopeError> {
        let last = self.first_seq.checked_add(u64::from(self.count));
        let counted = last.is_some_and(|behind| behind <= COUNTER_MAX + 1);
        if self.first_seq == 0 || self.count == 0 || !counted {
            let (first, count) = (self.first_seq, self.count);
            return Err(EnvelopeError::Sequence { first, count });
        }
        if self.last_lamport > COUNTER_MAX {
            let found = self.last_lamport;
            return Err(EnvelopeError::Lamport { found });
        }
        let bytes = self.payload.len();
        if bytes > PAYLOAD_BYTES_MAX {
            let max = PAYLOAD_BYTES_MAX;
            return Err(EnvelopeError::PayloadTooLarge { bytes, max });
        }
        Ok(())
    }
}

/// Why an envelope cannot be right, whatever its payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("a batch cannot hold {count} events from {first} on")]
    Sequence { first: u64, count: u32 },
    #[error("Lamport clock {found} is too large")]
    Lamport { found: u64 },
    #[error("the payload takes {bytes} bytes, allowed are {max}")]
    PayloadTooLarge { bytes: usize, max: usize },
}

/// Why a batch does not give events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the batch is encrypted, or of payload kind {}, which this version cannot read", .kind.0)]
    UnknownPayload { kind: PayloadKind },
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("the payload is damaged: {0}")]
    Payload(#[from] DecodeError),
    #[error("the envelope says {envelope}, the payload {payload}")]
    Mismatch { envelope: String, payload: String },
}

/// Seals consecutive events of one replica.
///
/// # Errors
/// As [`encode_batch`].
pub fn seal(
    group: GroupId,
    document: DocumentId,
    events: &[Event],
) -> Result<SealedBatch, EncodeError> {
    let payload = encode_batch(events)?;
    Ok(envelope(group, document, events, payload))
}

/// Seals consecutive events of one replica as few batches as they fit in.
///
/// # Errors
/// As [`encode_batch`]; no events give no batches.
pub fn seal_all(
    group: GroupId,
    document: DocumentId,
    events: &[Event],
) -> Result<Vec<SealedBatch>, EncodeError> {
    let mut batches = Vec::new();
    let mut rest = events;
    while let Some((first, following)) = rest.split_first() {
        let mut encoder = Encoder::new(first)?;
        let mut taken = 1;
        for event in following {
            if !encoder.push_if_it_fits(event)? {
                break;
            }
            taken += 1;
        }
        let (batch, left) = rest.split_at(taken);
        batches.push(envelope(group, document, batch, encoder.finish()?));
        rest = left;
        if let (Some(last), Some(next)) = (batch.last(), rest.first()) {
            last_before(last, next)?;
        }
    }
    Ok(batches)
}

/// Batches of one replica follow each other as events in a batch do.
fn last_before(last: &Event, next: &Event) -> Result<(), EncodeError> {
    if next.id.replica != last.id.replica || next.id.seq != last.id.seq + 1 {
        return Err(EncodeError::NotConsecutive {
            previous: last.id,
            found: next.id,
        });
    }
    Ok(())
}

fn envelope(
    group: GroupId,
    document: DocumentId,
    events: &[Event],
    payload: Vec<u8>,
) -> SealedBatch {
    let (first, last) = (&events[0], &events[events.len() - 1]);
    SealedBatch {
        group,
        document,
        replica: first.id.replica,
        first_seq: first.id.seq,
        count: events.len() as u32,
        last_lamport: last.lamport,
        payload_kind: PayloadKind::PLAIN,
        key: None,
        payload,
    }
}

/// The events of a batch, when payload and envelope agree.
///
/// # Errors
/// [`OpenError`].
pub fn open(batch: &SealedBatch) -> Result<Vec<Event>, OpenError> {
    batch.check_envelope()?;
    if batch.payload_kind != PayloadKind::PLAIN || batch.key.is_some() {
        let kind = batch.payload_kind;
        return Err(OpenError::UnknownPayload { kind });
    }
    let events = decode_batch(&batch.payload)?;
    let content = events
        .last()
        .map(|last| (events[0].id, last.id, last.lamport));
    if content != Some((batch.first(), batch.last(), batch.last_lamport)) {
        return Err(OpenError::Mismatch {
            envelope: describe(batch.first(), batch.last(), batch.last_lamport),
            payload: content.map_or_else(String::new, |(first, last, lamport)| {
                describe(first, last, lamport)
            }),
        });
    }
    Ok(events)
}

fn describe(first: EventId, last: EventId, lamport: u64) -> String {
    format!("{first:?} to {} with clock {lamport}", last.seq)
}
