//! Sets or forgets the sync server of this data folder.

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tideline_client::Core;
use tideline_client::protocol::{Command, ServerAddress, ServerStatus};

use super::Outcome;
use super::status::{StatusWatch, told};
use crate::cli;
use crate::output::{Output, problem};

const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);

/// Sets the server and waits for its first answer. A server that cannot be reached stays set.
///
/// # Errors
/// When the address is none.
pub fn connect(arguments: &cli::Connect, core: &Core, output: Output) -> Result<Outcome> {
    let server = address(arguments)?;
    let mut watch = forget(core)?;
    watch.send(Command::SetServer {
        server: Some(server),
    });
    let answer = watch.server(ANSWER_WAIT_MAX, is_answer)?;
    let answer = answer.unwrap_or_else(|| unanswered(&arguments.url));
    output.result(&answer, |out| writeln!(out, "{}", told(&answer)))?;
    if let ServerStatus::Connected { .. } = answer {
        return Ok(Outcome::Clean);
    }
    problem(
        "tideline: the server is set but not connected. Everything written stays on this machine \
         and is sent when the server answers. Check the address and the token, and connect again.",
    );
    Ok(Outcome::Problems)
}

/// # Errors
/// When the core stops meanwhile.
pub fn disconnect(core: &Core, output: Output) -> Result<Outcome> {
    forget(core)?;
    let human = "disconnected; every document stays on this machine";
    output.result(&ServerStatus::Off, |out| writeln!(out, "{human}"))?;
    Ok(Outcome::Clean)
}

/// Forgets the server. Nothing that is heard afterwards can come from it.
fn forget(core: &Core) -> Result<StatusWatch> {
    let (mut watch, status) = StatusWatch::start(core)?;
    watch.send(Command::SetServer { server: None });
    if status.server != ServerStatus::Off {
        let off = watch.server(ANSWER_WAIT_MAX, |server| *server == ServerStatus::Off)?;
        off.context("the server could not be forgotten; nothing was lost. Try again")?;
    }
    Ok(watch)
}

fn address(arguments: &cli::Connect) -> Result<ServerAddress> {
    let url = arguments.url.clone();
    ensure!(
        url.starts_with("ws://") || url.starts_with("wss://"),
        "expected a server address that starts with ws:// or wss://, got \"{url}\"; nothing changed"
    );
    let mut token = arguments.token.clone();
    if token == "-" {
        token.clear();
        io::stdin()
            .read_line(&mut token)
            .context("cannot read the token")?;
    }
    Ok(ServerAddress {
        url,
        token: token.trim().to_owned(),
    })
}

fn is_answer(server: &ServerStatus) -> bool {
    !matches!(server, ServerStatus::Off | ServerStatus::Connecting { .. })
}

fn unanswered(url: &str) -> ServerStatus {
    ServerStatus::Offline {
        url: url.to_owned(),
        reason: format!("no answer within {} s", ANSWER_WAIT_MAX.as_secs()),
        retry_s: 0,
    }
}
