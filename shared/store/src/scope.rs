//! What one group has: the only way to read documents, batches and lines.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use rusqlite::{Connection, Row, ToSql};
use tideline_model::{DocumentId, Event, EventId, GroupId, LineId, LineView, ReplicaId};
use tideline_wire::SealedBatch;

use crate::error::StoreError;
use crate::query::Query;
use crate::rows::{
    BATCH_COLUMNS, Columns, DOCUMENT_COLUMNS, DocumentRow, Hit, LINE_COLUMNS, OrderedLine,
    StoredBatch, StoredDocument, StoredLine,
};
use crate::table::{Named, Rows, Table, Visit};

/// Lines that the index still owes and that a search reads itself; the others are found once they
/// are indexed.
const OWED_LINES_SEARCHED_MAX: i64 = 5_000;

/// What one group has in this replica. A group that is not known here has nothing.
///
/// Every reading gives [`StoreError::Damaged`] when what it finds is not what was stored, and
/// [`StoreError::Disk`] when the disk does not give it.
pub struct Scope<'c> {
    rows: Rows<'c>,
}

#[expect(
    clippy::missing_errors_doc,
    reason = "every reading fails alike, as the type says"
)]
impl<'c> Scope<'c> {
    pub(crate) fn new(connection: &'c Connection, group: GroupId) -> Self {
        let rows = Rows::new(connection, group);
        Self { rows }
    }

