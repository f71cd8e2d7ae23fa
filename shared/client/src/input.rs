//! Everything that reaches the dispatcher, and everything it asks the edge to do. Two closed sets.

use tideline_model::{Document, DocumentId, Event, GroupId, LineId, Outline, ReplicaId, UserId};
use tideline_store::{Commit, LineRow};
use tideline_wire::{Ranges, SealedBatch};

use crate::glimpse::{Glimpse, Opening};
use crate::line_history::LineVersionEntry;
use crate::open_document::OpenDocument;
use crate::protocol::{Command, DocumentEntry, Message, SearchResult, ServerAddress, ServerStatus};
use crate::undo::EventRange;

/// One window, browser tab or program that is attached to the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Something that was asked from outside of an interface and waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub u64);

pub enum Input {
    Attached(ConnectionId),
    Detached(ConnectionId),
    Command(ConnectionId, Command),
    /// Answer to [`Effect::Glimpse`].
    Glimpsed(ConnectionId, u32, u64, Option<Box<Glimpse>>),
    /// Answer to [`Effect::Load`].
    Loaded(DocumentId, Result<Box<OpenDocument>, String>),
    /// The commit of this document that was on its way is on disk.
    Durable(DocumentId),
    /// It is not; the writer keeps trying.
    DiskFailing(String),
    /// It never will be: the writer has refused it. Nothing of it is stored.
    CommitRefused(DocumentId, String),
    Sync(SyncNews),
    Question(QuestionId, Question),
    /// Answer to [`Effect::ReadEvents`].
    OwnEvents(DocumentId, Result<Vec<Event>, String>),
    /// Answer to [`Effect::Rederive`].
    Rederived(DocumentId, Result<Box<Document>, String>),
    /// Answer to [`Effect::Search`].
    Found(ConnectionId, u32, Vec<SearchResult>),
    /// Answer to [`Effect::FindLines`]: lines that may match.
    LinesFound(ConnectionId, u32, u32, Vec<LineId>),
    /// Answer to [`Effect::Adopt`]: these documents belong to the group now.
    Adopted(GroupId, Vec<DocumentId>),
    /// After [`Effect::Acknowledge`]: so many events of the document wait in the outbox.
    OutboxSize(DocumentId, u64),
    /// The replica writes under another id from now on.
    Renewed(ReplicaId, u64),
    /// Connect to this server from now on; settings stay as they are.
    Connect(Option<ServerAddress>),
    /// The daily verification has found this.
    Damaged(String),
    /// The program is about to end: no keystroke joins an event any more.
    Stopping,
    /// Time has passed.
    Tick,
}

/// What the sync connection has to tell.
#[derive(Debug)]
pub enum SyncNews {
    Status(ServerStatus),
    /// Who we are to the server.
    Welcome {
        user: (UserId, String),
    },
    /// The groups we are in on the server at `url`: all of them.
    Groups {
        url: String,
        groups: Vec<(GroupId, String)>,
    },
    /// The server has a document of this group.
    Document {
        group: GroupId,
        document: DocumentId,
    },
    /// In the order of the server's log; `cursor` is that of the last.
    Batches {
        group: GroupId,
        document: DocumentId,
        batches: Vec<SealedBatch>,
        cursor: u64,
    },
    Acknowledged(Receipt),
    /// Somebody's caret, or `None` when they left.
    Presence {
        document: DocumentId,
        origin: u64,
        bytes: Option<Vec<u8>>,
    },
    /// Another replica, at the same version, computed this hash.
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
    /// What parts of the document look like to it.
    Ranges {
        document: DocumentId,
        ranges: Ranges,
    },
    /// Another log may have taken the place of the server's former one.
    EpochChanged {
        epoch: u64,
    },
    /// Something that should not happen; for people.
    Alarm(String),
    /// The server knows events of this replica that are not here: a restored backup.
    ReplicaReused,
}

