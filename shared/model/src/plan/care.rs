//! What an author writes along so that a gesture does what the screen promised (merge rule 19):
//! lines that only show because something below them does are kept when that leaves, what a
//! deletion further up hides stays hidden when it is taken away from there, and no deletion hides
//! what hung elsewhere on the screen.

use std::collections::{HashMap, HashSet};

use crate::change::Change;
use crate::index::LineIndex;
use crate::plan::Plan;

impl Plan<'_> {
    pub fn take_care(&mut self) {
        if self.departures.is_empty() && self.deleted.is_empty() {
            return;
        }
        self.delete_skipped();
        let hidden = self.delete_again();
        self.keep_skipped(&hidden);
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
        let leaves = |line| self.destination(line).is_some();
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
            line = state.above(state.place_of(line).edge);
            if self.deleted.contains(&line) {
                break true;
            }
        };
        known.extend(way.into_iter().map(|line| (line, goes)));
        goes
    }

    /// The displayed line that the line goes to, if it gets another place here.
    fn destination(&self, line: LineIndex) -> Option<LineIndex> {
        let mut departures = self.departures.iter();
        let departure = departures.find(|departure| departure.line == line);
        departure.map(|departure| departure.to)
    }

    /// Gives the lines that are deleted again.
    fn delete_again(&mut self) -> Vec<LineIndex> {
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
        hidden
    }

    /// A displayed line may come to hang below what is deleted here, without anybody else's doing
    /// anything to it: when its latest change of place was skipped, and is not any more.
    fn keep_skipped(&mut self, hidden: &[LineIndex]) {
        let display = &self.document.display;
        let gone: Vec<LineIndex> = self.deleted.iter().chain(hidden).copied().collect();
        if gone.is_empty() {
            return;
        }
        let mut known = HashMap::new();
        let skipped = display.skipped.iter().copied();
        let kept: Vec<LineIndex> = skipped
            .filter(|&line| display.is_displayed(display.head(line)) && !gone.contains(&line))
            .filter(|&line| !self.is_below_deleted(line, &mut known))
            .filter(|&line| self.may_hang_below(line, &gone))
            .collect();
        self.keep(&kept);
    }

    fn keep(&mut self, lines: &[LineIndex]) {
        for &line in lines {
            let line = self.id(line);
            self.changes.push(Change::Keep { line });
        }
    }

    /// Whether the line would hang below one of `tops` if no change of place had been skipped.
    fn may_hang_below(&self, mut line: LineIndex, tops: &[LineIndex]) -> bool {
        let mut seen = HashSet::from([LineIndex::ROOT]);
        while seen.insert(line) {
            if tops.contains(&line) {
                return true;
            }
            let wanted = || self.document.state.wanted_above(line);
            line = self.destination(line).unwrap_or_else(wanted);
        }
        false
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
        self.keep(&kept);
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
