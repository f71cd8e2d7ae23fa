//! Measures the replica on disk and prints one RESULT line a figure. Knows what is measured, not how
//! documents are made up.

mod app;
mod book;
mod clock;
mod filtering;
mod line_history;
mod measure;
mod memory;
mod opening;
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

    /// Lines of one more document, all of them siblings; 0: none
    #[arg(long, default_value_t = 1_000_000)]
    flat: u64,

    /// Folder with automerge-paper.json.gz
    #[arg(long, env = "TRACES")]
    traces: Option<PathBuf>,

    /// Leaves each database in a folder here
    #[arg(long)]
    keep: Option<PathBuf>,

    /// Leaves the peers out
    #[arg(long)]
    no_peers: bool,

    /// Only takes the documents in, into the folder of --keep if it is given
    #[arg(long)]
    import_only: bool,

    /// Opens the file of a peer and says how long that took: for the benchmark itself
    #[arg(long, hide = true, requires = "file")]
    open_peer: Option<Peer>,

    #[arg(long, hide = true)]
    file: Option<PathBuf>,

    /// Only opens the documents that an earlier run left there with --keep
    #[arg(long, conflicts_with = "keep")]
    opening: Option<PathBuf>,

    /// Only filters the documents that an earlier run left there with --keep
    #[arg(long, conflicts_with = "keep")]
    filtering: Option<PathBuf>,

    /// Opens a document from its saved form: for the benchmark itself
    #[arg(long, hide = true, requires = "name")]
    reopen: Option<PathBuf>,

    #[arg(long, hide = true)]
    name: Option<String>,

    /// Opens a data folder as an interface does: for the benchmark itself
    #[arg(long, hide = true)]
    first_screen: Option<PathBuf>,

    /// Leaves the history of lines out
    #[arg(long)]
    no_history: bool,

    /// Leaves the trace and the book out
    #[arg(long)]
    no_trace: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let (Some(peer), Some(file)) = (arguments.open_peer, arguments.file) {
        return peers::open(peer, &file);
    }
    if let Some(folder) = &arguments.first_screen {
        return app::first_screen(folder);
    }
    if let (Some(folder), Some(name)) = (&arguments.reopen, &arguments.name) {
        return opening::reopen(folder, name);
    }
    if let Some(kept) = arguments.opening {
        for lines in arguments.lines {
            let folder = kept.join(lines.to_string());
            opening::document(&folder, &lines.to_string())?;
            app::open(&folder, lines, &[])?;
            app::act(&folder, lines)?;
            filtering::measure(&folder, lines)?;
        }
        return Ok(());
    }
    if let Some(kept) = arguments.filtering {
        let mut sizes = arguments.lines.iter();
        return sizes
            .try_for_each(|lines| filtering::measure(&kept.join(lines.to_string()), *lines));
    }
    if arguments.import_only {
        let sizes = arguments.lines.iter();
        return sizes
            .copied()
            .try_for_each(|lines| measure::import_only(lines, arguments.keep.as_deref()));
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
    if arguments.flat > 0 {
        opening::flat(arguments.flat)?;
    }
    if !arguments.no_history {
        line_history::measure()?;
    }
    if !arguments.no_trace {
        book::measure(&book::folder(arguments.traces.as_deref())?)?;
        measure::history(&trace::file(arguments.traces)?)?;
    }
    Ok(())
}
