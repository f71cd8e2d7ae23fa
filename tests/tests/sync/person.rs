//! Somebody at a computer of their own: a real core over a real data folder, and a screen that knows
//! only what it was told.

use std::path::Path;
use std::time::Duration;

use tideline_client::protocol::{
    Command, DocumentEntry, EditIntent, Message, Row, RowChange, ServerAddress, ServerStatus,
    Status,
};
use tideline_client::{Core, CoreConfig, Interface, MissingFolder};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

/// Longer than anything here takes; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Person {
    core: Core,
    interface: Interface,
    messages: UnboundedReceiver<Message>,
    pub documents: Vec<DocumentEntry>,
    pub rows: Vec<Row>,
    pub status: Option<Status>,
    pub notices: Vec<String>,
    revision: u32,
    serial: u32,
    line_prefix: String,
    next_number: u64,
}

impl Person {
    pub async fn at(folder: &Path) -> Self {
        // `RUST_LOG=debug` shows what happened on the way to a failure.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .try_init();
        let core = Core::start(CoreConfig {
            data: folder.to_owned(),
            missing: MissingFolder::Create,
        })
        .expect("the core starts");
        let (interface, messages) = core.attach();
        let mut person = Self {
            core,
            interface,
            messages,
            documents: Vec::new(),
            rows: Vec::new(),
            status: None,
            notices: Vec::new(),
            revision: 0,
            serial: 0,
            line_prefix: String::new(),
            next_number: 0,
        };
        person.send(Command::Hello);
        person
            .until("has booted", |person| person.status.is_some())
            .await;
        person
    }

    pub fn send(&self, command: Command) {
        self.interface.send(command);
    }

    pub fn connect(&self, server: &ServerAddress) {
        self.send(Command::SetServer {
            server: Some(server.clone()),
        });
    }

