//! What can be typed after `tideline`: the words, their help, and nothing about what they do.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::serve::loopback_address;

/// A line editor that answers at once, works offline, and lets several people write in one outline.
#[derive(Debug, Parser)]
#[command(name = "tideline", version)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command understands.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder that holds the documents, made if missing; one process at a time may use it
    /// [default: tideline in the user's data folder, ~/.local/share/tideline on Linux]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TIDELINE_DATA_DIR",
        hide_env_values = true
    )]
    pub data: Option<PathBuf>,

    /// Prints results as JSON on standard output, for programs
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Opens the desktop window (what happens without any command)
    Open,
    /// Offers the same interface to a browser on this machine and prints its link
    Serve(Serve),
    /// Reads Markdown and text files into documents; a folder keeps its structure
    Import(Import),
    /// Writes every document as a Markdown file
    Export(Export),
    /// Lists the documents
    Documents,
    /// Replays every document from its first event and compares with what is stored
    Verify,
    /// Makes rows and search index anew from the events; a damaged database is set aside, and a new one
    /// takes in what can be read of it
    Repair,
    /// Copies everything into a folder that can be opened like any other, also while Tideline runs
    Backup(Backup),
    /// Writes changes out of a damaged database into a file; those that no server has, or all
    Salvage(Salvage),
    /// Takes in the changes of such a file
    Recover(Recover),
    /// Shows the events of a document, or those of one line
    Log(Log),
    /// Connects to a sync server, now and at every start
    Connect(Connect),
    /// Forgets the sync server; what was written stays on this machine
    Disconnect,
    /// Exchanges events with the sync server, without a window
    Sync(Sync),
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Loopback address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = loopback_address)]
    pub listen: SocketAddr,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Folders (read with everything below them) and files: .md, .markdown, .txt
    #[arg(required = true, value_name = "FOLDER|FILE")]
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Export {
    /// Folder to write into, made if missing
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,

    /// Replaces files that are already there
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// Folder for the copy, made if missing
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

#[derive(Debug, Args)]
pub struct Salvage {
    /// File to write, which must not exist
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,

    /// Also what the sync server has
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Recover {
    /// File written by `tideline salvage`, or when Tideline could not save
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Log {
    /// Id or title of the document
    #[arg(value_name = "DOCUMENT|TITLE")]
    pub document: String,

    /// Id of a line: shows only the events that touch it
    #[arg(long, value_name = "LINE")]
    pub line: Option<String>,
}

#[derive(Debug, Args)]
pub struct Connect {
    /// Address of the sync server, `ws://` or `wss://`
    pub url: String,

    /// Device token made by the server; `-` reads it from standard input
    pub token: String,
}

#[derive(Debug, Args)]
pub struct Sync {
    /// Ends when nothing is pending, instead of staying connected
    #[arg(long)]
    pub once: bool,

    /// With --once: gives up after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout_s: u64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_words_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_data_folder_may_stand_before_or_behind_the_command() {
        for words in [
            ["tideline", "--data", "x", "verify"],
            ["tideline", "verify", "--data", "x"],
        ] {
            let cli = Cli::try_parse_from(words).expect("valid words");
            assert_eq!(cli.options.data, Some(PathBuf::from("x")));
        }
    }

    #[test]
    fn no_command_is_a_command() {
        let cli = Cli::try_parse_from(["tideline"]).expect("valid words");
        assert!(cli.command.is_none());
    }
}
