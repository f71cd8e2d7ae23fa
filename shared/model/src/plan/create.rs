//! Lines that did not exist before.

use crate::change::{Change, NewLine, SlotRef};
use crate::document::IntentError;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::intent::{DraftLine, Placement};
use crate::line::Kind;
use crate::plan::{Plan, Spot};

impl Plan<'_> {
    /// Each line hangs behind the one before it, so that what two people paste at one place does not
    /// mix.
    pub fn create_lines(
        &mut self,
        placement: Placement,
        drafts: &[DraftLine],
    ) -> Result<(), IntentError> {
        let spot = self.spot(placement)?;
        let mut lines = Vec::with_capacity(drafts.len());
        // The latest line of each depth, with its slot.
        let mut open: Vec<(LineId, SlotRef)> = Vec::new();
        for draft in drafts {
            self.check_new(draft.id)?;
            let depth = draft.depth as usize;
            if depth > open.len() {
                return Err(IntentError::Malformed(
                    "a line is more than one deeper than the one before it",
                ));
            }
            let slot = match open.get(depth) {
                Some(&(_, behind)) => behind,
                None if depth == 0 => spot.slot,
                None => SlotRef::START,
            };
            let parent = match depth.checked_sub(1) {
                None => self.id(spot.parent),
                Some(above) => open[above].0,
            };
            open.truncate(depth);
            open.push((draft.id, self.own_slot()));
            lines.push(NewLine {
                id: draft.id,
                parent,
                slot,
                kind: draft.kind.clone(),
                text: draft.text.clone(),
            });
        }
        if !lines.is_empty() {
            self.changes.push(Change::CreateLines { lines });
        }
        for draft in drafts {
            self.push_content(draft);
        }
        Ok(())
    }

    fn push_content(&mut self, draft: &DraftLine) {
        for (name, value) in &draft.properties {
            self.changes.push(Change::SetProperty {
                line: draft.id,
                name: name.clone(),
                value: Some(value.clone()),
            });
        }
        for tag in &draft.tags {
            self.changes.push(Change::AddTag {
                line: draft.id,
                tag: tag.clone(),
            });
        }
    }

    pub fn check_new(&self, line: LineId) -> Result<(), IntentError> {
        if self.document.state.line_index(line).is_some() {
            return Err(IntentError::Malformed("the new line exists already"));
        }
        Ok(())
    }

    pub fn create_empty(&mut self, line: LineId, kind: &Kind, spot: Spot) {
        self.changes.push(Change::CreateLines {
            lines: vec![NewLine {
                id: line,
                parent: self.id(spot.parent),
                slot: spot.slot,
                kind: kind.clone(),
                text: String::new(),
            }],
        });
        self.own_slot();
    }

    /// Directly in front of a displayed line.
    pub fn spot_before(&self, line: LineIndex) -> Spot {
        let document = self.document;
        match document.display.previous_child(&document.state, line) {
            Some(before) => self.spot_behind(before),
            None => self.spot_first(self.edge_parent(line)),
        }
    }
}
