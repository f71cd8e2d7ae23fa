//! Two clocks: the one on the wall, and seconds of the processor that this process used, in all its
//! threads. They differ by what was waited for: the disk, and whoever else uses the machine.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    pub wall: Duration,
    pub processor: Duration,
}

impl AddAssign for Took {
    fn add_assign(&mut self, other: Self) {
        self.wall += other.wall;
        self.processor += other.processor;
    }
}

/// What `work` gives, and how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let (wall, processor) = (Instant::now(), processor());
    let result = work();
    let took = Took {
        wall: wall.elapsed(),
        processor: self::processor().saturating_sub(processor),
    };
    (result, took)
}

fn processor() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
