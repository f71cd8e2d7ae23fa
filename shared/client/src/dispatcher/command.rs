//! Commands of an interface, one by one.

use serde_json::{Value as Json, json};
use tideline_model::{Document, DocumentId, Intent, LineId, Value};

use super::find::Start;
use super::history::PEOPLE_SETTING;
use super::streams::Resumption;
use super::{Dispatcher, IDLE_DOCUMENTS_MAX, LINE_NUMBERS_PER_INTERFACE, PanelSlot};
use crate::catalogue::{DELETED, Entry, FOLDER};
use crate::glimpse::Opening;
use crate::input::{ConnectionId, Effect};
use crate::open_document::OpenDocument;
use crate::panel::{Panel, breadcrumb};
use crate::presence::PresenceNote;
use crate::protocol::{Caret, Command, Message, NoticeLevel, RowChange, ServerAddress};
use crate::undo::Direction;

/// The setting that holds the sync server's address and token; never shown to an interface.
pub const SERVER_SETTING: &str = "server";
/// The setting that says which group new documents go to.
pub const HOME_GROUP_SETTING: &str = "homeGroup";
/// Not a setting to be changed: the groups on the server, as `[{id, name}]`.
const GROUPS_SETTING: &str = "groups";
/// What each window shows, and where; read when a window opens, told to nobody else.
const WINDOW_SETTINGS: &str = "window.";
/// The setting that holds the author's name.
const NAME_SETTING: &str = "name";

impl Dispatcher {
    pub(super) fn command(&mut self, connection: ConnectionId, command: Command) {
        match command {
            Command::Hello => self.hello(connection),
            Command::CreateDocument { title, open_in } => {
                self.create_document(connection, title, open_in);
            }
            Command::RenameDocument { document, title } => {
                self.edit_root(&document, &Intent::SetTitle { title });
            }
            Command::DeleteDocument { document } => {
                let (line, name) = (LineId::ROOT, DELETED.to_owned());
                let value = Some(Value::Boolean(true));
                self.edit_root(&document, &Intent::SetProperty { line, name, value });
            }
            Command::MoveDocument { document, folder } => {
                let (line, name) = (LineId::ROOT, FOLDER.to_owned());
                let value = (!folder.is_empty()).then_some(Value::Text(folder));
                self.edit_root(&document, &Intent::SetProperty { line, name, value });
            }
            Command::OpenPanel {
                panel,
                ref document,
                ..
            } => {
                let opening = Opening::of(&command);
                self.open_panel(connection, panel, document, &opening);
            }
            Command::MoveWindow { panel, first } => {
                self.change_rows(connection, panel, |panel, document| {
                    panel.move_window(document, first as usize)
                });
            }
            Command::ShowLine { panel, line } => self.show_line(connection, panel, line),
            Command::ClosePanel { panel } => self.leave_panel(connection, panel),
            Command::SetFold {
                panel,
                line,
                folded,
            } => {
                if let Ok(line) = line.parse() {
                    self.change_rows(connection, panel, |panel, document| {
                        panel.fold(document, line, folded)
                    });
                }
            }
            Command::FoldAll { panel, folded } => {
                self.change_rows(connection, panel, |panel, document| {
                    panel.fold_all(document, folded)
                });
            }
            Command::Filter {
                panel,
                query_id,
                query,
                near,
            } => self.filter(connection, panel, query_id, &query, near.as_deref()),
            Command::FilterOn { panel, query_id } => self.filter_on(connection, panel, query_id),
            Command::Zoom { panel, root } => self.zoom(connection, panel, root.as_deref()),
            Command::Edit {
                panel,
                serial,
                revision,
                intents,
            } => {
                self.edit(connection, panel, serial, revision, intents);
            }
            Command::EditSpan {
                panel,
                serial,
                revision,
                span,
                change,
            } => self.edit_span(connection, panel, (serial, revision), &span, &change),
            Command::ReadSpan {
                panel,
                query_id,
                span,
            } => self.read_span(connection, panel, query_id, &span),
            Command::ReadLineHistory {
                panel,
                query_id,
                line,
            } => self.read_line_history(connection, panel, query_id, &line),
            Command::Find {
                panel,
                query_id,
                query,
                ordinal,
                offset,
                backwards,
            } => {
                let start = Start {
                    ordinal,
                    offset,
                    backwards,
                };
                self.find(connection, panel, query_id, &query, start);
            }
            Command::CountMatches {
                panel,
                query_id,
                query,
                ordinal,
            } => self.count_matches(connection, panel, query_id, &query, ordinal),
            Command::ReplaceMatches {
                panel,
                serial,
                query,
                replacement,
            } => self.replace_matches(connection, panel, serial, &query, &replacement),
            Command::Flush { panel } => {
                if let Some(document) = self.panel_document(connection, panel) {
                    self.end_typing(document);
                    if let Some(open) = self.documents.get_mut(&document) {
                        open.undo.end_action();
                    }
                }
            }
            Command::Undo { panel, serial } => {
                self.step_history(connection, panel, serial, Direction::Undo);
            }
            Command::Redo { panel, serial } => {
                self.step_history(connection, panel, serial, Direction::Redo);
            }
            Command::Caret { panel, caret } => self.caret(connection, panel, caret),
            Command::Search {
                query_id,
                text,
                document,
            } => {
                let document = document.and_then(|document| document.parse().ok());
                self.effects.push(Effect::Search {
                    connection,
                    query_id,
                    text,
                    document,
                });
            }
            Command::Seek {
                query_id,
                text,
                document,
                scope,
            } => self.seek(connection, query_id, &text, document.as_deref(), scope),
            Command::Follow { person } => self.follow(connection, person),
            Command::Learned { lesson } => self.learned(lesson),
            Command::SetServer { server } => self.set_server(server),
            Command::SetSetting { name, value } => self.set_setting(name, value),
        }
    }

