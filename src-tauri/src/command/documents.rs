//! Lists the documents.

use std::io::{self, Write};

use anyhow::Result;
use tideline_client::Core;
use tideline_client::protocol::DocumentEntry;

use super::{Outcome, local_time};
use crate::output::{Output, counted};

/// # Errors
/// When the core cannot answer or the list cannot be printed.
pub fn run(core: &Core, output: Output) -> Result<Outcome> {
    let documents = core.documents()?;
    output.result(&documents, |out| list(&documents, out))?;
    Ok(Outcome::Clean)
}

fn list(documents: &[DocumentEntry], out: &mut dyn Write) -> io::Result<()> {
    for document in documents {
        let time = local_time(document.updated_ms);
        let group = document.group.as_deref().unwrap_or("only here");
        writeln!(
            out,
            "{}  {time}  {}  ({group})",
            document.id,
            place(document)
        )?;
    }
    writeln!(out, "{}", counted(documents.len(), "document"))
}

/// Folder and title, as one path.
pub fn place(document: &DocumentEntry) -> String {
    match document.folder.as_str() {
        "" => document.title.clone(),
        folder => format!("{folder}/{}", document.title),
    }
}
