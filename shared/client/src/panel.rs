//! One panel: the rows it shows, and the row changes that bring an interface from what it showed to
//! what the document says now. Knows nothing of connections, disks or other panels.

mod difference;
mod flatten;
mod follow;
mod rows;

use std::collections::{BTreeSet, HashMap, HashSet};

use tideline_model::{Document, Kind, LineId, Patch};

use crate::panel::difference::difference;
use crate::panel::flatten::{flatten, row};
use crate::panel::follow::Follower;
use crate::panel::rows::Rows;
use crate::protocol::{Crumb, Row, RowChange};
use crate::transform::{Step, Unseen};

/// So many lines that moved are followed one by one, however few rows there are.
const FOLLOWED_MIN: usize = 64;

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

/// A subscription to the visible rows of a document, or of what is below one line of it.
#[derive(Debug)]
pub struct Panel {
    /// The zoomed line, shown as the first row; the whole document without one.
    pub root: Option<LineId>,
    folds: HashSet<LineId>,
    rows: Rows,
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
        Self {
            root,
            folds: HashSet::new(),
            rows: Rows::default(),
            revision: 0,
            ack: 0,
            unseen: HashMap::new(),
        }
    }

    /// All rows, from nothing. A new revision.
    pub fn open(&mut self, document: &Document) -> Vec<Row> {
        self.revision += 1;
        self.unseen.clear();
        self.rows = flatten(document, self.root, &self.folds).into();
        self.rows.iter().map(|head| row(document, head)).collect()
    }

    pub fn set_fold(&mut self, line: LineId, folded: bool) {
        if folded {
            self.folds.insert(line);
        } else {
            self.folds.remove(&line);
        }
    }

    /// Folds every row that has children, or unfolds everything.
    pub fn fold_all(&mut self, document: &Document, folded: bool) {
        self.folds.clear();
        if folded {
            let all = flatten(document, self.root, &self.folds);
            let parents = all
                .into_iter()
                .filter(|head| head.has_children)
                .map(|head| head.line);
            self.folds
                .extend(parents.filter(|line| Some(*line) != self.root));
        }
    }

    /// The row changes for a patch that has been applied to `document`. Empty when the panel shows
    /// nothing of it. `own`: the patch came from this panel, which has drawn the text already.
    pub fn update(
        &mut self,
        document: &Document,
        patch: &Patch,
        own: bool,
    ) -> Result<Vec<RowChange>, RootGone> {
        if self.root.is_some_and(|root| !document.is_visible(root)) {
            return Err(RootGone);
        }
        if !self.shows_any_of(patch) {
            return Ok(self.text_changes(patch, own));
        }
        let mut changes = Vec::new();
        if patch.moved.len() + patch.removed.len() <= FOLLOWED_MIN + self.rows.len() / 8 {
            let follower = Follower::new(document, self.root, &self.folds, &mut self.rows);
            match follower.follow(patch) {
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
    /// that is.
    fn shows_any_of(&self, patch: &Patch) -> bool {
        let top = self.root.unwrap_or(LineId::ROOT);
        let mut lines = patch.lines.iter().chain(&patch.moved).chain(&patch.removed);
        let is_shown = |line: &LineId| self.rows.contains(*line);
        patch
            .children
            .iter()
            .any(|line| *line == top || is_shown(line))
            || lines.any(is_shown)
    }

    /// The row changes for new folds, or for lines that changed as a whole.
    pub fn refresh(&mut self, document: &Document, touched: &BTreeSet<LineId>) -> Vec<RowChange> {
        let next = flatten(document, self.root, &self.folds);
        let before: Vec<Head> = self.rows.iter().cloned().collect();
        let changes = difference(&before, &next, touched, |head| row(document, head));
        self.rows = next.into();
        changes
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
