//! The history of a document: batches in rows and batches in segments, read as one, in the order in
//! which they came.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use rusqlite::ToSql;
use tideline_model::{DocumentId, Event, EventId, GroupId, ReplicaId, VersionVector};
use tideline_wire::SealedBatch;

use crate::error::StoreError;
use crate::rows::{
    BATCH_COLUMNS, RUN_COLUMNS, Run, SEGMENT_COLUMNS, StoredBatch, StoredDocument, StoredSegment,
    batch_checksum,
};
use crate::scope::Scope;
use crate::segment::{self, Packed};
use crate::table::{Named, Table, Visit};

#[expect(
    clippy::missing_errors_doc,
    reason = "every reading fails alike, as the type says"
)]
impl Scope<'_> {
    /// All batches of a document, each after those it builds on (the order in which they came); none
    /// for a document that is not in this group.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] also when one is missing, and [`StoreError::Destroyed`].
    pub fn batches(&self, document: DocumentId) -> Result<Vec<SealedBatch>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let batches = self.all_batches(&stored)?;
        Ok(batches.into_iter().map(|batch| batch.batch).collect())
    }

    /// All events of a document, each after its parents.
    ///
    /// # Errors
    /// As [`Scope::batches`], and [`StoreError::Unreadable`].
    pub fn events(&self, document: DocumentId) -> Result<Vec<Event>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let mut counted = Counted::default();
        let mut pieces = Vec::new();
        for segment in self.segments(&stored)? {
            counted.add(segment.batch_count, segment.batch_sum);
            pieces.push((segment.first_batch, events_in(&segment, self, &stored)?));
        }
        for batch in self.stored_batches(&stored, "TRUE ORDER BY batches.id", &[])? {
            counted.add(1, batch.checksum);
            pieces.push((batch.key, open_batch(&batch.batch)?));
        }
        counted.check(&stored)?;
        pieces.sort_by_key(|(key, _)| *key);
        let events: Vec<Event> = pieces.into_iter().flat_map(|(_, events)| events).collect();
        let numbers = events.iter().map(|event| (event.id, 1));
        check_numbers(document, numbers)?;
        Ok(events)
    }

    /// Some events of one replica, in order: those of `seqs` that are here. Reads no more of the
    /// history than holds them.
    pub fn events_of(
        &self,
        document: DocumentId,
        replica: ReplicaId,
        seqs: RangeInclusive<u64>,
    ) -> Result<Vec<Event>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let mut events = Vec::new();
        for run in self.runs_of(&stored, replica)? {
            if run.first_seq <= *seqs.end() && run.last_seq() >= *seqs.start() {
                let segment = self.segment(&stored, run.segment_key)?;
                events.extend(events_in(&segment, self, &stored)?);
            }
        }
        let (first, last) = (seqs.start().cast_signed(), seqs.end().cast_signed());
        let bytes = replica.0.as_bytes().as_slice();
        let named: [(&str, &dyn ToSql); 3] =
            [(":replica", &bytes), (":first", &first), (":last", &last)];
        let filter = "replica = :replica AND first_seq <= :last
             AND first_seq + count > :first ORDER BY first_seq";
        for batch in self.stored_batches(&stored, filter, &named)? {
            events.extend(open_batch(&batch.batch)?);
        }
        events.retain(|event| event.id.replica == replica && seqs.contains(&event.id.seq));
        events.sort_by_key(|event| event.id.seq);
        Ok(events)
    }

    /// One event, if it is here.
    pub fn event(&self, document: DocumentId, id: EventId) -> Result<Option<Event>, StoreError> {
        let mut found = self.events_of(document, id.replica, id.seq..=id.seq)?;
        Ok(found.pop())
    }

    /// The number of this replica's last event in a document; 0 before the first.
    pub fn last_seq(&self, document: DocumentId, replica: ReplicaId) -> Result<u64, StoreError> {
        match self.stored(document)? {
            Some(stored) => self.last_seq_in(&stored, replica),
            None => Ok(0),
        }
    }

    pub(crate) fn last_seq_in(
        &self,
        document: &StoredDocument,
        replica: ReplicaId,
    ) -> Result<u64, StoreError> {
        let bytes = replica.0.as_bytes().as_slice();
        let named: Named<'_> = &[(":document", &document.key), (":replica", &bytes)];
        let last: Option<i64> = self.rows().one(
            Table::Batches,
            "first_seq + count - 1",
            "document_id = :document AND replica = :replica ORDER BY first_seq DESC LIMIT 1",
            named,
            |row| Ok(row.get(0)?),
        )?;
        let packed = self.rows().one(
            Table::SegmentRuns,
            RUN_COLUMNS,
            "document_id = :document AND replica = :replica ORDER BY first_seq DESC LIMIT 1",
            named,
            |row| Run::read(row, document.row.id),
        )?;
        let packed = packed.map_or(0, Run::last_seq);
        Ok(last.unwrap_or(0).cast_unsigned().max(packed))
    }

    /// The checksum of the batch that begins with an event, if there is one.
    pub(crate) fn checksum_of_batch(
        &self,
        document: &StoredDocument,
        first: EventId,
    ) -> Result<Option<i64>, StoreError> {
        let replica = first.replica.0.as_bytes().as_slice();
        let stored = self.rows().one(
            Table::Batches,
            "checksum",
            "document_id = :document AND replica = :replica AND first_seq = :seq",
            &[
                (":document", &document.key),
                (":replica", &replica),
                (":seq", &first.seq.cast_signed()),
            ],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        if stored.is_some() {
            return Ok(stored);
        }
        let runs = self.runs_of(document, first.replica)?;
        let holds = |run: &&Run| (run.first_seq..=run.last_seq()).contains(&first.seq);
        let Some(run) = runs.iter().find(holds) else {
            return Ok(None);
        };
        let segment = self.segment(document, run.segment_key)?;
        let packed = self.batches_in(&segment, document)?;
        let found = packed.iter().find(|packed| packed.batch.first() == first);
        Ok(found.map(|packed| batch_checksum(&packed.batch)))
    }

    /// All batches with their keys, complete and in order.
    pub(crate) fn all_batches(
        &self,
        document: &StoredDocument,
    ) -> Result<Vec<StoredBatch>, StoreError> {
        let mut batches = self.stored_batches(document, "TRUE ORDER BY batches.id", &[])?;
        for segment in self.segments(document)? {
            let packed = self.batches_in(&segment, document)?;
            batches.extend(packed.into_iter().map(|packed| StoredBatch {
                key: packed.key,
                checksum: batch_checksum(&packed.batch),
                batch: packed.batch,
            }));
        }
        batches.sort_by_key(|batch| batch.key);
        let mut counted = Counted::default();
        for batch in &batches {
            counted.add(1, batch.checksum);
        }
        counted.check(document)?;
        let numbers = batches
            .iter()
            .map(|StoredBatch { batch, .. }| (batch.first(), batch.count));
        check_numbers(document.row.id, numbers)?;
        Ok(batches)
    }

    /// Whether as many batches are here as the document says that it has, without reading them.
    pub(crate) fn count_all(&self, document: &StoredDocument) -> Result<(), StoreError> {
        let mut counted = Counted::default();
        for (table, columns) in [
            (Table::Segments, "batch_count, batch_sum"),
            (Table::Batches, "1, checksum"),
        ] {
            let filter = "document_id = :document";
            let named: Named<'_> = &[(":document", &document.key)];
            self.rows().visit(table, columns, filter, named, |row| {
                counted.add(row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?);
                Ok(Visit::On)
            })?;
        }
        counted.check(document)
    }

    pub(crate) fn stored_batches(
        &self,
        document: &StoredDocument,
        filter: &str,
        named: Named<'_>,
    ) -> Result<Vec<StoredBatch>, StoreError> {
        let mut parameters = vec![(":document", &document.key as &dyn ToSql)];
        parameters.extend_from_slice(named);
        let filter = format!("document_id = :document AND {filter}");
        let (group, id) = (self.rows().group(), document.row.id);
        self.rows()
            .select(Table::Batches, BATCH_COLUMNS, &filter, &parameters, |row| {
                StoredBatch::read(row, group, id)
            })
    }

    /// The segments of a document, oldest first.
    pub(crate) fn segments(
        &self,
        document: &StoredDocument,
    ) -> Result<Vec<StoredSegment>, StoreError> {
        self.rows().select(
            Table::Segments,
            SEGMENT_COLUMNS,
            "document_id = :document ORDER BY first_batch",
            &[(":document", &document.key)],
            |row| StoredSegment::read(row, document.row.id),
        )
    }

    pub(crate) fn segment(
        &self,
        document: &StoredDocument,
        key: i64,
    ) -> Result<StoredSegment, StoreError> {
        let found = self.rows().one(
            Table::Segments,
            SEGMENT_COLUMNS,
            "id = :id AND document_id = :document",
            &[(":id", &key), (":document", &document.key)],
            |row| StoredSegment::read(row, document.row.id),
        )?;
        found.ok_or_else(|| StoreError::damaged(format!("a segment of {}", document.row.id)))
    }

    pub(crate) fn runs_of(
        &self,
        document: &StoredDocument,
        replica: ReplicaId,
    ) -> Result<Vec<Run>, StoreError> {
        let bytes = replica.0.as_bytes().as_slice();
        self.rows().select(
            Table::SegmentRuns,
            RUN_COLUMNS,
            "document_id = :document AND replica = :replica ORDER BY first_seq",
            &[(":document", &document.key), (":replica", &bytes)],
            |row| Run::read(row, document.row.id),
        )
    }

    /// The batches of a segment, as many as were packed.
    pub(crate) fn batches_in(
        &self,
        segment: &StoredSegment,
        document: &StoredDocument,
    ) -> Result<Vec<Packed>, StoreError> {
        batches_in(segment, self.rows().group(), document.row.id)
    }
}

