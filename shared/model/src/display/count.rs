//! Carries upwards how many lines are displayed. A line is displayed when one of its parts is alive
//! or one of its children is displayed.

use std::collections::HashSet;

use crate::display::{Display, News};
use crate::index::LineIndex;
use crate::place::Edge;
use crate::slots::Weight;
use crate::state::State;

impl Display {
    /// Counts the lines again that may have changed, each after those below it.
    pub fn count(&mut self, state: &mut State, news: &mut News) {
        let mut waiting = HashSet::new();
        let mut seen = HashSet::from([LineIndex::ROOT]);
        let mut order = Vec::new();
        for line in std::mem::take(&mut news.recount) {
            let head = self.head(line);
            waiting.insert(head);
            let from = order.len();
            let mut line = head;
            while seen.insert(line) {
                order.push(line);
                line = self.parent(line);
            }
            order[from..].reverse();
        }
        // From the top, so that no line has to be asked for all those above it.
        for &line in &order {
            if self.is_fresh(line) {
                let clock = self.clock;
                self.change(line, |shown| shown.pin = clock);
            }
        }
        for line in order.into_iter().rev() {
            if waiting.remove(&line) && self.count_line(state, line, news) {
                waiting.insert(self.parent(line));
            }
        }
    }

    /// Says whether the number of rows is another one.
    fn count_line(&mut self, state: &mut State, line: LineIndex, news: &mut News) -> bool {
        if !self.is_fresh(line) {
            return false;
        }
        let rows = self.rows(state, line);
        let before = self.get(line).rows;
        if rows == before {
            return false;
        }
        let Edge::Child { parent, slot } = state.place_of(line).edge else {
            unreachable!("a line with parts is a child of some line");
        };
        self.open(state, parent, news);
        let weight = |rows: u32| Weight {
            shown: u32::from(rows > 0),
            rows,
            ..Weight::default()
        };
        state.slots.order.add(slot, weight(rows) - weight(before));
        self.change(line, |shown| shown.rows = rows);
        if rows == 0 || before == 0 {
            let list = if rows == 0 {
                &mut news.lost
            } else {
                &mut news.gained
            };
            list.insert(line);
            news.gaps.push(slot);
            news.parents.insert(parent);
        }
        true
    }

    /// Displayed lines from this one down; 0 if it is hidden.
    fn rows(&self, state: &State, line: LineIndex) -> u32 {
        let mut rows = 1;
        let mut is_displayed = false;
        for part in self.part_lines(line) {
            let below = self.below(state, part);
            rows += below.rows;
            is_displayed |= self.get(part).is_alive || below.shown > 0;
        }
        if is_displayed { rows } else { 0 }
    }

    /// What is displayed below this very line.
    pub(super) fn below(&self, state: &State, line: LineIndex) -> Weight {
        if self.get(line).is_shut {
            return Weight::default();
        }
        state.slots.order.total(line)
    }

    /// Lets children of a hidden line be counted.
    fn open(&mut self, state: &mut State, parent: LineIndex, news: &mut News) {
        self.thaw_together(parent, news);
        if !self.get(parent).is_shut {
            return;
        }
        if news.sealed.remove(&parent) {
            self.list_children(state, parent, news);
        }
        for slot in state.slots.order.all_with(parent, |weight| weight.shown) {
            for number in 0..self.hung.lines_in(slot).len() {
                let line = self.hung.lines_in(slot)[number];
                self.change(line, |shown| shown.rows = 0);
            }
        }
        state.slots.order.clear_shown(parent);
        self.change(parent, |shown| shown.is_shut = false);
    }
}
