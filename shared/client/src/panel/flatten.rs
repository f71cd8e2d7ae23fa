//! Rows as the document has them: which are visible, and what each says.

use std::collections::HashSet;
use std::vec::IntoIter;

use tideline_model::{Document, Kind, LineId, LineView};

use super::Head;
use crate::protocol::{Property, Row};

/// All visible rows.
pub(super) fn flatten(
    document: &Document,
    root: Option<LineId>,
    folds: &HashSet<LineId>,
) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut depth = 0;
    if let Some(root) = root {
        heads.push(Head {
            number: None,
            ..head(document, root, LineId::ROOT, 0)
        });
        depth = 1;
    }
    let top = root.unwrap_or(LineId::ROOT);
    let lines = document.children(top);
    push_rows(document, folds, (top, 0), lines, depth, &mut heads);
    heads
}

/// Adds the visible rows of some children of a line, depth first, without recursion. In front of
/// the first is a line with that number.
pub(super) fn push_rows(
    document: &Document,
    folds: &HashSet<LineId>,
    (parent, number): (LineId, u32),
    lines: Vec<LineId>,
    depth: u32,
    heads: &mut Vec<Head>,
) {
    let mut depth = depth;
    let mut open: Vec<(LineId, IntoIter<LineId>, u32)> = vec![(parent, lines.into_iter(), number)];
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

pub(super) fn row(document: &Document, head: &Head) -> Row {
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
