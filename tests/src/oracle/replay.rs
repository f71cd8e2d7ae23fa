//! Carries out the changes of all events, one after the other in the total order (rule 6).
//! Knows nothing of what is displayed or hidden.

use std::collections::BTreeMap;

use tideline_model::{Boundary, Change, Event, EventId, Kind, LineId, NewLine, SlotId, SlotRef};

use super::history::{History, Seen};
use super::line::{Edge, Line, Slots};
use super::strand::{Content, ElementId, Strand, Undeletions};

pub struct Deletion {
    pub event: EventId,
    pub line: LineId,
}

pub struct Restoring {
    pub event: EventId,
    pub line: LineId,
    pub deletions: Vec<EventId>,
}

pub struct Replay {
    pub lines: BTreeMap<LineId, Line>,
    /// By the line that started each.
    pub strands: BTreeMap<LineId, Strand>,
    /// By parent.
    pub slots: BTreeMap<LineId, Slots>,
    pub deletions: Vec<Deletion>,
    pub restorings: Vec<Restoring>,
    pub undeletions: Undeletions,
    pub title: String,
}

/// The event being carried out.
pub(super) struct Now<'a> {
    pub event: EventId,
    pub seen: &'a Seen,
    /// Counts all changes of all events.
    pub at: usize,
    slots: u32,
    elements: u32,
}

impl Now<'_> {
    fn slot(&mut self) -> SlotId {
        self.slots += 1;
        SlotId {
            event: self.event,
            index: self.slots - 1,
        }
    }

    fn element(&mut self) -> (EventId, ElementId) {
        self.elements += 1;
        (self.event, (self.at, self.elements - 1))
    }

    /// Whether the author had seen `event` before making this one.
    pub fn saw(&self, event: EventId) -> bool {
        event != self.event && self.seen.has(event)
    }
}

impl Replay {
    pub fn of(history: &History<'_>) -> Self {
        let root = Line::new(None, LineId::ROOT, Kind::Text);
        let mut replay = Self {
            lines: BTreeMap::from([(LineId::ROOT, root)]),
            strands: BTreeMap::new(),
            slots: BTreeMap::new(),
            deletions: Vec::new(),
            restorings: Vec::new(),
            undeletions: BTreeMap::new(),
            title: String::new(),
        };
        let mut at = 0;
        for event in &history.events {
            replay.carry_out(event, history.version(event.id), &mut at);
        }
        replay
    }

    fn carry_out(&mut self, event: &Event, seen: &Seen, at: &mut usize) {
        let mut now = Now {
            event: event.id,
            seen,
            at: 0,
            slots: 0,
            elements: 0,
        };
        for change in &event.changes {
            *at += 1;
            now.at = *at;
            // `None` says that the change does not fit its version and has had no effect.
            let _: Option<()> = self.change(&mut now, change);
        }
    }

    fn change(&mut self, now: &mut Now<'_>, change: &Change) -> Option<()> {
        match change {
            Change::CreateLines { lines } => {
                for line in lines {
                    let _: Option<()> = self.create(now, line);
                }
                Some(())
            }
            Change::EditText {
                strand,
                at,
                delete,
                insert,
            } => self.edit(now, *strand, (*at, *delete), insert),
            Change::Split { .. } => self.split(now, change),
            Change::Join { line, boundary } => self.join(now, *line, *boundary),
            Change::Move { line, parent, slot } => self.move_line(now, *line, *parent, *slot),
            Change::MoveBack { line, parent, slot } => self.move_back(now, *line, *parent, *slot),
            Change::DeleteLines { lines } | Change::DeleteAgain { lines } => {
                for &line in lines {
                    let _: Option<()> = self.delete(now, line);
                }
                Some(())
            }
            Change::Restore { line, deletions } => self.restore(now, *line, deletions),
            Change::UndeleteText { deletion } => {
                let seen = now.saw(*deletion);
                seen.then(|| {
                    self.undeletions
                        .entry(*deletion)
                        .or_default()
                        .push(now.event);
                })
            }
            Change::Keep { line } => {
                self.movable(now, *line)?;
                self.lines.get_mut(line)?.keeps.push(now.event);
                self.touch(now, *line)
            }
            Change::SetTitle { title } => {
                self.title.clone_from(title);
                Some(())
            }
            Change::Undoes { .. } | Change::Begins | Change::Continues | Change::Unknown { .. } => {
                Some(())
            }
            Change::SetKind { .. }
            | Change::SetProperty { .. }
            | Change::AddTag { .. }
            | Change::RemoveTag { .. } => self.describe(now, change),
        }
    }

    fn create(&mut self, now: &mut Now<'_>, new: &NewLine) -> Option<()> {
        let slot = now.slot();
        self.can_be_made(now, new.id)?;
        self.known(now, new.parent)?;
        self.add_slot(now, (new.parent, new.slot), slot, None)?;
        let mut strand = Strand::new(new.id);
        let mut left = None;
        for character in new.text.chars() {
            let content = Content::Character(character);
            left = Some(strand.insert(left, now.seen, now.element(), content));
        }
        self.strands.insert(new.id, strand);
        let line = Line::new(Some(now.event), new.id, new.kind.clone());
        self.lines.insert(new.id, line);
        self.place_child(now, new.id, new.parent, slot)
    }

