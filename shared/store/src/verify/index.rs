//! Whether the search index holds exactly the words of the lines that it says it has indexed.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::identity::load_groups;
use crate::query::Tokens;
use crate::rows::Columns;
use crate::table::{Rows, Table, Visit};

/// Compares sums over every word with its line, column and place, which do not depend on the order.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let (expected, owed) = expected(connection)?;
    let found = found(connection, &owed)?;
    if found == expected {
        Ok(())
    } else {
        Err(StoreError::damaged(
            "it does not hold the words of the lines",
        ))
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    words: u64,
    total: i64,
}

impl Sum {
    fn add(&mut self, term: &str, line: i64, column: &str, offset: i64) {
        let hash = Checksum::of("word").text(term).number(line).text(column);
        self.words += 1;
        self.total = self.total.wrapping_add(hash.number(offset).finish());
    }
}

/// What the lines have, and which lines the index still owes.
fn expected(connection: &Connection) -> Result<(Sum, HashSet<i64>), StoreError> {
    let mut sum = Sum::default();
    let mut owed = HashSet::new();
    for group in load_groups(connection)? {
        let rows = Rows::new(connection, group.id);
        let columns = "id, text, indexed_at < updated_at, deleted_at";
        rows.visit(Table::Lines, columns, "TRUE", &[], |row| {
            let mut columns = Columns::of(row);
            let (key, text): (i64, String) = (columns.next()?, columns.next()?);
            if columns.next()? {
                owed.insert(key);
            } else if columns.next::<Option<i64>>()?.is_none() {
                let tokens = Tokens::of(&text);
                for (column, tokens) in [("words", &tokens.words), ("parts", &tokens.parts)] {
                    for (offset, token) in (0..).zip(tokens.split_whitespace()) {
                        sum.add(token, key, column, offset);
                    }
                }
            }
            Ok(Visit::On)
        })?;
    }
    Ok((sum, owed))
}

fn found(connection: &Connection, owed: &HashSet<i64>) -> Result<Sum, StoreError> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_words
         USING fts5vocab (main, line_index, instance)",
    )?;
    let mut statement =
        connection.prepare("SELECT term, doc, col, \"offset\" FROM temp.index_words")?;
    let mut rows = statement.query([])?;
    let mut sum = Sum::default();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let (term, line): (String, i64) = (columns.next()?, columns.next()?);
        let (column, offset): (String, i64) = (columns.next()?, columns.next()?);
        if !owed.contains(&line) {
            sum.add(&term, line, &column, offset);
        }
    }
    Ok(sum)
}
