//! The first rows of a panel as the store has them: what is shown until the document itself has been
//! read. Knows nothing of documents in memory, nor of who looks.

use std::collections::HashSet;

use tideline_model::{Document, DocumentId, GroupId, Kind, LineId, LineView};
use tideline_store::{Reader, Scope, ShownLine, StoreError};

use crate::panel::{Panel, split_view};
use crate::protocol::{Command, Crumb, Row};

/// So many rows fill any screen.
const ROWS_MAX: usize = 120;

/// What a panel is opened with.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    pub root: Option<LineId>,
    /// Rows around this line are wanted.
    pub near: Option<LineId>,
    all_folded: bool,
    /// Those that are not folded like all others.
    exceptions: HashSet<LineId>,
    /// Names what is written in the panel, through all its connections.
    pub stream: Option<LineId>,
    /// It was open before, on a connection that broke.
    pub again: bool,
}

impl Opening {
    /// What a [`Command::OpenPanel`] says; of any other command, nothing.
    pub fn of(command: &Command) -> Self {
        let Command::OpenPanel {
            root,
            near,
            folds,
            stream,
            again,
            ..
        } = command
        else {
            return Self::default();
        };
        let parsed = |line: &Option<String>| line.as_ref()?.parse().ok();
        let folds = folds.as_ref();
        let lines = folds.into_iter().flat_map(|folds| &folds.lines);
        Self {
            root: parsed(root),
            near: parsed(near),
            all_folded: folds.is_some_and(|folds| folds.all),
            exceptions: lines.filter_map(|line| line.parse().ok()).collect(),
            stream: parsed(stream),
            again: *again == Some(true),
        }
    }

    pub fn panel(&self, document: &Document) -> Panel {
        let root = self.root.filter(|line| document.is_visible(*line));
        let mut panel = Panel::new(root);
        panel.set_all_folds(self.all_folded);
        let lines: Vec<LineId> = self.exceptions.iter().copied().collect();
        panel.set_folds(document, &lines, !self.all_folded);
        if let Some(near) = self.near {
            panel.focus(near);
        }
        panel
    }

    fn is_folded(&self, line: LineId) -> bool {
        Some(line) != self.root && self.exceptions.contains(&line) != self.all_folded
    }
}

/// Rows of a panel, and what is above them.
#[derive(Debug, Clone)]
pub struct Glimpse {
    pub title: String,
    pub root: Option<LineId>,
    pub breadcrumb: Vec<Crumb>,
    pub rows: Vec<Row>,
    pub extent: GlimpseExtent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlimpseExtent {
    /// All rows that the panel has.
    Whole,
    /// The first ones.
    Top,
    /// Some further down.
    Middle,
}

/// The first rows that the panel would show, or those around the line that is wanted. Nothing where
/// the stored rows may lag behind the events, or do not show what is wanted.
///
/// # Errors
/// When the disk does not give it, or what it gives is damaged.
pub fn glimpse(
    reader: &Reader,
    group: GroupId,
    document: DocumentId,
    opening: &Opening,
) -> Result<Option<Glimpse>, StoreError> {
    let scope = reader.scope(group);
    let Some(row) = scope.document(document)? else {
        return Ok(None);
    };
    if row.lines_stale_ms.is_some() || row.hash.is_none() || row.deleted_ms.is_some() {
        return Ok(None);
    }
    let path = match opening.root {
        Some(root) => scope.lines_above(document, root)?,
        None => Vec::new(),
    };
    let root = path.last().map(|line| line.id);
    let top = root.unwrap_or(LineId::ROOT);
    let is_folded = |line| opening.is_folded(line);
    let (mut shown, mut is_top) = (Vec::new(), true);
    shown.extend(scope.first_screen(document, top, is_folded, ROWS_MAX)?);
    let holds = |line| Some(line) == root || shown.iter().any(|shown| shown.line.id == line);
    if let Some(near) = opening.near.filter(|near| !holds(*near)) {
        (shown, is_top) = (Vec::new(), false);
        shown.extend(scope.screen_near(document, top, near, is_folded, ROWS_MAX)?);
    }
    if shown.is_empty() {
        return Ok(None);
    }
    let extent = match (is_top, shown.len() < ROWS_MAX) {
        (true, true) => GlimpseExtent::Whole,
        (true, false) => GlimpseExtent::Top,
        (false, _) => GlimpseExtent::Middle,
    };
    let root_row = path.last().filter(|_| is_top).map(root_row);
    let shift = u32::from(root.is_some());
    let mut rows: Vec<Row> = root_row.into_iter().collect();
    let mut numbering = Numbering::new(&scope, document, is_top);
    for shown in shown {
        let number = numbering.next(&shown)?;
        rows.push(row_of(shown, shift, number, is_folded));
    }
    let crumb = |line: LineView| Crumb {
        line: line.id.to_string(),
        text: line.text,
    };
    Ok(Some(Glimpse {
        title: row.title,
        root,
        breadcrumb: path.into_iter().map(crumb).collect(),
        rows,
        extent,
    }))
}

fn root_row(line: &LineView) -> Row {
    let shown = ShownLine {
        depth: 0,
        line: LineView {
            parent: LineId::ROOT,
            ..line.clone()
        },
        has_children: true,
    };
    row_of(shown, 0, None, |_| false)
}

fn row_of(
    shown: ShownLine,
    shift: u32,
    number: Option<u32>,
    is_folded: impl Fn(LineId) -> bool,
) -> Row {
    let ShownLine {
        depth,
        line,
        has_children,
    } = shown;
    let (id, parent, kind) = (line.id, line.parent, line.kind.clone());
    let (text, tags, properties) = split_view(line);
    Row {
        id: id.to_string(),
        parent: parent.to_string(),
        depth: depth + shift,
        kind: kind.to_string(),
        text,
        has_children,
        folded: has_children && is_folded(id),
        number,
        tags,
        properties,
        newer_version: matches!(kind, Kind::Other(_)),
    }
}

/// Counts numbered lines among their siblings.
struct Numbering<'a> {
    scope: &'a Scope<'a>,
    document: DocumentId,
    /// Of the last row at each depth; `None` where rows above were not read.
    last: Vec<Option<u32>>,
    is_top: bool,
}

