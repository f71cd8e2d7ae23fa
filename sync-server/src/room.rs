//! Who listens to which document, and what each of them is told: state and pure steps. Frames go to
//! [`Outgoing`] queues, which never wait.
//!
//! Knows nothing of sockets and disks. A batch comes here after it is on disk, and a document's
//! batches come in the order of their cursors.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use tideline_model::{DocumentId, GroupId};
use tideline_wire::message::{PROTOCOL_MIN, PROTOCOL_WITH_RANGES};
use tideline_wire::{
    Cursor, DocumentHead, PresenceOrigin, Ranges, Regarding, SealedBatch, ServerMessage, UserInfo,
};
use tokio_tungstenite::tungstenite::Bytes;

use crate::log::{Committed, Outcome};
use crate::outgoing::{Outgoing, encode};

/// A document in its group: the same id in another group is another room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoomKey {
    pub group: GroupId,
    pub document: DocumentId,
}

/// A connection that has said who it is.
#[derive(Debug)]
pub struct Guest {
    pub connection: u64,
    /// The version that is spoken with them.
    pub protocol: u16,
    pub user: UserInfo,
    pub groups: HashSet<GroupId>,
    pub outgoing: Arc<Outgoing>,
}

/// The answer to [`Rooms::go_live`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Live {
    /// Every batch behind the cursor will be queued.
    Yes,
    /// There are batches behind the cursor: read them first.
    Behind,
    /// The subscription is not the present one any more.
    Gone,
}

#[derive(Debug)]
struct Seat {
    subscription: u64,
    /// `None` while the connection reads the log itself.
    live_from: Option<Cursor>,
    presence: Option<Bytes>,
}

#[derive(Debug, Default)]
struct Room {
    /// The last batch that passed here; [`Cursor::START`] when none has since somebody came in.
    head: Cursor,
    seats: BTreeMap<u64, Seat>,
}

/// All rooms in which somebody is.
#[derive(Debug, Default)]
pub struct Rooms {
    guests: HashMap<u64, Guest>,
    open: HashMap<RoomKey, Room>,
    /// Rooms of each guest.
    visits: HashMap<u64, HashSet<RoomKey>>,
    subscriptions: u64,
}

impl Rooms {
    pub fn enter(&mut self, guest: Guest) {
        self.guests.insert(guest.connection, guest);
    }

    /// The user's groups have changed: whoever is no longer in a group leaves its rooms.
    pub fn set_groups(&mut self, connection: u64, groups: HashSet<GroupId>) {
        let visits = self.visits.get(&connection).into_iter().flatten();
        let lost: Vec<RoomKey> = visits
            .filter(|key| !groups.contains(&key.group))
            .copied()
            .collect();
        for key in lost {
            self.leave(connection, key);
        }
        if let Some(guest) = self.guests.get_mut(&connection) {
            guest.groups = groups;
        }
    }

    pub fn gone(&mut self, connection: u64) {
        for key in self.visits.remove(&connection).unwrap_or_default() {
            self.vacate(connection, key);
        }
        self.guests.remove(&connection);
    }

    /// Takes a seat without hearing anything yet. Returns the number of the subscription.
    pub fn join(&mut self, connection: u64, key: RoomKey) -> u64 {
        self.subscriptions += 1;
        let subscription = self.subscriptions;
        if !self.guests.contains_key(&connection) {
            return subscription;
        }
        self.visits.entry(connection).or_default().insert(key);
        let room = self.open.entry(key).or_default();
        let presence = room
            .seats
            .remove(&connection)
            .and_then(|seat| seat.presence);
        room.seats.insert(
            connection,
            Seat {
                subscription,
                live_from: None,
                presence,
            },
        );
        subscription
    }

