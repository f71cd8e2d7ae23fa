//! What is put into the search index for a line, what is asked of it for a query, and whether a text
//! really matches. The index only narrows down; [`Query::matches`] decides.

use std::fmt::Write;

use crate::fold::{Class, Folded, class, runs};

/// Characters that a term must have to be found inside a word.
const PART_CHARS_MIN: usize = 3;
/// Longer tokens are cut; the text itself decides in the end.
const TOKEN_CHARS_MAX: usize = 32;
/// In longer words, parts that begin behind this are not found.
const WORD_STARTS_MAX: usize = 256;
/// Further words of a query are left out.
const TERMS_MAX: usize = 16;
const TERM_CHARS_MAX: usize = 256;

/// The two columns of the index for one line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) words: String,
    pub(crate) parts: String,
}

impl Tokens {
    pub(crate) fn of(text: &str) -> Self {
        let folded = Folded::of(text);
        let mut tokens = Self::default();
        for (_, class, run) in runs(&folded.chars) {
            match class {
                Class::Alone => run.iter().for_each(|&c| push(&mut tokens.words, &[c])),
                Class::Word | Class::Separator => tokens.push_word(run),
            }
        }
        tokens
    }

    fn push_word(&mut self, word: &[char]) {
        push(&mut self.words, word);
        let starts = word
            .len()
            .min(WORD_STARTS_MAX)
            .saturating_sub(PART_CHARS_MIN - 1);
        for start in 1..starts {
            push(&mut self.parts, &word[start..]);
        }
    }
}

fn push(column: &mut String, token: &[char]) {
    if !column.is_empty() {
        column.push(' ');
    }
    column.extend(cut(token));
}

fn cut(token: &[char]) -> &[char] {
    &token[..token.len().min(TOKEN_CHARS_MAX)]
}

/// A query: every term must occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    terms: Vec<Vec<char>>,
}

impl Query {
    /// `None` when there is nothing to look for.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let folded = Folded::of(text);
        let terms: Vec<Vec<char>> = folded
            .chars
            .split(|c| c.is_whitespace())
            .filter(|term| !term.is_empty())
            .take(TERMS_MAX)
            .map(|term| term[..term.len().min(TERM_CHARS_MAX)].to_vec())
            .collect();
        (!terms.is_empty()).then_some(Self { terms })
    }

    /// The question to the index: it finds all lines that match, and may find more. `None`: the index
    /// cannot help (punctuation only).
    pub(crate) fn to_index(&self) -> Option<String> {
        let conditions: Vec<String> = self
            .terms
            .iter()
            .flat_map(|term| conditions(term))
            .collect();
        (!conditions.is_empty()).then(|| conditions.join(" AND "))
    }

    /// Where the terms occur in `text`, in characters; `None` unless all do.
    pub(crate) fn matches(&self, text: &str) -> Option<Vec<(u32, u32)>> {
        let folded = Folded::of(text);
        let mut ranges = Vec::new();
        for term in &self.terms {
            let before = ranges.len();
            ranges.extend(occurrences(term, &folded));
            if ranges.len() == before {
                return None;
            }
        }
        Some(united(ranges))
    }
}

fn occurrences(term: &[char], folded: &Folded) -> Vec<(u32, u32)> {
    let at_start_only = class(term[0]) == Class::Word && term.len() < PART_CHARS_MIN;
    let mut found = Vec::new();
    for (start, window) in folded.chars.windows(term.len()).enumerate() {
        let starts_word = start == 0 || class(folded.chars[start - 1]) != Class::Word;
        if window == term && (starts_word || !at_start_only) {
            found.push(folded.span(start, start + term.len()));
        }
    }
    found
}

fn united(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut united: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match united.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => united.push((start, end)),
        }
    }
    united
}

/// One condition for each run of letters in the term. A run at the edge of the term may be part of a
/// longer word on that side.
fn conditions(term: &[char]) -> Vec<String> {
    let mut conditions = Vec::new();
    for (start, kind, run) in runs(term) {
        let (open_left, open_right) = (start == 0, start + run.len() == term.len());
        if kind == Class::Alone {
            conditions.push(phrase(run));
        } else if run.len() >= PART_CHARS_MIN || !open_left {
            let columns = if open_left { "{words parts}" } else { "words" };
            conditions.push(word(columns, run, open_right));
        } else if open_right {
            conditions.push(word("words", run, true));
        }
    }
    conditions
}

fn word(columns: &str, run: &[char], open_right: bool) -> String {
    let token: String = cut(run).iter().collect();
    let star = if open_right || run.len() >= TOKEN_CHARS_MAX {
        " *"
    } else {
        ""
    };
    format!("{columns} : \"{token}\"{star}")
}

fn phrase(run: &[char]) -> String {
    let mut text = String::from("words : \"");
    for c in run {
        let _ = write!(text, "{c} ");
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, text: &str, expected: Option<&[(u32, u32)]>) {
        let query = Query::of(query).unwrap();
        assert_eq!(
            query.matches(text).as_deref(),
            expected,
            "{query:?} in {text:?}"
        );
    }

    #[test]
    fn a_term_is_found_at_the_start_of_a_word_or_anywhere_with_three_letters() {
        check("out", "An Outline", Some(&[(3, 6)]));
        check("lin", "An Outline", Some(&[(6, 9)]));
        check("li", "An Outline", None);
        check("li", "a little lint", Some(&[(2, 4), (9, 11)]));
        check("e", "An Outline", None);
    }

    #[test]
    fn every_term_must_occur_and_ranges_are_united() {
        check("outline line", "an outline", Some(&[(3, 10)]));
        check("outline box", "an outline", None);
        check("a-b", "A-B, not ab", Some(&[(0, 3)]));
        check("->", "a -> b", Some(&[(2, 4)]));
    }

    #[test]
    fn scripts_without_spaces_are_found_anywhere() {
        check("京都", "東京都庁", Some(&[(1, 3)]));
        check("庁", "東京都庁", Some(&[(3, 4)]));
        check("대학", "서울대학교에서", Some(&[(2, 4)]));
        check("会议", "明天的会议记录", Some(&[(3, 5)]));
        check("タワー", "東京ﾀﾜｰ", Some(&[(2, 5)]));
        check("iphone手", "新しいiPhone手帳", Some(&[(3, 10)]));
    }

    #[test]
    fn the_index_is_asked_for_words_parts_and_phrases() {
        let asked = |text: &str| Query::of(text).and_then(|query| query.to_index());
        assert_eq!(asked("Out").as_deref(), Some("{words parts} : \"out\" *"));
        assert_eq!(asked("ou").as_deref(), Some("words : \"ou\" *"));
        assert_eq!(asked("京都").as_deref(), Some("words : \"京 都 \""));
        assert_eq!(
            asked("foo-ba x.y").as_deref(),
            Some("{words parts} : \"foo\" AND words : \"ba\" * AND words : \"y\" *")
        );
        assert_eq!(asked("->"), None);
        assert_eq!(Query::of("  \t"), None);
    }

    #[test]
    fn a_line_is_indexed_by_words_and_by_what_they_end_with() {
        let tokens = Tokens::of("Outline of 東京");
        assert_eq!(tokens.words, "outline of 東 京");
        assert_eq!(tokens.parts, "utline tline line ine");
        let long = Tokens::of(&"x".repeat(100_000));
        assert!(long.words.len() + long.parts.len() < 10_000);
    }
}
