//! Bytes from strangers: what must hold of the codec, the engine and the sync session whatever comes
//! in. No panic, no change by what was refused, memory in proportion to what was sent.
//!
//! The fuzz targets of `fuzz/` look for inputs that break this; those that did, and those that reach
//! far, are kept in `fixtures/strangers` and tried again by `tests/strangers.rs`.

mod batch;
mod event;
mod frames;
mod history;

/// Tells how much memory is in use; from the allocator of the program that runs the checks.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    pub bytes: fn() -> usize,
    pub bytes_peak: fn() -> usize,
    pub reset_peak: fn(),
}

impl Meter {
    /// What `run` needed at its worst must stay below `each` bytes for each byte of the input of
    /// `length`, and `once` bytes besides.
    fn expect_bounded<T>(
        self,
        (length, each, once): (usize, usize, usize),
        run: impl FnOnce() -> T,
    ) -> T {
        (self.reset_peak)();
        let before = (self.bytes)();
        let result = run();
        let used = (self.bytes_peak)().saturating_sub(before);
        let allowed = length * each + once;
        assert!(
            used <= allowed,
            "{length} bytes of input took {used} of memory"
        );
        result
    }
}

/// One way in which bytes of strangers come in.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// The name of the fuzz target, and of the folder of kept inputs.
    pub name: &'static str,
    pub check: fn(&[u8], Meter),
}

/// Bytes that claim to be a batch of events.
pub const BATCH: Door = Door {
    name: "batch",
    check: batch::check,
};

/// Batches that can be read, given to a document.
pub const RECEIVED: Door = Door {
    name: "received",
    check: history::check_received,
};

/// Events of any content, more often possible than bytes would be.
pub const EVENTS: Door = Door {
    name: "events",
    check: history::check_events,
};

/// Bytes that claim to be messages, on both sides of a connection.
pub const FRAMES: Door = Door {
    name: "frames",
    check: frames::check,
};

pub const DOORS: [Door; 4] = [BATCH, RECEIVED, EVENTS, FRAMES];
