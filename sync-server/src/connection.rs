//! One connection from its first byte to its last: handshake, hello, then what the client says and
//! what it is told, side by side, until one of them ends.
//!
//! Opens no payload and keeps no batch: the log and the hub do.

mod greeting;
mod reading;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{SplitSink, SplitStream};
use tideline_wire::limits::{AUTHENTICATION_MS, DEAD_MS, FRAME_BYTES_MAX, HANDSHAKE_MS};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{StatusCode, header::ORIGIN};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use tracing::debug;

use crate::directory::Access;
use crate::hub::Hub;
use crate::log::{AppenderHandle, Readers};
use crate::outgoing::Outgoing;

type Socket = WebSocketStream<TcpStream>;
type Sink = SplitSink<Socket, Message>;
type Source = SplitStream<Socket>;

/// Small, because most connections are idle: with tungstenite's default of 128 KiB, ten thousand of
/// them take more than a gibibyte.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// How long a client is given to read the last words.
const GOODBYE: Duration = Duration::from_secs(3);
/// Pushes of one connection that are being dealt with.
const PUSHES_UNDER_WAY_MAX: usize = 64;

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    pub handshake: Duration,
    pub authentication: Duration,
    /// Without a word, or without reading one.
    pub dead: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_millis(HANDSHAKE_MS),
            authentication: Duration::from_millis(AUTHENTICATION_MS),
            dead: Duration::from_millis(DEAD_MS),
        }
    }
}

/// What all connections share.
pub struct Shared {
    pub timeouts: Timeouts,
    pub readers: Readers,
    pub appender: AppenderHandle,
    pub hub: Hub,
    /// Rises when accounts have changed.
    pub accounts: watch::Receiver<i64>,
    /// Web pages from these origins may connect; programs send none and always may.
    pub allowed_origins: Vec<String>,
}

/// A connection whose user is known.
struct Visit {
    id: u64,
    shared: Arc<Shared>,
    outgoing: Arc<Outgoing>,
    access: Access,
    pushes: Arc<Semaphore>,
}

/// Serves one connection until it ends.
pub async fn serve(id: u64, stream: TcpStream, shared: Arc<Shared>) {
    let accepted = timeout(
        shared.timeouts.handshake,
        accept(stream, &shared.allowed_origins),
    );
    let Ok(Some(socket)) = accepted.await else {
        debug!(id, "no websocket handshake");
        return;
    };
    let (mut sink, mut source) = socket.split();
    let accounts = shared.accounts.clone();
    let outgoing = Arc::new(Outgoing::default());
    let greeted = greeting::greet(id, &mut source, &shared, &outgoing).await;
    match greeted {
        Some(access) => {
            let pushes = Arc::new(Semaphore::new(PUSHES_UNDER_WAY_MAX));
            let visit = Visit {
                id,
                shared: Arc::clone(&shared),
                outgoing,
                access,
                pushes,
            };
            converse(visit, &mut source, &mut sink, accounts).await;
            shared.hub.gone(id).await;
        }
        None => writing::last_words(&shared, &mut sink, &outgoing).await,
    }
    // Closing a socket with unread bytes would take back what the client has not read yet.
    let rest = async { while let Some(Ok(_)) = source.next().await {} };
    let _ = timeout(GOODBYE, rest).await;
    debug!(id, "connection ended");
}

async fn converse(
    visit: Visit,
    source: &mut Source,
    sink: &mut Sink,
    accounts: watch::Receiver<i64>,
) {
    let (id, shared) = (visit.id, Arc::clone(&visit.shared));
    let outgoing = Arc::clone(&visit.outgoing);
    let user = visit.access.user.id;
    let mut writing = std::pin::pin!(writing::write(id, user, &shared, &outgoing, sink));
    tokio::select! {
        () = reading::read(visit, source, accounts) => {
            outgoing.close("goodbye");
            let _ = timeout(GOODBYE, &mut writing).await;
        }
        () = &mut writing => {}
    }
}

async fn accept(stream: TcpStream, allowed_origins: &[String]) -> Option<Socket> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES + 2 * FRAME_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    #[expect(
        clippy::result_large_err,
        reason = "the websocket library asks for this type"
    )]
    let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let mut origins = request.headers().get_all(ORIGIN).iter();
        let allowed = origins.all(|origin| {
            let text = origin.to_str().unwrap_or_default();
            allowed_origins.iter().any(|allowed| allowed == text)
        });
        if allowed {
            return Ok(response);
        }
        debug!("refused a web page of another origin");
        let mut refusal = ErrorResponse::new(Some("this origin is not allowed".to_owned()));
        *refusal.status_mut() = StatusCode::FORBIDDEN;
        Err(refusal)
    };
    match accept_hdr_async_with_config(stream, check, Some(config)).await {
        Ok(socket) => Some(socket),
        Err(fault) => {
            debug!(%fault, "handshake failed");
            None
        }
    }
}
