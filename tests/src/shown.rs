//! What a person sees of a document, as nested lines: the form in which the engine, the oracle and
//! the plain outliner are compared.
//! Knows nothing of events.

use std::fmt::Write as _;

use tideline_model::{Document, Kind, LineId, Value};

/// A displayed line with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    pub id: LineId,
    pub kind: Kind,
    pub text: String,
    /// Sorted.
    pub tags: Vec<String>,
    /// By name; several values, without doubles and sorted, where people disagreed.
    pub properties: Vec<(String, Vec<Value>)>,
    pub children: Vec<ShownLine>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    pub title: String,
    pub properties: Vec<(String, Vec<Value>)>,
    pub lines: Vec<ShownLine>,
}

impl Shown {
    /// Reads what the engine displays.
    pub fn of(document: &Document) -> Self {
        let mut root = document.line(LineId::ROOT);
        Self {
            title: document.title().to_owned(),
            properties: root
                .as_mut()
                .map(|view| canonical(std::mem::take(&mut view.properties)))
                .unwrap_or_default(),
            lines: children_of(document, LineId::ROOT),
        }
    }

    /// All lines in display order, each with its depth.
    pub fn flat(&self) -> Vec<(usize, &ShownLine)> {
        let mut flat = Vec::new();
        flatten(&self.lines, 0, &mut flat);
        flat
    }

    pub fn find(&self, id: LineId) -> Option<&ShownLine> {
        self.flat()
            .into_iter()
            .map(|(_, line)| line)
            .find(|line| line.id == id)
    }

    /// In the notation of the merge rules: `pp | aaaa[a1] | bbbb[b1 b2] | _`.
    pub fn notation(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(|line| notation(line, None)).collect();
        lines.join(" | ")
    }

    /// As [`Shown::notation`], with the name of each line in front of its text, and what else it has.
    pub fn named(&self, name: &dyn Fn(LineId) -> String) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| notation(line, Some(name)))
            .collect();
        let mut out = lines.join(" | ");
        if !self.title.is_empty() || !self.properties.is_empty() {
            let _ = write!(out, "  title {:?} {:?}", self.title, self.properties);
        }
        out
    }
}

/// Sorts the values of each property and removes doubles: their order means nothing.
pub fn canonical(mut properties: Vec<(String, Vec<Value>)>) -> Vec<(String, Vec<Value>)> {
    for (_, values) in &mut properties {
        values.sort_by_key(|value| format!("{value:?}"));
        values.dedup();
    }
    properties.sort_by(|a, b| a.0.cmp(&b.0));
    properties
}

fn children_of(document: &Document, parent: LineId) -> Vec<ShownLine> {
    let children = document.children(parent).into_iter();
    children.map(|id| line_of(document, id)).collect()
}

/// # Panics
/// When the engine shows a line that it does not know.
fn line_of(document: &Document, id: LineId) -> ShownLine {
    let view = document.line(id).expect("a displayed line is known");
    assert_eq!(
        Some(&view.text),
        document.text(id).as_ref(),
        "two texts for {id}"
    );
    assert_eq!(Some(&view.kind), document.kind(id), "two kinds for {id}");
    let mut tags = view.tags;
    tags.sort();
    ShownLine {
        id,
        kind: view.kind,
        text: view.text,
        tags,
        properties: canonical(view.properties),
        children: children_of(document, id),
    }
}

fn flatten<'a>(lines: &'a [ShownLine], depth: usize, flat: &mut Vec<(usize, &'a ShownLine)>) {
    for line in lines {
        flat.push((depth, line));
        flatten(&line.children, depth + 1, flat);
    }
}

fn notation(line: &ShownLine, name: Option<&dyn Fn(LineId) -> String>) -> String {
    let mut out = String::new();
    if let Some(name) = name {
        let _ = write!(out, "{}:", name(line.id));
        if line.kind != Kind::Text {
            let _ = write!(out, "({})", line.kind);
        }
        if !line.tags.is_empty() || !line.properties.is_empty() {
            let _ = write!(out, "{:?}{:?}", line.tags, line.properties);
        }
    }
    out.push_str(if line.text.is_empty() {
        "_"
    } else {
        &line.text
    });
    if !line.children.is_empty() {
        let children: Vec<String> = line
            .children
            .iter()
            .map(|child| notation(child, name))
            .collect();
        let _ = write!(out, "[{}]", children.join(" "));
    }
    out
}
