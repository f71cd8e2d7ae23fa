//! The commands that end by themselves. Each asks the core and prints what came of it; none knows
//! how documents are stored.

pub mod backup;
pub mod connect;
pub mod documents;
pub mod export;
pub mod import;
pub mod log;
mod problem;
pub mod recover;
pub mod repair;
pub mod salvage;
mod status;
pub mod sync;
pub mod verify;

use chrono::{DateTime, Local};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Clean,
    /// Results were printed, and so were problems.
    Problems,
}

/// A moment as people of this place read it.
fn local_time(time_ms: i64) -> String {
    match DateTime::from_timestamp_millis(time_ms) {
        Some(time) => time
            .with_timezone(&Local)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string(),
        None => format!("{time_ms} ms"),
    }
}
