//! Turns what somebody wants done with displayed lines into the changes of one event.
//! Knows nothing of ids of events: a plan is made before its event exists.

mod care;
mod create;
mod range;
mod restore;
mod split;
mod spot;
mod text;

use crate::change::{Change, SlotRef};
use crate::document::{Document, IntentError};
use crate::id::LineId;
use crate::index::LineIndex;
use crate::intent::{Intent, Placement};
use crate::line::Kind;
use crate::place::{Bound, Edge};

pub(crate) use spot::Spot;
pub(crate) use text::Piece;

/// The changes that carry out `intent`.
pub(crate) fn plan(document: &Document, intent: &Intent) -> Result<Vec<Change>, IntentError> {
    let mut plan = Plan::new(document);
    plan.intent(intent)?;
    plan.take_care();
    Ok(plan.changes)
}

/// The changes of one event, while they are put together.
pub(crate) struct Plan<'a> {
    pub document: &'a Document,
    pub changes: Vec<Change>,
    /// Slots that the changes so far make.
    slots: u32,
    pub departures: Vec<Departure>,
    pub deleted: Vec<LineIndex>,
}

/// A line, with all that hangs from it, gets another place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Departure {
    pub line: LineIndex,
    /// The displayed line that it will belong to or stand under.
    pub to: LineIndex,
}

impl<'a> Plan<'a> {
    pub fn new(document: &'a Document) -> Self {
        Self {
            document,
            changes: Vec::new(),
            slots: 0,
            departures: Vec::new(),
            deleted: Vec::new(),
        }
    }

    fn intent(&mut self, intent: &Intent) -> Result<(), IntentError> {
        match intent {
            Intent::EditText {
                line,
                at,
                delete,
                insert,
            } => self.edit_text(*line, *at, *delete, insert),
            Intent::Split {
                line,
                at,
                new_line,
                kind,
            } => self.split(*line, *at, *new_line, kind),
            Intent::Join { line, into } => self.join(*line, *into),
            Intent::DeleteRange {
                first,
                first_at,
                last,
                last_at,
            } => self.delete_range((*first, *first_at), (*last, *last_at)),
            Intent::CreateLines { placement, lines } => self.create_lines(*placement, lines),
            Intent::Move { lines, placement } => self.move_lines(lines, *placement),
            Intent::SetKind { lines, kind } => self.set_kind(lines, kind),
            Intent::SetProperty { line, name, value } => {
                self.line_or_root(*line)?;
                self.changes.push(Change::SetProperty {
                    line: *line,
                    name: name.clone(),
                    value: value.clone(),
                });
                Ok(())
            }
            Intent::AddTag { line, tag } => {
                self.line_or_root(*line)?;
                let (line, tag) = (*line, tag.clone());
                self.changes.push(Change::AddTag { line, tag });
                Ok(())
            }
            Intent::RemoveTag { line, tag } => {
                self.line_or_root(*line)?;
                let (line, tag) = (*line, tag.clone());
                self.changes.push(Change::RemoveTag { line, tag });
                Ok(())
            }
            Intent::Delete { lines } => self.delete(lines),
            Intent::Restore { lines } => self.restore(lines),
            Intent::SetTitle { title } => {
                let title = title.clone();
                self.changes.push(Change::SetTitle { title });
                Ok(())
            }
        }
    }

    /// A displayed line.
    fn line(&self, line: LineId) -> Result<LineIndex, IntentError> {
        let found = self.document.displayed_line(line);
        found.ok_or(IntentError::UnknownLine(line))
    }

    fn line_or_root(&self, line: LineId) -> Result<LineIndex, IntentError> {
        if line == LineId::ROOT {
            return Ok(LineIndex::ROOT);
        }
        self.line(line)
    }

    pub fn id(&self, line: LineIndex) -> LineId {
        self.document.state.line(line).id
    }

    fn set_kind(&mut self, lines: &[LineId], kind: &Kind) -> Result<(), IntentError> {
        for &id in lines {
            let line = self.line(id)?;
            if self.document.state.line(line).kind() != kind {
                let kind = kind.clone();
                self.changes.push(Change::SetKind { line: id, kind });
            }
        }
        Ok(())
    }

