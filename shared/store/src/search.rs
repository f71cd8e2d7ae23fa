//! Search: titles, then lines that the index finds, whole words before parts of words. The index
//! narrows down, the text decides; whatever is found first is shown first, so that a frequent word
//! costs no more than a rare one.

use std::collections::{HashMap, HashSet};

use rusqlite::Row;
use tideline_model::{DocumentId, LineId};

use crate::error::StoreError;
use crate::query::{Need, Query};
use crate::rows::{DocumentRow, Hit, LINE_COLUMNS, StoredLine};
use crate::scope::Scope;
use crate::table::{Rows, Table, Visit};
use crate::vocabulary::{self, Vocabulary};

/// Lines that the index still owes and that a search reads itself; the others are found once they
/// are indexed.
const OWED_LINES_SEARCHED_MAX: i64 = 2_000;
/// A term that more words satisfy does not narrow a search for another term.
const NARROW_WORDS_MAX: usize = 256;
/// Lines with a word of one term that are looked at before the index is asked for those that have the
/// other terms too: asking for many words costs as much.
const CANDIDATES_MAX: usize = 2_000;
/// Words that the index is asked for at a time.
const WORDS_AT_A_TIME: usize = 32;
/// What [`Scope::few_lines`] calls few.
const FEW_LINES_MAX: usize = 400;
const FEW_CANDIDATES_MAX: usize = 4_000;
const ALIVE: &str = "lines.deleted_at IS NULL";
const CANDIDATE: &str = "lines.id, lines.text";

impl Scope<'_> {
    /// Lines and titles in which every word of `text` occurs: titles first, then lines with the word
    /// itself, then those with a longer one.
    ///
    /// A word is found at the start of a word, or anywhere when it has three letters or more;
    /// Chinese, Japanese and Korean text anywhere. Case, width and accents do not matter. `vocabulary`
    /// is empty at first and makes later searches faster.
    ///
    /// # Errors
    /// As every reading.
    pub fn search(
        &self,
        vocabulary: &mut Vocabulary,
        text: &str,
        document: Option<DocumentId>,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let Some(query) = Query::of(text) else {
            return Ok(Vec::new());
        };
        vocabulary.read(self.rows().connection())?;
        let documents = self.stored_documents("deleted_at IS NULL ORDER BY id", &[])?;
        let documents = documents
            .into_iter()
            .filter(|stored| document.is_none_or(|only| stored.row.id == only))
            .map(|stored| (stored.key, stored.row))
            .collect();
        let mut search = Search::new(query, documents, limit, usize::MAX);
        search.titles();
        search.lines(self.rows(), vocabulary)?;
        Ok(search.hits)
    }

    /// Lines of a document that [`Scope::search`] would find, where they are few among few that the
    /// index gives; `None` where it is quicker to go through the document.
    ///
    /// # Errors
    /// As every reading.
    pub fn few_lines(
        &self,
        vocabulary: &mut Vocabulary,
        text: &str,
        document: DocumentId,
    ) -> Result<Option<Vec<LineId>>, StoreError> {
        let (Some(query), Some(stored)) = (Query::of(text), self.stored(document)?) else {
            return Ok(None);
        };
        vocabulary.read(self.rows().connection())?;
        let documents = HashMap::from([(stored.key, stored.row)]);
        let mut search = Search::new(query, documents, FEW_LINES_MAX, FEW_CANDIDATES_MAX);
        search.lines(self.rows(), vocabulary)?;
        let are_few = !search.has_enough();
        let lines = search.hits.into_iter().filter_map(|hit| hit.line);
        Ok(are_few.then(|| lines.collect()))
    }
}

struct Search {
    query: Query,
    documents: HashMap<i64, DocumentRow>,
    limit: usize,
    hits: Vec<Hit>,
    /// Lines that have been looked at.
    seen: HashSet<i64>,
    /// So many more that the index gives are looked at.
    candidates_left: usize,
}

impl Search {
    fn new(
        query: Query,
        documents: HashMap<i64, DocumentRow>,
        limit: usize,
        candidates_left: usize,
    ) -> Self {
        Self {
            query,
            documents,
            limit,
            hits: Vec::new(),
            seen: HashSet::new(),
            candidates_left,
        }
    }

    fn has_enough(&self) -> bool {
        self.hits.len() >= self.limit || self.candidates_left == 0
    }

    fn titles(&mut self) {
        let mut documents: Vec<(&i64, &DocumentRow)> = self.documents.iter().collect();
        documents.sort_by_key(|(key, _)| **key);
        let found = documents.iter().filter_map(|(_, row)| {
            let matches = self.query.matches(&row.title)?;
            Some(Hit {
                document: row.id,
                title: row.title.clone(),
                line: None,
                text: row.title.clone(),
                matches,
            })
        });
        self.hits = found.take(self.limit).collect();
    }

