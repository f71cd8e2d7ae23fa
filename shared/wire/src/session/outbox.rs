//! What one document still has to push: a short stretch of it in memory, the rest on the caller's
//! disk. One order, whatever is refused, lost or sent again.

use std::collections::VecDeque;

use tideline_model::EventId;

use crate::limits::{BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX, OUTBOX_BATCHES_PER_DOCUMENT_MAX};
use crate::message::BatchId;
use crate::sealed::SealedBatch;

#[derive(Debug)]
struct Queued {
    batch: SealedBatch,
    sent: Option<BatchId>,
}

#[derive(Debug, Default)]
pub struct Outbox {
    /// The ones that were sent come first.
    queue: VecDeque<Queued>,
    in_flight: usize,
    /// The disk may hold more behind the queue.
    more_on_disk: bool,
    /// How many batches the caller was asked for and has not answered yet.
    asked: Option<usize>,
    /// The answer to come was read before the last restart, and says nothing any more.
    answer_is_stale: bool,
}

impl Outbox {
    /// Forgets everything in memory; the disk knows it all.
    pub fn restart(&mut self) {
        self.queue.clear();
        self.in_flight = 0;
        self.more_on_disk = true;
        self.answer_is_stale = self.asked.is_some();
    }

    /// Takes a new batch, or leaves it to the disk when that holds others before it.
    pub fn add(&mut self, batch: SealedBatch) {
        let room = self.queue.len() < OUTBOX_BATCHES_PER_DOCUMENT_MAX;
        if self.more_on_disk || self.asked.is_some() || !room {
            self.more_on_disk = true;
        } else {
            self.queue.push_back(Queued { batch, sent: None });
        }
    }

    /// What to ask of the disk now: the event to continue behind, and how many batches.
    pub fn load(&mut self) -> Option<(Option<EventId>, usize)> {
        let room = OUTBOX_BATCHES_PER_DOCUMENT_MAX - self.queue.len();
        let worthwhile = room * 2 >= OUTBOX_BATCHES_PER_DOCUMENT_MAX;
        if !self.more_on_disk || self.asked.is_some() || !worthwhile {
            return None;
        }
        self.asked = Some(room);
        self.more_on_disk = false;
        Some((self.queue.back().map(|last| last.batch.last()), room))
    }

    pub fn loaded(&mut self, batches: Vec<SealedBatch>) {
        let asked = self.asked.take().unwrap_or(0);
        if std::mem::take(&mut self.answer_is_stale) {
            self.more_on_disk = true;
            return;
        }
        self.more_on_disk |= batches.len() >= asked;
        let unsent = batches.into_iter().take(asked);
        self.queue
            .extend(unsent.map(|batch| Queued { batch, sent: None }));
    }

    /// The next batch to send, unless enough are on their way.
    pub fn next(&self) -> Option<&SealedBatch> {
        if self.in_flight >= BATCHES_IN_FLIGHT_PER_DOCUMENT_MAX {
            return None;
        }
        self.queue.get(self.in_flight).map(|queued| &queued.batch)
    }

    /// [`Outbox::next`] was sent.
    pub fn sent(&mut self, id: BatchId) {
        if let Some(queued) = self.queue.get_mut(self.in_flight) {
            queued.sent = Some(id);
            self.in_flight += 1;
        }
    }

    /// The oldest batch on its way was acknowledged. `None` when `id` is not that one.
    pub fn acknowledge(&mut self, id: BatchId) -> Option<SealedBatch> {
        if self.queue.front()?.sent != Some(id) {
            return None;
        }
        self.in_flight -= 1;
        self.queue.pop_front().map(|queued| queued.batch)
    }

    /// Everything on its way is to be sent again. Returns the ids it had.
    pub fn take_back(&mut self) -> Vec<BatchId> {
        self.in_flight = 0;
        self.queue
            .iter_mut()
            .filter_map(|queued| queued.sent.take())
            .collect()
    }

    pub fn find(&self, id: BatchId) -> Option<&SealedBatch> {
        let queued = self.queue.iter().find(|queued| queued.sent == Some(id))?;
        Some(&queued.batch)
    }
}
