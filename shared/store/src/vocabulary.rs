//! The words that the search index has held: which of them satisfy a need, and noting new ones. They
//! belong to no group; what they lead to does.

use std::collections::HashSet;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};
use rusqlite::Connection;

use crate::error::StoreError;
use crate::query::Need;

/// More known words are not remembered.
const KNOWN_WORDS_MAX: usize = 100_000;
/// As many bytes of words are kept at hand; later ones are asked of the database each time.
const TEXT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Behind every text that starts with the same characters.
const LAST: char = '\u{10FFFF}';
/// In front of every word and behind the last; no word holds it.
const BREAK: u8 = b'\n';

/// The words as one text, in which parts of words are found faster than by any index. Kept from one
/// search to the next, which reads only what has come since.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Each behind a line break; one more at the end.
    text: Vec<u8>,
    /// The key of the last word in `text`; keys are not used again.
    last: i64,
}

impl Vocabulary {
    /// Reads the words that have come since the last time.
    pub(crate) fn read(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.text.pop();
        let sql = "SELECT id, word FROM words WHERE id > ?1 ORDER BY id";
        let mut statement = connection.prepare_cached(sql)?;
        let mut words = statement.query([self.last])?;
        while self.text.len() < TEXT_BYTES_MAX
            && let Some(row) = words.next()?
        {
            self.last = row.get(0)?;
            let word = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
            self.text.push(BREAK);
            self.text.extend_from_slice(word);
        }
        self.text.push(BREAK);
        Ok(())
    }
}

/// Words that satisfy a need: first the word itself, then those that begin with it, then those that
/// hold or end with it.
pub(crate) struct Words<'v> {
    vocabulary: &'v Vocabulary,
    run: String,
    open_right: bool,
    /// The one to come next is the last.
    stages: Vec<Stage>,
    seen: HashSet<String>,
}

enum Stage {
    /// Words from one text to before another.
    Range { from: String, before: String },
    /// Words at hand with the run behind their start, from this place of the text.
    Inside { at: usize },
    /// Words with the run behind their start, behind the one with this key.
    Beyond { key: i64 },
}

impl<'v> Words<'v> {
    pub(crate) fn of(vocabulary: &'v Vocabulary, need: &Need) -> Self {
        let run = need.run.clone();
        let range = |end: char| Stage::Range {
            from: run.clone(),
            before: format!("{run}{end}"),
        };
        let mut stages = Vec::new();
        if need.open_left {
            stages.push(Stage::Beyond {
                key: vocabulary.last,
            });
            stages.push(Stage::Inside { at: 0 });
        }
        if need.open_right {
            stages.push(range(LAST));
        }
        stages.push(range('\0'));
        Self {
            vocabulary,
            run,
            open_right: need.open_right,
            stages,
            seen: HashSet::new(),
        }
    }

    /// Up to about `count` more of them; none when there are no more.
    pub(crate) fn next_some(
        &mut self,
        connection: &Connection,
        count: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut words = Vec::new();
        while words.len() < count
            && let Some(mut stage) = self.stages.pop()
        {
            let found = match &mut stage {
                Stage::Range { from, before } => in_range(connection, from, before, count)?,
                Stage::Inside { at } => self.inside(at, count)?,
                Stage::Beyond { key } => self.beyond(connection, key, count)?,
            };
            if found.len() == count {
                self.stages.push(stage); // there may be more
            }
            let new = |word: &String| self.seen.insert(word.clone());
            words.extend(found.into_iter().filter(new));
        }
        Ok(words)
    }

    fn inside(&self, at: &mut usize, count: usize) -> Result<Vec<String>, StoreError> {
        let text = &self.vocabulary.text;
        let finder = Finder::new(&self.run);
        let mut found = Vec::new();
        while found.len() < count
            && let Some(hit) = finder.find(&text[*at..])
        {
            let start = *at + hit;
            let end = start + self.run.len();
            let next = memchr(BREAK, &text[end..]).map_or(text.len(), |behind| end + behind);
            let word = memrchr(BREAK, &text[..start]).map_or(0, |before| before + 1);
            let is_inside = word < start && (self.open_right || end == next);
            *at = if is_inside { next } else { start + 1 };
            if is_inside {
                let word = str::from_utf8(&text[word..next]);
                let word = word.map_err(|_| StoreError::damaged("a word is no text"))?;
                found.push(word.to_owned());
            }
        }
        Ok(found)
    }

    fn beyond(
        &self,
        connection: &Connection,
        key: &mut i64,
        count: usize,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id, word FROM words WHERE id > ?1 AND instr(word, ?2) > 0 ORDER BY id";
        let mut statement = connection.prepare_cached(sql)?;
        let mut words = statement.query((*key, &self.run))?;
        let mut found = Vec::new();
        while found.len() < count
            && let Some(row) = words.next()?
        {
            *key = row.get(0)?;
            let word: String = row.get(1)?;
            if self.open_right || word.ends_with(&self.run) {
                found.push(word);
            }
        }
        Ok(found)
    }
}

/// Up to `count` words from `from`, which moves on, to before `before`.
fn in_range(
    connection: &Connection,
    from: &mut String,
    before: &str,
    count: usize,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT word FROM words WHERE word >= ?1 AND word < ?2 ORDER BY word LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let words = statement.query_map((&*from, before, limit), |row| row.get(0))?;
    let words: Vec<String> = words.collect::<Result<_, _>>()?;
    if let Some(last) = words.last() {
        *from = format!("{last}\0");
    }
    Ok(words)
}

/// Up to `count` words that satisfy a need.
pub(crate) fn first_words(
    connection: &Connection,
    vocabulary: &Vocabulary,
    need: &Need,
    count: usize,
) -> Result<Vec<String>, StoreError> {
    Words::of(vocabulary, need).next_some(connection, count)
}

/// Words that are known to be noted, so that nobody has to look for them.
#[derive(Debug, Default)]
pub(crate) struct KnownWords(foldhash::HashSet<Box<str>>);

impl KnownWords {
    /// Says whether the word was not known; from now on it is.
    pub(crate) fn note(&mut self, word: &str) -> bool {
        if self.0.contains(word) {
            return false;
        }
        if self.0.len() == KNOWN_WORDS_MAX {
            self.0.clear();
        }
        self.0.insert(word.into())
    }
}

/// Adds those words that are not there.
pub(crate) fn add(connection: &Connection, mut words: Vec<String>) -> Result<(), StoreError> {
    if words.is_empty() {
        return Ok(());
    }
    // Neighbours come to stand on one page.
    words.sort_unstable();
    let sql = "INSERT OR IGNORE INTO words (word) SELECT value FROM json_each(?1)";
    let mut insert = connection.prepare_cached(sql)?;
    insert.execute([serde_json::Value::from(words).to_string()])?;
    Ok(())
}

/// Empties the index and forgets its words.
pub(crate) fn forget_all(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "INSERT INTO line_index (line_index) VALUES ('delete-all');
         DELETE FROM words;",
    )?;
    Ok(())
}

/// Forgets words that no line has any more.
pub(crate) fn forget_unused(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.index_terms USING fts5vocab (main, line_index, row);
         DELETE FROM words WHERE word NOT IN (SELECT term FROM temp.index_terms);",
    )?;
    Ok(())
}

/// Whether every word is noted.
pub(crate) fn check(connection: &Connection, words: &HashSet<String>) -> Result<(), StoreError> {
    let mut missing: HashSet<&str> = words.iter().map(String::as_str).collect();
    let mut statement = connection.prepare("SELECT word FROM words")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        missing.remove(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(StoreError::damaged("it lacks words of the lines"))
    }
}
