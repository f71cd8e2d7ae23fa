//! The columns of a line, and how tags and property values are written into them.

use std::borrow::Cow;

use rusqlite::Row;
use serde_json::Value as Json;
use tideline_model::{Kind, LineId, LineView, ReplicaId, UserId, Value};

use super::{Columns, check};
use crate::checksum::Checksum;
use crate::error::StoreError;

pub(crate) const LINE_COLUMNS: &str = "lines.id, \
     (SELECT guid FROM writers WHERE id = lines.writer_id), number, document_id, parent_id, ord, \
     kind, text, tags, properties, \
     created_at, (SELECT guid FROM writers WHERE id = lines.created_by), \
     edited_at, (SELECT guid FROM writers WHERE id = lines.edited_by), deleted_at, checksum";
/// Where a line with these parts of its id is found, `:document` given too.
pub(crate) const LINE_BY_ID: &str = "document_id = :document AND number = :number \
     AND writer_id = (SELECT id FROM writers WHERE guid = :replica)";
/// In the column of kinds, nothing stands for the most frequent one.
pub(crate) const KIND_TEXT: &str = "text";

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) document_key: i64,
    /// `None`: topmost.
    pub(crate) parent_key: Option<i64>,
    pub(crate) ord: i64,
    pub(crate) deleted_at: Option<i64>,
}

/// A line as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredLine {
    pub(crate) key: i64,
    pub(crate) place: Place,
    /// Its parent is [`LineId::ROOT`] until the reader fills it in.
    pub(crate) line: LineView,
}

impl StoredLine {
    /// Reads [`LINE_COLUMNS`].
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        let key = columns.next()?;
        let id = LineId {
            replica: ReplicaId(columns.uuid()?),
            number: columns.number()?,
        };
        let (document_key, parent_key, ord) = (columns.next()?, columns.next()?, columns.next()?);
        let kind: Option<String> = columns.next()?;
        let text: String = columns.next()?;
        let (tags, properties) = (columns.next()?, columns.next()?);
        let written_at = columns.next()?;
        let written_by = UserId(columns.uuid()?);
        let edited_at: Option<i64> = columns.next()?;
        let edited_by = columns.maybe_uuid()?.map(UserId);
        let content = LineContent {
            kind: kind.map_or(Cow::Borrowed(KIND_TEXT), Cow::Owned),
            text: Cow::Owned(text),
            tags,
            properties,
            written_at,
            written_by,
            edited_at: edited_at.unwrap_or(written_at),
            edited_by: edited_by.unwrap_or(written_by),
        };
        let place = Place {
            document_key,
            parent_key,
            ord,
            deleted_at: columns.next()?,
        };
        let checksum = content.checksum(id) ^ place_checksum(id, place);
        check(columns.next()?, checksum, || format!("{id}"))?;
        let line = content.into_view(id)?;
        Ok(Self { key, place, line })
    }
}

/// What a line says, in the form of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineContent<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) text: Cow<'a, str>,
    pub(crate) tags: Option<String>,
    pub(crate) properties: Option<String>,
    pub(crate) written_at: i64,
    pub(crate) written_by: UserId,
    pub(crate) edited_at: i64,
    pub(crate) edited_by: UserId,
}

impl<'a> LineContent<'a> {
    pub(crate) fn of(line: &'a LineView) -> Self {
        Self {
            kind: match line.kind {
                Kind::Text => Cow::Borrowed(KIND_TEXT),
                ref other => Cow::Owned(other.to_string()),
            },
            text: Cow::Borrowed(&line.text),
            tags: tags_to_json(&line.tags),
            properties: properties_to_json(&line.properties),
            written_at: line.created_ms,
            written_by: line.created_by,
            edited_at: line.updated_ms,
            edited_by: line.updated_by,
        }
    }

    /// What is left of a line that has been destroyed.
    pub(crate) fn destroyed(&self) -> Self {
        Self {
            text: Cow::Borrowed(""),
            tags: None,
            properties: None,
            ..self.clone()
        }
    }

    pub(crate) fn checksum(&self, id: LineId) -> i64 {
        Checksum::of("lines")
            .bytes(id.replica.0.as_bytes())
            .number(id.number.cast_signed())
            .text(&self.kind)
            .text(&self.text)
            .maybe_text(self.tags.as_deref())
            .maybe_text(self.properties.as_deref())
            .number(self.written_at)
            .bytes(self.written_by.0.as_bytes())
            .number(self.edited_at)
            .bytes(self.edited_by.0.as_bytes())
            .finish()
    }

