//! Where each line hangs: one register a line, written by splits, moves and joins in the total order
//! of events. A change that would make a line hang below itself is skipped (Kleppmann et al., "A
//! highly-available move operation for replicated trees", 2021). When older changes arrive, the log
//! is undone to the oldest of them and redone, as one batch.

use std::collections::HashMap;

use crate::index::{LineIndex, SlotIndex, StrandIndex};
use crate::state::{ChangeIndex, State};

/// The right end of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    Marker(LineIndex),
    End(StrandIndex),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Split off by an event that is not worked in yet.
    Nowhere,
    Child {
        parent: LineIndex,
        slot: SlotIndex,
    },
    /// A part of the line whose slice ends there.
    Inline(Bound),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub edge: Edge,
    /// The change that wrote it.
    pub by: ChangeIndex,
    /// The latest place among siblings that it had.
    pub former: Option<(LineIndex, SlotIndex)>,
}

impl Place {
    pub fn nowhere(by: ChangeIndex) -> Self {
        Self {
            edge: Edge::Nowhere,
            by,
            former: None,
        }
    }

    fn moved(self, edge: Edge, by: ChangeIndex) -> Self {
        let former = match edge {
            Edge::Child { parent, slot } => Some((parent, slot)),
            Edge::Nowhere | Edge::Inline(_) => self.former,
        };
        Self { edge, by, former }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct LogEntry {
    pub change: ChangeIndex,
    pub line: LineIndex,
    pub edge: Edge,
    /// The place before this change; `None`: it was skipped.
    pub prior: Option<Place>,
}

impl State {
    /// Works the waiting changes into the log. Gives the place that each line had before of which
    /// a change was undone, redone or new, also where it has the same one after.
    pub fn settle_places(&mut self) -> HashMap<LineIndex, Place> {
        let mut before = HashMap::new();
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by(|left, right| self.compare_changes(left.change, right.change));
        let Some(oldest) = waiting.first() else {
            return before;
        };
        let mut redone = Vec::new();
        while let Some(last) = self.log.last()
            && self.compare_changes(last.change, oldest.change).is_gt()
        {
            let line = last.line;
            before.entry(line).or_insert(self.place_of(line));
            redone.extend(self.undo_last());
        }
        for entry in &waiting {
            let place = self.place_of(entry.line);
            before.entry(entry.line).or_insert(place);
        }
        let mut redone = redone.into_iter().rev().peekable();
        for entry in waiting {
            while let Some(earlier) =
                redone.next_if(|other| self.compare_changes(other.change, entry.change).is_lt())
            {
                self.perform(earlier);
            }
            self.perform(entry);
        }
        for entry in redone {
            self.perform(entry);
        }
        before
    }

    fn undo_last(&mut self) -> Option<LogEntry> {
        let entry = self.log.pop()?;
        if let Some(prior) = entry.prior {
            self.put(entry.line, prior);
        }
        Some(entry)
    }

    fn perform(&mut self, mut entry: LogEntry) {
        let prior = self.place_of(entry.line);
        let place = prior.moved(entry.edge, entry.change);
        if prior.edge == Edge::Nowhere {
            // From here on the new line owns what is attached at the end of its slice.
            self.put(entry.line, place);
            if self.is_below_or_at(entry.line, self.above(entry.edge)) {
                let own_marker = Edge::Inline(Bound::Marker(entry.line));
                self.put(entry.line, prior.moved(own_marker, entry.change));
            }
            entry.prior = Some(prior);
        } else if self.is_below_or_at(entry.line, self.above(entry.edge)) {
            entry.prior = None;
        } else {
            self.put(entry.line, place);
            entry.prior = Some(prior);
        }
        self.log.push(entry);
    }

    /// The line that an edge hangs from.
    pub fn above(&self, edge: Edge) -> LineIndex {
        match edge {
            Edge::Child { parent, .. } => parent,
            Edge::Inline(bound) => self.host(bound),
            Edge::Nowhere => LineIndex::ROOT,
        }
    }

    /// The line that owns the marker directly before a boundary, of those worked in so far.
    pub fn host(&self, bound: Bound) -> LineIndex {
        let (strand, mut rank) = match bound {
            Bound::End(strand) => {
                if self.strands.is_untouched(strand) {
                    return self.strands.first_line(strand);
                }
                let strand = self.strands.get(strand);
                let markers = strand.marker_count();
                (strand, markers)
            }
            Bound::Marker(line) => {
                let strand = self.strand_of(line);
                let marker = self.line(line).marker.expect("a boundary has a marker");
                let rank = strand.rank(marker);
                (strand, rank)
            }
        };
        while let Some(before) = rank.checked_sub(1) {
            let line = strand.marker(before).expect("a marker that was counted");
            if self.place_of(line).edge != Edge::Nowhere {
                return line;
            }
            rank = before;
        }
        strand.first_line()
    }

    /// Whether `line` is `top` or hangs somewhere below it.
    pub fn is_below_or_at(&self, top: LineIndex, mut line: LineIndex) -> bool {
        loop {
            if line == top {
                return true;
            }
            if line == LineIndex::ROOT {
                return false;
            }
            line = self.above(self.place_of(line).edge);
        }
    }
}
