//! The replica of one data folder: opening it, what it is called, and writing to it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, TransactionBehavior};
use serde_json::{Map, Value};
use tideline_model::{DocumentId, GroupId, ReplicaId, UserId};

use crate::commit::{self, Commit};
use crate::destroy::{self, Progress};
use crate::error::{CommitError, OpenError, StoreError};
use crate::folder::{self, Absent, Opened};
use crate::identity::{self, Identity, load_groups};
use crate::lock::FolderLock;
use crate::mark::{Mark, Renewal};
use crate::packing::{Packing, Parcel};
use crate::reader::Reader;
use crate::rows::{GroupRow, LineRow};
use crate::scope::Scope;
use crate::verify::{self, Verification};
use crate::vocabulary::KnownWords;
use crate::{adopt, index, packing, saved, schema, settings};

/// The one writer of a data folder. Holds the folder's lock until it and all its readers are gone.
#[derive(Debug)]
pub struct Replica {
    // Closed before the lock is let go: fields are dropped in this order.
    connection: Connection,
    mark: Mark,
    identity: Identity,
    renewal: Option<Renewal>,
    folder: PathBuf,
    known_words: KnownWords,
    /// Nothing was indexed since there was nothing left to merge.
    index_is_merged: bool,
    /// Lines were indexed with their commit, in few and large parts.
    index_has_large_parts: bool,
    lock: Arc<FolderLock>,
}

