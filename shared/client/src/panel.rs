//! One panel: which rows an interface holds of it, and the row changes that bring it from what it held
//! to what the document says now. Knows nothing of connections, disks or other panels.

mod difference;
mod filter;
mod filtering;
mod folding;
mod follow;
mod outlook;
mod query;
mod row;
mod rows;

use std::collections::{BTreeSet, HashMap};

use tideline_model::{Document, Kind, LineId, Patch};

use crate::panel::difference::difference;
use crate::panel::filter::Filter;
pub use crate::panel::filtering::Filtered;
use crate::panel::folding::Folding;
use crate::panel::follow::{Astray, Follower, Held};
use crate::panel::outlook::Outlook;
pub use crate::panel::row::split_view;
use crate::panel::row::{head_of, row};
use crate::panel::rows::Rows;
use crate::protocol::{Crumb, Row, RowChange};
use crate::transform::{Step, Unseen};

/// So many lines that moved are followed one by one, however few rows there are.
const FOLLOWED_MIN: usize = 64;

/// How many rows an interface holds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A panel of so many rows is held whole.
    pub whole_max: usize,
    /// Of a larger one, so many rows are held around those that are looked at.
    pub window: usize,
    /// A filter looks at so many lines before the next command has its turn.
    pub looked_at: usize,
    /// It looks no further once so many match.
    pub matches_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            whole_max: 20_000,
            window: 600,
            looked_at: 4_000,
            matches_max: 10_000,
        }
    }
}

/// What decides where and how a row is drawn, besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    line: LineId,
    parent: LineId,
    depth: u32,
    kind: Kind,
    has_children: bool,
    folded: bool,
    number: Option<u32>,
}

/// How many rows a panel has, and where those begin that the interface holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub total: usize,
    pub first: usize,
}

/// A subscription to the visible rows of a document, or of what is below one line of it: to all of
/// them, or to a window of them.
#[derive(Debug)]
pub struct Panel {
    /// The zoomed line, shown as the first row; the whole document without one.
    root: Option<LineId>,
    folding: Folding,
    filter: Option<Filter>,
    rows: Rows,
    extent: Extent,
    /// The lines above the first row that is held, from its parent up.
    above: Vec<LineId>,
    /// The row that stays when not all can be held.
    focus: Option<LineId>,
    limits: Limits,
    pub revision: u32,
    /// The last serial of the interface's edits that the rows contain.
    pub ack: u32,
    unseen: HashMap<LineId, Unseen>,
}

/// The interface's panel is about a line that is no longer displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootGone;

impl Panel {
    pub fn new(root: Option<LineId>) -> Self {
        Self::with_limits(root, Limits::default())
    }

    pub fn with_limits(root: Option<LineId>, limits: Limits) -> Self {
        Self {
            root,
            folding: Folding::default(),
            filter: None,
            rows: Rows::default(),
            extent: Extent::default(),
            above: Vec::new(),
            focus: None,
            limits,
            revision: 0,
            ack: 0,
            unseen: HashMap::new(),
        }
    }

    /// The rows to be held, from nothing: around the row in focus, or from the top. A new revision.
    pub fn open(&mut self, document: &Document) -> Vec<Row> {
        self.revision += 1;
        self.unseen.clear();
        self.rows = Rows::default();
        self.extent = Extent::default();
        self.refresh(document, &BTreeSet::new());
        self.rows.iter().map(|head| row(document, head)).collect()
    }

    /// As [`Panel::open`], where the interface shows `glimpsed`, which the store had: the row changes.
    pub fn take_over(&mut self, document: &Document, glimpsed: &[Row]) -> Vec<RowChange> {
        let heads: Vec<Head> = glimpsed.iter().filter_map(head_of).collect();
        let is_other = |(head, glimpsed): &(&Head, &Row)| row(document, head) != **glimpsed;
        let other = heads.iter().zip(glimpsed).filter(is_other);
        let touched = other.map(|(head, _)| head.line).collect();
        self.rows = heads.into();
        self.refresh(document, &touched)
    }

    /// The zoomed line.
    pub fn root(&self) -> Option<LineId> {
        self.root
    }

    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The row that stays when not all rows can be held: where the interface looks or writes.
    pub fn focus(&mut self, line: LineId) {
        self.focus = Some(line);
    }

    /// Folds or unfolds lines before the panel is opened.
    pub fn set_folds(&mut self, document: &Document, lines: &[LineId], folded: bool) {
        self.folding.set(document, lines, folded);
    }

    /// Folds every line, or unfolds every line, before the panel is opened.
    pub fn set_all_folds(&mut self, folded: bool) {
        self.folding.set_all(folded);
    }

