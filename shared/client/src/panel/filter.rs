//! What a filtered panel shows: the lines that match, all that leads to them, and what was unfolded or
//! written among them since, so that nothing goes out of sight while somebody works on it. Knows
//! nothing of what an interface holds.

use std::collections::{HashMap, HashSet};

use tideline_model::{Document, LineId, Patch};

use super::Limits;
use super::query::Query;

#[derive(Debug)]
pub(super) struct Filter {
    query: Query,
    /// The zoomed line, or the document's root: what is below it is looked at.
    top: LineId,
    next: Next,
    limits: Limits,
    matches: HashSet<LineId>,
    /// The lines that are shown, without the zoomed one.
    shown: HashSet<LineId>,
    /// All of them, in order.
    rows: Vec<LineId>,
    ordinals: HashMap<LineId, usize>,
    /// Lines of which a child is shown.
    open: HashSet<LineId>,
}

/// Where the look for matches goes on.
#[derive(Debug, Clone, Copy)]
enum Next {
    Start,
    /// All lines before this one, and it, were looked at.
    Behind(LineId),
    /// There are more matches than are shown.
    Cut,
    Done,
}

impl Filter {
    pub fn new(query: Query, top: LineId, limits: Limits) -> Self {
        let mut new = Self {
            query,
            top,
            next: Next::Start,
            limits,
            matches: HashSet::new(),
            shown: HashSet::new(),
            rows: Vec::new(),
            ordinals: HashMap::new(),
            open: HashSet::new(),
        };
        if top != LineId::ROOT {
            new.push(top);
        }
        new
    }

