//! The client's side of the protocol as a state machine: what happened goes in, what is to be done
//! comes out.
//!
//! Knows nothing of sockets, files or clocks. The caller carries out the outputs in their order,
//! keeps the batches that the server has not acknowledged, and says what time it is.

use tideline_model::{DocumentId, GroupId, ReplicaId};

use crate::message::{Cursor, DocumentHead, GroupInfo, PresenceOrigin, RefusalCode, UserInfo};
use crate::sealed::SealedBatch;

/// What a session is told once. Other settings need another session.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    pub token: String,
    /// What the user calls this machine.
    pub device: String,
    /// The replica whose batches are pushed.
    pub replica: ReplicaId,
    /// The highest epoch of this server that was ever met; 0 at first.
    pub epoch_seen: u64,
}

/// What happened. See [`Session::handle`].
#[derive(Debug, Clone)]
pub enum Input {
    /// The socket that [`Output::Connect`] asked for is open.
    Connected,
    /// One binary message of the present connection.
    Frame(Vec<u8>),
    /// The connection ended or could not be made. `jitter` is a random number from 0 to 1: it keeps
    /// many clients from coming back at the same moment.
    Disconnected {
        reason: String,
        jitter: f64,
    },
    /// Time has passed; see [`Session::next_wake_ms`].
    Tick,
    /// Try now, also after a refusal: the user asked for it, or the network came back.
    Retry,
    /// Follow a document from the last batch that the caller has on disk, and push what the caller
    /// has for it. Repeating it starts anew.
    Subscribe {
        group: GroupId,
        document: DocumentId,
        cursor: Cursor,
    },
    Unsubscribe {
        document: DocumentId,
    },
    /// A batch of a subscribed document has become durable, behind all that were before it in the
    /// document's outbox.
    Durable(SealedBatch),
    /// The answer to [`Output::LoadOutbox`]: the next batches in the order of the document's outbox,
    /// at most `limit`; none when it holds no more.
    Outbox {
        document: DocumentId,
        batches: Vec<SealedBatch>,
    },
    /// Where the user's carets are; only the latest matters. Empty: nowhere.
    Presence {
        document: DocumentId,
        bytes: Vec<u8>,
    },
    /// What the document looks like at a version, for others at that version to compare.
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
}

/// What the caller is to do, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Open a socket, then say [`Input::Connected`] or [`Input::Disconnected`].
    Connect,
    /// Send one binary message.
    Send(Vec<u8>),
    /// Close the socket, then say [`Input::Disconnected`].
    Disconnect {
        reason: String,
    },
    Status(Status),
    /// The server knows who this is.
    Welcome {
        user: UserInfo,
        connection: u64,
        epoch: u64,
    },
    /// All groups of the user, as they are now.
    Groups(Vec<GroupInfo>),
    /// Documents on the server that have not been named before on this connection.
    Documents(Vec<DocumentHead>),
    /// The server's log may be another one than before: mark every batch of this replica as not
    /// acknowledged. The session reads every document again from its start.
    EpochChanged {
        epoch: u64,
    },
    /// What the server has of this replica in a document. Batches up to `replica_seq` are
    /// acknowledged; later ones are not, whatever was said before; when the caller has written less
    /// than that, it has been restored from a backup and needs a new replica id.
    ServerHas {
        document: DocumentId,
        replica: ReplicaId,
        replica_seq: u64,
    },
    /// Batches to apply and to store in one transaction with `cursor`. In order and without gaps;
    /// own batches and repetitions may be among them.
    Deliver {
        document: DocumentId,
        batches: Vec<SealedBatch>,
        /// The last of them.
        cursor: Cursor,
        /// The document's last batch on the server as far as known.
        head: Cursor,
    },
    /// The server has everything up to `last_seq` of `replica` in the document. `cursor` is the one
    /// to store: up to it the caller has been given everything.
    Acked {
        document: DocumentId,
        replica: ReplicaId,
        last_seq: u64,
        cursor: Cursor,
    },
    /// Read from disk what is not acknowledged: at most `limit` batches, in outbox order, behind the
    /// one that ends with (`after_replica`, seq), from the first if `None`.
    /// Answer with [`Input::Outbox`].
    LoadOutbox {
        document: DocumentId,
        after: Option<tideline_model::EventId>,
        limit: usize,
    },
    /// The server does not take this document's batches, or does not show it. It is left alone until
    /// it is subscribed again or the connection is made anew.
    Blocked {
        document: DocumentId,
        code: RefusalCode,
        reason: String,
    },
    /// Somebody else's presence; empty: gone. All are gone when the status is not
    /// [`Status::Online`].
    Presence {
        document: DocumentId,
        from: PresenceOrigin,
        bytes: Vec<u8>,
    },
    /// Another replica's digest, to compare when it is of the version that is here.
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
    Alarm(Alarm),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Connecting,
    Online,
    /// `retry_at_ms` is on the clock that the caller passes in.
    Waiting {
        reason: String,
        retry_at_ms: u64,
    },
    /// Trying again would give the same answer; waits for [`Input::Retry`].
    Refused {
        code: RefusalCode,
        reason: String,
    },
}

/// What must not happen, and did. Worth showing and worth a log line; the session goes on as safely
/// as it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    #[error(
        "the server has other content for events of this replica in {document}: two programs write under one replica id"
    )]
    Conflict { document: DocumentId },
    #[error(
        "the server has lost batches of {document}: it has {head} where {cursor} were received"
    )]
    ServerLostBatches {
        document: DocumentId,
        cursor: u64,
        head: u64,
    },
    #[error(
        "the server is of epoch {epoch}, but epoch {seen} was met before: an outdated copy answers"
    )]
    StaleServer { epoch: u64, seen: u64 },
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
}

/// One connection after the other to one server, on behalf of one replica.
pub struct Session {
    options: SessionOptions,
}

impl Session {
    /// A session that asks for its first connection at the first [`Input::Tick`].
    pub fn new(options: SessionOptions) -> Self {
        Self { options }
    }

    /// Takes in what happened at `now_ms` (any clock that never runs backwards) and says what to do.
    pub fn handle(&mut self, _now_ms: u64, _input: Input) -> Vec<Output> {
        let _ = &self.options;
        Vec::new()
    }

    /// When [`Input::Tick`] is due if nothing else happens; `None`: not at all.
    pub fn next_wake_ms(&self) -> Option<u64> {
        None
    }
}
