//! What is known of each line, displayed or not: of all lines the little that differs from line to
//! line, of few the rest. Knows nothing of where lines hang.

use foldhash::HashMap;

use crate::bytes::with_room;
use crate::index::LineIndex;

/// What is known of a line. Of a stale line (`seal.rs`) only where it hangs counts: it is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// The line that it hangs from.
    pub above: LineIndex,
    /// The displayed line that this one is a part of; itself if it is no part of another.
    pub head: LineIndex,
    /// Displayed lines from this one down, as counted for its slot; 0: it is not displayed.
    pub rows: u32,
    /// When it was last known that seals above do not concern it or what hangs from it.
    pub pin: u32,
    /// When all that hung from it was hidden.
    pub seal: u32,
    pub is_alive: bool,
    pub is_covered: bool,
    /// Nothing is counted in the slots of its children: they hold what was before a seal.
    pub is_shut: bool,
}

impl Shown {
    pub fn new(line: LineIndex, pin: u32) -> Self {
        let common = Common {
            above: LineIndex::ROOT,
            rows: 0,
        };
        common.with(Rare::of(line, pin))
    }
}

#[derive(Debug, Clone, Copy)]
struct Common {
    above: LineIndex,
    rows: u32,
}

/// What is the same of most lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rare {
    head: LineIndex,
    pin: u32,
    seal: u32,
    is_alive: bool,
    is_covered: bool,
    is_shut: bool,
}

impl Rare {
    fn of(line: LineIndex, pin: u32) -> Self {
        Self {
            head: line,
            pin,
            seal: 0,
            is_alive: true,
            is_covered: false,
            is_shut: false,
        }
    }
}

impl Common {
    fn with(self, rare: Rare) -> Shown {
        Shown {
            above: self.above,
            head: rare.head,
            rows: self.rows,
            pin: rare.pin,
            seal: rare.seal,
            is_alive: rare.is_alive,
            is_covered: rare.is_covered,
            is_shut: rare.is_shut,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct ShownLines {
    common: Vec<Common>,
    /// The first of lines that were made with the same pin, and that.
    born: Vec<(LineIndex, u32)>,
    /// Of lines that differ from [`Rare::of`] as they were made.
    rare: HashMap<LineIndex, Rare>,
}

impl ShownLines {
    pub fn len(&self) -> usize {
        self.common.len()
    }

    pub fn with_capacity(lines: usize) -> Self {
        Self {
            common: Vec::with_capacity(lines),
            ..Self::default()
        }
    }

    pub fn reserve(&mut self, lines: usize) {
        self.common.reserve_exact(with_room(lines));
    }

    #[inline]
    pub fn get(&self, line: LineIndex) -> Shown {
        self.common[line.at()].with(self.rare(line))
    }

    /// Displayed lines from the line down, as counted for its slot.
    pub fn rows(&self, line: LineIndex) -> u32 {
        self.common[line.at()].rows
    }

    pub fn head(&self, line: LineIndex) -> LineIndex {
        self.rare(line).head
    }

    fn rare(&self, line: LineIndex) -> Rare {
        let rare = if self.rare.is_empty() {
            None
        } else {
            self.rare.get(&line).copied()
        };
        rare.unwrap_or_else(|| Rare::of(line, self.born_with(line)))
    }

    fn born_with(&self, line: LineIndex) -> u32 {
        match self.born.last() {
            Some(&(first, pin)) if first <= line => pin,
            _ => {
                let behind = self.born.partition_point(|&(first, _)| first <= line);
                behind.checked_sub(1).map_or(0, |run| self.born[run].1)
            }
        }
    }

    /// What is known of the next line.
    pub fn push(&mut self, shown: Shown) {
        let line = LineIndex::new(self.len());
        self.push_ordinary(shown.above, shown.rows, shown.pin);
        self.set(line, shown);
    }

    /// The next line, of which nothing else is special.
    pub fn push_ordinary(&mut self, above: LineIndex, rows: u32, pin: u32) {
        if self.born.last().is_none_or(|&(_, known)| known != pin) {
            self.born.push((LineIndex::new(self.len()), pin));
        }
        self.common.push(Common { above, rows });
    }

    /// Gives what `change` gives.
    pub fn change<T>(&mut self, line: LineIndex, change: impl FnOnce(&mut Shown) -> T) -> T {
        let mut shown = self.get(line);
        let changed = change(&mut shown);
        self.set(line, shown);
        changed
    }

    fn set(&mut self, line: LineIndex, shown: Shown) {
        self.common[line.at()] = Common {
            above: shown.above,
            rows: shown.rows,
        };
        let rare = Rare {
            head: shown.head,
            pin: shown.pin,
            seal: shown.seal,
            is_alive: shown.is_alive,
            is_covered: shown.is_covered,
            is_shut: shown.is_shut,
        };
        if rare != Rare::of(line, self.born_with(line)) {
            self.rare.insert(line, rare);
        } else if !self.rare.is_empty() {
            self.rare.remove(&line);
        }
    }
}
