//! Writes changes out of a data folder that cannot be opened any more into a file.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use tideline_store::Wanted;

use super::Outcome;
use crate::cli;
use crate::output::{Output, counted};

#[derive(Serialize)]
struct Found<'a> {
    file: &'a Path,
    events: u64,
    unreadable: u64,
}

/// # Errors
/// When the folder is in use, nothing of it can be read, or the file cannot be written.
pub fn run(arguments: &cli::Salvage, data: &Path, output: Output) -> Result<Outcome> {
    let file = arguments.to.as_path();
    let wanted = if arguments.all {
        Wanted::All
    } else {
        Wanted::Unsent
    };
    let target = File::create_new(file).with_context(|| file.display().to_string())?;
    let mut target = BufWriter::new(target);
    let found = tideline_store::salvage(data, wanted, &mut target)?;
    target.get_ref().sync_all()?;
    let (events, unreadable) = (found.events, found.unreadable);
    let told = Found {
        file,
        events,
        unreadable,
    };
    output.result(&told, |out| {
        let events = counted(usize::try_from(events).unwrap_or(usize::MAX), "event");
        writeln!(out, "{events} in {}", file.display())?;
        if unreadable > 0 {
            writeln!(out, "{unreadable} places in the database could not be read")?;
        }
        Ok(())
    })?;
    Ok(if unreadable == 0 {
        Outcome::Clean
    } else {
        Outcome::Problems
    })
}
