//! Finding in all rows of a panel, some rows at a time so that nobody else waits; replacing.

use regex::{Regex, RegexBuilder};
use tideline_model::Intent;

use super::Dispatcher;
use crate::input::ConnectionId;
use crate::protocol::{FindQuery, Message, TextMatch};

/// So many rows are looked at before the next command has its turn.
const ROWS_AT_ONCE: usize = 4_000;

/// Where to look: so far in the row with so many above it, in which direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub ordinal: u32,
    pub offset: u32,
    pub backwards: bool,
}

impl Dispatcher {
    pub(super) fn find(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        query_id: u32,
        query: &FindQuery,
        start: Start,
    ) {
        let Some((open, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let pattern = pattern(query);
        let total = shown.extent().total;
        let here = start.ordinal as usize;
        let (first, end) = if start.backwards {
            (
                (here + 1).saturating_sub(ROWS_AT_ONCE),
                (here + 1).min(total),
            )
        } else {
            (here, (here + ROWS_AT_ONCE).min(total))
        };
        let lines = shown.lines(&open.document, first, end.saturating_sub(first));
        let rows = (first..).zip(lines);
        let found_in = |(ordinal, line): (usize, _)| {
            let text = open.document.text(line)?;
            let mut found = matches(pattern.as_ref()?, &text);
            if ordinal == here && start.backwards {
                found.retain(|(at, length)| at + length <= start.offset);
            } else if ordinal == here {
                found.retain(|(at, _)| *at >= start.offset);
            }
            let one = if start.backwards {
                found.pop()
            } else {
                found.into_iter().next()
            };
            let (offset, length) = one?;
            let line = line.to_string();
            Some(TextMatch {
                line,
                offset,
                length,
            })
        };
        let found = if start.backwards {
            let rows: Vec<_> = rows.collect();
            rows.into_iter().rev().find_map(found_in)
        } else {
            rows.into_iter().find_map(found_in)
        };
        let next = match (&found, start.backwards) {
            (Some(_), _) => None,
            (None, true) => first.checked_sub(1),
            (None, false) => Some(end).filter(|end| *end < total),
        };
        let next = next.map(|next| next as u32);
        let message = Message::Found {
            panel,
            query_id,
            found,
            next,
        };
        self.tell(connection, message);
    }

    pub(super) fn count_matches(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        query_id: u32,
        query: &FindQuery,
        ordinal: u32,
    ) {
        let Some((open, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let pattern = pattern(query);
        let first = ordinal as usize;
        let lines = shown.lines(&open.document, first, ROWS_AT_ONCE);
        let end = first + lines.len();
        let next = Some(end).filter(|end| *end < shown.extent().total && pattern.is_some());
        let counted = (ordinal..).zip(lines).filter_map(|(ordinal, line)| {
            let found = matches(pattern.as_ref()?, &open.document.text(line)?);
            let places: Vec<u32> = found.into_iter().map(|(at, _)| at).collect();
            (!places.is_empty()).then_some((ordinal, places))
        });
        let rows = counted.collect();
        let next = next.map(|next| next as u32);
        let message = Message::Matches {
            panel,
            query_id,
            rows,
            next,
        };
        self.tell(connection, message);
    }

    pub(super) fn replace_matches(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        serial: u32,
        query: &FindQuery,
        replacement: &str,
    ) {
        if self.is_taken(connection, panel, serial) {
            return;
        }
        let Some((open, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let mut intents = Vec::new();
        if let Some(pattern) = pattern(query) {
            for line in shown.lines(&open.document, 0, shown.extent().total) {
                let text = open.document.text(line).unwrap_or_default();
                let edit = |(at, delete, insert)| Intent::EditText {
                    line,
                    at,
                    delete,
                    insert,
                };
                let all = replacements(&pattern, &text, replacement, query.regexp);
                // The last first, so that the offsets of the others stay what they were.
                intents.extend(all.into_iter().rev().map(edit));
            }
        }
        self.carry_out_all(connection, panel, serial, intents);
    }
}

/// `None` for a text that is no expression, and for one that is empty.
fn pattern(query: &FindQuery) -> Option<Regex> {
    if query.text.is_empty() {
        return None;
    }
    let mut pattern = query.text.clone();
    if !query.regexp {
        pattern = regex::escape(&pattern);
    }
    if query.whole_word {
        pattern = format!(r"\b(?:{pattern})\b");
    }
    let mut builder = RegexBuilder::new(&pattern);
    builder.case_insensitive(!query.case_sensitive).build().ok()
}

/// Where matches that are not empty begin, and how long they are, in Unicode scalar values.
fn matches(pattern: &Regex, text: &str) -> Vec<(u32, u32)> {
    let found = pattern.find_iter(text).filter(|found| !found.is_empty());
    found
        .map(|found| {
            let at = text[..found.start()].chars().count() as u32;
            (at, found.as_str().chars().count() as u32)
        })
        .collect()
}

/// What is replaced: from where, how much, by what.
fn replacements(
    pattern: &Regex,
    text: &str,
    replacement: &str,
    expands: bool,
) -> Vec<(u32, u32, String)> {
    let found = pattern.captures_iter(text).filter_map(|captures| {
        let whole = captures.get(0).filter(|whole| !whole.is_empty())?;
        let mut insert = String::new();
        if expands {
            captures.expand(replacement, &mut insert);
        } else {
            replacement.clone_into(&mut insert);
        }
        let at = text[..whole.start()].chars().count() as u32;
        let insert = crate::translate::one_line(insert);
        Some((at, whole.as_str().chars().count() as u32, insert))
    });
    found.collect()
}
