//! The messages between a client and a server, one to a websocket message, written with postcard.
//! `docs/protocol.md` says what each promises.
//!
//! New messages are added at the end of an enum and sent only to who speaks a version that has them;
//! [`Hello`] never changes, so that every version can say no to every other one.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tideline_model::{DocumentId, GroupId, ReplicaId, UserId, VersionVector};
use xxhash_rust::xxh3::Xxh3;

use crate::comparison::Ranges;
use crate::limits::{
    COUNTER_MAX, DOCUMENTS_PER_FRAME_MAX, FRAME_BYTES_MAX, GROUPS_PER_USER_MAX,
    LINES_PER_RANGE_MAX, NAME_BYTES_MAX, PRESENCE_BYTES_MAX, RANGES_PER_FRAME_MAX,
    REASON_BYTES_MAX, TOKEN_BYTES_MAX,
};
use crate::sealed::{EnvelopeError, SealedBatch};

/// The newest protocol version of this build.
pub const PROTOCOL_MAX: u16 = 2;
/// The oldest one that it still speaks.
pub const PROTOCOL_MIN: u16 = 1;
/// The first version that has [`ClientMessage::Ranges`] and [`ServerMessage::Ranges`].
pub const PROTOCOL_WITH_RANGES: u16 = 2;

/// A place in a document's log on the server: the batch with this number, the first being 1, with no
/// gaps. 0 stands before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Cursor(pub u64);

impl Cursor {
    pub const START: Cursor = Cursor(0);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Names one sending of a batch; the client counts them up within a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BatchId(pub u64);

/// First message of a connection.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol_min: u16,
    pub protocol_max: u16,
    pub token: String,
    /// What the user calls this machine.
    pub device: String,
    /// The highest epoch that this client has met; a server of a lower one must not be written to.
    pub epoch_seen: u64,
}

