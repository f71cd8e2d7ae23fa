//! The writer's thread: what is queued, what is tried again, and what is done when idle.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use super::{CommitReport, Ticket, Unsaved};
use crate::commit::Commit;
use crate::error::StoreError;
use crate::replica::Replica;

/// A transaction takes no more commits once it holds this much.
const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// After a failure, the next attempt comes this much later, or sooner when asked for.
const RETRY_MS: u64 = 1_000;
/// Lines indexed for search in one go when nothing else is to be done.
const INDEX_LINES: usize = 2_500;
/// Pages of the search index merged in one go behind a large commit.
const MERGE_PAGES: u32 = 200;

pub(super) enum Job {
    Commit(Ticket, Box<Commit>),
    Run(Box<dyn FnOnce(&mut Replica) + Send>),
    Retry,
    Stop,
    /// Done at once, past everything queued.
    #[cfg(test)]
    Now(Box<dyn FnOnce(&mut Replica) + Send>),
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Job::Commit(..) => "Commit",
            Job::Run(_) => "Run",
            Job::Retry => "Retry",
            Job::Stop => "Stop",
            #[cfg(test)]
            Job::Now(_) => "Now",
        })
    }
}

pub(super) struct Thread {
    replica: Replica,
    jobs: Receiver<Job>,
    queued_bytes: Arc<AtomicUsize>,
    on_result: Box<dyn FnMut(CommitReport) + Send>,
    queue: VecDeque<Job>,
    /// Commits of the transaction that is tried, or tried again: they come before the queue.
    group: Vec<(Ticket, Box<Commit>)>,
    failure: Option<Failure>,
    may_owe_index: bool,
    stopping: bool,
}

/// The last attempt failed.
struct Failure {
    reason: String,
    /// How many of the group have been told this reason.
    told: usize,
    next_attempt: Instant,
}

impl Thread {
    pub(super) fn new(
        replica: Replica,
        jobs: Receiver<Job>,
        queued_bytes: Arc<AtomicUsize>,
        on_result: Box<dyn FnMut(CommitReport) + Send>,
    ) -> Self {
        Self {
            replica,
            jobs,
            queued_bytes,
            on_result,
            queue: VecDeque::new(),
            group: Vec::new(),
            failure: None,
            may_owe_index: true,
            stopping: false,
        }
    }

    pub(super) fn run(mut self) -> Result<Replica, Unsaved> {
        loop {
            self.take_in();
            self.work();
            if self.stopping {
                if let Some(failure) = &self.failure {
                    let reason = failure.reason.clone();
                    return Err(self.give_up(reason));
                }
                if self.queue.is_empty() {
                    // Whoever still has it open for reading would leave the log when closing it.
                    if let Err(error) = self.replica.empty_log() {
                        tracing::warn!(%error, "the write-ahead log stays beside the database");
                    }
                    return Ok(self.replica);
                }
            }
        }
    }

    /// Takes in all jobs that are there; waits for one if nothing can be done without.
    fn take_in(&mut self) {
        if self.stopping {
            return;
        }
        let first = match &self.failure {
            Some(failure) => {
                let wait = failure
                    .next_attempt
                    .saturating_duration_since(Instant::now());
                self.jobs.recv_timeout(wait)
            }
            None if self.queue.is_empty() && !self.may_owe_index => {
                self.jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
            }
            None => Err(RecvTimeoutError::Timeout),
        };
        match first {
            Ok(job) => self.enqueue(job),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopping = true,
        }
        while !self.stopping {
            match self.jobs.try_recv() {
                Ok(job) => self.enqueue(job),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => self.stopping = true,
            }
        }
    }

    fn enqueue(&mut self, job: Job) {
        match job {
            Job::Stop => self.stopping = true,
            Job::Retry => {
                if let Some(failure) = &mut self.failure {
                    failure.next_attempt = Instant::now();
                }
            }
            #[cfg(test)]
            Job::Now(job) => job(&mut self.replica),
            job => self.queue.push_back(job),
        }
    }

    fn work(&mut self) {
        if !self.stopping
            && let Some(failure) = &self.failure
            && failure.next_attempt > Instant::now()
        {
            return;
        }
        self.fill_group();
        if !self.group.is_empty() {
            self.attempt();
        } else if let Some(job) = self.queue.pop_front() {
            match job {
                Job::Run(job) => self.run_job(job),
                other => self.enqueue(other),
            }
        } else if self.may_owe_index && !self.stopping {
            self.index();
        }
    }

    /// Moves commits from the front of the queue into the transaction to come.
    fn fill_group(&mut self) {
        let mut bytes: usize = self.group.iter().map(|(_, c)| c.size_bytes()).sum();
        while bytes < TRANSACTION_BYTES_MAX || self.group.is_empty() {
            match self.queue.pop_front() {
                Some(Job::Commit(ticket, commit)) => {
                    bytes += commit.size_bytes();
                    self.group.push((ticket, commit));
                }
                Some(other) => return self.queue.push_front(other),
                None => return,
            }
        }
    }

    fn attempt(&mut self) {
        let commits = self.group.iter().map(|(_, commit)| &**commit);
        match self.replica.commit_all(commits) {
            Ok(results) => {
                self.failure = None;
                self.may_owe_index = true;
                for ((ticket, commit), result) in self.group.drain(..).zip(results) {
                    let bytes = commit.size_bytes();
                    self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
                    (self.on_result)(match result {
                        Ok(()) => CommitReport::Durable { ticket },
                        Err(error) => CommitReport::Failed {
                            ticket,
                            reason: error.to_string(),
                            retry: false,
                        },
                    });
                }
            }
            Err(error) => self.note_failure(&error),
        }
    }

    fn note_failure(&mut self, error: &StoreError) {
        let reason = error.to_string();
        let told = match &self.failure {
            Some(failure) if failure.reason == reason => failure.told,
            _ => 0,
        };
        for (ticket, _) in &self.group[told..] {
            (self.on_result)(CommitReport::Failed {
                ticket: *ticket,
                reason: reason.clone(),
                retry: true,
            });
        }
        self.failure = Some(Failure {
            reason,
            told: self.group.len(),
            next_attempt: Instant::now() + Duration::from_millis(RETRY_MS),
        });
    }

    /// A job that panics is at fault itself; what is written next is not.
    fn run_job(&mut self, job: Box<dyn FnOnce(&mut Replica) + Send>) {
        let ran = catch_unwind(AssertUnwindSafe(|| job(&mut self.replica)));
        if ran.is_err() {
            tracing::error!("a job of the writer's thread panicked");
        }
    }

    fn index(&mut self) {
        let more = self.replica.index_step(INDEX_LINES);
        let more = more.and_then(|more| Ok(more || self.replica.merge_large_step(MERGE_PAGES)?));
        self.may_owe_index = match more {
            Ok(more) => more,
            Err(error) => {
                // Search goes on with what it has; the next commit tries again.
                tracing::warn!(%error, "the search index could not be brought up to date");
                false
            }
        };
    }

    fn give_up(mut self, reason: String) -> Unsaved {
        self.replica.retire();
        let queued = self.queue.into_iter().filter_map(|job| match job {
            Job::Commit(_, commit) => Some(*commit),
            _ => None,
        });
        let group = self.group.into_iter().map(|(_, commit)| *commit);
        Unsaved {
            reason,
            commits: group.chain(queued).collect(),
        }
    }
}
