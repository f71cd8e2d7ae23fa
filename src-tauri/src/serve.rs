//! The interface in a browser: the built files and a websocket to the core, on loopback only and
//! only for who has the printed link.

mod bridge;
mod guard;
mod page;
mod token;

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::middleware;
use axum::routing::get;
use serde::Serialize;
use tideline_client::Core;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::cli;
use crate::output::Output;
use crate::stop::StopSignals;
use token::Token;

/// How long open connections may take to say goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(2);

/// What every request sees.
#[derive(Clone)]
struct Site {
    core: Core,
    token: Token,
    stopping: watch::Receiver<bool>,
    /// Held by every open bridge; when all are gone the other end notices.
    _open: mpsc::Sender<()>,
}

/// What a program that started us needs to know.
#[derive(Debug, Serialize)]
struct Serving {
    url: String,
    address: SocketAddr,
    token: Token,
}

/// Serves until a signal asks to stop. What was written is on disk after the core has stopped,
/// which is left to the caller.
///
/// # Errors
/// When the address cannot be listened on.
pub fn run(arguments: &cli::Serve, core: &Core, output: Output) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the threads that serve the interface")?
        .block_on(serve(arguments.listen, core.clone(), output))
}

/// Reads an address and refuses what other machines could reach.
pub fn loopback_address(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "expected ADDRESS:PORT, such as 127.0.0.1:8080".to_owned())?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(
        "other machines could reach this address, and the link opens every document; nothing was \
         started. Listen on 127.0.0.1 or [::1]; to work on another machine, start Tideline there \
         and connect both to a sync server, or forward the port with `ssh -L`"
            .to_owned(),
    )
}

async fn serve(listen: SocketAddr, core: Core, output: Output) -> Result<()> {
    let mut signals = StopSignals::listen()?;
    let listener = bind(listen).await?;
    let (stop, stopping) = watch::channel(false);
    let (open, mut all_closed) = mpsc::channel(1);
    let token = Token::random();
    announce(&listener, &token, output)?;

    let site = Site {
        core,
        token,
        stopping: stopping.clone(),
        _open: open,
    };
    let server = axum::serve(listener, router(site)).with_graceful_shutdown(stopped(stopping));
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        () = signals.received() => {}
        ended = &mut server => ended.context("the server ended by itself")??,
    }
    let _ = stop.send(true);
    let _ = timeout(GOODBYE_MAX, server).await;
    let _ = timeout(GOODBYE_MAX, all_closed.recv()).await;
    Ok(())
}

async fn bind(listen: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(listen).await.with_context(|| {
        format!(
            "cannot listen on {listen}; no document was touched. Is another program there? \
             `--listen 127.0.0.1:0` picks a free port"
        )
    })
}

fn announce(listener: &TcpListener, token: &Token, output: Output) -> Result<()> {
    let address = listener
        .local_addr()
        .context("cannot read the port that was given")?;
    let url = format!("http://{address}/#token={}", token.text());
    let serving = Serving {
        url,
        address,
        token: token.clone(),
    };
    output.result(&serving, |out| {
        writeln!(out, "Tideline is at {} (Ctrl-C stops it)", serving.url)
    })?;
    Ok(())
}

fn router(site: Site) -> Router {
    Router::new()
        .route("/bridge", get(bridge::open))
        .fallback(get(page::show))
        .layer(middleware::from_fn(guard::check))
        .with_state(site)
}

/// Returns when the server is to end.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_can_be_listened_on() {
        assert!(loopback_address("127.0.0.1:0").is_ok());
        assert!(loopback_address("[::1]:8080").is_ok());
        for open in ["0.0.0.0:80", "192.168.1.4:80", "[::]:80", "localhost"] {
            assert!(loopback_address(open).is_err(), "{open}");
        }
    }
}
