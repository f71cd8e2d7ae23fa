//! Destruction: long after a document was deleted, what it said is overwritten, a little at a time.
//! The rows stay with their metadata, so that people can be told that it was deleted, and when.

use rusqlite::Connection;

use crate::commit::save_document;
use crate::error::StoreError;
use crate::identity::load_groups;
use crate::index;
use crate::rows::{
    DocumentRow, GroupHome, GroupRow, LINE_COLUMNS, LineContent, SEGMENT_COLUMNS, StoredBatch,
    StoredDocument, StoredLine, StoredSegment, batch_checksum, place_checksum,
};
use crate::scope::Scope;
use crate::table::Table;
use crate::vocabulary;

/// Pages of the search index rewritten in one step, so that no trace of the words stays in it.
const INDEX_PAGES: i64 = 500;

/// How far a step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is due.
    Idle,
    /// There is more to do.
    Going,
    /// No row says anything any more; what is left is in unused parts of the file.
    Overwritten,
}

/// In `extra_json`, from the first step on a document to the last.
const UNDER_WAY: &str = r#"{"destroying":true}"#;

/// Overwrites up to `limit` rows of documents that were deleted before `deleted_before_ms`.
///
/// Documents that hold something the server of their group has not acknowledged are spared.
pub(crate) fn step(
    connection: &Connection,
    deleted_before_ms: i64,
    limit: usize,
    now_ms: i64,
) -> Result<Progress, StoreError> {
    let mut left = limit;
    let mut under_way = false;
    for group in load_groups(connection)? {
        let scope = Scope::new(connection, group.id);
        begin(&scope, &group, deleted_before_ms, now_ms)?;
        for document in documents_under_way(&scope)? {
            under_way = true;
            left -= overwrite_segments(&scope, &document, left, now_ms)?;
            left -= overwrite_batches(&scope, &document, left, now_ms)?;
            left -= overwrite_lines(connection, &scope, &document, left, now_ms)?;
        }
    }
    if !under_way {
        return Ok(Progress::Idle);
    }
    // Deleted words leave the index only when its pages are merged, all of them.
    if left == 0 || index::merge(connection, -INDEX_PAGES)? {
        return Ok(Progress::Going);
    }
    vocabulary::forget_unused(connection)?;
    Ok(Progress::Overwritten)
}

/// Ends the destruction of everything that was under way.
pub(crate) fn finish(connection: &Connection) -> Result<(), StoreError> {
    for group in load_groups(connection)? {
        Scope::new(connection, group.id).rows().update(
            Table::Documents,
            "extra_json = NULL",
            "extra_json = :mark",
            &[(":mark", &UNDER_WAY)],
        )?;
    }
    Ok(())
}

/// From here on there is no way back for the documents that are due.
fn begin(
    scope: &Scope<'_>,
    group: &GroupRow,
    deleted_before_ms: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    let due = scope.stored_documents(
        "deleted_at < :before AND destroyed_at IS NULL ORDER BY id",
        &[(":before", &deleted_before_ms)],
    )?;
    for mut document in due {
        if group.home != GroupHome::Local && has_outbox(scope, &document)? {
            continue;
        }
        document.row = DocumentRow {
            title: String::new(),
            folder: String::new(),
            hash: None,
            line_count: 0,
            lines_stale_ms: None,
            destroyed_ms: Some(now_ms),
            ..document.row
        };
        save_document(scope.rows(), &document)?;
        scope.rows().update(
            Table::Documents,
            "extra_json = :mark",
            "id = :id",
            &[(":mark", &UNDER_WAY), (":id", &document.key)],
        )?;
    }
    Ok(())
}

fn documents_under_way(scope: &Scope<'_>) -> Result<Vec<StoredDocument>, StoreError> {
    scope.stored_documents("extra_json = :mark ORDER BY id", &[(":mark", &UNDER_WAY)])
}

fn has_outbox(scope: &Scope<'_>, document: &StoredDocument) -> Result<bool, StoreError> {
    let first = scope.rows().one(
        Table::Batches,
        "id",
        "document_id = :document AND origin = 0 AND acked_at IS NULL AND destroyed_at IS NULL LIMIT 1",
        &[(":document", &document.key)],
        |_| Ok(()),
    )?;
    Ok(first.is_some())
}

fn overwrite_segments(
    scope: &Scope<'_>,
    document: &StoredDocument,
    limit: usize,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let segments = scope.rows().select(
        Table::Segments,
        SEGMENT_COLUMNS,
        "document_id = :document AND destroyed_at IS NULL ORDER BY id LIMIT :limit",
        &[(":document", &document.key), (":limit", &limit)],
        |row| StoredSegment::read(row, document.row.id),
    )?;
    for segment in &segments {
        let emptied = StoredSegment {
            payload: Vec::new(),
            ..segment.clone()
        };
        scope.rows().update(
            Table::Segments,
            "payload = x'', destroyed_at = :now, updated_at = :now, checksum = :checksum",
            "id = :id",
            &[
                (":now", &now_ms),
                (":checksum", &emptied.checksum(document.row.id)),
                (":id", &segment.key),
            ],
        )?;
    }
    Ok(segments.len())
}

fn overwrite_batches(
    scope: &Scope<'_>,
    document: &StoredDocument,
    limit: usize,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let batches = scope.stored_batches(
        document,
        "destroyed_at IS NULL ORDER BY batches.id LIMIT :limit",
        &[(":limit", &limit)],
    )?;
    for StoredBatch { key, batch, .. } in &batches {
        let emptied = tideline_wire::SealedBatch {
            payload: Vec::new(),
            ..batch.clone()
        };
        scope.rows().update(
            Table::Batches,
            "payload = x'', destroyed_at = :now, updated_at = :now, checksum = :checksum",
            "id = :id",
            &[
                (":now", &now_ms),
                (":checksum", &batch_checksum(&emptied)),
                (":id", key),
            ],
        )?;
    }
    Ok(batches.len())
}

fn overwrite_lines(
    connection: &Connection,
    scope: &Scope<'_>,
    document: &StoredDocument,
    limit: usize,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let lines = scope.rows().select(
        Table::Lines,
        LINE_COLUMNS,
        "document_id = :document AND destroyed_at IS NULL LIMIT :limit",
        &[(":document", &document.key), (":limit", &limit)],
        StoredLine::read,
    )?;
    let mut unindex = connection.prepare_cached("DELETE FROM line_index WHERE rowid = ?1")?;
    for StoredLine { key, place, line } in &lines {
        let content = LineContent::of(line).destroyed();
        let mut gone = *place;
        gone.deleted_at.get_or_insert(now_ms);
        let checksum = content.checksum(line.id) ^ place_checksum(line.id, gone);
        unindex.execute([key])?;
        scope.rows().update(
            Table::Lines,
            "text = '', tags = NULL, properties = NULL, deleted_at = :deleted,
             destroyed_at = :now, indexed_at = updated_at, checksum = :checksum",
            "id = :id",
            &[
                (":deleted", &gone.deleted_at),
                (":now", &now_ms),
                (":checksum", &checksum),
                (":id", key),
            ],
        )?;
    }
    Ok(lines.len())
}
