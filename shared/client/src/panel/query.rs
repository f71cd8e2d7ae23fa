//! What the lines of a filtered panel have in common, as people type it: words that a line says, tags
//! and people that it names, and what it is.

use regex::{Regex, RegexBuilder};
use tideline_model::{Document, Kind, LineId, TodoState, Walk};

use crate::protocol::FilterMark;

/// All of these are asked of a line.
#[derive(Debug)]
pub(super) struct Query {
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    /// As it was typed.
    piece: String,
    what: What,
    /// Asked of the lines that are not to be shown: `-word`.
    is_excluded: bool,
}

#[derive(Debug)]
enum What {
    Says(Said),
    /// `#tag`, in the text or kept beside it.
    HasTag(String, Said),
    Is(fn(&Kind) -> bool),
}

/// What a text says, in any case: as a part of it, or, of tags and people, only the whole name. An
/// interface marks it by the same rule: `tests/marks.json` holds both to it.
#[derive(Debug)]
struct Said {
    letters: String,
    is_name: bool,
    pattern: Regex,
}

impl Query {
    /// Words are split at white space, save between quotation marks; `None` where nothing is asked.
    pub fn of(text: &str) -> Option<Self> {
        let terms: Vec<Term> = pieces(text).into_iter().filter_map(term).collect();
        (!terms.is_empty()).then_some(Self { terms })
    }

    pub fn matches(&self, document: &Document, line: LineId) -> bool {
        let walk = document.walk(line, line);
        walk.is_some_and(|walk| self.matches_at(&walk, &mut String::new()))
    }

    /// Whether the line matches that a walk has come to; `text` is memory to work in.
    pub fn matches_at(&self, walk: &Walk<'_>, text: &mut String) -> bool {
        let is_kind = |term: &Term| match term.what {
            What::Is(is) => is(walk.kind()) != term.is_excluded,
            What::Says(_) | What::HasTag(..) => true,
        };
        if !self.terms.iter().all(is_kind) {
            return false;
        }
        text.clear();
        walk.push_text(text);
        self.terms.iter().all(|term| match &term.what {
            What::Says(said) => said.pattern.is_match(text) != term.is_excluded,
            What::HasTag(tag, said) => {
                (said.pattern.is_match(text) || has_tag(walk, tag)) != term.is_excluded
            }
            What::Is(_) => true,
        })
    }

    /// Whether no line matches that does not match `wider`. May say no although it is so.
    pub fn narrows(&self, wider: &Self) -> bool {
        let mut terms = wider.terms.iter();
        terms.all(|wide| self.terms.iter().any(|term| term.narrows(wide)))
    }

    /// What lines that match say.
    fn said(&self) -> impl Iterator<Item = &Said> {
        let asked = self.terms.iter().filter(|term| !term.is_excluded);
        asked.filter_map(|term| match &term.what {
            What::Says(said) | What::HasTag(_, said) => Some(said),
            What::Is(_) => None,
        })
    }

    /// The same for an index of words; nothing where it cannot help.
    pub fn words(&self) -> String {
        let said = self.said().map(|said| said.letters.as_str());
        said.collect::<Vec<_>>().join(" ")
    }

    /// The same for whoever marks it in the lines.
    pub fn marks(&self) -> Vec<FilterMark> {
        let mark = |said: &Said| FilterMark {
            letters: said.letters.clone(),
            is_name: said.is_name,
        };
        self.said().map(mark).collect()
    }
}

#[cfg(test)]
impl Query {
    /// Every piece of a text that one of the marks is found in.
    pub fn marked<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let found = |said: &Said| said.pattern.find_iter(text).collect::<Vec<_>>();
        let mut all: Vec<_> = self.said().flat_map(found).collect();
        all.sort_by_key(|found| (found.start(), found.end()));
        all.iter().map(regex::Match::as_str).collect()
    }
}

impl Term {
    fn narrows(&self, wide: &Self) -> bool {
        if self.piece == wide.piece {
            return true;
        }
        match (&self.what, &wide.what) {
            (What::Says(said), What::Says(part)) => {
                let is_part = !part.is_name && said.letters.contains(&part.letters);
                is_part && !self.is_excluded && !wide.is_excluded
            }
            _ => false,
        }
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

fn term(piece: String) -> Option<Term> {
    let bare = piece.strip_prefix('-').filter(|bare| !bare.is_empty());
    let is_excluded = bare.is_some();
    let word = bare.unwrap_or(&piece);
    let kind = word.strip_prefix("is:").and_then(kind_called);
    let what = match (kind, word.strip_prefix('#')) {
        (Some(is), _) => What::Is(is),
        (None, Some(tag)) if !tag.is_empty() => What::HasTag(tag.to_lowercase(), said(word)?),
        _ => What::Says(said(word)?),
    };
    Some(Term {
        piece,
        what,
        is_excluded,
    })
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

fn said(word: &str) -> Option<Said> {
    let letters = word.trim_matches('"');
    if letters.is_empty() {
        return None;
    }
    let is_named = word.starts_with(['#', '@']) && word.chars().count() > 1;
    let ends_in_name = letters.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    let is_name = is_named && ends_in_name;
    let mut pattern = regex::escape(letters);
    if is_name {
        pattern.push_str(r"\b{end-half}");
    }
    let mut builder = RegexBuilder::new(&pattern);
    let pattern = builder.case_insensitive(true).build().ok()?;
    Some(Said {
        letters: letters.to_owned(),
        is_name,
        pattern,
    })
}

fn has_tag(walk: &Walk<'_>, tag: &str) -> bool {
    let tags = walk.tags();
    tags.iter().any(|own| own.to_lowercase() == tag)
}