pub(crate) fn batches_in(
    segment: &StoredSegment,
    group: GroupId,
    document: DocumentId,
) -> Result<Vec<Packed>, StoreError> {
    let packed = segment::unpack(&segment.payload, group, document)
        .map_err(|error| StoreError::damaged(format!("history of {document}: {error}")))?;
    if packed.len() as u64 != segment.batch_count {
        return Err(StoreError::damaged(format!(
            "a segment of {document} has {} batches, {} were packed",
            packed.len(),
            segment.batch_count
        )));
    }
    Ok(packed)
}

pub(crate) fn events_in(
    segment: &StoredSegment,
    scope: &Scope<'_>,
    document: &StoredDocument,
) -> Result<Vec<Event>, StoreError> {
    let id = document.row.id;
    let events = segment::events(&segment.payload, scope.rows().group(), id);
    let events = events.map_err(|error| match error {
        segment::OpenError::Batch(error) => unreadable(id, &error),
        malformed @ segment::OpenError::Malformed(_) => StoreError::damaged(malformed.to_string()),
    })?;
    if events.len() as u64 != segment.event_count {
        return Err(StoreError::damaged(format!(
            "a segment of {id} has {} events, {} were packed",
            events.len(),
            segment.event_count
        )));
    }
    Ok(events)
}

