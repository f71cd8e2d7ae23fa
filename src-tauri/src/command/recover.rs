//! Takes in changes that were salvaged, or could not be saved when Tideline ended.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde::Serialize;
use tideline_store::{Replica, TakenIn, read_salvaged};

use super::Outcome;
use crate::cli;
use crate::output::{Output, counted, problem};

#[derive(Serialize)]
struct Taken<'a> {
    documents: u64,
    batches: u64,
    refused: &'a [String],
}

/// # Errors
/// When the file is no file of salvaged changes, or the data folder cannot be opened or written.
pub fn run(arguments: &cli::Recover, data: &Path, output: Output) -> Result<Outcome> {
    let name = || arguments.file.display().to_string();
    let file = File::open(&arguments.file).with_context(name)?;
    let batches = read_salvaged(BufReader::new(file)).with_context(name)?;
    let mut replica = Replica::open(data)?;
    let taken = replica.take_in(batches, now_ms())?;
    tell(&taken, output)
}

/// Says what was taken in, and why the rest was not.
pub(super) fn tell(taken: &TakenIn, output: Output) -> Result<Outcome> {
    let told = Taken {
        documents: taken.documents,
        batches: taken.batches,
        refused: &taken.refused,
    };
    output.result(&told, |out| {
        let count = |count: u64, noun| counted(usize::try_from(count).unwrap_or(usize::MAX), noun);
        let batches = count(taken.batches, "group");
        let documents = count(taken.documents, "document");
        writeln!(out, "{batches} of changes taken in, in {documents}")
    })?;
    for refused in &taken.refused {
        problem(format_args!("tideline: {refused}"));
    }
    if taken.refused.is_empty() {
        return Ok(Outcome::Clean);
    }
    problem(
        "tideline: what is missing may be on the sync server: connect, then recover the file once \
         more. The file is as it was.",
    );
    Ok(Outcome::Problems)
}

pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
