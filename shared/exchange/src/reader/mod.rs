//! Markdown to outlines.
//!
//! The blocks come from comrak, run over a quiet copy of the source; the texts come from the source
//! itself, so that nothing in them is changed. What each block becomes is in `walk`.

mod leaf;
mod quiet;
mod source_lines;
mod walk;

use std::fmt;

use comrak::nodes::NodeValue;
use comrak::{Arena, Node, Options, parse_document};
use tideline_model::{Outline, OutlineLine, Value};

use crate::file_name::{FILE_NAME, folder_of, property_for};
use crate::front_matter::{self, FrontMatter};
use crate::source::{ImportError, decode};
use crate::title;

pub(crate) use leaf::HEADING_LEVEL;
use quiet::quiet;
use walk::Walk;

/// A file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub outline: Outline,
    pub report: Report,
}

/// What there is to say about an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines of the outline.
    pub lines: usize,
    /// Everything that is more than text to Markdown and only text to Tideline. Nothing is dropped.
    pub not_understood: Vec<Remark>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// In the file, from 1.
    pub line_number: usize,
    pub what: &'static str,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line_number, self.what)
    }
}

/// Reads the bytes of a Markdown file. `path`, relative to what is imported, gives the folder, and
/// the title where the file has none.
///
/// # Errors
/// [`ImportError`] when the bytes are not UTF-8 text.
pub fn import_markdown(path: &str, bytes: &[u8]) -> Result<Import, ImportError> {
    let text = decode(path, bytes)?;
    let mut report = Report::default();
    let (front, body) = match front_matter::split(&text) {
        Some((lines, body)) => (front_matter::read(&lines), body),
        None => (FrontMatter::default(), text.as_str()),
    };
    if let Some(line) = front.raw_line {
        let what = "front matter that is more than `key: value`, kept word for word";
        report.not_understood.push(Remark {
            line_number: line + 2,
            what,
        });
    }
    let lines_before = text[..text.len() - body.len()].matches('\n').count();
    let (lines, remarks) = read_lines(body);
    report.lines = lines.len();
    report
        .not_understood
        .extend(remarks.into_iter().map(|remark| Remark {
            line_number: remark.line_number + lines_before,
            ..remark
        }));
    Ok(Import {
        outline: outline(path, front, lines),
        report,
    })
}

fn outline(path: &str, front: FrontMatter, lines: Vec<OutlineLine>) -> Outline {
    let title = front.title.or_else(|| title::from_lines(&lines));
    let title = title.unwrap_or_else(|| title::from_path(path));
    let mut properties = front.properties;
    if !properties.iter().any(|(name, _)| name == FILE_NAME)
        && let Some(name) = property_for(path, &title)
    {
        properties.push((FILE_NAME.to_owned(), Value::Text(name)));
    }
    properties.sort_by(|(one, _), (other, _)| one.cmp(other));
    Outline {
        title,
        folder: folder_of(path),
        properties,
        lines,
    }
}

/// The lines that Markdown without front matter becomes.
pub(crate) fn read_lines(source: &str) -> (Vec<OutlineLine>, Vec<Remark>) {
    let arena = Arena::new();
    let copy = quiet(source);
    Walk::new(source).run(parse_document(&arena, &copy, &Options::default()))
}

/// Whether `source` is one paragraph, inside of so many list items and quotes, and nothing else.
pub(crate) fn is_paragraph(source: &str, containers: usize) -> bool {
    let arena = Arena::new();
    // A marker at the very end of a file, without a line end, would not count as one.
    let copy = quiet(source) + "\n";
    let mut block = parse_document(&arena, &copy, &Options::default());
    for _ in 0..containers {
        match only_child(block) {
            Some(child) if matches!(child.data().value, NodeValue::BlockQuote) => block = child,
            Some(child) if matches!(child.data().value, NodeValue::List(_)) => {
                let Some(item) = only_child(child) else {
                    return false;
                };
                block = item;
            }
            _ => return false,
        }
    }
    only_child(block).is_some_and(|child| matches!(child.data().value, NodeValue::Paragraph))
}

fn only_child(node: Node<'_>) -> Option<Node<'_>> {
    node.first_child()
        .filter(|child| child.next_sibling().is_none())
}
