//! What can go wrong on disk, with the facts a person needs.

use std::path::PathBuf;

use tideline_model::{DocumentId, GroupId, LineId, ReplicaId};

/// Why a data folder cannot be used. The text says what happened, what is safe, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("placeholder")]
    Placeholder { folder: PathBuf },
}

/// Why something could not be read, or could not be written outside a commit.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database is damaged: {what}")]
    Damaged { what: String },
    #[error("the disk is full")]
    DiskFull,
    #[error("the disk reports an error: {what}")]
    Disk { what: String },
    #[error("{document} was deleted, and its contents have been destroyed")]
    Destroyed { document: DocumentId },
    #[error("{group} is not known here")]
    UnknownGroup { group: GroupId },
    #[error("{0}")]
    Sqlite(rusqlite::Error),
}

/// Why a commit was not stored. Nothing of it has been stored then.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Trouble with the disk, not with the commit: the same commit may succeed later.
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{document} belongs to another group than {group}")]
    OtherGroup {
        document: DocumentId,
        group: GroupId,
    },
    /// An event before `first_seq` has not arrived.
    #[error("event {first_seq} of {replica} came before event {expected} in {document}")]
    Gap {
        document: DocumentId,
        replica: ReplicaId,
        first_seq: u64,
        expected: u64,
    },
    /// The same sequence numbers stand for something else here: two writers used one replica id.
    #[error("event {first_seq} of {replica} in {document} is known with other contents")]
    Conflict {
        document: DocumentId,
        replica: ReplicaId,
        first_seq: u64,
    },
    /// A local batch carries a replica id that is not (or no longer) this replica's.
    #[error("{replica} is not this replica, which is {ours}")]
    NotOurs { replica: ReplicaId, ours: ReplicaId },
    #[error("{line} is not known")]
    UnknownLine { line: LineId },
}
