//! A desk to test the dispatcher at: two windows, and a disk that is always quick.

use std::collections::BTreeMap;

use tideline_model::{Document, DocumentId, GroupId, ReplicaId, UserId};
use tideline_store::{Commit, LineRow, Origin};
use tideline_wire::open;
use uuid::Uuid;

use super::super::*;
use crate::input::{Answer, Question};
use crate::protocol::{Command, EditIntent, Row, RowChange};

pub const ANNA: ConnectionId = ConnectionId(1);
pub const BERT: ConnectionId = ConnectionId(2);

/// What an interface shows of one panel, from messages alone.
#[derive(Debug, Default)]
pub struct Screen {
    pub rows: Vec<Row>,
    pub revision: u32,
    pub ack: u32,
    /// Its serials go on where another connection was cut.
    pub resumed: bool,
}

impl Screen {
    pub fn texts(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.text.as_str()).collect()
    }

    pub fn line(&self, text: &str) -> String {
        self.rows
            .iter()
            .find(|row| row.text == text)
            .expect("a row with this text")
            .id
            .clone()
    }

    pub fn change(&mut self, change: RowChange) {
        match change {
            RowChange::Splice { at, delete, insert } => {
                self.rows
                    .splice(at as usize..(at + delete) as usize, insert);
            }
            RowChange::Row { at, row } => self.rows[at as usize] = row,
            RowChange::Text {
                at,
                line,
                offset,
                delete,
                insert,
            } => {
                let row = &mut self.rows[at as usize];
                assert_eq!(row.id, line, "a text change names the row it is for");
                let mut text: Vec<char> = row.text.chars().collect();
                text.splice(offset as usize..(offset + delete) as usize, insert.chars());
                row.text = text.into_iter().collect();
            }
        }
    }
}

pub struct Desk {
    pub dispatcher: Dispatcher,
    pub now_ms: i64,
    pub screens: BTreeMap<(ConnectionId, u32), Screen>,
    /// Commits in the order in which they reached the disk.
    pub disk: Vec<Commit>,
    /// When false, commits stay on their way.
    pub disk_works: bool,
    pub waiting: Vec<Commit>,
    /// When true, nothing that is to be read from the disk comes by itself.
    pub reads_later: bool,
    pub notices: Vec<String>,
    pub statuses: Vec<Status>,
    pub effects: Vec<Effect>,
    pub answers: Vec<Answer>,
    pub first_number: BTreeMap<ConnectionId, u64>,
    pub created: Vec<String>,
    /// The rest of what the windows were told.
    pub heard: Vec<(ConnectionId, Message)>,
    pub serials: u32,
    /// Rows that were made anew, each time all of a document.
    pub rebuilt: Vec<Vec<LineRow>>,
}

pub fn replica(number: u128) -> ReplicaId {
    ReplicaId(Uuid::from_u128(number))
}

/// Opens a panel on all of a document.
pub fn opening(panel: u32, document: DocumentId) -> Command {
    Command::OpenPanel {
        panel,
        document: document.to_string(),
        root: None,
        folds: None,
        near: None,
        stream: None,
        again: None,
    }
}

impl Desk {
    pub fn new(name: u128) -> Self {
        let identity = Identity {
            replica: replica(name),
            user: UserId(Uuid::from_u128(name)),
            name: "Anna".to_owned(),
            local_group: GroupId(Uuid::from_u128(7)),
            next_line_number: 1,
        };
        let start = Start {
            identity,
            catalogue: Catalogue::default(),
            settings: serde_json::Map::new(),
            outbox: Vec::new(),
            greeting: None,
            new_document: || Uuid::from_u128(99),
        };
        Self {
            dispatcher: Dispatcher::new(start),
            now_ms: 1_000_000,
            screens: BTreeMap::new(),
            disk: Vec::new(),
            disk_works: true,
            waiting: Vec::new(),
            reads_later: false,
            notices: Vec::new(),
            statuses: Vec::new(),
            effects: Vec::new(),
            answers: Vec::new(),
            first_number: BTreeMap::new(),
            created: Vec::new(),
            heard: Vec::new(),
            serials: 0,
            rebuilt: Vec::new(),
        }
    }

