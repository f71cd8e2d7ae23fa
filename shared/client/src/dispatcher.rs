//! The dispatcher: one owner of every open document, one way through. *Input → step → (state,
//! effects)*; whoever runs it carries the effects out. Knows no clock, thread, socket or file.

mod broadcast;
mod command;
mod comparing;
mod edit;
mod filter;
mod find;
mod follow;
mod history;
mod lesson;
mod news;
mod question;
mod rescue;
mod seek;
mod span;
mod streams;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use tideline_model::{DocumentId, GroupId, LineId, ReplicaId, UserId};
use tideline_store::Commit;
use uuid::Uuid;

pub use command::SERVER_SETTING;
pub use news::{EPOCH_SETTING, WELCOME_SETTING};

use self::streams::Streams;
use crate::catalogue::{Catalogue, is_deleted};
use crate::input::{ConnectionId, Effect, Input, QuestionId};
use crate::open_document::{OpenDocument, Stamp};
use crate::panel::{Extent, Panel};
use crate::presence::Presences;
use crate::protocol::{
    Caret, Crumb, DiskStatus, Message, Person, Row, ServerAddress, ServerStatus, Status,
};

/// Line ids that one interface gets at a time.
const LINE_NUMBERS_PER_INTERFACE: u64 = 1 << 20;
/// Documents that stay in memory although no panel shows them.
const IDLE_DOCUMENTS_MAX: usize = 16;

/// Who this core writes as.
#[derive(Debug, Clone)]
pub struct Identity {
    pub replica: ReplicaId,
    pub user: UserId,
    pub name: String,
    pub local_group: GroupId,
    /// The first line number that nobody has been given.
    pub next_line_number: u64,
}

/// What the replica knew when the core started.
#[derive(Debug)]
pub struct Start {
    pub identity: Identity,
    pub catalogue: Catalogue,
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Events in the outbox, by document.
    pub outbox: Vec<(DocumentId, u64)>,
    /// Something people must know from the start.
    pub greeting: Option<String>,
    /// A new random document id; passed in so that a simulation can repeat itself.
    pub new_document: fn() -> Uuid,
}

#[derive(Debug)]
struct PanelSlot {
    document: DocumentId,
    panel: Panel,
    title: String,
    crumbs: Vec<Crumb>,
    /// Its rows have been sent once; before that there is nothing to patch.
    opened: bool,
    /// How many rows it has, and which are held, as the interface was told.
    told: Extent,
    /// Where its caret is, as the others were told.
    caret: Option<Caret>,
    /// The rows it shows until its document has been read.
    glimpsed: Option<Vec<Row>>,
    /// Which request for those rows is its own.
    ticket: u64,
    /// Names its edits through all its connections.
    stream: Option<LineId>,
    /// It goes on where another connection was cut.
    resumed: bool,
    /// Names what it was filtered by last.
    query_id: u32,
}

impl PanelSlot {
    fn new(document: DocumentId, panel: Panel) -> Self {
        Self {
            document,
            panel,
            title: String::new(),
            crumbs: Vec::new(),
            opened: false,
            told: Extent::default(),
            caret: None,
            glimpsed: None,
            ticket: 0,
            stream: None,
            resumed: false,
            query_id: 0,
        }
    }
}

#[derive(Default)]
struct Interface {
    panels: BTreeMap<u32, PanelSlot>,
    status: Option<Status>,
    /// The id of the person whose place it wants to know.
    following: Option<String>,
}

pub struct Dispatcher {
    identity: Identity,
    catalogue: Catalogue,
    settings: serde_json::Map<String, serde_json::Value>,
    greeting: Option<String>,
    new_document: fn() -> Uuid,
    documents: HashMap<DocumentId, OpenDocument>,
    /// Documents that are being read, with what waits for them.
    loading: HashMap<DocumentId, VecDeque<Input>>,
    /// Something that the server sent of them is not here: their place in its log stays where it is
    /// until the next start, which asks for it again.
    behind: HashSet<DocumentId>,
    /// How many times rows were asked of the store, and how many windows were left with something
    /// that was written in them and waits.
    glimpses: u64,
    unseen: u64,
    interfaces: BTreeMap<ConnectionId, Interface>,
    streams: Streams,
    presences: Presences,
    /// Questions that wait for a document to be on disk (`None`: for all of them).
    settling: Vec<(QuestionId, Option<(DocumentId, usize)>)>,
    outbox: HashMap<DocumentId, u64>,
    subscribed: HashSet<DocumentId>,
    /// Documents are changing their group on disk; until then nothing of them is written.
    adopting: bool,
    disk: DiskStatus,
    server: ServerStatus,
    now_ms: i64,
    effects: Vec<Effect>,
}

impl Dispatcher {
    pub fn new(start: Start) -> Self {
        Self {
            identity: start.identity,
            catalogue: start.catalogue,
            settings: start.settings,
            greeting: start.greeting,
            new_document: start.new_document,
            documents: HashMap::new(),
            loading: HashMap::new(),
            behind: HashSet::new(),
            glimpses: 0,
            unseen: 0,
            interfaces: BTreeMap::new(),
            streams: Streams::default(),
            presences: Presences::default(),
            settling: Vec::new(),
            outbox: start.outbox.into_iter().collect(),
            subscribed: HashSet::new(),
            adopting: false,
            disk: DiskStatus::Ok,
            server: ServerStatus::Off,
            now_ms: 0,
            effects: Vec::new(),
        }
    }

