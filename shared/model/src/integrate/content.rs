//! Changes of what lines hold, and of whether they are shown.

use crate::event::EventId;
use crate::id::LineId;
use crate::index::{LineIndex, StrandIndex};
use crate::integrate::Step;
use crate::line::{Kind, Value};
use crate::lines::Restored;
use crate::property::{PropertyWrite, TagWrite};
use crate::state::{State, insert_ordered};

impl Step<'_> {
    pub(super) fn edit_text(&mut self, strand: LineId, at: u32, delete: u32, insert: &str) {
        let Some(index) = self.strand_to_edit(strand) else {
            return;
        };
        let event = self.event();
        let State {
            strands,
            history,
            text_deletions,
            ..
        } = &mut *self.state;
        let strand = strands.wake(index);
        let edited = strand.edit(history, event, (at, delete), insert, self.effects);
        let is_merging = strand.is_merging();
        if edited.is_ok() && delete > 0 {
            text_deletions.note(event, index);
        }
        if let Ok(Some(owner)) = edited {
            self.touch(owner);
        }
        if is_merging {
            self.state.rest_others(index);
        } else {
            self.state.strands.settle();
        }
    }

    pub(super) fn set_kind(&mut self, line: LineId, kind: &Kind) {
        let Some(line) = self.line(line) else { return };
        let write = (self.change, kind.clone());
        let State { history, lines, .. } = &mut *self.state;
        let kinds = &mut lines.records_mut(line).kinds;
        insert_ordered(history, kinds, write, |(change, _)| *change);
        self.effects.content.push(line);
        self.touch(line);
    }

    pub(super) fn set_property(&mut self, line: LineId, name: String, value: Option<Value>) {
        let Some(line) = self.line_or_root(line) else {
            return;
        };
        let change = self.change;
        let write = PropertyWrite {
            change,
            name,
            value,
        };
        let State { history, lines, .. } = &mut *self.state;
        let properties = &mut lines.records_mut(line).properties;
        insert_ordered(history, properties, write, |write| write.change);
        self.note_content(line);
    }

    pub(super) fn set_tag(&mut self, line: LineId, tag: &str, is_added: bool) {
        let Some(line) = self.line_or_root(line) else {
            return;
        };
        let write = TagWrite {
            change: self.change,
            tag: tag.to_owned(),
            is_added,
        };
        let State { history, lines, .. } = &mut *self.state;
        let tags = &mut lines.records_mut(line).tags;
        insert_ordered(history, tags, write, |write| write.change);
        self.note_content(line);
    }

    pub(super) fn note_content(&mut self, line: LineIndex) {
        if line == LineIndex::ROOT {
            self.effects.title = true;
            self.effects.root = true;
        } else {
            self.effects.content.push(line);
            self.touch(line);
        }
    }

    pub(super) fn delete_lines(&mut self, lines: &[LineId]) {
        let event = self.event();
        for &line in lines {
            let Some(line) = self.line(line) else {
                continue;
            };
            let deletions = &mut self.state.records_mut(line).deletions;
            if !deletions.contains(&event) {
                deletions.push(event);
            }
            self.state.deleted.insert(line);
            self.effects.suspects.deleted.push(line);
            self.effects.structure = true;
        }
    }

    /// The lines that an event deletes by name, which a restore brings back together.
    pub(super) fn note_deleted(&mut self, lines: &[LineId]) {
        let lines: Vec<_> = lines.iter().filter_map(|&line| self.line(line)).collect();
        let event = self.event();
        let together = self.state.deleted_together.entry(event).or_default();
        together.extend(lines);
    }

    pub(super) fn restore(&mut self, line: LineId, deletions: &[EventId]) {
        let Some(line) = self.line(line) else { return };
        let deletions = deletions
            .iter()
            .filter_map(|&deletion| self.earlier(deletion))
            .collect();
        let event = self.event();
        let restores = &mut self.state.records_mut(line).restores;
        restores.push(Restored { event, deletions });
        self.touch(line);
        self.effects.suspects.others.push(line);
        self.effects.structure = true;
    }

    pub(super) fn undelete_text(&mut self, deletion: EventId) {
        let Some(deletion) = self.earlier(deletion) else {
            return;
        };
        let event = self.event();
        let State {
            strands,
            history,
            text_deletions,
            ..
        } = &mut *self.state;
        let deleted: Vec<StrandIndex> = text_deletions.of(deletion).collect();
        let mut touched = Vec::new();
        for &strand in &deleted {
            let strand = strands.wake(strand);
            touched.extend(strand.undelete(history, event, deletion, self.effects));
        }
        touched.into_iter().for_each(|line| self.touch(line));
        for strand in deleted {
            self.state.rest_others(strand);
        }
    }

    pub(super) fn keep(&mut self, line: LineId) {
        let Some(line) = self.line(line) else { return };
        let event = self.event();
        self.state.records_mut(line).keeps.push(event);
        let together = self.state.kept_together.entry(event).or_default();
        together.push(line);
        self.touch(line);
    }

    pub(super) fn set_title(&mut self, title: &str) {
        let write = (self.change, title.to_owned());
        let State {
            history, titles, ..
        } = &mut *self.state;
        insert_ordered(history, titles, write, |(change, _)| *change);
        self.effects.title = true;
    }
}