    pub(crate) fn rows(&self) -> &Rows<'c> {
        &self.rows
    }

    /// All documents, deleted and destroyed ones too, oldest first.
    pub fn documents(&self) -> Result<Vec<DocumentRow>, StoreError> {
        let stored = self.stored_documents("TRUE ORDER BY id", &[])?;
        Ok(stored.into_iter().map(|stored| stored.row).collect())
    }

    pub fn document(&self, document: DocumentId) -> Result<Option<DocumentRow>, StoreError> {
        Ok(self.stored(document)?.map(|stored| stored.row))
    }

    /// All batches of a document, each after those it builds on (the order in which they came); none
    /// for a document that is not in this group.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] also when one is missing, and [`StoreError::Destroyed`].
    pub fn batches(&self, document: DocumentId) -> Result<Vec<SealedBatch>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let batches = self.stored_batches(&stored, "TRUE ORDER BY batches.id", &[])?;
        check_complete(&stored, &batches)?;
        Ok(batches.into_iter().map(|batch| batch.batch).collect())
    }

    /// All events of a document, each after its parents.
    ///
    /// # Errors
    /// As [`Scope::batches`], and [`StoreError::Unreadable`].
    pub fn events(&self, document: DocumentId) -> Result<Vec<Event>, StoreError> {
        let mut events = Vec::new();
        for batch in self.batches(document)? {
            events.extend(open_batch(&batch)?);
        }
        Ok(events)
    }

    /// The events of `replica` in a document with these numbers, in order; those that are there.
    ///
    /// # Errors
    /// As [`Scope::events`].
    pub fn events_of(
        &self,
        document: DocumentId,
        replica: ReplicaId,
        seqs: RangeInclusive<u64>,
    ) -> Result<Vec<Event>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let batches = self.stored_batches(
            &stored,
            "replica = :replica AND first_seq <= :last AND first_seq + count > :first
             ORDER BY first_seq",
            &[
                (":replica", &replica.0.as_bytes().as_slice()),
                (":first", &seqs.start().cast_signed()),
                (":last", &seqs.end().cast_signed()),
            ],
        )?;
        let mut events = Vec::new();
        for batch in batches {
            events.extend(open_batch(&batch.batch)?);
        }
        events.retain(|event| seqs.contains(&event.id.seq));
        Ok(events)
    }

    /// The number of this replica's last event in a document; 0 before the first.
    pub fn last_seq(&self, document: DocumentId, replica: ReplicaId) -> Result<u64, StoreError> {
        match self.stored(document)? {
            Some(stored) => last_seq(&self.rows, stored.key, replica),
            None => Ok(0),
        }
    }

    /// All batches that the server has not acknowledged, in the order in which they were written.
    pub fn outbox(&self, document: DocumentId) -> Result<Vec<SealedBatch>, StoreError> {
        self.outbox_page(document, None, usize::MAX)
    }

    /// At most `limit` batches of the outbox, behind the one that ends with the event `after`.
    pub fn outbox_page(
        &self,
        document: DocumentId,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<SealedBatch>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let after = match after {
            Some(last) => self.key_of_batch_ending(&stored, last)?,
            None => 0,
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let batches = self.stored_batches(
            &stored,
            "origin = 0 AND acked_at IS NULL AND batches.id > :after ORDER BY batches.id LIMIT :limit",
            &[(":after", &after), (":limit", &limit)],
        )?;
        Ok(batches.into_iter().map(|batch| batch.batch).collect())
    }

    /// Documents with batches in the outbox, and how many events those hold.
    pub fn pending_documents(&self) -> Result<Vec<(DocumentId, u64)>, StoreError> {
        let mut counts: HashMap<i64, u64> = HashMap::new();
        self.rows.visit(
            Table::Batches,
            "document_id, count",
            "origin = 0 AND acked_at IS NULL AND destroyed_at IS NULL",
            &[],
            |row| {
                *counts.entry(row.get(0)?).or_default() += u64::from(row.get::<_, u32>(1)?);
                Ok(Visit::On)
            },
        )?;
        let documents = self.stored_documents("TRUE ORDER BY id", &[])?;
        Ok(documents
            .iter()
            .filter_map(|stored| Some((stored.row.id, *counts.get(&stored.key)?)))
            .collect())
    }

    /// How many events of one document are in the outbox.
    pub fn pending_events(&self, document: DocumentId) -> Result<u64, StoreError> {
        let Some(stored) = self.stored(document)? else {
            return Ok(0);
        };
        let counts = self.rows.select(
            Table::Batches,
            "coalesce(sum(count), 0)",
            "document_id = :document AND origin = 0 AND acked_at IS NULL AND destroyed_at IS NULL",
            &[(":document", &stored.key)],
            |row| Columns::of(row).number(),
        )?;
        Ok(counts.into_iter().sum())
    }

    /// The last position of the server's log that is in this replica; 0 before the first.
    pub fn cursor(&self, document: DocumentId) -> Result<u64, StoreError> {
        Ok(self.stored(document)?.map_or(0, |stored| stored.row.cursor))
    }

    /// Up to `limit` displayed children of `parent`, behind the key `after_ord` (`None`: from the
    /// first).
    pub fn lines(
        &self,
        document: DocumentId,
        parent: LineId,
        after_ord: Option<i64>,
        limit: usize,
    ) -> Result<Vec<OrderedLine>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let parent_key = match self.line_key(&stored, parent)? {
            Some(key) => Some(key),
            None if parent == LineId::ROOT => None,
            None => return Ok(Vec::new()),
        };
        let after_ord = after_ord.unwrap_or(i64::MIN);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.rows.select(
            Table::Lines,
            LINE_COLUMNS,
            "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
             AND ord > :after ORDER BY ord LIMIT :limit",
            &[
                (":document", &stored.key),
                (":parent", &parent_key),
                (":after", &after_ord),
                (":limit", &limit),
            ],
            |row| {
                let StoredLine { place, line, .. } = StoredLine::read(row)?;
                let line = LineView { parent, ..line };
                Ok(OrderedLine {
                    ord: place.ord,
                    line,
                })
            },
        )
    }

    /// Displayed lines of a document.
    pub fn line_count(&self, document: DocumentId) -> Result<u64, StoreError> {
        let stored = self.stored(document)?;
        Ok(stored.map_or(0, |stored| stored.row.line_count))
    }

    /// Lines and titles in which every word of `text` occurs: titles first, then the best lines.
    ///
    /// A word is found at the start of a word, or anywhere when it has three letters or more;
    /// Chinese, Japanese and Korean text anywhere. Case, width and accents do not matter.
    pub fn search(
        &self,
        text: &str,
        document: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let Some(query) = Query::of(text) else {
            return Ok(Vec::new());
        };
        let documents = self.stored_documents("deleted_at IS NULL ORDER BY id", &[])?;
        let documents = documents
            .into_iter()
            .filter(|stored| document.is_none_or(|only| stored.row.id == only))
            .map(|stored| (stored.key, stored.row))
            .collect();
        let mut search = Search {
            query,
            documents,
            limit,
            hits: Vec::new(),
            seen: HashSet::new(),
        };
        search.titles();
        search.lines(&self.rows)?;
        Ok(search.hits)
    }

    pub(crate) fn stored(
        &self,
        document: DocumentId,
    ) -> Result<Option<StoredDocument>, StoreError> {
        let guid = document.to_string();
        let mut found = self.stored_documents("guid = :guid", &[(":guid", &guid)])?;
        Ok(found.pop())
    }

    pub(crate) fn stored_documents(
        &self,
        filter: &str,
        named: Named<'_>,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let group = self.rows.group();
        self.rows
            .select(Table::Documents, DOCUMENT_COLUMNS, filter, named, |row| {
                StoredDocument::read(row, group)
            })
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
        let (group, id) = (self.rows.group(), document.row.id);
        self.rows
            .select(Table::Batches, BATCH_COLUMNS, &filter, &parameters, |row| {
                StoredBatch::read(row, group, id)
            })
    }

    /// The document, if it is here and has not been destroyed.
    fn readable(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        match self.stored(document)? {
            Some(stored) if stored.row.destroyed_ms.is_some() => {
                Err(StoreError::Destroyed { document })
            }
            stored => Ok(stored),
        }
    }

    fn line_key(&self, document: &StoredDocument, line: LineId) -> Result<Option<i64>, StoreError> {
        let guid = line.to_string();
        self.rows.one(
            Table::Lines,
            "id",
            "guid = :guid AND document_id = :document",
            &[(":guid", &guid), (":document", &document.key)],
            |row| Ok(row.get(0)?),
        )
    }

    /// 0 when there is none: everything is behind it.
    fn key_of_batch_ending(
        &self,
        document: &StoredDocument,
        last: EventId,
    ) -> Result<i64, StoreError> {
        let replica = last.replica.0.as_bytes().as_slice();
        let seq = last.seq.cast_signed();
        let key = self.rows.one(
            Table::Batches,
            "id",
            "document_id = :document AND replica = :replica AND first_seq <= :seq
             ORDER BY first_seq DESC LIMIT 1",
            &[
                (":document", &document.key),
                (":replica", &replica),
                (":seq", &seq),
            ],
            |row| Ok(row.get(0)?),
        )?;
        Ok(key.unwrap_or(0))
    }
}

