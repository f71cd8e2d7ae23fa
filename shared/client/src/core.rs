//! The core as the shells hold it: starts the threads, hands out connections, answers questions.
//! Decides nothing about documents; that is the dispatcher's.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use tideline_model::{Document, DocumentId, GroupId, LineId, Outline};
use tideline_store::{Reader, Replica, Unsaved, keep_unsaved};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

use crate::catalogue::{Catalogue, Entry};
use crate::dispatcher::{Identity, SERVER_SETTING, Start, WELCOME_SETTING};
use crate::edge::{self, Envelope, LINE_NUMBERS_PER_RUN, now_ms};
use crate::input::{Answer, ConnectionId, Input, Question};
use crate::line_history::LineVersionEntry;
use crate::log::log_entries;
use crate::protocol::{Command, DocumentEntry, Message, ServerAddress, Status};
use crate::welcome::welcome;

/// Where the replica lives.
#[derive(Debug, Clone)]
pub struct CoreConfig {
    pub data: PathBuf,
    pub missing: MissingFolder,
}

/// What to do when there is no replica in the folder yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingFolder {
    Create,
    /// For commands that make no sense on an empty one.
    Refuse,
}

/// The running core of one data folder. Cheap to clone; the last clone that is dropped does not
/// stop it, [`Core::stop`] does.
#[derive(Clone)]
pub struct Core {
    inbox: Sender<Envelope>,
    attached: Arc<AtomicU64>,
    data: Arc<PathBuf>,
    /// For questions that are answered from disk; gone once the core has stopped.
    reader: Arc<Mutex<Option<Reader>>>,
}

/// One window or browser tab. Dropping it closes its panels.
#[derive(Debug)]
pub struct Interface {
    inbox: Sender<Envelope>,
    connection: ConnectionId,
}

