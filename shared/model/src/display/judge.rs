//! Which lines deletions hide. Looked at are only the lines at which it may have changed what covers
//! them, those below them as far as it goes on, and the lines that were touched.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use crate::cover::{Counted, Cover};
use crate::display::{Display, News};
use crate::index::LineIndex;
use crate::state::State;

/// Lines at which the covering deletions may be others than before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects {
    /// Where nothing else happened than that they were deleted.
    pub deleted: Vec<LineIndex>,
    pub others: Vec<LineIndex>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Deletions came to those that covered it: what is hidden stays hidden.
    Displayed,
    Everything,
}

/// A line to look at, and what covers the line that it hangs from.
struct Item {
    line: LineIndex,
    above: Rc<Cover>,
    look: Look,
}

impl Display {
    pub fn judge(&mut self, state: &State, suspects: &Suspects, news: &mut News) {
        let deleted: BTreeSet<LineIndex> = suspects.deleted.iter().copied().collect();
        let others: BTreeSet<LineIndex> = suspects.others.iter().copied().collect();
        let mut waiting = others.clone();
        let lines = others.iter().chain(&deleted).copied();
        for line in self.topmost_first(lines) {
            let look = if waiting.remove(&line) {
                Look::Everything
            } else if deleted.contains(&line) && !others.contains(&line) {
                Look::Displayed
            } else {
                continue;
            };
            let above = self.cover(state, self.get(line).above);
            let mut stack = vec![Item { line, above, look }];
            while let Some(mut item) = stack.pop() {
                if waiting.remove(&item.line) {
                    item.look = Look::Everything;
                }
                self.judge_line(state, &item, &mut stack, news);
            }
        }
    }

    /// The lines, each behind those that it hangs below.
    fn topmost_first(&self, lines: impl Iterator<Item = LineIndex> + Clone) -> Vec<LineIndex> {
        let wanted: HashSet<LineIndex> = lines.clone().collect();
        let mut seen = HashSet::from([LineIndex::ROOT]);
        let mut order = Vec::new();
        for line in lines {
            let from = order.len();
            let mut line = line;
            while seen.insert(line) {
                order.push(line);
                line = self.get(line).above;
            }
            order[from..].reverse();
        }
        order.retain(|line| wanted.contains(line));
        order
    }

    fn judge_line(&mut self, state: &State, item: &Item, stack: &mut Vec<Item>, news: &mut News) {
        let &Item {
            line,
            ref above,
            look,
        } = item;
        if look == Look::Displayed && !self.is_fresh(line) {
            return;
        }
        self.thaw_together(line, news);
        let cover = above.below(state, Counted::All, line);
        let was_covered = self.get(line).is_covered;
        if !was_covered && cover.is_empty() {
            return;
        }
        if !was_covered && self.seal(state, line, &cover, stack, news) {
            return;
        }
        self.set_cover(state, line, &cover, news);
        let mut push = |line: LineIndex, look: Look| {
            let above = Rc::clone(&cover);
            stack.push(Item { line, above, look });
        };
        let look = if was_covered { look } else { Look::Displayed };
        for &attached in self.hung.attached_to(state, line) {
            push(attached, look);
        }
        let below = match look {
            Look::Displayed => self.counted_children(state, line),
            Look::Everything => self.all_children(state, line),
        };
        below.into_iter().for_each(|child| push(child, look));
    }

    fn set_cover(&mut self, state: &State, line: LineIndex, cover: &Cover, news: &mut News) {
        let is_alive = cover.spares(state, Counted::All, line);
        self.change(line, |shown| {
            shown.is_covered = !cover.is_empty();
            shown.is_alive = is_alive;
        });
        news.recount.push(line);
    }

    /// Lines that were touched, or whose slice is another: what covers them is as before.
    pub fn judge_touched(
        &mut self,
        state: &State,
        touched: impl Iterator<Item = LineIndex>,
        news: &mut News,
    ) {
        for line in touched {
            if self.is_out_of_reach(line) {
                continue;
            }
            let cover = self.cover(state, line);
            let is_alive = cover.spares(state, Counted::All, line);
            if is_alive != (self.is_fresh(line) && self.get(line).is_alive) {
                self.thaw_together(line, news);
                self.set_cover(state, line, &cover, news);
            }
        }
    }

    /// Whether no deletion covers the line.
    pub fn is_out_of_reach(&self, line: LineIndex) -> bool {
        !self.get(line).is_covered && self.is_fresh(line)
    }

