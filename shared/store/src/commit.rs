//! A commit: everything that must reach the disk together, for one document.

use rusqlite::Connection;
use tideline_model::{DocumentId, GroupId, LineId, ReplicaId};
use tideline_wire::SealedBatch;

use crate::drafts;
use crate::error::{CommitError, StoreError};
use crate::index::{AT_ONCE_MIN, AtOnce};
use crate::lines::{self, LineWriter, RowsError};
use crate::packing::{self, Which};
use crate::rows::{DocumentRow, LineRow, StoredDocument, batch_checksum, batch_guid};
use crate::scope::Scope;
use crate::table::{Rows, Table};
use crate::vocabulary::KnownWords;

const WRITTEN_HERE: i64 = 0;
const FROM_SERVER: i64 = 1;

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
    /// As `acked`, and the server does not have later ones, whatever it said before: they stand in
    /// the outbox again.
    pub server_has: Vec<(ReplicaId, u64)>,
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
            server_has: Vec::new(),
            title: None,
            folder: None,
            deletion: None,
            hash: None,
            rows: Vec::new(),
            removed: Vec::new(),
            now_ms,
        }
    }

    /// Whether its lines go into the search index with it.
    pub(crate) fn is_indexed_at_once(&self) -> bool {
        self.rows.len() >= AT_ONCE_MIN
    }

    /// About how much memory it holds while it waits for the disk.
    pub(crate) fn size_bytes(&self) -> usize {
        let batches = self.batches.iter().map(|(_, batch)| batch.payload.len());
        let lines = self.rows.iter().map(|row| row.line.text.len());
        let fixed = size_of::<Self>() + self.rows.len() * size_of::<LineRow>();
        fixed + batches.sum::<usize>() + lines.sum::<usize>()
    }
}

/// Carries out `commit` inside a transaction that the caller began. `ours` is the current replica id.
pub(crate) fn carry_out(
    connection: &Connection,
    ours: ReplicaId,
    commit: &Commit,
    known: &mut KnownWords,
) -> Result<(), CommitError> {
    let scope = Scope::new(connection, commit.group);
    let mut document = find_or_create(&scope, commit)?;
    for (origin, batch) in &commit.batches {
        if *origin == Origin::Local && batch.replica != ours {
            let replica = batch.replica;
            return Err(CommitError::NotOurs { replica, ours });
        }
        add_batch(&scope, &mut document, *origin, batch, commit.now_ms)?;
    }
    for &(replica, last) in commit.acked.iter().chain(&commit.server_has) {
        acknowledge(scope.rows(), &document, replica, last, commit.now_ms)?;
    }
    for &(replica, last) in &commit.server_has {
        packing::unpack(&scope, &document, Which::Behind(replica, last))?;
        forget(scope.rows(), &document, replica, last, commit.now_ms)?;
    }
    set_fields(&mut document.row, commit);
    write_lines(connection, scope.rows(), &mut document, commit, known)?;
    save_document(scope.rows(), &document)?;
    Ok(())
}

fn find_or_create(scope: &Scope<'_>, commit: &Commit) -> Result<StoredDocument, CommitError> {
    let (group, id) = (commit.group, commit.document);
    if let Some(stored) = scope.stored(id)? {
        return match stored.row.destroyed_ms {
            Some(_) => Err(CommitError::Destroyed { document: id }),
            None => Ok(stored),
        };
    }
    if !scope.rows().is_known()? {
        return Err(CommitError::UnknownGroup { group });
    }
    if scope.rows().is_elsewhere(id)? {
        return Err(CommitError::OtherGroup {
            document: id,
            group,
        });
    }
    Ok(create_document(scope.rows(), id, commit.now_ms)?)
}

fn create_document(
    rows: &Rows<'_>,
    id: DocumentId,
    now_ms: i64,
) -> Result<StoredDocument, StoreError> {
    let key = rows.insert(
        Table::Documents,
        &[
            (":guid", &id.to_string()),
            (":title", &""),
            (":folder", &""),
            (":cursor", &0),
            (":batch_count", &0),
            (":batch_sum", &0),
            (":line_count", &0),
            (":created_at", &now_ms),
            (":updated_at", &now_ms),
            (":checksum", &0), // set by save_document, in the same transaction
        ],
    )?;
    let row = DocumentRow {
        id,
        group: rows.group(),
        title: String::new(),
        folder: String::new(),
        cursor: 0,
        hash: None,
        line_count: 0,
        lines_stale_ms: None,
        created_ms: now_ms,
        updated_ms: now_ms,
        deleted_ms: None,
        destroyed_ms: None,
    };
    Ok(StoredDocument {
        key,
        row,
        batch_count: 0,
        batch_sum: 0,
    })
}