/// Leaves the token out: it must not reach a log.
impl std::fmt::Debug for Hello {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello")
            .field("protocol_min", &self.protocol_min)
            .field("protocol_max", &self.protocol_max)
            .field("device", &self.device)
            .field("epoch_seen", &self.epoch_seen)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    Hello(Hello),
    /// Asks for every batch behind `cursor`, and for later ones as they come. Answered by
    /// [`ServerMessage::Subscribed`]; repeating it starts anew from `cursor`.
    Subscribe {
        group: GroupId,
        document: DocumentId,
        cursor: Cursor,
        /// The replica that will push: the answer says how far the server knows it.
        replica: ReplicaId,
    },
    Unsubscribe {
        group: GroupId,
        document: DocumentId,
    },
    /// Answered by [`ServerMessage::Ack`] once the batch is on the server's disk, or by
    /// [`ServerMessage::Refused`].
    Push {
        batch_id: BatchId,
        batch: SealedBatch,
    },
    /// Where this client's carets are; opaque to the server, may be dropped, the latest counts.
    /// Needs a subscription. Empty: nowhere any more.
    Presence {
        group: GroupId,
        document: DocumentId,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// What this client's document looks like at a version, for others at the same version to
    /// compare. May be dropped.
    Digest {
        group: GroupId,
        document: DocumentId,
        /// [`version_digest`] of the version.
        version: u128,
        /// The document's hash.
        hash: u128,
    },
    /// Answered by [`ServerMessage::Pong`].
    Ping,
    /// What parts of this client's document look like, for others whose document has another hash at
    /// the same version. May be dropped.
    Ranges {
        group: GroupId,
        document: DocumentId,
        ranges: Ranges,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerMessage {
    Welcome(Welcome),
    Refused {
        regarding: Regarding,
        code: RefusalCode,
        /// For the user: what happened, what is safe, what to do.
        reason: String,
        /// Try the same again after so long; `None`: the answer will stay the same.
        retry_ms: Option<u32>,
    },
    /// Every byte of the batch, and of all before it in the document, is on the server's disk.
    Ack {
        batch_id: BatchId,
        document: DocumentId,
        cursor: Cursor,
    },
    /// Comes before any batch of a subscription.
    Subscribed {
        document: DocumentId,
        /// The document's last batch; [`Cursor::START`] while the server has none.
        head: Cursor,
        /// The last event of the subscriber's replica that the server has, 0 if none.
        replica_seq: u64,
    },
    /// Batches in the order of their cursors. `head` is the document's last batch as far as the
    /// server knew it when it sent this.
    Events {
        document: DocumentId,
        batches: Vec<(Cursor, SealedBatch)>,
        head: Cursor,
    },
    /// The reader was too slow: the server sends nothing more of this document until it is asked
    /// again. `cursor` is the last batch that it had sent or queued.
    CatchUp {
        document: DocumentId,
        cursor: Cursor,
    },
    /// Documents that exist besides those in [`Welcome`], or that have just come to be.
    Documents {
        documents: Vec<DocumentHead>,
    },
    /// The user's groups have changed; these are all of them now.
    Groups {
        groups: Vec<GroupInfo>,
    },
    /// Somebody else's presence. Empty bytes: gone.
    Presence {
        document: DocumentId,
        from: PresenceOrigin,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    Digest {
        document: DocumentId,
        version: u128,
        hash: u128,
    },
    Pong,
    /// What parts of somebody else's document look like.
    Ranges {
        document: DocumentId,
        ranges: Ranges,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The version that both will speak on this connection.
    pub protocol: u16,
    /// Raised whenever another log may have taken the place of the one before (promotion of a
    /// standby, restored backup).
    pub epoch: u64,
    /// Names this connection in other people's [`PresenceOrigin`].
    pub connection: u64,
    pub user: UserInfo,
    pub groups: Vec<GroupInfo>,
    /// The first [`DOCUMENTS_PER_FRAME_MAX`]; [`ServerMessage::Documents`] follows with the rest.
    pub documents: Vec<DocumentHead>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    pub id: UserId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupInfo {
    pub id: GroupId,
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentHead {
    pub group: GroupId,
    pub document: DocumentId,
    pub head: Cursor,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceOrigin {
    pub user: UserInfo,
    /// One person may be there more than once.
    pub connection: u64,
}

/// What a member of a group may do, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    Owner,
    Editor,
    Commenter,
    Reader,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Owner, Role::Editor, Role::Commenter, Role::Reader];

    /// The server cannot look into a batch, so it cannot tell a comment from any other change:
    /// only who may change everything may push.
    pub fn may_write(self) -> bool {
        matches!(self, Role::Owner | Role::Editor)
    }

    pub fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Editor => "editor",
            Role::Commenter => "commenter",
            Role::Reader => "reader",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What a refusal answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Regarding {
    /// The server closes the connection after this.
    Connection,
    Batch(BatchId),
    Document(DocumentId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalCode {
    /// The token is unknown or was revoked.
    BadToken,
    /// No protocol version that both speak.
    Version,
    /// A message that is not understood, out of turn, or outside its bounds.
    Malformed,
    /// The client has met a later epoch than this server's.
    StaleServer { epoch: u64 },
    /// Too many connections or subscriptions.
    Busy,
    /// Not a member of the group, or the document is not in that group. The two look the same.
    NotMember,
    /// A member who may not write.
    ReadOnly,
    /// Events between the server's last one of this replica and the batch are missing.
    Gap {
        /// The sequence that the server waits for.
        expected_seq: u64,
    },
    /// The server has other bytes for these events: two writers share a replica id.
    Conflict,
    /// The replica id belongs to another user.
    ForeignReplica,
    /// The server's disk is full or cannot be written.
    Storage,
    /// The server's data is damaged.
    Damaged,
    /// The server is going down.
    Shutdown,
}

impl RefusalCode {
    /// Whether connecting again with the same settings can only be refused again.
    pub fn ends_session(self) -> bool {
        matches!(self, RefusalCode::BadToken | RefusalCode::Version)
    }
}

/// Why bytes are not a message, or a message cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a message of {bytes} bytes, allowed are {max}")]
    TooLarge { bytes: usize, max: usize },
    #[error("not a message: {0}")]
    Malformed(#[from] postcard::Error),
    #[error("{left} bytes are left over behind the message")]
    LeftOver { left: usize },
    #[error("{what} takes {found}, allowed are {max}")]
    OutOfBounds {
        what: &'static str,
        found: u64,
        max: u64,
    },
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
}

impl ClientMessage {
    /// # Errors
    /// [`FrameError`] when something in the message is too large to be sent.
    pub fn to_frame(&self) -> Result<Vec<u8>, FrameError> {
        self.check()?;
        write_frame(self)
    }

    /// # Errors
    /// [`FrameError`]. Memory stays a small multiple of `frame`.
    pub fn from_frame(frame: &[u8]) -> Result<Self, FrameError> {
        let message: Self = read_frame(frame)?;
        message.check()?;
        Ok(message)
    }

    fn check(&self) -> Result<(), FrameError> {
        match self {
            ClientMessage::Hello(hello) => {
                bounded("token", hello.token.len(), TOKEN_BYTES_MAX)?;
                bounded("device name", hello.device.len(), NAME_BYTES_MAX)
            }
            ClientMessage::Push { batch, .. } => Ok(batch.check_envelope()?),
            ClientMessage::Subscribe { cursor, .. } => check_cursor(*cursor),
            ClientMessage::Presence { bytes, .. } => {
                bounded("presence", bytes.len(), PRESENCE_BYTES_MAX)
            }
            ClientMessage::Ranges { ranges, .. } => check_ranges(ranges),
            ClientMessage::Unsubscribe { .. }
            | ClientMessage::Digest { .. }
            | ClientMessage::Ping => Ok(()),
        }
    }
}

impl ServerMessage {
    /// # Errors
    /// [`FrameError`] when something in the message is too large to be sent.
    pub fn to_frame(&self) -> Result<Vec<u8>, FrameError> {
        self.check()?;
        write_frame(self)
    }

    /// # Errors
    /// [`FrameError`]. Memory stays a small multiple of `frame`.
    pub fn from_frame(frame: &[u8]) -> Result<Self, FrameError> {
        let message: Self = read_frame(frame)?;
        message.check()?;
        Ok(message)
    }

    fn check(&self) -> Result<(), FrameError> {
        match self {
            ServerMessage::Welcome(welcome) => {
                check_user(&welcome.user)?;
                check_groups(&welcome.groups)?;
                check_documents(&welcome.documents)
            }
            ServerMessage::Refused { reason, .. } => {
                bounded("reason", reason.len(), REASON_BYTES_MAX)
            }
            ServerMessage::Events { batches, head, .. } => {
                for (cursor, batch) in batches {
                    check_cursor(*cursor)?;
                    batch.check_envelope()?;
                }
                check_cursor(*head)
            }
            ServerMessage::Ack { cursor, .. }
            | ServerMessage::CatchUp { cursor, .. }
            | ServerMessage::Subscribed { head: cursor, .. } => check_cursor(*cursor),
            ServerMessage::Documents { documents } => check_documents(documents),
            ServerMessage::Groups { groups } => check_groups(groups),
            ServerMessage::Presence { from, bytes, .. } => {
                check_user(&from.user)?;
                bounded("presence", bytes.len(), PRESENCE_BYTES_MAX)
            }
            ServerMessage::Ranges { ranges, .. } => check_ranges(ranges),
            ServerMessage::Digest { .. } | ServerMessage::Pong => Ok(()),
        }
    }
}

/// The protocol versions of a [`Hello`], even of one whose other fields are not understood.
pub fn hello_versions(frame: &[u8]) -> Option<(u16, u16)> {
    let (message, rest) = postcard::take_from_bytes::<u32>(frame).ok()?;
    let (versions, _) = postcard::take_from_bytes::<(u16, u16)>(rest).ok()?;
    (message == 0).then_some(versions)
}

/// The newest protocol version that this build and a peer with these versions both speak.
pub fn common_protocol(peer_min: u16, peer_max: u16) -> Option<u16> {
    let (least, most) = (peer_min.max(PROTOCOL_MIN), peer_max.min(PROTOCOL_MAX));
    (least <= most).then_some(most)
}

/// A short stand-in for a version vector: equal ones for equal vectors, on every machine.
pub fn version_digest(version: &VersionVector) -> u128 {
    let mut hash = Xxh3::new();
    for id in version.iter() {
        hash.update(id.replica.0.as_bytes());
        hash.update(&id.seq.to_le_bytes());
    }
    hash.digest128()
}

fn write_frame(message: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let frame = postcard::to_stdvec(message)?;
    frame_fits(frame.len())?;
    Ok(frame)
}

fn read_frame<M: DeserializeOwned>(frame: &[u8]) -> Result<M, FrameError> {
    frame_fits(frame.len())?;
    let (message, rest) = postcard::take_from_bytes(frame)?;
    if !rest.is_empty() {
        return Err(FrameError::LeftOver { left: rest.len() });
    }
    Ok(message)
}

fn frame_fits(bytes: usize) -> Result<(), FrameError> {
    let max = FRAME_BYTES_MAX;
    if bytes > max {
        return Err(FrameError::TooLarge { bytes, max });
    }
    Ok(())
}

fn bounded(what: &'static str, found: usize, max: usize) -> Result<(), FrameError> {
    if found > max {
        let (found, max) = (found as u64, max as u64);
        return Err(FrameError::OutOfBounds { what, found, max });
    }
    Ok(())
}

fn check_cursor(cursor: Cursor) -> Result<(), FrameError> {
    if cursor.0 > COUNTER_MAX {
        let (what, found, max) = ("cursor", cursor.0, COUNTER_MAX);
        return Err(FrameError::OutOfBounds { what, found, max });
    }
    Ok(())
}

fn check_user(user: &UserInfo) -> Result<(), FrameError> {
    bounded("user name", user.name.len(), NAME_BYTES_MAX)
}

fn check_groups(groups: &[GroupInfo]) -> Result<(), FrameError> {
    bounded("number of groups", groups.len(), GROUPS_PER_USER_MAX)?;
    groups
        .iter()
        .try_for_each(|group| bounded("group name", group.name.len(), NAME_BYTES_MAX))
}

fn check_ranges(ranges: &Ranges) -> Result<(), FrameError> {
    let ranges = &ranges.ranges;
    bounded("number of ranges", ranges.len(), RANGES_PER_FRAME_MAX)?;
    let mut lines = ranges.iter().filter_map(|range| range.lines.as_ref());
    lines.try_for_each(|lines| bounded("number of lines", lines.len(), LINES_PER_RANGE_MAX))
}

fn check_documents(documents: &[DocumentHead]) -> Result<(), FrameError> {
    bounded(
        "number of documents",
        documents.len(),
        DOCUMENTS_PER_FRAME_MAX,
    )?;
    documents
        .iter()
        .try_for_each(|document| check_cursor(document.head))
}