    fn into_view(self, id: LineId) -> Result<LineView, StoreError> {
        let malformed = |what: &str| StoreError::damaged(format!("the {what} of {id}"));
        let kind = self.kind.parse().map_err(|_| malformed("kind"))?;
        let tags = tags_from_json(self.tags.as_deref()).ok_or_else(|| malformed("tags"))?;
        let properties = properties_from_json(self.properties.as_deref())
            .ok_or_else(|| malformed("properties"))?;
        Ok(LineView {
            id,
            parent: LineId::ROOT,
            kind,
            text: self.text.into_owned(),
            tags,
            properties,
            created_ms: self.written_at,
            created_by: self.written_by,
            updated_ms: self.edited_at,
            updated_by: self.edited_by,
            visible: true,
        })
    }
}

/// Apart from what the line says, so that dealing out new order keys need not read any text: the
/// column holds both, combined by exclusive or.
pub(crate) fn place_checksum(id: LineId, place: Place) -> i64 {
    Checksum::of("place")
        .bytes(id.replica.0.as_bytes())
        .number(id.number.cast_signed())
        .number(place.document_key)
        .maybe_number(place.parent_key)
        .number(place.ord)
        .maybe_number(place.deleted_at)
        .finish()
}

fn tags_to_json(tags: &[String]) -> Option<String> {
    (!tags.is_empty()).then(|| Json::from(tags.to_vec()).to_string())
}

fn tags_from_json(text: Option<&str>) -> Option<Vec<String>> {
    text.map_or(Some(Vec::new()), |text| serde_json::from_str(text).ok())
}

/// `[["due", ["2026-01-31"]], ["size", [3, 5]]]`: each name with its values, several where people
/// disagreed.
fn properties_to_json(properties: &[(String, Vec<Value>)]) -> Option<String> {
    let pairs = properties.iter().map(|(name, values)| {
        let values = values.iter().map(value_to_json).collect();
        Json::Array(vec![Json::from(name.clone()), Json::Array(values)])
    });
    (!properties.is_empty()).then(|| Json::Array(pairs.collect()).to_string())
}

fn properties_from_json(text: Option<&str>) -> Option<Vec<(String, Vec<Value>)>> {
    let Some(text) = text else {
        return Some(Vec::new());
    };
    let pairs: Vec<(String, Vec<Json>)> = serde_json::from_str(text).ok()?;
    pairs
        .into_iter()
        .map(|(name, values)| {
            let values = values.into_iter().map(value_from_json);
            Some((name, values.collect::<Option<_>>()?))
        })
        .collect()
}

fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.clone()),
        Value::Integer(number) => Json::from(*number),
        Value::Boolean(flag) => Json::from(*flag),
        Value::List(values) => values.iter().map(value_to_json).collect(),
    }
}

fn value_from_json(json: Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::Text(text)),
        Json::Number(number) => number.as_i64().map(Value::Integer),
        Json::Bool(flag) => Some(Value::Boolean(flag)),
        Json::Array(values) => {
            let values = values.into_iter().map(value_from_json);
            values.collect::<Option<_>>().map(Value::List)
        }
        Json::Null | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_values_of_every_type_survive_their_columns() {
        let properties = vec![
            ("due".to_owned(), vec![Value::Text("\"morgen\"\n".into())]),
            (
                "size".to_owned(),
                vec![Value::Integer(i64::MIN), Value::Boolean(true)],
            ),
            (
                "people".to_owned(),
                vec![Value::List(vec![
                    Value::Text("3".into()),
                    Value::Integer(3),
                    Value::List(Vec::new()),
                ])],
            ),
        ];
        let text = properties_to_json(&properties);
        assert_eq!(properties_from_json(text.as_deref()), Some(properties));
        let tags = vec!["a b".to_owned(), "日本".to_owned()];
        assert_eq!(tags_from_json(tags_to_json(&tags).as_deref()), Some(tags));
        assert_eq!(
            properties_from_json(properties_to_json(&[]).as_deref()),
            Some(Vec::new())
        );
    }
}
