//! The single accessor to what belongs to a group: no statement on a document, a batch or a line is
//! made without the group.

use crate::sealed::SealedBatch;
use rusqlite::Connection;
use tideline_model::{DocumentId, Event, GroupId, LineId};

use crate::error::StoreError;
use crate::rows::{DocumentRow, Hit, OrderedLine};

/// What one group has in this replica. A group that is not known here has nothing.
pub struct Scope<'c> {
    connection: &'c Connection,
    group: GroupId,
}

impl<'c> Scope<'c> {
    pub(crate) fn new(connection: &'c Connection, group: GroupId) -> Self {
        Self { connection, group }
    }

    /// All documents, deleted and destroyed ones too, oldest first.
    pub fn documents(&self) -> Result<Vec<DocumentRow>, StoreError> {
        let _ = (self.connection, self.group);
        unimplemented!()
    }

    pub fn document(&self, _document: DocumentId) -> Result<Option<DocumentRow>, StoreError> {
        unimplemented!()
    }

    /// All batches of a document, each after those it builds on (the order in which they came).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] also when one is missing or is not what was stored.
    pub fn batches(&self, _document: DocumentId) -> Result<Vec<SealedBatch>, StoreError> {
        unimplemented!()
    }

    /// All events of a document, each after its parents.
    pub fn events(&self, _document: DocumentId) -> Result<Vec<Event>, StoreError> {
        unimplemented!()
    }

    /// Batches that the server has not acknowledged, in the order in which they were written.
    pub fn outbox(&self, _document: DocumentId) -> Result<Vec<SealedBatch>, StoreError> {
        unimplemented!()
    }

    /// Documents with batches in the outbox, and how many events those hold.
    pub fn pending_documents(&self) -> Result<Vec<(DocumentId, u64)>, StoreError> {
        unimplemented!()
    }

    /// The last position of the server's log that is in this replica; 0 before the first.
    pub fn cursor(&self, _document: DocumentId) -> Result<u64, StoreError> {
        unimplemented!()
    }

    /// Up to `limit` displayed children of `parent`, behind the key `after_ord` (`None`: from the
    /// first).
    pub fn lines(
        &self,
        _document: DocumentId,
        _parent: LineId,
        _after_ord: Option<i64>,
        _limit: usize,
    ) -> Result<Vec<OrderedLine>, StoreError> {
        unimplemented!()
    }

    /// Displayed lines of a document.
    pub fn line_count(&self, _document: DocumentId) -> Result<u64, StoreError> {
        unimplemented!()
    }

    /// Lines and titles in which every word of `text` occurs; the best ones first.
    ///
    /// A word is found at the start of a word, or anywhere when it has three characters or more;
    /// Chinese, Japanese and Korean text anywhere. Case, width and accents do not matter.
    pub fn search(
        &self,
        _text: &str,
        _document: Option<DocumentId>,
        _limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        unimplemented!()
    }
}
