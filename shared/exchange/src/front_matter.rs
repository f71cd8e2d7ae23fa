//! The YAML in front of a Markdown file, as the title and properties of a document.
//!
//! Read are `key: value`, quoted strings, integers, `true`, `false`, and lists of those. Everything
//! else is kept word for word in one property, [`RAW`], and written back as it was.
//! Knows nothing of Markdown.

use std::collections::HashSet;

use serde_json::Value as Json;
use tideline_model::Value;

use crate::annotation::{from_json, to_json};
use crate::property_text::{is_one_line, read_scalar};

/// Holds the lines that are more than `key: value`.
pub(crate) const RAW: &str = "front-matter";
const TITLE: &str = "title";
/// Keys that are no properties here. The engine keeps the folder of a document under that name.
const RESERVED: [&str; 3] = [TITLE, RAW, "folder"];
const FENCE: &str = "---";

#[derive(Debug, Default, PartialEq)]
pub(crate) struct FrontMatter {
    pub title: Option<String>,
    pub properties: Vec<(String, Value)>,
    /// The number, from 0, of the first line that was not understood.
    pub raw_line: Option<usize>,
    keys: HashSet<String>,
}

/// The lines of the front matter, without its fences, and what follows it.
pub(crate) fn split(text: &str) -> Option<(Vec<&str>, &str)> {
    let body = text.strip_prefix(FENCE)?;
    let mut rest = body.trim_start_matches([' ', '\t']).strip_prefix('\n')?;
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        if matches!(line.trim_end(), FENCE | "...") {
            return looks_like_yaml(&lines).then_some((lines, behind));
        }
        lines.push(line);
        rest = behind;
    }
    None
}

/// Two thematic breaks with prose between them are no front matter.
fn looks_like_yaml(lines: &[&str]) -> bool {
    let first = lines.iter().find(|line| !line.trim().is_empty());
    first.is_none_or(|line| line.starts_with('#') || split_key(line).is_some())
}

pub(crate) fn read(lines: &[&str]) -> FrontMatter {
    let mut found = FrontMatter::default();
    let mut raw: Vec<&str> = Vec::new();
    let mut raw_at = 0;
    let mut index = 0;
    while index < lines.len() {
        let end = entry_end(lines, index);
        let entry = &lines[index..end];
        if !entry.iter().all(|line| line.trim().is_empty()) && !found.take(entry) {
            if raw.is_empty() {
                raw_at = found.properties.len();
                found.raw_line = Some(index);
            }
            raw.extend(entry);
        }
        index = end;
    }
    if !raw.is_empty() {
        let text = raw.join("\n").trim_end().to_owned();
        found
            .properties
            .insert(raw_at, (RAW.to_owned(), Value::Text(text)));
    }
    found
}

/// Where the entry that begins at `start` ends: with it go indented lines and list items.
fn entry_end(lines: &[&str], start: usize) -> usize {
    let belongs = |line: &str| {
        line.is_empty() || line.starts_with([' ', '\t']) || line == "-" || line.starts_with("- ")
    };
    let follows = lines[start + 1..]
        .iter()
        .take_while(|line| belongs(line))
        .count();
    start + 1 + follows
}

impl FrontMatter {
    /// Takes an entry in if it is simple.
    fn take(&mut self, entry: &[&str]) -> bool {
        let Some((key, is_quoted, rest)) = split_key(entry[0]) else {
            return false;
        };
        let block: Vec<&str> = entry[1..]
            .iter()
            .copied()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let value = if block.is_empty() {
            scalar_or_list(rest)
        } else if rest.is_empty() {
            block
                .iter()
                .map(|line| list_item(line))
                .collect::<Option<_>>()
                .map(Value::List)
        } else {
            None
        };
        match value {
            Some(Value::List(_)) | None if !is_quoted && key == TITLE => false,
            Some(title) if !is_quoted && key == TITLE && self.title.is_none() => {
                self.title = Some(title.to_string());
                true
            }
            Some(value) if is_quoted || !RESERVED.contains(&key.as_str()) => {
                let is_new = self.keys.insert(key.clone());
                if is_new {
                    self.properties.push((key, value));
                }
                is_new
            }
            _ => false,
        }
    }
}

fn list_item(line: &str) -> Option<Value> {
    let item = line.trim_start().strip_prefix('-')?;
    (item.is_empty() || item.starts_with(' ')).then(|| scalar(item.trim()))?
}

/// The key of `key: rest`, and whether it stands in quotes.
fn split_key(line: &str) -> Option<(String, bool, &str)> {
    let (key, is_quoted, behind) = if line.starts_with('"') {
        let mut json = serde_json::Deserializer::from_str(line).into_iter::<String>();
        let key = json.next()?.ok()?;
        (key, true, &line[json.byte_offset()..])
    } else {
        let is_inner = |c: char| c.is_alphanumeric() || " -_./".contains(c);
        let length = line.find(|c| !is_inner(c))?;
        let key = &line[..length];
        let is_plain =
            key.starts_with(|c: char| c.is_alphanumeric() || c == '_') && !key.ends_with(' ');
        (is_plain.then(|| key.to_owned())?, false, &line[length..])
    };
    let rest = behind.strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| (key, is_quoted, rest.trim()))
}

