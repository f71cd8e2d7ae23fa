//! What Markdown cannot say: the HTML comment `<!-- tideline {…} -->` before a block, or first inside
//! a list item or block quote. Invisible where Markdown is shown.
//! Knows the comment's form, not where one is needed.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tideline_model::Value;

const OPENING: &str = "<!-- tideline {";
const CLOSING: &str = "} -->";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Annotation {
    /// About the whole document: what items with `+` are, if not bullets (`text`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plus: Option<String>,
    /// About the whole document: `flat` when headings hold no sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headings: Option<String>,
    /// How many headings of its container the next block is below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<usize>,
    /// Which line of the next block is meant, from 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub line: usize,
    /// How much deeper than it stands here.
    #[serde(skip_serializing_if = "is_zero")]
    pub deeper: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only for kinds whose Markdown shows no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(String, Json)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

/// What an HTML block says to Tideline.
#[derive(Debug, PartialEq)]
pub(crate) enum Reading {
    /// Nothing: it is somebody's HTML.
    Foreign,
    Annotation(Box<Annotation>),
    /// Meant for Tideline, but damaged or from a newer version.
    Damaged,
}

impl Annotation {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn is_about_document(&self) -> bool {
        self.plus.is_some() || self.headings.is_some()
    }

    /// As one line of Markdown.
    pub fn to_comment(&self) -> String {
        // Nothing in these types can fail to serialize; an empty object is read back as nothing said.
        let json = serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned());
        format!("<!-- tideline {} -->", json.replace('>', "\\u003e"))
    }

    pub fn read(block: &str) -> Reading {
        if !(block.starts_with(OPENING) && block.ends_with(CLOSING)) || block.contains('\n') {
            return Reading::Foreign;
        }
        let json = &block[OPENING.len() - 1..=block.len() - CLOSING.len()];
        serde_json::from_str(json).map_or(Reading::Damaged, |annotation| {
            Reading::Annotation(Box::new(annotation))
        })
    }
}

pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Boolean(flag) => Json::from(*flag),
        Value::List(values) => values.iter().map(to_json).collect(),
    }
}

/// `None` for what no property can hold: null, fractions, objects.
pub(crate) fn from_json(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Number(number) => number.as_i64().map(Value::Integer),
        Json::Bool(flag) => Some(Value::Boolean(*flag)),
        Json::Array(values) => values
            .iter()
            .map(from_json)
            .collect::<Option<_>>()
            .map(Value::List),
        Json::Null | Json::Object(_) => None,
    }
}
