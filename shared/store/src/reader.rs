//! A connection that only reads, for threads other than the writer's.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};
use tideline_model::GroupId;

use crate::error::StoreError;
use crate::folder::database_path;
use crate::identity::load_groups;
use crate::lock::FolderLock;
use crate::packing::{self, Packing, Parcel};
use crate::rows::GroupRow;
use crate::schema;
use crate::scope::Scope;
use crate::settings;
use crate::verify::{self, Verification};

/// Sees every commit that was durable when a read begins. One per thread.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    folder: PathBuf,
    /// A folder stays locked while somebody reads it.
    lock: Arc<FolderLock>,
}

#[expect(
    clippy::missing_errors_doc,
    reason = "an error is trouble with the disk"
)]
impl Reader {
    pub(crate) fn open(folder: &Path, lock: Arc<FolderLock>) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = schema::connect(&database_path(folder), flags)?;
        Ok(Self {
            connection,
            folder: folder.to_owned(),
            lock,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn scope(&self, group: GroupId) -> Scope<'_> {
        Scope::new(&self.connection, group)
    }

    /// All groups, the local one first.
    pub fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        load_groups(&self.connection)
    }

    /// Reads everything and says what does not agree: pages, checksums, events replayed against rows,
    /// the search index. Takes its time.
    pub fn verify(&self) -> Verification {
        verify::verify(&self.connection)
    }

    /// Settled history that is worth packing, packed: to be put in its place by [`crate::Replica::put`].
    pub fn next_parcel(&self, packing: Packing, now_ms: i64) -> Result<Option<Parcel>, StoreError> {
        packing::next(&self.connection, packing, now_ms)
    }

    /// As [`Reader::verify`], but `None` when `stopping` is set before it is done.
    pub(crate) fn verify_unless(&self, stopping: &AtomicBool) -> Option<Verification> {
        verify::verify_unless(&self.connection, stopping)
    }

    pub(crate) fn settings(&self) -> Result<Map<String, Value>, StoreError> {
        settings::load(&self.connection)
    }

    /// Another one, for another thread.
    pub fn another(&self) -> Result<Reader, StoreError> {
        Self::open(&self.folder, Arc::clone(&self.lock))
    }
}