    /// The document that must be in memory before `command` can be carried out.
    pub(super) fn command_needs(
        &self,
        connection: ConnectionId,
        command: &Command,
    ) -> Option<DocumentId> {
        match command {
            Command::RenameDocument { document, .. }
            | Command::DeleteDocument { document }
            | Command::MoveDocument { document, .. }
            | Command::OpenPanel { document, .. } => document
                .parse()
                .ok()
                .filter(|id| self.catalogue.get(*id).is_some()),
            Command::Learned { lesson } => self.lesson_needs(*lesson),
            Command::ClosePanel { .. } => None,
            other => self.panel_document(connection, other.panel()?),
        }
    }

    fn hello(&mut self, connection: ConnectionId) {
        let first_number = self.take_line_numbers(LINE_NUMBERS_PER_INTERFACE);
        let status = self.status();
        if let Some(interface) = self.interfaces.get_mut(&connection) {
            interface.status = Some(status.clone());
        }
        let boot = Message::Boot {
            line_prefix: format!("line_{}_", self.identity.replica.0.simple()),
            first_number,
            numbers: LINE_NUMBERS_PER_INTERFACE as u32,
            user: self.person(),
            documents: self.catalogue.entries(),
            settings: self.public_settings(),
            status,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        self.tell(connection, boot);
        if let Some(text) = self.greeting.take() {
            let level = NoticeLevel::Info;
            self.tell(connection, Message::Notice { level, text });
        }
    }

    fn create_document(&mut self, connection: ConnectionId, title: String, open_in: Option<u32>) {
        let document = self.new_document_in_memory();
        self.begin_founding(document);
        self.apply(document, &Intent::SetTitle { title });
        let line = LineId {
            replica: self.identity.replica,
            number: self.take_line_numbers(1),
        };
        self.apply(document, &super::question::first_line(line));
        self.end_gesture(document);
        self.tell_documents();
        let created = Message::DocumentCreated {
            document: document.to_string(),
            open_in,
        };
        self.tell(connection, created);
    }

    /// An empty document, owned by the group that new documents go to.
    pub(super) fn new_document_in_memory(&mut self) -> DocumentId {
        let document = DocumentId((self.new_document)());
        let group = self.home_group();
        let open = OpenDocument::new(Document::new(document), group, self.now_ms);
        if self.documents.len() > IDLE_DOCUMENTS_MAX {
            self.close_idle_documents();
        }
        self.documents.insert(document, open);
        let entry = Entry::untitled(group, self.now_ms);
        self.catalogue.insert(document, entry);
        document
    }

    fn edit_root(&mut self, document: &str, intent: &Intent) {
        if let Ok(document) = document.parse() {
            self.apply(document, intent);
            self.end_gesture(document);
        }
    }

    fn open_panel(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        document: &str,
        opening: &Opening,
    ) {
        let id = match document.parse::<DocumentId>() {
            Ok(id) if self.documents.contains_key(&id) && !self.is_in_bin(id) => id,
            Ok(_) => return self.close_panel(connection, panel, "This document is not here."),
            Err(error) => return self.close_panel(connection, panel, &error.to_string()),
        };
        if self.panel_document(connection, panel) != Some(id) {
            self.leave_panel(connection, panel);
        }
        let mut shown = opening.panel(&self.documents[&id].document);
        let Resumption { ack, resumed } = self.resume(id, opening);
        shown.ack = ack;
        let Some(interface) = self.interfaces.get_mut(&connection) else {
            return;
        };
        let slot = PanelSlot {
            stream: opening.stream,
            resumed,
            ..PanelSlot::new(id, shown)
        };
        let before = interface.panels.insert(panel, slot);
        match before.filter(|slot| slot.glimpsed.is_some()) {
            Some(waiting) => self.take_over(connection, panel, waiting),
            None => self.send_rows(connection, panel),
        }
        let carets = self.presences.carets(id);
        self.tell(connection, Message::Carets { panel, carets });
    }

    pub(super) fn close_panel(&mut self, connection: ConnectionId, panel: u32, reason: &str) {
        self.drop_panel(connection, panel);
        self.tell(
            connection,
            Message::PanelClosed {
                panel,
                reason: reason.to_owned(),
            },
        );
    }

    /// Sends a panel its rows.
    pub(super) fn send_rows(&mut self, connection: ConnectionId, panel: u32) {
        let Some(interface) = self.interfaces.get_mut(&connection) else {
            return;
        };
        let Some(slot) = interface.panels.get_mut(&panel) else {
            return;
        };
        let Some(open) = self.documents.get_mut(&slot.document) else {
            return;
        };
        open.used_ms = self.now_ms;
        let rows = slot.panel.open(&open.document);
        open.document.title().clone_into(&mut slot.title);
        slot.crumbs = breadcrumb(&open.document, slot.panel.root());
        slot.opened = true;
        slot.told = slot.panel.extent();
        let message = Message::PanelRows {
            panel,
            revision: slot.panel.revision,
            ack: slot.panel.ack,
            resumed: slot.resumed,
            document: slot.document.to_string(),
            title: slot.title.clone(),
            root: slot.panel.root().map(|root| root.to_string()),
            breadcrumb: slot.crumbs.clone(),
            total: slot.told.total as u32,
            first: slot.told.first as u32,
            early: false,
            rows,
        };
        self.effects.push(Effect::Tell(connection, message));
    }

    fn zoom(&mut self, connection: ConnectionId, panel: u32, root: Option<&str>) {
        let Some(document) = self.panel_document(connection, panel) else {
            return;
        };
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        let root = root
            .and_then(|root| root.parse().ok())
            .filter(|root| open.document.is_visible(*root));
        let caret = self.slot(connection, panel).and_then(|slot| {
            slot.panel.zoom(root);
            slot.caret.take()
        });
        self.send_rows(connection, panel);
        if caret.is_some() {
            // Who follows this person zooms as well.
            self.caret(connection, panel, caret);
        }
    }

    /// Changes what a panel shows, or holds, and sends it.
    pub(super) fn change_rows(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        change: impl FnOnce(&mut Panel, &Document) -> Vec<RowChange>,
    ) {
        let Some(interface) = self.interfaces.get_mut(&connection) else {
            return;
        };
        let Some(slot) = interface.panels.get_mut(&panel) else {
            return;
        };
        let Some(open) = self.documents.get(&slot.document) else {
            return;
        };
        let changes = change(&mut slot.panel, &open.document);
        let message = patch_message(panel, slot, changes);
        self.effects
            .extend(message.map(|message| Effect::Tell(connection, message)));
    }

    fn show_line(&mut self, connection: ConnectionId, panel: u32, line: String) {
        let mut ordinal = None;
        if let Ok(id) = line.parse() {
            self.change_rows(connection, panel, |panel, document| {
                ordinal = panel.ordinal_of(document, id);
                panel.show(document, id).unwrap_or_default()
            });
        }
        let ordinal = ordinal.map(|ordinal| ordinal as u32);
        let shown = Message::LineShown {
            panel,
            line,
            ordinal,
        };
        self.tell(connection, shown);
    }

    fn caret(&mut self, connection: ConnectionId, panel: u32, caret: Option<Caret>) {
        let Some(document) = self.panel_document(connection, panel) else {
            return;
        };
        let Some(group) = self.documents.get(&document).map(|open| open.group) else {
            return;
        };
        if !self.catalogue.is_shared(group) {
            return;
        }
        let replica = format!("{}/{}", self.identity.replica, connection.0);
        let root = self.slot(connection, panel).and_then(|slot| {
            slot.caret.clone_from(&caret);
            slot.panel.root()
        });
        let note = PresenceNote {
            person: self.person(),
            replica,
            root: root.map(|root| root.to_string()),
            caret,
        };
        if let Ok(bytes) = serde_json::to_vec(&note) {
            self.effects.push(Effect::Presence { document, bytes });
        }
    }

    fn set_server(&mut self, server: Option<ServerAddress>) {
        let value = serde_json::to_value(&server).unwrap_or(Json::Null);
        self.effects.push(Effect::SaveSetting(
            SERVER_SETTING.to_owned(),
            value.clone(),
        ));
        self.settings.insert(SERVER_SETTING.to_owned(), value);
        self.effects.push(Effect::Connect(server));
        self.tell_settings();
    }

    fn set_setting(&mut self, name: String, value: Json) {
        if [SERVER_SETTING, GROUPS_SETTING, PEOPLE_SETTING].contains(&name.as_str()) {
            return;
        }
        if let (NAME_SETTING, Some(text)) = (name.as_str(), value.as_str()) {
            text.trim().clone_into(&mut self.identity.name);
            let user = self.identity.user;
            self.effects
                .push(Effect::SaveUser(user, self.identity.name.clone()));
        }
        self.effects
            .push(Effect::SaveSetting(name.clone(), value.clone()));
        let own = name.starts_with(WINDOW_SETTINGS);
        if value.is_null() {
            self.settings.remove(&name);
        } else {
            self.settings.insert(name, value);
        }
        if !own {
            self.tell_settings();
        }
    }

    pub(super) fn tell_settings(&mut self) {
        let mut settings = self.public_settings();
        settings.retain(|name, _| !name.starts_with(WINDOW_SETTINGS));
        self.tell_all(&Message::Settings { settings });
    }

    /// All settings; of the sync server only its address.
    fn public_settings(&self) -> serde_json::Map<String, Json> {
        let mut settings = self.settings.clone();
        settings.remove(PEOPLE_SETTING);
        if let Some(Json::Object(server)) = settings.get_mut(SERVER_SETTING) {
            server.remove("token");
        }
        let groups = self
            .catalogue
            .groups()
            .map(|(id, name)| json!({ "id": id, "name": name }));
        settings.insert(GROUPS_SETTING.to_owned(), groups.collect());
        settings.insert(
            NAME_SETTING.to_owned(),
            Json::String(self.identity.name.clone()),
        );
        settings
    }

    pub(super) fn slot(&mut self, connection: ConnectionId, panel: u32) -> Option<&mut PanelSlot> {
        self.interfaces.get_mut(&connection)?.panels.get_mut(&panel)
    }

    pub(super) fn panel_document(
        &self,
        connection: ConnectionId,
        panel: u32,
    ) -> Option<DocumentId> {
        Some(
            self.interfaces
                .get(&connection)?
                .panels
                .get(&panel)?
                .document,
        )
    }
}

/// The next revision of a panel; nothing when there is nothing to say.
pub(super) fn patch_message(
    panel: u32,
    slot: &mut PanelSlot,
    changes: Vec<RowChange>,
) -> Option<Message> {
    let is_told = changes.is_empty() && slot.told == slot.panel.extent();
    (slot.opened && !is_told).then(|| next_patch(panel, slot, changes))
}

/// The next patch of a panel, also when it changes nothing.
pub(super) fn next_patch(panel: u32, slot: &mut PanelSlot, changes: Vec<RowChange>) -> Message {
    slot.panel.revision += 1;
    slot.told = slot.panel.extent();
    Message::PanelPatch {
        panel,
        revision: slot.panel.revision,
        ack: slot.panel.ack,
        total: slot.told.total as u32,
        first: slot.told.first as u32,
        changes,
    }
}
