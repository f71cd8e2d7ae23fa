//! What a row says, as an interface is told.

use tideline_model::{Document, Kind, LineView};

use super::Head;
use crate::protocol::{Property, Row};

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
        newer_version: matches!(head.kind, Kind::Other(_)),
    }
}

/// What decides where a row that was told is drawn; nothing when it names no lines.
pub(super) fn head_of(row: &Row) -> Option<Head> {
    Some(Head {
        line: row.id.parse().ok()?,
        parent: row.parent.parse().ok()?,
        depth: row.depth,
        kind: crate::translate::parse_kind(&row.kind),
        has_children: row.has_children,
        folded: row.folded,
        number: row.number,
    })
}

pub fn split_view(view: LineView) -> (String, Vec<String>, Vec<Property>) {
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
