//! What the lines of a filtered panel have in common, as people type it: words that a line says, tags
//! and people that it names, and what it is.

use regex::{Regex, RegexBuilder};
use tideline_model::{Document, Kind, LineId, TodoState};

/// All of these are asked of a line.
#[derive(Debug)]
pub(super) struct Query {
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    what: What,
    /// Asked of the lines that are not to be shown: `-word`.
    is_excluded: bool,
}

#[derive(Debug)]
enum What {
    Says(Regex),
    /// `#tag`, in the text or kept beside it.
    HasTag(String, Regex),
    Is(fn(&Kind) -> bool),
}

impl Query {
    /// Words are split at white space, save between quotation marks; `None` where nothing is asked.
    pub fn of(text: &str) -> Option<Self> {
        let terms: Vec<Term> = pieces(text)
            .iter()
            .filter_map(|piece| term(piece))
            .collect();
        (!terms.is_empty()).then_some(Self { terms })
    }

    pub fn matches(&self, document: &Document, line: LineId) -> bool {
        let Some(kind) = document.kind(line) else {
            return false;
        };
        let is_kind = |term: &Term| match term.what {
            What::Is(is) => is(kind) != term.is_excluded,
            _ => true,
        };
        if !self.terms.iter().all(is_kind) {
            return false;
        }
        let mut text = None;
        self.terms.iter().all(|term| {
            let mut says = |pattern: &Regex| {
                let text = text.get_or_insert_with(|| document.text(line).unwrap_or_default());
                pattern.is_match(text)
            };
            match &term.what {
                What::Says(pattern) => says(pattern) != term.is_excluded,
                What::HasTag(tag, pattern) => {
                    (says(pattern) || has_tag(document, line, tag)) != term.is_excluded
                }
                What::Is(_) => true,
            }
        })
    }
}

/// Words, and what stands between quotation marks with the marks.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut is_quoted = false;
    for letter in text.chars() {
        is_quoted ^= letter == '"';
        if letter.is_whitespace() && !is_quoted {
            pieces.push(String::new());
        } else if let Some(last) = pieces.last_mut() {
            last.push(letter);
        }
    }
    pieces
}

fn term(piece: &str) -> Option<Term> {
    let bare = piece.strip_prefix('-').filter(|bare| !bare.is_empty());
    let is_excluded = bare.is_some();
    let word = bare.unwrap_or(piece);
    let kind = word.strip_prefix("is:").and_then(kind_called);
    let what = match (kind, word.strip_prefix('#')) {
        (Some(is), _) => What::Is(is),
        (None, Some(tag)) if !tag.is_empty() => What::HasTag(tag.to_lowercase(), pattern(word)?),
        _ => What::Says(pattern(word)?),
    };
    Some(Term { what, is_excluded })
}

fn kind_called(name: &str) -> Option<fn(&Kind) -> bool> {
    use TodoState::{Cancelled, Done, Started, Waiting};
    Some(match name {
        "todo" => |kind| matches!(kind, Kind::Todo(_)),
        "open" => |kind| matches!(kind, Kind::Todo(state) if !matches!(state, Done | Cancelled)),
        "started" => |kind| *kind == Kind::Todo(Started),
        "waiting" => |kind| *kind == Kind::Todo(Waiting),
        "done" => |kind| *kind == Kind::Todo(Done),
        "cancelled" => |kind| *kind == Kind::Todo(Cancelled),
        "heading" => |kind| matches!(kind, Kind::Heading(_)),
        "quote" => |kind| *kind == Kind::Quote,
        "code" => |kind| *kind == Kind::Code,
        "comment" => |kind| *kind == Kind::Comment,
        "table" => |kind| *kind == Kind::Table,
        _ => return None,
    })
}

/// Finds a word as a part of a text in any case; a tag or a person only by the whole name.
fn pattern(word: &str) -> Option<Regex> {
    let is_name = word.starts_with(['#', '@']) && word.chars().count() > 1;
    let said = word.trim_matches('"');
    if said.is_empty() {
        return None;
    }
    let mut pattern = regex::escape(said);
    if is_name && said.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
        pattern.push_str(r"\b");
    }
    let mut builder = RegexBuilder::new(&pattern);
    builder.case_insensitive(true).build().ok()
}

fn has_tag(document: &Document, line: LineId, tag: &str) -> bool {
    let view = document.line(line);
    view.is_some_and(|view| view.tags.iter().any(|own| own.to_lowercase() == tag))
}
