//! A patch on its way from a document to everybody who shows some of it.

use tideline_model::{DocumentId, GroupId, Intent, IntentError, LineId, Patch};

use super::Dispatcher;
use super::command::{HOME_GROUP_SETTING, next_patch, patch_message};
use crate::catalogue::is_deleted;
use crate::input::{ConnectionId, Effect};
use crate::panel::breadcrumb;
use crate::portion::portions;
use crate::protocol::Message;

/// The panel that a patch comes from: it has drawn its own text already.
pub(super) type Origin = Option<(ConnectionId, u32)>;

impl Dispatcher {
    /// Carries out an intent that came from no panel.
    pub(super) fn apply(&mut self, document: DocumentId, intent: &Intent) {
        let stamp = self.stamp();
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        match open.edit(intent, stamp) {
            Ok(patch) => self.broadcast(document, &patch, None),
            Err(error) => self.warn(None, format!("This could not be done: {error}.")),
        }
    }

    /// Carries out an intent, in portions when it is large; one patch after the other is put into
    /// `patches`.
    pub(super) fn carry_out(
        &mut self,
        document: DocumentId,
        intent: Intent,
        patches: &mut Patch,
    ) -> Result<(), IntentError> {
        let stamp = self.stamp();
        let Some(open) = self.documents.get_mut(&document) else {
            return Ok(());
        };
        let portions = portions(intent);
        if portions.len() > 1 {
            open.begin_long_gesture();
        }
        for portion in portions {
            let patch = open.edit(&portion, stamp)?;
            crate::open_document::merge(patches, patch);
        }
        Ok(())
    }

    /// What is written until the gesture ends cannot be undone: the document begins with it.
    pub(super) fn begin_founding(&mut self, document: DocumentId) {
        if let Some(open) = self.documents.get_mut(&document) {
            open.begin_founding();
        }
    }

    pub(super) fn end_gesture(&mut self, document: DocumentId) {
        if let Some(open) = self.documents.get_mut(&document) {
            open.end_gesture();
        }
    }

    /// Brings every panel, and the list of documents, up to date with an applied patch.
    pub(super) fn broadcast(&mut self, document: DocumentId, patch: &Patch, origin: Origin) {
        if patch.is_empty() {
            return;
        }
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        open.used_ms = self.now_ms;
        let mut closed = Vec::new();
        let mut looking = Vec::new();
        for (connection, interface) in &mut self.interfaces {
            for (number, slot) in &mut interface.panels {
                if slot.document != document || !slot.opened {
                    continue;
                }
                let own = origin == Some((*connection, *number));
                let was_done = !slot.panel.looks_on();
                let Ok(changes) = slot.panel.update(&open.document, patch, own) else {
                    closed.push((*connection, *number));
                    continue;
                };
                if was_done && slot.panel.looks_on() {
                    looking.push((*connection, *number));
                }
                if !own {
                    let message = patch_message(*number, slot, changes);
                    self.effects
                        .extend(message.map(|message| Effect::Tell(*connection, message)));
                    continue;
                }
                // The origin hears of its edit even when nothing else changed: that is its receipt.
                let message = next_patch(*number, slot, changes);
                self.effects.push(Effect::Tell(*connection, message));
            }
        }
        closed
            .into_iter()
            .for_each(|(connection, panel)| self.leave_root(connection, panel));
        looking
            .into_iter()
            .for_each(|(connection, panel)| self.tell_filtered(connection, panel));
        self.refresh_titles(document, patch);
        self.refresh_catalogue(document, patch);
    }

    /// The zoomed line is gone: the panel shows the whole document again.
    fn leave_root(&mut self, connection: ConnectionId, panel: u32) {
        if let Some(slot) = self.slot(connection, panel) {
            slot.panel.zoom(None);
        }
        self.send_rows(connection, panel);
    }

    pub(super) fn refresh_titles(&mut self, document: DocumentId, patch: &Patch) {
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        for (connection, interface) in &mut self.interfaces {
            for (number, slot) in &mut interface.panels {
                let zoomed = slot.panel.root().is_some();
                if slot.document != document || !slot.opened || !(patch.title || zoomed) {
                    continue;
                }
                let title = open.document.title().to_owned();
                let breadcrumb = breadcrumb(&open.document, slot.panel.root());
                if slot.title != title || slot.crumbs != breadcrumb {
                    (slot.title, slot.crumbs) = (title.clone(), breadcrumb.clone());
                    let message = Message::PanelTitle {
                        panel: *number,
                        title,
                        breadcrumb,
                    };
                    self.effects.push(Effect::Tell(*connection, message));
                }
            }
        }
    }

    pub(super) fn refresh_catalogue(&mut self, document: DocumentId, patch: &Patch) {
        let about_itself = patch.title || patch.lines.contains(&LineId::ROOT);
        let known = self
            .catalogue
            .get(document)
            .is_some_and(|entry| !entry.title.is_empty());
        if !about_itself && known {
            return;
        }
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        if !self
            .catalogue
            .refresh(open.group, &open.document, self.now_ms)
        {
            return;
        }
        if is_deleted(&open.document) {
            self.close_panels_of(document);
        }
        self.tell_documents();
    }

    /// Every interface hears which documents there are now.
    pub(super) fn tell_documents(&mut self) {
        let documents = self.catalogue.entries();
        self.tell_all(&Message::Documents { documents });
    }

    fn close_panels_of(&mut self, document: DocumentId) {
        let showing: Vec<(ConnectionId, u32)> = self
            .interfaces
            .iter()
            .flat_map(|(connection, interface)| {
                let panels = interface
                    .panels
                    .iter()
                    .filter(|(_, slot)| slot.document == document);
                panels.map(|(number, _)| (*connection, *number))
            })
            .collect();
        for (connection, panel) in showing {
            self.close_panel(connection, panel, "This document was moved to the bin.");
        }
    }

    pub(super) fn send_carets(&mut self, document: DocumentId) {
        let carets = self.presences.carets(document);
        for (connection, interface) in &self.interfaces {
            for (panel, slot) in &interface.panels {
                if slot.document == document {
                    let message = Message::Carets {
                        panel: *panel,
                        carets: carets.clone(),
                    };
                    self.effects.push(Effect::Tell(*connection, message));
                }
            }
        }
    }

    /// The group that new documents go to: the one that was chosen, else the first one on a server,
    /// else the local one.
    pub(super) fn home_group(&self) -> GroupId {
        let chosen = self
            .settings
            .get(HOME_GROUP_SETTING)
            .and_then(serde_json::Value::as_str);
        chosen
            .and_then(|group| group.parse().ok())
            .filter(|group| self.catalogue.is_shared(*group))
            .unwrap_or_else(|| self.own_group())
    }

    /// The group that documents of this machine alone go to when a server is connected.
    pub(super) fn own_group(&self) -> GroupId {
        self.catalogue
            .first_shared()
            .unwrap_or(self.identity.local_group)
    }
}
