//! The codec for events: consecutive events of one replica in one document, as one piece of bytes
//! that shares what repeats. `docs/protocol.md` describes the layout.
//!
//! Knows nothing of envelopes, encryption or messages. Decoding trusts nothing: it checks every
//! bound, and its memory stays a small multiple of its input.

mod bytes;
mod decode;
mod encode;
#[cfg(test)]
mod tests;

use tideline_model::{Event, EventId};

pub(crate) use encode::Encoder;

/// The first byte of every batch.
pub const FORMAT_VERSION: u8 = 1;

/// Numbers of the kinds of changes. A number is never used again for something else; a kind added
/// later writes its ids in full, so that who does not know it can carry its bytes into another batch.
mod kind {
    pub const CREATE_LINES: u32 = 1;
    pub const EDIT_TEXT: u32 = 2;
    pub const SPLIT: u32 = 3;
    pub const JOIN: u32 = 4;
    pub const MOVE: u32 = 5;
    pub const MOVE_BACK: u32 = 6;
    pub const SET_KIND: u32 = 7;
    pub const SET_PROPERTY: u32 = 8;
    pub const ADD_TAG: u32 = 9;
    pub const REMOVE_TAG: u32 = 10;
    pub const DELETE_LINES: u32 = 11;
    pub const RESTORE: u32 = 12;
    pub const UNDELETE_TEXT: u32 = 13;
    pub const KEEP: u32 = 14;
    pub const SET_TITLE: u32 = 15;
    pub const DELETE_AGAIN: u32 = 16;
    pub const UNDOES: u32 = 17;
    pub const BEGINS: u32 = 18;
    pub const CONTINUES: u32 = 19;

    pub fn is_known(kind: u32) -> bool {
        (CREATE_LINES..=CONTINUES).contains(&kind)
    }
}

/// Bits of the byte that opens an event.
mod flag {
    pub const SAME_AUTHOR: u8 = 1;
    /// The parents are the replica's previous event and nothing else.
    pub const FOLLOWS_OWN: u8 = 2;
    /// The Lamport clock is one more than in the event before.
    pub const NEXT_LAMPORT: u8 = 4;
    pub const ONE_CHANGE: u8 = 8;
    pub const ALL: u8 = SAME_AUTHOR | FOLLOWS_OWN | NEXT_LAMPORT | ONE_CHANGE;
}

/// Tags of kinds of lines. One that is added later is written as [`line_kind::OTHER`] with its name,
/// which older versions keep.
mod line_kind {
    pub const TEXT: u8 = 0;
    pub const HEADING_1: u8 = 1;
    pub const HEADING_3: u8 = 3;
    pub const TODO_OPEN: u8 = 4;
    pub const TODO_STARTED: u8 = 5;
    pub const TODO_WAITING: u8 = 6;
    pub const TODO_DONE: u8 = 7;
    pub const TODO_CANCELLED: u8 = 8;
    pub const BULLET: u8 = 9;
    pub const NUMBERED: u8 = 10;
    pub const QUOTE: u8 = 11;
    pub const CODE: u8 = 12;
    pub const COMMENT: u8 = 13;
    pub const DIVIDER: u8 = 14;
    pub const OTHER: u8 = 15;
    /// Added later.
    pub const TABLE: &str = "table";
}

/// What a slot hangs from; the lowest bit of the byte says on which side.
mod slot_origin {
    pub const START: u8 = 0;
    pub const OWN: u8 = 1;
    pub const SLOT: u8 = 2;
}

/// Tags of property values. A value of another type comes with a change kind of its own.
mod value {
    pub const NONE: u8 = 0;
    pub const TEXT: u8 = 1;
    pub const INTEGER: u8 = 2;
    pub const FALSE: u8 = 3;
    pub const TRUE: u8 = 4;
    pub const LIST: u8 = 5;
}

