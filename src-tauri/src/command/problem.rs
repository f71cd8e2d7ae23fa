//! A file that a command could not do its work on: what happened, what is safe, what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(serialize_with = "shown")]
    pub path: PathBuf,
    /// Names the path too: it is read without the rest.
    pub message: String,
}

impl Problem {
    /// `what` is half a sentence, `safe` and `next` are whole ones.
    pub fn new(path: &Path, what: impl fmt::Display, safe: &str, next: &str) -> Self {
        let message = format!("{}: {what}. {safe} {next}", path.display());
        Self {
            path: path.to_owned(),
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What the system's answer means to a person.
pub fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this user has no right to it".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "this disk can only be read".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::FileTooLarge => "it is too large".to_owned(),
        _ => error.to_string(),
    }
}

/// A name that is no Unicode still has to be shown.
pub fn shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
