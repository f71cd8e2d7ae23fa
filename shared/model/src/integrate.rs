//! What each change does to the state. A change that does not fit the version of its author has no
//! effect; that is decided from what the event had seen alone, so every replica decides alike.

use std::collections::BTreeSet;

use crate::change::{Boundary, Change, NewLine, SlotId, SlotOrigin, SlotRef};
use crate::chars::char_count;
use crate::event::EventId;
use crate::fugue::{Edit, Inserted, Strand};
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::line::Kind;
use crate::place::{Bound, Edge, LogEntry};
use crate::property::{PropertyWrite, TagWrite};
use crate::slots::{Hook, Key};
use crate::state::{ChangeIndex, Line, Restored, State, insert_ordered};

/// What some changes touched, for working out what is displayed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    /// Changes of visible text, in order; only those before `structure` was set.
    pub edits: Vec<Edit>,
    /// Lines stand elsewhere, or other lines are shown.
    pub structure: bool,
    /// Lines whose slice may have changed since.
    pub slices: BTreeSet<LineIndex>,
    /// Lines that outlive deletions that had not seen this.
    pub touched: BTreeSet<LineIndex>,
    /// Lines whose kind, tags or properties changed.
    pub content: BTreeSet<LineIndex>,
    /// The title or the root's properties changed.
    pub title: bool,
    /// The root's properties changed.
    pub root: bool,
}

impl Effects {
    fn text(&mut self, edits: Vec<Edit>) {
        for edit in edits {
            if self.structure {
                self.slices.insert(edit.owner);
            } else {
                self.edits.push(edit);
            }
        }
    }
}

/// How many elements and slots the changes so far made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub elements: u32,
    pub slots: u32,
}

impl Counted {
    pub fn add(&mut self, change: &Change) {
        match change {
            Change::CreateLines { lines } => {
                self.elements += lines.iter().map(|line| char_count(&line.text)).sum::<u32>();
                self.slots += lines.len() as u32;
            }
            Change::EditText { insert, .. } => self.elements += char_count(insert),
            Change::Split { .. } => {
                self.elements += 1;
                self.slots += 1;
            }
            Change::Move { .. } => self.slots += 1,
            _ => {}
        }
    }
}

impl State {
    /// Carries out the changes of an event from number `from` on. Places wait for
    /// [`State::settle_places`].
    pub fn integrate(&mut self, event: EventIndex, from: usize, effects: &mut Effects) {
        let changes = std::mem::take(&mut self.history.event_mut(event).changes);
        let mut counted = Counted::default();
        for (number, change) in changes.iter().enumerate() {
            if number >= from {
                let step = Step {
                    state: self,
                    change: (event, number as u32),
                    counted,
                    effects,
                };
                step.carry_out(change);
            }
            counted.add(change);
        }
        self.history.event_mut(event).changes = changes;
    }
}

/// One change of one event.
struct Step<'a> {
    state: &'a mut State,
    change: ChangeIndex,
    counted: Counted,
    effects: &'a mut Effects,
}