    fn lines(&mut self, rows: &Rows<'_>, vocabulary: &Vocabulary) -> Result<(), StoreError> {
        let needs = self.query.needs();
        self.indexed(rows, vocabulary, &needs)?;
        // What the index does not know yet; or everything, where it cannot help.
        let unindexed =
            format!("{ALIVE} AND indexed_at < updated_at LIMIT {OWED_LINES_SEARCHED_MAX}");
        let filter = if needs.is_empty() { ALIVE } else { &unindexed };
        rows.visit(Table::Lines, CANDIDATE, filter, &[], |row| {
            self.candidate(rows, row)
        })
    }

    /// Goes through the words that satisfy the need that fewest words do.
    fn indexed(
        &mut self,
        rows: &Rows<'_>,
        vocabulary: &Vocabulary,
        needs: &[Need],
    ) -> Result<(), StoreError> {
        let mut narrow = Vec::new();
        let mut wide = None;
        for need in needs {
            let words =
                vocabulary::first_words(rows.connection(), vocabulary, need, NARROW_WORDS_MAX + 1)?;
            if words.len() <= NARROW_WORDS_MAX {
                narrow.push(words);
            } else {
                wide = wide.or(Some(need));
            }
        }
        narrow.sort_by_key(Vec::len);
        let mut narrow = narrow.into_iter();
        let driving = narrow.next();
        let others: Vec<String> = narrow
            .map(|words| format!(" AND ({})", any_of(&words)))
            .collect();
        let others = others.concat();
        match (driving, wide) {
            (Some(words), _) => {
                for words in words.chunks(WORDS_AT_A_TIME) {
                    self.lines_with(rows, words, &others)?;
                }
            }
            (None, Some(need)) => {
                let mut words = vocabulary::Words::of(vocabulary, need);
                while !self.has_enough() {
                    let some = words.next_some(rows.connection(), WORDS_AT_A_TIME)?;
                    if some.is_empty() {
                        break;
                    }
                    self.lines_with(rows, &some, &others)?;
                }
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Lines that have one of `words`, and what `others` asks for.
    fn lines_with(
        &mut self,
        rows: &Rows<'_>,
        words: &[String],
        others: &str,
    ) -> Result<(), StoreError> {
        // The first is the word itself, if there is such a word.
        for words in [&words[..words.len().min(1)], &words[words.len().min(1)..]] {
            if words.is_empty() || self.has_enough() {
                continue;
            }
            let any = any_of(words);
            let count = if others.is_empty() {
                usize::MAX
            } else {
                CANDIDATES_MAX
            };
            if !self.matching(rows, &any, count)? {
                self.matching(rows, &format!("({any}){others}"), usize::MAX)?;
            }
        }
        Ok(())
    }

    /// Looks at up to `count` lines that the index gives; says whether those were all.
    fn matching(&mut self, rows: &Rows<'_>, asked: &str, count: usize) -> Result<bool, StoreError> {
        let mut left = count;
        let named: [(&str, &dyn rusqlite::ToSql); 1] = [(":query", &asked)];
        rows.visit_matches(CANDIDATE, ALIVE, &named, |row| {
            if left == 0 {
                return Ok(Visit::Enough);
            }
            left -= 1;
            self.candidate(rows, row)
        })?;
        Ok(left > 0)
    }

    /// Most candidates are dismissed by their text alone.
    fn candidate(&mut self, rows: &Rows<'_>, row: &Row<'_>) -> Result<Visit, StoreError> {
        if self.has_enough() {
            return Ok(Visit::Enough);
        }
        self.candidates_left -= 1;
        let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if self.query.may_match(text) {
            let key: i64 = row.get(0)?;
            let named: [(&str, &dyn rusqlite::ToSql); 1] = [(":id", &key)];
            rows.visit(
                Table::Lines,
                LINE_COLUMNS,
                "lines.id = :id",
                &named,
                |row| self.line(row),
            )?;
        }
        Ok(Visit::On)
    }

    fn line(&mut self, row: &Row<'_>) -> Result<Visit, StoreError> {
        let StoredLine { key, place, line } = StoredLine::read(row)?;
        let Some(document) = self.documents.get(&place.document_key) else {
            return Ok(Visit::On);
        };
        if !self.seen.insert(key) {
            return Ok(Visit::On);
        }
        if let Some(matches) = self.query.matches(&line.text) {
            self.hits.push(Hit {
                document: document.id,
                title: document.title.clone(),
                line: Some(line.id),
                text: line.text,
                matches,
            });
        }
        Ok(Visit::On)
    }
}

/// Words hold no quotation marks.
fn any_of(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(" OR ")
}
