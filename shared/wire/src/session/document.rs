//! A document that a session follows.

use tideline_model::{EventId, GroupId, ReplicaId};

use super::outbox::Outbox;
use crate::limits::PRESENCE_INTERVAL_MS;
use crate::message::Cursor;
use crate::sealed::SealedBatch;

/// How far a subscription is on the present connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    None,
    /// Asked for; what comes before the answer belongs to an earlier subscription.
    Asked,
    Live,
}

#[derive(Debug)]
pub struct Followed {
    pub group: GroupId,
    /// Everything up to here has been delivered.
    pub cursor: Cursor,
    pub head: Cursor,
    pub subscription: Subscription,
    pub outbox: Outbox,
    /// Whether the outbox has been read on this connection.
    pub pushing: bool,
    /// Nothing is sent for this document before then; `u64::MAX`: on this connection.
    pub blocked_until_ms: u64,
    /// The server missed something behind this event; twice at the same place is once too often.
    pub gap_behind: Option<EventId>,
    pub presence: OwnPresence,
}

impl Followed {
    pub fn new(group: GroupId, cursor: Cursor) -> Self {
        Self {
            group,
            cursor,
            head: cursor,
            subscription: Subscription::None,
            outbox: Outbox::default(),
            pushing: false,
            blocked_until_ms: 0,
            gap_behind: None,
            presence: OwnPresence::default(),
        }
    }

    /// Nothing that was said on the last connection holds on the next one.
    pub fn disconnected(&mut self) {
        self.subscription = Subscription::None;
        self.outbox.restart();
        self.pushing = false;
        self.blocked_until_ms = 0;
        self.gap_behind = None;
        self.presence.unsent = !self.presence.bytes.is_empty();
    }

    pub fn may_push(&self, now_ms: u64) -> bool {
        self.pushing && now_ms >= self.blocked_until_ms
    }

    /// The batches of a frame that are new here, which is `Err` when one between is missing.
    pub fn take(
        &mut self,
        batches: Vec<(Cursor, SealedBatch)>,
    ) -> Result<Vec<SealedBatch>, Cursor> {
        let mut reached = self.cursor;
        let mut fresh = Vec::with_capacity(batches.len());
        for (cursor, batch) in batches {
            if cursor <= reached {
                continue;
            }
            if cursor != reached.next() {
                return Err(cursor);
            }
            reached = cursor;
            fresh.push(batch);
        }
        self.cursor = reached;
        self.head = self.head.max(reached);
        Ok(fresh)
    }

    /// An own batch got `cursor`: it need not come back when nothing before it is missing.
    pub fn acknowledged(&mut self, cursor: Cursor) {
        if cursor == self.cursor.next() {
            self.cursor = cursor;
        }
        self.head = self.head.max(cursor);
    }

    /// The server lacks what follows `seq`. False when it said so before and nothing helped.
    pub fn note_gap(&mut self, replica: ReplicaId, seq: u64) -> bool {
        let behind = Some(EventId { replica, seq });
        let fresh = self.gap_behind != behind;
        self.gap_behind = behind;
        fresh
    }
}

/// Where the user's carets are: the latest is sent, not more often than people can see.
#[derive(Debug, Default)]
pub struct OwnPresence {
    bytes: Vec<u8>,
    unsent: bool,
    next_ms: u64,
}

impl OwnPresence {
    pub fn set(&mut self, bytes: Vec<u8>) {
        self.unsent = true;
        self.bytes = bytes;
    }

    pub fn due_ms(&self) -> Option<u64> {
        self.unsent.then_some(self.next_ms)
    }

    pub fn take(&mut self, now_ms: u64) -> Option<Vec<u8>> {
        if !self.unsent || now_ms < self.next_ms {
            return None;
        }
        self.unsent = false;
        self.next_ms = now_ms + PRESENCE_INTERVAL_MS;
        Some(self.bytes.clone())
    }
}
