//! A commit: everything that must reach the disk together, for one document.

use crate::sealed::SealedBatch;
use tideline_model::{DocumentId, GroupId, LineId, ReplicaId};

use crate::rows::LineRow;

/// Where a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Written here by the current replica: goes to the outbox.
    Local,
    /// From the server.
    Remote,
    /// Written by this folder under an earlier replica id, or read from a salvaged file: goes to the
    /// outbox.
    Salvaged,
}

/// Whether a document is in the list or in the bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    Deleted,
    Restored,
}

/// One transaction on one document, which the first commit creates.
#[derive(Debug, Clone)]
pub struct Commit {
    pub group: GroupId,
    pub document: DocumentId,
    /// In causal order. A batch that is stored already is passed over.
    pub batches: Vec<(Origin, SealedBatch)>,
    pub cursor: Option<u64>,
    /// The server has these replicas' events up to and including the number.
    pub acked: Vec<(ReplicaId, u64)>,
    pub title: Option<String>,
    pub folder: Option<String>,
    pub deletion: Option<Deletion>,
    /// `Document::hash` with these batches applied.
    pub hash: Option<u128>,
    /// Lines that appeared, changed or moved, in display order (a parent before its children, a
    /// sibling before the next).
    pub rows: Vec<LineRow>,
    /// Lines that are no longer displayed.
    pub removed: Vec<LineId>,
    pub now_ms: i64,
}

impl Commit {
    /// A commit that changes nothing yet, to be filled in.
    pub fn new(group: GroupId, document: DocumentId, now_ms: i64) -> Self {
        Self {
            group,
            document,
            batches: Vec::new(),
            cursor: None,
            acked: Vec::new(),
            title: None,
            folder: None,
            deletion: None,
            hash: None,
            rows: Vec::new(),
            removed: Vec::new(),
            now_ms,
        }
    }
}
