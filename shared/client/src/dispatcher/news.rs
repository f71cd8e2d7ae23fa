//! What comes from the sync server. Remote events take the same way as local ones.

use tideline_model::{DocumentId, GroupId, Patch, ReplicaId, UserId};
use tideline_wire::SealedBatch;
use tideline_wire::message::version_digest;

use super::Dispatcher;
use crate::catalogue::Entry;
use crate::input::{Effect, Receipt, SyncNews};
use crate::open_document::{OpenDocument, merge};
use crate::protocol::{Message, NoticeLevel, ServerAddress, ServerStatus};

/// The setting that names the document of the first run, and how many events wrote it.
pub const WELCOME_SETTING: &str = "welcomeDocument";

/// The setting that holds the highest epoch of the server that was ever met.
pub const EPOCH_SETTING: &str = "serverEpoch";

impl Dispatcher {
    pub(super) fn news(&mut self, news: SyncNews) {
        match news {
            SyncNews::Status(status) => self.server_status(status),
            SyncNews::Welcome { user } => self.welcomed(user),
            SyncNews::Groups { url, groups } => self.groups(&url, groups),
            SyncNews::Document { group, document } => self.subscribe(group, document),
            SyncNews::Batches {
                group,
                document,
                batches,
                cursor,
            } => {
                self.batches(group, document, batches, cursor);
            }
            SyncNews::Acknowledged(receipt) => self.acknowledged(receipt),
            SyncNews::Presence {
                document,
                origin,
                bytes,
            } => {
                if self.presences.set(document, origin, bytes.as_deref()) {
                    self.send_carets(document);
                    self.tell_followers(document, origin);
                    let note = self.presences.note(document, origin);
                    if let Some(person) = note.map(|note| note.person.clone()) {
                        self.met(&person);
                    }
                }
            }
            SyncNews::Digest {
                document,
                version,
                hash,
            } => {
                self.compare(document, version, hash);
            }
            SyncNews::Ranges { document, ranges } => self.compare_ranges(document, &ranges),
            SyncNews::EpochChanged { epoch } => {
                let name = EPOCH_SETTING.to_owned();
                self.settings.insert(name.clone(), epoch.into());
                self.effects.push(Effect::SaveSetting(name, epoch.into()));
                self.effects.push(Effect::ForgetAcknowledgements);
            }
            SyncNews::Alarm(text) => self.alarm(text),
            SyncNews::ReplicaReused => self.effects.push(Effect::Renew),
        }
    }

    /// Batches need their document; what is about it waits behind batches that wait for it.
    pub(super) fn news_need(&self, news: &SyncNews) -> Option<DocumentId> {
        match news {
            SyncNews::Batches { document, .. } => Some(*document),
            SyncNews::Acknowledged(Receipt { document, .. })
            | SyncNews::Digest { document, .. }
            | SyncNews::Ranges { document, .. } => {
                Some(*document).filter(|document| self.loading.contains_key(document))
            }
            _ => None,
        }
    }

    pub(super) fn news_group(news: &SyncNews) -> Option<GroupId> {
        match news {
            SyncNews::Batches { group, .. } => Some(*group),
            _ => None,
        }
    }

    fn server_status(&mut self, status: ServerStatus) {
        let online = matches!(status, ServerStatus::Connected { .. });
        self.server = status;
        if !online {
            for document in self.presences.clear() {
                self.send_carets(document);
            }
        }
    }

    /// The server knows this device as `user`: from now on that is who writes here.
    fn welcomed(&mut self, (user, name): (UserId, String)) {
        if (user, name.as_str()) == (self.identity.user, self.identity.name.as_str()) {
            return;
        }
        (self.identity.user, self.identity.name) = (user, name.clone());
        self.effects.push(Effect::SaveUser(user, name));
        self.tell_settings();
    }

    /// The groups we are in on the server. Documents that were only on this machine go to the first.
    fn groups(&mut self, url: &str, groups: Vec<(GroupId, String)>) {
        for (group, name) in groups {
            self.catalogue.set_group_name(group, name.clone());
            self.effects.push(Effect::SaveGroup {
                group,
                name,
                url: url.to_owned(),
            });
        }
        let local = self.identity.local_group;
        let into = self.own_group();
        if into != local
            && !self.adopting
            && self
                .catalogue
                .documents()
                .any(|(_, entry)| entry.group == local)
        {
            let except = self.untouched_welcome().into_iter().collect();
            // What is typed or on its way to the disk goes with its document.
            self.documents
                .values_mut()
                .for_each(OpenDocument::end_typing);
            self.commit_unsaved();
            self.adopting = true;
            self.effects.push(Effect::Adopt { into, except });
        }
        let shared: Vec<(GroupId, DocumentId)> = self
            .catalogue
            .documents()
            .filter(|(_, entry)| self.catalogue.is_shared(entry.group))
            .map(|(document, entry)| (entry.group, document))
            .collect();
        shared
            .into_iter()
            .for_each(|(group, document)| self.subscribe(group, document));
        self.tell_documents();
        self.tell_settings();
    }