    /// The row changes for another fold of a line.
    pub fn fold(&mut self, document: &Document, line: LineId, folded: bool) -> Vec<RowChange> {
        if let Some(filter) = &mut self.filter {
            filter.fold(document, line, folded);
            self.focus = Some(line);
            return self.refresh(document, &BTreeSet::new());
        }
        let was_folded = self.outlook(document).is_folded(line);
        let to_end = self.holds_end();
        self.folding.set(document, &[line], folded);
        self.focus = Some(line);
        let has_children = document.child_count(line) > 0;
        if was_folded == folded || Some(line) == self.root || !has_children {
            return Vec::new();
        }
        if !self.rows.contains(line) {
            return self.refresh(document, &BTreeSet::new());
        }
        self.followed(document, to_end, |follower| follower.refold(line))
            .unwrap_or_else(|Astray(mut changes)| {
                changes.extend(self.refresh(document, &BTreeSet::new()));
                changes
            })
    }

    /// Folds every row that has children, or unfolds everything.
    pub fn fold_all(&mut self, document: &Document, folded: bool) -> Vec<RowChange> {
        let focus = self.focus.filter(|line| self.rows.contains(*line));
        let middle = self.rows.get(self.rows.len() / 2).map(|head| head.line);
        match &mut self.filter {
            Some(filter) => filter.fold_all(document, folded),
            None => self.folding.set_all(folded),
        }
        // A row that is folded away leaves those above it.
        let outlook = self.outlook(document);
        let parent = |line: &LineId| document.parent(*line);
        let mut above = std::iter::successors(focus.or(middle), parent);
        self.focus = above.find(|line| outlook.ordinal_of(*line).is_some());
        self.refresh(document, &BTreeSet::new())
    }

    /// Zooms to a line, or out again, before the panel is opened; what was filtered is shown again.
    pub fn zoom(&mut self, root: Option<LineId>) {
        self.root = root;
        self.filter = None;
    }

    /// Holds the rows from `first` on, as many as a window has.
    pub fn move_window(&mut self, document: &Document, first: usize) -> Vec<RowChange> {
        if self.is_whole() {
            return Vec::new();
        }
        let count = self.limits.window.min(self.extent.total);
        let first = first.min(self.extent.total - count);
        let middle = self.outlook(document).line_at(first + count / 2);
        self.focus = middle;
        self.hold(document, first, count, &BTreeSet::new())
    }

    /// Holds the rows around one of a line, unless they are held with enough rows beside it; `None`
    /// when the line has no row.
    pub fn show(&mut self, document: &Document, line: LineId) -> Option<Vec<RowChange>> {
        let ordinal = self.outlook(document).ordinal_of(line)?;
        self.focus = Some(line);
        let margin = self.limits.window / 6;
        let Extent { first, total } = self.extent;
        let end = first + self.rows.len();
        let is_near_start = first > 0 && ordinal < first + margin;
        let is_near_end = end < total && ordinal + margin >= end;
        if !is_near_start && !is_near_end {
            return Some(Vec::new());
        }
        let half = self.limits.window / 2;
        Some(self.move_window(document, ordinal.saturating_sub(half)))
    }

    /// How many rows are above that of a line; `None` when it has no row here.
    pub fn ordinal_of(&self, document: &Document, line: LineId) -> Option<usize> {
        self.outlook(document).ordinal_of(line)
    }

    pub fn line_at(&self, document: &Document, ordinal: usize) -> Option<LineId> {
        self.outlook(document).line_at(ordinal)
    }

    /// What some rows say, whether they are held or not.
    pub fn rows(&self, document: &Document, first: usize, count: usize) -> Vec<Row> {
        let heads = self.outlook(document).rows(first, count);
        heads.iter().map(|head| row(document, head)).collect()
    }

    pub fn lines(&self, document: &Document, first: usize, count: usize) -> Vec<LineId> {
        let heads = self.outlook(document).rows(first, count);
        heads.into_iter().map(|head| head.line).collect()
    }

    /// Runs of neighbouring siblings among some rows, without those that are below others of them:
    /// what is moved or deleted when the rows are. The zoomed line is none of them.
    pub fn top_runs(&self, document: &Document, first: usize, count: usize) -> Vec<Vec<LineId>> {
        let mut runs: Vec<Vec<LineId>> = Vec::new();
        let mut top: Option<(LineId, u32)> = None;
        for head in self.outlook(document).rows(first, count) {
            if Some(head.line) == self.root || top.is_some_and(|(_, depth)| head.depth > depth) {
                continue;
            }
            match runs.last_mut() {
                Some(run) if top == Some((head.parent, head.depth)) => run.push(head.line),
                _ => runs.push(vec![head.line]),
            }
            top = Some((head.parent, head.depth));
        }
        runs
    }

