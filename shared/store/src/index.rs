//! Keeps the search index: whatever has `indexed_at < updated_at` is owed to it.

use std::collections::HashSet;

use rusqlite::Connection;
use tideline_model::GroupId;

use crate::error::StoreError;
use crate::identity::load_groups;
use crate::query;
use crate::rows::Columns;
use crate::table::{Rows, Table};
use crate::vocabulary;

const OWED: &str = "indexed_at < updated_at";
/// In `indexed_at`: the index has never seen the line.
pub(crate) const NEVER: i64 = i64::MIN;

/// Whether any line is owed to the index.
pub(crate) fn owes(connection: &Connection) -> Result<bool, StoreError> {
    for group in load_groups(connection)? {
        let rows = Rows::new(connection, group.id);
        let filter = format!("{OWED} LIMIT 1");
        if rows
            .one(Table::Lines, "id", &filter, &[], |_| Ok(()))?
            .is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Indexes up to `limit` lines; says whether more are owed.
pub(crate) fn step(connection: &Connection, limit: usize) -> Result<bool, StoreError> {
    let mut left = limit;
    let mut known = HashSet::new();
    for group in load_groups(connection)? {
        let rows = Rows::new(connection, group.id);
        left -= index_group(connection, &rows, left, &mut known)?;
    }
    Ok(left == 0 && owes(connection)?)
}

/// Sets `indexed_at` back, so that the lines are indexed again.
pub(crate) fn backdate(connection: &Connection, group: Option<GroupId>) -> Result<(), StoreError> {
    if group.is_none() {
        vocabulary::forget_all(connection)?;
    }
    for row in load_groups(connection)? {
        if group.is_none_or(|only| only == row.id) {
            let rows = Rows::new(connection, row.id);
            rows.update(
                Table::Lines,
                "indexed_at = CASE WHEN indexed_at = :never THEN indexed_at ELSE min(indexed_at, updated_at - 1) END",
                "TRUE",
                &[(":never", &NEVER)],
            )?;
        }
    }
    Ok(())
}

struct Owed {
    key: i64,
    text: String,
    updated_at: i64,
    displayed: bool,
    /// Or may have been.
    was_indexed: bool,
}

fn index_group(
    connection: &Connection,
    rows: &Rows<'_>,
    limit: usize,
    known: &mut HashSet<String>,
) -> Result<usize, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let owed = rows.select(
        Table::Lines,
        "id, text, updated_at, deleted_at, indexed_at",
        &format!("{OWED} LIMIT :limit"),
        &[(":limit", &limit)],
        |row| {
            let mut columns = Columns::of(row);
            Ok(Owed {
                key: columns.next()?,
                text: columns.next()?,
                updated_at: columns.next()?,
                displayed: columns.next::<Option<i64>>()?.is_none(),
                was_indexed: columns.next::<i64>()? != NEVER,
            })
        },
    )?;
    for line in &owed {
        index_line(connection, line, known)?;
        rows.update(
            Table::Lines,
            "indexed_at = :at",
            "id = :id",
            &[(":at", &line.updated_at), (":id", &line.key)],
        )?;
    }
    Ok(owed.len())
}

fn index_line(
    connection: &Connection,
    line: &Owed,
    known: &mut HashSet<String>,
) -> Result<(), StoreError> {
    if line.was_indexed {
        connection
            .prepare_cached("DELETE FROM line_index WHERE rowid = ?1")?
            .execute([line.key])?;
    }
    if line.displayed {
        let words = query::words(&line.text);
        vocabulary::learn(connection, &words, known)?;
        connection
            .prepare_cached("INSERT INTO line_index (rowid, words) VALUES (?1, ?2)")?
            .execute((line.key, words.join(" ")))?;
    }
    Ok(())
}
