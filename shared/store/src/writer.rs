//! The thread that owns the replica: group commit, and patience with a disk that fails.

use crate::commit::Commit;
use crate::replica::Replica;

/// Names a submitted commit; tickets ascend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What became of a submitted commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitReport {
    /// On disk, fsynced; what it holds may leave the machine.
    Durable { ticket: Ticket },
    /// Not on disk. With `retry` it stays queued in front of all later ones and is tried again, and
    /// this report comes once for each such ticket and reason; otherwise it was refused and is gone
    /// from the queue. `reason` is for people.
    Failed {
        ticket: Ticket,
        reason: String,
        retry: bool,
    },
}

/// Commits that a shutdown could not bring to disk, in order, with the reason.
#[derive(Debug)]
pub struct Unsaved {
    pub reason: String,
    pub commits: Vec<Commit>,
}

/// A thread that owns a [`Replica`].
pub struct Writer {}

impl Writer {
    /// Starts the thread. `on_result` is called on it, once or more for each ticket, in order.
    pub fn spawn(_replica: Replica, _on_result: impl FnMut(CommitReport) + Send + 'static) -> Self {
        unimplemented!()
    }

    /// Queues `commit`. Never waits for the disk.
    pub fn submit(&self, _commit: Commit) -> Ticket {
        unimplemented!()
    }

    /// Queues `job`, to be run on the writer's thread behind everything submitted before: settings,
    /// line numbers, groups, adoption. It answers through what it captured.
    pub fn run(&self, _job: impl FnOnce(&mut Replica) + Send + 'static) {
        unimplemented!()
    }

    /// Whether so much waits for the disk that the caller should stop taking in remote events.
    /// Local ones are always accepted.
    pub fn is_saturated(&self) -> bool {
        unimplemented!()
    }

    /// Writes what is queued, stops the thread and gives the replica back.
    ///
    /// # Errors
    /// [`Unsaved`] when the disk does not take it: the commits are the caller's again.
    pub fn shutdown(self) -> Result<Replica, Unsaved> {
        unimplemented!()
    }
}
