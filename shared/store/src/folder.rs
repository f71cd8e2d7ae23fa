//! A data folder: its files, and every check that comes before the database is trusted.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::error::{OpenError, StoreError};
use crate::identity::Identity;
use crate::lock::{FolderLock, LockError};
use crate::mark::{Mark, Renewal};
use crate::schema;

const DATABASE_NAME: &str = "replica.sqlite";
const LOCK_NAME: &str = "replica.lock";
const MARK_NAME: &str = "replica.mark";

pub(crate) fn database_path(folder: &Path) -> PathBuf {
    folder.join(DATABASE_NAME)
}

pub(crate) fn mark_path(folder: &Path) -> PathBuf {
    folder.join(MARK_NAME)
}

/// A data folder that is locked and may be written.
pub(crate) struct Opened {
    pub(crate) lock: FolderLock,
    pub(crate) connection: Connection,
    pub(crate) mark: Mark,
    pub(crate) identity: Identity,
    pub(crate) renewal: Option<Renewal>,
}

/// Whether a folder that holds no replica yet gets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    Create,
    Refuse,
}

pub(crate) fn open(folder: &Path, absent: Absent, now_ms: i64) -> Result<Opened, OpenError> {
    let file = database_path(folder);
    if absent == Absent::Refuse && !exists(&file, folder)? {
        let folder = folder.to_owned();
        return Err(OpenError::Missing { folder });
    }
    prepare_folder(folder)?;
    let lock = take_lock(folder)?;
    let mark_path = mark_path(folder);
    if exists(&mark_path, folder)? && !exists(&file, folder)? {
        return Err(OpenError::DatabaseMissing {
            file,
            mark: mark_path,
        });
    }
    probe(&file, folder)?;
    let (mut connection, created) = schema::open(&file)?;
    let damaged = |error| OpenError::from_store(&file, error);
    // A first start may have been cut short between the two.
    let new = created || !Identity::exists(&connection).map_err(damaged)?;
    let mut identity = if new {
        create_identity(&mut connection, now_ms).map_err(damaged)?
    } else {
        Identity::load(&connection).map_err(damaged)?
    };
    let from_io = |error| OpenError::from_io(folder, &error);
    let mut mark = Mark::open(&mark_path).map_err(from_io)?;
    let mut renewal = None;
    if !new {
        let compared = mark.compare(identity.replica, identity.generation);
        (renewal, identity.generation) = compared.map_err(from_io)?;
    }
    let mut opened = Opened {
        lock,
        connection,
        mark,
        identity,
        renewal,
    };
    opened.settle(folder, now_ms)?;
    Ok(opened)
}

impl Opened {
    /// Takes a new replica id if that is called for, and brings the mark up to date.
    fn settle(&mut self, folder: &Path, now_ms: i64) -> Result<(), OpenError> {
        let file = database_path(folder);
        let refused = |error: rusqlite::Error| OpenError::from_store(&file, error.into());
        if let Some(renewal) = self.renewal {
            tracing::warn!(%renewal, "the replica takes a new id");
            let transaction = self.connection.transaction().map_err(refused)?;
            self.identity.generation += 1;
            self.identity
                .renew(&transaction, now_ms)
                .map_err(|error| OpenError::from_store(&file, error))?;
            transaction.commit().map_err(refused)?;
        }
        let (replica, generation) = (self.identity.replica, self.identity.generation);
        self.mark
            .advance(replica, generation)
            .and_then(|()| self.mark.sync())
            .and_then(|()| sync_folder(folder))
            .map_err(|error| OpenError::from_io(folder, &error))?;
        schema::trust(&self.connection).map_err(refused)
    }
}

/// SQLite falls back to reading, or says nothing but that it cannot open the file.
fn probe(file: &Path, folder: &Path) -> Result<(), OpenError> {
    match fs::OpenOptions::new().read(true).write(true).open(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(OpenError::from_io(folder, &error))
        }
        _ => Ok(()),
    }
}

fn create_identity(connection: &mut Connection, now_ms: i64) -> Result<Identity, StoreError> {
    let transaction = connection.transaction()?;
    let identity = Identity::create(&transaction, now_ms)?;
    transaction.commit()?;
    Ok(identity)
}

fn exists(path: &Path, folder: &Path) -> Result<bool, OpenError> {
    path.try_exists().map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => OpenError::Unreadable {
            folder: folder.to_owned(),
            reason: error.to_string(),
        },
        _ => OpenError::from_io(folder, &error),
    })
}

fn prepare_folder(folder: &Path) -> Result<(), OpenError> {
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(OpenError::NotAFolder {
            folder: folder.to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(folder).map_err(|error| OpenError::from_io(folder, &error))
        }
        Err(error) => Err(OpenError::from_io(folder, &error)),
    }
}

/// For nobody but its owner: it holds notes, and the token for the server.
pub(crate) fn create(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub(crate) fn take_lock(folder: &Path) -> Result<FolderLock, OpenError> {
    FolderLock::take(&folder.join(LOCK_NAME)).map_err(|error| match error {
        LockError::Held { pid } => OpenError::InUse {
            folder: folder.to_owned(),
            pid,
        },
        LockError::Io(error) => OpenError::from_io(folder, &error),
    })
}

/// Makes the names of new files durable.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
