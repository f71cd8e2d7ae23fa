//! What a document is called: its front matter says so, else its first heading, else its file.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use tideline_model::{Kind, OutlineLine};

use crate::SOFT_BREAK;
use crate::escape::write_heading;

/// Longer headings are cut for the title.
const TITLE_CHARACTERS_MAX: usize = 200;

/// The heading that a document begins with, comments aside, without inline marks.
pub(crate) fn from_lines(lines: &[OutlineLine]) -> Option<String> {
    let first = lines.iter().find(|line| line.kind != Kind::Comment)?;
    if !matches!(first.kind, Kind::Heading(_)) {
        return None;
    }
    let start: String = first.text.chars().take(TITLE_CHARACTERS_MAX).collect();
    let title = without_marks(&start.replace(SOFT_BREAK, " "));
    let title = title.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// The name of a file without its folder and its ending.
pub(crate) fn from_path(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}

fn without_marks(text: &str) -> String {
    let arena = Arena::new();
    let options = Options::default();
    let root = parse_document(&arena, &format!("# {}", write_heading(text)), &options);
    let mut plain = String::new();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Text(text) => plain.push_str(text),
            NodeValue::Code(code) => plain.push_str(&code.literal),
            _ => {}
        }
    }
    plain
}