pub(crate) fn save_document(rows: &Rows<'_>, document: &StoredDocument) -> Result<(), StoreError> {
    let row = &document.row;
    let hash = row.hash.map(u128::to_le_bytes);
    rows.update(
        Table::Documents,
        "title = :title, folder = :folder, cursor = :cursor, hash = :hash,
         batch_count = :batch_count, batch_sum = :batch_sum, line_count = :line_count,
         lines_stale_at = :stale, updated_at = :updated, deleted_at = :deleted,
         destroyed_at = :destroyed, checksum = :checksum",
        "id = :id",
        &[
            (":title", &row.title),
            (":folder", &row.folder),
            (":cursor", &row.cursor.cast_signed()),
            (":hash", &hash.as_ref().map(<[u8; 16]>::as_slice)),
            (":batch_count", &document.batch_count.cast_signed()),
            (":batch_sum", &document.batch_sum),
            (":line_count", &row.line_count.cast_signed()),
            (":stale", &row.lines_stale_ms),
            (":updated", &row.updated_ms),
            (":deleted", &row.deleted_ms),
            (":destroyed", &row.destroyed_ms),
            (":checksum", &document.checksum()),
            (":id", &document.key),
        ],
    )?;
    Ok(())
}

fn set_fields(row: &mut DocumentRow, commit: &Commit) {
    row.updated_ms = commit.now_ms;
    if let Some(cursor) = commit.cursor {
        row.cursor = cursor;
    }
    if let Some(title) = &commit.title {
        row.title.clone_from(title);
    }
    if let Some(folder) = &commit.folder {
        row.folder.clone_from(folder);
    }
    match commit.deletion {
        Some(Deletion::Deleted) => row.deleted_ms = Some(commit.now_ms),
        Some(Deletion::Restored) => row.deleted_ms = None,
        None => {}
    }
    if commit.hash.is_some() {
        row.hash = commit.hash;
    } else if !commit.batches.is_empty() {
        row.hash = None; // that of an earlier version
    }
}

fn add_batch(
    scope: &Scope<'_>,
    document: &mut StoredDocument,
    origin: Origin,
    batch: &SealedBatch,
    now_ms: i64,
) -> Result<(), CommitError> {
    let id = document.row.id;
    if batch.document != id {
        let found = batch.document;
        return Err(CommitError::OtherDocument {
            document: id,
            found,
        });
    }
    let (replica, first_seq) = (batch.replica, batch.first_seq);
    batch
        .check_envelope()
        .map_err(|error| CommitError::Malformed {
            document: id,
            replica,
            reason: error.to_string(),
        })?;
    let expected = scope.last_seq_in(document, replica)? + 1;
    if first_seq < expected {
        return pass_over(scope, document, origin, batch, now_ms);
    }
    if first_seq > expected {
        return Err(CommitError::Gap {
            document: id,
            replica,
            first_seq,
            expected,
        });
    }
    insert_batch(scope.rows(), document, origin, batch, now_ms)?;
    Ok(())
}

fn insert_batch(
    rows: &Rows<'_>,
    document: &mut StoredDocument,
    origin: Origin,
    batch: &SealedBatch,
    now_ms: i64,
) -> Result<(), StoreError> {
    let checksum = batch_checksum(batch);
    let origin = match origin {
        Origin::Local | Origin::Salvaged => WRITTEN_HERE,
        Origin::Remote => FROM_SERVER,
    };
    rows.insert(
        Table::Batches,
        &[
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
            (":origin", &origin),
            (":created_at", &now_ms),
            (":updated_at", &now_ms),
            (":checksum", &checksum),
        ],
    )?;
    document.batch_count += 1;
    document.batch_sum = document.batch_sum.wrapping_add(checksum);
    Ok(())
}

/// The batch is here already, unless its numbers stand for something else. One that comes back from
/// the server is acknowledged by that.
fn pass_over(
    scope: &Scope<'_>,
    document: &StoredDocument,
    origin: Origin,
    batch: &SealedBatch,
    now_ms: i64,
) -> Result<(), CommitError> {
    let stored = scope.checksum_of_batch(document, batch.first())?;
    if stored != Some(batch_checksum(batch)) {
        return Err(CommitError::Conflict {
            document: document.row.id,
            replica: batch.replica,
            first_seq: batch.first_seq,
        });
    }
    if origin == Origin::Remote {
        let last = batch.last().seq;
        acknowledge(scope.rows(), document, batch.replica, last, now_ms)?;
    }
    Ok(())
}

