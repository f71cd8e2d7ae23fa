//! Settings of this data folder: names with JSON values.

use rusqlite::{Connection, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::rows::{Columns, check};

pub(crate) fn load(connection: &Connection) -> Result<Map<String, Value>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, value, checksum FROM settings WHERE deleted_at IS NULL ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut settings = Map::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let (name, text): (String, String) = (columns.next()?, columns.next()?);
        let what = || format!("the setting {name}");
        check(columns.next()?, checksum(&name, &text), what)?;
        let value = serde_json::from_str(&text)
            .map_err(|error| StoreError::damaged(format!("{}: {error}", what())))?;
        settings.insert(name, value);
    }
    Ok(settings)
}

/// `Value::Null` removes the setting.
pub(crate) fn save(
    connection: &Connection,
    group_key: i64,
    name: &str,
    value: &Value,
    now_ms: i64,
) -> Result<(), StoreError> {
    let text = value.to_string();
    let deleted_at = value.is_null().then_some(now_ms);
    connection
        .prepare_cached(
            "INSERT INTO settings (guid, group_id, name, value, created_at, updated_at, deleted_at,
             checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value,
             updated_at = excluded.updated_at, deleted_at = excluded.deleted_at,
             checksum = excluded.checksum",
        )?
        .execute(params![
            format!("setting_{}", Uuid::now_v7().simple()),
            group_key,
            name,
            text,
            now_ms,
            deleted_at,
            checksum(name, &text),
        ])?;
    Ok(())
}

fn checksum(name: &str, text: &str) -> i64 {
    Checksum::of("settings").text(name).text(text).finish()
}
