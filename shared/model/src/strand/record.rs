//! What is remembered of each slice of a strand, so that nobody has to look through its history: the
//! latest edit, and the edits that are touches. Knows nothing of positions.

use foldhash::HashMap;

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
        let is_latest =
            |latest| graph.follows(latest, event) || graph.compare(event, latest).is_gt();
        if self.latest.is_none_or(is_latest) {
            self.latest = Some(event);
        }
    }

    /// Notes a touch by somebody who had seen everything here.
    pub fn touch_last(&mut self, event: EventIndex) {
        self.latest = Some(event);
        self.touches.clear();
        self.touches.push(event);
    }

    pub fn touch(&mut self, graph: &impl EventGraph, event: EventIndex) {
        self.note(graph, event);
        add_head(graph, &mut self.touches, event);
    }
}

/// Adds an event to those that none of the others had seen.
pub(super) fn add_head(graph: &impl EventGraph, heads: &mut Vec<EventIndex>, event: EventIndex) {
    // What one had not seen, the next has not either.
    if let Some(head) = heads.iter_mut().find(|head| graph.follows(**head, event)) {
        *head = event;
        return;
    }
    // Nobody saw what arrived later.
    let mut later = heads.iter().filter(|&&head| head >= event);
    if later.any(|&head| graph.saw(head, event)) {
        return;
    }
    heads.retain(|&head| !graph.saw(event, head));
    heads.push(event);
}

/// By line. Slices in which nothing happened since the strand was created have empty ones.
#[derive(Debug, Clone)]
pub(super) struct Records {
    first: (LineIndex, Record),
    others: HashMap<LineIndex, Record>,
}

impl Records {
    pub fn new(first: LineIndex) -> Self {
        Self {
            first: (first, Record::default()),
            others: HashMap::default(),
        }
    }

    pub fn get(&self, line: LineIndex) -> Option<&Record> {
        if line == self.first.0 {
            return Some(&self.first.1);
        }
        self.others.get(&line)
    }

    pub fn of(&mut self, line: LineIndex) -> &mut Record {
        if line == self.first.0 {
            return &mut self.first.1;
        }
        self.others.entry(line).or_default()
    }

    /// The first slice is the first.
    pub fn iter(&self) -> impl Iterator<Item = (LineIndex, &Record)> {
        let others = self.others.iter().map(|(&line, record)| (line, record));
        std::iter::once((self.first.0, &self.first.1)).chain(others)
    }

    /// A split, by somebody who had seen all of the strand, that makes two slices of one.
    pub fn cut(&mut self, lines: [LineIndex; 2], event: EventIndex) {
        for line in lines {
            self.of(line).touch_last(event);
        }
    }

    /// From all that was ever in the strand.
    pub fn from_spans(
        graph: &impl EventGraph,
        first: LineIndex,
        spans: &[Span],
        undone: &[(EventIndex, EventIndex)],
    ) -> Self {
        let mut records = Self::new(first);
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
