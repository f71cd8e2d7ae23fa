//! Lines as a screen needs them: a window of children from a place on, a first screen by walking the
//! tree, counts, and lines by their ids. Reads what it is asked for and no more of a document.

use rusqlite::ToSql;
use tideline_model::{DocumentId, Kind, LineId, LineView};

use crate::error::StoreError;
use crate::rows::{
    Columns, KIND_TEXT, LINE_BY_ID, LINE_COLUMNS, OrderedLine, StoredDocument, StoredLine,
};
use crate::scope::Scope;
use crate::table::Table;

/// Displayed children of a parent behind a key, in order.
const CHILDREN: &str = "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
     AND ord > :after ORDER BY ord LIMIT :limit";

/// The siblings before a key, the nearest first.
const BEFORE: &str = "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
     AND ord < :before ORDER BY ord DESC LIMIT :limit";
/// The key of the nearest sibling before a key that is of another kind.
const OTHER_KIND_BEFORE: &str = "document_id = :document AND parent_id IS :parent
     AND deleted_at IS NULL AND ord < :before AND kind IS NOT :kind ORDER BY ord DESC LIMIT 1";
const BETWEEN: &str = "document_id = :document AND parent_id IS :parent AND deleted_at IS NULL
     AND ord > :after AND ord < :before";
/// So many siblings of a line are shown above it.
const SIBLINGS_ABOVE: usize = 10;

