//! What the client is told, one frame after the other, and pages of the log when it is behind.

use futures_util::SinkExt;
use tideline_model::UserId;
use tideline_wire::limits::DOCUMENTS_PER_FRAME_MAX;
use tideline_wire::{RefusalCode, Regarding, ServerMessage};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tracing::{debug, error};

use super::{GOODBYE, Shared, Sink};
use crate::database::DatabaseError;
use crate::log::{Log, Page};
use crate::outgoing::{CatchUp, Next, Outgoing, encode};
use crate::room::{Live, RoomKey};

/// A close frame holds no more.
const CLOSE_REASON_BYTES_MAX: usize = 123;
const STORAGE_RETRY_MS: u32 = 5_000;

/// Writes until the connection closes, or its reader takes nothing for a minute.
pub async fn write(id: u64, user: UserId, shared: &Shared, outgoing: &Outgoing, sink: &mut Sink) {
    loop {
        let goes_on = match outgoing.next_now() {
            Some(Next::Frame(frame)) => feed(shared, sink, frame).await,
            Some(Next::CatchUp(behind)) => read_on(id, user, shared, outgoing, sink, behind).await,
            Some(Next::Documents) => list_documents(id, user, shared, sink).await,
            Some(Next::Close(reason)) => {
                close(sink, &reason).await;
                false
            }
            None => {
                let flushed = in_time(shared, sink.flush()).await;
                if flushed {
                    outgoing.filled().await;
                }
                flushed
            }
        };
        if !goes_on {
            return;
        }
    }
}

/// Sends what is queued for somebody who is not let in.
pub async fn last_words(shared: &Shared, sink: &mut Sink, outgoing: &Outgoing) {
    let words = async {
        while let Some(next) = outgoing.next_now() {
            match next {
                Next::Frame(frame) => {
                    feed(shared, sink, frame).await;
                }
                Next::Close(reason) => close(sink, &reason).await,
                Next::CatchUp(_) | Next::Documents => {}
            }
        }
    };
    let _ = timeout(GOODBYE, words).await;
}

async fn feed(shared: &Shared, sink: &mut Sink, frame: Bytes) -> bool {
    in_time(shared, sink.feed(Message::Binary(frame))).await
}

async fn in_time<F>(shared: &Shared, sending: F) -> bool
where
    F: Future<Output = Result<(), tokio_tungstenite::tungstenite::Error>>,
{
    match timeout(shared.timeouts.dead, sending).await {
        Ok(Ok(())) => true,
        Ok(Err(fault)) => {
            debug!(%fault, "could not write");
            false
        }
        Err(_) => {
            debug!("the reader took nothing for too long");
            false
        }
    }
}

async fn close(sink: &mut Sink, reason: &str) {
    let mut end = reason.len().min(CLOSE_REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: reason[..end].into(),
    };
    let _ = timeout(GOODBYE, sink.send(Message::Close(Some(frame)))).await;
}

/// Sends a page of the log, and at its end has the hub take over.
async fn read_on(
    id: u64,
    user: UserId,
    shared: &Shared,
    outgoing: &Outgoing,
    sink: &mut Sink,
    mut behind: CatchUp,
) -> bool {
    let CatchUp {
        group, document, ..
    } = behind;
    let after = behind.cursor;
    let read = shared
        .readers
        .read(move |log| log.page(user, group, document, after));
    let page = match read.await {
        Ok(Some(page)) => page,
        Ok(None) => return refuse(outgoing, behind, None),
        Err(fault) => return refuse(outgoing, behind, Some(&fault)),
    };
    let Page { batches, head } = page;
    if let Some((last, _)) = batches.last() {
        behind.cursor = *last;
        let message = ServerMessage::Events {
            document,
            batches,
            head,
        };
        let Some(frame) = encode(&message) else {
            return false;
        };
        if !feed(shared, sink, frame).await {
            return false;
        }
    }
    let (subscription, cursor) = (behind.subscription, behind.cursor);
    if cursor < head {
        outgoing.continue_catch_up(behind);
        return true;
    }
    let key = RoomKey { group, document };
    match shared.hub.go_live(id, key, subscription, cursor).await {
        Live::Behind => outgoing.continue_catch_up(behind),
        Live::Yes | Live::Gone => {}
    }
    true
}

fn refuse(outgoing: &Outgoing, behind: CatchUp, fault: Option<&DatabaseError>) -> bool {
    let document = behind.document;
    let (code, reason, retry_ms) = match fault {
        None => (
            RefusalCode::NotMember,
            "You are no longer a member of this document's group on the server. What is on this \
             machine stays here.",
            None,
        ),
        Some(fault) => {
            error!(%fault, %document, "the log could not be read");
            (
                RefusalCode::Storage,
                "The server cannot read this document at the moment. Your changes are safe on this \
                 machine.",
                Some(STORAGE_RETRY_MS),
            )
        }
    };
    outgoing.answer(&ServerMessage::Refused {
        regarding: Regarding::Document(document),
        code,
        reason: reason.to_owned(),
        retry_ms,
    });
    true
}

async fn list_documents(id: u64, user: UserId, shared: &Shared, sink: &mut Sink) -> bool {
    let documents = match shared.readers.read(move |log| log.documents(user)).await {
        Ok(documents) => documents,
        Err(fault) => {
            // Without the list the client would miss documents; it asks again when it comes back.
            error!(id, %fault, "documents could not be listed");
            return false;
        }
    };
    for chunk in documents.chunks(DOCUMENTS_PER_FRAME_MAX) {
        let documents = chunk.to_vec();
        let Some(frame) = encode(&ServerMessage::Documents { documents }) else {
            return false;
        };
        if !feed(shared, sink, frame).await {
            return false;
        }
    }
    true
}