/// Why the core could not start or answer; the text is for people.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    #[error("{0}")]
    Start(String),
    #[error("{0} is not in this data folder")]
    UnknownDocument(DocumentId),
    #[error("{0} is not in this document")]
    UnknownLine(LineId),
    #[error("the core has stopped")]
    Stopped,
    #[error("{0}")]
    Storage(String),
    #[error(
        "the replica is damaged: {0}. Nothing has been changed. Copy the data folder before anything \
         else; what the server has is safe there"
    )]
    Damaged(String),
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
    pub fn start(config: CoreConfig) -> Result<Self, CoreError> {
        let start_error = |error: &dyn std::fmt::Display| CoreError::Start(error.to_string());
        let CoreConfig { data, missing } = config;
        let opened = match missing {
            MissingFolder::Create => Replica::open(&data),
            MissingFolder::Refuse => Replica::open_existing(&data),
        };
        let mut replica = opened.map_err(|error| start_error(&error))?;
        let start = what_is_known(&mut replica).map_err(|error| start_error(&error))?;
        let first_run = start.catalogue.documents().next().is_none()
            && !start.settings.contains_key(WELCOME_SETTING);
        let server = start.settings.get(SERVER_SETTING).cloned();
        let reader = replica.reader().map_err(|error| start_error(&error))?;
        let inbox = edge::start(replica, start).map_err(|error| start_error(&error))?;
        let attached = Arc::new(AtomicU64::new(0));
        let core = Self {
            inbox,
            attached,
            data: Arc::new(data),
            reader: Arc::new(Mutex::new(Some(reader))),
        };
        if first_run {
            core.write_welcome()?;
        }
        if let Some(server) = server.and_then(|server| serde_json::from_value(server).ok()) {
            core.connect(Some(server));
        }
        Ok(core)
    }

    /// A new window or tab. Its first command must be [`Command::Hello`].
    pub fn attach(&self) -> (Interface, UnboundedReceiver<Message>) {
        let connection = ConnectionId(self.attached.fetch_add(1, Ordering::Relaxed));
        let (messages, arriving) = unbounded_channel();
        // A core that has stopped drops the channel, and the interface sees its end.
        let _ = self.inbox.send(Envelope::Attach(connection, messages));
        (
            Interface {
                inbox: self.inbox.clone(),
                connection,
            },
            arriving,
        )
    }

    /// Creates a document and waits until it is on disk.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn import(&self, outline: Outline) -> Result<Imported, CoreError> {
        match self.ask(Question::Import(outline))? {
            Answer::Imported { document, lines } => Ok(Imported { document, lines }),
            other => Err(unexpected(other)),
        }
    }

    /// # Errors
    /// [`CoreError::Stopped`].
    pub fn documents(&self) -> Result<Vec<DocumentEntry>, CoreError> {
        match self.ask(Question::Documents)? {
            Answer::Documents(documents) => Ok(documents),
            other => Err(unexpected(other)),
        }
    }

    /// # Errors
    /// [`CoreError::UnknownDocument`].
    pub fn outline(&self, document: DocumentId) -> Result<Outline, CoreError> {
        match self.ask(Question::Outline(document))? {
            Answer::Outline(outline) => Ok(outline),
            other => Err(unexpected(other)),
        }
    }

    /// What a line said whenever its author paused, the latest first.
    ///
    /// # Errors
    /// [`CoreError::UnknownDocument`], [`CoreError::UnknownLine`].
    pub fn line_history(
        &self,
        document: DocumentId,
        line: LineId,
    ) -> Result<Vec<LineVersionEntry>, CoreError> {
        match self.ask(Question::LineHistory(document, line))? {
            Answer::LineHistory(versions) => Ok(versions),
            other => Err(unexpected(other)),
        }
    }

    /// Where what was written is.
    ///
    /// # Errors
    /// [`CoreError::Stopped`].
    pub fn status(&self) -> Result<Status, CoreError> {
        match self.ask(Question::Status)? {
            Answer::Status(status) => Ok(status),
            other => Err(unexpected(other)),
        }
    }

    /// The events of a document, or those that touch one line, oldest first.
    ///
    /// # Errors
    /// [`CoreError::UnknownDocument`].
    pub fn log(
        &self,
        document: DocumentId,
        line: Option<LineId>,
    ) -> Result<Vec<LogEntry>, CoreError> {
        self.settle()?;
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = reader.as_ref().ok_or(CoreError::Stopped)?;
        let storage = |error: tideline_store::StoreError| CoreError::Storage(error.to_string());
        for group in reader.groups().map_err(storage)? {
            let scope = reader.scope(group.id);
            if scope.document(document).map_err(storage)?.is_some() {
                let events = scope.events(document).map_err(storage)?;
                return Ok(log_entries(&events, line));
            }
        }
        Err(CoreError::UnknownDocument(document))
    }

    /// Replays every document from its first event and compares with the live one and with the rows
    /// on disk.
    ///
    /// # Errors
    /// When the replica cannot be read at all.
    pub fn verify(&self) -> Result<Vec<VerifiedDocument>, CoreError> {
        self.settle()?;
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = reader.as_ref().ok_or(CoreError::Stopped)?;
        let storage = |error: tideline_store::StoreError| CoreError::Storage(error.to_string());
        let stored = reader.verify().problems;
        let replica: Vec<String> = stored
            .iter()
            .filter(|problem| problem.document.is_none())
            .map(ToString::to_string)
            .collect();
        if !replica.is_empty() {
            return Err(CoreError::Damaged(replica.join("; ")));
        }
        let mut verified = Vec::new();
        for group in reader.groups().map_err(storage)? {
            for row in reader.scope(group.id).documents().map_err(storage)? {
                if row.destroyed_ms.is_some() {
                    continue;
                }
                let mut document = self.verify_document(reader, group.id, row.id, row.title);
                let about_it = stored
                    .iter()
                    .filter(|problem| problem.document == Some(row.id));
                document.problems.extend(about_it.map(ToString::to_string));
                verified.push(document);
            }
        }
        Ok(verified)
    }

    /// Waits until everything written so far is on disk.
    ///
    /// # Errors
    /// [`CoreError::Stopped`].
    pub fn settle(&self) -> Result<(), CoreError> {
        match self.ask(Question::Settle)? {
            Answer::Settled => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Connects to a sync server from now on, without changing the settings.
    pub fn connect(&self, server: Option<ServerAddress>) {
        // A core that has stopped has nothing to connect.
        let _ = self.inbox.send(Envelope::Input(Input::Connect(server)));
    }

    /// Writes what is pending to disk, closes the server connection, and ends the threads.
    ///
    /// # Errors
    /// [`CoreError::Storage`] when the disk does not take what was written last; says what and why.
    pub fn stop(&self) -> Result<(), CoreError> {
        let (done, stopped) = sync_channel(1);
        self.inbox
            .send(Envelope::Stop(done))
            .map_err(|_| CoreError::Stopped)?;
        let unsaved = stopped.recv().map_err(|_| CoreError::Stopped)?;
        unsaved.map_err(|unsaved| self.keep_elsewhere(&unsaved))
    }

    /// Writes to another place what the data folder does not take, and says where it is.
    fn keep_elsewhere(&self, unsaved: &Unsaved) -> CoreError {
        let (commits, reason) = (unsaved.commits.len(), &unsaved.reason);
        let what = format!("{commits} changes could not be written to disk: {reason}");
        let text = match keep_unsaved(&self.data, &unsaved.commits, now_ms()) {
            Ok(Some(file)) => format!(
                "{what}. They are safe in {}. Make room, then run `tideline recover {}`.",
                file.display(),
                file.display()
            ),
            Ok(None) => format!("{what}. Nothing that was written here is among them."),
            Err(error) => {
                format!("{what}, nor anywhere else ({error}). Everything before them is safe.")
            }
        };
        CoreError::Storage(text)
    }

    fn ask(&self, question: Question) -> Result<Answer, CoreError> {
        let (answer, answered) = sync_channel(1);
        self.inbox
            .send(Envelope::Ask(question, answer))
            .map_err(|_| CoreError::Stopped)?;
        answered.recv().map_err(|_| CoreError::Stopped)
    }

    fn write_welcome(&self) -> Result<(), CoreError> {
        let imported = self.import(welcome())?;
        let events = match self.ask(Question::Digest(imported.document))? {
            Answer::Digest { events, .. } => events,
            other => return Err(unexpected(other)),
        };
        let document = imported.document.to_string();
        let value = serde_json::json!({ "document": document, "events": events });
        let (interface, _) = self.attach();
        interface.send(Command::SetSetting {
            name: WELCOME_SETTING.to_owned(),
            value,
        });
        Ok(())
    }

    fn verify_document(
        &self,
        reader: &Reader,
        group: GroupId,
        document: DocumentId,
        title: String,
    ) -> VerifiedDocument {
        let mut verified = VerifiedDocument {
            document,
            title,
            events: 0,
            lines: 0,
            hash: String::new(),
            problems: Vec::new(),
        };
        let scope = reader.scope(group);
        let replayed = scope
            .events(document)
            .map_err(|error| error.to_string())
            .and_then(|events| {
                verified.events = events.len();
                Document::replay(document, &events).map_err(|error| error.to_string())
            });
        let replayed = match replayed {
            Ok(replayed) => replayed,
            Err(error) => {
                verified
                    .problems
                    .push(format!("it cannot be replayed: {error}"));
                return verified;
            }
        };
        verified.lines = replayed.len();
        verified.hash = format!("{:032x}", replayed.hash());
        match self.ask(Question::Digest(document)) {
            Ok(Answer::Digest { hash, .. }) if hash == replayed.hash() => {}
            Ok(Answer::Digest { .. }) => {
                verified
                    .problems
                    .push("the live document differs from the replayed one".to_owned());
            }
            _ => verified
                .problems
                .push("the live document cannot be read".to_owned()),
        }
        verified
    }
}

/// Reads what the dispatcher starts with, and sets line numbers aside for this run.
fn what_is_known(replica: &mut Replica) -> Result<Start, tideline_store::StoreError> {
    let next_line_number = replica.reserve_line_numbers(LINE_NUMBERS_PER_RUN)?;
    let (user, name) = replica.local_user();
    let local_group = replica.local_group();
    let identity = Identity {
        replica: replica.replica_id(),
        user,
        name,
        local_group,
        next_line_number,
    };
    let mut catalogue = Catalogue::default();
    let mut outbox = Vec::new();
    for group in replica.groups()? {
        if group.id != local_group {
            catalogue.set_group_name(group.id, group.name);
        }
        let scope = replica.scope(group.id);
        outbox.extend(scope.pending_documents()?);
        for row in scope.documents()? {
            let entry = Entry {
                group: row.group,
                title: row.title,
                folder: row.folder,
                updated_ms: row.updated_ms,
                deleted: row.deleted_ms.is_some(),
            };
            catalogue.insert(row.id, entry);
        }
    }
    let settings = replica.settings()?;
    Ok(Start {
        identity,
        catalogue,
        settings,
        outbox,
        greeting: replica.renewal().map(|renewal| renewal.to_string()),
        new_document: Uuid::now_v7,
    })
}

fn unexpected(answer: Answer) -> CoreError {
    match answer {
        Answer::UnknownDocument(document) => CoreError::UnknownDocument(document),
        Answer::UnknownLine(line) => CoreError::UnknownLine(line),
        Answer::Failed(reason) => CoreError::Storage(reason),
        other => CoreError::Storage(format!(
            "the core gave another answer than asked: {other:?}"
        )),
    }
}

impl Interface {
    pub fn send(&self, command: Command) {
        // A core that has stopped ends the interface's messages, which is where it is noticed.
        let _ = self
            .inbox
            .send(Envelope::Input(Input::Command(self.connection, command)));
    }
}

impl Drop for Interface {
    fn drop(&mut self) {
        let _ = self
            .inbox
            .send(Envelope::Input(Input::Detached(self.connection)));
    }
}
