//! What can go wrong on disk, with the facts a person needs.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use tideline_model::{DocumentId, GroupId, ReplicaId};

/// Why a data folder cannot be used. The text says what happened, what is safe, and what to do.
/// Unless it says otherwise, nothing in the folder has been changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "There is no Tideline data folder at {folder}. Nothing has been created. Check the path."
    )]
    Missing { folder: PathBuf },
    #[error("{folder} is not a folder. Nothing has been changed. Choose another data folder.")]
    NotAFolder { folder: PathBuf },
    #[error(
        "The data folder {folder} cannot be read ({reason}). Nothing has been changed. Give your \
         account the right to read and write it, or choose another folder."
    )]
    Unreadable { folder: PathBuf, reason: String },
    #[error(
        "The data folder {folder} cannot be written to ({reason}). Nothing in it has been changed. \
         Give your account the right to write there, or choose another folder."
    )]
    NotWritable { folder: PathBuf, reason: String },
    #[error(
        "The data folder {folder} is in use by another Tideline{}. Use that one, or close it and \
         try again; a second one needs a data folder of its own.",
        .pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
    )]
    InUse { folder: PathBuf, pid: Option<u32> },
    #[error(
        "The database {file} was written by a newer version of Tideline (schema {found}; this \
         version knows schemas up to {known}). Nothing has been changed. Use the newer version."
    )]
    NewerSchema {
        file: PathBuf,
        found: i64,
        known: i64,
    },
    #[error(
        "{file} is not a Tideline database. Nothing has been changed. Choose another data folder."
    )]
    NotOurs { file: PathBuf },
    #[error(
        "The database {file} is gone, though this folder has held one. Nothing has been changed. \
         Put the database back from a backup; to start empty instead, remove {mark}."
    )]
    DatabaseMissing { file: PathBuf, mark: PathBuf },
    #[error(
        "The database {file} is damaged: {what}. Nothing in it has been changed. What a sync server \
         has is safe there; what had not been sent can be exported from the damaged file. Make a \
         copy of the folder, check the disk, then start with a new data folder or a backup."
    )]
    Damaged { file: PathBuf, what: String },
    #[error(
        "The disk that holds {folder} is full. What was saved is safe. Make room and start again."
    )]
    DiskFull { folder: PathBuf },
    #[error(
        "The database {file} could not be brought to schema {step}: {reason}. It is as it was \
         before; a copy is kept at {kept}. Use the previous version of Tideline and report this."
    )]
    Migration {
        file: PathBuf,
        step: i64,
        reason: String,
        kept: PathBuf,
    },
    #[error(
        "The data folder {folder} cannot be used: {reason}. Nothing in the database has been \
         changed. Check the disk and try again."
    )]
    Disk { folder: PathBuf, reason: String },
}

impl OpenError {
    /// What `error`, met in `folder`, means to a person.
    pub(crate) fn from_io(folder: &Path, error: &io::Error) -> Self {
        let folder = folder.to_owned();
        let reason = error.to_string();
        match error.kind() {
            io::ErrorKind::NotADirectory => OpenError::NotAFolder { folder },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                OpenError::NotWritable { folder, reason }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                OpenError::DiskFull { folder }
            }
            _ => OpenError::Disk { folder, reason },
        }
    }

    pub(crate) fn from_store(file: &Path, error: StoreError) -> Self {
        let folder = file.parent().unwrap_or(file).to_owned();
        match error {
            StoreError::Damaged { what } => OpenError::Damaged {
                file: file.to_owned(),
                what,
            },
            StoreError::DiskFull => OpenError::DiskFull { folder },
            StoreError::ReadOnly => OpenError::NotWritable {
                folder,
                reason: "it is read-only".into(),
            },
            other => OpenError::Disk {
                folder,
                reason: other.to_string(),
            },
        }
    }
}

/// Why something could not be read, or could not be written outside a commit.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database is damaged: {what}")]
    Damaged { what: String },
    #[error("the disk is full")]
    DiskFull,
    #[error("the disk has become read-only")]
    ReadOnly,
    #[error("the disk reports an error: {what}")]
    Disk { what: String },
    #[error("{document} was deleted, and its contents have been destroyed")]
    Destroyed { document: DocumentId },
    #[error("{group} is not known here")]
    UnknownGroup { group: GroupId },
    /// Events that are intact but that this version cannot read (a newer format, or encrypted).
    #[error("{document} holds events that this version cannot read: {reason}")]
    Unreadable {
        document: DocumentId,
        reason: String,
    },
    /// The statement is at fault, not the disk: trying again would give the same.
    #[error("the database refuses: {0}")]
    Refused(rusqlite::Error),
}

impl StoreError {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        StoreError::Damaged { what: what.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error;
        match &error {
            Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    StoreError::damaged(error.to_string())
                }
                ErrorCode::DiskFull => StoreError::DiskFull,
                ErrorCode::ReadOnly => StoreError::ReadOnly,
                ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::TooBig
                | ErrorCode::ApiMisuse
                | ErrorCode::ParameterOutOfRange
                | ErrorCode::Unknown => StoreError::Refused(error),
                _ => StoreError::Disk {
                    what: error.to_string(),
                },
            },
            // A column holds what no version of this code writes there.
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
            | Error::InvalidColumnType(..) => StoreError::damaged(error.to_string()),
            _ => StoreError::Refused(error),
        }
    }
}

/// Why a commit was not stored. Nothing of it has been stored then.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Trouble with the disk, not with the commit: the same commit may succeed later.
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{group} is not known here")]
    UnknownGroup { group: GroupId },
    #[error("{document} belongs to another group than {group}")]
    OtherGroup {
        document: DocumentId,
        group: GroupId,
    },
    #[error("{document} was deleted, and its contents have been destroyed")]
    Destroyed { document: DocumentId },
    #[error("a batch of {found} cannot be stored in {document}")]
    OtherDocument {
        document: DocumentId,
        found: DocumentId,
    },
    /// The batch's numbers are impossible.
    #[error("a batch of {replica} in {document} is malformed: {reason}")]
    Malformed {
        document: DocumentId,
        replica: ReplicaId,
        reason: String,
    },
    /// An event before `first_seq` has not arrived.
    #[error("event {first_seq} of {replica} in {document} came, but {expected} is the next one")]
    Gap {
        document: DocumentId,
        replica: ReplicaId,
        first_seq: u64,
        expected: u64,
    },
    /// The same sequence numbers stand for something else here: two writers used one replica id.
    #[error("event {first_seq} of {replica} in {document} is known with other contents")]
    Conflict {
        document: DocumentId,
        replica: ReplicaId,
        first_seq: u64,
    },
    /// Rows for a rebuild do not make a tree.
    #[error("the lines of {document} do not fit together: {reason}")]
    Rows {
        document: DocumentId,
        reason: String,
    },
    /// A local batch carries a replica id that is not (or no longer) this replica's.
    #[error("{replica} is not this replica, which is {ours}")]
    NotOurs { replica: ReplicaId, ours: ReplicaId },
}

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> Self {
        CommitError::Store(error.into())
    }
}
