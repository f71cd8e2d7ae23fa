//! The clock of all times: seconds of the processor that this process used, in all its threads. Who
//! else uses the machine then counts little; on an idle machine it shows what a wall clock shows.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

const CALIBRATION_ROUNDS: u32 = 1_000;

/// Adds up what happens between [`Stopwatch::start`] and [`Stopwatch::stop`], its own cost left out.
pub struct Stopwatch {
    own_cost: Duration,
    started: Duration,
    total: Duration,
}

impl Default for Stopwatch {
    fn default() -> Self {
        let mut watch = Self {
            own_cost: Duration::ZERO,
            started: Duration::ZERO,
            total: Duration::ZERO,
        };
        for _ in 0..CALIBRATION_ROUNDS {
            watch.start();
            watch.stop();
        }
        watch.own_cost = watch.total / CALIBRATION_ROUNDS;
        watch.total = Duration::ZERO;
        watch
    }
}

impl Stopwatch {
    pub fn start(&mut self) {
        self.started = now();
    }

    pub fn stop(&mut self) {
        let took = now().saturating_sub(self.started);
        self.total += took.saturating_sub(self.own_cost);
    }

    pub fn total(&self) -> Duration {
        self.total
    }

    pub fn total_ms(&self) -> f64 {
        self.total.as_secs_f64() * 1e3
    }
}

fn now() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
