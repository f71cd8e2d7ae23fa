//! The Welcome document ticks itself off: what the user does for the first time is marked as done in
//! the line that teaches it, by an ordinary intent.

use tideline_model::{DocumentId, Intent, Kind, LineId, TodoState};

use super::{Dispatcher, WELCOME_SETTING};
use crate::input::Effect;
use crate::protocol::Lesson;
use crate::welcome::taught_by;

/// The setting that lists what has been learned; each lesson happens once.
pub const LESSONS_SETTING: &str = "lessons";

impl Dispatcher {
    /// The Welcome document, while it has this lesson to tick off.
    pub(super) fn lesson_needs(&self, lesson: Lesson) -> Option<DocumentId> {
        let welcome = self.settings.get(WELCOME_SETTING)?;
        let document = welcome.get("document")?.as_str()?.parse().ok()?;
        let known = self.catalogue.get(document).is_some();
        (known && !self.has_learned(lesson)).then_some(document)
    }

    pub(super) fn learned(&mut self, lesson: Lesson) {
        let Some(document) = self.lesson_needs(lesson) else {
            return;
        };
        self.remember_lesson(lesson);
        let Some(line) = self.open_lesson(document, lesson) else {
            return;
        };
        let untouched = self.untouched_welcome() == Some(document);
        let kind = Kind::Todo(TodoState::Done);
        let lines = vec![line];
        self.apply(document, &Intent::SetKind { lines, kind });
        self.end_gesture(document);
        if untouched {
            self.count_tick();
        }
    }

    /// A tick is not the user's own writing: the document stays one that nobody has written in.
    fn count_tick(&mut self) {
        let Some(setting) = self.settings.get_mut(WELCOME_SETTING) else {
            return;
        };
        let events = setting.get("events").and_then(serde_json::Value::as_u64);
        setting["events"] = events.unwrap_or(0).saturating_add(1).into();
        let value = setting.clone();
        self.effects
            .push(Effect::SaveSetting(WELCOME_SETTING.to_owned(), value));
    }

    fn has_learned(&self, lesson: Lesson) -> bool {
        let learned = self.settings.get(LESSONS_SETTING);
        let name = serde_json::to_value(lesson).unwrap_or_default();
        learned
            .and_then(serde_json::Value::as_array)
            .is_some_and(|lessons| lessons.contains(&name))
    }

    fn remember_lesson(&mut self, lesson: Lesson) {
        let name = serde_json::to_value(lesson).unwrap_or_default();
        let mut learned = self
            .settings
            .get(LESSONS_SETTING)
            .and_then(serde_json::Value::as_array)
            .cloned()
            .unwrap_or_default();
        learned.push(name);
        let value = serde_json::Value::Array(learned);
        self.settings
            .insert(LESSONS_SETTING.to_owned(), value.clone());
        self.effects
            .push(Effect::SaveSetting(LESSONS_SETTING.to_owned(), value));
        self.tell_settings();
    }

    /// The line that teaches it, while it stands there as it was written and is not ticked off.
    fn open_lesson(&self, document: DocumentId, lesson: Lesson) -> Option<LineId> {
        let document = &self.documents.get(&document)?.document;
        let open = Kind::Todo(TodoState::Open);
        let text = taught_by(lesson);
        let mut lines = super::seek::lines_in_order(document);
        let says = |line: LineId| document.text(line).is_some_and(|said| said == text);
        let found = lines.find(|stop| *stop.kind == open && says(stop.line));
        found.map(|stop| stop.line)
    }
}
