//! The client's side of the protocol as a state machine: what happened goes in, what is to be done
//! comes out.
//!
//! Knows nothing of sockets, files or clocks. The caller carries out the outputs in their order,
//! keeps the batches that the server has not acknowledged, and says what time it is.

mod answers;
mod document;
mod link;
mod machine;
mod outbox;
#[cfg(test)]
mod tests;

use tideline_model::{DocumentId, EventId, GroupId, ReplicaId};

use crate::comparison::Ranges;
use crate::message::{Cursor, DocumentHead, GroupInfo, PresenceOrigin, RefusalCode, UserInfo};
use crate::sealed::SealedBatch;

pub use machine::Session;

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
    /// Follow a document from the last cursor that the caller has on disk, and push what the caller
    /// has for it. Repeating it starts anew.
    Subscribe {
        group: GroupId,
        document: DocumentId,
        cursor: Cursor,
    },
    Unsubscribe {
        document: DocumentId,
    },
    /// A batch of a document has become durable, behind all that were before it in the document's
    /// outbox.
    Durable(SealedBatch),
    /// The answer to [`Output::LoadOutbox`]: fewer batches than its `limit` mean that there are no
    /// more. Every question gets one answer, in order.
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
    /// What parts of it look like, for others who show something else; not sent to a server that is
    /// too old to pass it on.
    Ranges {
        document: DocumentId,
        ranges: Ranges,
    },
}

/// What the caller is to do, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a socket, then say [`Input::Connected`] or [`Input::Disconnected`].
    Connect,
    /// Send one binary message.
    Send(Vec<u8>),
    /// Close the socket (or give up opening it), then say [`Input::Disconnected`].
    Disconnect {
        reason: String,
    },
    Status(Status),
    /// The server knows who this is. `epoch` is to be kept for [`SessionOptions::epoch_seen`].
    Welcome {
        user: UserInfo,
        /// How this connection is named in other people's presence.
        connection: u64,
        epoch: u64,
    },
    /// All groups of the user, as they are now.
    Groups(Vec<GroupInfo>),
    /// Documents on the server: at first all of the user's, later new ones.
    Documents(Vec<DocumentHead>),
    /// The server's log may be another one than before. The session reads every followed document
    /// again from its start; cursors on disk of documents that are not followed mean nothing any more.
    EpochChanged {
        epoch: u64,
    },
    /// What the server has of a replica of this client in a document. Batches up to `replica_seq` are
    /// acknowledged, later ones are not, whatever was said before. When the caller has written less
    /// than that, it has been restored from a backup and needs a new replica id before it writes.
    ServerHas {
        document: DocumentId,
        replica: ReplicaId,
        replica_seq: u64,
    },
    /// Batches to apply, and to store in one transaction with `cursor`. In order and without gaps;
    /// own batches and repetitions may be among them. No batches: there was nothing to catch up.
    Deliver {
        document: DocumentId,
        batches: Vec<SealedBatch>,
        cursor: Cursor,
        /// The document's last batch on the server as far as known: caught up when it is `cursor`.
        head: Cursor,
    },
    /// The server has everything up to `last_seq` of `replica` in the document, on disk. `cursor` is
    /// the one to store: the caller has everything up to it.
    Acked {
        document: DocumentId,
        replica: ReplicaId,
        last_seq: u64,
        cursor: Cursor,
    },
    /// Read from disk what is not acknowledged, in outbox order: at most `limit` batches, behind the
    /// one whose last event is `after`, or from the first. Answered by [`Input::Outbox`].
    LoadOutbox {
        document: DocumentId,
        after: Option<EventId>,
        limit: usize,
    },
    /// The server does not take this document's batches, or does not show it. It is tried again at
    /// `retry_at_ms`; `None`: when the connection is made anew or the document subscribed again.
    Blocked {
        document: DocumentId,
        code: RefusalCode,
        reason: String,
        retry_at_ms: Option<u64>,
    },
    /// Somebody else's presence; empty: gone. All are gone when the status is not
    /// [`Status::Online`].
    Presence {
        document: DocumentId,
        from: PresenceOrigin,
        bytes: Vec<u8>,
    },
    /// Another replica's digest, to compare when its version is the one that is here.
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
    /// What parts of the document look like to another replica.
    Ranges {
        document: DocumentId,
        ranges: Ranges,
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
        "the server has other content for events of this replica in {document}: two programs \
         write under one replica id"
    )]
    Conflict { document: DocumentId },
    #[error(
        "the server has lost batches of {document}: its last is {}, {} were received",
        .head.0, .received.0
    )]
    ServerLostBatches {
        document: DocumentId,
        received: Cursor,
        head: Cursor,
    },
    #[error("the server is of epoch {epoch}, but {seen} was met before: an outdated copy answers")]
    StaleServer { epoch: u64, seen: u64 },
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
}