    /// Listens until `wanted` is true.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        while !wanted(self) {
            let message = timeout(PATIENCE, self.messages.recv()).await.ok().flatten();
            let Some(message) = message else {
                panic!(
                    "waited in vain until it {what}; rows {:?}, status {:?}, notices {:?}",
                    self.texts(),
                    self.status,
                    self.notices
                );
            };
            self.hear(message);
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Boot {
                line_prefix,
                first_number,
                documents,
                status,
                ..
            } => {
                (self.line_prefix, self.next_number) = (line_prefix, first_number);
                self.documents = documents;
                self.status = Some(status);
            }
            Message::LineNumbers {
                line_prefix,
                first_number,
                ..
            } => {
                (self.line_prefix, self.next_number) = (line_prefix, first_number);
            }
            Message::Documents { documents } => self.documents = documents,
            Message::PanelRows { revision, rows, .. } => {
                (self.revision, self.rows) = (revision, rows);
            }
            Message::PanelPatch {
                revision, changes, ..
            } => {
                self.revision = revision;
                changes.into_iter().for_each(|change| self.change(change));
            }
            Message::Status { status } => self.status = Some(status),
            Message::Notice { text, .. } => self.notices.push(text),
            _ => {}
        }
    }

    fn change(&mut self, change: RowChange) {
        match change {
            RowChange::Splice { at, delete, insert } => {
                self.rows
                    .splice(at as usize..(at + delete) as usize, insert);
            }
            RowChange::Row { at, row } => self.rows[at as usize] = row,
            RowChange::Text {
                at,
                offset,
                delete,
                insert,
                ..
            } => {
                let row = &mut self.rows[at as usize];
                let mut text: Vec<char> = row.text.chars().collect();
                text.splice(offset as usize..(offset + delete) as usize, insert.chars());
                row.text = text.into_iter().collect();
            }
        }
    }

    pub fn texts(&self) -> Vec<String> {
        self.rows
            .iter()
            .map(|row| format!("{}{}", "  ".repeat(row.depth as usize), row.text))
            .collect()
    }

    pub fn line(&self, text: &str) -> String {
        let row = self.rows.iter().find(|row| row.text == text);
        row.unwrap_or_else(|| panic!("no row {text:?} in {:?}", self.texts()))
            .id
            .clone()
    }

    pub fn new_line(&mut self) -> String {
        self.next_number += 1;
        format!("{}{}", self.line_prefix, self.next_number - 1)
    }

    pub fn document(&self, title: &str) -> Option<String> {
        let entry = self.documents.iter().find(|entry| entry.title == title);
        entry.map(|entry| entry.id.clone())
    }

    /// Makes a document of these lines and opens it.
    pub async fn create(&mut self, title: &str, texts: &[&str]) {
        self.send(Command::CreateDocument {
            title: title.to_owned(),
            open_in: None,
        });
        self.open(title).await;
        for (at, text) in texts.iter().enumerate() {
            let row = self.rows.last().expect("a first row").id.clone();
            let insert = (*text).to_owned();
            let mut intents = vec![EditIntent::EditText {
                line: row.clone(),
                at: 0,
                delete: 0,
                insert,
            }];
            if at + 1 < texts.len() {
                let (new_line, end) = (self.new_line(), text.chars().count() as u32);
                let kind = "text".to_owned();
                intents.push(EditIntent::Split {
                    line: row,
                    at: end,
                    new_line,
                    kind,
                });
            }
            let rows = self.rows.len() + intents.len() - 1;
            self.edit(intents);
            self.until("shows the next row", |person| person.rows.len() == rows)
                .await;
        }
    }

    pub async fn open(&mut self, title: &str) {
        self.until("knows the document", |person| {
            person.document(title).is_some()
        })
        .await;
        let document = self.document(title).expect("just seen");
        self.rows.clear();
        self.send(Command::OpenPanel {
            panel: 1,
            document,
            root: None,
            folds: None,
            near: None,
            stream: None,
            again: None,
        });
        self.until("shows rows", |person| !person.rows.is_empty())
            .await;
    }

    pub fn edit(&mut self, intents: Vec<EditIntent>) {
        self.serial += 1;
        let (serial, revision) = (self.serial, self.revision);
        self.send(Command::Edit {
            panel: 1,
            serial,
            revision,
            intents,
        });
    }

    pub fn type_text(&mut self, line: &str, at: u32, insert: &str) {
        let (line, insert) = (line.to_owned(), insert.to_owned());
        self.edit(vec![EditIntent::EditText {
            line,
            at,
            delete: 0,
            insert,
        }]);
    }

    pub fn undo(&mut self) {
        self.serial += 1;
        let serial = self.serial;
        self.send(Command::Undo { panel: 1, serial });
    }

    pub fn redo(&mut self) {
        self.serial += 1;
        let serial = self.serial;
        self.send(Command::Redo { panel: 1, serial });
    }

    /// Everything is on disk and on the server.
    pub fn is_synced(&self) -> bool {
        self.status.as_ref().is_some_and(|status| {
            let online = matches!(status.server, ServerStatus::Connected { .. });
            online && status.pending_disk == 0 && status.pending_server == 0
        })
    }

    pub fn is_offline(&self) -> bool {
        let status = self.status.as_ref();
        status.is_some_and(|status| matches!(status.server, ServerStatus::Offline { .. }))
    }

    /// Whether a notice said all of these words.
    pub fn has_notice(&self, words: &[&str]) -> bool {
        let mut notices = self.notices.iter();
        notices.any(|notice| words.iter().all(|word| notice.contains(word)))
    }

    /// The hash of the document with this title, replayed from its first event.
    pub fn verified_hash(&self, title: &str) -> String {
        let verified = self.core.verify().expect("the replica can be read");
        let document = verified
            .into_iter()
            .find(|document| document.title == title);
        let document = document.unwrap_or_else(|| panic!("no document {title:?}"));
        assert_eq!(document.problems, Vec::<String>::new());
        document.hash
    }

    pub fn leave(self) {
        self.core.stop().expect("what was written is on disk");
    }
}
