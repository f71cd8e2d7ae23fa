//! Notices that somebody asked this process to end: Ctrl-C, or SIGTERM from the system.

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Registered at once, so that a signal during the start is not lost.
#[derive(Debug)]
pub struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Must be called inside of a tokio runtime.
    ///
    /// # Errors
    /// When the system does not let this process listen to signals.
    pub fn listen() -> Result<Self> {
        let open = |kind| signal(kind).context("cannot listen to the signals that end a process");
        Ok(Self {
            interrupt: open(SignalKind::interrupt())?,
            terminate: open(SignalKind::terminate())?,
        })
    }

    /// Waits until the first signal came.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
