//! The one task that owns the rooms. Everybody else sends it messages; it never waits for anybody.

use std::collections::HashSet;

use tideline_model::GroupId;
use tideline_wire::{Cursor, Ranges, RefusalCode};
use tokio::sync::{mpsc, oneshot};

use crate::log::Committed;
use crate::room::{Guest, Live, RoomKey, Rooms};

/// Messages that wait for the hub; who brings one more waits.
const QUEUED_MESSAGES_MAX: usize = 4096;

enum Message {
    Enter(Guest),
    Groups {
        connection: u64,
        groups: HashSet<GroupId>,
    },
    Gone {
        connection: u64,
    },
    Join {
        connection: u64,
        key: RoomKey,
        joined: oneshot::Sender<u64>,
    },
    GoLive {
        connection: u64,
        key: RoomKey,
        subscription: u64,
        cursor: Cursor,
        live: oneshot::Sender<Live>,
    },
    Leave {
        connection: u64,
        key: RoomKey,
    },
    Committed(Vec<Committed>),
    Presence {
        connection: u64,
        key: RoomKey,
        bytes: Vec<u8>,
    },
    Digest {
        connection: u64,
        key: RoomKey,
        version: u128,
        hash: u128,
    },
    Ranges {
        connection: u64,
        key: RoomKey,
        ranges: Ranges,
    },
    Dismiss {
        code: RefusalCode,
        reason: &'static str,
        retry_ms: u32,
    },
}

/// Speaks to the hub. What is sent to a hub that has ended is lost: the server is going down then.
#[derive(Clone)]
pub struct Hub {
    messages: mpsc::Sender<Message>,
}

impl Hub {
    /// Starts the task; it ends when the last handle is gone.
    pub fn start() -> Self {
        let (messages, waiting) = mpsc::channel(QUEUED_MESSAGES_MAX);
        tokio::spawn(run(waiting));
        Self { messages }
    }

    async fn send(&self, message: Message) {
        let _ = self.messages.send(message).await;
    }

    pub async fn enter(&self, guest: Guest) {
        self.send(Message::Enter(guest)).await;
    }

    pub async fn set_groups(&self, connection: u64, groups: HashSet<GroupId>) {
        self.send(Message::Groups { connection, groups }).await;
    }

    pub async fn gone(&self, connection: u64) {
        self.send(Message::Gone { connection }).await;
    }

    /// See [`Rooms::join`]. What is committed from now on is not missed.
    pub async fn join(&self, connection: u64, key: RoomKey) -> u64 {
        let (joined, answer) = oneshot::channel();
        self.send(Message::Join {
            connection,
            key,
            joined,
        })
        .await;
        answer.await.unwrap_or_default()
    }

    /// See [`Rooms::go_live`].
    pub async fn go_live(
        &self,
        connection: u64,
        key: RoomKey,
        subscription: u64,
        cursor: Cursor,
    ) -> Live {
        let (live, answer) = oneshot::channel();
        self.send(Message::GoLive {
            connection,
            key,
            subscription,
            cursor,
            live,
        })
        .await;
        answer.await.unwrap_or(Live::Gone)
    }

    pub async fn leave(&self, connection: u64, key: RoomKey) {
        self.send(Message::Leave { connection, key }).await;
    }

    /// From the writer thread: waits there.
    pub fn committed(&self, committed: Vec<Committed>) {
        let _ = self.messages.blocking_send(Message::Committed(committed));
    }

    pub async fn presence(&self, connection: u64, key: RoomKey, bytes: Vec<u8>) {
        self.send(Message::Presence {
            connection,
            key,
            bytes,
        })
        .await;
    }

    pub async fn digest(&self, connection: u64, key: RoomKey, version: u128, hash: u128) {
        self.send(Message::Digest {
            connection,
            key,
            version,
            hash,
        })
        .await;
    }

    pub async fn ranges(&self, connection: u64, key: RoomKey, ranges: Ranges) {
        self.send(Message::Ranges {
            connection,
            key,
            ranges,
        })
        .await;
    }

    pub async fn dismiss(&self, code: RefusalCode, reason: &'static str, retry_ms: u32) {
        self.send(Message::Dismiss {
            code,
            reason,
            retry_ms,
        })
        .await;
    }
}

async fn run(mut waiting: mpsc::Receiver<Message>) {
    let mut rooms = Rooms::default();
    while let Some(message) = waiting.recv().await {
        step(&mut rooms, message);
    }
}

fn step(rooms: &mut Rooms, message: Message) {
    match message {
        Message::Enter(guest) => rooms.enter(guest),
        Message::Groups { connection, groups } => rooms.set_groups(connection, groups),
        Message::Gone { connection } => rooms.gone(connection),
        // Who has asked may be gone; then there is nobody to answer.
        Message::Join {
            connection,
            key,
            joined,
        } => drop(joined.send(rooms.join(connection, key))),
        Message::GoLive {
            connection,
            key,
            subscription,
            cursor,
            live,
        } => drop(live.send(rooms.go_live(connection, key, subscription, cursor))),
        Message::Leave { connection, key } => rooms.leave(connection, key),
        Message::Committed(committed) => rooms.committed(committed),
        Message::Presence {
            connection,
            key,
            bytes,
        } => rooms.presence(connection, key, bytes),
        Message::Digest {
            connection,
            key,
            version,
            hash,
        } => rooms.digest(connection, key, version, hash),
        Message::Ranges {
            connection,
            key,
            ranges,
        } => rooms.ranges(connection, key, ranges),
        Message::Dismiss {
            code,
            reason,
            retry_ms,
        } => rooms.dismiss(code, reason, retry_ms),
    }
}