    fn edit(
        &mut self,
        now: &mut Now<'_>,
        strand: LineId,
        (at, delete): (u32, u32),
        insert: &str,
    ) -> Option<()> {
        self.known(now, strand)?;
        let strand = self.strands.get_mut(&strand)?;
        let shown = strand.shown(now.seen, &self.undeletions);
        let (from, to) = (at as usize, at as usize + delete as usize);
        for &index in shown.get(from..to)? {
            let element = &mut strand.elements.nodes[index].value;
            if matches!(element.content, Content::Character(_)) {
                element.deleted_by.push(now.event);
            }
        }
        let mut left = from.checked_sub(1).map(|left| shown[left]);
        for character in insert.chars() {
            let content = Content::Character(character);
            left = Some(strand.insert(left, now.seen, now.element(), content));
        }
        Some(())
    }

    fn split(&mut self, now: &mut Now<'_>, change: &Change) -> Option<()> {
        let slot_id = now.slot();
        let Change::Split {
            strand,
            at,
            line,
            kind,
            parent,
            slot,
            ordered,
        } = change
        else {
            return None;
        };
        self.known(now, *strand)?;
        self.known(now, *parent)?;
        self.can_be_made(now, *line)?;
        let shown = self.strands.get(strand)?.shown(now.seen, &self.undeletions);
        let at = *at as usize;
        if at > shown.len() {
            return None;
        }
        let left = at.checked_sub(1).map(|left| shown[left]);
        let ordered = ordered.then_some((*strand, *line));
        self.add_slot(now, (*parent, *slot), slot_id, ordered)?;
        let elements = self.strands.get_mut(strand)?;
        elements.insert(left, now.seen, now.element(), Content::Marker(*line));
        let new = Line::new(Some(now.event), *strand, kind.clone());
        self.lines.insert(*line, new);
        if self.is_at_or_below(*parent, *line) {
            let boundary = Boundary::Marker(*line);
            self.place(now, *line, Edge::Inline { boundary }, false)?;
            self.lines.get_mut(line)?.places.last_mut()?.fell_back = true;
            return Some(());
        }
        self.place_child(now, *line, *parent, slot_id)
    }

    fn join(&mut self, now: &Now<'_>, line: LineId, boundary: Boundary) -> Option<()> {
        self.movable(now, line)?;
        match boundary {
            Boundary::Marker(marker) => {
                self.known(now, marker)?;
                if marker == LineId::ROOT || self.strands.contains_key(&marker) {
                    return None;
                }
            }
            Boundary::End(strand) => {
                self.known(now, strand)?;
                self.strands.get(&strand)?;
            }
        }
        let skipped = self.is_at_or_below(self.host(boundary), line);
        self.place(now, line, Edge::Inline { boundary }, skipped)
    }

    fn move_line(
        &mut self,
        now: &mut Now<'_>,
        line: LineId,
        parent: LineId,
        slot: SlotRef,
    ) -> Option<()> {
        let id = now.slot();
        self.movable(now, line)?;
        self.known(now, parent)?;
        self.add_slot(now, (parent, slot), id, None)?;
        self.place_child(now, line, parent, id)
    }

    fn move_back(
        &mut self,
        now: &Now<'_>,
        line: LineId,
        parent: LineId,
        slot: SlotId,
    ) -> Option<()> {
        self.movable(now, line)?;
        self.known(now, parent)?;
        self.find_slot(now, parent, slot)?;
        self.place_child(now, line, parent, slot)
    }

    fn delete(&mut self, now: &Now<'_>, line: LineId) -> Option<()> {
        self.movable(now, line)?;
        self.deletions.push(Deletion {
            event: now.event,
            line,
        });
        Some(())
    }

    fn restore(&mut self, now: &Now<'_>, line: LineId, deletions: &[EventId]) -> Option<()> {
        self.movable(now, line)?;
        let seen = deletions.iter().copied().filter(|&event| now.saw(event));
        self.restorings.push(Restoring {
            event: now.event,
            line,
            deletions: seen.collect(),
        });
        self.touch(now, line)
    }

    /// Kind, properties and tags. An author replaces, and removes, what they had seen.
    fn describe(&mut self, now: &Now<'_>, change: &Change) -> Option<()> {
        let (Change::SetKind { line, .. }
        | Change::SetProperty { line, .. }
        | Change::AddTag { line, .. }
        | Change::RemoveTag { line, .. }) = change
        else {
            return None;
        };
        self.known(now, *line)?;
        self.touch(now, *line);
        let line = self.lines.get_mut(line)?;
        match change {
            Change::SetKind { kind, .. } => line.kind = kind.clone(),
            Change::SetProperty { name, value, .. } => {
                let sets = line.properties.entry(name.clone()).or_default();
                sets.retain(|(event, _)| !now.seen.has(*event));
                sets.push((now.event, value.clone()));
            }
            Change::AddTag { tag, .. } => {
                let additions = line.tags.entry(tag.clone()).or_default();
                additions.push(now.event);
            }
            Change::RemoveTag { tag, .. } => {
                let additions = line.tags.entry(tag.clone()).or_default();
                additions.retain(|event| !now.seen.has(*event));
            }
            _ => {}
        }
        Some(())
    }

    pub(super) fn touch(&mut self, now: &Now<'_>, line: LineId) -> Option<()> {
        self.lines.get_mut(&line)?.touches.push(now.event);
        Some(())
    }
}