    fn delete(&mut self, lines: &[LineId]) -> Result<(), IntentError> {
        let lines: Vec<LineIndex> = lines
            .iter()
            .map(|&line| self.line(line))
            .collect::<Result<_, _>>()?;
        let mut topmost = Vec::new();
        for &line in &lines {
            let covered = self.ancestors(line).any(|above| lines.contains(&above));
            if !covered && !topmost.contains(&line) {
                topmost.push(line);
            }
        }
        self.delete_lines(topmost);
        Ok(())
    }

    pub fn delete_lines(&mut self, lines: Vec<LineIndex>) {
        if lines.is_empty() {
            return;
        }
        let ids = lines.iter().map(|&line| self.id(line)).collect();
        self.changes.push(Change::DeleteLines { lines: ids });
        self.deleted.extend(lines);
    }

    /// The displayed lines above a displayed line, without the root.
    pub fn ancestors(&self, line: LineIndex) -> impl Iterator<Item = LineIndex> + use<'a> {
        let display = &self.document.display;
        std::iter::successors(Some(line), |&line| Some(display.parent(line)))
            .skip(1)
            .take_while(|&line| line != LineIndex::ROOT)
    }

    fn move_lines(&mut self, lines: &[LineId], placement: Placement) -> Result<(), IntentError> {
        let parent = self.line_or_root(placement.parent)?;
        let moved: Vec<LineIndex> = lines
            .iter()
            .map(|&line| self.line(line))
            .collect::<Result<_, _>>()?;
        let mut above = self.ancestors(parent).chain([parent]);
        if above.any(|above| moved.contains(&above)) {
            return Err(IntentError::BelowItself);
        }
        let spot = self.spot_without(placement, &moved)?;
        self.move_in_a_row(&moved, spot, parent);
        Ok(())
    }

    /// Puts the lines one behind the other, the first at `spot`, to show under `to`.
    pub fn move_in_a_row(&mut self, lines: &[LineIndex], spot: Spot, to: LineIndex) {
        let mut slot = spot.slot;
        for &line in lines {
            self.changes.push(Change::Move {
                line: self.id(line),
                parent: self.id(spot.parent),
                slot,
            });
            slot = self.own_slot();
            self.departures.push(Departure { line, to });
        }
    }

    /// Counts a slot that the latest change makes; gives the place behind it.
    fn own_slot(&mut self) -> SlotRef {
        let slot = SlotRef::behind_own(self.slots);
        self.slots += 1;
        slot
    }

    fn join(&mut self, line: LineId, into: LineId) -> Result<(), IntentError> {
        let (line, into) = (self.line(line)?, self.line(into)?);
        if self
            .ancestors(into)
            .chain([into])
            .any(|above| above == line)
        {
            return Err(IntentError::BelowItself);
        }
        let display = &self.document.display;
        let state = &self.document.state;
        let is_followed =
            display.parent(line) == into && display.next_sibling(state, line).is_some();
        self.join_to_last_part(line, into);
        if is_followed && display.child_count(state, line) > 0 {
            let children = display.children(state, line);
            let spot = self.spot_behind(line);
            self.move_in_a_row(&children, spot, into);
        }
        Ok(())
    }

    /// Hangs a displayed line behind all parts of another.
    fn join_to_last_part(&mut self, line: LineIndex, into: LineIndex) {
        let last = self.last_part(into);
        let bound = self.document.state.right_bound(last);
        self.push_join(line, bound, into);
    }

    pub fn push_join(&mut self, line: LineIndex, bound: Bound, into: LineIndex) {
        self.changes.push(Change::Join {
            line: self.id(line),
            boundary: self.document.state.boundary(bound),
        });
        self.departures.push(Departure { line, to: into });
    }

    fn last_part(&self, line: LineIndex) -> LineIndex {
        let mut parts = self.document.display.part_lines(line);
        parts.next_back().unwrap_or(line)
    }

    /// The line that this one is a child of, not counting that lines are joined.
    fn edge_parent(&self, line: LineIndex) -> LineIndex {
        match self.document.state.place_of(line).edge {
            Edge::Child { parent, .. } => parent,
            Edge::Inline(_) | Edge::Nowhere => {
                unreachable!("a displayed line is a child of some line")
            }
        }
    }
}
