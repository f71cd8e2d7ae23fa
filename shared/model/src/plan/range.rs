//! Deleting a selection over several lines.

use crate::document::IntentError;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::plan::Plan;

impl Plan<'_> {
    pub fn delete_range(
        &mut self,
        (first, first_at): (LineId, u32),
        (last, last_at): (LineId, u32),
    ) -> Result<(), IntentError> {
        if first == last {
            let delete = last_at.checked_sub(first_at).ok_or(IntentError::Malformed(
                "the selection ends before it starts",
            ))?;
            return self.edit_text(first, first_at, delete, "");
        }
        let (first, last) = (self.line(first)?, self.line(last)?);
        let between = self.between(first, last)?;
        let state = &self.document.state;
        let first_parts = self.document.display.parts(state, first);
        let last_parts = self.document.display.parts(state, last);
        let first_at = self.check_end(first, &first_parts, u64::from(first_at))?;
        let last_at = self.check_end(last, &last_parts, u64::from(last_at))?;
        let end = first_parts.iter().map(|part| part.chars).sum();
        let mut pieces = self.pieces(&first_parts, first_at, end);
        pieces.extend(self.pieces(&last_parts, 0, last_at));
        self.push_edits(pieces, None);
        self.join_to_last_part(last, first);
        self.adopt(first, last);
        let is_topmost = |line: &LineIndex| !between.contains(&self.document.display.parent(*line));
        let topmost = between.iter().copied().filter(is_topmost).collect();
        self.delete_lines(topmost);
        Ok(())
    }

    /// The displayed lines from `first` to `last`, without these two, in display order.
    fn between(&self, first: LineIndex, last: LineIndex) -> Result<Vec<LineIndex>, IntentError> {
        let mut between = Vec::new();
        let mut line = first;
        loop {
            line = self.next_displayed(line).ok_or(IntentError::Malformed(
                "the selection ends before it starts",
            ))?;
            if line == last {
                return Ok(between);
            }
            between.push(line);
        }
    }

    fn next_displayed(&self, line: LineIndex) -> Option<LineIndex> {
        let display = &self.document.display;
        let state = &self.document.state;
        if let Some(child) = display.first_displayed_child(state, line) {
            return Some(child);
        }
        let mut line = line;
        while line != LineIndex::ROOT {
            if let Some(next) = display.next_sibling(state, line) {
                return Some(next);
            }
            line = display.parent(line);
        }
        None
    }

    fn siblings_behind(&self, line: LineIndex) -> impl Iterator<Item = LineIndex> {
        let (display, state) = (&self.document.display, &self.document.state);
        let next = |line: &LineIndex| display.next_sibling(state, *line);
        std::iter::successors(Some(line), next).skip(1)
    }

    /// The lines that hang behind the selection from lines that go become children of `first`, in
    /// their order on the screen: those of `last`, then of what is above it, from below.
    fn adopt(&mut self, first: LineIndex, last: LineIndex) {
        let display = &self.document.display;
        let mut survivors = Vec::new();
        let mut branch = last;
        loop {
            let parent = display.parent(branch);
            let is_kept = parent == first || self.ancestors(first).any(|above| above == parent);
            if is_kept || parent == LineIndex::ROOT {
                break;
            }
            survivors.extend(self.siblings_behind(branch));
            branch = parent;
        }
        let children = display.children(&self.document.state, last);
        let is_below_first = display.parent(branch) == first;
        if is_below_first && self.siblings_behind(branch).next().is_some() {
            // Children that stay with `first` come behind all of these.
            let adopted = [children, survivors].concat();
            self.move_in_a_row(&adopted, self.spot_behind(branch), first);
        } else {
            let spot = match children.last() {
                Some(&child) => self.spot_behind(child),
                None => self.spot_last(first),
            };
            self.move_in_a_row(&survivors, spot, first);
        }
    }
}
