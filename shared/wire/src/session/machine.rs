//! The session itself: inputs to outputs, and what passes without the server having said anything.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use tideline_model::{DocumentId, GroupId};

use super::document::{Followed, Subscription};
use super::link::{Due, Link, Phase};
use super::{Alarm, Input, Output, SessionOptions, Status};
use crate::comparison::Ranges;
use crate::limits::{BATCHES_IN_FLIGHT_MAX, BYTES_IN_FLIGHT_MAX};
use crate::message::{
    BatchId, ClientMessage, Cursor, Hello, PROTOCOL_MAX, PROTOCOL_MIN, PROTOCOL_WITH_RANGES,
};
use crate::sealed::SealedBatch;

/// Never again on this connection.
pub(super) const NOT_NOW_MS: u64 = u64::MAX;

/// One connection after the other to one server, on behalf of one replica.
#[derive(Debug)]
pub struct Session {
    pub(super) options: SessionOptions,
    pub(super) now_ms: u64,
    pub(super) link: Link,
    /// The version that the server and this session speak on the present connection.
    pub(super) protocol: u16,
    pub(super) documents: BTreeMap<DocumentId, Followed>,
    /// Documents that may have something to push, and the one whose turn was last.
    pub(super) pushing: BTreeSet<DocumentId>,
    last_turn: Option<DocumentId>,
    /// Documents that wait for a time: a refusal to be tried again, presence to be sent.
    pub(super) timed: BTreeSet<DocumentId>,
    pub(super) in_flight: BTreeMap<BatchId, Sent>,
    bytes_in_flight: usize,
    last_batch_id: u64,
    pub(super) out: Vec<Output>,
}

/// A batch on its way.
#[derive(Debug)]
pub(super) struct Sent {
    pub document: DocumentId,
    bytes: usize,
}

impl Session {
    /// A session that asks for its first connection at its first input.
    pub fn new(options: SessionOptions) -> Self {
        Self {
            options,
            now_ms: 0,
            link: Link::new(),
            protocol: PROTOCOL_MIN,
            documents: BTreeMap::new(),
            pushing: BTreeSet::new(),
            last_turn: None,
            timed: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            bytes_in_flight: 0,
            last_batch_id: 0,
            out: Vec::new(),
        }
    }

    /// Takes in what happened at `now_ms` (any clock that never runs backwards) and says what to do.
    pub fn handle(&mut self, now_ms: u64, input: Input) -> Vec<Output> {
        self.now_ms = now_ms.max(self.now_ms);
        match input {
            Input::Connected => self.connected(),
            Input::Frame(frame) => self.frame(&frame),
            Input::Disconnected { reason, jitter } => self.disconnected(reason, jitter),
            Input::Tick => {}
            Input::Retry => {
                if self.link.retry() {
                    self.connect();
                }
            }
            Input::Subscribe {
                group,
                document,
                cursor,
            } => self.follow(group, document, cursor),
            Input::Unsubscribe { document } => self.unfollow(document),
            Input::Durable(batch) => self.durable(batch),
            Input::Outbox { document, batches } => self.outbox_loaded(document, batches),
            Input::Presence { document, bytes } => {
                if let Some(followed) = self.documents.get_mut(&document) {
                    followed.presence.set(bytes);
                    self.timed.insert(document);
                }
            }
            Input::Digest {
                document,
                version,
                hash,
            } => self.send_digest(document, version, hash),
            Input::Ranges { document, ranges } => self.send_ranges(document, ranges),
        }
        self.pass_time();
        self.push();
        std::mem::take(&mut self.out)
    }

    /// When [`Input::Tick`] is due if nothing else happens; `None`: not at all.
    pub fn next_wake_ms(&self) -> Option<u64> {
        let timed = self.timed.iter().filter_map(|id| {
            let followed = self.documents.get(id)?;
            if !self.link.is_online() {
                return None;
            }
            let live = followed.subscription == Subscription::Live;
            let presence_ms = followed.presence.due_ms().filter(|_| live);
            let blocked_ms = Some(followed.blocked_until_ms)
                .filter(|&until_ms| until_ms > self.now_ms && until_ms != NOT_NOW_MS);
            [presence_ms, blocked_ms].into_iter().flatten().min()
        });
        timed.chain(self.link.next_due_ms()).min()
    }

