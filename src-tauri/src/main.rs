//! `tideline`: reads what was typed, finds the data folder, hands over to the command, and turns
//! what came of it into an exit code.

mod cli;
mod command;
mod data;
#[cfg(feature = "desktop")]
mod desktop;
#[cfg(any(feature = "desktop", test))]
mod display;
mod interface;
mod output;
mod serve;
mod stop;

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Error, Result};
use clap::Parser;
use tideline_client::{Core, CoreConfig, CoreError, MissingFolder};
use tideline_store::OpenError;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command};
use command::Outcome;
use output::{Format, Output, problem};

/// Something failed, or a document is not what it should be.
const FAILED: u8 = 1;
/// The words were wrong, or the data folder could not be opened; nothing was done.
const NOT_STARTED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(if cli.options.json {
        Format::Json
    } else {
        Format::Human
    });
    log_to_stderr();
    match run(cli, output) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(FAILED),
        Err(error) => report(&error),
    }
}

/// What the program does inside is for who asks with `RUST_LOG`.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
}

fn run(cli: Cli, output: Output) -> Result<Outcome> {
    let data = data::folder(cli.options.data)?;
    match cli.command.unwrap_or(Command::Open) {
        Command::Open => open(data),
        Command::Serve(arguments) => with_core(data, |core| {
            serve::run(&arguments, core, output).map(|()| Outcome::Clean)
        }),
        Command::Import(arguments) => command::import::run(&arguments, data, output),
        Command::Export(arguments) => {
            with_replica(data, |core| command::export::run(&arguments, core, output))
        }
        Command::Documents => with_core(data, |core| command::documents::run(core, output)),
        Command::Verify => with_replica(data, |core| command::verify::run(core, output)),
        Command::Repair => command::repair::run(&data, output),
        Command::Backup(arguments) => command::backup::run(&arguments, &data, output),
        Command::Salvage(arguments) => command::salvage::run(&arguments, &data, output),
        Command::Recover(arguments) => command::recover::run(&arguments, &data, output),
        Command::Log(arguments) => {
            with_replica(data, |core| command::log::run(&arguments, core, output))
        }
        Command::Connect(arguments) => with_core(data, |core| {
            command::connect::connect(&arguments, core, output)
        }),
        Command::Disconnect => with_core(data, |core| command::connect::disconnect(core, output)),
        Command::Sync(arguments) => {
            with_core(data, |core| command::sync::run(&arguments, core, output))
        }
    }
}

/// Lends the core of a data folder, made if missing, to `work`.
fn with_core<T>(data: PathBuf, work: impl FnOnce(&Core) -> Result<T>) -> Result<T> {
    lend(data, MissingFolder::Create, work)
}

/// The same for commands that need something to be there already.
fn with_replica<T>(data: PathBuf, work: impl FnOnce(&Core) -> Result<T>) -> Result<T> {
    lend(data, MissingFolder::Refuse, work)
}

/// Starts the core and stops it afterwards, so that everything is on disk.
fn lend<T>(
    data: PathBuf,
    missing: MissingFolder,
    work: impl FnOnce(&Core) -> Result<T>,
) -> Result<T> {
    let core = Core::start(CoreConfig { data, missing })?;
    let worked = work(&core);
    let stopped = core.stop();
    if let (Err(_), Err(unsaved)) = (&worked, &stopped) {
        problem(format_args!("tideline: {unsaved}"));
    }
    let value = worked?;
    stopped?;
    Ok(value)
}

#[cfg(feature = "desktop")]
fn open(data: PathBuf) -> Result<Outcome> {
    desktop::run(data).map(|()| Outcome::Clean)
}

#[cfg(not(feature = "desktop"))]
fn open(_data: PathBuf) -> Result<Outcome> {
    anyhow::bail!(
        "this build has no desktop window; no document was touched. \
         `tideline serve` offers the same interface to a browser"
    )
}

/// The reader of a pipe that has seen enough is no failure.
fn report(error: &Error) -> ExitCode {
    let broken_pipe = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
    if error.downcast_ref::<io::Error>().is_some_and(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    problem(format_args!("tideline: {error:#}"));
    let no_core = matches!(error.downcast_ref(), Some(CoreError::Start(_)));
    let no_replica = error.downcast_ref::<OpenError>().is_some();
    ExitCode::from(if no_core || no_replica {
        NOT_STARTED
    } else {
        FAILED
    })
}
