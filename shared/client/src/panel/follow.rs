//! Carries a patch over to the rows that a panel holds: rows that moved go and come, all others stay,
//! and none is looked at without need.

use std::collections::{BTreeSet, HashSet};

use tideline_model::{Kind, LineId, Patch};

use super::Head;
use super::outlook::Outlook;
use super::row::row;
use super::rows::Rows;
use crate::protocol::RowChange;

/// The rows are not those that the patch builds on: behind these changes all must be compared.
#[derive(Debug)]
pub(super) struct Astray(pub Vec<RowChange>);

/// What the held rows are of all rows of the panel, before anything changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// Rows above the first one.
    pub first: usize,
    /// No row is below the last one.
    pub to_end: bool,
    /// More rows that come at once are not put in.
    pub come_max: usize,
}

pub(super) struct Follower<'a> {
    outlook: Outlook<'a>,
    rows: &'a mut Rows,
    held: Held,
    changes: Vec<RowChange>,
    /// Lines whose rows must be sent again.
    changed: BTreeSet<LineId>,
    /// Lines from which on numbers may be others.
    numbered: Vec<LineId>,
}

impl<'a> Follower<'a> {
    pub fn new(outlook: Outlook<'a>, rows: &'a mut Rows, held: Held) -> Self {
        Self {
            outlook,
            rows,
            held,
            changes: Vec::new(),
            changed: BTreeSet::new(),
            numbered: Vec::new(),
        }
    }

    /// The changes, and how many rows are above the first held one now.
    ///
    /// # Errors
    /// [`Astray`], with what was changed until then.
    pub fn follow(mut self, patch: &Patch) -> Result<(Vec<RowChange>, usize), Astray> {
        for &line in patch.removed.iter().chain(&patch.moved) {
            self.cut(line);
        }
        let was_at_top = self.held.first == 0;
        if self.find_first().is_none() {
            return Err(Astray(self.changes));
        }
        let document = self.outlook.document;
        let rows = patch.moved.iter();
        let rows = rows.filter_map(|&line| Some((document.row_of(line)?, line)));
        let mut moved: Vec<(usize, LineId)> = rows.collect();
        moved.sort_unstable();
        let mut inserted = HashSet::new();
        for (_, line) in moved {
            if self.insert(line, &mut inserted).is_none() {
                return Err(Astray(self.changes));
            }
        }
        for &line in &patch.children {
            self.refresh_parent(line);
        }
        let edited = patch.splices.iter().map(|splice| &splice.line);
        for &line in patch.lines.iter().chain(edited) {
            if !inserted.contains(&line) {
                self.refresh_content(line);
            }
        }
        if !was_at_top {
            self.renumber_edges(patch);
        }
        self.finish()
    }

    /// Shows or hides what is below a held row, whose fold has changed.
    ///
    /// # Errors
    /// [`Astray`], with what was changed until then.
    pub fn refold(mut self, line: LineId) -> Result<(Vec<RowChange>, usize), Astray> {
        let Some(at) = self.rows.place(line) else {
            return Err(Astray(self.changes));
        };
        let come = self.outlook.rows_from(line);
        if come > self.held.come_max + 1 {
            return Err(Astray(self.changes));
        }
        self.splice(at + 1..self.rows.end(at), Vec::new());
        if !self.outlook.is_folded(line) {
            let mut below = self.outlook.rows_of(line, 0, come);
            below.remove(0);
            if at + 1 < self.rows.len() || self.held.to_end {
                self.splice(at + 1..at + 1, below);
            }
        }
        self.refresh_parent(line);
        self.finish()
    }

    fn finish(mut self) -> Result<(Vec<RowChange>, usize), Astray> {
        for line in std::mem::take(&mut self.numbered) {
            self.renumber(line);
        }
        self.send_changed();
        let last = self.rows.len().wrapping_sub(1);
        let ordinal = self.rows.get(last);
        let ordinal = ordinal.and_then(|head| self.outlook.ordinal_of(head.line));
        if ordinal != Some(self.held.first + last) {
            return Err(Astray(self.changes));
        }
        Ok((self.changes, self.held.first))
    }

    /// Where the first row stands now; rows before it are not looked at.
    fn find_first(&mut self) -> Option<()> {
        let first = self.rows.get(0)?.line;
        if self.held.first > 0 {
            self.held.first = self.outlook.ordinal_of(first)?;
        }
        Some(())
    }

    /// Takes out the row of a line and all below it.
    fn cut(&mut self, line: LineId) {
        let is_root = Some(line) == self.outlook.root;
        let Some(at) = self.rows.place(line).filter(|_| !is_root) else {
            return;
        };
        let end = self.rows.end(at);
        let depth = self.rows.get(at).map(|head| head.depth);
        let next = self.rows.get(end).filter(|next| Some(next.depth) == depth);
        self.numbered.extend(next.map(|next| next.line));
        self.splice(at..end, Vec::new());
    }

