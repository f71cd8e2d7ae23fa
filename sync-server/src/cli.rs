//! The command line: what can be asked for, and how the answers look.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tideline_wire::Role;

pub const DEFAULT_LISTEN: &str = "127.0.0.1:7717";

/// The Tideline sync server. Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    /// The folder with everything the server keeps.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Print what a program can read.
    #[arg(long, global = true)]
    pub json: bool,

    #[command(flatten)]
    pub serve: Serve,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,

    /// Let web pages from this origin connect (`https://notes.example.org`); may be repeated.
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,

    /// Let the database grow to this size only.
    #[arg(long, value_name = "MIB")]
    pub max_database_mib: Option<u64>,

    /// Connections at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = crate::ServerOptions::CONNECTIONS_MAX)]
    pub max_connections: usize,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// People.
    #[command(subcommand)]
    User(UserCommand),
    /// Groups of people who share documents.
    #[command(subcommand)]
    Group(GroupCommand),
    /// Tokens: one lets one device in.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Invitations of people who have no user yet.
    #[command(subcommand)]
    Invite(InviteCommand),
    /// The epoch: to be raised after a backup was restored, so that clients compare everything.
    #[command(subcommand)]
    Epoch(EpochCommand),
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make a user, and a group of theirs.
    Add { name: String },
    /// Show all.
    List,
}

#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Make a group.
    Add {
        name: String,
        /// Name or id of the user who owns it.
        #[arg(long, value_name = "USER")]
        owner: String,
    },
    /// Show all, with their members.
    List,
    /// Give a user a role in a group, or take them out of it.
    Member {
        /// Name or id.
        group: String,
        /// Name or id.
        user: String,
        #[arg(long, required_unless_present = "remove")]
        role: Option<RoleArgument>,
        #[arg(long, conflicts_with = "role")]
        remove: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it: it cannot be shown again.
    Add {
        /// Name or id.
        user: String,
        /// What the device is called in lists.
        #[arg(long, default_value = "")]
        device: String,
    },
    /// Show all devices with a token.
    List,
    /// End a token; what it was used by is disconnected.
    Revoke {
        /// As `token list` shows it.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum InviteCommand {
    /// Make a code that lets one person into a group.
    Add {
        /// Name or id.
        group: String,
        #[arg(long, default_value = "editor")]
        role: RoleArgument,
        /// How long it can be used.
        #[arg(long, default_value_t = 7)]
        days: u32,
    },
    /// Make a user with a token out of a code.
    Accept {
        code: String,
        /// The new user's name.
        name: String,
        #[arg(long, default_value = "")]
        device: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum EpochCommand {
    Show,
    Raise,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleArgument {
    Owner,
    Editor,
    Commenter,
    Reader,
}

impl From<RoleArgument> for Role {
    fn from(argument: RoleArgument) -> Self {
        match argument {
            RoleArgument::Owner => Role::Owner,
            RoleArgument::Editor => Role::Editor,
            RoleArgument::Commenter => Role::Commenter,
            RoleArgument::Reader => Role::Reader,
        }
    }
}
