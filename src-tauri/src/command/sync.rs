//! Exchanges events with the sync server without a window.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;
use tideline_client::Core;
use tideline_client::protocol::{DiskStatus, ServerStatus, Status};
use tokio::runtime::Builder;

use super::Outcome;
use super::status::{Heard, StatusWatch, told};
use crate::cli;
use crate::output::{Output, counted, problem};
use crate::stop::StopSignals;

/// The core does not say when it has read everything that the server holds; it is taken to have when
/// nothing was heard for this long.
const QUIET: Duration = Duration::from_millis(700);

/// # Errors
/// When no server is set.
pub fn run(arguments: &cli::Sync, core: &Core, output: Output) -> Result<Outcome> {
    let (mut watch, status) = StatusWatch::start(core)?;
    if status.server == ServerStatus::Off {
        bail!("no sync server is set; `tideline connect URL TOKEN` sets one");
    }
    if arguments.once {
        return once(
            &mut watch,
            status,
            Duration::from_secs(arguments.timeout_s),
            output,
        );
    }
    problem(format_args!("{}; Ctrl-C ends it", told(&status.server)));
    // Nobody reads on what the core tells.
    drop(watch);
    Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            StopSignals::listen()?.received().await;
            Ok(Outcome::Clean)
        })
}

/// How an exchange went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Exchange {
    complete: bool,
    #[serde(flatten)]
    status: Status,
}

fn once(
    watch: &mut StatusWatch,
    mut last: Status,
    wait_max: Duration,
    output: Output,
) -> Result<Outcome> {
    let deadline = Instant::now() + wait_max;
    let complete = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let wait = match settled(&last) {
            Some(false) => break false,
            Some(true) => QUIET.min(left),
            None => left,
        };
        match watch.hear(wait)? {
            Heard::Status(status) => last = status,
            Heard::Other => {}
            Heard::Nothing => break settled(&last) == Some(true),
        }
    };
    let exchange = Exchange {
        complete,
        status: last,
    };
    output.result(&exchange, |out| writeln!(out, "{}", summary(&exchange)))?;
    if complete {
        return Ok(Outcome::Clean);
    }
    problem(
        "tideline: the exchange is not complete. Everything written is kept on this machine and is \
         sent at the next chance.",
    );
    Ok(Outcome::Problems)
}

/// Whether the exchange is over, and then, whether it is complete.
fn settled(status: &Status) -> Option<bool> {
    match (&status.server, &status.disk) {
        (ServerStatus::Refused { .. } | ServerStatus::Off, _) => Some(false),
        (ServerStatus::Connected { .. }, DiskStatus::Ok) if pending(status) == 0 => Some(true),
        _ => None,
    }
}

fn summary(exchange: &Exchange) -> String {
    let status = &exchange.status;
    let server = told(&status.server);
    let pending = match pending(status) {
        0 => "nothing is pending".to_owned(),
        count => format!("{} not on the server yet", counted(count, "change")),
    };
    match &status.disk {
        DiskStatus::Ok => format!("{server}; {pending}"),
        DiskStatus::Failing { reason } => format!("{server}; {pending}; the disk fails: {reason}"),
    }
}

fn pending(status: &Status) -> usize {
    status.pending_disk as usize + status.pending_server as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(server: ServerStatus, pending_server: u32) -> Status {
        Status {
            disk: DiskStatus::Ok,
            pending_disk: 0,
            server,
            pending_server,
        }
    }

    #[test]
    fn an_exchange_is_over_when_nothing_is_pending() {
        let url = || "ws://here".to_owned();
        let connected = || ServerStatus::Connected { url: url() };
        assert_eq!(settled(&status(connected(), 0)), Some(true));
        assert_eq!(settled(&status(connected(), 1)), None);
        assert_eq!(
            settled(&status(ServerStatus::Connecting { url: url() }, 0)),
            None
        );
        let refused = ServerStatus::Refused {
            url: url(),
            reason: "token".to_owned(),
        };
        assert_eq!(settled(&status(refused, 0)), Some(false));
    }

    #[test]
    fn a_failing_disk_is_not_a_complete_exchange() {
        let mut status = status(ServerStatus::Connected { url: String::new() }, 0);
        status.disk = DiskStatus::Failing {
            reason: "full".to_owned(),
        };
        assert_eq!(settled(&status), None);
        let text = summary(&Exchange {
            complete: false,
            status,
        });
        assert!(text.contains("the disk fails: full"), "{text}");
    }
}