/// Why events cannot be written as one batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("a batch needs at least one event")]
    Empty,
    #[error("no replica has the id that is all zeros")]
    NilReplica,
    #[error("event {found:?} cannot follow {previous:?} in a batch: not the replica's next event")]
    NotConsecutive { previous: EventId, found: EventId },
    #[error("event {event:?} has Lamport clock {found}, which is not behind {previous}")]
    ClockRunsBack {
        event: EventId,
        previous: u64,
        found: u64,
    },
    #[error("event {event:?} has {found} as {what}, allowed are {min} to {max}")]
    OutOfRange {
        event: EventId,
        what: &'static str,
        found: u64,
        min: u64,
        max: u64,
    },
    #[error("event {event:?} names change kind {kind} as unknown, but it is known")]
    KnownKind { event: EventId, kind: u32 },
    #[error("event {event:?} has a property value nested deeper than {max} lists")]
    TooDeep { event: EventId, max: usize },
    #[error("event {event:?} names {parent:?} as a parent, which cannot come before it")]
    ImpossibleParent { event: EventId, parent: EventId },
    #[error("event {event:?} takes {bytes} bytes, an event may take {max}: split it")]
    EventTooLarge {
        event: EventId,
        bytes: usize,
        max: usize,
    },
    #[error("the batch takes {bytes} bytes, a batch may take {max}: make several")]
    BatchTooLarge { bytes: usize, max: usize },
}

/// Why bytes are not a batch. `at` counts bytes from the start of the batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("batch format {found} is newer than {known}, the newest this version reads")]
    NewerFormat { found: u8, known: u8 },
    #[error("batch format 0 does not exist")]
    NoFormat,
    #[error("the batch is {bytes} bytes long, allowed are {max}")]
    TooLarge { bytes: usize, max: usize },
    #[error("the batch ends at byte {at}, {missing} more were announced")]
    Truncated { at: usize, missing: u64 },
    #[error("number at byte {at} is not written in its shortest form, or too large")]
    BadNumber { at: usize },
    #[error("{what} at byte {at} is {found}, allowed are {min} to {max}")]
    OutOfRange {
        at: usize,
        what: &'static str,
        found: u64,
        min: u64,
        max: u64,
    },
    #[error("{what} at byte {at} has the unknown tag {tag}")]
    UnknownTag {
        at: usize,
        what: &'static str,
        tag: u64,
    },
    #[error("text at byte {at} is not UTF-8")]
    NotUtf8 { at: usize },
    #[error("{left} bytes are left over at byte {at}")]
    LeftOver { at: usize, left: usize },
    #[error("byte {at} refers to something that has not been named before")]
    UnknownReference { at: usize },
    #[error("value at byte {at} is nested deeper than {max} lists")]
    TooDeep { at: usize, max: usize },
    #[error("event {event:?} names {parent:?} as a parent, which cannot come before it")]
    ImpossibleParent { event: EventId, parent: EventId },
    #[error("the batch holds no event")]
    Empty,
    #[error("no replica has the id that is all zeros")]
    NilReplica,
}

/// Writes consecutive events of one replica in one document.
///
/// # Errors
/// [`EncodeError`] when they are not consecutive, not in clock order, or too large.
pub fn encode_batch(events: &[Event]) -> Result<Vec<u8>, EncodeError> {
    let (first, rest) = events.split_first().ok_or(EncodeError::Empty)?;
    let mut encoder = Encoder::new(first)?;
    for event in rest {
        encoder.push(event)?;
    }
    encoder.finish()
}

/// Reads what [`encode_batch`] wrote.
///
/// # Errors
/// [`DecodeError`], and nothing is returned of what came before the fault.
pub fn decode_batch(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    decode::decode(bytes)
}

/// The bytes of `event` in a batch of its own: never less than what it takes in a larger batch.
///
/// # Errors
/// As [`encode_batch`].
pub fn encoded_event_bytes(event: &Event) -> Result<usize, EncodeError> {
    Encoder::new(event)?.finish().map(|bytes| bytes.len())
}
