//! Opens the database of the server, makes it when there is none, and says in plain words what is
//! wrong with it. Knows nothing of what is in the tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::schema::{CREATE, SCHEMA_VERSION};

const FILE_NAME: &str = "server.sqlite";
/// How long a statement waits for another process (the command line) to finish its own.
const BUSY: Duration = Duration::from_secs(5);
/// Databases up to this size are checked as a whole when they are opened.
const CHECKED_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the data folder {} cannot be used: {source}. Nothing was changed. Make it writable for this \
         user, or choose another one with --data", folder.display()
    )]
    Folder {
        folder: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the database {} is damaged: {detail}. It was left as it is; every client still has its own \
         documents. Copy the folder before anything else, then restore a backup; or start with an \
         empty folder (--data), make the users and tokens again, and the clients will push what they \
         have", path.display()
    )]
    Damaged { path: PathBuf, detail: String },
    #[error(
        "the database {} is in use by another program and stayed locked for {} seconds. Nothing was \
         changed. End that program, or try again when it is done", path.display(), BUSY.as_secs()
    )]
    Locked { path: PathBuf },
    #[error(
        "the disk of {} is full. What was acknowledged is safe. Free some space and start again",
        path.display()
    )]
    Full { path: PathBuf },
    #[error(
        "the database {} was written by a newer version (format {found}; this one knows {known}). \
         Nothing was changed. Use that version, or another folder (--data)", path.display()
    )]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error(
        "the database {} cannot be opened: {source}. Nothing was changed. Check that the folder can \
         be read and written by this user", path.display()
    )]
    Unusable {
        path: PathBuf,
        source: rusqlite::Error,
    },
}

/// What can go wrong with a database that was opened in good order.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the server's disk is full")]
    Full(#[source] rusqlite::Error),
    #[error("the server's database is damaged")]
    Damaged(#[source] rusqlite::Error),
    #[error("the server's database is busy")]
    Busy(#[source] rusqlite::Error),
    #[error("the server's database does not answer as it should")]
    Other(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => DatabaseError::Full(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                DatabaseError::Damaged(error)
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DatabaseError::Busy(error),
            _ => DatabaseError::Other(error),
        }
    }
}

/// Where a server keeps what it knows, and how much it may keep.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    pub folder: PathBuf,
    /// The database stops growing there, as if the disk were full.
    pub bytes_max: Option<u64>,
}

impl DatabaseOptions {
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            bytes_max: None,
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(FILE_NAME)
    }
}

/// Opens the database, and makes folder and tables where there are none. Checks what it finds.
///
/// # Errors
/// [`OpenError`].
pub fn open_or_create(options: &DatabaseOptions) -> Result<Connection, OpenError> {
    make_folder(&options.folder).map_err(|source| OpenError::Folder {
        folder: options.folder.clone(),
        source,
    })?;
    let path = options.path();
    let connection = connect(options).map_err(|error| explain(&path, error))?;
    let found = prepare(&connection).map_err(|error| explain(&path, error))?;
    if found > SCHEMA_VERSION {
        let known = SCHEMA_VERSION;
        return Err(OpenError::Newer { path, found, known });
    }
    check(&connection, &path)?;
    Ok(connection)
}

/// A further connection to a database that [`open_or_create`] has opened.
///
/// # Errors
/// [`DatabaseError`].
pub fn open_again(options: &DatabaseOptions) -> Result<Connection, DatabaseError> {
    Ok(connect(options)?)
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn connect(options: &DatabaseOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(options.path(), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    if let Some(bytes_max) = options.bytes_max {
        let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = (bytes_max / u64::from(page_bytes)).clamp(1, u64::from(u32::MAX)) as u32;
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(connection)
}

/// Makes the tables of a new database. Returns the format of the database.
fn prepare(connection: &Connection) -> rusqlite::Result<i64> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
    };
    if version(connection)? > 0 {
        return version(connection);
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let created = version(connection).and_then(|found| {
        if found > 0 {
            return Ok(());
        }
        for statement in CREATE {
            connection.execute_batch(statement)?;
        }
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)
    });
    match created.and_then(|()| connection.execute_batch("COMMIT")) {
        Ok(()) => version(connection),
        Err(error) => {
            // The error that matters is the one above; without a transaction this one says nothing.
            let _ = connection.execute_batch("ROLLBACK");
            Err(error)
        }
    }
}

fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if bytes > CHECKED_BYTES_MAX {
        return Ok(());
    }
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| explain(path, error))?;
    if found == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged {
        path: path.to_owned(),
        detail: found,
    })
}

fn explain(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Damaged {
            path,
            detail: source.to_string(),
        },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path },
        Some(ErrorCode::DiskFull) => OpenError::Full { path },
        _ => OpenError::Unusable { path, source },
    }
}
