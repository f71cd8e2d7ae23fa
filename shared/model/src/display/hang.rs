//! Hangs lines where the settled places say. All lines that moved are taken off before any is hung
//! up again, so that no cycle can appear on the way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::display::{Display, News, Shown};
use crate::index::LineIndex;
use crate::place::{Edge, Place};
use crate::slots::Weight;
use crate::state::State;

const OCCUPIED: Weight = Weight {
    slots: 0,
    occupied: 1,
    shown: 0,
    rows: 0,
};

impl Display {
    /// Hangs up new lines, and those whose place in `before` is not the present one.
    pub fn rehang(
        &mut self,
        state: &mut State,
        before: &HashMap<LineIndex, Place>,
        news: &mut News,
    ) {
        let known = self.shown.len();
        let moved = self.rehung(state, before);
        for line in (known..state.lines.len()).map(LineIndex::new) {
            self.shown.push(Shown::new(line, self.clock));
        }
        let mut joined = BTreeSet::new();
        for (&line, &edge) in &moved {
            self.pin(line, news);
            if matches!(edge, Edge::Inline(_)) {
                joined.extend([line, self.head(line)]);
            }
            self.take_off(state, line, edge, news);
        }
        let new = (known..state.lines.len()).map(LineIndex::new);
        let lines: Vec<LineIndex> = moved.into_keys().chain(new).collect();
        for &line in &lines {
            if matches!(state.place_of(line).edge, Edge::Inline(_)) {
                joined.insert(line);
            }
            self.hang_up(state, line);
            news.recount.push(line);
        }
        self.collect_parts(state, &joined, news);
        news.hung = lines;
    }

    /// Lines that were known already and hang elsewhere now, with their former edges.
    fn rehung(
        &self,
        state: &State,
        before: &HashMap<LineIndex, Place>,
    ) -> BTreeMap<LineIndex, Edge> {
        let mut moved = BTreeMap::new();
        for (&line, former) in before.iter().filter(|(line, _)| self.knows(**line)) {
            let place = state.place_of(line);
            let reorders = matches!(place.edge, Edge::Inline(_)) && place.by != former.by;
            if place.edge != former.edge || reorders {
                moved.insert(line, former.edge);
            }
        }
        // What is attached at the end of a slice that was split belongs to the new line.
        for line in (self.shown.len()..state.lines.len()).map(LineIndex::new) {
            if state.line(line).marker.is_some() {
                for &follows in self.hung.attached_to(state, line) {
                    let edge = Edge::Inline(state.right_bound(line));
                    moved.entry(follows).or_insert(edge);
                }
            }
        }
        moved
    }

    fn take_off(&mut self, state: &mut State, line: LineIndex, edge: Edge, news: &mut News) {
        match edge {
            Edge::Child { parent, slot } => {
                let mut weight = Weight::default();
                let rows = self.change(line, |shown| std::mem::take(&mut shown.rows));
                if rows > 0 {
                    weight.shown = 1;
                    weight.rows = rows;
                    news.lost.insert(line);
                    news.gaps.push(slot);
                    news.parents.insert(parent);
                    news.recount.push(parent);
                }
                if self.hung.take(slot, line) {
                    weight = weight + OCCUPIED;
                }
                state.slots.order.add(slot, Weight::default() - weight);
            }
            Edge::Inline(bound) => self.hung.detach(bound, line),
            Edge::Nowhere => {}
        }
    }

    fn hang_up(&mut self, state: &mut State, line: LineIndex) {
        let edge = state.place_of(line).edge;
        let above = state.above(edge);
        self.change(line, |shown| shown.above = above);
        match edge {
            Edge::Child { slot, .. } => {
                if self.hung.put(state, slot, line) {
                    state.slots.order.add(slot, OCCUPIED);
                }
            }
            Edge::Inline(bound) => self.hung.attach(state, bound, line),
            Edge::Nowhere => unreachable!("places are settled"),
        }
    }

    /// Works out anew which parts the displayed lines of `joined` have.
    fn collect_parts(&mut self, state: &State, joined: &BTreeSet<LineIndex>, news: &mut News) {
        let heads: BTreeSet<LineIndex> = joined
            .iter()
            .map(|&line| self.find_head(state, line))
            .collect();
        for head in heads {
            let parts = self.find_parts(state, head);
            let former: Vec<LineIndex> = self.part_lines(head).collect();
            let is_reordered = !keeps_order(&former, &parts);
            let mut is_changed = false;
            for &part in &parts {
                self.pin(part, news);
                let is_adopted = self.head(part) != head;
                self.change(part, |shown| shown.head = head);
                is_changed |= is_adopted;
                if is_adopted || is_reordered {
                    news.adopted.push(part);
                }
                if part != head {
                    self.parts.remove(&part);
                }
            }
            let before = if parts.len() > 1 {
                self.parts.insert(head, parts)
            } else {
                self.parts.remove(&head)
            };
            if is_changed || before.as_ref() != self.parts.get(&head) {
                news.reparted.push(head);
                news.recount.push(head);
            }
        }
    }

    fn find_head(&self, state: &State, line: LineIndex) -> LineIndex {
        let mut line = line;
        while matches!(state.place_of(line).edge, Edge::Inline(_)) {
            line = self.get(line).above;
        }
        line
    }

    fn find_parts(&self, state: &State, head: LineIndex) -> Vec<LineIndex> {
        let mut parts = Vec::new();
        let mut stack = vec![head];
        while let Some(line) = stack.pop() {
            parts.push(line);
            stack.extend(self.hung.attached_to(state, line).iter().rev());
        }
        parts
    }
}

/// Whether what is in both lists has the same order in both.
fn keeps_order(before: &[LineIndex], after: &[LineIndex]) -> bool {
    let places: HashMap<LineIndex, usize> =
        (0..).zip(before).map(|(at, &line)| (line, at)).collect();
    after.iter().filter_map(|line| places.get(line)).is_sorted()
}