impl Step<'_> {
    fn carry_out(mut self, change: &Change) {
        match change {
            Change::CreateLines { lines } => self.create_lines(lines),
            Change::EditText {
                strand,
                at,
                delete,
                insert,
            } => self.edit_text(*strand, *at, *delete, insert),
            Change::Split {
                strand,
                at,
                line,
                kind,
                parent,
                slot,
                ordered,
            } => self.split(*strand, *at, (*line, kind), (*parent, *slot), *ordered),
            Change::Join { line, boundary } => self.join(*line, *boundary),
            Change::Move { line, parent, slot } => self.move_line(*line, *parent, *slot),
            Change::MoveBack { line, parent, slot } => self.move_back(*line, *parent, *slot),
            Change::SetKind { line, kind } => self.set_kind(*line, kind),
            Change::SetProperty { line, name, value } => {
                let (name, value) = (name.clone(), value.clone());
                self.set_property(*line, name, value);
            }
            Change::AddTag { line, tag } => self.set_tag(*line, tag, true),
            Change::RemoveTag { line, tag } => self.set_tag(*line, tag, false),
            Change::DeleteLines { lines } | Change::DeleteAgain { lines } => {
                self.delete_lines(lines);
            }
            Change::Restore { line, deletions } => self.restore(*line, deletions),
            Change::UndeleteText { deletion } => self.undelete_text(*deletion),
            Change::Keep { line } => self.keep(*line),
            Change::SetTitle { title } => self.set_title(title),
            Change::Unknown { .. } => self.state.unknown_changes += 1,
        }
    }

    fn event(&self) -> EventIndex {
        self.change.0
    }

    /// The line, if the event had seen it; the root too.
    fn line_or_root(&self, id: LineId) -> Option<LineIndex> {
        let line = self.state.line_index(id)?;
        let created = self.state.line(line).created.0;
        (line == LineIndex::ROOT || self.state.history.saw(self.event(), created)).then_some(line)
    }

    fn line(&self, id: LineId) -> Option<LineIndex> {
        self.line_or_root(id)
            .filter(|&line| line != LineIndex::ROOT)
    }

    /// The strand that this line started.
    fn strand(&self, id: LineId) -> Option<StrandIndex> {
        let line = self.state.line(self.line(id)?);
        line.marker.is_none().then_some(line.strand)
    }

    /// An earlier event that this one had seen.
    fn earlier(&self, id: EventId) -> Option<EventIndex> {
        let event = self.state.history.index_of(id)?;
        let seen = event != self.event() && self.state.history.saw(self.event(), event);
        seen.then_some(event)
    }

    fn slot(&self, parent: LineIndex, id: SlotId) -> Option<SlotIndex> {
        let slot = self.state.slots.find(self.earlier(id.event)?, id.index)?;
        (self.state.slots.get(slot).parent == parent).then_some(slot)
    }

    fn hook(&self, parent: LineIndex, slot: SlotRef) -> Option<Hook> {
        let origin = match slot.origin {
            SlotOrigin::Start => None,
            SlotOrigin::Own(index) => {
                let own = self.state.slots.find(self.event(), index)?;
                (self.state.slots.get(own).parent == parent).then_some(Some(own))?
            }
            SlotOrigin::Slot(id) => Some(self.slot(parent, id)?),
        };
        let side = slot.side;
        (origin.is_some() || slot == SlotRef::START).then_some(Hook { origin, side })
    }

    /// A line that this event's replica may call its own.
    fn is_new(&self, id: LineId) -> bool {
        let replica = self.state.event_id(self.event()).replica;
        id.replica == replica && self.state.line_index(id).is_none()
    }

    fn add_slot(&mut self, index: u32, parent: LineIndex, hook: Hook, key: Key) -> SlotIndex {
        let event = self.event();
        let State {
            slots,
            history,
            strands,
            lines,
            ..
        } = &mut *self.state;
        let markers = crate::state::Markers { strands, lines };
        slots.insert(history, &markers, (event, index), parent, hook, key)
    }

    fn create_lines(&mut self, lines: &[NewLine]) {
        let mut counted = self.counted;
        for line in lines {
            self.create_line(line, counted);
            counted.elements += char_count(&line.text);
            counted.slots += 1;
        }
    }

    fn create_line(&mut self, new: &NewLine, counted: Counted) {
        let Some(parent) = self.line_or_root(new.parent) else {
            return;
        };
        let Some(hook) = self.hook(parent, new.slot).filter(|_| self.is_new(new.id)) else {
            return;
        };
        let event = self.event();
        let slot = self.add_slot(counted.slots, parent, hook, Key::Ordinary);
        let strand = StrandIndex::new(self.state.strands.len());
        let line = Line::new(new.id, self.change, strand, None, new.kind.clone());
        let line = self.state.add_line(line);
        self.state.strands.push(Strand::new(line));
        self.state
            .place_new(line, Edge::Child { parent, slot }, self.change);
        if !new.text.is_empty() {
            self.state.strands[strand.at()].insert(
                &self.state.history,
                (event, counted.elements),
                0,
                Inserted::Text(&new.text),
                &mut Vec::new(),
            );
        }
        self.effects.structure = true;
        self.effects.slices.insert(line);
    }

    fn edit_text(&mut self, strand: LineId, at: u32, delete: u32, insert: &str) {
        let Some(index) = self.strand(strand) else {
            return;
        };
        let event = self.event();
        let State {
            strands,
            history,
            text_deletions,
            ..
        } = &mut *self.state;
        let strand = &mut strands[index.at()];
        let len = strand.len_for(history, event);
        if at.checked_add(delete).is_none_or(|end| end > len) {
            return;
        }
        let mut deleted = Vec::new();
        if delete > 0 {
            strand.delete(history, event, at, delete, &mut deleted);
            let touched = text_deletions.entry(event).or_default();
            if !touched.contains(&index) {
                touched.push(index);
            }
        }
        let mut inserted = Vec::new();
        if !insert.is_empty() {
            let n = self.counted.elements;
            strand.insert(
                history,
                (event, n),
                at,
                Inserted::Text(insert),
                &mut inserted,
            );
        }
        self.effects.text(deleted);
        let touched = inserted.iter().map(|edit| edit.owner);
        self.effects.touched.extend(touched);
        self.effects.text(inserted);
    }

    fn split(
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
        let Some(marker) = self.state.strands[strand.at()].insert(
            &self.state.history,
            (event, self.counted.elements),
            at,
            Inserted::Marker(index),
            &mut Vec::new(),
        ) else {
            return;
        };
        let line = Line::new(line, self.change, strand, Some(marker), kind.clone());
        let line = self.state.add_line(line);
        let key = if ordered {
            Key::Marker { strand, marker }
        } else {
            Key::Ordinary
        };
        let slot = self.add_slot(self.counted.slots, parent, hook, key);
        self.wait(line, Edge::Child { parent, slot });
        let rank = self.state.strands[strand.at()].rank(marker);
        let before = match rank.checked_sub(1) {
            None => Some(self.state.strands[strand.at()].first_line()),
            Some(before) => self.state.strands[strand.at()].marker(before),
        };
        self.effects.slices.extend(before);
        self.effects.slices.insert(line);
    }

    fn join(&mut self, line: LineId, boundary: Boundary) {
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

    fn move_line(&mut self, line: LineId, parent: LineId, slot: SlotRef) {
        let (Some(line), Some(parent)) = (self.line(line), self.line_or_root(parent)) else {
            return;
        };
        let Some(hook) = self.hook(parent, slot) else {
            return;
        };
        let slot = self.add_slot(self.counted.slots, parent, hook, Key::Ordinary);
        self.place(line, Edge::Child { parent, slot });
    }

    fn move_back(&mut self, line: LineId, parent: LineId, slot: SlotId) {
        let (Some(line), Some(parent)) = (self.line(line), self.line_or_root(parent)) else {
            return;
        };
        if let Some(slot) = self.slot(parent, slot) {
            self.place(line, Edge::Child { parent, slot });
        }
    }

    /// A line that exists already gets another place.
    fn place(&mut self, line: LineIndex, edge: Edge) {
        let change = self.change;
        let State { history, lines, .. } = &mut *self.state;
        let places = &mut lines[line.at()].records_mut().places;
        insert_ordered(history, places, change, |&place| place);
        self.wait(line, edge);
    }

    fn wait(&mut self, line: LineIndex, edge: Edge) {
        self.state.waiting.push(LogEntry {
            change: self.change,
            line,
            edge,
            prior: None,
        });
        self.effects.structure = true;
    }

    fn set_kind(&mut self, line: LineId, kind: &Kind) {
        let Some(line) = self.line(line) else { return };
        let write = (self.change, kind.clone());
        let State { history, lines, .. } = &mut *self.state;
        let kinds = &mut lines[line.at()].records_mut().kinds;
        insert_ordered(history, kinds, write, |(change, _)| *change);
        self.effects.content.insert(line);
        self.effects.touched.insert(line);
    }

    fn set_property(&mut self, line: LineId, name: String, value: Option<crate::line::Value>) {
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
        let properties = &mut lines[line.at()].records_mut().properties;
        insert_ordered(history, properties, write, |write| write.change);
        self.note_content(line);
    }

    fn set_tag(&mut self, line: LineId, tag: &str, is_added: bool) {
        let Some(line) = self.line_or_root(line) else {
            return;
        };
        let write = TagWrite {
            change: self.change,
            tag: tag.to_owned(),
            is_added,
        };
        let State { history, lines, .. } = &mut *self.state;
        let tags = &mut lines[line.at()].records_mut().tags;
        insert_ordered(history, tags, write, |write| write.change);
        self.note_content(line);
    }

    fn note_content(&mut self, line: LineIndex) {
        if line == LineIndex::ROOT {
            self.effects.title = true;
            self.effects.root = true;
        } else {
            self.effects.content.insert(line);
            self.effects.touched.insert(line);
        }
    }

    fn delete_lines(&mut self, lines: &[LineId]) {
        let event = self.event();
        for &line in lines {
            let Some(line) = self.line(line) else {
                continue;
            };
            let deletions = &mut self.state.line_mut(line).records_mut().deletions;
            if !deletions.contains(&event) {
                deletions.push(event);
            }
            self.effects.structure = true;
        }
    }

    fn restore(&mut self, line: LineId, deletions: &[EventId]) {
        let Some(line) = self.line(line) else { return };
        let deletions = deletions
            .iter()
            .filter_map(|&deletion| self.earlier(deletion))
            .collect();
        let event = self.event();
        let restores = &mut self.state.line_mut(line).records_mut().restores;
        restores.push(Restored { event, deletions });
        self.effects.structure = true;
    }

    fn undelete_text(&mut self, deletion: EventId) {
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
        for strand in text_deletions.get(&deletion).into_iter().flatten() {
            let mut edits = Vec::new();
            let strand = &mut strands[strand.at()];
            let touched = strand.undelete(history, event, deletion, &mut edits);
            self.effects.touched.extend(touched);
            self.effects.text(edits);
        }
    }

    fn keep(&mut self, line: LineId) {
        let Some(line) = self.line(line) else { return };
        let event = self.event();
        self.state.line_mut(line).records_mut().keeps.push(event);
        self.effects.touched.insert(line);
    }

    fn set_title(&mut self, title: &str) {
        let write = (self.change, title.to_owned());
        let State {
            history, titles, ..
        } = &mut *self.state;
        insert_ordered(history, titles, write, |(change, _)| *change);
        self.effects.title = true;
    }
}
