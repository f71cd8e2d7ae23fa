//! Asking for children, siblings and rows.

use crate::display::Display;
use crate::index::{LineIndex, SlotIndex};
use crate::place::Edge;
use crate::slots::Measure;
use crate::state::State;

const SHOWN: Measure = |weight| weight.shown;
const ROWS: Measure = |weight| weight.rows;
const OCCUPIED: Measure = |weight| weight.occupied;

impl Display {
    /// The displayed children of a displayed line, or of the root, in order.
    pub fn children(&self, state: &State, line: LineIndex) -> Vec<LineIndex> {
        if !self.is_displayed_or_root(line) {
            return Vec::new();
        }
        let parts = self.part_lines(line);
        parts
            .flat_map(|part| self.counted_children(state, part))
            .collect()
    }

    pub fn child_count(&self, state: &State, line: LineIndex) -> usize {
        if !self.is_displayed_or_root(line) {
            return 0;
        }
        let parts = self.part_lines(line);
        parts
            .map(|part| self.below(state, part).shown as usize)
            .sum()
    }

    /// The displayed children that hang from this very line.
    pub(super) fn counted_children(&self, state: &State, line: LineIndex) -> Vec<LineIndex> {
        if self.get(line).is_shut {
            return Vec::new();
        }
        let slots = state.slots.order.all_with(line, SHOWN).into_iter();
        slots.flat_map(|slot| self.displayed_in(slot)).collect()
    }

    /// The lines that hang from this very line as children, in order, hidden ones too.
    pub fn all_children(&self, state: &State, line: LineIndex) -> Vec<LineIndex> {
        let slots = state.slots.order.all_with(line, OCCUPIED).into_iter();
        slots
            .flat_map(|slot| self.hung.lines_in(slot))
            .copied()
            .collect()
    }

    pub fn first_displayed_child(&self, state: &State, line: LineIndex) -> Option<LineIndex> {
        let mut parts = self.part_lines(line);
        parts.find_map(|part| self.first_counted_child(state, part))
    }

    pub(super) fn first_counted_child(&self, state: &State, part: LineIndex) -> Option<LineIndex> {
        if self.get(part).is_shut {
            return None;
        }
        let (slot, _) = state.slots.order.find(part, SHOWN, 0)?;
        self.displayed_in(slot).next()
    }

    /// How many displayed siblings stand before a displayed line.
    pub fn sibling_index(&self, state: &State, line: LineIndex) -> usize {
        let Some(slot) = slot_of(state, line) else {
            return 0;
        };
        let parent = state.slots.parent(slot);
        let same = self.displayed_in(slot).take_while(|&other| other != line);
        let mut index = same.count() + state.slots.order.before(slot).shown as usize;
        let earlier = self.part_lines(self.head(parent));
        for part in earlier.take_while(|&part| part != parent) {
            index += self.below(state, part).shown as usize;
        }
        index
    }

    /// The displayed child that has so many displayed siblings before it.
    pub fn child_at(&self, state: &State, line: LineIndex, index: usize) -> Option<LineIndex> {
        let mut left = u32::try_from(index).ok()?;
        for part in self.part_lines(line) {
            let shown = self.below(state, part).shown;
            if left < shown {
                let (slot, before) = state.slots.order.find(part, SHOWN, left)?;
                return self.displayed_in(slot).nth(before as usize);
            }
            left -= shown;
        }
        None
    }

    /// The first displayed sibling behind a displayed line.
    pub fn next_sibling(&self, state: &State, line: LineIndex) -> Option<LineIndex> {
        let slot = slot_of(state, line)?;
        let same = self.displayed_in(slot);
        let mut behind = same.skip_while(|&other| other != line).skip(1);
        behind
            .next()
            .or_else(|| self.first_displayed_behind(state, slot))
    }

    /// The last displayed sibling before a displayed line.
    pub fn previous_sibling(&self, state: &State, line: LineIndex) -> Option<LineIndex> {
        let slot = slot_of(state, line)?;
        let before = self.displayed_in(slot).take_while(|&other| other != line);
        if let Some(before) = before.last() {
            return Some(before);
        }
        let parent = state.slots.parent(slot);
        let own = state.slots.order.previous_with(parent, SHOWN, slot);
        let earlier = || {
            let parts = self.part_lines(self.head(parent));
            let parts = parts.take_while(|&part| part != parent);
            let counted = parts.filter(|&part| self.below(state, part).shown > 0);
            let part = counted.last()?;
            let last = self.below(state, part).shown - 1;
            Some(state.slots.order.find(part, SHOWN, last)?.0)
        };
        self.displayed_in(own.or_else(earlier)?).last()
    }