    /// The document of the first run, while nobody has written in it but the lessons.
    pub(super) fn untouched_welcome(&self) -> Option<DocumentId> {
        let setting = self.settings.get(WELCOME_SETTING)?;
        let document = setting.get("document")?.as_str()?.parse().ok()?;
        let events = setting.get("events")?.as_u64()?;
        let pending = self
            .documents
            .get(&document)
            .map(OpenDocument::pending_disk);
        let written = self.outbox.get(&document)? + u64::from(pending.unwrap_or(0));
        (written == events).then_some(document)
    }

    pub(super) fn adopted(&mut self, group: GroupId, documents: &[DocumentId]) {
        self.adopting = false;
        self.catalogue.adopt(group, documents);
        for document in documents {
            if let Some(open) = self.documents.get_mut(document) {
                open.group = group;
            }
            self.subscribe(group, *document);
        }
        self.tell_documents();
    }

    fn batches(
        &mut self,
        group: GroupId,
        document: DocumentId,
        batches: Vec<SealedBatch>,
        cursor: u64,
    ) {
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        let mut patch = Patch::default();
        let mut refused = None;
        for batch in batches {
            match open.receive(batch) {
                Ok(more) => merge(&mut patch, more),
                Err(reason) => {
                    refused = Some(reason);
                    break;
                }
            }
        }
        if refused.is_some() {
            self.behind.insert(document);
        } else if !self.behind.contains(&document) {
            open.reached(cursor);
        }
        let is_new = self.catalogue.get(document).is_none();
        if is_new {
            let entry = Entry::untitled(group, self.now_ms);
            self.catalogue.insert(document, entry);
        }
        self.broadcast(document, &patch, None);
        if is_new {
            self.tell_documents();
        }
        if let Some(reason) = refused {
            self.alarm(format!(
                "Changes from the server could not be read: {reason}. What is on this computer is \
                 safe; this document stays as it is until Tideline is updated or the server sends \
                 something readable."
            ));
        }
    }

    /// A receipt's cursor must not reach the disk before what was delivered up to it: an open document
    /// stores it along with that.
    fn acknowledged(&mut self, mut receipt: Receipt) {
        let Some(group) = self
            .catalogue
            .get(receipt.document)
            .map(|entry| entry.group)
        else {
            return;
        };
        if self.behind.contains(&receipt.document) {
            receipt.cursor = None;
        }
        if let Some(open) = self.documents.get_mut(&receipt.document)
            && let Some(cursor) = receipt.cursor.take()
        {
            open.reached(cursor);
        }
        self.effects.push(Effect::Acknowledge(group, receipt));
    }

    /// So many events of the document wait in the outbox, as the disk has it.
    pub(super) fn outbox_size(&mut self, document: DocumentId, events: u64) {
        self.outbox.insert(document, events);
        if let Some(open) = self.documents.get_mut(&document).filter(|_| events == 0) {
            open.is_digest_due = true;
            self.send_digest(document);
        }
    }

    /// Tells the others what this document looks like here, once nothing of it is on the way.
    pub(super) fn send_digest(&mut self, document: DocumentId) {
        let Some(open) = self
            .documents
            .get_mut(&document)
            .filter(|open| open.is_digest_due && open.is_settled())
        else {
            return;
        };
        open.is_digest_due = false;
        let version = version_digest(&open.document.version());
        let hash = open.document.hash();
        self.effects.push(Effect::Digest {
            document,
            version,
            hash,
        });
    }

    pub(super) fn alarm(&mut self, text: String) {
        self.tell_all(&Message::Notice {
            level: NoticeLevel::Error,
            text,
        });
    }

    fn server_address(&self) -> Option<ServerAddress> {
        serde_json::from_value(self.settings.get(super::SERVER_SETTING)?.clone()).ok()
    }

    pub(super) fn renewed(&mut self, replica: ReplicaId, next_line_number: u64) {
        self.identity.replica = replica;
        self.identity.next_line_number = next_line_number;
        self.effects.push(Effect::Connect(self.server_address()));
        let line_prefix = format!("line_{}_", replica.0.simple());
        let connections: Vec<_> = self.interfaces.keys().copied().collect();
        for connection in connections {
            let first_number = self.take_line_numbers(super::LINE_NUMBERS_PER_INTERFACE);
            let numbers = super::LINE_NUMBERS_PER_INTERFACE as u32;
            let line_prefix = line_prefix.clone();
            self.tell(
                connection,
                Message::LineNumbers {
                    line_prefix,
                    first_number,
                    numbers,
                },
            );
        }
    }
}
