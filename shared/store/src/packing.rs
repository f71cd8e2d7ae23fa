//! Moves settled batches from rows into segments, a parcel at a time. A parcel is made from what a
//! reader sees, away from the writer; putting it in place is one short transaction that changes
//! nothing of what the history says. Packed batches can be unpacked again.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tideline_model::{DocumentId, GroupId, ReplicaId};
use uuid::Uuid;

use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::identity::load_groups;
use crate::rows::{
    BATCH_COLUMNS, GroupHome, GroupRow, RUN_COLUMNS, Run, StoredBatch, StoredDocument,
    StoredSegment, batch_checksum, batch_guid,
};
use crate::scope::Scope;
use crate::segment::{self, Packed};
use crate::table::{Rows, Table, Visit};

/// A segment holds no more events than are quickly read for one of them.
const EVENTS_MAX: u64 = 1 << 16;
/// And no more bytes, counted before they are packed.
const BYTES_MAX: usize = 1024 * 1024;
/// Segments are packed once more only as long as they stay this small.
const MERGED_BYTES_MAX: usize = 128 * 1024;
/// Batches that one transaction moves.
const BATCHES_MAX: i64 = 4096;

/// When packing is worth it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    /// So many settled batches of a document, or
    pub batches_min: usize,
    /// so many bytes in them.
    pub bytes_min: usize,
}

impl Default for Packing {
    fn default() -> Self {
        Self {
            batches_min: 256,
            bytes_min: 256 * 1024,
        }
    }
}

/// A segment that is ready to take the place of batches and smaller segments.
#[derive(Debug)]
pub struct Parcel {
    group: GroupId,
    document: DocumentId,
    segment: StoredSegment,
    runs: Vec<(ReplicaId, u64, u64)>,
    /// Segments that it takes the place of.
    replaced: Vec<i64>,
    /// What the rows said that it takes the place of.
    fingerprint: i64,
}

/// A parcel of some document, if there is one worth packing. Only reads.
pub(crate) fn next(
    connection: &Connection,
    packing: Packing,
    now_ms: i64,
) -> Result<Option<Parcel>, StoreError> {
    for group in load_groups(connection)? {
        let scope = Scope::new(connection, group.id);
        for document in scope.stored_documents("destroyed_at IS NULL ORDER BY id", &[])? {
            if count_rows(&scope, &document)? > 1
                && let Some(parcel) = of_document(&scope, &group, &document, packing, now_ms)?
            {
                return Ok(Some(parcel));
            }
        }
    }
    Ok(None)
}

fn count_rows(scope: &Scope<'_>, document: &StoredDocument) -> Result<u64, StoreError> {
    let counts = scope.rows().one(
        Table::Batches,
        "count(*)",
        "document_id = :document",
        &[(":document", &document.key)],
        |row| Ok(row.get::<_, i64>(0)?),
    )?;
    Ok(counts.unwrap_or(0).cast_unsigned())
}

fn of_document(
    scope: &Scope<'_>,
    group: &GroupRow,
    document: &StoredDocument,
    packing: Packing,
    now_ms: i64,
) -> Result<Option<Parcel>, StoreError> {
    let segments = scope.segments(document)?;
    let mut rows = settled_rows(scope, group, document, &segments)?;
    let bytes: usize = rows.iter().map(|row| row.batch.payload.len()).sum();
    if rows.len() < packing.batches_min.max(1) && bytes < packing.bytes_min {
        return Ok(None);
    }
    let fingerprint = fingerprint_of(&rows);
    let first_key = rows.first().map_or(0, |row| row.key);
    let mut replaced = Vec::new();
    for segment in mergeable(&segments, first_key, events_of(&rows)) {
        replaced.push(segment.key);
        let mut earlier = scope.batches_in(segment, document)?;
        earlier.append(&mut rows);
        rows = earlier;
    }
    let Some(payload) = segment::pack(&rows) else {
        tracing::error!(document = %document.row.id, "history would not come out as it went in");
        return Ok(None);
    };
    let sum = |sum: i64, row: &Packed| sum.wrapping_add(batch_checksum(&row.batch));
    let segment = StoredSegment {
        key: 0,
        first_batch: rows.first().map_or(0, |row| row.key),
        last_batch: rows.last().map_or(0, |row| row.key),
        batch_count: rows.len() as u64,
        batch_sum: rows.iter().fold(0, sum),
        event_count: events_of(&rows),
        payload,
        created_at: now_ms,
    };
    Ok(Some(Parcel {
        group: group.id,
        document: document.row.id,
        segment,
        runs: runs_in(&rows),
        replaced,
        fingerprint,
    }))
}

