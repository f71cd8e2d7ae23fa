//! The core as the shells hold it: starts the threads, hands out connections, answers questions.
//! Decides nothing about documents; that is the dispatcher's.

use std::path::PathBuf;

use tideline_model::{DocumentId, LineId, Outline};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::protocol::{Command, DocumentEntry, Message};

/// Where the replica lives.
#[derive(Debug, Clone)]
pub struct CoreConfig {
    pub data: PathBuf,
}

/// The running core of one data folder. Cheap to clone; the last clone that is dropped does not
/// stop it, [`Core::stop`] does.
#[derive(Debug, Clone)]
pub struct Core {}

/// One window or browser tab. Dropping it closes its panels.
#[derive(Debug)]
pub struct Interface {}

/// Why the core could not start or answer; the text is for people.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    #[error("{0}")]
    Start(String),
    #[error("{0} is not in this data folder")]
    UnknownDocument(DocumentId),
    #[error("the core has stopped")]
    Stopped,
    #[error("{0}")]
    Storage(String),
}

#[derive(Debug, Clone)]
pub struct Imported {
    pub document: DocumentId,
    pub lines: usize,
}

/// What replaying a document from its first event showed.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedDocument {
    pub document: DocumentId,
    pub title: String,
    pub events: usize,
    pub lines: usize,
    /// Hexadecimal hash of the replayed document.
    pub hash: String,
    /// Sentences about what does not agree; empty when all is well.
    pub problems: Vec<String>,
}

/// One event, for people.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    pub replica: String,
    pub seq: u64,
    pub time_ms: i64,
    pub author: String,
    /// One sentence per change.
    pub changes: Vec<String>,
}

impl Core {
    /// Opens the data folder (made if missing) and starts; on the first run writes the Welcome document.
    ///
    /// # Errors
    /// [`CoreError::Start`], with what is wrong with the folder and what to do.
    pub fn start(_config: CoreConfig) -> Result<Self, CoreError> {
        unimplemented!()
    }

    /// A new window or tab. Its first command must be [`Command::Hello`].
    pub fn attach(&self) -> (Interface, UnboundedReceiver<Message>) {
        unimplemented!()
    }

    /// Creates a document and waits until it is on disk.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn import(&self, _outline: Outline) -> Result<Imported, CoreError> {
        unimplemented!()
    }

    /// # Errors
    /// [`CoreError::Stopped`].
    pub fn documents(&self) -> Result<Vec<DocumentEntry>, CoreError> {
        unimplemented!()
    }

    /// # Errors
    /// [`CoreError::UnknownDocument`].
    pub fn outline(&self, _document: DocumentId) -> Result<Outline, CoreError> {
        unimplemented!()
    }

    /// The events of a document, or those that touch one line, oldest first.
    ///
    /// # Errors
    /// [`CoreError::UnknownDocument`].
    pub fn log(
        &self,
        _document: DocumentId,
        _line: Option<LineId>,
    ) -> Result<Vec<LogEntry>, CoreError> {
        unimplemented!()
    }

    /// Replays every document from its first event and compares with what is stored.
    ///
    /// # Errors
    /// When the replica cannot be read at all.
    pub fn verify(&self) -> Result<Vec<VerifiedDocument>, CoreError> {
        unimplemented!()
    }

    /// Writes what is pending to disk, closes the server connection, and ends the threads.
    pub fn stop(&self) {
        unimplemented!()
    }
}

impl Interface {
    pub fn send(&self, _command: Command) {
        unimplemented!()
    }
}
