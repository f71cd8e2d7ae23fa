//! What waits to be written to one connection: bounded, whatever its reader does.
//!
//! Answers are never dropped (a client that does not read them is not read from either), batches of
//! others are replaced by one "catch up" when their reader is too slow, presence by the latest.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tideline_model::{DocumentId, GroupId};
use tideline_wire::{Cursor, RefusalCode, Regarding, ServerMessage};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Bytes;
use tracing::error;

/// Batches of others, and bytes in all, that wait for a reader before it is told to catch up instead.
pub const QUEUED_OFFERS_MAX: usize = 256;
pub const QUEUED_BYTES_MAX: usize = 1024 * 1024;
/// Answers that may wait before nothing more is read from the client.
pub const QUEUED_ANSWERS_MAX: usize = 128;
/// Presence of others that waits: one entry for each of them in each document.
const PRESENCE_MAX: usize = 256;

/// A document that the reader is behind in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatchUp {
    pub group: GroupId,
    pub document: DocumentId,
    /// The last batch that was sent.
    pub cursor: Cursor,
    /// Tells a subscription from an earlier one of the same document.
    pub subscription: u64,
}

/// What the writer is to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Frame(Bytes),
    /// Read a page of the log and send it.
    CatchUp(CatchUp),
    /// Send the list of documents (again): one of them could not be announced.
    Documents,
    /// Nothing more after what was sent. The reason is for the close frame.
    Close(String),
}

/// One order for all, so that pages of the log come where they were asked for, and take turns with
/// what happens meanwhile.
#[derive(Debug)]
enum Entry {
    Answer(Bytes),
    Offer(Bytes),
    CatchUp(CatchUp),
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    answers: usize,
    offers: usize,
    presence: BTreeMap<(DocumentId, u64), Bytes>,
    documents_due: bool,
    closing: Option<String>,
}

/// Shared by who has something to say to a connection and the one who writes to it.
#[derive(Debug, Default)]
pub struct Outgoing {
    queue: Mutex<Queue>,
    /// For the writer: there is something to do.
    filled: Notify,
    /// For the reader: there is room for another answer.
    drained: Notify,
}

impl Outgoing {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an answer to something the client said.
    pub fn answer(&self, message: &ServerMessage) {
        if let Some(bytes) = encode(message) {
            let mut queue = self.queue();
            queue.answers += 1;
            queue.bytes += bytes.len();
            queue.entries.push_back(Entry::Answer(bytes));
            drop(queue);
            self.filled.notify_one();
        }
    }

    /// Queues an answer in front of everything: the welcome.
    pub fn answer_first(&self, message: &ServerMessage) {
        if let Some(bytes) = encode(message) {
            let mut queue = self.queue();
            queue.answers += 1;
            queue.bytes += bytes.len();
            queue.entries.push_front(Entry::Answer(bytes));
        }
    }

    /// Has the writer send the list of documents when it comes to it.
    pub fn list_documents(&self) {
        self.queue().documents_due = true;
        self.filled.notify_one();
    }

    /// Queues what somebody else has done. False when the reader is too slow: nothing was queued.
    pub fn offer(&self, bytes: Bytes) -> bool {
        let mut queue = self.queue();
        let room = queue.offers < QUEUED_OFFERS_MAX
            && (queue.bytes + bytes.len() <= QUEUED_BYTES_MAX || queue.bytes == 0);
        if room {
            queue.offers += 1;
            queue.bytes += bytes.len();
            queue.entries.push_back(Entry::Offer(bytes));
        }
        drop(queue);
        self.filled.notify_one();
        room
    }

