//! What would be displayed had some event not counted: a question, answered by a look at the lines
//! below those that were ever deleted.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::cover::{Counted, Cover};
use crate::display::Display;
use crate::index::{EventIndex, LineIndex};
use crate::state::State;

/// Lines at or below deleted ones, each with whether it would be displayed.
struct Supposed {
    /// Each behind the line that it hangs from.
    order: Vec<LineIndex>,
    is_displayed: HashMap<LineIndex, bool>,
}

impl Display {
    /// The displayed lines that would not be, with every line where it is now but for those that
    /// leave, had `event` and what its author did since neither deleted nor restored nor touched
    /// anything.
    pub fn hidden_without(
        &self,
        state: &State,
        event: EventIndex,
        leaving: &[LineIndex],
    ) -> Vec<LineIndex> {
        let supposed = self.suppose(state, event, leaving);
        let mut hidden: Vec<LineIndex> = supposed
            .order
            .iter()
            .copied()
            .filter(|line| self.is_displayed(*line) && !supposed.is_displayed[line])
            .filter(|&line| !self.leaves(line, leaving))
            .collect();
        hidden.sort_unstable();
        hidden
    }

    fn suppose(&self, state: &State, event: EventIndex, leaving: &[LineIndex]) -> Supposed {
        let counted = Counted::Before(event);
        let mut seen = HashSet::new();
        let mut order = Vec::new();
        let mut alive = HashSet::new();
        for &line in &state.deleted {
            let tops: Vec<LineIndex> = self.way_up(line).collect();
            let Some(top) = tops.into_iter().rfind(|line| state.deleted.contains(line)) else {
                continue;
            };
            let mut stack = vec![(top, Rc::new(Cover::default()))];
            if !self.is_displayed(self.head(top)) || seen.contains(&top) {
                continue;
            }
            while let Some((line, above)) = stack.pop() {
                seen.insert(line);
                order.push(line);
                let cover = above.below(state, counted, line);
                if cover.spares(state, counted, line) && !self.leaves(line, leaving) {
                    alive.insert(line);
                }
                let below = self.hanging_from(state, line).into_iter();
                stack.extend(below.map(|line| (line, Rc::clone(&cover))));
            }
        }
        let mut is_displayed: HashMap<LineIndex, bool> =
            order.iter().map(|&line| (line, false)).collect();
        for &line in order.iter().rev() {
            let head = self.head(line);
            let shown = is_displayed[&line] || alive.contains(&line);
            if !shown || self.leaves(line, leaving) {
                continue;
            }
            is_displayed.insert(head, true);
            if head == line {
                is_displayed.insert(self.parent(line), true);
            }
        }
        Supposed {
            order,
            is_displayed,
        }
    }

    /// The line and those that it hangs from, without the root.
    fn way_up(&self, line: LineIndex) -> impl Iterator<Item = LineIndex> {
        std::iter::successors(Some(line), |&line| Some(self.get(line).above))
            .take_while(|&line| line != LineIndex::ROOT)
    }

    fn leaves(&self, line: LineIndex, leaving: &[LineIndex]) -> bool {
        !leaving.is_empty() && self.way_up(line).any(|line| leaving.contains(&line))
    }
}
