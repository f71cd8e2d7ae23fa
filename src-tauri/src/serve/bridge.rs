//! One browser tab's conversation with the core: JSON text frames over a websocket, one command or
//! message a frame. Understands the frame, never the documents.

use std::pin::pin;

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tideline_client::Interface;
use tideline_client::protocol::{Command, Message, NoticeLevel};

use super::{Site, stopped};

/// A paste is one command; this is a novel of a few volumes.
const COMMAND_SIZE_MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Deserialize)]
pub struct Entry {
    #[serde(default)]
    token: String,
}

/// Opens the websocket for who has the token.
pub async fn open(
    State(site): State<Site>,
    Query(entry): Query<Entry>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !site.token.matches(&entry.token) {
        let refusal = "This link is from an earlier start. Use the link that Tideline printed.\n";
        return (StatusCode::FORBIDDEN, refusal).into_response();
    }
    upgrade
        .max_message_size(COMMAND_SIZE_MAX_BYTES)
        .max_frame_size(COMMAND_SIZE_MAX_BYTES)
        .on_upgrade(move |socket| converse(socket, site))
}

/// Ends when the tab goes away, when the core stops, or when the server does. The panels of the
/// tab close with it.
async fn converse(mut socket: WebSocket, site: Site) {
    let (interface, mut messages) = site.core.attach();
    let mut stopped = pin!(stopped(site.stopping.clone()));
    let ended = loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => if !send(&mut socket, &message).await { break "gone" },
                None => break "the core has stopped",
            },
            frame = socket.recv() => match frame {
                Some(Ok(frame)) => if !receive(&mut socket, &interface, frame).await { break "gone" },
                Some(Err(_)) | None => break "gone",
            },
            () = &mut stopped => break "Tideline was ended",
        }
    };
    let goodbye = CloseFrame {
        code: close_code::AWAY,
        reason: ended.into(),
    };
    let _ = socket.send(Frame::Close(Some(goodbye))).await;
}

/// Says whether the tab is still there.
async fn send(socket: &mut WebSocket, message: &Message) -> bool {
    match serde_json::to_string(message) {
        Ok(text) => socket.send(Frame::Text(text.into())).await.is_ok(),
        Err(error) => {
            tracing::error!(%error, "a message to the interface has no JSON form");
            true
        }
    }
}

/// Says whether the tab is still there.
async fn receive(socket: &mut WebSocket, interface: &Interface, frame: Frame) -> bool {
    let command = match frame {
        Frame::Text(text) => serde_json::from_str::<Command>(&text).map_err(|e| e.to_string()),
        Frame::Binary(_) => Err("a binary frame".to_owned()),
        Frame::Ping(_) | Frame::Pong(_) => return true,
        Frame::Close(_) => return false,
    };
    match command {
        Ok(command) => {
            interface.send(command);
            true
        }
        Err(reason) => send(socket, &misunderstood(&reason)).await,
    }
}

fn misunderstood(reason: &str) -> Message {
    Message::Notice {
        level: NoticeLevel::Error,
        text: format!(
            "Tideline did not understand this page ({reason}). What is in the documents is safe; \
             the last action did not happen. Load the page again."
        ),
    }
}
