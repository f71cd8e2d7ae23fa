//! Carries effects over to what is displayed, and tells them as a patch.

use crate::chars::{byte_offset, char_count};
use crate::display::Display;
use crate::document::Document;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::integrate::Effects;
use crate::patch::{Patch, TextSplice};
use crate::strand::Edit;

impl Document {
    /// Shows the edits of one event at once, unless the outline must be worked out anew anyway.
    pub(super) fn show_edits(&mut self, effects: &mut Effects) {
        for edit in std::mem::take(&mut effects.edits) {
            if let Some(splice) = self.show_edit(edit) {
                self.pending.splices.push(splice);
            }
        }
        let revives =
            |&line: &LineIndex| self.display.is_covered(line) && !self.display.is_alive(line);
        if !effects.structure && effects.touched.iter().any(revives) {
            effects.structure = true;
        }
    }

    fn show_edit(&mut self, edit: Edit) -> Option<TextSplice> {
        let head = self.display.head(edit.owner);
        let mut at = edit.at;
        if let Some(parts) = self.display.parts_mut(head) {
            let inserted = char_count(&edit.insert);
            for part in parts {
                if part.line == edit.owner {
                    part.chars = part.chars + inserted - edit.delete;
                    break;
                }
                at += part.chars;
            }
        }
        if !self.display.is_displayed(head) {
            return None;
        }
        let text = &mut self.display.texts[head.at()];
        let start = byte_offset(text, at);
        let end = start + byte_offset(&text[start..], edit.delete);
        text.replace_range(start..end, &edit.insert);
        Some(TextSplice {
            line: self.state.line(head).id,
            at,
            delete: edit.delete,
            insert: edit.insert,
        })
    }

    /// Works out the outline if it may have changed, and adds what did to the pending patch.
    pub(super) fn refresh(&mut self, effects: &Effects) {
        if effects.structure {
            self.state.settle_places();
            let display = Display::of(&self.state);
            let before = std::mem::replace(&mut self.display, display);
            self.pending.structure |= !self.display.is_arranged_as(&before);
            self.show_texts(before, effects);
        }
        for &line in &effects.content {
            if self.display.is_displayed(line) {
                self.pending.lines.insert(self.state.line(line).id);
            }
        }
        self.pending.title |= effects.title;
        if effects.root {
            self.pending.lines.insert(LineId::ROOT);
        }
    }

    fn show_texts(&mut self, mut before: Display, effects: &Effects) {
        let dirty = self.dirty_texts(&before, effects);
        let mut texts = vec![String::new(); self.state.lines.len()];
        for line in self.state.all_lines() {
            let id = self.state.line(line).id;
            let text = &mut texts[line.at()];
            match (before.is_displayed(line), self.display.is_displayed(line)) {
                (false, false) => {}
                (true, false) => self.pending.remove(id),
                (false, true) => {
                    *text = self.display.text_of(&self.state, line);
                    self.pending.removed.remove(&id);
                    self.pending.lines.insert(id);
                }
                (true, true) => {
                    *text = std::mem::take(&mut before.texts[line.at()]);
                    if dirty[line.at()] {
                        let now = self.display.text_of(&self.state, line);
                        if now != *text {
                            *text = now;
                            self.pending.lines.insert(id);
                        }
                    }
                }
            }
        }
        self.display.texts = texts;
    }

    /// The displayed lines whose text may be another: a slice changed, or they are made of other
    /// parts.
    fn dirty_texts(&self, before: &Display, effects: &Effects) -> Vec<bool> {
        let mut dirty = vec![false; self.state.lines.len()];
        for &line in &effects.slices {
            dirty[self.display.head(line).at()] = true;
            if before.knows(line) {
                dirty[before.head(line).at()] = true;
            }
        }
        for line in before.with_parts().chain(self.display.with_parts()) {
            if !self.display.has_parts_as(before, line) {
                dirty[line.at()] = true;
            }
        }
        dirty
    }
}

impl Patch {
    fn remove(&mut self, line: LineId) {
        self.lines.remove(&line);
        self.splices.retain(|splice| splice.line != line);
        self.removed.insert(line);
    }
}