fn scalar_or_list(text: &str) -> Option<Value> {
    if !text.starts_with('[') {
        return scalar(text);
    }
    if let Ok(json @ Json::Array(_)) = serde_json::from_str(text) {
        return from_json(&json);
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.contains(['[', ']', '{', '}', '"', '\'']) {
        return None;
    }
    inner
        .split(',')
        .map(|item| scalar(item.trim()))
        .collect::<Option<_>>()
        .map(Value::List)
}

fn scalar(text: &str) -> Option<Value> {
    if text.starts_with('"') {
        return serde_json::from_str(text).ok().map(Value::Text);
    }
    if let Some(inner) = text.strip_prefix('\'') {
        let inner = inner.strip_suffix('\'')?.replace("''", "\u{0}");
        return (!inner.contains('\'')).then(|| Value::Text(inner.replace('\u{0}', "'")));
    }
    if let Some(value) = read_scalar(text) {
        return Some(value);
    }
    let is_special = text.starts_with(|c| "&*!|>%@`{}[]#?,".contains(c))
        || text == "-"
        || text.starts_with("- ")
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #")
        || text.contains('\u{0}');
    (!is_special).then(|| Value::Text(text.to_owned()))
}

/// The front matter with its fences, nothing if there is nothing to say.
pub(crate) fn write(title: Option<&str>, properties: &[(String, Value)]) -> String {
    if title.is_none() && properties.is_empty() {
        return String::new();
    }
    let title = title.map(|title| format!("{TITLE}: {}\n", write_text(title)));
    let expected = properties.iter().map(|(key, value)| (key.as_str(), value));
    let entries = |write: fn(&str, &Value) -> String| -> String {
        let entries = expected.clone().map(|(key, value)| write(key, value));
        title.clone().into_iter().chain(entries).collect()
    };
    let with_raw = entries(write_entry);
    let lines: Vec<&str> = with_raw.lines().collect();
    let is_ended_early = lines
        .iter()
        .any(|line| matches!(line.trim_end(), FENCE | "..."));
    let is_read_back = read(&lines).properties == properties;
    let text = if is_read_back && !is_ended_early {
        with_raw
    } else {
        entries(write_quoted)
    };
    format!("{FENCE}\n{text}{FENCE}\n")
}

fn write_entry(key: &str, value: &Value) -> String {
    match value {
        Value::Text(raw) if key == RAW && !raw.contains(['\r', '\0']) => format!("{raw}\n"),
        _ => write_quoted(key, value),
    }
}

fn write_quoted(key: &str, value: &Value) -> String {
    let bare = format!("{key}:");
    let is_plain = split_key(&bare).is_some_and(|(read, is_quoted, _)| read == key && !is_quoted);
    let key = if is_plain && !RESERVED.contains(&key) {
        key.to_owned()
    } else {
        Json::from(key).to_string()
    };
    format!("{key}: {}\n", write_value(value))
}

fn write_value(value: &Value) -> String {
    match value {
        Value::Text(text) => write_text(text),
        Value::List(values) => {
            let items: Vec<String> = values.iter().map(write_item).collect();
            let list = format!("[{}]", items.join(", "));
            if scalar_or_list(&list).as_ref() == Some(value) {
                list
            } else {
                to_json(value).to_string()
            }
        }
        Value::Integer(_) | Value::Boolean(_) => value.to_string(),
    }
}

fn write_item(value: &Value) -> String {
    match value {
        Value::Text(text) if !text.contains([',', '[', ']', '{', '}', '"', '\'']) => {
            write_text(text)
        }
        _ => to_json(value).to_string(),
    }
}

fn write_text(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text.trim() == text
        && is_one_line(text)
        && !text.starts_with('[')
        && matches!(scalar(text), Some(Value::Text(read)) if read == text);
    if is_plain {
        text.to_owned()
    } else {
        Json::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn check(source: &[&str], title: Option<&str>, properties: &[(&str, Value)]) {
        let found = read(source);
        let expected: Vec<(String, Value)> = properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        assert_eq!(found.title.as_deref(), title);
        assert_eq!(found.properties, expected);
        let written = write(title, &expected);
        let (lines, _) = split(&written).expect("what was written is front matter");
        let again = read(&lines);
        assert_eq!(
            (again.title, again.properties),
            (found.title, expected),
            "{written}"
        );
    }

    #[test]
    fn simple_entries_become_properties() {
        check(
            &[
                "title: A: b",
                "draft: true",
                "year: 2024",
                "tags: [a, b c]",
                "list:",
                "  - 1",
                "  - x",
            ],
            None,
            &[
                ("front-matter", text("title: A: b")),
                ("draft", Value::Boolean(true)),
                ("year", Value::Integer(2024)),
                ("tags", Value::List(vec![text("a"), text("b c")])),
                ("list", Value::List(vec![Value::Integer(1), text("x")])),
            ],
        );
    }

    #[test]
    fn what_is_not_simple_is_kept_word_for_word() {
        let source = ["title: T", "# note", "author:", "  name: x", "", "a: 1"];
        check(
            &source,
            Some("T"),
            &[
                ("front-matter", text("# note\nauthor:\n  name: x")),
                ("a", Value::Integer(1)),
            ],
        );
    }

    #[test]
    fn keys_that_mean_something_else_are_quoted() {
        for key in [
            "title",
            "front-matter",
            "folder",
            "a: b",
            "",
            "\"",
            "two\nlines",
            " x",
        ] {
            check(
                &[&format!("{}: 1", Json::from(key))],
                None,
                &[(key, Value::Integer(1))],
            );
        }
    }

    #[test]
    fn prose_between_thematic_breaks_is_no_front_matter() {
        assert_eq!(split("---\nsome prose\n\n---\n"), None);
        assert_eq!(split("---\na: b\n"), None);
        assert_eq!(split("---\na: b\n---\nrest"), Some((vec!["a: b"], "rest")));
    }
}
