//! A document as bytes and back: what its events add up to, so that opening it need not work them
//! in again. Derived data: who reads it must have the events, and works in those behind it.
//!
//! Knows nothing of where the bytes are kept.

use std::cell::RefCell;

use xxhash_rust::xxh3::xxh3_128;

use crate::bytes::{Damaged, Reader};
use crate::display::Display;
use crate::document::Document;
use crate::hash::Sums;
use crate::id::DocumentId;
use crate::patch::Patch;
use crate::state::State;

/// What the bytes begin with. Its number changes with whatever is written behind it, and with the
/// rules by which events are worked in.
const MAGIC: &[u8; 16] = b"tideline saved 1";
const CHECKSUM_BYTES: usize = 16;

/// Why bytes are not a saved document. Its events give it all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    #[error("they were written by another version of Tideline")]
    OtherVersion,
    #[error("they are of another document")]
    OtherDocument,
    #[error("they are damaged")]
    Damaged,
}

impl From<Damaged> for SavedError {
    fn from(_: Damaged) -> Self {
        Self::Damaged
    }
}

impl Document {
    /// The document as bytes; `None` while an event that was refused has left something half told.
    pub fn to_saved(&self) -> Option<Vec<u8>> {
        if self.pending != Patch::default() || !self.state.is_settled() {
            return None;
        }
        // Works out the sums that are missing.
        self.hash();
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; CHECKSUM_BYTES]);
        bytes.extend_from_slice(self.id.0.as_bytes());
        self.state.write(&mut bytes);
        self.display.write(&self.state, &mut bytes);
        self.sums.borrow().write(&mut bytes);
        let body = MAGIC.len() + CHECKSUM_BYTES;
        let checksum = xxh3_128(&bytes[body..]).to_le_bytes();
        bytes[MAGIC.len()..body].copy_from_slice(&checksum);
        Some(bytes)
    }

    /// The document that [`Document::to_saved`] wrote, as it was then.
    ///
    /// # Errors
    /// [`SavedError`]: the events must be replayed.
    pub fn from_saved(id: DocumentId, bytes: &[u8]) -> Result<Self, SavedError> {
        let (magic, rest) = bytes
            .split_first_chunk::<{ MAGIC.len() }>()
            .ok_or(SavedError::Damaged)?;
        if magic != MAGIC {
            return Err(SavedError::OtherVersion);
        }
        let (checksum, body) = rest
            .split_first_chunk::<CHECKSUM_BYTES>()
            .ok_or(SavedError::Damaged)?;
        if xxh3_128(body).to_le_bytes() != *checksum {
            return Err(SavedError::Damaged);
        }
        let mut reader = Reader::new(body);
        if reader.take(16)? != id.0.as_bytes() {
            return Err(SavedError::OtherDocument);
        }
        let mut state = State::read(&mut reader)?;
        let display = Display::read(&mut state, &mut reader)?;
        let sums = RefCell::new(Sums::read(&mut reader)?);
        Ok(Self {
            id,
            state,
            display,
            pending: Patch::default(),
            sums,
            at_hand: RefCell::default(),
        })
    }
}
