//! A strand as it was, from the present backwards. What authors wrote who had seen everything is taken
//! back run by run, as the log has it; a stretch of the log in which somebody had not, all at once.
//! Knows nothing of lines.

use crate::index::{EventIndex, LineIndex};
use crate::strand::Strand;
use crate::strand::graph::EventGraph;
use crate::strand::log::{Kind, Log, Run};
use crate::strand::past::Past;
use crate::strand::stretch::Stretch;
use crate::strand::text::Text;

/// Runs of the log, from one up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub from: usize,
    pub to: usize,
    /// The author of each run had seen all before it.
    pub is_plain: bool,
}

impl Segment {
    /// All runs, in order.
    pub fn of(log: &Log) -> Vec<Self> {
        let mut segments = Vec::new();
        let mut from = 0;
        for &(first, last) in log.trunk() {
            let (first, to) = (first as usize, last as usize + 1);
            // What the end of a deletion brings back, only a tracker knows.
            let ends_deletion = log.run(first).kind == Kind::Undelete;
            let start = first + usize::from(ends_deletion);
            segments.extend([(from, start, false), (start, to, true)]);
            from = to;
        }
        segments.push((from, log.len(), false));
        segments.retain(|(from, to, _)| from < to);
        let segments = segments.into_iter();
        let segment = |(from, to, is_plain)| Self { from, to, is_plain };
        segments.map(segment).collect()
    }
}

/// How much of the log counts: so many runs, and so many elements of the next.
pub(super) type Point = (usize, u32);

/// A text on its way back.
#[derive(Debug, Clone)]
pub(crate) struct Rewind {
    segments: Vec<Segment>,
    text: Text,
    reached: Point,
    /// The characters that were removed until then, and their bytes.
    removed: (u32, usize),
    /// The stretch at the end of which the text stands, once it was asked for.
    stretch: Option<Stretch>,
}

impl Rewind {
    /// At the present.
    pub fn new(strand: &Strand) -> Self {
        let past = strand.past.as_deref();
        Self {
            segments: past.map_or_else(Vec::new, |past| Segment::of(&past.log)),
            text: strand.text.clone(),
            reached: (past.map_or(0, |past| past.log.len()), 0),
            removed: past.map_or((0, 0), |past| (past.removed_chars, past.removed.len())),
            stretch: None,
        }
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The text of a slice when all events up to `event` were worked in, in the total order: one of
    /// the strand, or the one that made it.
    pub fn slice_at(
        &mut self,
        graph: &impl EventGraph,
        strand: &Strand,
        event: EventIndex,
        marker: Option<LineIndex>,
    ) -> String {
        let Some(past) = &strand.past else {
            return self.text.slice_text(marker);
        };
        let runs = past.log.runs().partition_point(|run| run.event <= event);
        let Some(last) = runs.checked_sub(1) else {
            self.go_to(graph, strand, (0, 0));
            return self.text.slice_text(marker);
        };
        let within = |it: &&Segment| !it.is_plain && (it.from..it.to).contains(&last);
        if let Some(&segment) = self.segments.iter().find(within) {
            self.go_to(graph, strand, (segment.to, 0));
            let stretch = self.stretch(graph, past, segment);
            return stretch.text_at(past, event).slice_text(marker);
        }
        let run = past.log.run(last);
        let len = event.0 - run.event.0 + 1;
        let is_whole = !run.is_each || len >= run.len;
        let point = if is_whole { (runs, 0) } else { (last, len) };
        self.go_to(graph, strand, point);
        self.text.slice_text(marker)
    }

    /// The stretch of a segment, at the end of which the text stands.
    pub(super) fn stretch(
        &mut self,
        graph: &impl EventGraph,
        past: &Past,
        segment: Segment,
    ) -> &Stretch {
        let Self { text, removed, .. } = self;
        self.stretch
            .get_or_insert_with(|| Stretch::new(graph, past, segment, text, removed.0))
    }

    /// The text at a point that is not in the midst of a stretch.
    pub(super) fn go_to(
        &mut self,
        graph: &impl EventGraph,
        strand: &Strand,
        point: Point,
    ) -> &Text {
        if self.reached < point {
            *self = Self::new(strand);
        }
        while self.reached > point
            && let Some(past) = &strand.past
        {
            let (runs, len) = self.reached;
            let last = if len > 0 { runs } else { runs - 1 };
            let behind = self.segments.partition_point(|it| it.from <= last);
            let segment = self.segments[behind - 1];
            if segment.is_plain {
                self.take_back(past, point.max((segment.from, 0)));
            } else {
                self.stretch(graph, past, segment);
                self.leave_stretch(past, segment);
            }
        }
        &self.text
    }

    fn leave_stretch(&mut self, past: &Past, segment: Segment) {
        if let Some(stretch) = self.stretch.take() {
            self.text = stretch.start(past);
            self.forget_removed(past, stretch.removed());
        }
        self.reached = (segment.from, 0);
    }

    fn take_back(&mut self, past: &Past, point: Point) {
        self.stretch = None;
        while self.reached > point {
            let (runs, len) = self.reached;
            let last = if len > 0 { runs } else { runs - 1 };
            let run = past.log.run(last);
            let to = if len > 0 { len } else { run.len };
            let from = if last == point.0 { point.1 } else { 0 };
            self.take_back_part(past, run, from, to);
            self.reached = (last, from);
        }
    }

    /// Takes back elements of a run, up to the last that is in the text.
    fn take_back_part(&mut self, past: &Past, run: &Run, from: u32, to: u32) {
        let len = to - from;
        match run.kind {
            Kind::Insert => self.text.remove(run.at + from, len, |_| {}),
            Kind::Marker => self.text.remove_marker(run.at),
            Kind::Delete => {
                let removed = self.forget_removed(past, len);
                self.text.insert(run.at, removed, len);
            }
            Kind::Backspace => {
                let removed = self.forget_removed(past, len).chars().rev();
                let removed: String = removed.collect();
                self.text.insert(run.at + 1 - to, &removed, len);
            }
            // Of a deletion that had found nothing but markers.
            Kind::Undelete => {}
        }
    }

    /// The last of the characters that were removed.
    fn forget_removed<'p>(&mut self, past: &'p Past, count: u32) -> &'p str {
        let (chars, bytes) = self.removed;
        let text = &past.removed[..bytes];
        let start = if text.len() == chars as usize {
            bytes - count as usize
        } else {
            let places = text.char_indices().rev().map(|(place, _)| place);
            places.take(count as usize).last().unwrap_or(bytes)
        };
        self.removed = (chars - count, start);
        &text[start..]
    }
}
