//! Reads everything there is and says what does not agree. Changes nothing.

mod index;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use tideline_model::{Document, DocumentId, LineId, LineView};

use crate::error::StoreError;
use crate::history::open_batch;
use crate::identity::{self, Identity};
use crate::rows::{LINE_COLUMNS, LineRow, StoredDocument, StoredLine};
use crate::saved::{self, Saved};
use crate::scope::Scope;
use crate::table::Table;
use crate::{packing, schema, settings};

/// What [`crate::Reader::verify`] read, and what it found wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    pub documents: u64,
    pub batches: u64,
    pub events: u64,
    pub lines: u64,
    pub problems: Vec<Problem>,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub part: Part,
    /// The document it concerns, if it is known.
    pub document: Option<DocumentId>,
    pub what: String,
}

/// Which part of the replica has a problem, and so what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The database file itself.
    File,
    /// Events: the server or a backup may have them.
    Events,
    /// Line rows: [`crate::Replica::rebuild`] makes them anew from the events.
    Lines,
    /// The search index: [`crate::Replica::reindex`] makes it anew from the lines.
    Index,
    /// The saved form of a document: without it, the document is replayed.
    Saved,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::File => "database file",
            Part::Events => "events",
            Part::Lines => "line rows",
            Part::Index => "search index",
            Part::Saved => "saved form",
        };
        match self.document {
            Some(document) => write!(f, "{part} of {document}: {}", self.what),
            None => write!(f, "{part}: {}", self.what),
        }
    }
}

impl LineRow {
    /// The rows of a whole document, in display order.
    pub fn all_of(document: &Document) -> Vec<LineRow> {
        let mut rows = Vec::with_capacity(document.len());
        let mut open = vec![(None, document.children(LineId::ROOT).into_iter())];
        while let Some((before, children)) = open.last_mut() {
            let Some(id) = children.next() else {
                open.pop();
                continue;
            };
            let after = before.replace(id);
            rows.extend(document.line(id).map(|line| LineRow { after, line }));
            open.push((None, document.children(id).into_iter()));
        }
        rows
    }
}

pub(crate) fn verify(connection: &Connection) -> Verification {
    let never = AtomicBool::new(false);
    verify_unless(connection, &never).unwrap_or_default()
}

/// `None` when `stopping` was set meanwhile.
pub(crate) fn verify_unless(
    connection: &Connection,
    stopping: &AtomicBool,
) -> Option<Verification> {
    // What is committed meanwhile must not be seen in one part and missing in another.
    let snapshot = connection.unchecked_transaction();
    let mut verification = Verification::default();
    verification.note(
        Part::File,
        None,
        snapshot.as_ref().map(|_| ()).map_err(copy_of),
    );
    verification.note(Part::File, None, schema::integrity(connection));
    verification.note(Part::File, None, partial_indexes(connection));
    verification.note(Part::File, None, references(connection));
    verification.note(Part::File, None, Identity::load(connection));
    verification.note(Part::File, None, settings::load(connection));
    let groups = identity::load_groups(connection);
    for group in verification
        .note(Part::File, None, groups)
        .unwrap_or_default()
    {
        let scope = Scope::new(connection, group.id);
        let documents = scope.stored_documents("TRUE ORDER BY id", &[]);
        verification.note(Part::Events, None, strays(&scope));
        let documents = verification.note(Part::File, None, documents);
        for document in documents.unwrap_or_default() {
            if stopping.load(Ordering::Relaxed) {
                return None;
            }
            verification.documents += 1;
            if document.row.destroyed_ms.is_none() {
                verification.document(&scope, &document);
            }
        }
    }
    verification.note(Part::Index, None, index::check(connection));
    Some(verification)
}

fn copy_of(error: &rusqlite::Error) -> StoreError {
    StoreError::damaged(error.to_string())
}

impl Verification {
    /// Keeps what was read, or notes why it could not be.
    fn note<T>(
        &mut self,
        part: Part,
        document: Option<DocumentId>,
        result: Result<T, StoreError>,
    ) -> Option<T> {
        result
            .map_err(|error| {
                let what = match error {
                    StoreError::Damaged { what } => what,
                    other => other.to_string(),
                };
                self.problems.push(Problem {
                    part,
                    document,
                    what,
                });
            })
            .ok()
    }

    fn document(&mut self, scope: &Scope<'_>, stored: &StoredDocument) {
        let id = stored.row.id;
        let replayed = self.replay(scope, stored);
        let replayed = self.note(Part::Events, Some(id), replayed);
        self.note(Part::Events, Some(id), packing::check(scope, stored));
        if let Some(replayed) = &replayed {
            let saved = compare_saved(scope, replayed);
            self.note(Part::Saved, Some(id), saved);
        }
        let lines = stored_lines(scope, stored);
        let Some(lines) = self.note(Part::Lines, Some(id), lines) else {
            return;
        };
        self.lines += lines.len() as u64;
        // Without a hash the rows may lag behind the events: the last commits brought events only.
        if let (Some(replayed), Some(hash)) = (replayed, stored.row.hash) {
            let agree = compare(stored, &lines, &replayed);
            if replayed.hash() != hash {
                let what = "the replayed document is not the one that was stored".to_owned();
                self.note::<()>(Part::Events, Some(id), Err(StoreError::Damaged { what }));
            } else if stored.row.lines_stale_ms.is_none() {
                self.note(Part::Lines, Some(id), agree);
            }
        }
    }