    fn pass_time(&mut self) {
        match self.link.due(self.now_ms) {
            Some(Due::Connect) => self.connect(),
            Some(Due::Ping) => self.send(&ClientMessage::Ping),
            Some(Due::GiveUp { reason }) => self.close(reason),
            None => {}
        }
        if !self.link.is_online() {
            return;
        }
        for document in self.timed.clone() {
            self.pass_time_of(document);
        }
    }

    fn pass_time_of(&mut self, document: DocumentId) {
        let now_ms = self.now_ms;
        let Some(followed) = self.documents.get_mut(&document) else {
            self.timed.remove(&document);
            return;
        };
        let blocked = followed.blocked_until_ms > now_ms;
        match followed.subscription {
            Subscription::None if !blocked => self.subscribe(document),
            Subscription::Live => {
                if !blocked {
                    self.pushing.insert(document);
                }
                let group = followed.group;
                if let Some(bytes) = followed.presence.take(now_ms) {
                    self.send(&ClientMessage::Presence {
                        group,
                        document,
                        bytes,
                    });
                }
            }
            Subscription::None | Subscription::Asked => {}
        }
        let Some(followed) = self.documents.get(&document) else {
            return;
        };
        let waits = followed.blocked_until_ms > now_ms && followed.blocked_until_ms != NOT_NOW_MS;
        if !waits && followed.presence.due_ms().is_none() {
            self.timed.remove(&document);
        }
    }

    fn connect(&mut self) {
        self.link.phase = Phase::Connecting {
            since_ms: self.now_ms,
        };
        self.out.push(Output::Status(Status::Connecting));
        self.out.push(Output::Connect);
    }

    fn connected(&mut self) {
        if !matches!(self.link.phase, Phase::Connecting { .. }) {
            return;
        }
        self.link.phase = Phase::Greeting {
            since_ms: self.now_ms,
        };
        self.link.heard(self.now_ms);
        let hello = Hello {
            protocol_min: PROTOCOL_MIN,
            protocol_max: PROTOCOL_MAX,
            token: self.options.token.clone(),
            device: self.options.device.clone(),
            epoch_seen: self.options.epoch_seen,
        };
        self.send(&ClientMessage::Hello(hello));
    }

    fn disconnected(&mut self, reason: String, jitter: f64) {
        self.in_flight.clear();
        self.bytes_in_flight = 0;
        self.pushing.clear();
        self.timed.clear();
        for (&document, followed) in &mut self.documents {
            followed.disconnected();
            self.timed.insert(document);
        }
        let reason = match &self.link.phase {
            Phase::Refusing | Phase::Refused => {
                self.link.phase = Phase::Refused;
                return;
            }
            Phase::Waiting { .. } => return,
            Phase::Closing { reason, .. } => reason.clone(),
            _ => reason,
        };
        let retry_at_ms = self.link.back_off(self.now_ms, jitter);
        self.link.phase = Phase::Waiting { retry_at_ms };
        let waiting = Status::Waiting {
            reason,
            retry_at_ms,
        };
        self.out.push(Output::Status(waiting));
    }

    /// Ends the connection; the next try comes after a while.
    pub(super) fn close(&mut self, reason: String) {
        self.link.closing(reason.clone());
        self.out.push(Output::Disconnect { reason });
    }

    pub(super) fn broken(&mut self, what: &str) {
        let alarm = Alarm::Protocol(what.to_owned());
        self.out.push(Output::Alarm(alarm));
        self.close(format!(
            "the server sent something that makes no sense: {what}"
        ));
    }

    fn send(&mut self, message: &ClientMessage) {
        match message.to_frame() {
            Ok(frame) => {
                self.link.sent(self.now_ms);
                self.out.push(Output::Send(frame));
            }
            Err(error) => self.close(format!("a message cannot be sent: {error}")),
        }
    }

    fn follow(&mut self, group: GroupId, document: DocumentId, cursor: Cursor) {
        let mut followed = Followed::new(group, cursor);
        if let Some(before) = self.documents.remove(&document) {
            self.forget_sent(&document);
            followed.outbox = before.outbox;
            followed.outbox.restart();
            followed.presence = before.presence;
        }
        self.documents.insert(document, followed);
        self.timed.insert(document);
        if self.link.is_online() {
            self.subscribe(document);
        }
    }

