//! What was written into a document that turns out not to be readable: as text, in a document of its
//! own, so that it is not lost with the panel.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tideline_model::{DocumentId, Outline, OutlineLine, Patch};

use super::Dispatcher;
use crate::input::Input;
use crate::protocol::{Command, EditIntent, Row};

impl Dispatcher {
    /// The title of the new document; nothing when nothing was written.
    pub(super) fn rescue<'a>(
        &mut self,
        document: DocumentId,
        waiting: impl IntoIterator<Item = &'a Input>,
    ) -> Option<String> {
        let mut written = Written::default();
        for input in waiting {
            if let Input::Command(connection, Command::Edit { panel, intents, .. }) = input {
                let slot = self.slot(*connection, *panel);
                let rows = slot.and_then(|slot| slot.glimpsed.as_deref());
                rows.into_iter()
                    .flatten()
                    .for_each(|row| written.shown(row));
                intents.iter().for_each(|intent| written.take(intent));
            }
        }
        let lines = written.lines();
        if lines.is_empty() {
            return None;
        }
        let title = self.catalogue.get(document).map(|entry| &entry.title);
        let title = format!("Written into {}", title.map_or("", String::as_str));
        let outline = Outline {
            title: title.clone(),
            lines,
            ..Outline::default()
        };
        let kept = self.new_document_in_memory();
        self.begin_founding(kept);
        for intent in self.import_intents(outline) {
            // Plain lines fit below a root.
            let _ = self.carry_out(kept, intent, &mut Patch::default());
        }
        self.end_gesture(kept);
        self.refresh_catalogue(kept, &Patch::default());
        Some(title)
    }
}

/// The texts of lines, and which of them were written.
#[derive(Default)]
struct Written {
    texts: HashMap<String, String>,
    /// In the order in which somebody first wrote in them.
    lines: Vec<String>,
}

impl Written {
    fn shown(&mut self, row: &Row) {
        if let Entry::Vacant(entry) = self.texts.entry(row.id.clone()) {
            entry.insert(row.text.clone());
        }
    }

    fn take(&mut self, intent: &EditIntent) {
        match intent {
            EditIntent::EditText {
                line,
                at,
                delete,
                insert,
            } => self.splice(line, *at, *delete, insert),
            EditIntent::Split {
                line, at, new_line, ..
            } => {
                let text = self.texts.get(line).cloned().unwrap_or_default();
                let tail: String = text.chars().skip(*at as usize).collect();
                let length = tail.chars().count() as u32;
                self.splice(line, *at, length, "");
                self.splice(new_line, 0, 0, &tail);
            }
            EditIntent::CreateLines { lines, .. } => {
                for row in lines {
                    self.splice(&row.id, 0, 0, &row.text);
                }
            }
            EditIntent::SetTitle { title } => self.splice("title", 0, u32::MAX, title),
            // Takes nothing away that is not in the document itself.
            _ => {}
        }
    }

    fn splice(&mut self, line: &str, at: u32, delete: u32, insert: &str) {
        let text = self.texts.entry(line.to_owned()).or_default();
        let letters = text.chars();
        let head = letters.clone().take(at as usize);
        let tail = letters.skip((at as usize).saturating_add(delete as usize));
        *text = head.chain(insert.chars()).chain(tail).collect();
        if !self.lines.iter().any(|known| known == line) {
            self.lines.push(line.to_owned());
        }
    }

    fn lines(self) -> Vec<OutlineLine> {
        let mut texts = self.texts;
        let written = self.lines.iter().filter_map(|line| texts.remove(line));
        let line = |text| OutlineLine {
            text,
            ..OutlineLine::default()
        };
        written.filter(|text| !text.is_empty()).map(line).collect()
    }
}
