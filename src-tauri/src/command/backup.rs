//! Copies the data folder, also while another Tideline uses it.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::Outcome;
use crate::cli;
use crate::output::Output;

#[derive(Serialize)]
struct Copied<'a> {
    to: &'a Path,
}

/// # Errors
/// When there is nothing to copy, something is in the way, or the copy cannot be written.
pub fn run(arguments: &cli::Backup, data: &Path, output: Output) -> Result<Outcome> {
    let to = arguments.to.as_path();
    tideline_store::backup(data, to)?;
    output.result(&Copied { to }, |out| {
        writeln!(out, "Copied and checked: {}", to.display())?;
        writeln!(out, "It opens with --data {}", to.display())
    })?;
    Ok(Outcome::Clean)
}