    /// A desk with one document of these lines, open in panel 1 of both windows.
    pub fn with_lines(texts: &[&str]) -> Self {
        let mut desk = Self::new(1);
        let lines = texts.iter().map(|text| tideline_model::OutlineLine {
            text: (*text).to_owned(),
            ..Default::default()
        });
        let outline = tideline_model::Outline {
            lines: lines.collect(),
            ..Default::default()
        };
        desk.step(Input::Question(QuestionId(1), Question::Import(outline)));
        for window in [ANNA, BERT] {
            desk.step(Input::Attached(window));
            desk.send(window, Command::Hello);
            desk.send(window, opening(1, DocumentId(Uuid::from_u128(99))));
        }
        desk
    }

    pub fn step(&mut self, input: Input) {
        let mut effects = self.dispatcher.step(input, self.now_ms);
        effects.extend(self.dispatcher.store());
        effects
            .into_iter()
            .for_each(|effect| self.carry_out(effect));
    }

    pub fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(connection, message) => self.hear(connection, message),
            Effect::Commit(commit) if self.disk_works => {
                let document = commit.document;
                self.disk.push(commit);
                self.step(Input::Durable(document));
            }
            Effect::Commit(commit) => self.waiting.push(commit),
            Effect::Load(..) | Effect::Glimpse(_) if self.reads_later => {
                self.effects.push(effect);
            }
            Effect::Load(group, document) => {
                let empty = OpenDocument::new(Document::new(document), group, self.now_ms);
                self.step(Input::Loaded(document, Ok(Box::new(empty))));
            }
            Effect::Answer(_, answer) => self.answers.push(answer),
            other => self.effects.push(other),
        }
    }

    pub fn hear(&mut self, connection: ConnectionId, message: Message) {
        match message {
            Message::Boot { first_number, .. } => {
                self.first_number.insert(connection, first_number);
            }
            Message::PanelRows {
                panel,
                revision,
                ack,
                resumed,
                rows,
                ..
            } => {
                self.screens.insert(
                    (connection, panel),
                    Screen {
                        rows,
                        revision,
                        ack,
                        resumed,
                    },
                );
            }
            Message::PanelPatch {
                panel,
                revision,
                ack,
                changes,
                ..
            } => {
                let screen = self
                    .screens
                    .get_mut(&(connection, panel))
                    .expect("an open panel");
                assert_eq!(revision, screen.revision + 1, "no revision is left out");
                (screen.revision, screen.ack) = (revision, ack);
                changes.into_iter().for_each(|change| screen.change(change));
            }
            Message::Notice { text, .. } => self.notices.push(text),
            Message::Status { status } => self.statuses.push(status),
            Message::DocumentCreated { document, .. } => self.created.push(document),
            other => self.heard.push((connection, other)),
        }
    }

    pub fn send(&mut self, window: ConnectionId, command: Command) {
        self.step(Input::Command(window, command));
    }

    pub fn edit_at(&mut self, window: ConnectionId, revision: u32, intents: Vec<EditIntent>) {
        self.serials += 1;
        let serial = self.serials;
        self.send(
            window,
            Command::Edit {
                panel: 1,
                serial,
                revision,
                intents,
            },
        );
    }

    pub fn edit(&mut self, window: ConnectionId, intent: EditIntent) {
        let revision = self.screens[&(window, 1)].revision;
        self.edit_at(window, revision, vec![intent]);
    }

    pub fn type_text(&mut self, window: ConnectionId, line: &str, at: u32, insert: &str) {
        let (line, insert) = (line.to_owned(), insert.to_owned());
        self.edit(
            window,
            EditIntent::EditText {
                line,
                at,
                delete: 0,
                insert,
            },
        );
    }

    pub fn pause(&mut self, milliseconds: i64) {
        self.now_ms += milliseconds;
        self.step(Input::Tick);
    }

    pub fn texts(&self, window: ConnectionId) -> Vec<&str> {
        self.screens[&(window, 1)].texts()
    }

    pub fn line(&self, text: &str) -> String {
        self.screens[&(ANNA, 1)].line(text)
    }

    /// Events on disk that were written here.
    pub fn events_on_disk(&self) -> usize {
        let batches = self.disk.iter().flat_map(|commit| &commit.batches);
        let own = batches.filter(|(origin, _)| *origin == Origin::Local);
        own.map(|(_, batch)| open(batch).expect("a batch of our own").len())
            .sum()
    }

    /// The document as the batches on disk give it.
    pub fn replayed(&self, document: DocumentId) -> Document {
        let mut replayed = Document::new(document);
        for (_, batch) in self.disk.iter().flat_map(|commit| &commit.batches) {
            replayed
                .apply_all(&open(batch).expect("a batch"))
                .expect("events apply");
        }
        replayed
    }
}