/// The first settled batches of a document that no segment stands between. Its last batch stays a
/// row, so that ids of rows keep ascending. Reads no more than it takes.
fn settled_rows(
    scope: &Scope<'_>,
    group: &GroupRow,
    document: &StoredDocument,
    segments: &[StoredSegment],
) -> Result<Vec<Packed>, StoreError> {
    let last = last_row(scope, document)?;
    let (mut taken, mut events, mut bytes): (Vec<Packed>, _, _) = (Vec::new(), 0, 0);
    visit_rows(scope, document, i64::MIN, last - 1, |row| {
        let settled = group.home == GroupHome::Local || !row.written_here || row.acked;
        let between = |segment: &StoredSegment| {
            taken
                .first()
                .is_some_and(|first| first.key < segment.first_batch)
                && segment.first_batch < row.key
        };
        if !settled || segments.iter().any(between) {
            return if taken.is_empty() {
                Visit::On
            } else {
                Visit::Enough
            };
        }
        events += u64::from(row.batch.count);
        bytes += row.batch.payload.len();
        if !taken.is_empty() && (events > EVENTS_MAX || bytes > BYTES_MAX) {
            return Visit::Enough;
        }
        taken.push(row);
        Visit::On
    })?;
    Ok(taken)
}

fn last_row(scope: &Scope<'_>, document: &StoredDocument) -> Result<i64, StoreError> {
    let last = scope.rows().one(
        Table::Batches,
        "id",
        "document_id = :document ORDER BY id DESC LIMIT 1",
        &[(":document", &document.key)],
        |row| Ok(row.get(0)?),
    )?;
    Ok(last.unwrap_or(0))
}

fn visit_rows(
    scope: &Scope<'_>,
    document: &StoredDocument,
    from: i64,
    to: i64,
    mut visit: impl FnMut(Packed) -> Visit,
) -> Result<(), StoreError> {
    let columns = format!("{BATCH_COLUMNS}, origin = 0, acked_at IS NOT NULL");
    let (group, id) = (scope.rows().group(), document.row.id);
    scope.rows().visit(
        Table::Batches,
        &columns,
        "document_id = :document AND id BETWEEN :from AND :to ORDER BY id LIMIT :limit",
        &[
            (":document", &document.key),
            (":from", &from),
            (":to", &to),
            (":limit", &BATCHES_MAX),
        ],
        |row| {
            let StoredBatch { key, batch, .. } = StoredBatch::read(row, group, id)?;
            Ok(visit(Packed {
                key,
                written_here: row.get(9)?,
                acked: row.get(10)?,
                batch,
            }))
        },
    )
}

/// Segments directly before the rows that are small enough to be packed once more with them, newest
/// first: each event is packed anew only as often as its segment doubles.
fn mergeable(
    segments: &[StoredSegment],
    first_key: i64,
    mut events: u64,
) -> impl Iterator<Item = &StoredSegment> {
    let before = segments.iter().rev();
    let mut bytes = 0;
    before
        .skip_while(move |segment| segment.last_batch > first_key)
        .take_while(move |segment| {
            let grows = segment.event_count <= 2 * events;
            events += segment.event_count;
            bytes += segment.payload.len();
            grows && events <= EVENTS_MAX && bytes <= MERGED_BYTES_MAX
        })
}

fn events_of(rows: &[Packed]) -> u64 {
    rows.iter().map(|row| u64::from(row.batch.count)).sum()
}

/// The events of each replica: first number and count.
fn runs_in(rows: &[Packed]) -> Vec<(ReplicaId, u64, u64)> {
    let mut runs: BTreeMap<ReplicaId, (u64, u64)> = BTreeMap::new();
    for Packed { batch, .. } in rows {
        let first = batch.first_seq;
        let run = runs.entry(batch.replica).or_insert((first, 0));
        run.1 += u64::from(batch.count);
    }
    let runs = runs.into_iter();
    runs.map(|(replica, (first, count))| (replica, first, count))
        .collect()
}

/// Covers everything that a segment keeps of rows.
fn fingerprint_of(rows: &[Packed]) -> i64 {
    let start = Checksum::of("parcel").number((rows.len() as u64).cast_signed());
    let sum = rows.iter().fold(start, |sum, row| {
        sum.number(row.key)
            .number(i64::from(row.written_here))
            .number(i64::from(row.acked))
            .number(batch_checksum(&row.batch))
    });
    sum.finish()
}

/// Puts a parcel in place of its batches, inside a transaction that the caller began. Says whether it
/// still fitted.
pub(crate) fn put(connection: &Connection, parcel: &Parcel) -> Result<bool, StoreError> {
    let scope = Scope::new(connection, parcel.group);
    let Some(document) = scope.stored(parcel.document)? else {
        return Ok(false);
    };
    let segment = &parcel.segment;
    let mut rows = Vec::new();
    let (first, last) = (segment.first_batch, segment.last_batch);
    visit_rows(&scope, &document, first, last, |row| {
        rows.push(row);
        Visit::On
    })?;
    let still_there = |key: &i64| scope.segment(&document, *key).is_ok();
    if document.row.destroyed_ms.is_some()
        || fingerprint_of(&rows) != parcel.fingerprint
        || !parcel.replaced.iter().all(still_there)
    {
        return Ok(false);
    }
    insert(scope.rows(), &document, parcel)?;
    for &key in &parcel.replaced {
        remove_segment(scope.rows(), key)?;
    }
    scope.rows().delete(
        Table::Batches,
        "document_id = :document AND id BETWEEN :first AND :last",
        &[
            (":document", &document.key),
            (":first", &segment.first_batch),
            (":last", &segment.last_batch),
        ],
    )?;
    Ok(true)
}