fn acknowledge(
    rows: &Rows<'_>,
    document: &StoredDocument,
    replica: ReplicaId,
    last_seq: u64,
    now_ms: i64,
) -> Result<(), StoreError> {
    rows.update(
        Table::Batches,
        "acked_at = :now, updated_at = :now",
        "document_id = :document AND origin = 0 AND acked_at IS NULL AND replica = :replica
         AND first_seq + count - 1 <= :last",
        &[
            (":document", &document.key),
            (":replica", &replica.0.as_bytes().as_slice()),
            (":last", &last_seq.cast_signed()),
            (":now", &now_ms),
        ],
    )?;
    Ok(())
}

fn forget(
    rows: &Rows<'_>,
    document: &StoredDocument,
    replica: ReplicaId,
    last_seq: u64,
    now_ms: i64,
) -> Result<(), StoreError> {
    rows.update(
        Table::Batches,
        "acked_at = NULL, updated_at = :now",
        "document_id = :document AND origin = 0 AND acked_at IS NOT NULL AND replica = :replica
         AND first_seq + count - 1 > :last",
        &[
            (":document", &document.key),
            (":replica", &replica.0.as_bytes().as_slice()),
            (":last", &last_seq.cast_signed()),
            (":now", &now_ms),
        ],
    )?;
    Ok(())
}

/// Rows that do not fit are noted and left for a rebuild: they must not keep events from the disk.
fn write_lines(
    connection: &Connection,
    rows: &Rows<'_>,
    document: &mut StoredDocument,
    commit: &Commit,
    known: &mut KnownWords,
) -> Result<(), StoreError> {
    if commit.rows.is_empty() && commit.removed.is_empty() {
        return Ok(());
    }
    connection.execute_batch("SAVEPOINT line_rows")?;
    let mut lines = LineWriter::new(rows, document.key, commit.now_ms);
    let written = if commit.is_indexed_at_once() {
        write_indexed(connection, &mut lines, commit, known)
    } else {
        lines.write(&commit.rows, &commit.removed)
    };
    match written {
        Ok(()) => {
            let count = document.row.line_count.saturating_add_signed(lines.added);
            document.row.line_count = count;
        }
        Err(RowsError::Store(error)) => return Err(error),
        Err(RowsError::Unfit { reason }) => {
            tracing::error!(document = %document.row.id, reason, "line rows do not fit");
            connection.execute_batch("ROLLBACK TO line_rows")?;
            *known = KnownWords::default();
            document.row.lines_stale_ms.get_or_insert(commit.now_ms);
        }
    }
    connection.execute_batch("RELEASE line_rows")?;
    Ok(())
}

fn write_indexed(
    connection: &Connection,
    lines: &mut LineWriter<'_, '_>,
    commit: &Commit,
    known: &mut KnownWords,
) -> Result<(), RowsError> {
    let mut index = AtOnce::begin(connection)?;
    let new_words = drafts::beside(&commit.rows, known, |portions| {
        lines.write_indexed(&commit.rows, &commit.removed, portions, &mut index)
    })?;
    Ok(index.end(new_words)?)
}

/// Replaces all line rows of a document.
pub(crate) fn rebuild_lines(
    connection: &Connection,
    group: GroupId,
    document: DocumentId,
    rows: &[LineRow],
    now_ms: i64,
) -> Result<(), CommitError> {
    let scope = Scope::new(connection, group);
    let Some(mut stored) = scope.stored(document)? else {
        return Err(CommitError::OtherGroup { document, group });
    };
    if stored.row.destroyed_ms.is_some() {
        return Err(CommitError::Destroyed { document });
    }
    lines::clear(connection, scope.rows(), stored.key)?;
    let mut writer = LineWriter::new(scope.rows(), stored.key, now_ms);
    writer.write_all(rows).map_err(|error| match error {
        RowsError::Store(error) => CommitError::Store(error),
        RowsError::Unfit { reason } => CommitError::Rows { document, reason },
    })?;
    stored.row.line_count = rows.len() as u64;
    stored.row.lines_stale_ms = None;
    save_document(scope.rows(), &stored)?;
    Ok(())
}
