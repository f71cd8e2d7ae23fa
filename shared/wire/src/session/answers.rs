//! What the session does with each message of the server.

use tideline_model::{DocumentId, GroupId};

use super::document::{Followed, Subscription};
use super::link::Phase;
use super::machine::{NOT_NOW_MS, Sent, Session};
use super::{Alarm, Output, Status};
use crate::message::{
    BatchId, Cursor, GroupInfo, PROTOCOL_MAX, PROTOCOL_MIN, RefusalCode, Regarding, ServerMessage,
    Welcome,
};
use crate::sealed::SealedBatch;

impl Session {
    pub(super) fn frame(&mut self, frame: &[u8]) {
        if !self.link.is_open() {
            return;
        }
        self.link.heard(self.now_ms);
        let message = match ServerMessage::from_frame(frame) {
            Ok(message) => message,
            Err(error) => return self.broken(&error.to_string()),
        };
        match message {
            ServerMessage::Welcome(welcome) => self.welcome(welcome),
            ServerMessage::Refused {
                regarding,
                code,
                reason,
                retry_ms,
            } => self.refused(regarding, code, reason, retry_ms),
            _ if !self.link.is_online() => {
                self.broken("a message came before the welcome");
            }
            message => self.message(message),
        }
    }

    fn message(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Ack {
                batch_id, cursor, ..
            } => self.acknowledged(batch_id, cursor),
            ServerMessage::Subscribed {
                document,
                head,
                replica_seq,
            } => self.subscribed(document, head, replica_seq),
            ServerMessage::Events {
                document,
                batches,
                head,
            } => self.events(document, batches, head),
            ServerMessage::CatchUp { document, .. } => {
                if self.is_live(document) {
                    self.subscribe(document);
                }
            }
            ServerMessage::Documents { documents } => self.out.push(Output::Documents(documents)),
            ServerMessage::Groups { groups } => self.groups(groups),
            ServerMessage::Presence {
                document,
                from,
                bytes,
            } => {
                if self.is_live(document) {
                    self.out.push(Output::Presence {
                        document,
                        from,
                        bytes,
                    });
                }
            }
            ServerMessage::Digest {
                document,
                version,
                hash,
            } => {
                if self.is_live(document) {
                    self.out.push(Output::Digest {
                        document,
                        version,
                        hash,
                    });
                }
            }
            ServerMessage::Ranges { document, ranges } => {
                if self.is_live(document) {
                    self.out.push(Output::Ranges { document, ranges });
                }
            }
            ServerMessage::Pong | ServerMessage::Welcome(_) | ServerMessage::Refused { .. } => {}
        }
    }

    /// What was refused may be allowed now, and the other way round.
    fn groups(&mut self, groups: Vec<GroupInfo>) {
        let documents: Vec<(DocumentId, GroupId)> = self.documents.iter().map(of_group).collect();
        for (document, group) in documents {
            if groups.iter().any(|member| member.id == group) {
                self.unblock(document);
            } else {
                self.left(document);
            }
        }
        self.out.push(Output::Groups(groups));
    }

    fn unblock(&mut self, document: DocumentId) {
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        followed.blocked_until_ms = 0;
        match followed.subscription {
            Subscription::None => self.subscribe(document),
            Subscription::Live => {
                self.pushing.insert(document);
            }
            Subscription::Asked => {}
        }
    }

    /// The server says nothing more about a document whose group the user has left.
    fn left(&mut self, document: DocumentId) {
        self.forget_sent(&document);
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        if followed.subscription == Subscription::None {
            return;
        }
        followed.subscription = Subscription::None;
        followed.pushing = false;
        let reason = "You are no longer a member of this document's group on the server. What is on \
                      this machine stays here.";
        self.block(document, RefusalCode::NotMember, reason.to_owned(), None);
    }

    fn is_live(&self, document: DocumentId) -> bool {
        let followed = self.documents.get(&document);
        followed.is_some_and(|followed| followed.subscription == Subscription::Live)
    }

    fn welcome(&mut self, welcome: Welcome) {
        if self.link.is_online() || !(PROTOCOL_MIN..=PROTOCOL_MAX).contains(&welcome.protocol) {
            return self.broken(&format!("a welcome to protocol {}", welcome.protocol));
        }
        let (epoch, seen) = (welcome.epoch, self.options.epoch_seen);
        if epoch < seen {
            let alarm = Alarm::StaleServer { epoch, seen };
            let reason = alarm.to_string();
            self.out.push(Output::Alarm(alarm));
            return self.close(reason);
        }
        self.link.phase = Phase::Online {
            since_ms: self.now_ms,
        };
        self.protocol = welcome.protocol;
        self.options.epoch_seen = epoch;
        self.out.push(Output::Status(Status::Online));
        self.out.push(Output::Welcome {
            user: welcome.user,
            connection: welcome.connection,
            epoch,
        });
        if epoch > seen && seen > 0 {
            self.out.push(Output::EpochChanged { epoch });
            for followed in self.documents.values_mut() {
                followed.cursor = Cursor::START;
            }
        }
        self.out.push(Output::Groups(welcome.groups));
        self.out.push(Output::Documents(welcome.documents));
        let documents: Vec<DocumentId> = self.documents.keys().copied().collect();
        for document in documents {
            self.subscribe(document);
        }
    }

    fn subscribed(&mut self, document: DocumentId, head: Cursor, replica_seq: u64) {
        let replica = self.options.replica;
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        if followed.subscription != Subscription::Asked {
            return;
        }
        if head < followed.cursor {
            let received = followed.cursor;
            followed.cursor = Cursor::START;
            self.out.push(Output::Alarm(Alarm::ServerLostBatches {
                document,
                received,
                head,
            }));
            return self.subscribe(document);
        }
        followed.subscription = Subscription::Live;
        followed.head = head;
        let at_once = head == followed.cursor;
        if at_once {
            self.out.push(Output::Deliver {
                document,
                batches: Vec::new(),
                cursor: head,
                head,
            });
        }
        if !followed.pushing {
            followed.pushing = true;
            followed.outbox.restart();
            self.out.push(Output::ServerHas {
                document,
                replica,
                replica_seq,
            });
        }
        self.pushing.insert(document);
        self.timed.insert(document);
    }

    fn events(&mut self, document: DocumentId, batches: Vec<(Cursor, SealedBatch)>, head: Cursor) {
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        if followed.subscription != Subscription::Live {
            return;
        }
        let group = followed.group;
        let belongs = |batch: &SealedBatch| batch.document == document && batch.group == group;
        if !batches.iter().all(|(_, batch)| belongs(batch)) {
            return self.broken(&format!(
                "a batch of another document among those of {document}"
            ));
        }
        let expected = followed.cursor.next();
        let batches = match followed.take(batches) {
            Ok(batches) => batches,
            Err(found) => {
                let (found, expected) = (found.0, expected.0);
                return self.broken(&format!(
                    "batch {found} of {document} came where {expected} was due"
                ));
            }
        };
        followed.head = followed.head.max(head);
        let (cursor, head) = (followed.cursor, followed.head);
        self.out.push(Output::Deliver {
            document,
            batches,
            cursor,
            head,
        });
    }

    fn acknowledged(&mut self, id: BatchId, cursor: Cursor) {
        let Some(Sent { document, .. }) = self.answered(id) else {
            return;
        };
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        let Some(batch) = followed.outbox.acknowledge(id) else {
            return self.broken(&format!(
                "batches of {document} were acknowledged out of order"
            ));
        };
        followed.acknowledged(cursor);
        followed.gap_behind = None;
        self.out.push(Output::Acked {
            document,
            replica: batch.replica,
            last_seq: batch.last().seq,
            cursor: followed.cursor,
        });
        self.pushing.insert(document);
    }

    fn refused(
        &mut self,
        regarding: Regarding,
        code: RefusalCode,
        reason: String,
        retry_ms: Option<u32>,
    ) {
        match regarding {
            Regarding::Connection => self.connection_refused(code, reason, retry_ms),
            Regarding::Document(document) => {
                self.forget_sent(&document);
                if let Some(followed) = self.documents.get_mut(&document) {
                    followed.subscription = Subscription::None;
                    followed.pushing = false;
                    self.block(document, code, reason, retry_ms);
                }
            }
            Regarding::Batch(id) => self.batch_refused(id, code, reason, retry_ms),
        }
    }

    fn connection_refused(&mut self, code: RefusalCode, reason: String, retry_ms: Option<u32>) {
        self.link.wait_at_least(retry_ms);
        if let RefusalCode::StaleServer { epoch } = code {
            let seen = self.options.epoch_seen;
            let alarm = Alarm::StaleServer { epoch, seen };
            self.out.push(Output::Alarm(alarm));
        }
        if code.ends_session() {
            self.link.phase = Phase::Refusing;
            let status = Status::Refused {
                code,
                reason: reason.clone(),
            };
            self.out.push(Output::Status(status));
            self.out.push(Output::Disconnect { reason });
        } else {
            self.close(reason);
        }
    }

    fn batch_refused(
        &mut self,
        id: BatchId,
        code: RefusalCode,
        reason: String,
        retry_ms: Option<u32>,
    ) {
        let Some(&Sent { document, .. }) = self.in_flight.get(&id) else {
            return;
        };
        let Some(followed) = self.documents.get_mut(&document) else {
            return;
        };
        let replica = followed.outbox.find(id).map(|batch| batch.replica);
        self.forget_sent(&document);
        if let (RefusalCode::Gap { expected_seq }, Some(replica)) = (code, replica)
            && let Some(followed) = self.documents.get_mut(&document)
            && followed.note_gap(replica, expected_seq.saturating_sub(1))
        {
            let replica_seq = expected_seq.saturating_sub(1);
            self.out.push(Output::ServerHas {
                document,
                replica,
                replica_seq,
            });
            followed.outbox.restart();
            self.pushing.insert(document);
            return;
        }
        if code == RefusalCode::Conflict {
            self.out.push(Output::Alarm(Alarm::Conflict { document }));
        }
        self.block(document, code, reason, retry_ms);
    }

    fn block(
        &mut self,
        document: DocumentId,
        code: RefusalCode,
        reason: String,
        retry_ms: Option<u32>,
    ) {
        let retry_at_ms = retry_ms.map(|retry_ms| self.now_ms + u64::from(retry_ms));
        if let Some(followed) = self.documents.get_mut(&document) {
            followed.blocked_until_ms = retry_at_ms.unwrap_or(NOT_NOW_MS);
        }
        self.timed.insert(document);
        self.out.push(Output::Blocked {
            document,
            code,
            reason,
            retry_at_ms,
        });
    }
}

fn of_group((&document, followed): (&DocumentId, &Followed)) -> (DocumentId, GroupId) {
    (document, followed.group)
}