    /// Puts in the rows of a line, unless it came with a line above it, is below a fold, or stands
    /// outside of what is held. `None`: more rows come than are put in.
    fn insert(&mut self, line: LineId, inserted: &mut HashSet<LineId>) -> Option<()> {
        if self.rows.contains(line) {
            return Some(());
        }
        let ordinal = self.outlook.ordinal_of(line);
        let Some(at) = ordinal.and_then(|ordinal| ordinal.checked_sub(self.held.first)) else {
            return Some(());
        };
        let is_behind = at > self.rows.len() || (at == self.rows.len() && !self.held.to_end);
        if is_behind {
            return Some(());
        }
        if self.outlook.rows_from(line) > self.held.come_max {
            return None;
        }
        let before = self.number_before(line);
        let heads = self.outlook.rows_of(line, before, self.held.come_max);
        let end = at + heads.len();
        let depth = heads.first().map(|head| head.depth);
        inserted.extend(heads.iter().map(|head| head.line));
        self.splice(at..at, heads);
        let next = self.rows.get(end).filter(|next| Some(next.depth) == depth);
        self.numbered.extend(next.map(|next| next.line));
        Some(())
    }

    fn splice(&mut self, range: std::ops::Range<usize>, heads: Vec<Head>) {
        let delete = (range.end - range.start) as u32;
        let at = range.start as u32;
        if delete == 0 && heads.is_empty() {
            return;
        }
        let document = self.outlook.document;
        let come: Vec<_> = heads.iter().map(|head| row(document, head)).collect();
        self.rows.splice(range, heads);
        if let Some(RowChange::Splice {
            at: before,
            delete: more,
            insert,
        }) = self.changes.last_mut()
            && *before == at
            && insert.is_empty()
            && come.is_empty()
        {
            *more += delete;
            return;
        }
        let insert = come;
        self.changes.push(RowChange::Splice { at, delete, insert });
    }

    fn refresh_parent(&mut self, line: LineId) {
        let has_children = self.outlook.document.child_count(line) > 0;
        let folded = has_children && self.outlook.is_folded(line);
        self.change(line, |head| {
            head.has_children = has_children;
            head.folded = folded;
        });
    }

    fn refresh_content(&mut self, line: LineId) {
        let Some(at) = self.rows.place(line) else {
            return;
        };
        let kind = self.outlook.document.kind(line).cloned();
        let kind = kind.unwrap_or_default();
        if self.rows.get(at).is_some_and(|head| head.kind != kind) {
            self.change(line, |head| head.kind = kind);
            let next = self.rows.get(self.rows.end(at));
            self.numbered.push(line);
            self.numbered.extend(next.map(|next| next.line));
        }
        self.changed.insert(line);
    }

    /// The first rows of their depth go on numbers above what is held.
    fn renumber_edges(&mut self, patch: &Patch) {
        let document = self.outlook.document;
        let outside = patch
            .lines
            .iter()
            .filter(|line| !self.rows.contains(**line));
        let mut parents: HashSet<LineId> =
            outside.filter_map(|line| document.parent(*line)).collect();
        parents.extend(&patch.children);
        let mut at = 0;
        while let Some(head) = self.rows.get(at) {
            let parent = document.parent(head.line);
            if parent.is_some_and(|parent| parents.contains(&parent)) {
                self.numbered.push(head.line);
            }
            let Some(shallower) = head.depth.checked_sub(1) else {
                return;
            };
            at = self.rows.next_within(at, shallower);
        }
    }

    /// Numbers the rows from this one on, as far as they change.
    fn renumber(&mut self, line: LineId) {
        let mut next = Some(line).filter(|&line| Some(line) != self.outlook.root);
        while let Some(line) = next.take() {
            let Some(at) = self.rows.place(line) else {
                return;
            };
            let before = self.number_before(line);
            let Some(head) = self.rows.get(at) else {
                return;
            };
            let number = (head.kind == Kind::Numbered).then_some(before + 1);
            let depth = head.depth;
            if head.number != number {
                self.change(line, |head| head.number = number);
                let behind = self.rows.get(self.rows.end(at));
                next = behind.filter(|row| row.depth == depth).map(|row| row.line);
            }
        }
    }

    fn number_before(&self, line: LineId) -> u32 {
        let before = self.outlook.document.previous_sibling(line);
        match before.map(|before| self.rows.place(before)) {
            None => 0,
            Some(Some(at)) => self.rows.get(at).and_then(|head| head.number).unwrap_or(0),
            Some(None) => self.outlook.numbered_before(line),
        }
    }

    fn change(&mut self, line: LineId, change: impl FnOnce(&mut Head)) {
        let Some(at) = self.rows.place(line) else {
            return;
        };
        if let Some(head) = self.rows.get_mut(at) {
            let before = head.clone();
            change(head);
            if *head != before {
                self.changed.insert(line);
            }
        }
    }

    fn send_changed(&mut self) {
        let places = self.changed.iter();
        let places = places.filter_map(|&line| self.rows.place(line));
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        for at in places {
            if let Some(head) = self.rows.get(at) {
                self.changes.push(RowChange::Row {
                    at: at as u32,
                    row: row(self.outlook.document, head),
                });
            }
        }
    }
}
