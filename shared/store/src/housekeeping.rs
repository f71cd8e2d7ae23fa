//! What nobody waits for, on a thread of its own: the search index is merged, settled history is
//! packed, documents deleted long ago are destroyed, and once a day everything is read and verified.
//! The writer is asked only for short steps, one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::error::StoreError;
use crate::packing::Packing;
use crate::reader::Reader;
use crate::replica::Replica;
use crate::verify::Verification;
use crate::writer::WriterHandle;

/// The setting that says when everything was verified last.
const VERIFIED_SETTING: &str = "verifiedAt";
/// Pages of the search index merged, pages given back to the disk, and rows overwritten, in one step of the writer.
const MERGE_PAGES: u32 = 200;
const SHRINK_PAGES: u32 = 64;
const DESTROY_ROWS: usize = 200;

/// When what is done.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Between looking for something to do, and before the first time.
    pub pause_ms: u64,
    pub packing: Packing,
    /// Documents that were deleted longer ago are destroyed.
    pub destroy_after_ms: i64,
    pub verify_every_ms: i64,
}

impl Default for Schedule {
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        Self {
            pause_ms: 60_000,
            packing: Packing::default(),
            destroy_after_ms: 30 * DAY_MS,
            verify_every_ms: DAY_MS,
        }
    }
}

/// The thread. Dropping it ends it.
#[derive(Debug)]
pub struct Housekeeper {
    stop: Option<Sender<()>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    /// Starts the thread. `on_verified` is called on it after each verification.
    ///
    /// # Panics
    /// When the system refuses a thread.
    pub fn spawn(
        reader: Reader,
        writer: WriterHandle,
        schedule: Schedule,
        on_verified: impl FnMut(Verification) + Send + 'static,
    ) -> Self {
        let (stop, stopped) = channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let rounds = Rounds {
            reader,
            writer,
            schedule,
            stopped,
            stopping: Arc::clone(&stopping),
            on_verified: Box::new(on_verified),
        };
        let thread = std::thread::Builder::new()
            .name("housekeeping".into())
            .spawn(move || rounds.run())
            .expect("the system starts threads");
        Self {
            stop: Some(stop),
            stopping,
            thread: Some(thread),
        }
    }
}

impl Drop for Housekeeper {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("housekeeping ended in a panic");
        }
    }
}

struct Rounds {
    reader: Reader,
    writer: WriterHandle,
    schedule: Schedule,
    stopped: Receiver<()>,
    stopping: Arc<AtomicBool>,
    on_verified: Box<dyn FnMut(Verification) + Send>,
}

impl Rounds {
    fn run(mut self) {
        let pause = Duration::from_millis(self.schedule.pause_ms);
        while self.stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = self.round() {
                // Nothing that was written depends on it; the next round tries again.
                tracing::warn!(%error, "housekeeping");
            }
        }
    }

    fn round(&mut self) -> Result<(), StoreError> {
        let now_ms = now_ms();
        while self.goes_on(|replica| replica.merge_step(MERGE_PAGES))? {}
        self.pack(now_ms)?;
        let before_ms = now_ms - self.schedule.destroy_after_ms;
        while self.goes_on(move |replica| replica.destroy_step(before_ms, DESTROY_ROWS, now_ms))? {}
        self.verify(now_ms)
    }

    fn pack(&self, now_ms: i64) -> Result<(), StoreError> {
        let mut packed = false;
        while !self.stopping.load(Ordering::Relaxed)
            && let Some(parcel) = self.reader.next_parcel(self.schedule.packing, now_ms)?
            && self.goes_on(move |replica| replica.put(&parcel))?
        {
            packed = true;
        }
        while packed && self.goes_on(|replica| replica.shrink_step(SHRINK_PAGES))? {}
        Ok(())
    }

    fn verify(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let last = self
            .reader
            .settings()?
            .get(VERIFIED_SETTING)
            .and_then(Value::as_i64);
        let due = last.is_none_or(|last| now_ms - last >= self.schedule.verify_every_ms);
        if !due || self.stopping.load(Ordering::Relaxed) {
            return Ok(());
        }
        let Some(verification) = self.reader.verify_unless(&self.stopping) else {
            return Ok(());
        };
        (self.on_verified)(verification);
        let save = move |replica: &mut Replica| {
            replica.set_setting(VERIFIED_SETTING, &Value::from(now_ms))?;
            Ok(false)
        };
        self.goes_on(save).map(|_| ())
    }

    /// Has the writer take one step; says whether there is more to do. `false` when the core stops.
    fn goes_on(
        &self,
        step: impl FnOnce(&mut Replica) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<bool, StoreError> {
        let (answer, answered) = channel();
        self.writer
            .run(move |replica| drop(answer.send(step(replica))));
        let more = answered.recv().unwrap_or(Ok(false))?;
        Ok(more && !self.stopping.load(Ordering::Relaxed))
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}
