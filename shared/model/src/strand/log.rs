//! What was done to a strand, in the order of arrival, run-length encoded; and where in it the
//! merging of something late may start. Knows nothing of the text.

use crate::chars::char_count;
use crate::index::EventIndex;
use crate::strand::graph::EventGraph;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Characters, each behind the one before.
    Insert,
    /// One marker; `content` is its line.
    Marker,
    /// Characters, from the first to the last.
    Delete,
    /// Characters, from the last to the first.
    Backspace,
    /// The end of the deletions that the event `content` made.
    Undelete,
}

/// Edits that one replica made in a row. Positions are those of its author's version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// The first event.
    pub event: EventIndex,
    /// Where the first element came or went.
    pub at: u32,
    pub len: u32,
    pub content: u32,
    pub kind: Kind,
    /// One event each, with consecutive numbers; otherwise all are of one event.
    pub is_each: bool,
}

impl Run {
    pub fn insertion(event: EventIndex, at: u32, text: &str) -> Self {
        Self {
            event,
            at,
            len: char_count(text),
            content: 0,
            kind: Kind::Insert,
            is_each: false,
        }
    }

    pub fn deletion(event: EventIndex, at: u32, len: u32) -> Self {
        Self {
            event,
            at,
            len,
            content: 0,
            kind: Kind::Delete,
            is_each: false,
        }
    }

    /// The event that the element number `offset` came or went by.
    pub fn event_at(&self, offset: u32) -> EventIndex {
        EventIndex(self.event.0 + if self.is_each { offset } else { 0 })
    }

    pub fn last_event(&self) -> EventIndex {
        self.event_at(self.len - 1)
    }

    /// Goes on with `next`, if that is more of the same.
    fn extend(&mut self, graph: &impl EventGraph, next: &Run) -> bool {
        let last = self.last_event();
        let is_each = if next.event == last && !self.is_each && !next.is_each {
            false
        } else if (self.is_each || self.len == 1)
            && (next.is_each || next.len == 1)
            && last.0 + 1 == next.event.0
        {
            true
        } else {
            return false;
        };
        let is_single = self.len == 1;
        let kind = match (self.kind, next.kind) {
            (Kind::Insert, Kind::Insert) if next.at == self.at + self.len => Kind::Insert,
            (Kind::Delete, Kind::Delete) if next.at == self.at => Kind::Delete,
            (kind, more)
                if next.at + self.len == self.at
                    && (kind == Kind::Backspace || kind == Kind::Delete && is_single)
                    && (more == Kind::Backspace || more == Kind::Delete && next.len == 1) =>
            {
                Kind::Backspace
            }
            _ => return false,
        };
        if is_each && !graph.follows(last, next.event) {
            return false;
        }
        self.kind = kind;
        self.is_each = is_each;
        self.len += next.len;
        true
    }
}

/// Part of a run, by the numbers of its elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunPart {
    pub run: usize,
    pub from: u32,
    pub to: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    runs: Vec<Run>,
    /// First and last of the runs that saw everything before them and were seen by everything after
    /// them: what was there behind such a run is known to everybody who edits later.
    trunk: Vec<(u32, u32)>,
}

impl Log {
    pub fn from_parts(runs: Vec<Run>, trunk: Vec<(u32, u32)>) -> Self {
        Self { runs, trunk }
    }

    pub fn trunk(&self) -> &[(u32, u32)] {
        &self.trunk
    }

    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub fn run(&self, run: usize) -> &Run {
        &self.runs[run]
    }

    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Adds what an event did, which saw everything before it or did not. Gives the number of the
    /// run, and whether that is new.
    pub fn push(&mut self, graph: &impl EventGraph, new: Run, is_current: bool) -> (usize, bool) {
        if let Some(last) = self.runs.last_mut()
            && last.extend(graph, &new)
        {
            return (self.runs.len() - 1, false);
        }
        let run = self.runs.len();
        self.runs.push(new);
        if is_current {
            match self.trunk.last_mut() {
                Some((_, last)) if *last as usize + 1 == run => *last += 1,
                _ => self.trunk.push((run as u32, run as u32)),
            }
        }
        (run, true)
    }

    /// Takes from the trunk what `event` did not see.
    pub fn cut_unseen(&mut self, graph: &impl EventGraph, event: EventIndex) {
        while let Some(last) = self.base().checked_sub(1)
            && !graph.saw(event, self.runs[last].last_event())
        {
            self.cut_last();
        }
    }

    /// Takes from the trunk the runs from number `run` on.
    pub fn cut_from(&mut self, run: usize) {
        while self.base() > run {
            self.cut_last();
        }
    }

    fn cut_last(&mut self) {
        if let Some((first, last)) = self.trunk.last_mut() {
            if first == last {
                self.trunk.pop();
            } else {
                *last -= 1;
            }
        }
    }

    /// The first run that is not known to all who may edit from now on.
    pub fn base(&self) -> usize {
        self.trunk.last().map_or(0, |&(_, last)| last as usize + 1)
    }

    /// The last place to start from so that nothing of `event` is left out.
    pub fn base_before(&self, event: EventIndex) -> usize {
        let first = self.first_of(event);
        let mut ranges = self.trunk.iter().rev();
        let before = ranges.find(|&&(from, _)| (from as usize) < first);
        before.map_or(0, |&(_, to)| first.min(to as usize + 1))
    }

    /// The first run that `event`, or a later one, is part of.
    pub fn first_of(&self, event: EventIndex) -> usize {
        self.runs.partition_point(|run| run.last_event() < event)
    }
}
