//! Whether the search index holds exactly the words of the lines that it says it has indexed.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::checksum::Checksum;
use crate::error::StoreError;
use crate::identity::load_groups;
use crate::query;
use crate::rows::Columns;
use crate::table::{Rows, Table, Visit};
use crate::vocabulary;

/// Compares sums over every word with its line, which do not depend on the order, and the vocabulary.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let expected = expected(connection)?;
    let found = found(connection, &expected.owed)?;
    if found != expected.sum {
        return Err(StoreError::damaged(
            "it does not hold the words of the lines",
        ));
    }
    vocabulary::check(connection, &expected.words)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    words: u64,
    total: i64,
}

impl Sum {
    fn add(&mut self, word: &str, line: i64) {
        self.words += 1;
        let hash = Checksum::of("word").text(word).number(line);
        self.total = self.total.wrapping_add(hash.finish());
    }

    /// How many words a line has.
    fn add_length(&mut self, line: i64, words: u64) {
        let hash = Checksum::of("length")
            .number(line)
            .number(words.cast_signed());
        self.total = self.total.wrapping_add(hash.finish());
    }
}

/// What the lines have.
#[derive(Default)]
struct Expected {
    sum: Sum,
    words: HashSet<String>,
    /// Lines that the index still owes.
    owed: HashSet<i64>,
}

fn expected(connection: &Connection) -> Result<Expected, StoreError> {
    let mut expected = Expected::default();
    for group in load_groups(connection)? {
        let rows = Rows::new(connection, group.id);
        let columns = "id, text, indexed_at < updated_at, deleted_at";
        rows.visit(Table::Lines, columns, "TRUE", &[], |row| {
            let mut columns = Columns::of(row);
            let (key, text): (i64, String) = (columns.next()?, columns.next()?);
            if columns.next()? {
                expected.owed.insert(key);
            } else if columns.next::<Option<i64>>()?.is_none() {
                let words = query::words(&text);
                expected.sum.add_length(key, words.len() as u64);
                for word in words {
                    expected.sum.add(&word, key);
                    expected.words.insert(word);
                }
            }
            Ok(Visit::On)
        })?;
    }
    Ok(expected)
}

fn found(connection: &Connection, owed: &HashSet<i64>) -> Result<Sum, StoreError> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_words
         USING fts5vocab (main, line_index, instance)",
    )?;
    let mut statement = connection.prepare("SELECT term, doc FROM temp.index_words")?;
    let mut rows = statement.query([])?;
    let mut sum = Sum::default();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let (word, line): (String, i64) = (columns.next()?, columns.next()?);
        if !owed.contains(&line) {
            sum.add(&word, line);
        }
    }
    add_stored_lengths(connection, owed, &mut sum)?;
    Ok(sum)
}

/// FTS5 keeps the lengths of its rows; nothing else would notice that they are wrong.
fn add_stored_lengths(
    connection: &Connection,
    owed: &HashSet<i64>,
    sum: &mut Sum,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT id, sz FROM line_index_docsize")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        let (line, size): (i64, Vec<u8>) = (columns.next()?, columns.next()?);
        let [length] = varints(&size)[..] else {
            return Err(StoreError::damaged(format!("the length of line {line}")));
        };
        if !owed.contains(&line) {
            sum.add_length(line, length);
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
