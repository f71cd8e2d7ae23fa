//! One panel: the rows it shows, and the row changes that bring an interface from what it showed to
//! what the document says now. Knows nothing of connections, disks or other panels.

use std::collections::{BTreeSet, HashMap, HashSet};

use tideline_model::{Document, Kind, LineId, LineView, Patch};

use crate::protocol::{Crumb, Property, Row, RowChange};
use crate::transform::{Step, Unseen};

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
    heads: Vec<Head>,
    index: HashMap<LineId, u32>,
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
            heads: Vec::new(),
            index: HashMap::new(),
            revision: 0,
            ack: 0,
            unseen: HashMap::new(),
        }
    }

    /// All rows, from nothing. A new revision.
    pub fn open(&mut self, document: &Document) -> Vec<Row> {
        self.revision += 1;
        self.unseen.clear();
        self.show(flatten(document, self.root, &self.folds));
        self.heads.iter().map(|head| row(document, head)).collect()
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
        let mut touched = patch.lines.clone();
        touched.extend(patch.splices.iter().map(|splice| splice.line));
        Ok(self.refresh(document, &touched))
    }

    /// Whether rows come, go or change as a whole: lines of the patch are shown, or belong below one
    /// that is.
    fn shows_any_of(&self, patch: &Patch) -> bool {
        let top = self.root.unwrap_or(LineId::ROOT);
        let mut lines = patch.lines.iter().chain(&patch.moved).chain(&patch.removed);
        let is_shown = |line: &LineId| self.index.contains_key(line);
        patch
            .children
            .iter()
            .any(|line| *line == top || is_shown(line))
            || lines.any(is_shown)
    }

    /// The row changes for new folds, or for lines that changed as a whole.
    pub fn refresh(&mut self, document: &Document, touched: &BTreeSet<LineId>) -> Vec<RowChange> {
        let next = flatten(document, self.root, &self.folds);
        let changes = difference(&self.heads, &next, touched, |head| row(document, head));
        self.show(next);
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
            let Some(&at) = self.index.get(&splice.line) else {
                continue;
            };
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

    fn show(&mut self, heads: Vec<Head>) {
        self.index = (0u32..)
            .zip(&heads)
            .map(|(at, head)| (head.line, at))
            .collect();
        self.heads = heads;
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

/// The visible rows, depth first, without recursion.
fn flatten(document: &Document, root: Option<LineId>, folds: &HashSet<LineId>) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut open: Vec<(LineId, std::vec::IntoIter<LineId>, u32)> = Vec::new();
    let mut depth = 0;
    if let Some(root) = root {
        heads.push(Head {
            number: None,
            ..head(document, root, LineId::ROOT, 0)
        });
        depth = 1;
    }
    let top = root.unwrap_or(LineId::ROOT);
    open.push((top, document.children(top).into_iter(), 0));
    while let Some((parent, children, number)) = open.last_mut() {
        let (parent, Some(line)) = (*parent, children.next()) else {
            open.pop();
            depth = u32::saturating_sub(depth, 1);
            continue;
        };
        let mut head = head(document, line, parent, depth);
        *number = if head.kind == Kind::Numbered {
            *number + 1
        } else {
            0
        };
        head.number = (*number > 0).then_some(*number);
        head.folded = head.has_children && folds.contains(&line);
        if head.has_children && !head.folded {
            open.push((line, document.children(line).into_iter(), 0));
            depth += 1;
        }
        heads.push(head);
    }
    heads
}

fn head(document: &Document, line: LineId, parent: LineId, depth: u32) -> Head {
    Head {
        line,
        parent,
        depth,
        kind: document.kind(line).cloned().unwrap_or_default(),
        has_children: document.child_count(line) > 0,
        folded: false,
        number: None,
    }
}

/// A row of a table: its text is the row in Markdown, `| one | two |`.
const TABLE: &str = "table";

fn row(document: &Document, head: &Head) -> Row {
    let view = document.line(head.line);
    let (text, tags, properties) = view.map_or_else(Default::default, split_view);
    Row {
        id: head.line.to_string(),
        parent: head.parent.to_string(),
        depth: head.depth,
        kind: head.kind.to_string(),
        text,
        has_children: head.has_children,
        folded: head.folded,
        number: head.number,
        tags,
        properties,
        newer_version: matches!(&head.kind, Kind::Other(name) if name != TABLE),
    }
}

fn split_view(view: LineView) -> (String, Vec<String>, Vec<Property>) {
    let property = |(name, values): (String, Vec<tideline_model::Value>)| Property {
        name,
        values: values.iter().map(ToString::to_string).collect(),
    };
    (
        view.text,
        view.tags,
        view.properties.into_iter().map(property).collect(),
    )
}

/// Row changes from `before` to `after`. Rows that keep their order stay (the longest such run of
/// rows); others go and come. Linear but for one sort-like pass over the kept rows.
fn difference(
    before: &[Head],
    after: &[Head],
    touched: &BTreeSet<LineId>,
    row: impl Fn(&Head) -> Row,
) -> Vec<RowChange> {
    let kept = kept_rows(before, after);
    let mut changes = Vec::new();
    // In `before`, rows up to `old` are dealt with; in the interface, rows up to `new` are final.
    let (mut old, mut new) = (0, 0);
    let end = std::iter::once((before.len(), after.len()));
    for (next_old, next_new) in kept.into_iter().chain(end) {
        if next_old > old || next_new > new {
            changes.push(RowChange::Splice {
                at: new as u32,
                delete: (next_old - old) as u32,
                insert: after[new..next_new].iter().map(&row).collect(),
            });
        }
        if let (Some(was), Some(is)) = (before.get(next_old), after.get(next_new))
            && (was != is || touched.contains(&is.line))
        {
            changes.push(RowChange::Row {
                at: next_new as u32,
                row: row(is),
            });
        }
        (old, new) = (next_old + 1, next_new + 1);
    }
    changes
}

/// Pairs (index before, index after) of rows that can stay, ascending in both.
fn kept_rows(before: &[Head], after: &[Head]) -> Vec<(usize, usize)> {
    let same = |(a, b): &(&Head, &Head)| a.line == b.line;
    let prefix = before.iter().zip(after).take_while(same).count();
    let rest = before.len().min(after.len()) - prefix;
    let suffix = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take(rest)
        .take_while(same)
        .count();
    let middle_before = &before[prefix..before.len() - suffix];
    let middle_after = &after[prefix..after.len() - suffix];

    let place: HashMap<LineId, usize> = (0..)
        .zip(middle_before)
        .map(|(at, head)| (head.line, at))
        .collect();
    let pairs: Vec<(usize, usize)> = (0..)
        .zip(middle_after)
        .filter_map(|(new, head)| Some((*place.get(&head.line)?, new)))
        .collect();

    let mut kept: Vec<(usize, usize)> = (0..prefix).map(|at| (at, at)).collect();
    let shifted = |(old, new): (usize, usize)| (old + prefix, new + prefix);
    kept.extend(longest_ascending(&pairs).into_iter().map(shifted));
    let tail = (0..suffix)
        .rev()
        .map(|back| (before.len() - 1 - back, after.len() - 1 - back));
    kept.extend(tail);
    kept
}

/// The longest subsequence that ascends in the first number (patience sorting).
fn longest_ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].0 < pair.0);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        chain.push(pairs[index]);
        at = previous[index];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests;