    /// Hides a line that nothing covered before, and everything below it at once, but for what was
    /// touched since the authors of the deletions last heard. Not when a look at each displayed
    /// line is less.
    fn seal(
        &mut self,
        state: &State,
        top: LineIndex,
        cover: &Rc<Cover>,
        stack: &mut Vec<Item>,
        news: &mut News,
    ) -> bool {
        let touched = cover
            .first_unseen(state)
            .map(|event| state.touches.since(event));
        let kept = || {
            let events = cover.deletions.iter().map(|deletion| deletion.event);
            events
                .filter_map(|event| state.kept_together.get(&event))
                .flatten()
        };
        let touched_len = touched.as_ref().map_or(0, ExactSizeIterator::len);
        let count = touched_len + self.skipped.len() + kept().count();
        let parts = self.part_lines(self.head(top));
        let rows: u32 = parts.map(|part| self.below(state, part).rows).sum();
        if rows as usize <= count {
            return false;
        }
        let survivors: BTreeSet<LineIndex> = touched
            .into_iter()
            .flatten()
            .chain(self.skipped.iter().chain(kept()).copied())
            .filter(|&line| line != top && self.hangs_below(top, line))
            .collect();
        let mut survivors = self.topmost_first(survivors.iter().copied());
        survivors.retain(|&line| self.is_fresh(line) || !self.cover(state, line).is_empty());
        self.clock += 1;
        self.seal_parts(state, top, cover, news);
        self.spare(state, survivors, stack, news);
        true
    }

    /// The line, and what is attached to it; a part to which none of the deletions reaches that come
    /// to cover the line stays as it is, with all below it.
    fn seal_parts(&mut self, state: &State, top: LineIndex, new: &Rc<Cover>, news: &mut News) {
        let mut parts = vec![(top, Rc::clone(new))];
        while let Some((line, cover)) = parts.pop() {
            let clock = self.clock;
            self.note_seal(line, news);
            self.change(line, |shown| shown.pin = clock);
            self.change(line, |shown| {
                if !std::mem::replace(&mut shown.is_shut, true) {
                    shown.seal = clock;
                }
            });
            self.set_cover(state, line, &cover, news);
            for &part in self.hung.attached_to(state, line) {
                let own = cover.below(state, Counted::All, part);
                if own.deletions.iter().any(|deletion| new.has(deletion.event)) {
                    parts.push((part, own));
                } else {
                    self.note_before(part, news);
                    self.shown.change(part, |shown| shown.pin = clock);
                }
            }
        }
    }

    /// Looks at lines below a new seal that may outlive it, each behind those that it hangs below.
    fn spare(
        &mut self,
        state: &State,
        survivors: Vec<LineIndex>,
        stack: &mut Vec<Item>,
        news: &mut News,
    ) {
        let mut pinned = Vec::new();
        let mut covered = Vec::new();
        for line in survivors {
            if self.is_fresh(line) {
                continue;
            }
            let above = self.cover(state, self.get(line).above);
            let cover = above.below(state, Counted::All, line);
            if cover.is_empty() {
                // With all below it, it is as it was; only those above count it anew.
                let clock = self.clock;
                self.note_before(line, news);
                self.change(line, |shown| shown.pin = clock);
                self.change(line, |shown| shown.rows = 0);
                news.recount.push(line);
                pinned.push(line);
            } else {
                covered.push((line, above, cover));
            }
        }
        for line in pinned {
            self.thaw_together(line, news);
        }
        for (line, above, cover) in covered {
            let is_exempt = |event| !cover.has(event);
            if above
                .deletions
                .iter()
                .any(|deletion| is_exempt(deletion.event))
            {
                let look = Look::Everything;
                stack.push(Item { line, above, look });
            } else if cover.spares(state, Counted::All, line) {
                self.thaw_together(line, news);
                self.set_cover(state, line, &cover, news);
            }
        }
    }

    fn hangs_below(&self, top: LineIndex, mut line: LineIndex) -> bool {
        while line != LineIndex::ROOT && line != top {
            line = self.get(line).above;
        }
        line == top
    }

    /// The deletions that cover the line.
    pub fn cover(&self, state: &State, line: LineIndex) -> Rc<Cover> {
        let mut path = Vec::new();
        let mut line = line;
        while line != LineIndex::ROOT
            && (self.get(line).pin < self.clock || self.get(line).is_covered)
        {
            path.push(line);
            line = self.get(line).above;
        }
        let nothing = Rc::new(Cover::default());
        let mut cover = Rc::clone(&nothing);
        // The latest seal above that no pin has met yet.
        let mut seal = self.get(line).seal;
        for &line in path.iter().rev() {
            let shown = self.get(line);
            let is_fresh = shown.pin >= seal;
            cover = if is_fresh && !shown.is_covered {
                Rc::clone(&nothing)
            } else {
                cover.below(state, Counted::All, line)
            };
            seal = shown.seal.max(if is_fresh { 0 } else { seal });
        }
        cover
    }
}
