//! Watches how the core gets on with disk and server, as a window would, but without one.

use std::time::Duration;

use anyhow::{Context, Result};
use tideline_client::protocol::{Command, Message, ServerStatus, Status};
use tideline_client::{Core, CoreError, Interface};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout};

#[derive(Debug)]
pub struct StatusWatch {
    interface: Interface,
    messages: UnboundedReceiver<Message>,
    runtime: Runtime,
}

/// What the core said within the time that was given.
#[derive(Debug)]
pub enum Heard {
    Status(Status),
    Other,
    Nothing,
}

impl StatusWatch {
    /// Attaches to the core. Also gives the status at this moment.
    ///
    /// # Errors
    /// When the core has stopped.
    pub fn start(core: &Core) -> Result<(Self, Status)> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("cannot wait for the core")?;
        let (interface, messages) = core.attach();
        let mut watch = Self {
            interface,
            messages,
            runtime,
        };
        watch.send(Command::Hello);
        loop {
            match watch.messages.blocking_recv() {
                Some(Message::Boot { status, .. }) => return Ok((watch, status)),
                Some(_) => {}
                None => return Err(CoreError::Stopped.into()),
            }
        }
    }

    pub fn send(&self, command: Command) {
        self.interface.send(command);
    }

    /// Waits for the next thing that the core says.
    ///
    /// # Errors
    /// When the core stops.
    pub fn hear(&mut self, wait_max: Duration) -> Result<Heard> {
        let messages = &mut self.messages;
        let heard = self
            .runtime
            .block_on(async { timeout(wait_max, messages.recv()).await });
        match heard {
            Ok(Some(Message::Status { status })) => Ok(Heard::Status(status)),
            Ok(Some(_)) => Ok(Heard::Other),
            Ok(None) => Err(CoreError::Stopped.into()),
            Err(_) => Ok(Heard::Nothing),
        }
    }

    /// Waits for a status of the server that `is_answer`; `None` when there is none in time.
    ///
    /// # Errors
    /// When the core stops.
    pub fn server(
        &mut self,
        wait_max: Duration,
        is_answer: impl Fn(&ServerStatus) -> bool,
    ) -> Result<Option<ServerStatus>> {
        let deadline = Instant::now() + wait_max;
        loop {
            match self.hear(deadline.saturating_duration_since(Instant::now()))? {
                Heard::Status(status) if is_answer(&status.server) => {
                    return Ok(Some(status.server));
                }
                Heard::Status(_) | Heard::Other => {}
                Heard::Nothing => return Ok(None),
            }
        }
    }
}

/// Where the connection stands, in words.
pub fn told(server: &ServerStatus) -> String {
    match server {
        ServerStatus::Off => "no sync server is set".to_owned(),
        ServerStatus::Connecting { url } => format!("connecting to {url}"),
        ServerStatus::Connected { url } => format!("connected to {url}"),
        ServerStatus::Offline { url, reason, .. } => format!("{url}: {reason}"),
        ServerStatus::Refused { url, reason } => format!("{url} refused: {reason}"),
    }
}
