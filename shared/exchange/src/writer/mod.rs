//! Outlines to Markdown: what `reader` reads back as the same outline, line by line.
//!
//! First it is planned what each line becomes, then the plan is written.

mod blocks;
mod emit;
mod family;
mod plan;

use tideline_model::{Outline, Value};

use crate::canonical::canonical;
use crate::file_name::{FILE_NAME, is_told_by_name};
use crate::{front_matter, source, title};

/// The outline as Markdown. The title is written as front matter unless the first heading says it.
pub fn export_markdown(outline: &Outline) -> String {
    export(
        outline,
        title::from_lines(&outline.lines).as_ref() != Some(&outline.title),
    )
}

/// As [`export_markdown`], for a file at `path`, relative to the folder that is exported to: a title
/// that the file's name says is not written again.
pub fn export_markdown_at(outline: &Outline, path: &str) -> String {
    let told = title::from_lines(&outline.lines).unwrap_or_else(|| title::from_path(path));
    export(outline, told != outline.title)
}

fn export(outline: &Outline, needs_title: bool) -> String {
    let outline = canonical(outline);
    let is_written = |(name, value): &&(String, Value)| match value {
        Value::Text(text) if name == FILE_NAME => !is_told_by_name(text, &outline.title),
        _ => true,
    };
    let properties: Vec<(String, Value)> = outline
        .properties
        .iter()
        .filter(is_written)
        .cloned()
        .collect();
    let title = needs_title.then_some(outline.title.as_str());
    let front = front_matter::write(title, &properties);
    let body = emit::emit(&plan::plan(&outline.lines));
    let gap = if front.is_empty() || body.is_empty() {
        ""
    } else {
        "\n"
    };
    source::encode(format!("{front}{gap}{body}"))
}
