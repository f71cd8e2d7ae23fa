//! The columns of a document.

use rusqlite::Row;

use super::{Columns, DocumentRow, check};
use crate::checksum::Checksum;
use crate::error::StoreError;
use tideline_model::GroupId;

pub(crate) const DOCUMENT_COLUMNS: &str = "id, guid, title, folder, cursor, hash, batch_count, \
     batch_sum, line_count, lines_stale_at, created_at, updated_at, deleted_at, destroyed_at, checksum";

/// A document with what only the store needs to know of it.
#[derive(Debug, Clone)]
pub(crate) struct StoredDocument {
    pub(crate) key: i64,
    pub(crate) row: DocumentRow,
    pub(crate) batch_count: u64,
    /// Wrapping sum of the checksums of its batches: none can go missing unnoticed.
    pub(crate) batch_sum: i64,
}

impl StoredDocument {
    /// Reads [`DOCUMENT_COLUMNS`].
    pub(crate) fn read(row: &Row<'_>, group: GroupId) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        let key = columns.next()?;
        let id = columns.guid()?;
        let title = columns.next()?;
        let folder = columns.next()?;
        let cursor = columns.number()?;
        let hash: Option<Vec<u8>> = columns.next()?;
        let hash = hash
            .map(<[u8; 16]>::try_from)
            .transpose()
            .map_err(|_| StoreError::damaged(format!("the hash of {id} is not 16 bytes long")))?
            .map(u128::from_le_bytes);
        let batch_count = columns.number()?;
        let batch_sum = columns.next()?;
        let row = DocumentRow {
            id,
            group,
            title,
            folder,
            cursor,
            hash,
            line_count: columns.number()?,
            lines_stale_ms: columns.next()?,
            created_ms: columns.next()?,
            updated_ms: columns.next()?,
            deleted_ms: columns.next()?,
            destroyed_ms: columns.next()?,
        };
        let document = Self {
            key,
            row,
            batch_count,
            batch_sum,
        };
        check(columns.next()?, document.checksum(), || {
            format!("the entry of {id}")
        })?;
        Ok(document)
    }

    pub(crate) fn checksum(&self) -> i64 {
        let row = &self.row;
        Checksum::of("documents")
            .text(&row.group.to_string())
            .text(&row.id.to_string())
            .text(&row.title)
            .text(&row.folder)
            .number(row.cursor.cast_signed())
            .maybe_bytes(
                row.hash
                    .map(u128::to_le_bytes)
                    .as_ref()
                    .map(<[u8; 16]>::as_slice),
            )
            .number(self.batch_count.cast_signed())
            .number(self.batch_sum)
            .number(row.line_count.cast_signed())
            .maybe_number(row.lines_stale_ms)
            .number(row.created_ms)
            .number(row.updated_ms)
            .maybe_number(row.deleted_ms)
            .maybe_number(row.destroyed_ms)
            .finish()
    }
}
