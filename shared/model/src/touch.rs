//! Which events touched which lines, in the order of arrival: what a new deletion must look at is
//! what was touched since its author last heard. Knows nothing of what the touches were.

use crate::index::{EventIndex, LineIndex};

use std::iter::FusedIterator;

/// Lines, one after the other, that one event touched one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub event: EventIndex,
    pub first: LineIndex,
    pub len: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Touches {
    /// Events that touched the same line one after the other share the entry of the first.
    runs: Vec<Run>,
}

impl Touches {
    pub fn note(&mut self, event: EventIndex, line: LineIndex) {
        if let Some(run) = self.runs.last_mut() {
            if run.first.0 + run.len - 1 == line.0 {
                return;
            }
            if run.event == event && run.first.0 + run.len == line.0 {
                run.len += 1;
                return;
            }
        }
        let (first, len) = (line, 1);
        self.runs.push(Run { event, first, len });
    }

    /// The lines that `event` and those that arrived after it touched, perhaps some more.
    pub fn since(&self, event: EventIndex) -> Since<'_> {
        let first = self.runs.partition_point(|run| run.event < event);
        let runs = &self.runs[first.saturating_sub(1)..];
        let len = runs.iter().map(|run| run.len as usize).sum();
        Since { runs, done: 0, len }
    }

    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub fn from_runs(runs: Vec<Run>) -> Self {
        Self { runs }
    }
}

/// Touched lines, in order.
#[derive(Debug, Clone)]
pub(crate) struct Since<'a> {
    runs: &'a [Run],
    /// Of the first run.
    done: u32,
    len: usize,
}

impl Iterator for Since<'_> {
    type Item = LineIndex;

    fn next(&mut self) -> Option<LineIndex> {
        let (run, rest) = self.runs.split_first()?;
        let line = LineIndex(run.first.0 + self.done);
        self.done += 1;
        if self.done == run.len {
            (self.runs, self.done) = (rest, 0);
        }
        self.len -= 1;
        Some(line)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl ExactSizeIterator for Since<'_> {}
impl FusedIterator for Since<'_> {}