/// The number of the last event of `replica` in a document; 0 before the first.
pub(crate) fn last_seq(
    rows: &Rows<'_>,
    document_key: i64,
    replica: ReplicaId,
) -> Result<u64, StoreError> {
    let replica = replica.0.as_bytes().as_slice();
    let last: Option<i64> = rows.one(
        Table::Batches,
        "first_seq + count - 1",
        "document_id = :document AND replica = :replica ORDER BY first_seq DESC LIMIT 1",
        &[(":document", &document_key), (":replica", &replica)],
        |row| Ok(row.get(0)?),
    )?;
    Ok(last.unwrap_or(0).cast_unsigned())
}

pub(crate) fn open_batch(batch: &SealedBatch) -> Result<Vec<Event>, StoreError> {
    tideline_wire::open(batch).map_err(|error| StoreError::Unreadable {
        document: batch.document,
        reason: error.to_string(),
    })
}

/// No batch is missing, and the numbers of each replica's events have no gaps.
fn check_complete(document: &StoredDocument, batches: &[StoredBatch]) -> Result<(), StoreError> {
    let id = document.row.id;
    let sum = batches
        .iter()
        .fold(0_i64, |sum, batch| sum.wrapping_add(batch.checksum));
    if batches.len() as u64 != document.batch_count || sum != document.batch_sum {
        let (found, stored) = (batches.len(), document.batch_count);
        return Err(StoreError::damaged(format!(
            "{found} batches of {id} are found, {stored} were stored"
        )));
    }
    let mut next: HashMap<ReplicaId, u64> = HashMap::new();
    for StoredBatch { batch, .. } in batches {
        let expected = next.entry(batch.replica).or_insert(1);
        if batch.first_seq != *expected {
            let first = batch.first();
            return Err(StoreError::damaged(format!(
                "{id} has event {first:?} where number {expected} is due"
            )));
        }
        *expected += u64::from(batch.count);
    }
    Ok(())
}

struct Search {
    query: Query,
    documents: HashMap<i64, DocumentRow>,
    limit: usize,
    hits: Vec<Hit>,
    /// Lines that have been looked at.
    seen: HashSet<i64>,
}

impl Search {
    fn titles(&mut self) {
        let mut documents: Vec<(&i64, &DocumentRow)> = self.documents.iter().collect();
        documents.sort_by_key(|(key, _)| **key);
        let found = documents.iter().filter_map(|(_, row)| {
            let matches = self.query.matches(&row.title)?;
            Some(Hit {
                document: row.id,
                title: row.title.clone(),
                line: None,
                text: row.title.clone(),
                matches,
            })
        });
        self.hits = found.take(self.limit).collect();
    }

    fn lines(&mut self, rows: &Rows<'_>) -> Result<(), StoreError> {
        const ALIVE: &str = "lines.deleted_at IS NULL";
        let asked = self.query.to_index();
        if let Some(asked) = &asked {
            let named: Named<'_> = &[(":query", asked)];
            rows.visit_matches(LINE_COLUMNS, ALIVE, named, |row| self.line(row))?;
        }
        // What the index does not know yet; or everything, where it cannot help.
        let unindexed =
            format!("{ALIVE} AND indexed_at < updated_at LIMIT {OWED_LINES_SEARCHED_MAX}");
        let filter = if asked.is_some() { &unindexed } else { ALIVE };
        rows.visit(Table::Lines, LINE_COLUMNS, filter, &[], |row| {
            self.line(row)
        })
    }

    fn line(&mut self, row: &Row<'_>) -> Result<Visit, StoreError> {
        if self.hits.len() >= self.limit {
            return Ok(Visit::Enough);
        }
        let StoredLine { key, place, line } = StoredLine::read(row)?;
        let Some(document) = self.documents.get(&place.document_key) else {
            return Ok(Visit::On);
        };
        if !self.seen.insert(key) {
            return Ok(Visit::On);
        }
        if let Some(matches) = self.query.matches(&line.text) {
            self.hits.push(Hit {
                document: document.id,
                title: document.title.clone(),
                line: Some(line.id),
                text: line.text,
                matches,
            });
        }
        Ok(Visit::On)
    }
}
