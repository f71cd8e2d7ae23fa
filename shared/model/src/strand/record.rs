//! What is remembered of each slice of a strand, so that nobody has to look through its history: the
//! latest edit, and the edits that are touches. Knows nothing of positions.

use std::collections::HashMap;

use crate::index::{EventIndex, LineIndex};
use crate::strand::graph::EventGraph;
use crate::strand::tracker::Span;

/// Of one slice, since the last split of it that saw all of the strand: that is later than all before
/// it, is a touch of both halves, and was seen by nobody who had not seen those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// The latest edit in the total order; deletions too.
    pub latest: Option<EventIndex>,
    /// Insertions, splits at either end and ends of deletions, but for those that others of these
    /// had seen.
    pub touches: Vec<EventIndex>,
}

impl Record {
    pub fn note(&mut self, graph: &impl EventGraph, event: EventIndex) {
        let is_latest = |latest| graph.compare(event, latest).is_gt();
        if self.latest.is_none_or(is_latest) {
            self.latest = Some(event);
        }
    }

    pub fn touch(&mut self, graph: &impl EventGraph, event: EventIndex) {
        self.note(graph, event);
        add_head(graph, &mut self.touches, event);
    }
}

/// Adds an event to those that none of the others had seen.
pub(super) fn add_head(graph: &impl EventGraph, heads: &mut Vec<EventIndex>, event: EventIndex) {
    if heads.iter().any(|&head| graph.saw(head, event)) {
        return;
    }
    heads.retain(|&head| !graph.saw(event, head));
    heads.push(event);
}

/// By line. Slices in which nothing happened since the strand was created have none.
#[derive(Debug, Clone, Default)]
pub(super) struct Records(HashMap<LineIndex, Record>);

impl Records {
    pub fn get(&self, line: LineIndex) -> Option<&Record> {
        self.0.get(&line)
    }

    pub fn of(&mut self, line: LineIndex) -> &mut Record {
        self.0.entry(line).or_default()
    }

    /// A split, by somebody who had seen all of the strand, that makes two slices of one.
    pub fn cut(&mut self, lines: [LineIndex; 2], event: EventIndex) {
        for line in lines {
            let record = self.of(line);
            record.latest = Some(event);
            record.touches.clear();
            record.touches.push(event);
        }
    }

    /// From all that was ever in the strand.
    pub fn from_spans(
        graph: &impl EventGraph,
        first: LineIndex,
        spans: &[Span],
        undone: &[(EventIndex, EventIndex)],
    ) -> Self {
        let mut records = Self::default();
        let mut line = first;
        for span in spans {
            if let (Some(marker), Some(event)) = (span.marker, span.event) {
                records.of(line).touch(graph, event);
                records.of(marker).touch(graph, event);
                line = marker;
                continue;
            }
            if let Some(event) = span.event {
                records.of(line).touch(graph, event);
            }
            for &deletion in &span.deletions {
                records.of(line).note(graph, deletion);
                for &(_, event) in undone.iter().filter(|(ended, _)| *ended == deletion) {
                    records.of(line).touch(graph, event);
                }
            }
        }
        records
    }
}
