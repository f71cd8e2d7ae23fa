//! The columns of a segment and of the runs of events in it.

use rusqlite::Row;
use tideline_model::{DocumentId, ReplicaId};

use super::{Columns, check};
use crate::checksum::Checksum;
use crate::error::StoreError;

pub(crate) const SEGMENT_COLUMNS: &str = "id, first_batch, last_batch, batch_count, batch_sum, event_count, payload, created_at, checksum";
pub(crate) const RUN_COLUMNS: &str = "segment_id, replica, first_seq, count, checksum";

/// A segment as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredSegment {
    pub(crate) key: i64,
    pub(crate) first_batch: i64,
    pub(crate) last_batch: i64,
    pub(crate) batch_count: u64,
    pub(crate) batch_sum: i64,
    pub(crate) event_count: u64,
    pub(crate) payload: Vec<u8>,
    pub(crate) created_at: i64,
}

impl StoredSegment {
    /// Reads [`SEGMENT_COLUMNS`].
    pub(crate) fn read(row: &Row<'_>, document: DocumentId) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        let segment = Self {
            key: columns.next()?,
            first_batch: columns.next()?,
            last_batch: columns.next()?,
            batch_count: columns.number()?,
            batch_sum: columns.next()?,
            event_count: columns.number()?,
            payload: columns.next()?,
            created_at: columns.next()?,
        };
        check(columns.next()?, segment.checksum(document), || {
            let (first, last) = (segment.first_batch, segment.last_batch);
            format!("the segment of batches {first} to {last} of {document}")
        })?;
        Ok(segment)
    }

    pub(crate) fn checksum(&self, document: DocumentId) -> i64 {
        Checksum::of("segments")
            .bytes(document.0.as_bytes())
            .number(self.first_batch)
            .number(self.last_batch)
            .number(self.batch_count.cast_signed())
            .number(self.batch_sum)
            .number(self.event_count.cast_signed())
            .bytes(&self.payload)
            .number(self.created_at)
            .finish()
    }
}

/// Consecutive events of one replica in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Run {
    pub(crate) segment_key: i64,
    pub(crate) replica: ReplicaId,
    pub(crate) first_seq: u64,
    pub(crate) count: u64,
}

impl Run {
    /// Reads [`RUN_COLUMNS`].
    pub(crate) fn read(row: &Row<'_>, document: DocumentId) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        let run = Self {
            segment_key: columns.next()?,
            replica: ReplicaId(columns.uuid()?),
            first_seq: columns.number()?,
            count: columns.number()?,
        };
        check(columns.next()?, run.checksum(document), || {
            format!("the note of packed events of {document}")
        })?;
        Ok(run)
    }

    pub(crate) fn last_seq(self) -> u64 {
        self.first_seq.saturating_add(self.count).saturating_sub(1)
    }

    pub(crate) fn checksum(self, document: DocumentId) -> i64 {
        Checksum::of("segment_runs")
            .bytes(document.0.as_bytes())
            .number(self.segment_key)
            .bytes(self.replica.0.as_bytes())
            .number(self.first_seq.cast_signed())
            .number(self.count.cast_signed())
            .finish()
    }
}
