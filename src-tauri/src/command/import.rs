//! Reads files and folders into documents; goes on after a file that cannot be read.

mod read;
mod summary;
mod walk;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use tideline_client::{Core, CoreError};
use tideline_exchange::{ImportError, import_markdown};

use super::Outcome;
use super::problem::Problem;
use crate::cli;
use crate::output::{Output, problem};
use crate::with_core;
use summary::{Imported, Summary};
use walk::{Found, Source};

/// # Errors
/// When the data folder cannot be opened, or no longer written.
pub fn run(arguments: &cli::Import, data: PathBuf, output: Output) -> Result<Outcome> {
    let found = walk::find(&arguments.paths);
    found.problems.iter().for_each(problem);
    if found.sources.is_empty() {
        return conclude(&Summary::new(found.skipped, found.problems), output);
    }
    with_core(data, |core| conclude(&import(found, core)?, output))
}

fn conclude(summary: &Summary, output: Output) -> Result<Outcome> {
    output.result(summary, |out| summary.tell(out))?;
    Ok(if summary.problems.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Problems
    })
}

fn import(found: Found, core: &Core) -> Result<Summary> {
    let mut summary = Summary::new(found.skipped, found.problems);
    let count = found.sources.len();
    for source in found.sources {
        match import_one(&source, core) {
            Ok(imported) => summary.documents.push(imported),
            Err(Failure::File(failure)) => {
                problem(&failure);
                summary.problems.push(failure);
            }
            Err(Failure::Core(error)) => {
                return Err(stopped(&error, &source.path, &summary, count));
            }
        }
    }
    Ok(summary)
}

/// A failure of the file concerns this file; one of the core concerns all that follow.
enum Failure {
    File(Problem),
    Core(CoreError),
}

fn import_one(source: &Source, core: &Core) -> Result<Imported, Failure> {
    let bytes = read::bytes(&source.path)
        .map_err(|error| Failure::File(walk::unreachable(&source.path, &error)))?;
    let place = portable(&source.place);
    let import = import_markdown(&place, &bytes)
        .map_err(|error| Failure::File(unconvertible(source, &place, &error)))?;
    let title = import.outline.title.clone();
    let imported = core.import(import.outline).map_err(Failure::Core)?;
    Ok(Imported::new(source, title, &imported, import.report))
}

/// The conversion knows a file by its place; people look for it by its path.
fn unconvertible(source: &Source, place: &str, error: &ImportError) -> Problem {
    let (path, message) = (source.path.display(), error.to_string());
    let message = match message.strip_prefix(place) {
        Some(rest) => format!("{path}{rest}"),
        None => format!("{path}: {message}"),
    };
    Problem {
        path: source.path.clone(),
        message,
    }
}

/// A path with `/` between its names on every system. Names that are no Unicode are shown as near
/// as can be.
fn portable(path: &Path) -> String {
    let names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
    names.join("/")
}

fn stopped(error: &CoreError, path: &Path, summary: &Summary, count: usize) -> anyhow::Error {
    anyhow!(
        "{error}. The import stopped at {}: {} of {count} files are imported and on disk, and no file \
         was changed. Mend what is named here, then import the files from this one on",
        path.display(),
        summary.documents.len(),
    )
}
