//! Keeps the search index: whatever has `indexed_at < updated_at` is owed to it. The lines of a large
//! commit are indexed with it, which saves reading and writing each of them once more.

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

/// So many lines of one commit are indexed with it. Few in tests, which let the disk fail at every call.
pub(crate) const AT_ONCE_MIN: usize = if cfg!(test) { 5 } else { 1_000 };
/// Of a large commit, few and large parts are written: they are united when a level has many of them,
/// and not also on the way there. The second value is that of FTS5 itself.
const AT_ONCE_OPTIONS: [(&str, i64, i64); 2] = [
    ("automerge", 0, 4),
    ("hashsize", 8 * 1024 * 1024, 1024 * 1024),
];

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
    command(connection, "merge", pages)?;
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
    let mut new_words = Vec::new();
    for line in &owed {
        index.put(line, known, &mut new_words)?;
    }
    vocabulary::add(connection, new_words)?;
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

const INSERT: &str = "INSERT INTO line_index (rowid, words) VALUES (?1, ?2)";

struct Index<'c> {
    insert: CachedStatement<'c>,
    delete: CachedStatement<'c>,
}

impl<'c> Index<'c> {
    fn of(connection: &'c Connection) -> Result<Self, StoreError> {
        Ok(Self {
            insert: connection.prepare_cached(INSERT)?,
            delete: connection.prepare_cached("DELETE FROM line_index WHERE rowid = ?1")?,
        })
    }

    fn put(
        &mut self,
        line: &Owed,
        known: &mut KnownWords,
        new_words: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        if line.was_indexed {
            self.delete.execute([line.key])?;
        }
        if line.displayed {
            let words = query::words(&line.text);
            self.insert.execute((line.key, words.join(" ")))?;
            new_words.extend(words.into_iter().filter(|word| known.note(word)));
        }
        Ok(())
    }
}

/// Indexes new lines in the transaction that writes them.
pub(crate) struct AtOnce<'c> {
    connection: &'c Connection,
    insert: CachedStatement<'c>,
}

impl<'c> AtOnce<'c> {
    pub(crate) fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        for (name, value, _) in AT_ONCE_OPTIONS {
            command(connection, name, value)?;
        }
        let insert = connection.prepare_cached(INSERT)?;
        Ok(Self { connection, insert })
    }

    /// `words`: each once, with spaces between them.
    pub(crate) fn add(&mut self, key: i64, words: &str) -> Result<(), StoreError> {
        self.insert.execute((key, words))?;
        Ok(())
    }

    /// `new_words`: those of the lines that were not known.
    pub(crate) fn end(self, new_words: Vec<String>) -> Result<(), StoreError> {
        vocabulary::add(self.connection, new_words)?;
        // This writes what was gathered, too.
        for (name, _, value) in AT_ONCE_OPTIONS.into_iter().rev() {
            command(self.connection, name, value)?;
        }
        Ok(())
    }
}

/// A command to FTS5 itself (<https://sqlite.org/fts5.html#special_insert_commands>).
fn command(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO line_index (line_index, rank) VALUES (?1, ?2)")?
        .execute((name, value))?;
    Ok(())
}