    /// The row changes for a patch that has been applied to `document`. Empty when the panel shows
    /// nothing of it. `own`: the patch came from this panel, which has drawn the text already.
    pub fn update(
        &mut self,
        document: &Document,
        patch: &Patch,
        own: bool,
    ) -> Result<Vec<RowChange>, RootGone> {
        let to_end = self.holds_end();
        let has_moved = !(patch.children.is_empty() && patch.moved.is_empty());
        if has_moved || !patch.removed.is_empty() {
            self.folding.follow(document, patch);
        }
        if self.root.is_some_and(|root| !document.is_visible(root)) {
            return Err(RootGone);
        }
        if let Some(changes) = self.follow_filtered(document, patch, own) {
            return Ok(changes);
        }
        self.extent.total = self.outlook(document).len();
        if !self.shows_any_of(document, patch) {
            self.find_first(document);
            return Ok(self.text_changes(patch, own));
        }
        let came = patch.moved.len() + patch.removed.len();
        let mut changes = Vec::new();
        if came <= FOLLOWED_MIN + self.rows.len() / 8 && !self.has_moved_above(patch) {
            match self.followed(document, to_end, |follower| follower.follow(patch)) {
                Ok(changes) => return Ok(changes),
                Err(astray) => changes = astray.0,
            }
        }
        let mut touched = patch.lines.clone();
        touched.extend(patch.splices.iter().map(|splice| splice.line));
        changes.extend(self.refresh(document, &touched));
        Ok(changes)
    }

    /// Whether rows come, go or change as a whole: lines of the patch are shown, or belong below one
    /// that is, or below one above the rows that are held.
    fn shows_any_of(&self, document: &Document, patch: &Patch) -> bool {
        let top = self.root.unwrap_or(LineId::ROOT);
        let mut lines = patch.lines.iter().chain(&patch.moved).chain(&patch.removed);
        let is_shown = |line: &LineId| self.rows.contains(*line) || self.above.contains(line);
        let is_parent = |line: &LineId| *line == top || is_shown(line);
        let may_count = |line: &LineId| document.parent(*line).is_some_and(|one| is_parent(&one));
        patch.children.iter().any(is_parent)
            || lines.any(is_shown)
            || (self.extent.first > 0 && patch.lines.iter().any(may_count))
    }

    fn has_moved_above(&self, patch: &Patch) -> bool {
        let mut above = self.above.iter();
        above.any(|line| patch.moved.contains(line) || patch.removed.contains(line))
    }

    /// Where the first row stands after rows above it have come or gone.
    fn find_first(&mut self, document: &Document) {
        if self.extent.first == 0 {
            return;
        }
        let first = self.rows.get(0).map(|head| head.line);
        let outlook = self.outlook(document);
        let ordinal = first.and_then(|line| outlook.ordinal_of(line));
        self.extent.first = ordinal.unwrap_or(self.extent.first);
    }

    fn outlook<'a>(&'a self, document: &'a Document) -> Outlook<'a> {
        Outlook {
            document,
            root: self.root,
            folding: &self.folding,
            filter: self.filter.as_ref(),
        }
    }

    fn is_whole(&self) -> bool {
        self.rows.len() == self.extent.total
    }

    fn holds_end(&self) -> bool {
        self.extent.first + self.rows.len() == self.extent.total
    }