    fn push(&mut self, line: LineId) {
        self.ordinals.insert(line, self.rows.len());
        self.rows.push(line);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn line_at(&self, ordinal: usize) -> Option<LineId> {
        self.rows.get(ordinal).copied()
    }

    pub fn ordinal_of(&self, line: LineId) -> Option<usize> {
        self.ordinals.get(&line).copied()
    }

    /// Whether no child of a line is shown.
    pub fn is_folded(&self, line: LineId) -> bool {
        !self.open.contains(&line)
    }

    /// How many lines match, as far as they were looked at.
    pub fn matches(&self) -> usize {
        self.matches.len()
    }

    /// Whether there are lines that will be looked at.
    pub fn goes_on(&self) -> bool {
        matches!(self.next, Next::Start | Next::Behind(_))
    }

    /// Whether more lines match than are shown.
    pub fn is_cut(&self) -> bool {
        matches!(self.next, Next::Cut)
    }

    /// Looks at the next lines.
    pub fn look_on(&mut self, document: &Document) {
        let mut row = match self.next {
            Next::Start => self.first_row(document),
            Next::Behind(line) => match document.row_of(line) {
                Some(row) => row + 1,
                None => self.first_row(document),
            },
            Next::Cut | Next::Done => return,
        };
        self.next = Next::Done;
        // What was written below is shown already.
        let is_ahead = |last: &LineId| document.row_of(*last) < Some(row);
        let is_in_order = self.rows.last().is_none_or(is_ahead);
        let first = document.line_at_row(row);
        let mut walk = first.and_then(|line| document.walk(line, self.top));
        let end = row + self.limits.looked_at;
        while let Some(way) = &mut walk {
            let line = way.stop().line;
            if self.query.matches(document, line) {
                if self.matches.len() >= self.limits.matches_max {
                    self.next = Next::Cut;
                    break;
                }
                self.matches.insert(line);
                if is_in_order {
                    self.show_last(document, line);
                } else {
                    self.shown.insert(line);
                }
            }
            row += 1;
            if row == end {
                self.next = Next::Behind(line);
                break;
            }
            if !way.go_down() && way.go_on().is_none() {
                walk = None;
            }
        }
        if !is_in_order {
            self.settle(document);
        }
    }

    /// Shows a line that stands behind all others that are shown, with what leads to it.
    fn show_last(&mut self, document: &Document, line: LineId) {
        let path = path_below(document, self.top, line, &self.shown);
        for line in path.into_iter().rev() {
            self.shown.insert(line);
            self.open.extend(document.parent(line));
            self.push(line);
        }
    }

    fn first_row(&self, document: &Document) -> usize {
        match self.top {
            LineId::ROOT => 0,
            top => document.row_of(top).map_or(0, |row| row + 1),
        }
    }

    /// Carries over a patch that is applied to `document`. Whether other rows are shown, or in another
    /// order. `own`: what came with it was written in this panel, and stays in sight.
    pub fn follow(&mut self, document: &Document, patch: &Patch, own: bool) -> bool {
        if let Next::Behind(line) = self.next
            && is_or_is_below(document, line, |line| patch.moved.contains(&line))
        {
            // Before its new place there are lines that nobody has looked at.
            self.next = Next::Start;
        }
        let mut came = patch.moved.iter().chain(&patch.removed);
        let mut is_other = came.any(|line| self.shown.contains(line));
        if !patch.removed.is_empty() {
            // What was below a line that is gone is not named.
            self.matches.retain(|line| document.is_visible(*line));
        }
        let spliced = patch.splices.iter().map(|splice| &splice.line);
        for &line in patch.lines.iter().chain(spliced) {
            is_other |= self.look_at(document, line, false);
        }
        let is_below_another = |line: LineId| {
            let parent = document.parent(line);
            parent.is_some_and(|parent| patch.moved.contains(&parent))
        };
        for &line in &patch.moved {
            is_other |= self.look_at(document, line, own);
            if !is_below_another(line) {
                is_other |= self.look_below(document, line);
            }
        }
        if is_other {
            self.settle(document);
        }
        is_other
    }

    /// Shows a line if it matches, or in any case. Whether it was not shown before.
    fn look_at(&mut self, document: &Document, line: LineId, in_any_case: bool) -> bool {
        let is_inside = || is_or_is_below(document, line, |line| line == self.top);
        if line == self.top || !is_inside() {
            self.matches.remove(&line);
            return false;
        }
        let matches = self.query.matches(document, line);
        if matches {
            self.matches.insert(line);
        } else {
            self.matches.remove(&line);
        }
        (matches || in_any_case) && self.shown.insert(line)
    }

    /// What came along with a line.
    fn look_below(&mut self, document: &Document, line: LineId) -> bool {
        let mut is_other = false;
        let Some(mut walk) = document.walk(line, line) else {
            return false;
        };
        while walk.go_down() || walk.go_on().is_some() {
            is_other |= self.look_at(document, walk.stop().line, false);
        }
        is_other
    }

    /// Shows all children of a line, or none.
    pub fn fold(&mut self, document: &Document, line: LineId, folded: bool) {
        if folded {
            let is_line = |other| other == line;
            self.shown
                .retain(|other| !is_or_is_below(document, *other, is_line));
            self.shown.insert(line);
        } else {
            self.shown.extend(document.children(line));
        }
        self.settle(document);
    }

    /// Shows the matches and what leads to them, or only what leads to them from the top.
    pub fn fold_all(&mut self, document: &Document, folded: bool) {
        if folded {
            let is_at_top = |line: &LineId| document.parent(*line) == Some(self.top);
            self.shown = self.rows.iter().copied().filter(is_at_top).collect();
        } else {
            self.shown = self.matches.clone();
        }
        self.settle(document);
    }

    /// Lists what is shown, with what leads to it.
    fn settle(&mut self, document: &Document) {
        let mut shown = HashSet::with_capacity(self.shown.len());
        for line in self.shown.drain() {
            let path = path_below(document, self.top, line, &shown);
            shown.extend(path);
        }
        self.shown = shown;
        let parents = self.shown.iter().filter_map(|line| document.parent(*line));
        self.open = parents.collect();
        self.rows = self.shown.iter().copied().collect();
        self.rows.sort_by_cached_key(|line| document.row_of(*line));
        if self.top != LineId::ROOT {
            self.rows.insert(0, self.top);
        }
        self.ordinals = self.rows.iter().copied().zip(0..).collect();
    }
}

/// Whether a line, or one above it, is one that is asked for.
fn is_or_is_below(document: &Document, line: LineId, is_it: impl Fn(LineId) -> bool) -> bool {
    let parent = |line: &LineId| document.parent(*line);
    std::iter::successors(Some(line), parent).any(is_it)
}

/// A line and all above it, up to one that is shown already or to a child of `top`; nothing for a line
/// that is not below `top`.
fn path_below(
    document: &Document,
    top: LineId,
    line: LineId,
    shown: &HashSet<LineId>,
) -> Vec<LineId> {
    let mut path = Vec::new();
    let mut line = line;
    while line != top && !shown.contains(&line) {
        let Some(parent) = document.parent(line) else {
            return Vec::new();
        };
        path.push(line);
        line = parent;
    }
    path
}
