//! Works out at once what a document shows before anybody rearranges it: every line hangs where it
//! was made, and none is deleted. Nobody is told what changed.

use crate::display::{Display, Shown};
use crate::index::{LineIndex, SlotIndex};
use crate::slots::Weight;
use crate::state::State;

impl Display {
    /// Whether nothing is displayed yet, so that [`Display::build`] may begin.
    pub fn can_build(&self) -> bool {
        self.shown.len() == 1 && self.clock == 0
    }

    /// Shows every line where it was made, as if none had been moved or deleted since: that is worked
    /// in afterwards. Lines that were split off are nowhere yet.
    pub fn build(&mut self, state: &mut State) {
        let len = state.lines.len();
        // Lines below each, it included.
        let mut rows = vec![1_u32; len];
        // Every line hangs from one that was made before it.
        for line in (1..len).rev().map(LineIndex::new) {
            if state.is_nowhere(line) {
                rows[line.at()] = 0;
            } else {
                rows[parent(state, line).at()] += rows[line.at()];
            }
        }
        self.shown.reserve(len - 1);
        for (line, slot) in (1..).map(LineIndex::new).zip(state.lines.slots()) {
            let rows = rows[line.at()];
            if rows == 0 {
                self.shown.push(Shown::new(line, self.clock));
                continue;
            }
            self.hung.put(state, slot, line);
            let parent = state.slots.parent(slot);
            self.shown.push_ordinary(parent, rows, self.clock);
        }
        state.slots.order_all(|slot| self.noted(slot));
    }

    /// What is noted of the lines in a slot, which what is counted of it mostly agrees with.
    pub(super) fn noted(&self, slot: SlotIndex) -> Weight {
        let lines = self.hung.lines_in(slot);
        let rows = lines.iter().map(|&line| self.shown.rows(line));
        Weight {
            slots: 1,
            occupied: u32::from(!lines.is_empty()),
            shown: rows.clone().map(|rows| u32::from(rows > 0)).sum(),
            rows: rows.fold(0, u32::wrapping_add),
        }
    }
}

/// The line that this one was made below.
pub(super) fn parent(state: &State, line: LineIndex) -> LineIndex {
    let slot = state.line(line).slot;
    slot.map_or(LineIndex::ROOT, |slot| state.slots.parent(slot))
}
