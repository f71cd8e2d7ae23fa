//! Rows as callers see them, and how they are read from the columns of the database.

mod batch;
mod document;
mod line;
mod segment;

use rusqlite::Row;
use rusqlite::types::FromSql;
use tideline_model::{DocumentId, GroupId, LineId, LineView};
use uuid::Uuid;

use crate::error::StoreError;

pub(crate) use batch::{BATCH_COLUMNS, StoredBatch, batch_checksum, batch_guid};
pub(crate) use document::{DOCUMENT_COLUMNS, StoredDocument};
pub(crate) use line::{
    KIND_TEXT, LINE_BY_ID, LINE_COLUMNS, LineContent, Place, StoredLine, place_checksum,
};
pub(crate) use segment::{RUN_COLUMNS, Run, SEGMENT_COLUMNS, StoredSegment};

/// A group of people who share documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    pub id: GroupId,
    pub name: String,
    pub home: GroupHome,
}

/// Where a group lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupHome {
    /// Only in this data folder.
    Local,
    /// On the sync server at this address.
    Server { url: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    pub id: DocumentId,
    pub group: GroupId,
    pub title: String,
    /// Folder names joined by `/`; empty at the top.
    pub folder: String,
    /// The last position of the server's log that is in this replica; 0 before the first.
    pub cursor: u64,
    /// `Document::hash` as of the last commit that gave one.
    pub hash: Option<u128>,
    /// Displayed lines.
    pub line_count: u64,
    /// Since when the line rows lag behind the events (a commit's rows did not fit, its events were
    /// stored all the same): call [`crate::Replica::rebuild`].
    pub lines_stale_ms: Option<i64>,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub deleted_ms: Option<i64>,
    /// Its text is gone for good; the row remains so that people can be told.
    pub destroyed_ms: Option<i64>,
}

/// A displayed line as the caller wants it stored, behind `after` among the children of
/// `line.parent` (`None`: first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    pub after: Option<LineId>,
    pub line: LineView,
}

/// A stored line with its local order key: siblings ascend by `ord`. Keys are this replica's own and
/// may be dealt anew by any commit; they never leave the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedLine {
    pub ord: i64,
    pub line: LineView,
}

/// A place that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub document: DocumentId,
    pub title: String,
    /// `None` when the title itself matched.
    pub line: Option<LineId>,
    /// The line's text, or the title.
    pub text: String,
    /// Matching ranges in `text`, start and end in Unicode scalar values; ascending, not touching.
    pub matches: Vec<(u32, u32)>,
}

/// Reads the columns of a row from left to right.
pub(crate) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(crate) fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn next<T: FromSql>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        Ok(self.row.get(self.next - 1)?)
    }

    pub(crate) fn number(&mut self) -> Result<u64, StoreError> {
        let number: i64 = self.next()?;
        u64::try_from(number).map_err(|_| StoreError::damaged(format!("a count is {number}")))
    }

    pub(crate) fn guid<T: std::str::FromStr>(&mut self) -> Result<T, StoreError>
    where
        T::Err: std::fmt::Display,
    {
        let text: String = self.next()?;
        text.parse()
            .map_err(|error: T::Err| StoreError::damaged(error.to_string()))
    }

    pub(crate) fn uuid(&mut self) -> Result<Uuid, StoreError> {
        let bytes: Vec<u8> = self.next()?;
        Uuid::from_slice(&bytes)
            .map_err(|_| StoreError::damaged(format!("an id has {} bytes", bytes.len())))
    }

    pub(crate) fn maybe_uuid(&mut self) -> Result<Option<Uuid>, StoreError> {
        let bytes: Option<Vec<u8>> = self.next()?;
        bytes
            .map(|bytes| Uuid::from_slice(&bytes))
            .transpose()
            .map_err(|_| StoreError::damaged("an id is not 16 bytes long"))
    }
}

/// Compares a row's checksum with the stored one.
pub(crate) fn check(
    stored: i64,
    computed: i64,
    what: impl Fn() -> String,
) -> Result<(), StoreError> {
    if stored == computed {
        Ok(())
    } else {
        let what = what();
        Err(StoreError::damaged(format!(
            "{what} is not what was stored"
        )))
    }
}
