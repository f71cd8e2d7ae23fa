//! Which events touched which lines, in the order of arrival: what a new deletion must look at is
//! what was touched since its author last heard. Knows nothing of what the touches were.

use crate::index::{EventIndex, LineIndex};

#[derive(Debug, Clone, Default)]
pub(crate) struct Touches {
    /// Events that touched the same line one after the other share the entry of the first.
    entries: Vec<(EventIndex, LineIndex)>,
}

impl Touches {
    pub fn note(&mut self, event: EventIndex, line: LineIndex) {
        if self.entries.last().is_none_or(|&(_, last)| last != line) {
            self.entries.push((event, line));
        }
    }

    /// The lines that `event` and those that arrived after it touched, perhaps one more.
    pub fn since(&self, event: EventIndex) -> impl ExactSizeIterator<Item = LineIndex> {
        let first = self.entries.partition_point(|&(other, _)| other < event);
        let entries = &self.entries[first.saturating_sub(1)..];
        entries.iter().map(|&(_, line)| line)
    }
}
