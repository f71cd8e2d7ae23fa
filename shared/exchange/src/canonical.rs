//! The form of an outline that Markdown brings back: the same lines, without what a line of Tideline
//! cannot hold or the engine does not keep apart.
//! Knows nothing of Markdown.

use std::collections::HashMap;

use tideline_model::{Kind, Outline, OutlineLine, Value};

use crate::SOFT_BREAK;
use crate::verbatim::renew;

/// What `import_markdown` gives after `export_markdown`:
///
/// - line breaks in texts are [`SOFT_BREAK`]s, and zero characters U+FFFD;
/// - depths go down by one at a time;
/// - rows of tables are [`Kind::Table`], not text with a property;
/// - headings have level 1 to 3, and [`Kind::Other`] does not name a known kind;
/// - properties are sorted by name, tags sorted and unique;
/// - properties of the document have unique names, several values being a list.
#[must_use]
pub fn canonical(outline: &Outline) -> Outline {
    let mut lines = Vec::with_capacity(outline.lines.len());
    let mut depth_max = 0;
    for line in &outline.lines {
        let line = canonical_line(line, depth_max);
        depth_max = line.depth + 1;
        lines.push(line);
    }
    Outline {
        title: outline.title.clone(),
        folder: outline.folder.clone(),
        properties: unique(&outline.properties),
        lines,
    }
}

fn canonical_line(line: &OutlineLine, depth_max: u32) -> OutlineLine {
    let text = line
        .text
        .replace("\r\n", "\n")
        .replace(['\n', '\r'], &SOFT_BREAK.to_string());
    let mut line = OutlineLine {
        depth: line.depth.min(depth_max),
        kind: canonical_kind(&line.kind),
        text: text.replace('\0', "\u{fffd}"),
        properties: line.properties.clone(),
        tags: line.tags.clone(),
    };
    renew(&mut line);
    settle(&mut line);
    line
}

/// Puts properties and tags into their order.
pub(crate) fn settle(line: &mut OutlineLine) {
    line.properties
        .sort_by(|(one, _), (other, _)| one.cmp(other));
    line.tags.sort();
    line.tags.dedup();
}

fn unique(properties: &[(String, Value)]) -> Vec<(String, Value)> {
    let mut unique: Vec<(String, Value)> = Vec::with_capacity(properties.len());
    let mut indexes = HashMap::new();
    for (name, value) in properties {
        let index = *indexes.entry(name).or_insert(unique.len());
        match unique.get_mut(index) {
            Some((_, Value::List(values))) => values.push(value.clone()),
            Some((_, first)) => *first = Value::List(vec![first.clone(), value.clone()]),
            None => unique.push((name.clone(), value.clone())),
        }
    }
    unique.sort_by(|(one, _), (other, _)| one.cmp(other));
    unique
}

fn canonical_kind(kind: &Kind) -> Kind {
    kind.to_string().parse().unwrap_or_default()
}
