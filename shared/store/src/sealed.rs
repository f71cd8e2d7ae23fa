//! Stand-in for `tideline_wire::SealedBatch` until that lands.

use tideline_model::{DocumentId, ReplicaId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBatch {
    pub document: DocumentId,
    pub replica: ReplicaId,
    pub first_seq: u64,
    pub count: u32,
    pub last_lamport: u64,
    pub payload_kind: u8,
    pub key: u32,
    pub payload: Vec<u8>,
}
