//! Bare SQLite: a row for each line, an index in display order, and FTS5 over the text. No history.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::Connection;
use tideline_model::LineId;

use super::TakeIn;
use crate::synthetic::DraftLine;

pub struct Rows {
    connection: Connection,
    /// The key of each line, and how many children it has.
    keys: HashMap<LineId, (i64, i64)>,
}

impl Rows {
    pub fn create(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE lines (id INTEGER PRIMARY KEY, parent INTEGER, ord INTEGER, text TEXT);
             CREATE INDEX in_order ON lines (parent, ord);
             CREATE VIRTUAL TABLE words USING fts5 (text, content = 'lines', content_rowid = 'id');",
        )?;
        Ok(Self {
            connection,
            keys: HashMap::from([(LineId::ROOT, (0, 0))]),
        })
    }
}

impl TakeIn for Rows {
    fn take(&mut self, lines: &[DraftLine]) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let sql = "INSERT INTO lines (parent, ord, text) VALUES (?1, ?2, ?3)";
            let mut row = transaction.prepare_cached(sql)?;
            let sql = "INSERT INTO words (rowid, text) VALUES (?1, ?2)";
            let mut words = transaction.prepare_cached(sql)?;
            for line in lines {
                let (parent, children) = self.keys.entry(line.parent).or_default();
                *children += 1;
                row.execute((*parent, *children, &line.text))?;
                let key = transaction.last_insert_rowid();
                words.execute((key, &line.text))?;
                self.keys.insert(line.id, (key, 0));
            }
        }
        Ok(transaction.commit()?)
    }

    fn finish(self: Box<Self>, _file: &Path) -> anyhow::Result<()> {
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

/// Reads the texts of the first lines; says how many there were.
pub fn first_screen(file: &Path, count: usize) -> anyhow::Result<usize> {
    let connection = Connection::open(file)?;
    let sql = "SELECT id, text FROM lines WHERE parent = ?1 ORDER BY ord LIMIT ?2";
    let mut statement = connection.prepare(sql)?;
    let mut below = |parent: i64| -> anyhow::Result<Vec<(i64, String)>> {
        let rows =
            statement.query_map((parent, count as i64), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.reverse();
        Ok(rows)
    };
    let mut stack = below(0)?;
    let mut texts = Vec::new();
    while texts.len() < count
        && let Some((key, text)) = stack.pop()
    {
        texts.push(text);
        stack.extend(below(key)?);
    }
    Ok(texts.len())
}
