//! An outline as text, one line each, and the checks that all tests of conversion share.

use tideline_exchange::{Import, canonical, export_markdown, import_markdown};
use tideline_model::{Outline, OutlineLine, Value};

pub fn import(source: &str) -> Import {
    import_markdown("note.md", source.as_bytes()).expect("text is accepted")
}

/// `kind: text {properties} #tags`, indented by depth. Soft breaks are `⏎`.
pub fn show(lines: &[OutlineLine]) -> String {
    lines.iter().map(|line| show_line(line) + "\n").collect()
}

fn show_line(line: &OutlineLine) -> String {
    let indent = "  ".repeat(line.depth as usize);
    let text = line.text.replace('\u{2028}', "⏎");
    let properties = match show_properties(&line.properties) {
        shown if shown.is_empty() => shown,
        shown => format!(" {{{shown}}}"),
    };
    let tags: Vec<String> = line.tags.iter().map(|tag| format!(" #{tag}")).collect();
    format!("{indent}{}: {text}{properties}{}", line.kind, tags.concat())
}

pub fn show_properties(properties: &[(String, Value)]) -> String {
    let show = |(name, value): &(String, Value)| match value {
        Value::Text(text) => format!("{name}: {text:?}"),
        other => format!("{name}: {other}"),
    };
    properties.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// Exports `outline` and says what is read back.
pub fn through_markdown(outline: &Outline) -> (String, Outline) {
    let markdown = export_markdown(outline);
    let path = tideline_exchange::file_name(outline, &std::collections::HashSet::new());
    let read = import_markdown(&path, markdown.as_bytes()).expect("an export is text");
    (markdown, read.outline)
}

/// Fails unless `outline` comes back from Markdown as it is, line by line.
pub fn check_round_trip(outline: &Outline) {
    let expected = canonical(outline);
    let (markdown, read) = through_markdown(&expected);
    let (expected_lines, read_lines) = (show(&expected.lines), show(&read.lines));
    assert!(
        expected_lines == read_lines && read.lines == expected.lines,
        "{expected_lines}--- became ---\n{read_lines}--- by way of ---\n{markdown}"
    );
    assert_eq!(read.title, expected.title, "title, by way of\n{markdown}");
    assert_eq!(
        read.properties, expected.properties,
        "by way of\n{markdown}"
    );
}
