//! What waits for a document that is being read: one queue a document, in the order in which it was
//! asked for. A panel that waits shows the rows that the store has, and takes edits. What a panel that
//! has gone meanwhile was written into is carried out all the same.

use std::collections::VecDeque;

use tideline_model::{DocumentId, GroupId, Patch};
use tideline_store::LineRow;

use super::command::next_patch;
use super::{Dispatcher, Interface, PanelSlot};
use crate::glimpse::{Glimpse, GlimpseExtent, Opening};
use crate::input::{Answer, ConnectionId, Effect, GlimpseRequest, Input};
use crate::open_document::OpenDocument;
use crate::panel::Panel;
use crate::protocol::{Command, Message};

impl Dispatcher {
    /// Puts `input` behind what waits for `document`, and has the document read.
    pub(super) fn wait_for(&mut self, document: DocumentId, input: Input) {
        self.wait_at_panel(document, &input);
        if let Some(waiting) = self.loading.get_mut(&document) {
            waiting.push_back(input);
            return;
        }
        self.close_idle_documents();
        let group = self.group_of(document, &input);
        self.loading.insert(document, VecDeque::from([input]));
        self.effects.push(Effect::Load(group, document));
    }

    fn group_of(&self, document: DocumentId, input: &Input) -> GroupId {
        match (self.catalogue.get(document), input) {
            (Some(entry), _) => entry.group,
            (None, Input::Sync(news)) => {
                Self::news_group(news).unwrap_or(self.identity.local_group)
            }
            _ => self.identity.local_group,
        }
    }

    /// A panel that is to show a document which is being read takes commands from now on, and gets
    /// the rows that the store has.
    fn wait_at_panel(&mut self, document: DocumentId, input: &Input) {
        let Input::Command(connection, command) = input else {
            return;
        };
        let Command::OpenPanel { panel, .. } = command else {
            return;
        };
        let (connection, panel, opening) = (*connection, *panel, Opening::of(command));
        let before = self.panel_document(connection, panel);
        if before == Some(document) && self.is_written_into(connection, panel) {
            // It opens again behind what was written into it.
            return;
        }
        let is_to_be_read = !self.documents.contains_key(&document);
        // Who has lost the connection tells from the rows what was taken of what was written.
        let is_up_to_date = !opening.again && !self.waiting_for(document).any(writes);
        self.leave_panel(connection, panel);
        self.glimpses += 1;
        let ticket = self.glimpses;
        let Some(interface) = self.interfaces.get_mut(&connection) else {
            return;
        };
        let slot = PanelSlot::waiting(document, ticket);
        interface.panels.insert(panel, slot);
        if is_to_be_read && is_up_to_date {
            self.effects.push(Effect::Glimpse(GlimpseRequest {
                connection,
                panel,
                ticket,
                group: self.group_of(document, input),
                document,
                opening,
            }));
        }
    }

    /// The document of a panel that shows what the store had has been read: the rows that are to be
    /// held take the place of those.
    pub(super) fn take_over(&mut self, connection: ConnectionId, panel: u32, waiting: PanelSlot) {
        let Some(slot) = self.slot(connection, panel) else {
            return;
        };
        slot.panel.revision = waiting.panel.revision;
        if slot.panel.root() != waiting.panel.root() {
            return self.send_rows(connection, panel);
        }
        (slot.title, slot.crumbs) = (waiting.title, waiting.crumbs);
        slot.opened = true;
        let document = slot.document;
        let rows = waiting.glimpsed.unwrap_or_default();
        let Some(interface) = self.interfaces.get_mut(&connection) else {
            return;
        };
        let slot = interface.panels.get_mut(&panel);
        let (Some(slot), Some(open)) = (slot, self.documents.get_mut(&document)) else {
            return;
        };
        open.used_ms = self.now_ms;
        let changes = slot.panel.take_over(&open.document, &rows);
        let message = next_patch(panel, slot, changes);
        self.effects.push(Effect::Tell(connection, message));
        let title = Patch {
            title: true,
            ..Patch::default()
        };
        self.refresh_titles(document, &title);
    }

    fn waiting_for(&self, document: DocumentId) -> impl Iterator<Item = &Input> {
        self.loading.get(&document).into_iter().flatten()
    }

    fn is_written_into(&self, connection: ConnectionId, panel: u32) -> bool {
        let Some(document) = self.panel_document(connection, panel) else {
            return false;
        };
        let mut waiting = self.waiting_for(document);
        waiting.any(|input| is_of(input, connection, panel) && writes(input))
    }

    /// The rows that the store has of a panel whose document is still being read.
    pub(super) fn glimpsed(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        ticket: u64,
        glimpse: Option<Box<Glimpse>>,
    ) {
        let slot = self.slot(connection, panel);
        let waiting = slot.filter(|slot| !slot.opened && slot.ticket == ticket);
        let (Some(slot), Some(glimpse)) = (waiting, glimpse) else {
            return;
        };
        let Glimpse {
            title,
            root,
            breadcrumb,
            rows,
            extent,
        } = *glimpse;
        slot.panel.zoom(root);
        slot.panel.revision = 1;
        (slot.title, slot.crumbs) = (title.clone(), breadcrumb.clone());
        slot.glimpsed = Some(rows.clone());
        // There are more than these; how many, and where, is known when the document has been read.
        let first = u32::from(extent == GlimpseExtent::Middle);
        let more = u32::from(extent != GlimpseExtent::Whole);
        let message = Message::PanelRows {
            panel,
            revision: 1,
            ack: 0,
            resumed: false,
            document: slot.document.to_string(),
            title,
            root: root.map(|root| root.to_string()),
            breadcrumb,
            total: first + rows.len() as u32 + more,
            first,
            early: extent != GlimpseExtent::Whole,
            rows,
        };
        self.tell(connection, message);
    }