pub(crate) fn open_batch(batch: &SealedBatch) -> Result<Vec<Event>, StoreError> {
    tideline_wire::open(batch).map_err(|error| unreadable(batch.document, &error))
}

fn unreadable(document: DocumentId, error: &tideline_wire::OpenError) -> StoreError {
    StoreError::Unreadable {
        document,
        reason: error.to_string(),
    }
}

/// Batches that were found, against those that a document says it has.
#[derive(Default)]
struct Counted {
    batches: u64,
    sum: i64,
}

impl Counted {
    fn add(&mut self, batches: u64, sum: i64) {
        self.batches += batches;
        self.sum = self.sum.wrapping_add(sum);
    }

    fn check(&self, document: &StoredDocument) -> Result<(), StoreError> {
        if (self.batches, self.sum) == (document.batch_count, document.batch_sum) {
            return Ok(());
        }
        let (found, stored) = (self.batches, document.batch_count);
        let id = document.row.id;
        Err(StoreError::damaged(format!(
            "{found} batches of {id} are found, {stored} were stored"
        )))
    }
}

/// The numbers of each replica's events have no gaps.
fn check_numbers(
    document: DocumentId,
    found: impl Iterator<Item = (EventId, u32)>,
) -> Result<(), StoreError> {
    check_numbers_from(document, &VersionVector::default(), found)
}

/// The same behind a version.
pub(crate) fn check_numbers_from(
    document: DocumentId,
    version: &VersionVector,
    found: impl Iterator<Item = (EventId, u32)>,
) -> Result<(), StoreError> {
    let mut next: HashMap<ReplicaId, u64> = HashMap::new();
    for (first, count) in found {
        let replica = first.replica;
        let expected = next
            .entry(replica)
            .or_insert_with(|| version.get(replica) + 1);
        if first.seq != *expected {
            return Err(StoreError::damaged(format!(
                "{document} has event {first:?} where number {expected} is due"
            )));
        }
        *expected += u64::from(count);
    }
    Ok(())
}
