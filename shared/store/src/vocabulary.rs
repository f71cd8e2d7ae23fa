//! The words that the search index has held, and what they end with: which words satisfy a need, and
//! what is to be noted of a new word. They belong to no group; what they lead to does.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::error::StoreError;
use crate::query::{self, Need};
use crate::table::Rows;

/// Behind every text that starts with the same characters.
const LAST: char = '\u{10FFFF}';

/// Words that satisfy a need: first the word itself, then those that begin with it, then those that
/// hold or end with it.
pub(crate) struct Words {
    stages: Vec<Stage>,
    seen: HashSet<String>,
}

/// A range of texts, from the first to before the last.
struct Stage {
    among: Among,
    from: String,
    /// The word that was given last, where one part belongs to several words.
    word_id: i64,
    before: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Words,
    Parts,
}

impl Words {
    pub(crate) fn of(need: &Need) -> Self {
        let run = need.run.as_str();
        let mut stages = vec![Stage::exactly(Among::Words, run)];
        if need.open_right {
            stages.push(Stage::beginning_with(Among::Words, run));
        }
        if need.open_left {
            stages.push(Stage::exactly(Among::Parts, run));
            if need.open_right {
                stages.push(Stage::beginning_with(Among::Parts, run));
            }
        }
        stages.reverse();
        Self {
            stages,
            seen: HashSet::new(),
        }
    }

    /// Up to about `count` more of them; none when there are no more.
    pub(crate) fn next_some(
        &mut self,
        rows: &Rows<'_>,
        count: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut words = Vec::new();
        while words.len() < count
            && let Some(stage) = self.stages.last_mut()
        {
            let found = stage.next_some(rows, count - words.len())?;
            if found.is_empty() {
                self.stages.pop();
            }
            words.extend(
                found
                    .into_iter()
                    .filter(|word| self.seen.insert(word.clone())),
            );
        }
        Ok(words)
    }
}

/// Up to `count` words that satisfy a need.
pub(crate) fn first_words(
    rows: &Rows<'_>,
    need: &Need,
    count: usize,
) -> Result<Vec<String>, StoreError> {
    Words::of(need).next_some(rows, count)
}

impl Stage {
    fn exactly(among: Among, text: &str) -> Self {
        Self {
            among,
            from: text.to_owned(),
            word_id: -1,
            before: format!("{text}\0"),
        }
    }

    fn beginning_with(among: Among, text: &str) -> Self {
        Self {
            among,
            from: text.to_owned(),
            word_id: -1,
            before: format!("{text}{LAST}"),
        }
    }

    fn next_some(&mut self, rows: &Rows<'_>, count: usize) -> Result<Vec<String>, StoreError> {
        let sql = match self.among {
            Among::Words => {
                "SELECT word, id, word FROM words
                 WHERE (word, id) > (?1, ?2) AND word < ?3 ORDER BY word LIMIT ?4"
            }
            Among::Parts => {
                "SELECT part, word_id, (SELECT word FROM words WHERE id = word_id) FROM word_parts
                 WHERE (part, word_id) > (?1, ?2) AND part < ?3 ORDER BY part, word_id LIMIT ?4"
            }
        };
        let mut statement = rows.connection().prepare_cached(sql)?;
        let mut found = Vec::new();
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let mut texts = statement.query((&self.from, self.word_id, &self.before, limit))?;
        while let Some(row) = texts.next()? {
            self.from = row.get(0)?;
            self.word_id = row.get(1)?;
            let word: Option<String> = row.get(2)?;
            found.push(word.ok_or_else(|| StoreError::damaged("a part of no word"))?);
        }
        Ok(found)
    }
}

/// Notes the words that were not known; `known` remembers those of this transaction.
pub(crate) fn learn(
    connection: &Connection,
    words: &[String],
    known: &mut HashSet<String>,
) -> Result<(), StoreError> {
    for word in words {
        if !known.insert(word.clone()) {
            continue;
        }
        let added = connection
            .prepare_cached("INSERT OR IGNORE INTO words (word) VALUES (?1)")?
            .execute([word])?;
        if added == 1 {
            let id = connection.last_insert_rowid();
            for part in query::parts(word) {
                connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO word_parts (part, word_id) VALUES (?1, ?2)",
                    )?
                    .execute((part, id))?;
            }
        }
    }
    Ok(())
}

/// Empties the index and forgets its words.
pub(crate) fn forget_all(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "INSERT INTO line_index (line_index) VALUES ('delete-all');
         DELETE FROM word_parts;
         DELETE FROM words;",
    )?;
    Ok(())
}

/// Forgets words that no line has any more.
pub(crate) fn forget_unused(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_terms USING fts5vocab (main, line_index, row);
         DELETE FROM words WHERE word NOT IN (SELECT term FROM temp.index_terms);
         DELETE FROM word_parts WHERE word_id NOT IN (SELECT id FROM words);",
    )?;
    Ok(())
}

/// Whether every word is noted with its parts, and nothing else.
pub(crate) fn check(connection: &Connection, words: &HashSet<String>) -> Result<(), StoreError> {
    let mut expected = 0_u64;
    let mut statement = connection.prepare("SELECT id, word FROM words")?;
    let mut rows = statement.query([])?;
    let mut missing: HashSet<&str> = words.iter().map(String::as_str).collect();
    let mut has_part =
        connection.prepare("SELECT 1 FROM word_parts WHERE part = ?1 AND word_id = ?2")?;
    while let Some(row) = rows.next()? {
        let (id, word): (i64, String) = (row.get(0)?, row.get(1)?);
        missing.remove(word.as_str());
        let parts: HashSet<String> = query::parts(&word).collect();
        for part in parts {
            expected += 1;
            if !has_part.exists((&part, id))? {
                return Err(StoreError::damaged(format!(
                    "it lacks a part of \"{word}\""
                )));
            }
        }
    }
    let found: i64 =
        connection.query_row("SELECT count(*) FROM word_parts", [], |row| row.get(0))?;
    if !missing.is_empty() || found.cast_unsigned() != expected {
        return Err(StoreError::damaged("its words are not those of the lines"));
    }
    Ok(())
}
