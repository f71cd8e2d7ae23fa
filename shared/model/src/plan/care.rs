//! What an author writes along so that a gesture does what the screen promised (merge rule 19):
//! lines that only show because something below them does are kept when that leaves, and what a
//! deletion further up hides stays hidden when it is taken away from there.

use std::collections::HashMap;

use crate::change::Change;
use crate::index::LineIndex;
use crate::plan::Plan;

impl Plan<'_> {
    pub fn take_care(&mut self) {
        if self.departures.is_empty() && self.deleted.is_empty() {
            return;
        }
        self.delete_skipped();
        self.delete_again();
        self.keep_ancestors();
    }

    /// A deletion does not cover a line whose latest change of place was skipped; below what is
    /// deleted here, such lines are deleted by name.
    fn delete_skipped(&mut self) {
        let display = &self.document.display;
        let mut known = HashMap::new();
        let skipped = display.skipped.iter().copied();
        let lines: Vec<LineIndex> = skipped
            .filter(|&line| display.is_displayed(display.head(line)))
            .filter(|&line| self.is_below_deleted(line, &mut known))
            .collect();
        self.delete_lines(lines);
    }

    /// Whether the line hangs from one that is deleted here, and is not moved out of it.
    fn is_below_deleted(&self, line: LineIndex, known: &mut HashMap<LineIndex, bool>) -> bool {
        if self.deleted.is_empty() {
            return false;
        }
        let state = &self.document.state;
        let leaves = |line| {
            let mut departures = self.departures.iter();
            departures.any(|departure| departure.line == line)
        };
        let mut way = Vec::new();
        let mut line = line;
        let goes = loop {
            if let Some(&goes) = known.get(&line) {
                break goes;
            }
            if line == LineIndex::ROOT || leaves(line) {
                break false;
            }
            way.push(line);
            line = state.above(state.line(line).place.edge);
            if self.deleted.contains(&line) {
                break true;
            }
        };
        known.extend(way.into_iter().map(|line| (line, goes)));
        goes
    }

    fn delete_again(&mut self) {
        let mut hidden = Vec::new();
        for departure in &self.departures {
            self.find_hidden(departure.line, &mut hidden);
        }
        let skipped = self.document.display.skipped.iter().copied();
        let below: Vec<LineIndex> = skipped
            .filter(|&line| self.is_below_any(line, &hidden))
            .collect();
        hidden.extend(below);
        if !hidden.is_empty() {
            let lines = hidden.iter().map(|&line| self.id(line)).collect();
            self.changes.push(Change::DeleteAgain { lines });
        }
    }

    /// The hidden lines in what hangs from `top` that a deletion outside of it covers.
    fn find_hidden(&self, top: LineIndex, hidden: &mut Vec<LineIndex>) {
        let state = &self.document.state;
        let display = &self.document.display;
        let is_lost = |line: LineIndex| {
            let cover = display.cover(state, line);
            let mut deletions = cover.deletions.iter();
            deletions.any(|deletion| !state.is_below_or_at(top, deletion.line))
        };
        if !is_lost(top) {
            return;
        }
        let parts = display.part_lines(display.head(top));
        let mut stack: Vec<LineIndex> = parts
            .filter(|&part| state.is_below_or_at(top, part))
            .collect();
        while let Some(line) = stack.pop() {
            for child in display.all_children(state, line) {
                if display.is_displayed(child) {
                    stack.extend(display.part_lines(child));
                } else if is_lost(child) && !hidden.contains(&child) {
                    hidden.push(child);
                }
            }
        }
    }

    fn is_below_any(&self, line: LineIndex, tops: &[LineIndex]) -> bool {
        let state = &self.document.state;
        tops.iter()
            .any(|&top| top != line && state.is_below_or_at(top, line))
    }

    fn keep_ancestors(&mut self) {
        let mut kept = Vec::new();
        let mut known = HashMap::new();
        for departure in &self.departures {
            let to: Vec<LineIndex> = self.ancestors(departure.to).chain([departure.to]).collect();
            self.find_dead_above(departure.line, &to, &mut known, &mut kept);
        }
        for &line in &self.deleted {
            self.find_dead_above(line, &[], &mut known, &mut kept);
        }
        for line in kept {
            let line = self.id(line);
            self.changes.push(Change::Keep { line });
        }
    }

    /// The displayed lines above `line`, no part of which is alive, that are neither in `except` nor
    /// deleted here.
    fn find_dead_above(
        &self,
        line: LineIndex,
        except: &[LineIndex],
        known: &mut HashMap<LineIndex, bool>,
        dead: &mut Vec<LineIndex>,
    ) {
        let display = &self.document.display;
        let head = display.head(line);
        if !display.is_displayed(head) {
            return;
        }
        for above in self.ancestors(head) {
            if display.part_lines(above).any(|part| display.is_alive(part)) {
                continue;
            }
            let goes = self.deleted.contains(&above) || self.is_below_deleted(above, known);
            if !goes && !except.contains(&above) && !dead.contains(&above) {
                dead.push(above);
            }
        }
    }
}
