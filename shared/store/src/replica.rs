//! The replica of one data folder: opening it, what it is called, and writing to it.

use std::path::Path;

use serde_json::{Map, Value};
use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};

use crate::commit::Commit;
use crate::error::{CommitError, OpenError, StoreError};
use crate::reader::Reader;
use crate::rows::{GroupRow, LineRow};
use crate::scope::Scope;

/// The one writer of a data folder. Holds the folder's lock until it is dropped.
pub struct Replica {
    connection: rusqlite::Connection,
}

impl Replica {
    /// Opens `folder`, creating it and its database when they do not exist.
    ///
    /// # Errors
    /// [`OpenError`]; nothing in the folder has been changed then.
    pub fn open(_folder: &Path) -> Result<Self, OpenError> {
        unimplemented!()
    }

    /// The id that events and lines of this replica carry from now on. Changes only in
    /// [`Replica::open`] (after a restored backup or a copied folder) and [`Replica::renew`].
    pub fn replica_id(&self) -> ReplicaId {
        unimplemented!()
    }

    /// Takes a new replica id: the server knows events of this replica that are not here.
    /// Line numbers start anew.
    ///
    /// # Errors
    /// [`StoreError`]; the id is as it was then.
    pub fn renew(&mut self, _now_ms: i64) -> Result<ReplicaId, StoreError> {
        unimplemented!()
    }

    /// The group of the documents that are only in this folder.
    pub fn local_group(&self) -> GroupId {
        unimplemented!()
    }

    /// The person who writes here, and their name.
    pub fn local_user(&self) -> (UserId, String) {
        unimplemented!()
    }

    pub fn set_local_user(&mut self, _user: UserId, _name: &str) -> Result<(), StoreError> {
        unimplemented!()
    }

    pub fn settings(&self) -> Result<Map<String, Value>, StoreError> {
        unimplemented!()
    }

    /// `Value::Null` removes the setting.
    pub fn set_setting(&mut self, _name: &str, _value: &Value) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The number of the first line id that has not been reserved.
    pub fn next_line_number(&self) -> u64 {
        unimplemented!()
    }

    /// Reserves `count` line numbers and returns the first. On disk before it returns.
    ///
    /// # Errors
    /// [`StoreError`]; no number has been reserved then.
    pub fn reserve_line_numbers(&mut self, _count: u64) -> Result<u64, StoreError> {
        unimplemented!()
    }

    pub fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        unimplemented!()
    }

    /// Adds a group, or changes the name and home of one that is known.
    pub fn add_group(&mut self, _group: &GroupRow) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Gives the documents of `from`, deleted ones and `except` excluded, to `into`. All their batches
    /// stand in the outbox then. Returns the documents.
    pub fn adopt_local_documents(
        &mut self,
        _from: GroupId,
        _into: GroupId,
        _except: &[DocumentId],
        _now_ms: i64,
    ) -> Result<Vec<DocumentId>, StoreError> {
        unimplemented!()
    }

    /// The documents of one group: the only way to reach them.
    pub fn scope(&self, group: GroupId) -> Scope<'_> {
        Scope::new(&self.connection, group)
    }

    /// A second connection that only reads, for another thread.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        unimplemented!()
    }

    /// Stores `commit` in one transaction; it is on disk (fsync) when this returns.
    ///
    /// # Errors
    /// [`CommitError`]; nothing of it has been stored then.
    pub fn commit(&mut self, _commit: &Commit) -> Result<(), CommitError> {
        unimplemented!()
    }

    /// Replaces all line rows of a document by `rows`, given in display order.
    pub fn rebuild(
        &mut self,
        _group: GroupId,
        _document: DocumentId,
        _rows: &[LineRow],
        _now_ms: i64,
    ) -> Result<(), CommitError> {
        unimplemented!()
    }

    /// Brings up to `limit` lines of the search index up to date; `true` when more are owed.
    /// [`crate::Writer`] does this by itself when it has nothing else to do.
    pub fn index_step(&mut self, _limit: usize) -> Result<bool, StoreError> {
        unimplemented!()
    }
}
