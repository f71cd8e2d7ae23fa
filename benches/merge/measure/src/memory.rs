//! Counts the bytes that are allocated and not yet freed, once it was told to begin. Until then it
//! costs a look at a flag, so that no time measured pays for it.

#![expect(
    unsafe_code,
    reason = "an allocator that counts has to be an allocator"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static LIVE_BYTES: AtomicI64 = AtomicI64::new(0);

pub struct Counting;

/// From here on, allocations count; what exists already must stay until [`live_bytes`] was asked.
pub fn begin() {
    LIVE_BYTES.store(0, Relaxed);
    IS_COUNTING.store(true, Relaxed);
}

/// What was allocated since [`begin`] and is still there.
pub fn live_bytes() -> i64 {
    LIVE_BYTES.load(Relaxed)
}

fn count(bytes: i64) {
    if IS_COUNTING.load(Relaxed) {
        LIVE_BYTES.fetch_add(bytes, Relaxed);
    }
}

// SAFETY: everything is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        unsafe { System.realloc(pointer, layout, size) }
    }
}
