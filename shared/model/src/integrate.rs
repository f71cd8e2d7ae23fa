//! What each change does to the state. A change that does not fit the version of its author has no
//! effect; that is decided from what the event had seen alone, so every replica decides alike.

mod content;
mod fit;
mod places;

use smallvec::SmallVec;

use crate::change::Change;
use crate::display::Suspects;
use crate::event::Event;
use crate::index::{EventIndex, LineIndex};
use crate::state::{ChangeIndex, State};
use crate::strand::{Edits, Report};

/// What some changes touched, for working out what is displayed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    /// Changes of visible text, in order; only those before `structure` was set.
    pub edits: Edits,
    /// Lines stand elsewhere, or other lines are shown.
    pub structure: bool,
    /// Lines whose slice may have changed since.
    pub slices: Vec<LineIndex>,
    /// Lines that outlive deletions that had not seen this.
    pub touched: SmallVec<[LineIndex; 4]>,
    /// Lines that were deleted or restored, or whose places were written.
    pub suspects: Suspects,
    /// Lines whose kind, tags or properties changed.
    pub content: Vec<LineIndex>,
    /// The title or the root's properties changed.
    pub title: bool,
    /// The root's properties changed.
    pub root: bool,
}

impl Effects {
    pub fn note_slice(&mut self, line: LineIndex) {
        if self.slices.last() != Some(&line) {
            self.slices.push(line);
        }
    }
}

impl Report for Effects {
    fn edited(&mut self, owner: LineIndex, at: u32, delete: u32, insert: &str) {
        if self.structure {
            self.note_slice(owner);
        } else {
            self.edits.edited(owner, at, delete, insert);
        }
    }
}

/// How many slots the changes so far made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub slots: u32,
}

impl Counted {
    pub fn add(&mut self, change: &Change) {
        match change {
            Change::CreateLines { lines } => self.slots += lines.len() as u32,
            Change::Split { .. } | Change::Move { .. } => self.slots += 1,
            _ => {}
        }
    }
}

impl State {
    /// Carries out the changes of an event from number `from` on. Places wait for
    /// [`State::settle_places`].
    pub fn integrate(
        &mut self,
        index: EventIndex,
        event: &Event,
        from: usize,
        effects: &mut Effects,
    ) {
        let mut counted = Counted::default();
        for (number, change) in event.changes.iter().enumerate() {
            if number >= from {
                let step = Step {
                    state: self,
                    change: (index, number as u32),
                    counted,
                    effects,
                };
                step.carry_out(change);
            }
            counted.add(change);
        }
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
            Change::DeleteLines { lines } => {
                self.delete_lines(lines);
                self.note_deleted(lines);
            }
            Change::DeleteAgain { lines } => self.delete_lines(lines),
            Change::Restore { line, deletions } => self.restore(*line, deletions),
            Change::UndeleteText { deletion } => self.undelete_text(*deletion),
            Change::Keep { line } => self.keep(*line),
            Change::SetTitle { title } => self.set_title(title),
            Change::Undoes { .. } | Change::Begins | Change::Continues => {}
            Change::Unknown { .. } => self.state.unknown_changes += 1,
        }
    }

    fn event(&self) -> EventIndex {
        self.change.0
    }

    /// Notes that a line outlives deletions whose authors had not heard of this event.
    fn touch(&mut self, line: LineIndex) {
        self.state.touches.note(self.change.0, line);
        if self.effects.touched.last() != Some(&line) {
            self.effects.touched.push(line);
        }
    }
}