#[expect(
    clippy::missing_errors_doc,
    reason = "without a section of its own, an error is trouble with the disk"
)]
impl Replica {
    /// Opens `folder`, creating it and its database when they do not exist.
    ///
    /// # Errors
    /// [`OpenError`]; nothing in an existing database has been changed then.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        Self::open_as(folder, Absent::Create)
    }

    /// Opens `folder` if it holds a replica: for commands that make no sense on an empty one.
    ///
    /// # Errors
    /// As [`Replica::open`], and [`OpenError::Missing`].
    pub fn open_existing(folder: &Path) -> Result<Self, OpenError> {
        Self::open_as(folder, Absent::Refuse)
    }

    fn open_as(folder: &Path, absent: Absent) -> Result<Self, OpenError> {
        let Opened {
            lock,
            connection,
            mark,
            identity,
            renewal,
        } = folder::open(folder, absent, now_ms())?;
        Ok(Self {
            connection,
            mark,
            identity,
            renewal,
            folder: folder.to_owned(),
            known_words: KnownWords::default(),
            index_is_merged: false,
            index_has_large_parts: false,
            lock: Arc::new(lock),
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The id that events and lines of this replica carry from now on. Changes only in
    /// [`Replica::open`] (see [`Replica::renewal`]) and [`Replica::renew`].
    pub fn replica_id(&self) -> ReplicaId {
        self.identity.replica
    }

    /// Why this replica took a new id when it was opened; its text is for people.
    pub fn renewal(&self) -> Option<Renewal> {
        self.renewal
    }

    /// Takes a new replica id: the server knows events of this replica that are not here.
    /// Line numbers start anew.
    ///
    /// # Errors
    /// [`StoreError`]; the id is as it was then.
    pub fn renew(&mut self, now_ms: i64) -> Result<ReplicaId, StoreError> {
        self.transact(|connection, identity| identity.renew(connection, now_ms))?;
        Ok(self.identity.replica)
    }

    /// The group of the documents that are only in this folder.
    pub fn local_group(&self) -> GroupId {
        self.identity.local_group
    }

    /// The person who writes here, and their name; the name is empty until it is set.
    pub fn local_user(&self) -> (UserId, String) {
        (self.identity.user, self.identity.user_name.clone())
    }

    pub fn set_local_user(&mut self, user: UserId, name: &str) -> Result<(), StoreError> {
        self.transact(|connection, identity| identity.set_user(connection, user, name, now_ms()))
    }

    pub fn settings(&self) -> Result<Map<String, Value>, StoreError> {
        settings::load(&self.connection)
    }

    /// `Value::Null` removes the setting.
    pub fn set_setting(&mut self, name: &str, value: &Value) -> Result<(), StoreError> {
        self.transact(|connection, identity| {
            let group_key = identity.local_group_key();
            settings::save(connection, group_key, name, value, now_ms())
        })
    }

    /// The number of the first line id that has not been reserved; the first of all is 1.
    pub fn next_line_number(&self) -> u64 {
        self.identity.line_numbers_reserved + 1
    }

    /// Reserves `count` line numbers and returns the first. On disk before it returns.
    ///
    /// # Errors
    /// [`StoreError`]; no number has been reserved then.
    pub fn reserve_line_numbers(&mut self, count: u64) -> Result<u64, StoreError> {
        let first = self.next_line_number();
        self.transact(|_, identity| {
            identity.line_numbers_reserved += count;
            Ok::<(), StoreError>(())
        })?;
        Ok(first)
    }

    /// All groups, the local one first.
    pub fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        load_groups(&self.connection)
    }

    /// Adds a group, or changes the name and home of one that is known.
    pub fn add_group(&mut self, group: &GroupRow) -> Result<(), StoreError> {
        self.transact(|connection, _| identity::save_group(connection, group, now_ms()).map(|_| ()))
    }

    /// Gives the documents of `from`, deleted ones and `except` excluded, to `into`. All their batches
    /// stand in the outbox then. Returns the documents.
    ///
    /// # Errors
    /// [`StoreError`], also when `into` is not known; nothing has been adopted then.
    pub fn adopt_local_documents(
        &mut self,
        from: GroupId,
        into: GroupId,
        except: &[DocumentId],
        now_ms: i64,
    ) -> Result<Vec<DocumentId>, StoreError> {
        self.transact(|connection, _| adopt::adopt(connection, from, into, except, now_ms))
    }

    /// Puts every batch that was written here back into the outboxes of a group: its server may have
    /// lost what it had acknowledged.
    pub fn forget_acknowledgements(
        &mut self,
        group: GroupId,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.transact(|connection, _| adopt::forget_acknowledgements(connection, group, now_ms))
    }

    /// The documents of one group: the only way to reach them.
    pub fn scope(&self, group: GroupId) -> Scope<'_> {
        Scope::new(&self.connection, group)
    }

    /// A second connection that only reads, for another thread.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.folder, Arc::clone(&self.lock))
    }

    /// Stores `commit` in one transaction; it is on disk (fsync) when this returns.
    ///
    /// # Errors
    /// [`CommitError`]; nothing of it has been stored then.
    pub fn commit(&mut self, commit: &Commit) -> Result<(), CommitError> {
        self.commit_all([commit])?.pop().unwrap_or(Ok(()))
    }

    /// Stores several commits with one fsync. One that is refused leaves the others alone; the results
    /// stand in the same order.
    ///
    /// # Errors
    /// Trouble with the disk: none of them has been stored then.
    pub fn commit_all<'a>(
        &mut self,
        commits: impl IntoIterator<Item = &'a Commit>,
    ) -> Result<Vec<Result<(), CommitError>>, StoreError> {
        // Words of a transaction that is undone are not known; so they come back only behind it.
        let mut known = std::mem::take(&mut self.known_words);
        let mut has_indexed = false;
        let done = self.transact(|connection, identity| {
            commits
                .into_iter()
                .map(|commit| {
                    has_indexed |= commit.is_indexed_at_once();
                    commit_one(connection, identity.replica, commit, &mut known)
                })
                .collect()
        })?;
        self.known_words = known;
        self.index_is_merged &= !has_indexed;
        self.index_has_large_parts |= has_indexed;
        Ok(done)
    }

    /// Replaces all line rows of a document by `rows`, given in display order.
    ///
    /// # Errors
    /// [`CommitError`]; the rows are as they were then.
    pub fn rebuild(
        &mut self,
        group: GroupId,
        document: DocumentId,
        rows: &[LineRow],
        now_ms: i64,
    ) -> Result<(), CommitError> {
        self.transact(|connection, _| {
            commit::rebuild_lines(connection, group, document, rows, now_ms)
        })
    }

    /// Brings up to `limit` lines of the search index up to date; says whether more are owed.
    /// [`crate::Writer`] does this by itself when it has nothing else to do.
    pub fn index_step(&mut self, limit: usize) -> Result<bool, StoreError> {
        if !index::owes(&self.connection)? {
            return Ok(false);
        }
        // Words of a step that is undone are not known; so they come back only behind it.
        let mut known = std::mem::take(&mut self.known_words);
        self.index_is_merged = false;
        let more = self.transact(|connection, _| index::step(connection, limit, &mut known))?;
        self.known_words = known;
        Ok(more)
    }

    /// Unites parts of the search index, about `pages` of it, so that searches ask fewer; says whether
    /// there may be more to do.
    pub fn merge_step(&mut self, pages: u32) -> Result<bool, StoreError> {
        if self.index_is_merged {
            return Ok(false);
        }
        let more = self.transact(|connection, _| index::merge(connection, i64::from(pages)))?;
        self.index_is_merged = !more;
        Ok(more)
    }

    /// As [`Replica::merge_step`], if a large commit makes it worth it: a later small one would unite all
    /// that it left at once, and take long. [`crate::Writer`] does this by itself.
    pub fn merge_large_step(&mut self, pages: u32) -> Result<bool, StoreError> {
        self.index_has_large_parts = self.index_has_large_parts && self.merge_step(pages)?;
        Ok(self.index_has_large_parts)
    }

    /// Makes the index owe every line of a group (`None`: of all): what was indexed by other rules, or
    /// not rightly, is indexed again.
    pub fn reindex(&mut self, group: Option<GroupId>) -> Result<(), StoreError> {
        self.known_words = KnownWords::default();
        self.transact(|connection, _| index::backdate(connection, group))
    }

    /// Packs settled history of one document into less room, if any is worth it; says whether there may
    /// be more. [`Reader::next_parcel`] and [`Replica::put`] do the same on two threads.
    pub fn pack_step(&mut self, packing: Packing, now_ms: i64) -> Result<bool, StoreError> {
        match packing::next(&self.connection, packing, now_ms)? {
            Some(parcel) => self.put(&parcel),
            None => Ok(false),
        }
    }

    /// Puts a parcel in the place of what it was made from; says whether it still fitted.
    pub fn put(&mut self, parcel: &Parcel) -> Result<bool, StoreError> {
        self.transact(|connection, _| packing::put(connection, parcel))
    }

    /// Gives up to `pages` unused pages of the file back to the disk; says whether there are more.
    pub fn shrink_step(&mut self, pages: u32) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        drop(rows);
        let unused: i64 = self
            .connection
            .pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        let keeps_them: i64 = self
            .connection
            .pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
        Ok(unused > 0 && keeps_them == schema::INCREMENTAL)
    }

    /// Overwrites what deleted documents said, up to `limit` rows, starting with those deleted before
    /// `deleted_before_ms`; says whether there is more to do. Their metadata stays. Spared is what the
    /// server of a group has not acknowledged. The last step rewrites the whole file.
    ///
    /// # Errors
    /// [`StoreError`]; the step has not been done then.
    pub fn destroy_step(
        &mut self,
        deleted_before_ms: i64,
        limit: usize,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.known_words = KnownWords::default();
        let progress = self.transact(|connection, _| {
            destroy::step(connection, deleted_before_ms, limit, now_ms)
        })?;
        if progress != Progress::Idle {
            self.forget_saved()?;
        }
        if progress == Progress::Overwritten {
            // Unused parts of pages, free pages and the log still hold what was there.
            self.connection.execute_batch("VACUUM")?;
            self.transact(|connection, _| destroy::finish(connection))?;
            self.empty_log()?;
        }
        Ok(progress == Progress::Going)
    }

    /// Takes away the saved forms of documents that are destroyed, or unknown.
    fn forget_saved(&self) -> Result<(), StoreError> {
        let mut kept: HashSet<DocumentId> = HashSet::new();
        for group in load_groups(&self.connection)? {
            let documents = self.scope(group.id).documents()?.into_iter();
            let documents = documents.filter(|document| document.destroyed_ms.is_none());
            kept.extend(documents.map(|document| document.id));
        }
        let is_kept = |document| kept.contains(&document);
        saved::forget_unless(&self.folder, is_kept).map_err(|error| StoreError::Disk {
            what: error.to_string(),
        })
    }

    /// Moves everything from the write-ahead log into the database, unless somebody reads just now:
    /// then it stays where it is as safe.
    pub(crate) fn empty_log(&self) -> Result<(), StoreError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// As [`Reader::verify`], on the writer's own connection.
    pub fn verify(&self) -> Verification {
        verify::verify(&self.connection)
    }

    /// Events with numbers of this replica are not on disk and not forgotten: it must not use those
    /// numbers again. The mark says so, which takes no room; the next opening finds it ahead.
    pub(crate) fn retire(&mut self) {
        let (replica, generation) = (self.identity.replica, self.identity.generation + 1);
        if let Err(error) = self.mark.advance(replica, generation) {
            tracing::error!(%error, "what was not saved may collide with what is written next");
        }
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// One transaction. The mark follows once it is durable.
    pub(crate) fn transact<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Identity) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(StoreError::from)?;
        let mut identity = self.identity.clone();
        identity.generation += 1;
        let result = work(&transaction, &mut identity)?;
        identity.save(&transaction, now_ms())?;
        transaction.commit().map_err(StoreError::from)?;
        self.identity = identity;
        let (replica, generation) = (self.identity.replica, self.identity.generation);
        if let Err(error) = self.mark.advance(replica, generation) {
            // It stays behind the database: a backup restored now would not be recognized.
            tracing::warn!(%error, "the mark beside the database could not be written");
        }
        Ok(result)
    }
}

/// One commit among others in a transaction; trouble with the disk ends them all.
fn commit_one(
    connection: &Connection,
    ours: ReplicaId,
    commit: &Commit,
    known: &mut KnownWords,
) -> Result<Result<(), CommitError>, StoreError> {
    connection.execute_batch("SAVEPOINT one_commit")?;
    let result = commit::carry_out(connection, ours, commit, known);
    match result {
        Ok(()) => {}
        Err(CommitError::Store(error)) if !matches!(error, StoreError::Refused(_)) => {
            return Err(error);
        }
        Err(_) => {
            connection.execute_batch("ROLLBACK TO one_commit")?;
            *known = KnownWords::default();
        }
    }
    connection.execute_batch("RELEASE one_commit")?;
    Ok(result)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}
