//! Whether the search index holds exactly the words of the lines that it says it has indexed, and
//! ranks them by their true lengths.

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
    /// How many words a line has in each column.
    fn add_lengths(&mut self, line: i64, lengths: [u64; 2]) {
        let hash = Checksum::of("lengths").number(line);
        let hash = hash
            .number(lengths[0].cast_signed())
            .number(lengths[1].cast_signed());
        self.total = self.total.wrapping_add(hash.finish());
    }

    fn add_line(&mut self, line: i64, tokens: &Tokens) {
        let columns = [("words", &tokens.words), ("parts", &tokens.parts)];
        let lengths = columns.map(|(column, tokens)| {
            let mut offset = 0;
            for token in tokens.split_whitespace() {
                self.add(token, line, column, offset);
                offset += 1;
            }
            offset.cast_unsigned()
        });
        self.add_lengths(line, lengths);
    }

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
                sum.add_line(key, &Tokens::of(&text));
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
    add_stored_lengths(connection, owed, &mut sum)?;
    Ok(sum)
}

/// FTS5 keeps the lengths of its rows for ranking; nothing else would notice that they are wrong.
fn add_stored_lengths(
    connection: &Connection,
    owed: &HashSet<i64>,
    sum: &mut Sum,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT id, sz FROM line_index_docsize")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let (line, sizes): (i64, Vec<u8>) = (columns.next()?, columns.next()?);
        let lengths = varints(&sizes);
        let lengths = <[u64; 2]>::try_from(lengths)
            .map_err(|_| StoreError::damaged(format!("the length of line {line}")))?;
        if !owed.contains(&line) {
            sum.add_lengths(line, lengths);
        }
    }
    Ok(())
}

/// SQLite's numbers of variable length, highest seven bits first (those below 2⁵⁶).
fn varints(bytes: &[u8]) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut number = 0;
    for byte in bytes {
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(std::mem::take(&mut number));
        }
    }
    numbers
}
