//! The thread that owns the replica: group commit, and patience with a disk that fails.
//!
//! While one transaction is being synced, commits queue up; the next transaction takes them all. What
//! cannot be written stays in front of the queue, in order, and is tried again.

#[cfg(test)]
mod tests;
mod thread;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use crate::commit::Commit;
use crate::replica::Replica;
use thread::{Job, Thread};

/// When more than this waits for the disk, remote events should wait on the server.
const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

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

/// Commits that a shutdown could not bring to disk, in order, with the reason. At its next start, the
/// replica takes a new id, so that they can be taken in later: nothing else will have their numbers.
#[derive(Debug)]
pub struct Unsaved {
    pub reason: String,
    pub commits: Vec<Commit>,
}

/// A thread that owns a [`Replica`]. Dropping it is a [`Writer::shutdown`] whose result is lost.
#[derive(Debug)]
pub struct Writer {
    jobs: Sender<Job>,
    queued_bytes: Arc<AtomicUsize>,
    next_ticket: AtomicU64,
    thread: Option<JoinHandle<Result<Replica, Unsaved>>>,
}

impl Writer {
    /// Starts the thread. `on_result` is called on it: once for each ticket when it is settled, in
    /// order, and before that whenever an attempt failed.
    ///
    /// # Panics
    /// When the system refuses a thread.
    pub fn spawn(replica: Replica, on_result: impl FnMut(CommitReport) + Send + 'static) -> Self {
        let (jobs, receiver) = mpsc::channel();
        let queued_bytes = Arc::new(AtomicUsize::new(0));
        let on_result = Box::new(on_result);
        let thread = Thread::new(replica, receiver, Arc::clone(&queued_bytes), on_result);
        let thread = std::thread::Builder::new()
            .name("replica-writer".into())
            .spawn(move || thread.run())
            .expect("the system starts threads");
        Self {
            jobs,
            queued_bytes,
            next_ticket: AtomicU64::new(1),
            thread: Some(thread),
        }
    }

    /// Queues `commit`. Never waits for the disk.
    pub fn submit(&self, commit: Commit) -> Ticket {
        let ticket = Ticket(self.next_ticket.fetch_add(1, Ordering::Relaxed));
        let bytes = commit.size_bytes();
        self.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.send(Job::Commit(ticket, Box::new(commit)));
        ticket
    }

    /// Queues `job`, to be run on the writer's thread behind everything submitted before: settings,
    /// line numbers, groups, adoption. It answers through what it captured; when the disk fails until
    /// the shutdown, it is dropped without having run.
    pub fn run(&self, job: impl FnOnce(&mut Replica) + Send + 'static) {
        self.send(Job::Run(Box::new(job)));
    }

    /// What other threads queue jobs with.
    pub fn handle(&self) -> WriterHandle {
        WriterHandle(self.jobs.clone())
    }

    /// Tries now what is due to be tried again later.
    pub fn retry(&self) {
        self.send(Job::Retry);
    }

    /// Whether so much waits for the disk that the caller should stop taking in remote events.
    /// Local ones are always accepted.
    pub fn is_saturated(&self) -> bool {
        self.queued_bytes.load(Ordering::Relaxed) > QUEUE_BYTES_MAX
    }

    /// Writes what is queued, stops the thread and gives the replica back.
    ///
    /// # Errors
    /// [`Unsaved`] when the disk does not take it: the commits are the caller's again, and the replica
    /// is closed.
    pub fn shutdown(mut self) -> Result<Replica, Unsaved> {
        self.stop()
    }

    fn stop(&mut self) -> Result<Replica, Unsaved> {
        self.send(Job::Stop);
        let ended = || Unsaved {
            reason: "the writer's thread has ended before".into(),
            commits: Vec::new(),
        };
        let thread = self.thread.take().ok_or_else(ended)?;
        thread.join().map_err(|_| ended())?
    }

    fn send(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the writer's thread has ended; nothing is saved any more");
        }
    }
}

/// Queues jobs on a writer's thread; does not keep it running.
#[derive(Debug, Clone)]
pub struct WriterHandle(Sender<Job>);

impl WriterHandle {
    /// As [`Writer::run`]. When the thread has ended, the job is dropped without having run.
    pub fn run(&self, job: impl FnOnce(&mut Replica) + Send + 'static) {
        drop(self.0.send(Job::Run(Box::new(job))));
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.thread.is_some()
            && let Err(unsaved) = self.stop()
        {
            let (reason, commits) = (unsaved.reason, unsaved.commits.len());
            tracing::error!(reason, commits, "commits could not be saved");
        }
    }
}
