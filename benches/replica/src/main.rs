//! Measures the replica on disk and prints one RESULT line a figure. Knows what is measured, not how
//! documents are made up.

mod clock;
mod measure;
mod report;
mod synthetic;
mod trace;

use std::path::PathBuf;

use clap::Parser;

/// The replica on disk, measured.
#[derive(Debug, Parser)]
struct Arguments {
    /// Sizes of the documents that are made up, in lines
    #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
    lines: Vec<u64>,

    /// Folder with automerge-paper.json.gz
    #[arg(long, env = "TRACES")]
    traces: Option<PathBuf>,

    /// Leaves each database in a folder here
    #[arg(long)]
    keep: Option<PathBuf>,

    /// Leaves the trace out
    #[arg(long)]
    no_trace: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for lines in arguments.lines {
        measure::document(lines, arguments.keep.as_deref())?;
    }
    if !arguments.no_trace {
        measure::history(&trace::file(arguments.traces)?)?;
    }
    Ok(())
}