/// The events of `replica` up to `last_seq` are on the server's disk.
#[derive(Debug, Clone, Copy)]
pub struct Receipt {
    pub document: DocumentId,
    pub replica: ReplicaId,
    pub last_seq: u64,
    pub extent: Extent,
    /// The server's log is here up to this place, once everything delivered before is on disk.
    pub cursor: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    AtLeast,
    /// And no later ones, whatever was said before.
    Exactly,
}

#[derive(Debug)]
pub enum Question {
    Import(Outline),
    Outline(DocumentId),
    Documents,
    /// Everything written so far is to be on disk.
    Settle,
    /// The versions of a line of a document.
    LineHistory(DocumentId, LineId),
    /// The hash of the live document, and how many events it has.
    Digest(DocumentId),
    Status,
}

#[derive(Debug)]
pub enum Answer {
    Imported {
        document: DocumentId,
        lines: usize,
    },
    Outline(Outline),
    Documents(Vec<DocumentEntry>),
    /// The latest first.
    LineHistory(Vec<LineVersionEntry>),
    Settled,
    Digest {
        hash: u128,
        events: usize,
    },
    Status(crate::protocol::Status),
    UnknownDocument(DocumentId),
    UnknownLine(LineId),
    Failed(String),
}

/// Read the rows that a panel will show first.
#[derive(Debug)]
pub struct GlimpseRequest {
    pub connection: ConnectionId,
    pub panel: u32,
    pub ticket: u64,
    pub group: GroupId,
    pub document: DocumentId,
    pub opening: Opening,
}

/// What the lines of a document say that a filtered panel looks for. Answered by
/// [`Input::LinesFound`] where they are few.
#[derive(Debug)]
pub struct LinesWanted {
    pub connection: ConnectionId,
    pub panel: u32,
    pub query_id: u32,
    pub group: GroupId,
    pub document: DocumentId,
    pub text: String,
}

#[derive(Debug)]
pub enum Effect {
    Tell(ConnectionId, Message),
    Answer(QuestionId, Answer),
    /// Answered by [`Input::Glimpsed`] with its `ticket`.
    Glimpse(GlimpseRequest),
    /// Read a document's events and replay them; answered by [`Input::Loaded`].
    Load(GroupId, DocumentId),
    /// Replay the stored events of a document from the first; answered by [`Input::Rederived`].
    Rederive(GroupId, DocumentId),
    /// Read events of one replica; answered by [`Input::OwnEvents`].
    ReadEvents(GroupId, DocumentId, EventRange),
    Commit(Commit),
    /// Store what the server has; answered by [`Input::OutboxSize`].
    Acknowledge(GroupId, Receipt),
    Search {
        connection: ConnectionId,
        query_id: u32,
        text: String,
        document: Option<DocumentId>,
    },
    /// Ask the index for the few lines that a filter looks for.
    FindLines(LinesWanted),
    /// The rows on disk are older than the events: make them anew.
    RebuildRows {
        group: GroupId,
        document: DocumentId,
        rows: Vec<LineRow>,
        hash: u128,
    },
    SaveSetting(String, serde_json::Value),
    SaveUser(UserId, String),
    SaveGroup {
        group: GroupId,
        name: String,
        url: String,
    },
    /// Give the local group's documents to `into`, except these; answered by [`Input::Adopted`].
    Adopt {
        into: GroupId,
        except: Vec<DocumentId>,
    },
    /// The server's log may be another one: nothing is acknowledged any more.
    ForgetAcknowledgements,
    /// Take a new replica id; answered by [`Input::Renewed`].
    Renew,
    Connect(Option<ServerAddress>),
    /// Exchange this document with the server from now on.
    Subscribe(GroupId, DocumentId),
    Presence {
        document: DocumentId,
        bytes: Vec<u8>,
    },
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
    Ranges {
        document: DocumentId,
        ranges: Ranges,
    },
}
