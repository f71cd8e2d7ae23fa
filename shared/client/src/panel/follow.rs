//! Carries a patch over to the rows of a panel: rows that moved go and come, all others stay, and
//! none is looked at without need.

use std::collections::{BTreeSet, HashSet};

use tideline_model::{Document, Kind, LineId, Patch};

use super::Head;
use super::flatten::{push_rows, row};
use super::rows::Rows;
use crate::protocol::RowChange;

/// The rows are not those that the patch builds on: behind these changes all must be compared.
#[derive(Debug)]
pub(super) struct Astray(pub Vec<RowChange>);

pub(super) struct Follower<'a> {
    document: &'a Document,
    root: Option<LineId>,
    folds: &'a HashSet<LineId>,
    rows: &'a mut Rows,
    changes: Vec<RowChange>,
    /// Lines whose rows must be sent again.
    changed: BTreeSet<LineId>,
    /// Lines from which on numbers may be others.
    numbered: Vec<LineId>,
}

impl<'a> Follower<'a> {
    pub fn new(
        document: &'a Document,
        root: Option<LineId>,
        folds: &'a HashSet<LineId>,
        rows: &'a mut Rows,
    ) -> Self {
        Self {
            document,
            root,
            folds,
            rows,
            changes: Vec::new(),
            changed: BTreeSet::new(),
            numbered: Vec::new(),
        }
    }

    /// # Errors
    /// [`Astray`], with what was changed until then.
    pub fn follow(mut self, patch: &Patch) -> Result<Vec<RowChange>, Astray> {
        for &line in patch.removed.iter().chain(&patch.moved) {
            self.cut(line);
        }
        let rows = patch.moved.iter();
        let rows = rows.filter_map(|&line| Some((self.document.row_of(line)?, line)));
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
        for line in std::mem::take(&mut self.numbered) {
            self.renumber(line);
        }
        self.send_changed();
        Ok(self.changes)
    }

    /// Takes out the row of a line and all below it.
    fn cut(&mut self, line: LineId) {
        let Some(at) = self.rows.place(line).filter(|_| Some(line) != self.root) else {
            return;
        };
        let end = self.rows.end(at);
        let depth = self.rows.get(at).map(|head| head.depth);
        self.rows.splice(at..end, Vec::new());
        let next = self.rows.get(at).filter(|next| Some(next.depth) == depth);
        self.numbered.extend(next.map(|next| next.line));
        let delete = (end - at) as u32;
        if let Some(RowChange::Splice {
            at: before,
            delete: more,
            insert,
        }) = self.changes.last_mut()
            && *before == at as u32
            && insert.is_empty()
        {
            *more += delete;
            return;
        }
        self.changes.push(RowChange::Splice {
            at: at as u32,
            delete,
            insert: Vec::new(),
        });
    }

    /// Puts in the rows of a line, unless it came with a line above it or is below a fold. `None`:
    /// the line before it has no row.
    fn insert(&mut self, line: LineId, inserted: &mut HashSet<LineId>) -> Option<()> {
        if self.rows.contains(line) || Some(line) == self.root {
            return Some(());
        }
        let parent = self.document.parent(line)?;
        let Some((first, depth)) = self.below(parent) else {
            return Some(());
        };
        let (at, number) = match self.document.previous_sibling(line) {
            None => (first, 0),
            Some(before) => {
                let before = self.rows.place(before)?;
                let number = self.rows.get(before).and_then(|head| head.number);
                (self.rows.end(before), number.unwrap_or(0))
            }
        };
        let mut heads = Vec::new();
        let start = (parent, number);
        push_rows(
            self.document,
            self.folds,
            start,
            vec![line],
            depth,
            &mut heads,
        );
        let rows = heads.iter().map(|head| row(self.document, head)).collect();
        let end = at + heads.len();
        inserted.extend(heads.iter().map(|head| head.line));
        self.rows.splice(at..at, heads);
        let next = self.rows.get(end).filter(|next| next.depth == depth);
        self.numbered.extend(next.map(|next| next.line));
        self.changes.push(RowChange::Splice {
            at: at as u32,
            delete: 0,
            insert: rows,
        });
        Some(())
    }

    /// Where the children of a line begin, and how deep they are; nowhere if they are not shown.
    fn below(&self, parent: LineId) -> Option<(usize, u32)> {
        if parent == LineId::ROOT {
            return self.root.is_none().then_some((0, 0));
        }
        let is_open = Some(parent) == self.root || !self.folds.contains(&parent);
        let at = self.rows.place(parent).filter(|_| is_open)?;
        Some((at + 1, self.rows.get(at)?.depth + 1))
    }

    fn refresh_parent(&mut self, line: LineId) {
        let has_children = self.document.child_count(line) > 0;
        let folded = has_children && Some(line) != self.root && self.folds.contains(&line);
        self.change(line, |head| {
            head.has_children = has_children;
            head.folded = folded;
        });
    }

    fn refresh_content(&mut self, line: LineId) {
        let Some(at) = self.rows.place(line) else {
            return;
        };
        let kind = self.document.kind(line).cloned().unwrap_or_default();
        if self.rows.get(at).is_some_and(|head| head.kind != kind) {
            self.change(line, |head| head.kind = kind);
            let next = self.rows.get(self.rows.end(at));
            self.numbered.push(line);
            self.numbered.extend(next.map(|next| next.line));
        }
        self.changed.insert(line);
    }

    /// Numbers the rows from this one on, as far as they change.
    fn renumber(&mut self, line: LineId) {
        let mut next = Some(line).filter(|&line| Some(line) != self.root);
        while let Some(line) = next.take() {
            let Some(at) = self.rows.place(line) else {
                return;
            };
            let before = self.document.previous_sibling(line);
            let before = before.and_then(|before| self.rows.get(self.rows.place(before)?)?.number);
            let Some(head) = self.rows.get(at) else {
                return;
            };
            let number = (head.kind == Kind::Numbered).then_some(before.unwrap_or(0) + 1);
            let depth = head.depth;
            if head.number != number {
                self.change(line, |head| head.number = number);
                let behind = self.rows.get(self.rows.end(at));
                next = behind.filter(|row| row.depth == depth).map(|row| row.line);
            }
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
                    row: row(self.document, head),
                });
            }
        }
    }
}