    /// Takes one input at `now_ms` (Unix milliseconds) and says what is to be done. When that is
    /// under way, [`Dispatcher::store`] must be asked for the rest.
    pub fn step(&mut self, input: Input, now_ms: i64) -> Vec<Effect> {
        self.now_ms = now_ms;
        self.take(input);
        self.end_idle_typing();
        self.take_effects()
    }

    /// What is to be stored after a step, and told of that: who waits for rows need not wait for
    /// batches to be sealed.
    pub fn store(&mut self) -> Vec<Effect> {
        self.commit_unsaved();
        self.answer_settled();
        self.tell_status();
        self.take_effects()
    }

    fn take_effects(&mut self) -> Vec<Effect> {
        let mut effects = std::mem::take(&mut self.effects);
        effects.retain(|effect| !matches!(effect, Effect::Tell(to, _) if self.is_unseen(*to)));
        effects
    }

    /// When the dispatcher wants a [`Input::Tick`], if nothing else comes before.
    pub fn next_tick_ms(&self) -> Option<i64> {
        self.documents
            .values()
            .filter_map(OpenDocument::typing_ends_ms)
            .min()
    }

    /// Whether everything written is on disk, or the disk does not take it.
    pub fn may_stop(&self) -> bool {
        let settled = !self.adopting && self.documents.values().all(OpenDocument::is_settled);
        // What waits for a document would be lost with it.
        self.loading.is_empty() && (settled || self.disk != DiskStatus::Ok)
    }

    fn take(&mut self, input: Input) {
        if let Some(document) = self.needs(&input)
            && (!self.documents.contains_key(&document) || self.loading.contains_key(&document))
        {
            self.wait_for(document, input);
            return;
        }
        match input {
            Input::Attached(connection) => {
                self.interfaces.insert(connection, Interface::default());
            }
            Input::Detached(connection) => self.detach(connection),
            Input::Command(connection, command) => self.command(connection, command),
            Input::Glimpsed(connection, panel, ticket, glimpse) => {
                self.glimpsed(connection, panel, ticket, glimpse);
            }
            Input::Loaded(document, loaded) => self.loaded(document, loaded),
            Input::Rederived(document, rederived) => self.rederived(document, rederived),
            Input::OwnEvents(document, events) => self.own_events(document, events),
            Input::Durable(document) => self.durable(document),
            Input::DiskFailing(reason) => self.disk = DiskStatus::Failing { reason },
            Input::CommitRefused(document, reason) => self.commit_refused(document, &reason),
            Input::Sync(news) => self.news(news),
            Input::Question(id, question) => self.question(id, question),
            Input::LinesFound(connection, panel, query_id, lines) => {
                self.show_found(connection, panel, query_id, &lines);
            }
            Input::Found(connection, query_id, results) => {
                self.tell(connection, Message::SearchResults { query_id, results });
            }
            Input::Adopted(group, documents) => self.adopted(group, &documents),
            Input::OutboxSize(document, events) => self.outbox_size(document, events),
            Input::Renewed(replica, next_line_number) => self.renewed(replica, next_line_number),
            Input::Connect(server) => {
                // A window that opens before the first news must not read that there is no server.
                if let Some(ServerAddress { url, .. }) = &server {
                    let url = url.clone();
                    self.server = ServerStatus::Connecting { url };
                }
                self.effects.push(Effect::Connect(server));
            }
            Input::Damaged(problem) => self.alarm(format!(
                "The data folder has a problem: {problem}. What was written is kept. Close Tideline and \
                 run `tideline repair`."
            )),
            Input::Stopping => self
                .documents
                .values_mut()
                .for_each(OpenDocument::end_typing),
            Input::Tick => {}
        }
    }

    /// The document that must be in memory before `input` can be taken.
    fn needs(&self, input: &Input) -> Option<DocumentId> {
        match input {
            Input::Command(connection, command) => self.command_needs(*connection, command),
            Input::Sync(news) => self.news_need(news),
            Input::Question(_, question) => self.question_needs(question),
            _ => None,
        }
    }

    fn durable(&mut self, document: DocumentId) {
        self.disk = DiskStatus::Ok;
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        let events = open.committed();
        let group = open.group;
        if events > 0 {
            *self.outbox.entry(document).or_default() += u64::from(events);
            self.subscribe(group, document);
        }
        self.rederive(document);
        if self.outbox.get(&document).is_none_or(|&events| events == 0) {
            self.send_digest(document);
        }
    }

    /// Has the document exchanged with the server, when it is shared.
    fn subscribe(&mut self, group: GroupId, document: DocumentId) {
        if self.catalogue.is_shared(group) && self.subscribed.insert(document) {
            self.effects.push(Effect::Subscribe(group, document));
        }
    }

