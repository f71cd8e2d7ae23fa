//! Shows the events of a document, or those of one line.

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use tideline_client::protocol::DocumentEntry;
use tideline_client::{Core, LogEntry};
use tideline_model::{DocumentId, LineId};

use super::documents::place;
use super::{Outcome, local_time};
use crate::cli;
use crate::output::{Output, counted};

/// # Errors
/// When no or more than one document has that title, or the line's id is none.
pub fn run(arguments: &cli::Log, core: &Core, output: Output) -> Result<Outcome> {
    let document = find(&arguments.document, &core.documents()?)?;
    let line = arguments
        .line
        .as_deref()
        .map(str::parse::<LineId>)
        .transpose();
    let entries = core.log(document, line.context("--line")?)?;
    output.result(&entries, |out| tell(&entries, out))?;
    Ok(Outcome::Clean)
}

/// The document with that id or title; capitals matter only where they decide.
fn find(name: &str, documents: &[DocumentEntry]) -> Result<DocumentId> {
    if name.starts_with("doc_") {
        return Ok(name.parse()?);
    }
    let lower = name.to_lowercase();
    let exact = |entry: &&DocumentEntry| entry.title == name || place(entry) == name;
    let close = |entry: &&DocumentEntry| entry.title.to_lowercase() == lower;
    let mut found: Vec<_> = documents.iter().filter(exact).collect();
    if found.is_empty() {
        found = documents.iter().filter(close).collect();
    }
    match found.as_slice() {
        [only] => Ok(only.id.parse()?),
        [] => bail!("no document is called \"{name}\"; `tideline documents` lists them"),
        several => bail!("{}", ambiguous(name, several)),
    }
}

fn ambiguous(name: &str, documents: &[&DocumentEntry]) -> String {
    let choice = |document: &&DocumentEntry| format!("\n  {}  {}", document.id, place(document));
    let choices: String = documents.iter().map(choice).collect();
    format!("several documents are called \"{name}\"; name one by its id:{choices}")
}

fn tell(entries: &[LogEntry], out: &mut dyn Write) -> io::Result<()> {
    for entry in entries {
        let time = local_time(entry.time_ms);
        writeln!(
            out,
            "{time}  {}  {} #{}",
            entry.author, entry.replica, entry.seq
        )?;
        for change in &entry.changes {
            writeln!(out, "    {change}")?;
        }
    }
    writeln!(out, "{}", counted(entries.len(), "event"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "doc_00000000000000000000000000000001";
    const B: &str = "doc_00000000000000000000000000000002";

    fn check(name: &str, documents: &[(&str, &str, &str)]) -> Result<String, String> {
        let entry = |&(id, folder, title): &(&str, &str, &str)| DocumentEntry {
            id: id.to_owned(),
            title: title.to_owned(),
            folder: folder.to_owned(),
            updated_ms: 0,
            group: None,
        };
        let documents: Vec<_> = documents.iter().map(entry).collect();
        let found = find(name, &documents);
        found
            .map(|id| id.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_document_is_found_by_id_title_or_place() {
        let documents = [(A, "work", "Plan"), (B, "", "Notes")];
        assert_eq!(check(B, &documents).as_deref(), Ok(B));
        assert_eq!(check("Plan", &documents).as_deref(), Ok(A));
        assert_eq!(check("plan", &documents).as_deref(), Ok(A));
        assert_eq!(check("work/Plan", &documents).as_deref(), Ok(A));
    }

    #[test]
    fn capitals_decide_between_two_titles() {
        let documents = [(A, "", "Plan"), (B, "", "plan")];
        assert_eq!(check("plan", &documents).as_deref(), Ok(B));
        assert!(check("PLAN", &documents).is_err());
    }

    #[test]
    fn a_title_that_is_not_or_twice_there_says_what_to_do() {
        let missing = check("Plan", &[]).unwrap_err();
        assert!(missing.contains("tideline documents"), "{missing}");
        let twice = check("Plan", &[(A, "x", "Plan"), (B, "y", "Plan")]).unwrap_err();
        assert!(twice.contains(A) && twice.contains("y/Plan"), "{twice}");
    }
}
