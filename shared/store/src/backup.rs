//! Copies a replica while it is in use: what is durable when the copy begins, as one whole, checked
//! before it is called a backup.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::folder::database_path;
use crate::schema::{self, with_suffix};

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no replica in {folder}; nothing has been copied")]
    Missing { folder: PathBuf },
    #[error("{target} holds a replica already; nothing has been copied. Name another folder.")]
    Exists { target: PathBuf },
    #[error("the copy could not be made: {0}. The original is as it was.")]
    Store(#[from] StoreError),
    #[error("the copy could not be written: {0}. The original is as it was.")]
    File(#[from] io::Error),
}

/// Copies the replica of `folder` into the folder `target`, which is made if missing. It can be opened
/// like any data folder, and goes on as a replica of its own.
///
/// Another process may be using `folder`.
///
/// # Errors
/// [`BackupError`]; `target` holds no replica then.
pub fn backup(folder: &Path, target: &Path) -> Result<(), BackupError> {
    let (file, copy) = (database_path(folder), database_path(target));
    if !file.try_exists()? {
        let folder = folder.to_owned();
        return Err(BackupError::Missing { folder });
    }
    if copy.try_exists()? {
        let target = target.to_owned();
        return Err(BackupError::Exists { target });
    }
    crate::folder::create(target)?;
    let unfinished = with_suffix(&copy, ".copying");
    let made = copy_into(&file, &unfinished);
    if made.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    made?;
    fs::File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, &copy)?;
    Ok(crate::folder::sync_folder(target)?)
}

fn copy_into(file: &Path, unfinished: &Path) -> Result<(), StoreError> {
    let source = schema::connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut target = Connection::open(unfinished)?;
    // In one step: a reader does not keep writers out, and what they write meanwhile is not seen.
    let copied = Backup::new(&source, &mut target)?.step(-1)?;
    if copied != StepResult::Done {
        return Err(StoreError::Disk {
            what: "another process keeps the database locked".into(),
        });
    }
    drop(source);
    // One file, without a log beside it.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    schema::integrity(&target)
}
