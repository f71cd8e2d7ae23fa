//! Changes that make lines or put them elsewhere.

use crate::change::{Boundary, NewLine, SlotId, SlotRef};
use crate::id::LineId;
use crate::index::{LineIndex, SlotIndex};
use crate::integrate::{Counted, Step};
use crate::line::Kind;
use crate::lines::Made;
use crate::place::{Bound, Edge, LogEntry, Place};
use crate::slots::{Hook, Key};
use crate::state::{Markers, State, insert_ordered};

impl Step<'_> {
    pub(super) fn add_slot(
        &mut self,
        index: u32,
        parent: LineIndex,
        hook: Hook,
        key: Key,
    ) -> SlotIndex {
        let event = self.event();
        let State {
            slots,
            history,
            strands,
            lines,
            ..
        } = &mut *self.state;
        let markers = Markers { strands, lines };
        slots.insert(history, &markers, (event, index), parent, hook, key)
    }

    pub(super) fn create_lines(&mut self, lines: &[NewLine]) {
        let mut counted = self.counted;
        for line in lines {
            self.create_line(line, counted);
            counted.slots += 1;
        }
    }

    pub(super) fn create_line(&mut self, new: &NewLine, counted: Counted) {
        let Some(parent) = self.line_or_root(new.parent) else {
            return;
        };
        let Some(hook) = self.hook(parent, new.slot).filter(|_| self.is_new(new.id)) else {
            return;
        };
        let slot = self.add_slot(counted.slots, parent, hook, Key::Ordinary);
        let line = LineIndex::new(self.state.lines.len());
        let strand = self.state.strands.push(line, &new.text);
        let made = Made {
            id: new.id,
            created: self.change,
            strand,
            slot,
            is_marker: false,
        };
        self.state.lines.push(made, &new.kind);
        self.state.touches.note(self.change.0, line);
        self.effects.structure = true;
    }

    pub(super) fn split(
        &mut self,
        strand: LineId,
        at: u32,
        (line, kind): (LineId, &Kind),
        (parent, slot): (LineId, SlotRef),
        ordered: bool,
    ) {
        let (Some(strand), Some(parent)) = (self.strand(strand), self.line_or_root(parent)) else {
            return;
        };
        let Some(hook) = self.hook(parent, slot).filter(|_| self.is_new(line)) else {
            return;
        };
        let event = self.event();
        let index = LineIndex::new(self.state.lines.len());
        let State {
            strands, history, ..
        } = &mut *self.state;
        if at > strands.wake(strand).len_for(history, event) {
            self.state.rest_others(strand);
            return;
        }
        strands
            .wake(strand)
            .insert_marker(history, event, at, index);
        self.state.rest_others(strand);
        let marker = index;
        let made = Made {
            id: line,
            created: self.change,
            strand,
            slot: self.state.slots.next(),
            is_marker: true,
        };
        let line = self.state.lines.push(made, kind);
        let key = if ordered {
            Key::Marker { strand, marker }
        } else {
            Key::Ordinary
        };
        let slot = self.add_slot(self.counted.slots, parent, hook, key);
        self.state.put(line, Place::nowhere(self.change));
        self.wait(line, Edge::Child { parent, slot });
        let split = self.state.strands.get(strand);
        let before = match split.rank(marker).checked_sub(1) {
            None => Some(split.first_line()),
            Some(before) => split.marker(before),
        };
        drop(split);
        for line in before.into_iter().chain([line]) {
            self.touch(line);
            self.effects.note_slice(line);
        }
    }

    pub(super) fn join(&mut self, line: LineId, boundary: Boundary) {
        let bound = match boundary {
            Boundary::Marker(next) => self
                .line(next)
                .filter(|&next| self.state.line(next).marker.is_some())
                .map(Bound::Marker),
            Boundary::End(strand) => self.strand(strand).map(Bound::End),
        };
        if let (Some(line), Some(bound)) = (self.line(line), bound) {
            self.place(line, Edge::Inline(bound));
        }
    }

    pub(super) fn move_line(&mut self, line: LineId, parent: LineId, slot: SlotRef) {
        let (Some(line), Some(parent)) = (self.line(line), self.line_or_root(parent)) else {
            return;
        };
        let Some(hook) = self.hook(parent, slot) else {
            return;
        };
        let slot = self.add_slot(self.counted.slots, parent, hook, Key::Ordinary);
        self.place(line, Edge::Child { parent, slot });
    }

    pub(super) fn move_back(&mut self, line: LineId, parent: LineId, slot: SlotId) {
        let (Some(line), Some(parent)) = (self.line(line), self.line_or_root(parent)) else {
            return;
        };
        if let Some(slot) = self.slot(parent, slot) {
            self.place(line, Edge::Child { parent, slot });
        }
    }

    /// A line that exists already gets another place.
    pub(super) fn place(&mut self, line: LineIndex, edge: Edge) {
        let change = self.change;
        let State { history, lines, .. } = &mut *self.state;
        let places = &mut lines.records_mut(line).places;
        insert_ordered(history, places, change, |&place| place);
        self.touch(line);
        self.effects.suspects.others.push(line);
        self.wait(line, edge);
    }

    pub(super) fn wait(&mut self, line: LineIndex, edge: Edge) {
        self.state.waiting.push(LogEntry {
            change: self.change,
            line,
            edge,
            prior: None,
        });
        self.effects.structure = true;
    }
}
