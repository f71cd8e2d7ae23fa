//! Shows what replaying every document from its first event found.

use std::io::{self, Write};

use anyhow::Result;
use tideline_client::{Core, VerifiedDocument};

use super::Outcome;
use crate::output::{Output, counted, problem};

const HASH_SHOWN_CHARS: usize = 16;

/// # Errors
/// When the replica cannot be read at all.
pub fn run(core: &Core, output: Output) -> Result<Outcome> {
    let documents = core.verify()?;
    output.result(&documents, |out| tell(&documents, out))?;
    if documents
        .iter()
        .all(|document| document.problems.is_empty())
    {
        return Ok(Outcome::Clean);
    }
    problem(
        "tideline: some documents do not agree with their events. The events are kept and hold \
         everything that was written. Copy the data folder before anything else, and report this.",
    );
    Ok(Outcome::Problems)
}

fn tell(documents: &[VerifiedDocument], out: &mut dyn Write) -> io::Result<()> {
    for document in documents {
        tell_one(document, out)?;
    }
    let wrong = documents
        .iter()
        .filter(|document| !document.problems.is_empty())
        .count();
    let verdict = match wrong {
        0 => "all agree with their events".to_owned(),
        wrong => format!("{} with problems", counted(wrong, "document")),
    };
    writeln!(out, "{}: {verdict}", counted(documents.len(), "document"))
}

fn tell_one(document: &VerifiedDocument, out: &mut dyn Write) -> io::Result<()> {
    let verdict = if document.problems.is_empty() {
        "ok"
    } else {
        "WRONG"
    };
    let hash: String = document.hash.chars().take(HASH_SHOWN_CHARS).collect();
    let events = counted(document.events, "event");
    let lines = counted(document.lines, "line");
    writeln!(
        out,
        "{verdict}  {hash}  {events}, {lines}  {}",
        document.title
    )?;
    for problem in &document.problems {
        writeln!(out, "    {problem}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_stands_below_its_document() {
        let document = |title: &str, problems: &[&str]| VerifiedDocument {
            document: "doc_00000000000000000000000000000001"
                .parse()
                .expect("an id"),
            title: title.to_owned(),
            events: 2,
            lines: 1,
            hash: "0123456789abcdef0123".to_owned(),
            problems: problems.iter().map(|&problem| problem.to_owned()).collect(),
        };
        let documents = [
            document("Plan", &[]),
            document("Notes", &["line 3 differs"]),
        ];
        let mut text = Vec::new();
        tell(&documents, &mut text).expect("memory can be written");
        assert_eq!(
            String::from_utf8_lossy(&text),
            "ok  0123456789abcdef  2 events, 1 line  Plan\n\
             WRONG  0123456789abcdef  2 events, 1 line  Notes\n    line 3 differs\n\
             2 documents: 1 document with problems\n"
        );
    }
}
