//! What is put into the search index for a line, what is asked of it for a query, and whether a text
//! really matches. The index only narrows down; [`Query::matches`] decides.

use crate::fold::{Class, Folded, class, runs};

/// Characters that a term must have to be found inside a word.
const PART_CHARS_MIN: usize = 3;
/// Longer tokens are cut; the text itself decides in the end.
const TOKEN_CHARS_MAX: usize = 32;
/// From here on, parts of a word are words of their own (see [`long_starts`]).
const LONG_WORD_CHARS: usize = TOKEN_CHARS_MAX / 2 + PART_CHARS_MIN;
/// In longer words, parts that begin behind this are not found.
const WORD_STARTS_MAX: usize = 256;
/// Further words of a query are left out.
const TERMS_MAX: usize = 16;
const TERM_CHARS_MAX: usize = 256;

/// The words of a line, each once, in order. A run of characters that are words of their own gives
/// each pair of neighbours, so that what stands side by side is found.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, &mut String::new(), |word| words.push(word.to_owned()));
    words
}

/// As [`words`], one by one; `lower` is memory to work in.
pub(crate) fn each_word(text: &str, lower: &mut String, mut each: impl FnMut(&str)) {
    if text.is_ascii() {
        lower.clear();
        lower.push_str(text);
        lower.make_ascii_lowercase();
        if let Some(words) = short_words(lower) {
            return words.into_iter().for_each(each);
        }
    }
    words_of_any(text).iter().for_each(|word| each(word));
}

/// The words of plain text in lower case, unless one of them is so long that its parts are words too.
fn short_words(lower: &str) -> Option<Vec<&str>> {
    let runs = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words: Vec<&str> = runs.filter(|run| !run.is_empty()).collect();
    if words.iter().any(|word| word.len() >= LONG_WORD_CHARS) {
        return None;
    }
    words.sort_unstable();
    words.dedup();
    Some(words)
}

fn words_of_any(text: &str) -> Vec<String> {
    let folded = Folded::of(text);
    let mut words = Vec::new();
    for (_, class, run) in runs(&folded.chars) {
        match class {
            Class::Alone if run.len() > 1 => {
                words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            }
            _ => {
                words.push(cut(run).iter().collect());
                words.extend(long_starts(run));
            }
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// What begins too far behind the start of a long word to be a part of what is kept of it, as words
/// of their own.
fn long_starts(run: &[char]) -> impl Iterator<Item = String> {
    let last = run.len().min(WORD_STARTS_MAX);
    let starts = (TOKEN_CHARS_MAX / 2..last).step_by(TOKEN_CHARS_MAX / 2);
    let starts = starts.filter(|start| start + PART_CHARS_MIN <= run.len());
    starts.map(|start| cut(&run[start..]).iter().collect())
}

/// As much of a run as stands in one piece of a long word, wherever it begins.
fn head(run: &[char]) -> &[char] {
    &run[..run.len().min(TOKEN_CHARS_MAX / 2)]
}

fn cut(token: &[char]) -> &[char] {
    &token[..token.len().min(TOKEN_CHARS_MAX)]
}

/// What some word of a line must be: `run` itself, or a word that goes on with more on an open side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) run: String,
    pub(crate) open_left: bool,
    pub(crate) open_right: bool,
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

    /// What the words of a line must satisfy: all lines that match do, and others may. None: the index
    /// cannot help (punctuation only).
    pub(crate) fn needs(&self) -> Vec<Need> {
        let terms = self.terms.iter();
        terms.flat_map(|term| needs_of(term)).collect()
    }

    /// Whether [`Query::matches`] is worth asking: cheap, and never wrong about a text that matches.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return true;
        }
        let text = text.to_ascii_lowercase();
        self.terms.iter().all(|term| {
            let term: String = term.iter().collect();
            text.contains(&term)
        })
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

/// One need for each run of letters in the term. A run at the edge of the term may be part of a longer
/// word on that side.
fn needs_of(term: &[char]) -> Vec<Need> {
    let mut needs = Vec::new();
    for (start, kind, run) in runs(term) {
        let (open_left, open_right) = (start == 0, start + run.len() == term.len());
        let is_long = run.len() >= PART_CHARS_MIN;
        if kind == Class::Alone {
            needs.extend(needs_alone(run));
        } else if is_long || !open_left || open_right {
            needs.push(Need {
                run: head(run).iter().collect(),
                open_left: is_long && (open_left || run.len() > TOKEN_CHARS_MAX / 2),
                open_right: open_right || run.len() > TOKEN_CHARS_MAX / 2,
            });
        }
    }
    needs
}

/// Pairs are words; one character alone is the first or the second of a pair, or stands alone.
fn needs_alone(run: &[char]) -> Vec<Need> {
    let need = |chars: &[char], open| Need {
        run: chars.iter().collect(),
        open_left: open,
        open_right: open,
    };
    match run {
        [_] => vec![need(run, true)],
        _ => run.windows(2).map(|pair| need(pair, false)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, text: &str, expected: Option<&[(u32, u32)]>) {
        let query = Query::of(query).unwrap();
        assert!(expected.is_none() || query.may_match(text));
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
    fn the_index_is_asked_for_words_parts_and_pairs() {
        let asked = |text: &str| -> Vec<String> {
            let needs = Query::of(text).map_or(Vec::new(), |query| query.needs());
            let star = |open| if open { "*" } else { "" };
            let shown = needs.iter().map(|need| {
                format!(
                    "{}{}{}",
                    star(need.open_left),
                    need.run,
                    star(need.open_right)
                )
            });
            shown.collect()
        };
        assert_eq!(asked("Out"), ["*out*"]);
        assert_eq!(asked("ou"), ["ou*"]);
        assert_eq!(asked("京"), ["*京*"]);
        assert_eq!(asked("京都府"), ["京都", "都府"]);
        assert_eq!(asked("foo-ba x.y"), ["*foo", "ba*", "y*"]);
        assert_eq!(asked("->"), Vec::<String>::new());
        assert_eq!(Query::of("  \t"), None);
    }

    #[test]
    fn plain_text_is_cut_into_words_as_any_text_is() {
        let long = "Abcdefghijklmnopqrstuvwxyz0123456789".repeat(10);
        for length in [1, 15, 16, 17, 18, 19, 20, 32, 33, 300] {
            let text = format!("b_A, {} -> a 3.5\t{}", &long[..length], &long[..17]);
            assert_eq!(words(&text), words_of_any(&text), "{text}");
        }
        let plain: String = (0..=127_u8).map(char::from).collect();
        assert_eq!(words(&plain), words_of_any(&plain));
    }

    #[test]
    fn a_line_is_indexed_by_its_words() {
        assert_eq!(
            words("Outline of 東京都 of"),
            ["of", "outline", "京都", "東京"]
        );
        let long: usize = words(&"x".repeat(100_000)).iter().map(String::len).sum();
        assert!(long < 1_000, "{long}");
    }
}