fn insert(rows: &Rows<'_>, document: &StoredDocument, parcel: &Parcel) -> Result<(), StoreError> {
    let segment = &parcel.segment;
    let segment_key = rows.insert(
        Table::Segments,
        &[
            (":guid", &format!("segment_{}", Uuid::now_v7().simple())),
            (":document_id", &document.key),
            (":first_batch", &segment.first_batch),
            (":last_batch", &segment.last_batch),
            (":batch_count", &segment.batch_count.cast_signed()),
            (":batch_sum", &segment.batch_sum),
            (":event_count", &segment.event_count.cast_signed()),
            (":payload", &segment.payload),
            (":created_at", &segment.created_at),
            (":updated_at", &segment.created_at),
            (":checksum", &segment.checksum(document.row.id)),
        ],
    )?;
    for &(replica, first_seq, count) in &parcel.runs {
        let run = Run {
            segment_key,
            replica,
            first_seq,
            count,
        };
        rows.insert(
            Table::SegmentRuns,
            &[
                (":document_id", &document.key),
                (":segment_id", &segment_key),
                (":replica", &replica.0.as_bytes().as_slice()),
                (":first_seq", &first_seq.cast_signed()),
                (":count", &count.cast_signed()),
                (":checksum", &run.checksum(document.row.id)),
            ],
        )?;
    }
    Ok(())
}

fn remove_segment(rows: &Rows<'_>, key: i64) -> Result<(), StoreError> {
    let named: [(&str, &dyn rusqlite::ToSql); 1] = [(":segment", &key)];
    rows.delete(Table::SegmentRuns, "segment_id = :segment", &named)?;
    rows.delete(Table::Segments, "id = :segment", &named)?;
    Ok(())
}

/// Which segments to unpack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    /// Those with events of this replica behind the number.
    Behind(ReplicaId, u64),
}

/// Makes rows of packed batches again, as they were: before their acknowledgement is taken back.
pub(crate) fn unpack(
    scope: &Scope<'_>,
    document: &StoredDocument,
    which: Which,
) -> Result<(), StoreError> {
    let keys: Option<Vec<i64>> = match which {
        Which::All => None,
        Which::Behind(replica, last) => {
            let runs = scope.runs_of(document, replica)?.into_iter();
            let behind = runs.filter(|run| run.last_seq() > last);
            Some(behind.map(|run| run.segment_key).collect())
        }
    };
    for segment in scope.segments(document)? {
        if keys.as_ref().is_none_or(|keys| keys.contains(&segment.key)) {
            for packed in scope.batches_in(&segment, document)? {
                insert_row(scope.rows(), document, &segment, &packed)?;
            }
            remove_segment(scope.rows(), segment.key)?;
        }
    }
    Ok(())
}

fn insert_row(
    rows: &Rows<'_>,
    document: &StoredDocument,
    segment: &StoredSegment,
    packed: &Packed,
) -> Result<(), StoreError> {
    let batch = &packed.batch;
    rows.insert(
        Table::Batches,
        &[
            (":id", &packed.key),
            (":guid", &batch_guid(batch)),
            (":document_id", &document.key),
            (":replica", &batch.replica.0.as_bytes().as_slice()),
            (":first_seq", &batch.first_seq.cast_signed()),
            (":count", &batch.count),
            (":last_lamport", &batch.last_lamport.cast_signed()),
            (":payload_kind", &batch.payload_kind.0),
            (
                ":key_guid",
                &batch.key.as_ref().map(|key| key.0.as_bytes().as_slice()),
            ),
            (":payload", &batch.payload),
            (":origin", &i64::from(!packed.written_here)),
            (":acked_at", &packed.acked.then_some(segment.created_at)),
            (":created_at", &segment.created_at),
            (":updated_at", &segment.created_at),
            (":checksum", &batch_checksum(batch)),
        ],
    )?;
    Ok(())
}

/// Whether the noted runs of events are those that the segments of a document hold.
pub(crate) fn check(scope: &Scope<'_>, document: &StoredDocument) -> Result<(), StoreError> {
    let mut expected = Vec::new();
    for segment in scope.segments(document)? {
        let runs = runs_in(&scope.batches_in(&segment, document)?).into_iter();
        expected.extend(runs.map(|(replica, first_seq, count)| Run {
            segment_key: segment.key,
            replica,
            first_seq,
            count,
        }));
    }
    let mut found = scope.rows().select(
        Table::SegmentRuns,
        RUN_COLUMNS,
        "document_id = :document",
        &[(":document", &document.key)],
        |row| Run::read(row, document.row.id),
    )?;
    expected.sort_unstable();
    found.sort_unstable();
    if found == expected {
        return Ok(());
    }
    Err(StoreError::damaged(
        "what is noted of packed events is not what was packed",
    ))
}
