//! What a filtered panel shows: the lines that match, all that leads to them, and what was unfolded or
//! written among them since, so that nothing goes out of sight while somebody works on it. Knows
//! nothing of what an interface holds.

use std::collections::HashSet;

use tideline_model::{Document, LineId, Patch, Walk};

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
    /// More lines match than are shown.
    is_cut: bool,
    /// The lines that are shown, without the zoomed one.
    shown: HashSet<LineId>,
    /// All of them, in order.
    rows: Vec<LineId>,
    /// Lines of which a child is shown.
    open: HashSet<LineId>,
}

/// Where the look for matches goes on.
#[derive(Debug, Clone, Copy)]
enum Next {
    Start,
    /// All lines before this one, and it, were looked at.
    Behind(LineId),
    Done,
}

impl Filter {
    pub fn new(query: Query, top: LineId, limits: Limits) -> Self {
        Self {
            query,
            top,
            next: Next::Start,
            limits,
            matches: HashSet::new(),
            is_cut: false,
            shown: HashSet::new(),
            rows: Some(top)
                .filter(|top| *top != LineId::ROOT)
                .into_iter()
                .collect(),
            open: HashSet::new(),
        }
    }

    /// The same for a query that asks for more: what was looked at is not looked at again, save what
    /// matched.
    pub fn narrowed(mut self, document: &Document, query: Query) -> Self {
        if !self.matches.is_subset(&self.shown) {
            self.shown.extend(&self.matches);
            self.settle(document);
        }
        let mut text = String::new();
        let mut still_matches = |line: &&LineId| {
            let walk = document.walk(**line, **line);
            let walk = walk.filter(|_| self.matches.contains(*line));
            walk.is_some_and(|walk| query.matches_at(&walk, &mut text))
        };
        // In order: a text is at hand where the one before it was.
        self.matches = self
            .rows
            .iter()
            .filter(&mut still_matches)
            .copied()
            .collect();
        self.open.clear();
        // From below, so that a line is known to lead to another when it is its turn.
        let mut rows = std::mem::take(&mut self.rows);
        rows.reverse();
        rows.retain(|line| {
            let stays = self.matches.contains(line) || self.open.contains(line);
            if stays {
                self.open.extend(document.parent(*line));
            }
            stays || *line == self.top
        });
        rows.reverse();
        self.shown = rows
            .iter()
            .copied()
            .filter(|line| *line != self.top)
            .collect();
        self.rows = rows;
        self.is_cut = false;
        self.query = query;
        self
    }

    pub fn query(&self) -> &Query {
        &self.query
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn line_at(&self, ordinal: usize) -> Option<LineId> {
        self.rows.get(ordinal).copied()
    }

    pub fn ordinal_of(&self, document: &Document, line: LineId) -> Option<usize> {
        self.shows(line).then(|| self.place(document, line))
    }

    pub fn shows(&self, line: LineId) -> bool {
        self.shown.contains(&line) || (line == self.top && line != LineId::ROOT)
    }

    /// How many rows are shown before a line.
    fn place(&self, document: &Document, line: LineId) -> usize {
        let row = document.row_of(line);
        match self.rows.last() {
            Some(last) if document.row_of(*last) >= row => self
                .rows
                .partition_point(|other| document.row_of(*other) < row),
            _ => self.rows.len(),
        }
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
        !self.is_cut && !matches!(self.next, Next::Done)
    }

    /// Whether more lines match than are shown.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Looks at the next lines. Whether rows came.
    pub fn look_on(&mut self, document: &Document) -> bool {
        if !self.goes_on() {
            return false;
        }
        let before = self.rows.len();
        let mut walk = self.way_on(document);
        let mut text = String::new();
        for _ in 0..self.limits.looked_at {
            let Some(way) = &mut walk else {
                break;
            };
            let line = way.line();
            if self.query.matches_at(way, &mut text) && !self.found(document, line) {
                return self.rows.len() > before;
            }
            self.next = Next::Behind(line);
            if !way.go_down() && way.go_on().is_none() {
                walk = None;
            }
        }
        if walk.is_none() {
            self.next = Next::Done;
        }
        self.rows.len() > before
    }

    /// From the first line that was not looked at.
    fn way_on<'a>(&self, document: &'a Document) -> Option<Walk<'a>> {
        let behind = match self.next {
            Next::Behind(line) => document.walk(line, self.top),
            Next::Start | Next::Done => None,
        };
        if let Some(mut way) = behind {
            let goes_on = way.go_down() || way.go_on().is_some();
            return goes_on.then_some(way);
        }
        if self.top == LineId::ROOT {
            let first = document.line_at_row(0)?;
            return document.walk(first, self.top);
        }
        let mut way = document.walk(self.top, self.top)?;
        way.go_down().then_some(way)
    }

    /// Shows a line that matches, unless too many do.
    fn found(&mut self, document: &Document, line: LineId) -> bool {
        self.is_cut =
            self.matches.len() >= self.limits.matches_max && !self.matches.contains(&line);
        if self.is_cut {
            return false;
        }
        self.matches.insert(line);
        self.show(document, line);
        true
    }

    /// Shows lines, of those that others found, that match. Whether rows came.
    pub fn look_at_all(&mut self, document: &Document, lines: &[LineId]) -> bool {
        let before = self.rows.len();
        for &line in lines {
            if self.is_inside(document, line)
                && self.query.matches(document, line)
                && !self.found(document, line)
            {
                break;
            }
        }
        self.rows.len() > before
    }

    fn is_inside(&self, document: &Document, line: LineId) -> bool {
        line != self.top && is_or_is_below(document, line, |line| line == self.top)
    }

    /// Shows a line, with what leads to it.
    fn show(&mut self, document: &Document, line: LineId) {
        let path = path_below(document, self.top, line, &self.shown);
        for line in path.into_iter().rev() {
            self.shown.insert(line);
            self.open.extend(document.parent(line));
            let place = self.place(document, line);
            self.rows.insert(place, line);
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
        let is_other = came.any(|line| self.shown.contains(line));
        if !patch.removed.is_empty() {
            // What was below a line that is gone is not named.
            self.matches.retain(|line| document.is_visible(*line));
        }
        if is_other {
            self.settle(document);
        }
        let before = self.rows.len();
        let spliced = patch.splices.iter().map(|splice| &splice.line);
        for &line in patch.lines.iter().chain(spliced) {
            self.look_at(document, line, false);
        }
        let is_below_another = |line: LineId| {
            let parent = document.parent(line);
            parent.is_some_and(|parent| patch.moved.contains(&parent))
        };
        for &line in &patch.moved {
            self.look_at(document, line, own);
            if !is_below_another(line) {
                self.look_below(document, line);
            }
        }
        is_other || self.rows.len() > before
    }

    /// Shows a line if it matches, or in any case.
    fn look_at(&mut self, document: &Document, line: LineId, in_any_case: bool) {
        if !self.is_inside(document, line) {
            self.matches.remove(&line);
            return;
        }
        let matches = self.query.matches(document, line);
        if matches {
            self.matches.insert(line);
        } else {
            self.matches.remove(&line);
        }
        if matches || in_any_case {
            self.show(document, line);
        }
    }

    /// What came along with a line: at once, or, where that is much, when all is looked at again.
    fn look_below(&mut self, document: &Document, line: LineId) {
        if document.rows_below(line) > self.limits.looked_at {
            self.next = Next::Start;
            return;
        }
        let Some(mut walk) = document.walk(line, line) else {
            return;
        };
        while walk.go_down() || walk.go_on().is_some() {
            self.look_at(document, walk.line(), false);
        }
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
