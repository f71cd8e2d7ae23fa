//! The first message: which version, who is it, and what there is for them.

use std::sync::Arc;

use futures_util::StreamExt;
use tideline_model::id::DeviceId;
use tideline_wire::limits::DOCUMENTS_PER_FRAME_MAX;
use tideline_wire::message::{PROTOCOL_MAX, PROTOCOL_MIN, common_protocol, hello_versions};
use tideline_wire::{ClientMessage, DocumentHead, Hello, RefusalCode, ServerMessage, Welcome};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tracing::{debug, info};

use super::{Shared, Source};
use crate::database::DatabaseError;
use crate::directory::{self, Access};
use crate::log::{Log, Readers};
use crate::outgoing::Outgoing;
use crate::room::Guest;

/// Why somebody is not let in.
struct Rejection {
    code: RefusalCode,
    reason: String,
    retry_ms: Option<u32>,
}

const STORAGE_RETRY_MS: u32 = 5_000;

/// Waits for the hello and answers it. `None` when the connection is to end; the reason is queued.
pub async fn greet(
    id: u64,
    source: &mut Source,
    shared: &Shared,
    outgoing: &Arc<Outgoing>,
) -> Option<Access> {
    let hello = timeout(shared.timeouts.authentication, first_frame(source));
    let Ok(frame) = hello.await else {
        debug!(id, "no hello in time");
        outgoing.close("no hello in time");
        return None;
    };
    let Some(frame) = frame else {
        outgoing.close("no hello");
        return None;
    };
    match let_in(id, &frame, shared, outgoing).await {
        Ok(access) => {
            info!(id, user = %access.user.name, "connected");
            Some(access)
        }
        Err(rejection) => {
            info!(id, code = ?rejection.code, "not let in");
            outgoing.refuse(rejection.code, &rejection.reason, rejection.retry_ms);
            None
        }
    }
}

/// Nothing when the socket closes, or speaks text.
async fn first_frame(source: &mut Source) -> Option<Bytes> {
    loop {
        match source.next().await? {
            Ok(Message::Binary(frame)) => return Some(frame),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(_) | Err(_) => return None,
        }
    }
}

async fn let_in(
    id: u64,
    frame: &[u8],
    shared: &Shared,
    outgoing: &Arc<Outgoing>,
) -> Result<Access, Rejection> {
    let protocol = protocol(frame)?;
    let hello = hello(frame)?;
    let token = hello.token;
    let found = shared.readers.read(move |log| {
        let connection = log.connection();
        let epoch = directory::epoch(connection)?;
        let device = directory::device_of_token(connection, &token)?;
        let access = device.map(|device| directory::access(connection, device));
        Ok((epoch, access.transpose()?.flatten()))
    });
    let (epoch, access) = found.await.map_err(|fault| unavailable(&fault))?;
    if hello.epoch_seen > epoch {
        return Err(stale(epoch, hello.epoch_seen));
    }
    let access = access.ok_or_else(bad_token)?;
    // It is shown on terminals.
    let device = hello.device.chars().filter(|c| !c.is_control());
    shared.appender.seen(access.device, device.collect());
    let groups = access.groups.iter().map(|group| group.id).collect();
    shared
        .hub
        .enter(Guest {
            connection: id,
            protocol,
            user: access.user.clone(),
            groups,
            outgoing: Arc::clone(outgoing),
        })
        .await;
    // From here on new documents are announced; the welcome goes in front of those.
    let user = access.user.id;
    let documents = match shared.readers.read(move |log| log.documents(user)).await {
        Ok(documents) => documents,
        Err(fault) => {
            shared.hub.gone(id).await;
            return Err(unavailable(&fault));
        }
    };
    let mut chunks = documents.chunks(DOCUMENTS_PER_FRAME_MAX);
    let first = chunks.next().unwrap_or_default();
    let further: Vec<&[DocumentHead]> = chunks.collect();
    for documents in further.into_iter().rev() {
        let documents = documents.to_vec();
        outgoing.answer_first(&ServerMessage::Documents { documents });
    }
    outgoing.answer_first(&ServerMessage::Welcome(Welcome {
        protocol,
        epoch,
        connection: id,
        user: access.user.clone(),
        groups: access.groups.clone(),
        documents: first.to_vec(),
    }));
    Ok(access)
}

/// What a device may do now. `None` when its token was revoked.
pub async fn access(readers: &Readers, device: DeviceId) -> Result<Option<Access>, DatabaseError> {
    let read = readers.read(move |log| Ok(directory::access(log.connection(), device)?));
    read.await
}

fn protocol(frame: &[u8]) -> Result<u16, Rejection> {
    let Some((min, max)) = hello_versions(frame) else {
        return Err(malformed("the first message is not a hello"));
    };
    common_protocol(min, max).ok_or_else(|| Rejection {
        code: RefusalCode::Version,
        reason: format!(
            "This server speaks protocol {PROTOCOL_MIN} to {PROTOCOL_MAX}, this program {min} to \
             {max}. Your changes are safe on this machine. {}",
            if min > PROTOCOL_MAX {
                "The server has to be updated."
            } else {
                "Update the program."
            }
        ),
        retry_ms: None,
    })
}

fn hello(frame: &[u8]) -> Result<Hello, Rejection> {
    match ClientMessage::from_frame(frame) {
        Ok(ClientMessage::Hello(hello)) => Ok(hello),
        Ok(_) => Err(malformed("the first message is not a hello")),
        Err(fault) => Err(malformed(&fault.to_string())),
    }
}

fn malformed(what: &str) -> Rejection {
    Rejection {
        code: RefusalCode::Malformed,
        reason: format!("The server does not understand this program: {what}."),
        retry_ms: None,
    }
}

fn bad_token() -> Rejection {
    Rejection {
        code: RefusalCode::BadToken,
        reason: "The server does not know this token, or it was revoked. Your changes are safe on \
                 this machine. Ask whoever runs the server for a new token."
            .to_owned(),
        retry_ms: None,
    }
}

fn stale(epoch: u64, seen: u64) -> Rejection {
    Rejection {
        code: RefusalCode::StaleServer { epoch },
        reason: format!(
            "This server is an outdated copy: it is of epoch {epoch}, you have met epoch {seen}. \
             Nothing was sent to it; your changes are safe on this machine."
        ),
        retry_ms: None,
    }
}

fn unavailable(fault: &DatabaseError) -> Rejection {
    tracing::error!(%fault, source = ?fault, "a connection could not be looked up");
    Rejection {
        code: RefusalCode::Storage,
        reason: "The server cannot read its database at the moment. Your changes are safe on this \
                 machine."
            .to_owned(),
        retry_ms: Some(STORAGE_RETRY_MS),
    }
}
