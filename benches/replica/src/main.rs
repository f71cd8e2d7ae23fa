//! Measures the replica on disk and prints one RESULT line a figure. Knows what is measured, not how
//! documents are made up.

mod clock;
mod measure;
mod peers;
mod report;
mod synthetic;
mod trace;

use std::path::PathBuf;

use clap::Parser;

use crate::peers::Peer;

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

    /// Leaves the peers out
    #[arg(long)]
    no_peers: bool,

    /// Opens the file of a peer and says how long that took: for the benchmark itself
    #[arg(long, hide = true, requires = "file")]
    open_peer: Option<Peer>,

    #[arg(long, hide = true)]
    file: Option<PathBuf>,

    /// Leaves the trace out
    #[arg(long)]
    no_trace: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let (Some(peer), Some(file)) = (arguments.open_peer, arguments.file) {
        return peers::open(peer, &file);
    }
    for lines in arguments.lines {
        let peers = match arguments.no_peers {
            true => Vec::new(),
            false => vec![
                peers::measure(Peer::Loro, lines)?,
                peers::measure(Peer::Sqlite, lines)?,
            ],
        };
        measure::document(lines, &peers, arguments.keep.as_deref())?;
    }
    if !arguments.no_trace {
        measure::history(&trace::file(arguments.traces)?)?;
    }
    Ok(())
}
