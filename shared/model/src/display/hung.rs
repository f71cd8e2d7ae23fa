//! Which lines are in which slots, and which are attached at which boundaries.
//! Knows nothing of what is displayed.

use foldhash::HashMap;

use crate::index::{LineIndex, SlotIndex};
use crate::place::{Bound, Edge};
use crate::state::State;

#[derive(Debug, Clone, Default)]
pub(super) struct Hung {
    /// By slot; the root, which is in none, where there are no or several lines.
    pub(super) single: Vec<LineIndex>,
    /// Several lines in one slot, by id: hostile events do that.
    pub(super) several: HashMap<SlotIndex, Vec<LineIndex>>,
    /// The lines attached at each boundary, in the order in which they are shown.
    pub(super) attached: HashMap<Bound, Vec<LineIndex>>,
}

impl Hung {
    pub fn lines_in(&self, slot: SlotIndex) -> &[LineIndex] {
        match self.single.get(slot.at()) {
            Some(line) if *line != LineIndex::ROOT => std::slice::from_ref(line),
            _ if self.several.is_empty() => &[],
            _ => self.several.get(&slot).map_or(&[], Vec::as_slice),
        }
    }

    /// Says whether the slot was empty.
    pub fn put(&mut self, state: &State, slot: SlotIndex, line: LineIndex) -> bool {
        let mut lines = self.lines_in(slot).to_vec();
        let was_empty = lines.is_empty();
        lines.push(line);
        if !was_empty {
            lines.sort_by_key(|&line| state.line(line).id);
        }
        self.set(slot, &lines);
        was_empty
    }

    /// Says whether the slot is empty now.
    pub fn take(&mut self, slot: SlotIndex, line: LineIndex) -> bool {
        let mut lines = self.lines_in(slot).to_vec();
        lines.retain(|&other| other != line);
        let is_empty = lines.is_empty();
        self.set(slot, &lines);
        is_empty
    }

    fn set(&mut self, slot: SlotIndex, lines: &[LineIndex]) {
        if self.single.len() <= slot.at() {
            self.single.resize(slot.at() + 1, LineIndex::ROOT);
        }
        self.single[slot.at()] = match *lines {
            [line] => line,
            _ => LineIndex::ROOT,
        };
        if lines.len() > 1 {
            self.several.insert(slot, lines.to_vec());
        } else if !self.several.is_empty() {
            self.several.remove(&slot);
        }
    }

    /// The lines attached at the end of the slice of `line`.
    pub fn attached_to(&self, state: &State, line: LineIndex) -> &[LineIndex] {
        if self.attached.is_empty() {
            return &[];
        }
        let attached = self.attached.get(&state.right_bound(line));
        attached.map_or(&[], Vec::as_slice)
    }

    /// The owner of the boundary comes first, then the order of the changes that attached them.
    pub fn attach(&mut self, state: &State, bound: Bound, line: LineIndex) {
        let lines = self.attached.entry(bound).or_default();
        lines.push(line);
        let is_other = |line: LineIndex| Edge::Inline(Bound::Marker(line)) != Edge::Inline(bound);
        lines.sort_by(|&left, &right| {
            let (by, other) = (state.place_of(left).by, state.place_of(right).by);
            let by_owner = is_other(left).cmp(&is_other(right));
            by_owner.then_with(|| state.compare_changes(by, other))
        });
    }

    pub fn detach(&mut self, bound: Bound, line: LineIndex) {
        if let Some(lines) = self.attached.get_mut(&bound) {
            lines.retain(|&other| other != line);
            if lines.is_empty() {
                self.attached.remove(&bound);
            }
        }
    }
}
