//! The history of one line for an interface: versions with the names of those who wrote them. Names
//! are remembered from when somebody was seen in a document, as events only carry ids.

use serde_json::Value as Json;
use tideline_model::{LineId, UserId};

use super::Dispatcher;
use crate::input::{ConnectionId, Effect};
use crate::line_history::{LineVersionEntry, line_versions};
use crate::presence::color;
use crate::protocol::{LineVersion, Message, Person};

/// Not a setting to be changed: what other people are called, by their ids.
pub(super) const PEOPLE_SETTING: &str = "people";
const PEOPLE_MAX: usize = 2_000;
const NAME_MAX_CHARACTERS: usize = 100;

impl Dispatcher {
    pub(super) fn read_line_history(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        query_id: u32,
        line: &str,
    ) {
        let Some(document) = self.panel_document(connection, panel) else {
            return;
        };
        self.end_typing(document);
        let found = line.parse::<LineId>().ok().and_then(|line| {
            let open = self.documents.get(&document)?;
            line_versions(&open.document, line)
        });
        let (known, is_cut) = found.map_or((None, false), |(known, cut)| (Some(known), cut));
        let versions = known.map(|known| {
            let shown = known.into_iter().map(|entry| self.shown_version(entry));
            shown.collect()
        });
        let message = Message::LineHistory {
            query_id,
            versions,
            is_cut,
        };
        self.tell(connection, message);
    }

    fn shown_version(&self, entry: LineVersionEntry) -> LineVersion {
        let LineVersionEntry {
            time_ms,
            author,
            kind,
            turned_ms,
            text,
            ..
        } = entry;
        let author = self.person_called(author);
        LineVersion {
            time_ms,
            author,
            kind,
            turned_ms,
            text,
        }
    }

    /// The name is empty for somebody who was never seen here.
    fn person_called(&self, user: UserId) -> Person {
        if user == self.identity.user {
            return self.person();
        }
        let id = user.to_string();
        let people = self.settings.get(PEOPLE_SETTING);
        let name = people.and_then(|people| people.get(&id)?.as_str());
        let name = name.unwrap_or_default().to_owned();
        let color = color(user);
        Person { id, name, color }
    }

    /// Remembers what somebody is called.
    pub(super) fn met(&mut self, person: &Person) {
        if person.name.is_empty() || person.id.parse::<UserId>().is_err() {
            return;
        }
        let mut people = match self.settings.get(PEOPLE_SETTING) {
            Some(Json::Object(people)) => people.clone(),
            _ => serde_json::Map::new(),
        };
        let name: String = person.name.chars().take(NAME_MAX_CHARACTERS).collect();
        let known = people.get(&person.id).and_then(Json::as_str);
        if known == Some(name.as_str()) || (known.is_none() && people.len() >= PEOPLE_MAX) {
            return;
        }
        people.insert(person.id.clone(), Json::String(name));
        let (setting, people) = (PEOPLE_SETTING.to_owned(), Json::Object(people));
        self.settings.insert(setting.clone(), people.clone());
        self.effects.push(Effect::SaveSetting(setting, people));
    }
}
