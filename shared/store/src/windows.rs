//! Lines as a screen needs them: a window of children from a place on, a first screen by walking the
//! tree, counts, and lines by their ids. Reads what it is asked for and no more of a document.

use std::collections::HashSet;

use rusqlite::ToSql;
use tideline_model::{DocumentId, LineId, LineView};

use crate::error::StoreError;
use crate::rows::{Columns, LINE_BY_ID, LINE_COLUMNS, OrderedLine, StoredDocument, StoredLine};
use crate::scope::Scope;
use crate::table::Table;

/// Displayed children of a parent behind a key, in order.
const CHILDREN: &str = "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
     AND ord > :after ORDER BY ord LIMIT :limit";

/// A displayed line with how deep it stands below the line that was asked for, whose children have
/// depth 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    pub depth: u32,
    pub line: LineView,
}

#[expect(
    clippy::missing_errors_doc,
    reason = "every reading fails alike, as the type says"
)]
impl Scope<'_> {
    /// Up to `limit` displayed children of `parent`, behind the key `after_ord` (`None`: from the
    /// first).
    pub fn lines(
        &self,
        document: DocumentId,
        parent: LineId,
        after_ord: Option<i64>,
        limit: usize,
    ) -> Result<Vec<OrderedLine>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let Some(Parent(parent_key)) = self.parent_key(&stored, parent)? else {
            return Ok(Vec::new());
        };
        let children = self.children(&stored, parent_key, after_ord.unwrap_or(i64::MIN), limit)?;
        let with_parent = |child: StoredLine| OrderedLine {
            ord: child.place.ord,
            line: LineView {
                parent,
                ..child.line
            },
        };
        Ok(children.into_iter().map(with_parent).collect())
    }

    /// The first `limit` lines below `root` in display order, without what is below a folded line.
    pub fn first_screen(
        &self,
        document: DocumentId,
        root: LineId,
        folded: &HashSet<LineId>,
        limit: usize,
    ) -> Result<Vec<ShownLine>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let Some(Parent(root_key)) = self.parent_key(&stored, root)? else {
            return Ok(Vec::new());
        };
        let mut shown = Vec::new();
        // Children that were read and are still to be shown, the next one last.
        let mut open = vec![Branch::new(
            root,
            self.children(&stored, root_key, i64::MIN, limit)?,
        )];
        while shown.len() < limit
            && let Some(branch) = open.last_mut()
        {
            let Some(child) = branch.children.pop() else {
                open.pop();
                continue;
            };
            let (id, key, parent) = (child.line.id, child.key, branch.parent);
            let depth = open.len() as u32 - 1;
            let line = LineView {
                parent,
                ..child.line
            };
            shown.push(ShownLine { depth, line });
            let left = limit - shown.len();
            if left > 0 && !folded.contains(&id) {
                let below = self.children(&stored, Some(key), i64::MIN, left)?;
                open.push(Branch::new(id, below));
            }
        }
        Ok(shown)
    }

    /// How many displayed children a line has.
    pub fn child_count(&self, document: DocumentId, parent: LineId) -> Result<u64, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(0);
        };
        let Some(Parent(parent_key)) = self.parent_key(&stored, parent)? else {
            return Ok(0);
        };
        let count = self.rows().one(
            Table::Lines,
            "count(*)",
            "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL",
            &[(":document", &stored.key), (":parent", &parent_key)],
            |row| Columns::of(row).number(),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Displayed lines by their ids, in that order; those that are not displayed are left out. Their
    /// `parent` is not filled in.
    pub fn lines_named(
        &self,
        document: DocumentId,
        ids: &[LineId],
    ) -> Result<Vec<LineView>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let mut lines = Vec::with_capacity(ids.len());
        for id in ids {
            let line = self.stored_line(&stored, *id)?;
            let displayed = line.filter(|line| line.place.deleted_at.is_none());
            lines.extend(displayed.map(|line| line.line));
        }
        Ok(lines)
    }

    /// Displayed lines of a document.
    pub fn line_count(&self, document: DocumentId) -> Result<u64, StoreError> {
        let stored = self.stored(document)?;
        Ok(stored.map_or(0, |stored| stored.row.line_count))
    }

    fn parent_key(
        &self,
        document: &StoredDocument,
        parent: LineId,
    ) -> Result<Option<Parent>, StoreError> {
        if parent == LineId::ROOT {
            return Ok(Some(Parent(None)));
        }
        let line = self.stored_line(document, parent)?;
        Ok(line.map(|line| Parent(Some(line.key))))
    }

    fn children(
        &self,
        document: &StoredDocument,
        parent_key: Option<i64>,
        after_ord: i64,
        limit: usize,
    ) -> Result<Vec<StoredLine>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let named: [(&str, &dyn ToSql); 4] = [
            (":document", &document.key),
            (":parent", &parent_key),
            (":after", &after_ord),
            (":limit", &limit),
        ];
        self.rows().select(
            Table::Lines,
            LINE_COLUMNS,
            CHILDREN,
            &named,
            StoredLine::read,
        )
    }

    fn stored_line(
        &self,
        document: &StoredDocument,
        line: LineId,
    ) -> Result<Option<StoredLine>, StoreError> {
        let replica = line.replica.0.as_bytes().as_slice();
        self.rows().one(
            Table::Lines,
            LINE_COLUMNS,
            LINE_BY_ID,
            &[
                (":replica", &replica),
                (":number", &line.number.cast_signed()),
                (":document", &document.key),
            ],
            StoredLine::read,
        )
    }
}

/// The column `parent_id`: of the root's children it is NULL.
struct Parent(Option<i64>);

/// Children of one line.
struct Branch {
    parent: LineId,
    /// Backwards.
    children: Vec<StoredLine>,
}

impl Branch {
    fn new(parent: LineId, mut children: Vec<StoredLine>) -> Self {
        children.reverse();
        Self { parent, children }
    }
}
