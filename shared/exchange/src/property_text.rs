//! Properties and tags as lines of text, `key:: value`, as other outliners write them.
//! Knows nothing of where such lines stand in Markdown.

use serde_json::Value as Json;
use tideline_model::Value;

use crate::annotation::{from_json, to_json};

/// The key under which such lines hold tags.
const TAGS: &str = "tags";

/// What a line `key:: value` says.
#[derive(Debug, PartialEq)]
pub(crate) enum PropertyLine {
    Property(String, Value),
    Tags(Vec<String>),
}

/// The number of bytes of the key in front of `::`, when `text` is a property line.
fn key_length(text: &str) -> Option<usize> {
    let length = name_length(text)?;
    is_property_mark(&text[length..]).then_some(length)
}

/// Whether `text`, which stands behind a name, makes the name a key.
pub(crate) fn is_property_mark(text: &str) -> bool {
    text.strip_prefix("::")
        .is_some_and(|behind| behind.is_empty() || behind.starts_with(' '))
}

/// The number of bytes of the name that `text` begins with: letters and digits, then also `-_./`.
pub(crate) fn name_length(text: &str) -> Option<usize> {
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let length = text.find(|c| !is_inner(c)).unwrap_or(text.len());
    text.starts_with(char::is_alphanumeric).then_some(length)
}

pub(crate) fn is_property_line(text: &str) -> bool {
    key_length(text).is_some()
}

pub(crate) fn read(text: &str) -> Option<PropertyLine> {
    let length = key_length(text)?;
    let key = &text[..length];
    let raw = text[length + 2..].trim_matches([' ', '\t']);
    let value = read_value(raw);
    let tags = match &value {
        Value::Text(text) if key == TAGS && text == raw => read_tags(raw),
        _ => Vec::new(),
    };
    Some(if tags.is_empty() {
        PropertyLine::Property(key.to_owned(), value)
    } else {
        PropertyLine::Tags(tags)
    })
}

/// The line for a property, unless only an annotation can hold it.
pub(crate) fn property_line(key: &str, value: &Value) -> Option<String> {
    let written = write_value(value);
    let line = if written.is_empty() {
        format!("{key}::")
    } else {
        format!("{key}:: {written}")
    };
    let expected = PropertyLine::Property(key.to_owned(), value.clone());
    (is_one_line(&line) && read(&line)? == expected).then_some(line)
}

/// The line for tags, unless only an annotation can hold them.
pub(crate) fn tags_line(tags: &[String]) -> Option<String> {
    let line = format!("{TAGS}:: {}", tags.join(", "));
    (is_one_line(&line) && read(&line)? == PropertyLine::Tags(tags.to_vec())).then_some(line)
}

fn read_tags(raw: &str) -> Vec<String> {
    let bare = |tag: &str| {
        let tag = tag.trim().trim_start_matches('#');
        let inner = tag
            .strip_prefix("[[")
            .and_then(|tag| tag.strip_suffix("]]"));
        inner.unwrap_or(tag).to_owned()
    };
    raw.split(',')
        .map(bare)
        .filter(|tag| !tag.is_empty())
        .collect()
}

/// Integers, `true` and `false`, JSON lists; everything else is text. Text that would be taken for
/// something else stands in JSON quotes.
fn read_value(raw: &str) -> Value {
    if let Some(value) = read_scalar(raw) {
        return value;
    }
    match serde_json::from_str::<Json>(raw) {
        Ok(json @ Json::Array(_)) => from_json(&json),
        Ok(Json::String(text)) if !is_plain(&text) => Some(Value::Text(text)),
        _ => None,
    }
    .unwrap_or_else(|| Value::Text(raw.to_owned()))
}

/// Whether a file of text can hold `text` in one line, as it is.
pub(crate) fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\r', '\0'])
}

/// Whether text can stand behind `::` without quotes.
fn is_plain(text: &str) -> bool {
    text.trim_matches([' ', '\t']) == text
        && is_one_line(text)
        && matches!(read_value(text), Value::Text(read) if read == text)
}

/// An integer or a truth value in its one way of writing.
pub(crate) fn read_scalar(raw: &str) -> Option<Value> {
    match raw {
        "true" => Some(Value::Boolean(true)),
        "false" => Some(Value::Boolean(false)),
        _ => {
            let number: i64 = raw.parse().ok()?;
            (number.to_string() == raw).then_some(Value::Integer(number))
        }
    }
}

fn write_value(value: &Value) -> String {
    match value {
        Value::Text(text) if is_plain(text) => text.clone(),
        _ => to_json(value).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn values_that_look_like_others_come_back_as_they_were() {
        for value in [
            text(""),
            text("plain words"),
            text("42"),
            text("\"42\""),
            text("\"\\\"42\\\"\""),
            text("true"),
            text("[1, 2]"),
            text(" padded "),
            text("two\nlines"),
            Value::Integer(-7),
            Value::Boolean(false),
            Value::List(vec![text("a, b"), Value::Integer(1), Value::List(vec![])]),
        ] {
            let line = property_line("key", &value).expect("a line holds it");
            assert_eq!(
                read(&line),
                Some(PropertyLine::Property("key".to_owned(), value))
            );
        }
    }

    #[test]
    fn tags_are_written_bare_and_read_with_or_without_brackets() {
        let tags = vec!["home".to_owned(), "to do".to_owned()];
        assert_eq!(tags_line(&tags).as_deref(), Some("tags:: home, to do"));
        assert_eq!(
            read("tags:: [[home]], #home"),
            Some(PropertyLine::Tags(vec!["home".into(); 2]))
        );
        assert_eq!(tags_line(&["a, b".to_owned()]), None);
    }

    #[test]
    fn prose_with_colons_is_no_property() {
        for prose in ["std::vec", "see: this", "a b:: c", ":: c", "http://x"] {
            assert_eq!(read(prose), None, "{prose}");
        }
    }
}
