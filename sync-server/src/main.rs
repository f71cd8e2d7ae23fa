//! The program `tideline-server`: reads the command line, then serves or looks after accounts.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use directories::ProjectDirs;
use serde_json::json;
use tideline_server::cli::{Cli, Command, Serve};
use tideline_server::server::FIRST_USER;
use tideline_server::{DatabaseOptions, Server, ServerOptions, Timeouts, admin, database};
use tracing::info;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "tideline-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let mut database = DatabaseOptions::in_folder(match cli.data {
        Some(folder) => folder,
        None => default_folder()?,
    });
    if let Some(command) = cli.command {
        return administer(&database, &command, cli.json);
    }
    database.bytes_max = cli.serve.max_database_mib.map(|mib| mib << 20);
    let runtime = tokio::runtime::Runtime::new().context("no threads to run on")?;
    runtime.block_on(serve(database, cli.serve))
}

fn default_folder() -> anyhow::Result<PathBuf> {
    let folders = ProjectDirs::from("", "", "tideline-server")
        .context("there is no home folder to keep data in; choose one with --data")?;
    Ok(folders.data_dir().to_owned())
}

fn administer(database: &DatabaseOptions, command: &Command, json: bool) -> anyhow::Result<()> {
    let mut connection = database::open_or_create(database)?;
    let answer = admin::carry_out(&mut connection, command)?;
    let text = if json {
        answer.json.to_string()
    } else {
        answer.text
    };
    writeln!(std::io::stdout(), "{text}").context("the answer could not be written")
}

async fn serve(database: DatabaseOptions, serve: Serve) -> anyhow::Result<()> {
    let folder = std::path::absolute(&database.folder).unwrap_or(database.folder.clone());
    info!("data folder: {}", folder.display());
    let server = Server::start(ServerOptions {
        database,
        listen: serve.listen,
        allowed_origins: serve.allow_origin,
        connections_max: serve.max_connections,
        timeouts: Timeouts::default(),
    })
    .await?;
    let address = server.address();
    if server.made_first_user() {
        info!(
            "made the user \"{FIRST_USER}\" with a group; a token for a device: \
             tideline-server --data {} token add {FIRST_USER}",
            folder.display()
        );
    }
    info!("listening on ws://{address}");
    let line = json!({
        "listening": address.to_string(),
        "url": format!("ws://{address}"),
        "data": folder,
    });
    // Who started the server may not be reading.
    let _ = writeln!(std::io::stdout(), "{line}");
    signalled().await.context("signals cannot be waited for")?;
    server.stop().await;
    Ok(())
}

/// Waits for somebody to end the server.
#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
