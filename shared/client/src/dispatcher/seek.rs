//! Where one may want to go: documents by title, headings and lines of one document, ranked by how
//! well a few letters match. What other documents say is the search index's business.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tideline_model::{Document, DocumentId, Kind, LineId, Stop};

use super::Dispatcher;
use crate::input::{ConnectionId, Input};
use crate::protocol::{Command, Message, Place, SeekScope};

/// Places that an interface gets for a text.
const PLACES_MAX: usize = 60;
/// Headings that it gets without one.
const HEADINGS_MAX: usize = 2_000;
/// Lines that are looked through at a letter's pace; the search index knows those behind.
const LINES_MAX: usize = 200_000;
/// So much better is a title than a heading, and a heading than a line, of the same score.
const TITLE_BONUS: u32 = 24;
const HEADING_BONUS: u32 = 12;

impl Dispatcher {
    pub(super) fn seek(
        &mut self,
        connection: ConnectionId,
        query_id: u32,
        text: &str,
        document: Option<&str>,
        scope: SeekScope,
    ) {
        let id = document.and_then(|id| id.parse::<DocumentId>().ok());
        if let Some(waiting) = id.and_then(|id| self.loading.get_mut(&id)) {
            // What is known without the document is told now, the rest when it has been read.
            let command = Command::Seek {
                query_id,
                text: text.to_owned(),
                document: document.map(str::to_owned),
                scope,
            };
            waiting.push_back(Input::Command(connection, command));
        }
        let document = id
            .and_then(|id| self.documents.get(&id))
            .map(|open| &open.document);
        let places = match (document, scope, text.trim()) {
            (Some(document), SeekScope::Headings, "") => headings(document),
            (None, SeekScope::Headings, _) | (_, SeekScope::Everything, "") => Vec::new(),
            (document, scope, text) => self.ranked(text, document, scope),
        };
        self.tell(connection, Message::Places { query_id, places });
    }

    fn ranked(&self, text: &str, document: Option<&Document>, scope: SeekScope) -> Vec<Place> {
        let mut ranking = Ranking::new(text);
        if scope == SeekScope::Everything {
            for entry in self.catalogue.entries() {
                let path = format!("{} {}", entry.folder, entry.title);
                let best = [
                    ranking.fuzzy_score(&entry.title),
                    ranking.fuzzy_score(&path).map(|score| score / 2),
                ];
                if let Some(score) = best.into_iter().flatten().max() {
                    let found = Found::Document(entry.id, entry.title);
                    ranking.add(score + TITLE_BONUS, found);
                }
            }
        }
        let Some(document) = document else {
            return ranking.places(None);
        };
        for (at, Stop { line, kind, .. }) in lines_in_order(document).enumerate() {
            let heading = matches!(kind, Kind::Heading(_));
            if !heading && (scope == SeekScope::Headings || at >= LINES_MAX) {
                continue;
            }
            let text = document.text(line).unwrap_or_default();
            let score = if heading {
                let score = ranking.fuzzy_score(&text);
                score.map(|score| score + HEADING_BONUS)
            } else {
                ranking.word_score(&text)
            };
            if let Some(score) = score {
                ranking.add(score, Found::Line(line, heading));
            }
        }
        ranking.places(Some(document))
    }
}

/// Every displayed line, depth first.
pub(super) fn lines_in_order(document: &Document) -> impl Iterator<Item = Stop<'_>> {
    let first = document.line_at_row(0);
    let mut walk = first.and_then(|line| document.walk(line, LineId::ROOT));
    std::iter::from_fn(move || {
        let way = walk.as_mut()?;
        let stop = way.stop();
        if !way.go_down() && way.go_on().is_none() {
            walk = None;
        }
        Some(stop)
    })
}

fn headings(document: &Document) -> Vec<Place> {
    lines_in_order(document)
        .filter(|stop| matches!(stop.kind, Kind::Heading(_)))
        .take(HEADINGS_MAX)
        .map(|stop| place(document, stop.line, Vec::new()))
        .collect()
}

fn place(document: &Document, line: LineId, matches: Vec<(u32, u32)>) -> Place {
    Place {
        document: document.id().to_string(),
        line: Some(line.to_string()),
        kind: document
            .kind(line)
            .map(ToString::to_string)
            .unwrap_or_default(),
        text: document.text(line).unwrap_or_default(),
        matches,
    }
}

enum Found {
    Document(String, String),
    /// And whether it is a heading.
    Line(LineId, bool),
}

struct Ranking {
    matcher: Matcher,
    /// Letters in order, for names.
    fuzzy: Pattern,
    /// Whole pieces of text: in prose a few letters in order are everywhere.
    words: Pattern,
    letters: Vec<char>,
    found: Vec<(u32, Found)>,
}

impl Ranking {
    fn new(text: &str) -> Self {
        let (case, accents) = (CaseMatching::Ignore, Normalization::Smart);
        Self {
            matcher: Matcher::new(Config::DEFAULT),
            fuzzy: Pattern::new(text, case, accents, AtomKind::Fuzzy),
            words: Pattern::new(text, case, accents, AtomKind::Substring),
            letters: Vec::new(),
            found: Vec::new(),
        }
    }

    fn fuzzy_score(&mut self, text: &str) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.letters);
        self.fuzzy.score(text, &mut self.matcher)
    }

    fn word_score(&mut self, text: &str) -> Option<u32> {
        let text = Utf32Str::new(text, &mut self.letters);
        self.words.score(text, &mut self.matcher)
    }

    fn add(&mut self, score: u32, found: Found) {
        self.found.push((score, found));
    }

    /// The best ones first; equals stay in their order.
    fn places(mut self, document: Option<&Document>) -> Vec<Place> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.truncate(PLACES_MAX);
        let places = found.into_iter().filter_map(|(_, found)| match found {
            Found::Document(document, title) => Some(Place {
                matches: self.matches(&title, true),
                document,
                line: None,
                kind: String::new(),
                text: title,
            }),
            Found::Line(line, heading) => {
                let document = document?;
                let text = document.text(line).unwrap_or_default();
                let matches = self.matches(&text, heading);
                Some(place(document, line, matches))
            }
        });
        places.collect()
    }

    /// Where the text matches, in scalar values. Nothing where a letter is made of several: the
    /// matcher counts such a letter as one.
    fn matches(&mut self, text: &str, fuzzy: bool) -> Vec<(u32, u32)> {
        let letters = Utf32Str::new(text, &mut self.letters);
        if letters.len() != text.chars().count() {
            return Vec::new();
        }
        let pattern = if fuzzy { &self.fuzzy } else { &self.words };
        let mut places = Vec::new();
        pattern.indices(letters, &mut self.matcher, &mut places);
        places.sort_unstable();
        places.dedup();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for at in places {
            match ranges.last_mut() {
                Some((_, end)) if *end == at => *end += 1,
                _ => ranges.push((at, at + 1)),
            }
        }
        ranges
    }
}