    /// Queues somebody's presence in the place of what waited of theirs.
    pub fn presence(&self, document: DocumentId, from: u64, bytes: Bytes) {
        let mut queue = self.queue();
        let key = (document, from);
        if queue.presence.len() < PRESENCE_MAX || queue.presence.contains_key(&key) {
            queue.presence.insert(key, bytes);
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// Has the writer read the log for a document, instead of what it was reading for it.
    pub fn catch_up(&self, catch_up: CatchUp) {
        let mut queue = self.queue();
        queue.drop_catch_up(catch_up.document);
        queue.entries.push_back(Entry::CatchUp(catch_up));
        drop(queue);
        self.filled.notify_one();
    }

    /// Comes back to a document, unless it was subscribed anew meanwhile.
    pub fn continue_catch_up(&self, catch_up: CatchUp) {
        let mut queue = self.queue();
        let newer = |entry: &Entry| matches!(entry, Entry::CatchUp(other) if other.document == catch_up.document);
        if !queue.entries.iter().any(newer) {
            queue.entries.push_back(Entry::CatchUp(catch_up));
        }
    }

    pub fn give_up(&self, document: DocumentId) {
        let mut queue = self.queue();
        queue.drop_catch_up(document);
        queue.presence.retain(|(of, _), _| *of != document);
    }

    /// Ends the connection once what is queued was sent; what others do is not queued any more.
    pub fn close(&self, reason: impl Into<String>) {
        let mut queue = self.queue();
        queue.closing.get_or_insert(reason.into());
        queue
            .entries
            .retain(|entry| !matches!(entry, Entry::CatchUp(_)));
        queue.presence.clear();
        queue.documents_due = false;
        drop(queue);
        self.filled.notify_one();
        self.drained.notify_one();
    }

    /// Refuses the connection as a whole, and closes it.
    pub fn refuse(&self, code: RefusalCode, reason: &str, retry_ms: Option<u32>) {
        self.answer(&ServerMessage::Refused {
            regarding: Regarding::Connection,
            code,
            reason: reason.to_owned(),
            retry_ms,
        });
        self.close(reason);
    }

    /// What the writer is to do now. Batches and the log take turns.
    pub fn next_now(&self) -> Option<Next> {
        let next = self.queue().next();
        if next.is_some() {
            self.drained.notify_one();
        }
        next
    }

    /// Waits until [`Outgoing::next_now`] may have something.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Waits until the client has read enough of its answers to be listened to. False when the
    /// connection is closing.
    pub async fn room_for_answers(&self) -> bool {
        loop {
            {
                let queue = self.queue();
                if queue.closing.is_some() {
                    return false;
                }
                if queue.answers < QUEUED_ANSWERS_MAX {
                    return true;
                }
            }
            self.drained.notified().await;
        }
    }
}

impl Queue {
    fn next(&mut self) -> Option<Next> {
        if let Some(entry) = self.entries.pop_front() {
            return Some(match entry {
                Entry::CatchUp(catch_up) => Next::CatchUp(catch_up),
                Entry::Answer(bytes) => {
                    self.answers -= 1;
                    self.bytes -= bytes.len();
                    Next::Frame(bytes)
                }
                Entry::Offer(bytes) => {
                    self.offers -= 1;
                    self.bytes -= bytes.len();
                    Next::Frame(bytes)
                }
            });
        }
        if std::mem::take(&mut self.documents_due) {
            return Some(Next::Documents);
        }
        if let Some((_, bytes)) = self.presence.pop_first() {
            return Some(Next::Frame(bytes));
        }
        self.closing.take().map(Next::Close)
    }

    fn drop_catch_up(&mut self, document: DocumentId) {
        let other = |entry: &Entry| !matches!(entry, Entry::CatchUp(of) if of.document == document);
        self.entries.retain(other);
    }
}

/// The frame of a message. `None`, and a line in the log, for one that breaks its own bounds.
pub fn encode(message: &ServerMessage) -> Option<Bytes> {
    match message.to_frame() {
        Ok(frame) => Some(Bytes::from(frame)),
        Err(fault) => {
            error!(%fault, "a message could not be sent");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use tideline_model::DocumentId;
    use uuid::Uuid;

    use super::*;

    fn document(number: u128) -> DocumentId {
        DocumentId(Uuid::from_u128(number))
    }

    fn frames(queue: &mut Queue) -> Vec<Next> {
        std::iter::from_fn(|| queue.next()).collect()
    }

    #[test]
    fn a_reader_that_does_not_read_costs_only_so_much() {
        let outgoing = Outgoing::default();
        let large = Bytes::from(vec![0; 100_000]);
        let taken = (0..1_000).filter(|_| outgoing.offer(large.clone())).count();
        assert_eq!(taken, QUEUED_BYTES_MAX / large.len());
        let small = Bytes::from_static(b"x");
        let taken = (0..1_000).filter(|_| outgoing.offer(small.clone())).count();
        assert!(taken <= QUEUED_OFFERS_MAX);
    }

    #[test]
    fn a_frame_larger_than_the_bound_passes_when_nothing_else_waits() {
        let outgoing = Outgoing::default();
        assert!(outgoing.offer(Bytes::from(vec![0; QUEUED_BYTES_MAX + 1])));
        assert!(!outgoing.offer(Bytes::from_static(b"x")));
    }

    #[test]
    fn the_latest_presence_replaces_what_waited() {
        let outgoing = Outgoing::default();
        for bytes in [&b"1"[..], b"2", b"3"] {
            outgoing.presence(document(1), 7, Bytes::from(bytes));
        }
        let waiting = frames(&mut outgoing.queue());
        assert_eq!(waiting, [Next::Frame(Bytes::from_static(b"3"))]);
    }

    #[test]
    fn live_batches_and_the_log_take_turns() {
        let outgoing = Outgoing::default();
        let catch_up = |number| CatchUp {
            group: GroupId(Uuid::nil()),
            document: document(number),
            cursor: Cursor::START,
            subscription: 1,
        };
        outgoing.catch_up(catch_up(1));
        outgoing.catch_up(catch_up(2));
        outgoing.offer(Bytes::from_static(b"a"));
        let mut order = vec![outgoing.next_now().unwrap()];
        outgoing.continue_catch_up(catch_up(1));
        order.extend(frames(&mut outgoing.queue()));
        assert_eq!(
            order,
            [
                Next::CatchUp(catch_up(1)),
                Next::CatchUp(catch_up(2)),
                Next::Frame(Bytes::from_static(b"a")),
                Next::CatchUp(catch_up(1)),
            ]
        );
    }

    #[test]
    fn a_new_subscription_replaces_the_reading_of_the_old_one() {
        let outgoing = Outgoing::default();
        let catch_up = |cursor, subscription| CatchUp {
            group: GroupId(Uuid::nil()),
            document: document(1),
            cursor: Cursor(cursor),
            subscription,
        };
        outgoing.catch_up(catch_up(5, 1));
        outgoing.catch_up(catch_up(0, 2));
        outgoing.continue_catch_up(catch_up(9, 1));
        let order = frames(&mut outgoing.queue());
        assert_eq!(order, [Next::CatchUp(catch_up(0, 2))]);
    }

    #[test]
    fn closing_sends_what_was_queued_first() {
        let outgoing = Outgoing::default();
        outgoing.offer(Bytes::from_static(b"a"));
        outgoing.close("enough");
        let order = frames(&mut outgoing.queue());
        assert_eq!(
            order,
            [
                Next::Frame(Bytes::from_static(b"a")),
                Next::Close("enough".to_owned())
            ]
        );
    }
}