    /// Nobody looks at a panel any more. What was written into it and waits is carried out in its own
    /// time, as if from a window that nobody sees; the rest is not.
    pub(super) fn leave_panel(&mut self, connection: ConnectionId, panel: u32) {
        let is_written_into = self.is_written_into(connection, panel);
        let Some(slot) = self.drop_panel(connection, panel) else {
            return;
        };
        let document = slot.document;
        if let Some(waiting) = self.loading.get_mut(&document) {
            if is_written_into {
                let unseen = ConnectionId(u64::MAX - self.unseen);
                self.unseen += 1;
                for input in waiting.iter_mut() {
                    if is_of(input, connection, panel)
                        && let Input::Command(from, _) = input
                    {
                        *from = unseen;
                    }
                }
                waiting.push_back(Input::Detached(unseen));
                let mut interface = Interface::default();
                interface.panels.insert(panel, slot);
                self.interfaces.insert(unseen, interface);
            } else {
                waiting.retain(|input| !is_of(input, connection, panel));
            }
        }
        self.end_typing(document);
    }

    pub(super) fn detach(&mut self, connection: ConnectionId) {
        let Some(interface) = self.interfaces.get(&connection) else {
            return;
        };
        let panels: Vec<u32> = interface.panels.keys().copied().collect();
        for panel in panels {
            self.leave_panel(connection, panel);
        }
        self.interfaces.remove(&connection);
    }

    pub(super) fn loaded(
        &mut self,
        document: DocumentId,
        loaded: Result<Box<OpenDocument>, String>,
    ) {
        let waiting = self.loading.remove(&document).unwrap_or_default();
        match loaded {
            Ok(open) => {
                if open.rows_are_stale {
                    self.effects.push(Effect::RebuildRows {
                        group: open.group,
                        document,
                        rows: LineRow::all_of(&open.document),
                        hash: open.document.hash(),
                    });
                }
                self.documents.insert(document, *open);
                waiting.into_iter().for_each(|input| self.take(input));
            }
            Err(reason) => self.refuse_all(document, waiting, &reason),
        }
    }

    /// Says to whoever waits for a document that it cannot be read. What was written into it goes
    /// into a document of its own.
    fn refuse_all(&mut self, document: DocumentId, waiting: VecDeque<Input>, reason: &str) {
        let mut text = format!(
            "A document could not be read: {reason}. Nothing has been changed on disk. \
             Run `tideline verify` to see what is damaged."
        );
        if let Some(title) = self.rescue(document, &waiting) {
            text = format!("{text} What you wrote meanwhile is in “{title}”.");
        }
        let mut told = Vec::new();
        for input in waiting {
            match input {
                Input::Command(connection, Command::OpenPanel { panel, .. }) => {
                    self.close_panel(connection, panel, &text);
                    told.push(connection);
                }
                Input::Question(id, _) => {
                    let failed = Answer::Failed(text.clone());
                    self.effects.push(Effect::Answer(id, failed));
                }
                Input::Detached(connection) => {
                    self.interfaces.remove(&connection);
                }
                Input::Sync(_) => {
                    self.behind.insert(document);
                    told.extend(self.warned(None, &told, &text));
                }
                Input::Command(connection, _) => {
                    told.extend(self.warned(Some(connection), &told, &text));
                }
                _ => {}
            }
        }
    }

    /// Warns one interface, or all, of those that have not heard it; which ones.
    fn warned(
        &mut self,
        connection: Option<ConnectionId>,
        told: &[ConnectionId],
        text: &str,
    ) -> Vec<ConnectionId> {
        // A window that nobody sees speaks through all others.
        let connection = connection.filter(|one| !self.is_unseen(*one));
        let all = self.interfaces.keys().copied();
        let mut new: Vec<ConnectionId> = all.collect();
        new.retain(|one| connection.is_none_or(|only| only == *one) && !told.contains(one));
        for one in &new {
            self.warn(Some(*one), text.to_owned());
        }
        new
    }

    pub(super) fn is_unseen(&self, connection: ConnectionId) -> bool {
        connection.0 > u64::MAX - self.unseen
    }
}

impl PanelSlot {
    /// Of a panel whose document is still being read.
    fn waiting(document: DocumentId, ticket: u64) -> Self {
        Self {
            ticket,
            ..Self::new(document, Panel::new(None))
        }
    }
}

/// Whether what a panel shows may be older than what waits: it writes.
fn writes(input: &Input) -> bool {
    let Input::Command(_, command) = input else {
        return false;
    };
    matches!(
        command,
        Command::Edit { .. }
            | Command::EditSpan { .. }
            | Command::ReplaceMatches { .. }
            | Command::Undo { .. }
            | Command::Redo { .. }
    )
}

fn is_of(input: &Input, connection: ConnectionId, panel: u32) -> bool {
    let Input::Command(from, command) = input else {
        return false;
    };
    *from == connection && command.panel() == Some(panel)
}
