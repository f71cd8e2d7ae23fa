//! The one thread that writes to the log. Takes what has come in meanwhile and commits it together,
//! so that one fsync serves everybody who waits.

use std::sync::Arc;
use std::thread::JoinHandle;

use tideline_model::id::DeviceId;
use tideline_wire::RefusalCode;
use tokio::sync::{Semaphore, mpsc};
use tracing::{debug, error, warn};

use super::{Log, Outcome, Push, Refusal, SqliteLog};
use crate::database::DatabaseError;
use crate::directory;

/// Pushes that wait for the writer; who brings one more waits until there is room.
pub const QUEUED_PUSHES_MAX: usize = 1024;
/// A commit takes what waits until its payloads reach this.
pub const COMMIT_BYTES_TARGET: usize = 4 * 1024 * 1024;
/// Payloads that wait for the writer or are being written.
const QUEUED_BYTES_MAX: usize = 32 * 1024 * 1024;
const COMMIT_PUSHES_MAX: usize = 512;

/// When a full or busy disk is worth another try.
const STORAGE_RETRY_MS: u32 = 5_000;
/// When a damaged database is: somebody has to repair it first.
const DAMAGED_RETRY_MS: u32 = 60_000;

#[derive(Debug)]
enum Job {
    Push(Push),
    /// A device has come: not worth a commit of its own.
    Seen {
        device: DeviceId,
        name: String,
    },
}

/// A push that has been dealt with. What is stored is on disk.
#[derive(Debug)]
pub struct Committed {
    pub push: Push,
    pub outcome: Outcome,
    /// For a refusal that is not for good.
    pub retry_ms: Option<u32>,
}

/// Brings pushes to the writer.
#[derive(Clone)]
pub struct AppenderHandle {
    jobs: mpsc::Sender<Job>,
    bytes: Arc<Semaphore>,
}

impl AppenderHandle {
    /// Waits for room. False when the server is going down.
    pub async fn push(&self, mut push: Push) -> bool {
        let bytes = push.batch.payload.len() as u32;
        let Ok(room) = Arc::clone(&self.bytes).acquire_many_owned(bytes).await else {
            return false;
        };
        push.permits.push(room);
        self.jobs.send(Job::Push(push)).await.is_ok()
    }

    /// Dropped when there is no room.
    pub fn seen(&self, device: DeviceId, name: String) {
        // Only a date in a list depends on it.
        let _ = self.jobs.try_send(Job::Seen { device, name });
    }
}

/// The writer thread. Ends when all handles are gone and everything is written.
pub struct Appender {
    thread: JoinHandle<()>,
}

impl Appender {
    /// `committed` gets every push once, in the order of the log, after it is on disk.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        log: SqliteLog,
        committed: impl FnMut(Vec<Committed>) + Send + 'static,
    ) -> std::io::Result<(Self, AppenderHandle)> {
        let (jobs, waiting) = mpsc::channel(QUEUED_PUSHES_MAX);
        let thread = std::thread::Builder::new()
            .name("log writer".to_owned())
            .spawn(move || run(log, waiting, committed))?;
        let bytes = Arc::new(Semaphore::new(QUEUED_BYTES_MAX));
        Ok((Self { thread }, AppenderHandle { jobs, bytes }))
    }

    /// Waits until everything is written. All handles must be gone.
    pub fn join(self) {
        if self.thread.join().is_err() {
            error!("the log writer ended in a panic");
        }
    }
}

fn run(
    mut log: SqliteLog,
    mut waiting: mpsc::Receiver<Job>,
    mut committed: impl FnMut(Vec<Committed>),
) {
    while let Some(first) = waiting.blocking_recv() {
        let (pushes, seen) = gather(first, &mut waiting);
        if !seen.is_empty()
            && let Err(error) = directory::note_seen(log.connection(), &seen)
        {
            debug!(%error, "not noted when devices were seen");
        }
        if !pushes.is_empty() {
            committed(commit(&mut log, pushes));
        }
    }
}

fn gather(first: Job, waiting: &mut mpsc::Receiver<Job>) -> (Vec<Push>, Vec<(DeviceId, String)>) {
    let (mut pushes, mut seen, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut next = Some(first);
    while let Some(job) = next {
        match job {
            Job::Push(push) => {
                bytes += push.batch.payload.len();
                pushes.push(push);
            }
            Job::Seen { device, name } => seen.push((device, name)),
        }
        let full = bytes >= COMMIT_BYTES_TARGET || pushes.len() >= COMMIT_PUSHES_MAX;
        next = if full { None } else { waiting.try_recv().ok() };
    }
    (pushes, seen)
}

fn commit(log: &mut impl Log, pushes: Vec<Push>) -> Vec<Committed> {
    match log.append(&pushes) {
        Ok(outcomes) => pushes
            .into_iter()
            .zip(outcomes)
            .map(|(push, outcome)| {
                if let Outcome::Refused(refusal) = &outcome {
                    report(&push, refusal);
                }
                Committed {
                    push,
                    outcome,
                    retry_ms: None,
                }
            })
            .collect(),
        Err(fault) => {
            let (refusal, retry_ms) = explain(&fault);
            error!(%fault, source = ?fault, pushes = pushes.len(), "nothing was stored");
            let refused = |push| Committed {
                push,
                outcome: Outcome::Refused(refusal.clone()),
                retry_ms: Some(retry_ms),
            };
            pushes.into_iter().map(refused).collect()
        }
    }
}

fn report(push: &Push, refusal: &Refusal) {
    let (user, batch) = (push.user, &push.batch);
    match refusal.code {
        RefusalCode::Conflict | RefusalCode::ForeignReplica => warn!(
            %user, document = %batch.document, first = ?batch.first(), code = ?refusal.code,
            "ALARM: a replica id is used twice"
        ),
        code => debug!(%user, document = %batch.document, ?code, "push refused"),
    }
}

fn explain(fault: &DatabaseError) -> (Refusal, u32) {
    let (code, reason, retry_ms) = match fault {
        DatabaseError::Full(_) => (
            RefusalCode::Storage,
            "The server's disk is full. Your changes are safe on this machine and are sent again by \
             themselves. Whoever runs the server has to free some space.",
            STORAGE_RETRY_MS,
        ),
        DatabaseError::Busy(_) | DatabaseError::Other(_) => (
            RefusalCode::Storage,
            "The server cannot write at the moment. Your changes are safe on this machine and are \
             sent again by themselves.",
            STORAGE_RETRY_MS,
        ),
        DatabaseError::Damaged(_) => (
            RefusalCode::Damaged,
            "The server's database is damaged. Your changes are safe on this machine and are sent \
             again by themselves once whoever runs the server has repaired it.",
            DAMAGED_RETRY_MS,
        ),
    };
    let reason = reason.to_owned();
    (Refusal { code, reason }, retry_ms)
}
