//! The log of batches: what the server promises to keep. The trait is all that the rest of the server
//! knows of it.

mod appender;
mod readers;
mod sqlite;

use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};
use tideline_wire::{BatchId, Cursor, DocumentHead, RefusalCode, SealedBatch};
use tokio::sync::OwnedSemaphorePermit;

use crate::database::DatabaseError;

pub use appender::{Appender, AppenderHandle, Committed};
pub use readers::Readers;
pub use sqlite::SqliteLog;

/// A batch that somebody wants to have kept.
#[derive(Debug)]
pub struct Push {
    /// Whom to answer.
    pub connection: u64,
    pub batch_id: BatchId,
    pub user: UserId,
    pub batch: SealedBatch,
    /// Room in queues, given back when the push has been dealt with.
    pub permits: Vec<OwnedSemaphorePermit>,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// New, and part of the transaction.
    Stored(Cursor),
    /// The same bytes were there before.
    Known(Cursor),
    Refused(Refusal),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: RefusalCode,
    pub reason: String,
}

/// Where a document ends, for somebody who begins to follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub head: Cursor,
    /// The last event of the asker's replica.
    pub replica_seq: u64,
}

/// Batches behind a cursor, and the head at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub batches: Vec<(Cursor, SealedBatch)>,
    pub head: Cursor,
}

/// Keeps batches in order. Every call names the user, and shows nothing that the user may not see.
pub trait Log {
    /// Appends in one transaction, in the order given: when this returns, everything that was
    /// [`Outcome::Stored`] is on disk. One outcome for each push.
    ///
    /// # Errors
    /// [`DatabaseError`]; nothing was stored then.
    fn append(&mut self, pushes: &[Push]) -> Result<Vec<Outcome>, DatabaseError>;

    /// `None` when the user may not see the document. One that does not exist yet in a group of the
    /// user is at its start.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn position(
        &mut self,
        user: UserId,
        group: GroupId,
        document: DocumentId,
        replica: ReplicaId,
    ) -> Result<Option<Position>, DatabaseError>;

    /// `None` as in [`Log::position`].
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn page(
        &mut self,
        user: UserId,
        group: GroupId,
        document: DocumentId,
        after: Cursor,
    ) -> Result<Option<Page>, DatabaseError>;

    /// The documents of all groups that the user is in.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn documents(&mut self, user: UserId) -> Result<Vec<DocumentHead>, DatabaseError>;
}
