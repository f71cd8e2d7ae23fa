//! What is displayed: which lines, in which order, made of which parts. Kept up to date line by
//! line: lines that got another place are hung there, deletions are judged where they may have come
//! to count, and the numbers of displayed lines are carried upwards. Holds no text.

mod build;
mod count;
mod hang;
mod hung;
mod judge;
mod news;
mod read;
mod saved;
mod seal;
mod shown;
mod suppose;

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::display::hung::Hung;
use crate::display::shown::{Shown, ShownLines};
use crate::index::LineIndex;
use crate::state::State;

pub(crate) use judge::Suspects;
pub(crate) use news::News;

/// A line that belongs to a displayed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub line: LineIndex,
    /// Visible characters of its slice.
    pub chars: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Display {
    shown: ShownLines,
    hung: Hung,
    /// Of lines that are no part of another and have more than one.
    parts: HashMap<LineIndex, Vec<LineIndex>>,
    /// The number of the latest seal.
    clock: u32,
    /// Lines whose latest change of place was skipped, or that could not be split off.
    pub skipped: BTreeSet<LineIndex>,
}

impl Display {
    pub fn empty() -> Self {
        let mut shown = ShownLines::default();
        shown.push(Shown::new(LineIndex::ROOT, 0));
        Self {
            shown,
            hung: Hung::default(),
            parts: HashMap::default(),
            clock: 0,
            skipped: BTreeSet::new(),
        }
    }

    fn get(&self, line: LineIndex) -> Shown {
        self.shown.get(line)
    }

    fn change<T>(&mut self, line: LineIndex, change: impl FnOnce(&mut Shown) -> T) -> T {
        self.shown.change(line, change)
    }

    pub fn knows(&self, line: LineIndex) -> bool {
        line.at() < self.shown.len()
    }

    pub fn head(&self, line: LineIndex) -> LineIndex {
        self.shown.head(line)
    }

    /// Whether the line is displayed, as a line of its own.
    pub fn is_displayed(&self, line: LineIndex) -> bool {
        self.knows(line) && self.shown.rows(line) > 0 && self.is_fresh(line)
    }

    /// Of a part of a displayed line: whether it is one of those that make it displayed.
    pub fn is_alive(&self, part: LineIndex) -> bool {
        self.get(part).is_alive
    }

    /// The displayed line, or root, above the displayed line of `line`; hidden ones too.
    pub fn parent(&self, line: LineIndex) -> LineIndex {
        let above = self.get(self.head(line)).above;
        self.head(above)
    }

    /// The parts of a line that is no part of another, in order; hidden ones too.
    pub fn parts(&self, state: &State, line: LineIndex) -> Vec<Part> {
        let part = |line: LineIndex| Part {
            line,
            chars: state.slice_chars(line),
        };
        self.part_lines(line).map(part).collect()
    }

    /// Whether a displayed line is made of nothing but itself.
    pub fn is_one_part(&self, line: LineIndex) -> bool {
        self.parts.is_empty() || !self.parts.contains_key(&line)
    }

    pub fn part_lines(&self, line: LineIndex) -> impl DoubleEndedIterator<Item = LineIndex> {
        let parts = self.parts.get(&line).map_or(&[][..], Vec::as_slice);
        let single = parts.is_empty().then_some(line);
        single.into_iter().chain(parts.iter().copied())
    }

    pub fn text_of(&self, state: &State, line: LineIndex) -> String {
        let mut text = String::new();
        self.push_text(state, line, &mut text);
        text
    }

    /// Adds the text of a line.
    pub fn push_text(&self, state: &State, line: LineIndex, text: &mut String) {
        for part in self.part_lines(line) {
            let line = state.line(part);
            if state.strands.is_untouched(line.strand) {
                state.strands.push_untouched_text(line.strand, text);
            } else {
                let strand = state.strands.get(line.strand);
                strand.push_slice_text(line.marker, text);
            }
        }
    }
}