    /// The first displayed child, of the same displayed line, behind a slot.
    pub(super) fn first_displayed_behind(
        &self,
        state: &State,
        slot: SlotIndex,
    ) -> Option<LineIndex> {
        let parent = state.slots.parent(slot);
        let own = (!self.get(parent).is_shut)
            .then(|| state.slots.order.next_with(parent, SHOWN, slot))
            .flatten();
        if let Some(slot) = own {
            return self.displayed_in(slot).next();
        }
        let parts = self.part_lines(self.head(parent));
        let mut later = parts.skip_while(|&part| part != parent).skip(1);
        later.find_map(|part| self.first_counted_child(state, part))
    }

    /// The line before this one among the children of the line that it hangs from; hidden ones too.
    pub fn previous_child(&self, state: &State, line: LineIndex) -> Option<LineIndex> {
        let slot = slot_of(state, line)?;
        let same = self.hung.lines_in(slot).iter();
        if let Some(&before) = same.take_while(|&&other| other != line).last() {
            return Some(before);
        }
        let parent = state.slots.parent(slot);
        let before = state.slots.order.previous_with(parent, OCCUPIED, slot)?;
        self.hung.lines_in(before).last().copied()
    }

    /// The lines that hang from this very line, as children or attached; hidden ones too.
    pub fn hanging_from(&self, state: &State, line: LineIndex) -> Vec<LineIndex> {
        let mut lines = self.all_children(state, line);
        lines.extend(self.hung.attached_to(state, line));
        lines
    }

    pub fn last_child(&self, state: &State, line: LineIndex) -> Option<LineIndex> {
        let last = state.slots.order.total(line).occupied.checked_sub(1)?;
        let (slot, _) = state.slots.order.find(line, OCCUPIED, last)?;
        self.hung.lines_in(slot).last().copied()
    }

    /// The next slot behind this one that a line is in.
    pub fn next_occupied(state: &State, slot: SlotIndex) -> Option<SlotIndex> {
        let parent = state.slots.parent(slot);
        state.slots.order.next_with(parent, OCCUPIED, slot)
    }

    /// Displayed lines from a displayed line down.
    pub fn rows_from(&self, line: LineIndex) -> usize {
        self.get(line).rows as usize
    }

    /// Displayed lines.
    pub fn len(state: &State) -> usize {
        state.slots.order.total(LineIndex::ROOT).rows as usize
    }

    /// How many displayed lines stand before a displayed line, in display order.
    pub fn row_of(&self, state: &State, line: LineIndex) -> usize {
        let mut row = 0;
        let mut line = line;
        while let Some(slot) = slot_of(state, line) {
            let parent = state.slots.parent(slot);
            let same = self.displayed_in(slot).take_while(|&other| other != line);
            row += same
                .map(|other| self.get(other).rows as usize)
                .sum::<usize>();
            row += state.slots.order.before(slot).rows as usize;
            line = self.head(parent);
            let earlier = self.part_lines(line).take_while(|&part| part != parent);
            row += earlier
                .map(|part| self.below(state, part).rows as usize)
                .sum::<usize>();
            row += usize::from(line != LineIndex::ROOT);
        }
        row
    }

    /// The displayed line that has so many displayed lines before it.
    pub fn line_at_row(&self, state: &State, row: usize) -> Option<LineIndex> {
        let mut left = u32::try_from(row).ok()?;
        let mut line = LineIndex::ROOT;
        loop {
            let (slot, rest) = self.slot_at_row(state, line, left)?;
            left = rest;
            line = self.displayed_in(slot).find(|&other| {
                let rows = self.get(other).rows;
                let is_it = left < rows;
                left -= if is_it { 0 } else { rows };
                is_it
            })?;
            if left == 0 {
                return Some(line);
            }
            left -= 1;
        }
    }

    fn slot_at_row(&self, state: &State, line: LineIndex, row: u32) -> Option<(SlotIndex, u32)> {
        let mut left = row;
        for part in self.part_lines(line) {
            let rows = self.below(state, part).rows;
            if left < rows {
                return state.slots.order.find(part, ROWS, left);
            }
            left -= rows;
        }
        None
    }

    fn is_displayed_or_root(&self, line: LineIndex) -> bool {
        line == LineIndex::ROOT || self.is_displayed(line)
    }

    pub(super) fn displayed_in(&self, slot: SlotIndex) -> impl Iterator<Item = LineIndex> {
        let lines = self.hung.lines_in(slot).iter().copied();
        lines.filter(|&line| self.is_displayed(line))
    }
}

pub(super) fn slot_of(state: &State, line: LineIndex) -> Option<SlotIndex> {
    match state.place_of(line).edge {
        Edge::Child { slot, .. } => Some(slot),
        Edge::Inline(_) | Edge::Nowhere => None,
    }
}
