//! Writes every document as a Markdown file, in the folders that it was imported from.

mod folder;

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use serde::Serialize;
use tideline_client::Core;
use tideline_client::protocol::DocumentEntry;
use tideline_exchange::{FileNames, export_markdown_at};

use super::Outcome;
use super::problem::{Problem, shown, told};
use crate::cli;
use crate::output::{Output, counted, problem};
use folder::{Existing, Folder, WriteError};

const SAFE: &str = "The document is safe in Tideline, and what was there is unchanged.";

#[derive(Debug, Serialize)]
struct Summary {
    #[serde(serialize_with = "shown")]
    folder: PathBuf,
    documents: Vec<Exported>,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Exported {
    document: String,
    path: String,
    lines: usize,
}

/// # Errors
/// When the folder cannot be written at all, or its disk is full.
pub fn run(arguments: &cli::Export, core: &Core, output: Output) -> Result<Outcome> {
    let existing = if arguments.overwrite {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let folder =
        Folder::open(&arguments.to, existing).map_err(|error| unusable(arguments, &error))?;
    let summary = export(&core.documents()?, core, &folder)?;
    output.result(&summary, |out| tell(&summary, out))?;
    Ok(if summary.problems.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Problems
    })
}

fn export(documents: &[DocumentEntry], core: &Core, folder: &Folder) -> Result<Summary> {
    let mut summary = Summary {
        folder: folder.path().to_owned(),
        documents: Vec::new(),
        problems: Vec::new(),
    };
    let mut names = FileNames::default();
    for entry in documents {
        let outline = core.outline(entry.id.parse()?)?;
        let path = names.claim(&outline);
        let text = export_markdown_at(&outline, &path);
        match folder.write(Path::new(&path), &text) {
            Ok(()) => summary.documents.push(Exported {
                document: entry.id.clone(),
                path,
                lines: outline.lines.len(),
            }),
            Err(WriteError::Io(error)) if concerns_all(&error) => {
                return Err(stopped(&error, &path, &summary, documents.len()));
            }
            Err(error) => {
                let unwritten = unwritten(&folder.path().join(path), &error);
                problem(&unwritten);
                summary.problems.push(unwritten);
            }
        }
    }
    Ok(summary)
}

/// What the next file would meet as well.
fn concerns_all(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
    )
}

fn unwritten(path: &Path, error: &WriteError) -> Problem {
    let (what, next) = match error {
        WriteError::Exists => (
            error.to_string(),
            "Export to an empty folder, or replace files with --overwrite.",
        ),
        WriteError::Outside => (
            error.to_string(),
            "Give the document another title or folder.",
        ),
        WriteError::BehindLink(_) => (error.to_string(), "Export to an empty folder."),
        WriteError::Io(error) => (told(error), "Check the folder and export again."),
    };
    Problem::new(path, format_args!("not written: {what}"), SAFE, next)
}

fn unusable(arguments: &cli::Export, error: &io::Error) -> anyhow::Error {
    anyhow!(
        "{} cannot be exported to: {}. Every document is safe in Tideline, and nothing was \
         written. Name another folder with --to",
        arguments.to.display(),
        told(error)
    )
}

fn stopped(error: &io::Error, path: &str, summary: &Summary, count: usize) -> anyhow::Error {
    anyhow!(
        "{}. The export stopped at {path}: {} of {count} documents are written and complete, and \
         all are safe in Tideline. Make room, then export again with --overwrite",
        told(error),
        summary.documents.len(),
    )
}

fn tell(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let lines = summary
        .documents
        .iter()
        .map(|document| document.lines)
        .sum();
    let documents = counted(summary.documents.len(), "document");
    let folder = summary.folder.display();
    writeln!(
        out,
        "exported: {documents}, {} to {folder}",
        counted(lines, "line")
    )?;
    if !summary.problems.is_empty() {
        writeln!(
            out,
            "not written: {}",
            counted(summary.problems.len(), "document")
        )?;
    }
    Ok(())
}
