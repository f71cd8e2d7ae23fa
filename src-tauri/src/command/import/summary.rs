//! What an import did: counts for people, everything for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;
use tideline_exchange::Report;

use super::walk::Source;
use crate::command::problem::{Problem, shown};
use crate::output::{counted, grouped};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub documents: Vec<Imported>,
    /// Files that are no text, by extension.
    pub left_out: BTreeMap<String, usize>,
    pub problems: Vec<Problem>,
}

/// A file that became a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    #[serde(serialize_with = "shown")]
    path: PathBuf,
    document: String,
    title: String,
    lines: usize,
    not_understood: Vec<Remark>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Remark {
    /// In the file, from 1.
    line_number: usize,
    what: String,
}

impl Imported {
    pub fn new(
        source: &Source,
        title: String,
        imported: &tideline_client::Imported,
        report: Report,
    ) -> Self {
        let remark = |remark: tideline_exchange::Remark| Remark {
            line_number: remark.line_number,
            what: remark.what.to_owned(),
        };
        Self {
            path: source.path.clone(),
            document: imported.document.to_string(),
            title,
            lines: imported.lines,
            not_understood: report.not_understood.into_iter().map(remark).collect(),
        }
    }
}

impl Summary {
    pub fn new(left_out: BTreeMap<String, usize>, problems: Vec<Problem>) -> Self {
        Self {
            documents: Vec::new(),
            left_out,
            problems,
        }
    }

    pub fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines = self.documents.iter().map(|document| document.lines).sum();
        let documents = counted(self.documents.len(), "document");
        writeln!(out, "imported: {documents}, {}", counted(lines, "line"))?;
        let not_understood = self.not_understood();
        if !not_understood.is_empty() {
            writeln!(out, "not understood: {}", listed(&not_understood))?;
        }
        if !self.left_out.is_empty() {
            writeln!(out, "no text, left out: {}", listed(&self.left_out_names()))?;
        }
        if !self.problems.is_empty() {
            writeln!(
                out,
                "not imported: {}",
                counted(self.problems.len(), "path")
            )?;
        }
        Ok(())
    }

    fn not_understood(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for remark in self
            .documents
            .iter()
            .flat_map(|document| &document.not_understood)
        {
            *counts.entry(remark.what.clone()).or_default() += 1;
        }
        counts
    }

    fn left_out_names(&self) -> BTreeMap<String, usize> {
        let name = |extension: &String| match extension.as_str() {
            "" => "without an ending".to_owned(),
            extension => format!(".{extension}"),
        };
        self.left_out
            .iter()
            .map(|(extension, count)| (name(extension), *count))
            .collect()
    }
}

/// "3 × a table; 1 × a footnote"
fn listed(counts: &BTreeMap<String, usize>) -> String {
    let one = |(what, count): (&String, &usize)| format!("{} × {what}", grouped(*count));
    counts.iter().map(one).collect::<Vec<_>>().join("; ")
}