    /// A guest who has read the log up to `cursor` asks to hear what comes behind it.
    pub fn go_live(
        &mut self,
        connection: u64,
        key: RoomKey,
        subscription: u64,
        cursor: Cursor,
    ) -> Live {
        let Some(room) = self.open.get_mut(&key) else {
            return Live::Gone;
        };
        let head = room.head;
        let Some(seat) = room.seats.get_mut(&connection) else {
            return Live::Gone;
        };
        if seat.subscription != subscription {
            return Live::Gone;
        }
        if head > cursor {
            return Live::Behind;
        }
        seat.live_from = Some(cursor);
        self.show_others(connection, key);
        Live::Yes
    }

    pub fn leave(&mut self, connection: u64, key: RoomKey) {
        if let Some(visits) = self.visits.get_mut(&connection) {
            visits.remove(&key);
        }
        self.vacate(connection, key);
        if let Some(guest) = self.guests.get(&connection) {
            guest.outgoing.give_up(key.document);
        }
    }

    fn vacate(&mut self, connection: u64, key: RoomKey) {
        let Some(room) = self.open.get_mut(&key) else {
            return;
        };
        let seat = room.seats.remove(&connection);
        if room.seats.is_empty() {
            self.open.remove(&key);
        } else if seat.is_some_and(|seat| seat.presence.is_some()) {
            self.tell_presence(connection, key, &Bytes::new());
        }
    }

    /// Pushes have been dealt with: answers who pushed, and tells everybody else.
    pub fn committed(&mut self, committed: Vec<Committed>) {
        for done in committed {
            let (connection, batch_id) = (done.push.connection, done.push.batch_id);
            let document = done.push.batch.document;
            let (cursor, fresh) = match done.outcome {
                Outcome::Stored(cursor) => (cursor, true),
                Outcome::Known(cursor) => (cursor, false),
                Outcome::Refused(refusal) => {
                    self.answer(
                        connection,
                        &ServerMessage::Refused {
                            regarding: Regarding::Batch(batch_id),
                            code: refusal.code,
                            reason: refusal.reason,
                            retry_ms: done.retry_ms,
                        },
                    );
                    continue;
                }
            };
            self.answer(
                connection,
                &ServerMessage::Ack {
                    batch_id,
                    document,
                    cursor,
                },
            );
            if fresh {
                self.tell(connection, cursor, done.push.batch);
            }
        }
    }

    fn answer(&self, connection: u64, message: &ServerMessage) {
        if let Some(guest) = self.guests.get(&connection) {
            guest.outgoing.answer(message);
        }
    }

    fn tell(&mut self, from: u64, cursor: Cursor, batch: SealedBatch) {
        let key = RoomKey {
            group: batch.group,
            document: batch.document,
        };
        if cursor == Cursor::START.next() {
            self.announce(from, key, cursor);
        }
        let Some(room) = self.open.get_mut(&key) else {
            return;
        };
        room.head = cursor;
        let others = |connection: u64, seat: &Seat| {
            connection != from && seat.live_from.is_some_and(|live_from| live_from < cursor)
        };
        let mut seats = room.seats.iter();
        if !seats.any(|(&connection, seat)| others(connection, seat)) {
            return;
        }
        let document = key.document;
        let batches = vec![(cursor, batch)];
        let head = cursor;
        let Some(frame) = encode(&ServerMessage::Events {
            document,
            batches,
            head,
        }) else {
            return;
        };
        for (&connection, seat) in &mut room.seats {
            let Some(guest) = self.guests.get(&connection) else {
                continue;
            };
            if others(connection, seat) && !guest.outgoing.offer(frame.clone()) {
                seat.live_from = None;
                let cursor = Cursor(cursor.0 - 1);
                guest
                    .outgoing
                    .answer(&ServerMessage::CatchUp { document, cursor });
            }
        }
    }

