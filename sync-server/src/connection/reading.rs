//! What the client says, one message after the other. Each verb checks that the user may.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::StreamExt;
use tideline_model::{DocumentId, GroupId, ReplicaId};
use tideline_wire::limits::SUBSCRIPTIONS_PER_CONNECTION_MAX;
use tideline_wire::{
    BatchId, ClientMessage, Cursor, RefusalCode, Regarding, SealedBatch, ServerMessage,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{Error, Message};
use tracing::{debug, error, info};

use super::{Source, Visit, greeting};
use crate::log::{Log, Push};
use crate::outgoing::CatchUp;
use crate::room::RoomKey;

const STORAGE_RETRY_MS: u32 = 5_000;

/// Listens until the client goes, breaks the protocol, falls silent, or its token is revoked.
pub async fn read(mut visit: Visit, source: &mut Source, mut accounts: watch::Receiver<i64>) {
    let mut subscribed = HashSet::new();
    let dead = visit.shared.timeouts.dead;
    let mut silent_until = Instant::now() + dead;
    loop {
        let message = tokio::select! {
            message = source.next() => message,
            Ok(()) = accounts.changed() => {
                if !visit.refresh(&mut subscribed).await {
                    return;
                }
                continue;
            }
            () = sleep_until(silent_until) => {
                debug!(id = visit.id, "silent for too long");
                return visit.outgoing.close("nothing was heard for too long");
            }
        };
        silent_until = Instant::now() + dead;
        let goes_on = match message {
            Some(Ok(Message::Binary(frame))) => visit.hear(&frame, &mut subscribed).await,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
            Some(Ok(Message::Text(_))) => visit.malformed("text where bytes were expected"),
            Some(Ok(Message::Close(_) | Message::Frame(_))) | None => false,
            Some(Err(Error::Capacity(fault))) => visit.malformed(&fault.to_string()),
            Some(Err(Error::Protocol(fault))) => visit.malformed(&fault.to_string()),
            Some(Err(fault)) => {
                debug!(id = visit.id, %fault, "connection broke");
                false
            }
        };
        if !goes_on || !visit.outgoing.room_for_answers().await {
            return;
        }
    }
}

impl Visit {
    fn malformed(&self, what: &str) -> bool {
        info!(id = self.id, what, "a message that breaks the protocol");
        let reason = format!("The server does not understand this program: {what}.");
        self.outgoing.refuse(RefusalCode::Malformed, &reason, None);
        false
    }

    /// Looks up again who this is and what they may. False when they may nothing any more.
    async fn refresh(&mut self, subscribed: &mut HashSet<RoomKey>) -> bool {
        let looked_up = greeting::access(&self.shared.readers, self.access.device).await;
        let access = match looked_up {
            Ok(Some(access)) => access,
            Ok(None) => {
                info!(id = self.id, "the token was revoked");
                let reason = "The token of this machine was revoked. Your changes are safe on this \
                              machine. Ask whoever runs the server for a new token.";
                self.outgoing.refuse(RefusalCode::BadToken, reason, None);
                return false;
            }
            Err(fault) => {
                error!(%fault, "accounts could not be looked up");
                self.outgoing.close("accounts could not be looked up");
                return false;
            }
        };
        if access.groups == self.access.groups {
            return true;
        }
        self.access = access;
        let groups: HashSet<GroupId> = self.access.groups.iter().map(|group| group.id).collect();
        subscribed.retain(|key| groups.contains(&key.group));
        self.shared.hub.set_groups(self.id, groups).await;
        self.outgoing.answer(&ServerMessage::Groups {
            groups: self.access.groups.clone(),
        });
        self.outgoing.list_documents();
        true
    }

    /// Carries out one message. False when it was the last.
    async fn hear(&mut self, frame: &[u8], subscribed: &mut HashSet<RoomKey>) -> bool {
        let message = match ClientMessage::from_frame(frame) {
            Ok(message) => message,
            Err(fault) => return self.malformed(&fault.to_string()),
        };
        match message {
            ClientMessage::Hello(_) => return self.malformed("a second hello"),
            ClientMessage::Subscribe {
                group,
                document,
                cursor,
                replica,
            } => {
                let key = RoomKey { group, document };
                self.subscribe(key, cursor, replica, subscribed).await;
            }
            ClientMessage::Unsubscribe { group, document } => {
                let key = RoomKey { group, document };
                if subscribed.remove(&key) {
                    self.shared.hub.leave(self.id, key).await;
                }
            }
            ClientMessage::Push { batch_id, batch } => return self.push(batch_id, batch).await,
            ClientMessage::Presence {
                group,
                document,
                bytes,
            } => {
                let key = RoomKey { group, document };
                if self.access.role_in(group).is_some() && subscribed.contains(&key) {
                    self.shared.hub.presence(self.id, key, bytes).await;
                }
            }
            ClientMessage::Digest {
                group,
                document,
                version,
                hash,
            } => {
                let key = RoomKey { group, document };
                if self.access.role_in(group).is_some() && subscribed.contains(&key) {
                    self.shared.hub.digest(self.id, key, version, hash).await;
                }
            }
            ClientMessage::Ranges {
                group,
                document,
                ranges,
            } => {
                let key = RoomKey { group, document };
                if self.access.role_in(group).is_some() && subscribed.contains(&key) {
                    self.shared.hub.ranges(self.id, key, ranges).await;
                }
            }
            ClientMessage::Ping => self.outgoing.answer(&ServerMessage::Pong),
        }
        true
    }

    async fn subscribe(
        &mut self,
        key: RoomKey,
        cursor: Cursor,
        replica: ReplicaId,
        subscribed: &mut HashSet<RoomKey>,
    ) {
        let RoomKey { group, document } = key;
        let full = subscribed.len() >= SUBSCRIPTIONS_PER_CONNECTION_MAX;
        if full && !subscribed.contains(&key) {
            let reason = "Too many documents are followed at once.";
            return self.refuse_document(document, RefusalCode::Busy, reason, None);
        }
        // The seat comes first: what is committed from here on is not missed.
        let subscription = self.shared.hub.join(self.id, key).await;
        subscribed.insert(key);
        let user = self.access.user.id;
        let read = self
            .shared
            .readers
            .read(move |log| log.position(user, group, document, replica));
        let position = match read.await {
            Ok(Some(position)) => position,
            Ok(None) => {
                subscribed.remove(&key);
                self.shared.hub.leave(self.id, key).await;
                let reason = "You are not a member of this document's group on the server. What is \
                              on this machine stays here. Ask an owner of the group to add you.";
                return self.refuse_document(document, RefusalCode::NotMember, reason, None);
            }
            Err(fault) => {
                error!(%fault, %document, "a document could not be read");
                subscribed.remove(&key);
                self.shared.hub.leave(self.id, key).await;
                let reason = "The server cannot read this document at the moment. Your changes are \
                              safe on this machine.";
                let retry_ms = Some(STORAGE_RETRY_MS);
                return self.refuse_document(document, RefusalCode::Storage, reason, retry_ms);
            }
        };
        self.outgoing.answer(&ServerMessage::Subscribed {
            document,
            head: position.head,
            replica_seq: position.replica_seq,
        });
        // Whoever is ahead of the log has to ask again from its start.
        if cursor <= position.head {
            self.outgoing.catch_up(CatchUp {
                group,
                document,
                cursor,
                subscription,
            });
        }
    }

    fn refuse_document(
        &self,
        document: DocumentId,
        code: RefusalCode,
        reason: &str,
        retry_ms: Option<u32>,
    ) {
        self.outgoing.answer(&ServerMessage::Refused {
            regarding: Regarding::Document(document),
            code,
            reason: reason.to_owned(),
            retry_ms,
        });
    }

    /// Hands a batch to the writer of the log, which checks the user's right in its transaction.
    async fn push(&self, batch_id: BatchId, batch: SealedBatch) -> bool {
        let Ok(permit) = Arc::clone(&self.pushes).acquire_owned().await else {
            return false;
        };
        let push = Push {
            connection: self.id,
            batch_id,
            user: self.access.user.id,
            batch,
            permits: vec![permit],
        };
        self.shared.appender.push(push).await
    }
}
