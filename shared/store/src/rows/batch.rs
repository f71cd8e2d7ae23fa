//! The columns of a batch.

use rusqlite::Row;
use tideline_model::{DocumentId, GroupId, ReplicaId};
use tideline_wire::{KeyId, PayloadKind, SealedBatch};

use super::{Columns, check};
use crate::checksum::Checksum;
use crate::error::StoreError;

pub(crate) const BATCH_COLUMNS: &str = "id, replica, first_seq, count, last_lamport, \
     payload_kind, key_guid, payload, checksum";

/// A batch with what only the store needs to know of it.
#[derive(Debug, Clone)]
pub(crate) struct StoredBatch {
    pub(crate) key: i64,
    pub(crate) batch: SealedBatch,
    pub(crate) checksum: i64,
}

impl StoredBatch {
    /// Reads [`BATCH_COLUMNS`].
    pub(crate) fn read(
        row: &Row<'_>,
        group: GroupId,
        document: DocumentId,
    ) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        let key = columns.next()?;
        let batch = SealedBatch {
            group,
            document,
            replica: ReplicaId(columns.uuid()?),
            first_seq: columns.number()?,
            count: columns.next()?,
            last_lamport: columns.number()?,
            payload_kind: PayloadKind(columns.next()?),
            key: columns.maybe_uuid()?.map(KeyId),
            payload: columns.next()?,
        };
        let checksum = columns.next()?;
        check(checksum, batch_checksum(&batch), || {
            format!("batch {:?} of {document}", batch.first())
        })?;
        Ok(Self {
            key,
            batch,
            checksum,
        })
    }
}

/// Leaves the group out: a document that is adopted takes its batches along as they are.
pub(crate) fn batch_checksum(batch: &SealedBatch) -> i64 {
    Checksum::of("batches")
        .bytes(batch.document.0.as_bytes())
        .bytes(batch.replica.0.as_bytes())
        .number(batch.first_seq.cast_signed())
        .number(batch.count.into())
        .number(batch.last_lamport.cast_signed())
        .number(batch.payload_kind.0.into())
        .maybe_bytes(batch.key.as_ref().map(|key| key.0.as_bytes().as_slice()))
        .bytes(&batch.payload)
        .finish()
}

/// The same for the same batch on every machine.
pub(crate) fn batch_guid(batch: &SealedBatch) -> String {
    let name = Checksum::of("batch guid")
        .bytes(batch.document.0.as_bytes())
        .bytes(batch.replica.0.as_bytes())
        .number(batch.first_seq.cast_signed());
    format!("batch_{:032x}", name.finish_wide())
}