    /// A document has come to be: everybody in its group may want it.
    fn announce(&self, from: u64, key: RoomKey, head: Cursor) {
        let RoomKey { group, document } = key;
        let documents = vec![DocumentHead {
            group,
            document,
            head,
        }];
        let Some(frame) = encode(&ServerMessage::Documents { documents }) else {
            return;
        };
        for guest in self.guests.values() {
            let concerned = guest.connection != from && guest.groups.contains(&group);
            if concerned && !guest.outgoing.offer(frame.clone()) {
                guest.outgoing.list_documents();
            }
        }
    }

    /// Passes on where a guest's carets are; empty bytes take them away. Needs a seat.
    pub fn presence(&mut self, connection: u64, key: RoomKey, bytes: Vec<u8>) {
        let seat = self.open.get_mut(&key);
        let Some(seat) = seat.and_then(|room| room.seats.get_mut(&connection)) else {
            return;
        };
        let bytes = Bytes::from(bytes);
        seat.presence = Some(bytes.clone()).filter(|bytes| !bytes.is_empty());
        self.tell_presence(connection, key, &bytes);
    }

    fn tell_presence(&self, from: u64, key: RoomKey, bytes: &Bytes) {
        let Some((room, frame)) = self
            .open
            .get(&key)
            .zip(self.presence_frame(from, key, bytes))
        else {
            return;
        };
        for (&connection, seat) in &room.seats {
            if connection != from && seat.live_from.is_some() {
                self.show(connection, key.document, from, frame.clone());
            }
        }
    }

    /// Shows a guest who has just gone live who else is there.
    fn show_others(&self, connection: u64, key: RoomKey) {
        let Some(room) = self.open.get(&key) else {
            return;
        };
        for (&from, seat) in &room.seats {
            if let Some(bytes) = &seat.presence
                && from != connection
                && let Some(frame) = self.presence_frame(from, key, bytes)
            {
                self.show(connection, key.document, from, frame);
            }
        }
    }

    fn show(&self, connection: u64, document: DocumentId, from: u64, frame: Bytes) {
        if let Some(guest) = self.guests.get(&connection) {
            guest.outgoing.presence(document, from, frame);
        }
    }

    fn presence_frame(&self, from: u64, key: RoomKey, bytes: &Bytes) -> Option<Bytes> {
        let guest = self.guests.get(&from)?;
        encode(&ServerMessage::Presence {
            document: key.document,
            from: PresenceOrigin {
                user: guest.user.clone(),
                connection: from,
            },
            bytes: bytes.to_vec(),
        })
    }

    /// Passes on what a guest's document looks like; dropped where a reader is slow.
    pub fn digest(&self, from: u64, key: RoomKey, version: u128, hash: u128) {
        let document = key.document;
        let message = ServerMessage::Digest {
            document,
            version,
            hash,
        };
        self.pass_on(from, key, PROTOCOL_MIN, &message);
    }

    /// The same of parts of it, to whoever speaks a version that has this.
    pub fn ranges(&self, from: u64, key: RoomKey, ranges: Ranges) {
        let document = key.document;
        let message = ServerMessage::Ranges { document, ranges };
        self.pass_on(from, key, PROTOCOL_WITH_RANGES, &message);
    }

    fn pass_on(&self, from: u64, key: RoomKey, protocol_min: u16, message: &ServerMessage) {
        let Some(room) = self.open.get(&key) else {
            return;
        };
        let Some(frame) = encode(message).filter(|_| room.seats.contains_key(&from)) else {
            return;
        };
        for (&connection, seat) in &room.seats {
            if connection != from
                && seat.live_from.is_some()
                && let Some(guest) = self.guests.get(&connection)
                && guest.protocol >= protocol_min
            {
                guest.outgoing.offer(frame.clone());
            }
        }
    }

    /// Tells every guest that the server goes down.
    pub fn dismiss(&self, code: tideline_wire::RefusalCode, reason: &str, retry_ms: u32) {
        for guest in self.guests.values() {
            guest.outgoing.refuse(code, reason, Some(retry_ms));
        }
    }
}

#[cfg(test)]
mod tests;