/// A displayed line with how deep it stands below the line that was asked for, whose children have
/// depth 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    pub depth: u32,
    pub line: LineView,
    pub has_children: bool,
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
        is_folded: impl Fn(LineId) -> bool,
        limit: usize,
    ) -> Result<Vec<ShownLine>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let Some(Parent(root_key)) = self.parent_key(&stored, root)? else {
            return Ok(Vec::new());
        };
        let children = self.children(&stored, root_key, i64::MIN, limit)?;
        self.walk(&stored, vec![Branch::new(root, children)], is_folded, limit)
    }

    /// The same from a little above a line on; nothing when the line is not shown below `root`.
    pub fn screen_near(
        &self,
        document: DocumentId,
        root: LineId,
        line: LineId,
        is_folded: impl Fn(LineId) -> bool + Copy,
        limit: usize,
    ) -> Result<Vec<ShownLine>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let Some(path) = self.path(&stored, root, line)? else {
            return Ok(Vec::new());
        };
        let Some((own, above)) = path.split_last() else {
            return Ok(Vec::new());
        };
        if above.iter().any(|parent| is_folded(parent.line.id)) {
            return Ok(Vec::new());
        }
        let before = self.before(&stored, own, SIBLINGS_ABOVE)?;
        let start = before.last().map(|first| first.place.ord);
        let starts = match (start, above) {
            (Some(ord), _) => vec![(path.len(), ord), (path.len(), own.place.ord)],
            (None, [.., parent]) => vec![
                (path.len() - 1, parent.place.ord),
                (path.len(), own.place.ord),
            ],
            (None, []) => vec![(path.len(), own.place.ord)],
        };
        for (levels, ord) in starts {
            let open = self.branches(&stored, root, &path[..levels], ord, limit)?;
            let shown = self.walk(&stored, open, is_folded, limit)?;
            let mut near = shown.iter().take(limit / 2);
            if near.any(|shown| shown.line.id == line) {
                return Ok(shown);
            }
        }
        Ok(Vec::new())
    }

    /// A displayed line and all that it stands below, topmost first; nothing when it is not displayed.
    pub fn lines_above(
        &self,
        document: DocumentId,
        line: LineId,
    ) -> Result<Vec<LineView>, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(Vec::new());
        };
        let path = self.path(&stored, LineId::ROOT, line)?;
        let path = path.into_iter().flatten();
        Ok(path.map(|stored| stored.line).collect())
    }

    /// How many siblings directly before a displayed line are of this kind.
    pub fn run_before(
        &self,
        document: DocumentId,
        line: LineId,
        kind: &Kind,
    ) -> Result<u64, StoreError> {
        let Some(stored) = self.readable(document)? else {
            return Ok(0);
        };
        let Some(own) = self.stored_line(&stored, line)? else {
            return Ok(0);
        };
        let kind = Some(kind.to_string()).filter(|kind| kind != KIND_TEXT);
        let named: [(&str, &dyn ToSql); 4] = [
            (":document", &stored.key),
            (":parent", &own.place.parent_key),
            (":before", &own.place.ord),
            (":kind", &kind),
        ];
        let other = |row: &rusqlite::Row<'_>| Ok(row.get(0)?);
        let other = self
            .rows()
            .one(Table::Lines, "ord", OTHER_KIND_BEFORE, &named, other)?;
        let after: i64 = other.unwrap_or(i64::MIN);
        let named: [(&str, &dyn ToSql); 4] = [
            (":document", &stored.key),
            (":parent", &own.place.parent_key),
            (":after", &after),
            (":before", &own.place.ord),
        ];
        let count = self
            .rows()
            .one(Table::Lines, "count(*)", BETWEEN, &named, |row| {
                Columns::of(row).number()
            })?;
        Ok(count.unwrap_or(0))
    }

    /// Lines in display order, `limit` of them, from what is next in `open` on.
    fn walk(
        &self,
        document: &StoredDocument,
        mut open: Vec<Branch>,
        is_folded: impl Fn(LineId) -> bool,
        limit: usize,
    ) -> Result<Vec<ShownLine>, StoreError> {
        let mut shown = Vec::new();
        while shown.len() < limit
            && let Some(branch) = open.last_mut()
        {
            let Some(child) = branch.children.pop() else {
                open.pop();
                continue;
            };
            let (id, key, parent) = (child.line.id, child.key, branch.parent);
            let depth = open.len() as u32 - 1;
            let left = limit - shown.len() - 1;
            let wanted = if is_folded(id) { 1 } else { left.max(1) };
            let below = self.children(document, Some(key), i64::MIN, wanted)?;
            let line = LineView {
                parent,
                ..child.line
            };
            shown.push(ShownLine {
                depth,
                line,
                has_children: !below.is_empty(),
            });
            if left > 0 && !is_folded(id) {
                open.push(Branch::new(id, below));
            }
        }
        Ok(shown)
    }

    /// What is still to be shown on each level when a walk begins with the child with the key `ord`
    /// of the last but one of `path`.
    fn branches(
        &self,
        document: &StoredDocument,
        root: LineId,
        path: &[StoredLine],
        ord: i64,
        limit: usize,
    ) -> Result<Vec<Branch>, StoreError> {
        let mut parent = root;
        let mut open = Vec::with_capacity(path.len());
        for (level, line) in (1..).zip(path) {
            let after = if level == path.len() {
                ord.saturating_sub(1)
            } else {
                line.place.ord
            };
            let children = self.children(document, line.place.parent_key, after, limit)?;
            open.push(Branch::new(parent, children));
            parent = line.line.id;
        }
        Ok(open)
    }

    /// A displayed line with what it stands below, up to a child of `root`; that comes first.
    fn path(
        &self,
        document: &StoredDocument,
        root: LineId,
        line: LineId,
    ) -> Result<Option<Vec<StoredLine>>, StoreError> {
        let Some(Parent(root_key)) = self.parent_key(document, root)? else {
            return Ok(None);
        };
        let mut next = self.stored_line(document, line)?;
        let mut path: Vec<StoredLine> = Vec::new();
        while let Some(line) = next.filter(|line| line.place.deleted_at.is_none()) {
            if let Some(below) = path.last_mut() {
                below.line.parent = line.line.id;
            }
            let parent_key = line.place.parent_key;
            path.push(line);
            if parent_key == root_key {
                if let Some(top) = path.last_mut() {
                    top.line.parent = root;
                }
                path.reverse();
                return Ok(Some(path));
            }
            let named: [(&str, &dyn ToSql); 2] =
                [(":document", &document.key), (":key", &parent_key)];
            next = self.rows().one(
                Table::Lines,
                LINE_COLUMNS,
                "document_id = :document AND lines.id = :key",
                &named,
                StoredLine::read,
            )?;
        }
        Ok(None)
    }

    fn before(
        &self,
        document: &StoredDocument,
        line: &StoredLine,
        limit: usize,
    ) -> Result<Vec<StoredLine>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let named: [(&str, &dyn ToSql); 4] = [
            (":document", &document.key),
            (":parent", &line.place.parent_key),
            (":before", &line.place.ord),
            (":limit", &limit),
        ];
        let read = StoredLine::read;
        self.rows()
            .select(Table::Lines, LINE_COLUMNS, BEFORE, &named, read)
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
