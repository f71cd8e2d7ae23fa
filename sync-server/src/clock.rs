//! The wall clock: for people to read, decides nothing about documents.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix milliseconds; 0 on a machine that believes to live before 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