    fn commit_refused(&mut self, document: DocumentId, reason: &str) {
        if let Some(open) = self.documents.get_mut(&document) {
            open.committed();
        }
        self.warn(
            None,
            format!(
                "Changes could not be stored: {reason}. They are still on screen but not on disk. \
                 Copy what you wrote last, then restart Tideline."
            ),
        );
    }

    fn end_idle_typing(&mut self) {
        for open in self.documents.values_mut() {
            if open
                .typing_ends_ms()
                .is_some_and(|ends_ms| ends_ms <= self.now_ms)
            {
                open.end_typing();
            }
        }
    }

    fn commit_unsaved(&mut self) {
        if self.adopting {
            return;
        }
        for open in self.documents.values_mut() {
            self.effects.extend(
                open.take_commit(self.identity.replica, self.now_ms)
                    .map(Effect::Commit),
            );
        }
    }

    /// What has not been given to the writer yet, when the program ends without waiting for the disk.
    pub fn last_commits(&mut self) -> Vec<Commit> {
        let (replica, now_ms) = (self.identity.replica, self.now_ms);
        let open = self.documents.values_mut();
        open.filter_map(|open| open.take_last_commit(replica, now_ms))
            .collect()
    }

    /// Forgets documents that nobody looks at and that are wholly on disk.
    fn close_idle_documents(&mut self) {
        let shown: HashSet<DocumentId> = self
            .interfaces
            .values()
            .flat_map(|interface| interface.panels.values().map(|slot| slot.document))
            .collect();
        let mut idle: Vec<(i64, DocumentId)> = self
            .documents
            .iter()
            .filter(|(id, open)| !shown.contains(id) && open.is_settled())
            .map(|(id, open)| (open.used_ms, *id))
            .collect();
        idle.sort_unstable();
        let surplus = idle.len().saturating_sub(IDLE_DOCUMENTS_MAX);
        for (_, document) in idle.into_iter().take(surplus) {
            self.documents.remove(&document);
        }
    }

    fn status(&self) -> Status {
        let waiting: u64 = self
            .outbox
            .iter()
            .filter(|(document, _)| self.is_for_server(**document))
            .map(|(_, events)| events)
            .sum();
        Status {
            disk: self.disk.clone(),
            pending_disk: self
                .documents
                .values()
                .map(OpenDocument::pending_disk)
                .sum(),
            server: self.server.clone(),
            pending_server: waiting.min(u64::from(u32::MAX)) as u32,
        }
    }

    /// Whether the server is to have this document: it is shared, or it will be as soon as the server
    /// that is configured has been reached.
    fn is_for_server(&self, document: DocumentId) -> bool {
        let Some(entry) = self.catalogue.get(document) else {
            return false;
        };
        let will_be_adopted =
            self.server != ServerStatus::Off && self.untouched_welcome() != Some(document);
        self.catalogue.is_shared(entry.group) || will_be_adopted
    }

    /// Tells every interface that has not heard the present status.
    fn tell_status(&mut self) {
        let status = self.status();
        for (connection, interface) in &mut self.interfaces {
            if interface
                .status
                .as_ref()
                .is_some_and(|known| *known != status)
            {
                interface.status = Some(status.clone());
                let message = Message::Status {
                    status: status.clone(),
                };
                self.effects.push(Effect::Tell(*connection, message));
            }
        }
    }

    fn tell(&mut self, connection: ConnectionId, message: Message) {
        self.effects.push(Effect::Tell(connection, message));
    }

    fn tell_all(&mut self, message: &Message) {
        let connections: Vec<ConnectionId> = self.interfaces.keys().copied().collect();
        connections
            .into_iter()
            .for_each(|connection| self.tell(connection, message.clone()));
    }

    /// A message people must see; to one interface or to all.
    fn warn(&mut self, connection: Option<ConnectionId>, text: String) {
        let message = Message::Notice {
            level: crate::protocol::NoticeLevel::Warning,
            text,
        };
        match connection.filter(|one| !self.is_unseen(*one)) {
            Some(connection) => self.tell(connection, message),
            None => self.tell_all(&message),
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            replica: self.identity.replica,
            author: self.identity.user,
            now_ms: self.now_ms,
        }
    }

    fn person(&self) -> Person {
        Person {
            id: self.identity.user.to_string(),
            name: self.identity.name.clone(),
            color: crate::presence::color(self.identity.user),
        }
    }

    fn end_typing(&mut self, document: DocumentId) {
        if let Some(open) = self.documents.get_mut(&document) {
            open.end_typing();
        }
    }

    fn drop_panel(&mut self, connection: ConnectionId, panel: u32) -> Option<PanelSlot> {
        self.interfaces.get_mut(&connection)?.panels.remove(&panel)
    }

    fn is_in_bin(&self, document: DocumentId) -> bool {
        self.documents
            .get(&document)
            .is_some_and(|open| is_deleted(&open.document))
    }

    fn take_line_numbers(&mut self, count: u64) -> u64 {
        let first = self.identity.next_line_number;
        self.identity.next_line_number += count;
        first
    }
}
