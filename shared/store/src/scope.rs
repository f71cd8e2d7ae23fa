//! What one group has: the only way to read documents, batches and lines.

use std::collections::HashMap;

use rusqlite::Connection;
use tideline_model::{DocumentId, EventId, GroupId};
use tideline_wire::SealedBatch;

use crate::error::StoreError;
use crate::rows::{Columns, DOCUMENT_COLUMNS, DocumentRow, StoredDocument};
use crate::table::{Named, Rows, Table, Visit};

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

    /// All batches that the server has not acknowledged, in the order in which they were written. In
    /// the local group, those that are not packed yet: adoption puts all of them there.
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

    /// Documents with events that no server has, and how many those are.
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
        for (document_key, events) in self.packed_unsent("TRUE", &[])? {
            *counts.entry(document_key).or_default() += events;
        }
        let documents = self.stored_documents("TRUE ORDER BY id", &[])?;
        Ok(documents
            .iter()
            .filter_map(|stored| Some((stored.row.id, *counts.get(&stored.key)?)))
            .collect())
    }

    /// How many events of one document no server has.
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
        let packed =
            self.packed_unsent("document_id = :document", &[(":document", &stored.key)])?;
        let packed: u64 = packed.into_iter().map(|(_, events)| events).sum();
        Ok(counts.into_iter().sum::<u64>() + packed)
    }

    /// Packed events of documents that are only in this folder, which no server has.
    fn packed_unsent(&self, filter: &str, named: Named<'_>) -> Result<Vec<(i64, u64)>, StoreError> {
        let local = "(SELECT server_url FROM groups WHERE id = segments.group_id) IS NULL";
        let filter = format!("destroyed_at IS NULL AND {local} AND {filter}");
        self.rows.select(
            Table::Segments,
            "document_id, event_count",
            &filter,
            named,
            |row| {
                let mut columns = Columns::of(row);
                Ok((columns.next()?, columns.number()?))
            },
        )
    }

    /// The last position of the server's log that is in this replica; 0 before the first.
    pub fn cursor(&self, document: DocumentId) -> Result<u64, StoreError> {
        Ok(self.stored(document)?.map_or(0, |stored| stored.row.cursor))
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

    /// The document, if it is here and has not been destroyed.
    pub(crate) fn readable(
        &self,
        document: DocumentId,
    ) -> Result<Option<StoredDocument>, StoreError> {
        match self.stored(document)? {
            Some(stored) if stored.row.destroyed_ms.is_some() => {
                Err(StoreError::Destroyed { document })
            }
            stored => Ok(stored),
        }
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
