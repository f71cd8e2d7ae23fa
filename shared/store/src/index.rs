//! Keeps the search index: whatever has `indexed_at < updated_at` is owed to it.

use rusqlite::{CachedStatement, Connection};
use tideline_model::GroupId;

use crate::error::StoreError;
use crate::identity::load_groups;
use crate::query;
use crate::rows::Columns;
use crate::table::{Rows, Table};
use crate::vocabulary::{self, KnownWords};

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
pub(crate) fn step(
    connection: &Connection,
    limit: usize,
    known: &mut KnownWords,
) -> Result<bool, StoreError> {
    let mut left = limit;
    for group in load_groups(connection)? {
        let rows = Rows::new(connection, group.id);
        left -= index_group(connection, &rows, left, known)?;
    }
    Ok(left == 0 && owes(connection)?)
}

/// Unites parts of the index, about `pages` of it, so that fewer must be asked; says whether there are
/// more to unite.
pub(crate) fn merge(connection: &Connection, pages: i64) -> Result<bool, StoreError> {
    let before = connection.total_changes();
    connection
        .prepare_cached("INSERT INTO line_index (line_index, rank) VALUES ('merge', ?1)")?
        .execute([pages])?;
    // Less than two changes: there was nothing to merge (https://sqlite.org/fts5.html#the_merge_command).
    Ok(connection.total_changes() - before >= 2)
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
    displayed: bool,
    /// Or may have been.
    was_indexed: bool,
}

fn index_group(
    connection: &Connection,
    rows: &Rows<'_>,
    limit: usize,
    known: &mut KnownWords,
) -> Result<usize, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let owed = rows.select(
        Table::Lines,
        "id, text, deleted_at, indexed_at",
        &format!("{OWED} ORDER BY id LIMIT :limit"),
        &[(":limit", &limit)],
        |row| {
            let mut columns = Columns::of(row);
            Ok(Owed {
                key: columns.next()?,
                text: columns.next()?,
                displayed: columns.next::<Option<i64>>()?.is_none(),
                was_indexed: columns.next::<i64>()? != NEVER,
            })
        },
    )?;
    let mut index = Index::of(connection)?;
    for line in &owed {
        index.put(connection, line, known)?;
    }
    if let (Some(first), Some(last)) = (owed.first(), owed.last()) {
        // Between them, these are all that are owed.
        rows.update(
            Table::Lines,
            "indexed_at = updated_at",
            &format!("{OWED} AND id BETWEEN :first AND :last"),
            &[(":first", &first.key), (":last", &last.key)],
        )?;
    }
    Ok(owed.len())
}

struct Index<'c> {
    insert: CachedStatement<'c>,
    delete: CachedStatement<'c>,
}

impl<'c> Index<'c> {
    fn of(connection: &'c Connection) -> Result<Self, StoreError> {
        let insert = "INSERT INTO line_index (rowid, words) VALUES (?1, ?2)";
        let delete = "DELETE FROM line_index WHERE rowid = ?1";
        Ok(Self {
            insert: connection.prepare_cached(insert)?,
            delete: connection.prepare_cached(delete)?,
        })
    }

    fn put(
        &mut self,
        connection: &Connection,
        line: &Owed,
        known: &mut KnownWords,
    ) -> Result<(), StoreError> {
        if line.was_indexed {
            self.delete.execute([line.key])?;
        }
        if line.displayed {
            let words = query::words(&line.text);
            vocabulary::learn(connection, &words, known)?;
            self.insert.execute((line.key, words.join(" ")))?;
        }
        Ok(())
    }
}
