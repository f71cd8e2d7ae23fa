//! What a filtered panel shows: the lines that match, all that leads to them, and what was unfolded or
//! written among them since, so that nothing goes out of sight while somebody works on it. Knows
//! nothing of what an interface holds.

use std::collections::{HashMap, HashSet};

use tideline_model::{Document, LineId, Patch};

use super::query::Query;

/// So many lines are looked at before the next command has its turn.
const LINES_AT_ONCE: usize = 20_000;

#[derive(Debug)]
pub(super) struct Filter {
    query: Query,
    /// The zoomed line, or the document's root: what is below it is looked at.
    top: LineId,
    next: Next,
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
    /// Behind a line, which stood in this row.
    Behind(LineId, usize),
    Done,
}

impl Filter {
    pub fn new(query: Query, top: LineId) -> Self {
        Self {
            query,
            top,
            next: Next::Start,
            matches: HashSet::new(),
            shown: HashSet::new(),
            rows: Vec::new(),
            ordinals: HashMap::new(),
            open: HashSet::new(),
        }
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

    pub fn has_seen_all(&self) -> bool {
        matches!(self.next, Next::Done)
    }

    /// Looks at the next lines.
    pub fn look_on(&mut self, document: &Document) {
        let mut row = match self.next {
            Next::Start => self.first_row(document),
            Next::Behind(line, row) => document.row_of(line).unwrap_or(row) + 1,
            Next::Done => return,
        };
        let first = document.line_at_row(row);
        let mut walk = first.and_then(|line| document.walk(line, self.top));
        let mut left = LINES_AT_ONCE;
        while let Some(way) = &mut walk {
            let line = way.stop().line;
            if self.query.matches(document, line) {
                self.matches.insert(line);
                self.shown.insert(line);
            }
            left -= 1;
            if left == 0 {
                self.next = Next::Behind(line, row);
                return self.settle(document);
            }
            row += 1;
            if !way.go_down() && way.go_on().is_none() {
                walk = None;
            }
        }
        self.next = Next::Done;
        self.settle(document);
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
        let parent = |line: &LineId| document.parent(*line);
        let is_inside = || std::iter::successors(parent(&line), parent).any(|it| it == self.top);
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
            let is_below = |other: LineId| {
                let parent = |line: &LineId| document.parent(*line);
                std::iter::successors(document.parent(other), parent).any(|above| above == line)
            };
            self.shown.retain(|other| !is_below(*other));
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
