//! What is displayed: which lines, in which order, made of which parts. Kept up to date line by
//! line: lines that got another place are hung there, deletions are judged where they may have come
//! to count, and the numbers of displayed lines are carried upwards. Holds no text.

mod count;
mod hang;
mod hung;
mod judge;
mod news;
mod read;
mod saved;
mod seal;
mod suppose;

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::display::hung::Hung;
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

/// What is known of each line, displayed or not. Of a stale line (`seal.rs`) only where it hangs
/// counts: it is hidden.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// The line that it hangs from.
    above: LineIndex,
    /// The displayed line that this one is a part of; itself if it is no part of another.
    head: LineIndex,
    /// Displayed lines from this one down, as counted for its slot; 0: it is not displayed.
    rows: u32,
    /// When it was last known that seals above do not concern it or what hangs from it.
    pin: u32,
    /// When all that hung from it was hidden.
    seal: u32,
    is_alive: bool,
    is_covered: bool,
    /// Nothing is counted in the slots of its children: they hold what was before a seal.
    is_shut: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Display {
    shown: Vec<Shown>,
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
        let root = Shown::new(LineIndex::ROOT, 0);
        Self {
            shown: vec![root],
            hung: Hung::default(),
            parts: HashMap::default(),
            clock: 0,
            skipped: BTreeSet::new(),
        }
    }

    fn get(&self, line: LineIndex) -> &Shown {
        &self.shown[line.at()]
    }

    fn get_mut(&mut self, line: LineIndex) -> &mut Shown {
        &mut self.shown[line.at()]
    }

    pub fn knows(&self, line: LineIndex) -> bool {
        line.at() < self.shown.len()
    }

    pub fn head(&self, line: LineIndex) -> LineIndex {
        self.get(line).head
    }

    /// Whether the line is displayed, as a line of its own.
    pub fn is_displayed(&self, line: LineIndex) -> bool {
        self.knows(line) && self.get(line).rows > 0 && self.is_fresh(line)
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
        for part in self.part_lines(line) {
            let line = state.line(part);
            if state.strands.is_untouched(line.strand) {
                state.strands.push_untouched_text(line.strand, &mut text);
            } else {
                let strand = state.strands.get(line.strand);
                strand.push_slice_text(line.marker, &mut text);
            }
        }
        text
    }
}

impl Shown {
    fn new(line: LineIndex, pin: u32) -> Self {
        Self {
            above: LineIndex::ROOT,
            head: line,
            rows: 0,
            pin,
            seal: 0,
            is_alive: true,
            is_covered: false,
            is_shut: false,
        }
    }
}