    fn unfollow(&mut self, document: DocumentId) {
        self.forget_sent(&document);
        let Some(followed) = self.documents.remove(&document) else {
            return;
        };
        self.pushing.remove(&document);
        if self.link.is_online() && followed.subscription != Subscription::None {
            let group = followed.group;
            self.send(&ClientMessage::Unsubscribe { group, document });
        }
    }

    pub(super) fn subscribe(&mut self, document: DocumentId) {
        let replica = self.options.replica;
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        followed.subscription = Subscription::Asked;
        let (group, cursor) = (followed.group, followed.cursor);
        self.send(&ClientMessage::Subscribe {
            group,
            document,
            cursor,
            replica,
        });
    }

    fn durable(&mut self, batch: SealedBatch) {
        let document = batch.document;
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        followed.outbox.add(batch);
        if followed.pushing {
            self.pushing.insert(document);
        }
    }

    fn outbox_loaded(&mut self, document: DocumentId, batches: Vec<SealedBatch>) {
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        followed.outbox.loaded(batches);
        if followed.pushing {
            self.pushing.insert(document);
        }
    }

    fn send_digest(&mut self, document: DocumentId, version: u128, hash: u128) {
        if let Some(group) = self.live_group(document) {
            self.send(&ClientMessage::Digest {
                group,
                document,
                version,
                hash,
            });
        }
    }

    fn send_ranges(&mut self, document: DocumentId, ranges: Ranges) {
        let group = self.live_group(document);
        if let Some(group) = group.filter(|_| self.protocol >= PROTOCOL_WITH_RANGES) {
            self.send(&ClientMessage::Ranges {
                group,
                document,
                ranges,
            });
        }
    }

    /// The group of a document that the server follows up.
    fn live_group(&self, document: DocumentId) -> Option<GroupId> {
        let followed = self.documents.get(&document)?;
        let is_live = self.link.is_online() && followed.subscription == Subscription::Live;
        is_live.then_some(followed.group)
    }

    /// Sends what may be sent, one batch of each document in turn.
    fn push(&mut self) {
        while self.link.is_online() && !self.pushing.is_empty() {
            let Some(document) = self.next_turn() else {
                return;
            };
            if !self.push_one(document) {
                self.pushing.remove(&document);
            }
            let full = self.in_flight.len() >= BATCHES_IN_FLIGHT_MAX
                || self.bytes_in_flight >= BYTES_IN_FLIGHT_MAX;
            if full {
                return;
            }
        }
    }

    fn next_turn(&mut self) -> Option<DocumentId> {
        let full = self.in_flight.len() >= BATCHES_IN_FLIGHT_MAX
            || self.bytes_in_flight >= BYTES_IN_FLIGHT_MAX;
        if full {
            return None;
        }
        let behind = self.last_turn.map_or(Bound::Unbounded, Bound::Excluded);
        let mut later = self.pushing.range((behind, Bound::Unbounded));
        let turn = later.next().or_else(|| self.pushing.first()).copied();
        self.last_turn = turn;
        turn
    }

    /// Sends the next batch of a document and asks the disk for more where there is room. False when
    /// there is nothing to send now.
    fn push_one(&mut self, document: DocumentId) -> bool {
        let Some(followed) = self.documents.get_mut(&document) else {
            return false;
        };
        if !followed.may_push(self.now_ms) {
            return false;
        }
        if let Some((after, limit)) = followed.outbox.load() {
            self.out.push(Output::LoadOutbox {
                document,
                after,
                limit,
            });
        }
        let Some(batch) = followed.outbox.next().cloned() else {
            return false;
        };
        self.last_batch_id += 1;
        let batch_id = BatchId(self.last_batch_id);
        let bytes = batch.payload.len();
        followed.outbox.sent(batch_id);
        self.in_flight.insert(batch_id, Sent { document, bytes });
        self.bytes_in_flight += bytes;
        self.send(&ClientMessage::Push { batch_id, batch });
        true
    }

    /// What is on its way for a document will be sent again; its answers no longer count.
    pub(super) fn forget_sent(&mut self, document: &DocumentId) {
        let Some(followed) = self.documents.get_mut(document) else {
            return;
        };
        for id in followed.outbox.take_back() {
            self.answered(id);
        }
    }

    pub(super) fn answered(&mut self, id: BatchId) -> Option<Sent> {
        let sent = self.in_flight.remove(&id)?;
        self.bytes_in_flight -= sent.bytes;
        Some(sent)
    }
}