    fn replay(
        &mut self,
        scope: &Scope<'_>,
        stored: &StoredDocument,
    ) -> Result<Document, StoreError> {
        let id = stored.row.id;
        let mut document = Document::new(id);
        for batch in scope.batches(id)? {
            let events = open_batch(&batch)?;
            self.batches += 1;
            self.events += events.len() as u64;
            document
                .apply_all(&events)
                .map_err(|error| StoreError::damaged(error.to_string()))?;
        }
        Ok(document)
    }
}

/// An empty index whose page holds something else passes SQLite's own check (seen with 3.54).
fn partial_indexes(connection: &Connection) -> Result<(), StoreError> {
    for rows in [
        "lines INDEXED BY lines_to_index WHERE indexed_at < updated_at",
        "lines INDEXED BY lines_in_order WHERE deleted_at IS NULL",
        "batches INDEXED BY batches_in_outbox WHERE origin = 0 AND acked_at IS NULL",
    ] {
        let sql = format!("SELECT count(*) FROM {rows}");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?;
    }
    Ok(())
}

fn references(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    if statement.exists([])? {
        return Err(StoreError::damaged("rows refer to others that are gone"));
    }
    Ok(())
}

/// Batches and lines whose document is not in their group.
fn strays(scope: &Scope<'_>) -> Result<(), StoreError> {
    for table in [
        Table::Batches,
        Table::Segments,
        Table::SegmentRuns,
        Table::Lines,
    ] {
        let found = scope.rows().select(
            table,
            "count(*)",
            "document_id NOT IN (SELECT id FROM documents WHERE group_id =
             (SELECT id FROM groups WHERE guid = :group))",
            &[],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        if found != [0] {
            return Err(StoreError::damaged(
                "rows belong to no document of their group",
            ));
        }
    }
    Ok(())
}

/// The displayed lines as stored, in display order, with their parents.
fn stored_lines(scope: &Scope<'_>, document: &StoredDocument) -> Result<Vec<LineView>, StoreError> {
    let stored = scope.rows().select(
        Table::Lines,
        LINE_COLUMNS,
        "document_id = :document ORDER BY parent_id, ord",
        &[(":document", &document.key)],
        StoredLine::read,
    )?;
    let displayed = stored.iter().filter(|line| line.place.deleted_at.is_none());
    let ids: HashMap<i64, LineId> = displayed
        .clone()
        .map(|line| (line.key, line.line.id))
        .collect();
    let mut children: HashMap<Option<i64>, Vec<&StoredLine>> = HashMap::new();
    for line in displayed {
        children
            .entry(line.place.parent_key)
            .or_default()
            .push(line);
    }
    let mut lines = Vec::with_capacity(ids.len());
    let mut open = vec![(None, 0)];
    while let Some((parent_key, at)) = open.last_mut() {
        let Some(line) = children.get(parent_key).and_then(|lines| lines.get(*at)) else {
            open.pop();
            continue;
        };
        *at += 1;
        let parent = parent_key.map_or(LineId::ROOT, |key| ids[&key]);
        lines.push(LineView {
            parent,
            ..line.line.clone()
        });
        open.push((Some(line.key), 0));
    }
    if lines.len() != ids.len() || lines.len() as u64 != document.row.line_count {
        let (reached, stored, noted) = (lines.len(), ids.len(), document.row.line_count);
        return Err(StoreError::damaged(format!(
            "{reached} of {stored} stored lines hang in the tree, {noted} were noted"
        )));
    }
    Ok(lines)
}

/// Whether the document as it was saved, with the events behind it, is the replayed one.
fn compare_saved(scope: &Scope<'_>, replayed: &Document) -> Result<(), StoreError> {
    let file = scope.rows().connection().path().map(Path::new);
    let saved = file
        .and_then(Path::parent)
        .and_then(|folder| saved::read(folder, replayed.id()));
    let Some(Saved { mut document, .. }) = saved else {
        return Ok(());
    };
    let behind = scope.events_behind(replayed.id(), &document.version())?;
    // One that is ahead was written since this verification began.
    let Some(events) = behind else { return Ok(()) };
    let is_same = document.apply_all(&events).is_ok()
        && document.version() == replayed.version()
        && document.hash() == replayed.hash();
    if is_same {
        return Ok(());
    }
    let what = "it is not what the events give".to_owned();
    Err(StoreError::Damaged { what })
}

/// Whether the rows are those that the events give.
fn compare(
    stored: &StoredDocument,
    lines: &[LineView],
    replayed: &Document,
) -> Result<(), StoreError> {
    if stored.row.title != replayed.title() {
        return Err(StoreError::damaged(
            "the stored title is not that of the events",
        ));
    }
    let expected = LineRow::all_of(replayed);
    if expected.len() != lines.len() {
        let (found, due) = (lines.len(), expected.len());
        return Err(StoreError::damaged(format!(
            "{found} lines are stored, the events give {due}"
        )));
    }
    match expected
        .iter()
        .zip(lines)
        .find(|(row, line)| !says_the_same(&row.line, line))
    {
        Some((row, line)) => Err(StoreError::damaged(format!(
            "{} stands where the events have {}, or says something else",
            line.id, row.line.id
        ))),
        None => Ok(()),
    }
}

fn says_the_same(one: &LineView, other: &LineView) -> bool {
    (one.id, one.parent, &one.kind, &one.text) == (other.id, other.parent, &other.kind, &other.text)
        && one.tags == other.tags
        && one.properties == other.properties
}