impl<'a> Numbering<'a> {
    fn new(scope: &'a Scope<'a>, document: DocumentId, is_top: bool) -> Self {
        let last = Vec::new();
        Self {
            scope,
            document,
            last,
            is_top,
        }
    }

    fn next(&mut self, shown: &ShownLine) -> Result<Option<u32>, StoreError> {
        let level = shown.depth as usize;
        if self.last.is_empty() {
            let above = if self.is_top { Some(0) } else { None };
            self.last = vec![above; level + 1];
        }
        self.last.resize(level + 1, Some(0));
        let number = if shown.line.kind == Kind::Numbered {
            let before = if let Some(before) = self.last[level] {
                before
            } else {
                let (id, kind) = (shown.line.id, &Kind::Numbered);
                self.scope.run_before(self.document, id, kind)? as u32
            };
            Some(before + 1)
        } else {
            None
        };
        self.last[level] = Some(number.unwrap_or(0));
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use tideline_model::{DraftLine, Intent, Placement, UserId};
    use tideline_store::Replica;
    use uuid::Uuid;

    use super::*;
    use crate::open_document::{OpenDocument, Stamp};
    use crate::protocol::Folds;

    const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

    /// A data folder with a document of 400 lines, every fifth of which stands at the top.
    fn stored() -> (tempfile::TempDir, Replica, Document) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut replica = Replica::open(folder.path()).expect("a replica");
        let (id, group) = (replica.replica_id(), replica.local_group());
        let kinds = [Kind::Text, Kind::Numbered, Kind::Numbered];
        let draft = |number: u64| DraftLine {
            id: LineId {
                replica: id,
                number,
            },
            depth: (number % 5) as u32,
            kind: kinds[number as usize / 5 % 3].clone(),
            text: format!("line {number}"),
            properties: Vec::new(),
            tags: Vec::new(),
        };
        let placement = Placement {
            parent: LineId::ROOT,
            after: None,
        };
        let lines = (0..400).map(|number| draft(number + 5)).collect();
        let mut open = OpenDocument::new(Document::new(DOCUMENT), group, 1);
        let stamp = Stamp {
            replica: id,
            author: UserId(id.0),
            now_ms: 1,
        };
        let intent = Intent::CreateLines { placement, lines };
        open.edit(&intent, stamp).expect("lines that fit");
        let commit = open.take_last_commit(id, 1).expect("something new");
        replica.commit(&commit).expect("room on the disk");
        (folder, replica, open.document)
    }

    fn opening(root: Option<LineId>, near: Option<LineId>, all: bool, lines: &[LineId]) -> Opening {
        let text = |line: LineId| line.to_string();
        let lines = lines.iter().copied().map(text).collect();
        Opening::of(&Command::OpenPanel {
            panel: 1,
            document: DOCUMENT.to_string(),
            root: root.map(text),
            folds: Some(Folds { all, lines }),
            near: near.map(text),
            stream: None,
            again: None,
        })
    }

    #[test]
    fn the_rows_of_the_store_are_those_that_the_document_shows() {
        let (_folder, replica, document) = stored();
        let reader = replica.reader().expect("a reader");
        let line = |number| LineId {
            replica: replica.replica_id(),
            number,
        };
        let openings = [
            opening(None, None, false, &[]),
            opening(None, None, true, &[]),
            opening(None, None, true, &[line(10), line(11)]),
            opening(None, None, false, &[line(5), line(12)]),
            opening(Some(line(10)), None, false, &[line(11)]),
            opening(None, Some(line(300)), false, &[]),
            opening(None, Some(line(303)), false, &[line(301)]),
            opening(None, Some(line(395)), true, &[line(395)]),
        ];
        for opening in openings {
            let group = replica.local_group();
            let seen = glimpse(&reader, group, DOCUMENT, &opening).expect("a sound store");
            let Some(seen) = seen else {
                let near = opening.near.expect("a line that is wanted");
                let panel = opening.panel(&document);
                assert_eq!(panel.ordinal_of(&document, near), None, "{opening:?}");
                continue;
            };
            let panel = opening.panel(&document);
            let first = seen.rows[0].id.parse().expect("a line id");
            let ordinal = panel.ordinal_of(&document, first).expect("a row");
            let rows = panel.rows(&document, ordinal, seen.rows.len());
            assert_eq!(seen.rows, rows, "{opening:?}");
            let near = opening.near.map(|near| near.to_string());
            let holds = |near: String| seen.rows.iter().any(|row| row.id == near);
            assert!(near.is_none_or(holds), "{opening:?}");
        }
    }
}