    /// Changes the rows that are held one by one, and holds others when they became too many or few.
    fn followed(
        &mut self,
        document: &Document,
        to_end: bool,
        follow: impl FnOnce(Follower<'_>) -> Result<(Vec<RowChange>, usize), Astray>,
    ) -> Result<Vec<RowChange>, Astray> {
        let outlook = Outlook {
            document,
            root: self.root,
            folding: &self.folding,
            filter: None,
        };
        let total = outlook.len();
        let come_max = if total <= self.limits.whole_max {
            self.limits.whole_max
        } else {
            self.limits.window
        };
        let first = self.extent.first;
        let held = Held {
            first,
            to_end,
            come_max,
        };
        let (mut changes, first) = follow(Follower::new(outlook, &mut self.rows, held))?;
        self.extent = Extent { total, first };
        self.look_above(document);
        if self.holds_wrong_number() {
            changes.extend(self.refresh(document, &BTreeSet::new()));
        }
        Ok(changes)
    }

    fn holds_wrong_number(&self) -> bool {
        let Limits {
            whole_max, window, ..
        } = self.limits;
        let held = self.rows.len();
        let is_part = held < self.extent.total;
        held > whole_max + window
            || (is_part && (held < window / 2 || self.extent.total <= whole_max / 2))
    }

    /// The row changes where any rows may have come, gone or changed, `touched` ones as a whole.
    fn refresh(&mut self, document: &Document, touched: &BTreeSet<LineId>) -> Vec<RowChange> {
        let (first, count) = self.rows_to_hold(document);
        self.hold(document, first, count, touched)
    }

    fn hold(
        &mut self,
        document: &Document,
        first: usize,
        count: usize,
        touched: &BTreeSet<LineId>,
    ) -> Vec<RowChange> {
        let outlook = self.outlook(document);
        let total = outlook.len();
        let next = outlook.rows(first, count);
        let before: Vec<Head> = self.rows.iter().cloned().collect();
        let changes = difference(&before, &next, touched, |head| row(document, head));
        self.rows = next.into();
        self.extent = Extent { total, first };
        self.look_above(document);
        changes
    }

    /// From which row on rows are held, and how many: everything, or what is around a row that stays.
    fn rows_to_hold(&self, document: &Document) -> (usize, usize) {
        let Limits {
            whole_max, window, ..
        } = self.limits;
        // What one narrows down to a few rows comes and goes with every letter.
        let whole_max = match self.filter {
            Some(_) => whole_max.min(2 * window),
            None => whole_max,
        };
        let outlook = self.outlook(document);
        let total = outlook.len();
        let was_whole = self.extent.first == 0;
        if total <= whole_max / 2 || (was_whole && total <= whole_max) {
            return (0, total);
        }
        let count = window.min(total);
        let (place, ordinal) = self.staying(&outlook).unwrap_or_default();
        let first = ordinal.saturating_sub(place.min(count / 2));
        (first.min(total - count), count)
    }

    /// A row that stays: where it is among those held, and where it will be among all.
    fn staying(&self, outlook: &Outlook) -> Option<(usize, usize)> {
        let ordinal = |line| outlook.ordinal_of(line);
        let held = |at: usize| Some((at, ordinal(self.rows.get(at)?.line)?));
        let focus = self.focus.and_then(|line| self.rows.place(line));
        let middle = self.rows.len() / 2;
        let near = (0..middle).rev().chain(middle..self.rows.len());
        let centre = self.limits.window / 2;
        focus
            .and_then(held)
            .or_else(|| near.into_iter().find_map(held))
            .or_else(|| Some((centre, ordinal(self.focus?)?)))
    }

    fn look_above(&mut self, document: &Document) {
        let first = self.rows.get(0).filter(|_| self.extent.first > 0);
        let parent = |line: &LineId| document.parent(*line);
        let above = first.map(|head| std::iter::successors(parent(&head.line), parent));
        let top = self.root.unwrap_or(LineId::ROOT);
        let above = above.into_iter().flatten();
        self.above = above.take_while(|line| *line != top).collect();
    }

    /// The interface confirms what it has applied.
    pub fn confirm(&mut self, revision: u32) {
        self.unseen.retain(|_, unseen| {
            unseen.confirm(revision);
            !unseen.is_empty()
        });
    }

    /// Moves an edit of `line` by the interface over what it had not seen; as (at, delete, insert
    /// length) steps in order.
    pub fn rebase(&mut self, line: LineId, edit: Vec<Step>) -> Vec<Step> {
        match self.unseen.get_mut(&line) {
            Some(unseen) => unseen.rebase(edit),
            None => edit,
        }
    }

    pub fn rebase_point(&self, line: LineId, at: u32) -> u32 {
        self.unseen.get(&line).map_or(at, |unseen| unseen.point(at))
    }

    /// Only texts changed: no look at any other row.
    fn text_changes(&mut self, patch: &Patch, own: bool) -> Vec<RowChange> {
        let mut changes = Vec::new();
        let revision = self.revision + 1;
        for splice in &patch.splices {
            let Some(at) = self.rows.place(splice.line) else {
                continue;
            };
            let at = at as u32;
            if !own {
                let mut steps = Vec::new();
                if splice.delete > 0 {
                    steps.push(Step::Delete {
                        at: splice.at,
                        length: splice.delete,
                    });
                }
                let length = splice.insert.chars().count() as u32;
                if length > 0 {
                    steps.push(Step::Insert {
                        at: splice.at,
                        length,
                    });
                }
                self.unseen
                    .entry(splice.line)
                    .or_default()
                    .core_changed(revision, steps);
            }
            changes.push(RowChange::Text {
                at,
                line: splice.line.to_string(),
                offset: splice.at,
                delete: splice.delete,
                insert: splice.insert.clone(),
            });
        }
        changes
    }
}

/// The zoomed line and the lines above it, topmost first.
pub fn breadcrumb(document: &Document, root: Option<LineId>) -> Vec<Crumb> {
    let mut crumbs = Vec::new();
    let mut line = root;
    while let Some(at) = line.filter(|line| *line != LineId::ROOT) {
        let text = document.text(at).unwrap_or_default();
        crumbs.push(Crumb {
            line: at.to_string(),
            text,
        });
        line = document.parent(at);
    }
    crumbs.reverse();
    crumbs
}

#[cfg(test)]
mod tests;
