//! What is displayed: which lines, in which order, made of which parts, with which text. Worked out
//! from the state as a whole when lines changed places, kept up to date when only text changed.

mod layout;

use std::collections::HashMap;

use crate::cover::{Counted, CoverIndex, Covers};
use crate::display::layout::{Occupants, attached};
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex};
use crate::state::State;

/// A line that belongs to a displayed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub line: LineIndex,
    /// Visible characters of its slice.
    pub chars: u32,
}

/// What is known of each line, displayed or not.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// The displayed line that this one is a part of; itself if it is no part of another.
    head: LineIndex,
    /// The line that it hangs from.
    above: LineIndex,
    cover: CoverIndex,
    is_alive: bool,
    /// Of a displayed line: whether any part is alive or any child is visible.
    is_visible: bool,
    /// Whether it leaves; of a supposed display only.
    is_gone: bool,
    /// Its children, hidden ones too, in `Display::order`.
    below: (u32, u32),
    /// Its displayed children, in `Display::children`.
    children: (u32, u32),
}

#[derive(Debug, Clone)]
pub(crate) struct Display {
    shown: Vec<Shown>,
    /// Every line, behind the one that it hangs from.
    order: Vec<LineIndex>,
    /// The displayed children of every displayed line.
    children: Vec<LineIndex>,
    child_ids: Vec<LineId>,
    /// Of displayed lines that have more than one.
    parts: HashMap<LineIndex, Vec<Part>>,
    covers: Covers,
    /// Lines whose latest change of place was skipped.
    pub skipped: Vec<LineIndex>,
    /// Of every displayed line.
    pub texts: Vec<String>,
    pub count: usize,
}

const UNSET: Shown = Shown {
    head: LineIndex::ROOT,
    above: LineIndex::ROOT,
    cover: 0,
    is_alive: false,
    is_visible: false,
    is_gone: false,
    below: (0, 0),
    children: (0, 0),
};

impl Display {
    pub fn empty() -> Self {
        Self {
            shown: vec![UNSET],
            order: vec![LineIndex::ROOT],
            children: Vec::new(),
            child_ids: Vec::new(),
            parts: HashMap::new(),
            covers: Covers::new(Counted::All),
            skipped: Vec::new(),
            texts: vec![String::new()],
            count: 0,
        }
    }

    /// Works everything out but the texts.
    pub fn of(state: &State) -> Self {
        Self::with(state, Covers::new(Counted::All))
    }

    /// What would be displayed, with every line where it is now but for those that leave, had `event`
    /// and what its author did since neither deleted nor restored nor touched anything.
    pub fn without(state: &State, event: EventIndex, leaving: &[LineIndex]) -> Self {
        let mut display = Self::with(state, Covers::new(Counted::Before(event)));
        for place in 1..display.order.len() {
            let line = display.order[place];
            let above = display.get(line).above;
            let is_gone = leaving.contains(&line) || display.get(above).is_gone;
            display.shown[line.at()].is_gone = is_gone;
            display.shown[line.at()].is_visible = false;
        }
        display.show();
        display
    }

    fn with(state: &State, covers: Covers) -> Self {
        let mut display = Self {
            covers,
            shown: vec![UNSET; state.lines.len()],
            order: Vec::with_capacity(state.lines.len()),
            ..Self::empty()
        };
        let inline = attached(state);
        let occupants = Occupants::of(state);
        display.hang(state, &inline, &occupants);
        display.show();
        display.collect_parts(state, &inline);
        display.collect_children(state);
        display
    }

    fn get(&self, line: LineIndex) -> &Shown {
        &self.shown[line.at()]
    }

    pub fn knows(&self, line: LineIndex) -> bool {
        line.at() < self.shown.len()
    }

    pub fn head(&self, line: LineIndex) -> LineIndex {
        self.get(line).head
    }

    /// Whether the line is displayed, as a line of its own.
    pub fn is_displayed(&self, line: LineIndex) -> bool {
        line != LineIndex::ROOT
            && self.knows(line)
            && self.get(line).is_visible
            && self.get(line).head == line
    }

    /// Whether the line, or one that it hangs from, leaves.
    pub fn is_gone(&self, line: LineIndex) -> bool {
        self.get(line).is_gone
    }

    pub fn is_alive(&self, line: LineIndex) -> bool {
        self.get(line).is_alive
    }

    pub fn cover(&self, line: LineIndex) -> &crate::cover::Cover {
        self.covers.get(self.get(line).cover)
    }

    pub fn is_covered(&self, line: LineIndex) -> bool {
        self.get(line).cover != 0
    }

    /// The displayed line, or root, above the displayed line of `line`; hidden ones too.
    pub fn parent(&self, line: LineIndex) -> LineIndex {
        let above = self.get(self.head(line)).above;
        self.head(above)
    }

    pub fn children(&self, line: LineIndex) -> &[LineIndex] {
        let (from, to) = self.get(line).children;
        &self.children[from as usize..to as usize]
    }

    pub fn child_ids(&self, line: LineIndex) -> &[LineId] {
        let (from, to) = self.get(line).children;
        &self.child_ids[from as usize..to as usize]
    }

    /// The lines that hang from this very line as children, in order, hidden ones too.
    pub fn all_children(&self, line: LineIndex) -> &[LineIndex] {
        let (from, to) = self.get(line).below;
        &self.order[from as usize..to as usize]
    }

    /// The parts of a line that is no part of another, in order; hidden ones too.
    pub fn parts(&self, state: &State, line: LineIndex) -> Vec<Part> {
        match self.parts.get(&line) {
            Some(parts) => parts.clone(),
            None => vec![Part {
                line,
                chars: state.slice_chars(line),
            }],
        }
    }

    pub fn part_lines(&self, line: LineIndex) -> impl Iterator<Item = LineIndex> {
        let parts = self.parts.get(&line).map_or(&[][..], Vec::as_slice);
        let single = parts.is_empty().then_some(line);
        single.into_iter().chain(parts.iter().map(|part| part.line))
    }

    pub fn parts_mut(&mut self, line: LineIndex) -> Option<&mut Vec<Part>> {
        self.parts.get_mut(&line)
    }

    pub fn has_parts_as(&self, other: &Display, line: LineIndex) -> bool {
        let (own, other) = (self.parts.get(&line), other.parts.get(&line));
        own.is_none() == other.is_none()
            && own.zip(other).is_none_or(|(own, other)| {
                own.iter()
                    .map(|part| part.line)
                    .eq(other.iter().map(|part| part.line))
            })
    }

    /// Lines that have, or had, more than one part.
    pub fn with_parts(&self) -> impl Iterator<Item = LineIndex> {
        self.parts.keys().copied()
    }

    /// Whether the same lines are displayed in the same places.
    pub fn is_arranged_as(&self, other: &Display) -> bool {
        let same = |line: LineIndex| {
            let before = other.knows(line).then(|| other.children(line));
            self.children(line) == before.unwrap_or_default()
        };
        self.count == other.count && (0..self.shown.len()).map(LineIndex::new).all(same)
    }

    pub fn text_of(&self, state: &State, line: LineIndex) -> String {
        let mut text = String::new();
        for part in self.part_lines(line) {
            let marker = state.line(part).marker;
            state.strand_of(part).push_slice_text(marker, &mut text);
        }
        text
    }
}
