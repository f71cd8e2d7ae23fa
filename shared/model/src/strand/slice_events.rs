//! Which events changed a slice of a strand: found from the present backwards, without a look at the
//! text wherever the log alone says where the slice was.

use crate::index::{EventIndex, LineIndex};
use crate::strand::Strand;
use crate::strand::graph::EventGraph;
use crate::strand::log::{Kind, Log};
use crate::strand::rewind::{Rewind, Segment};

/// What is asked, and the answer so far.
struct Search<'s, G> {
    graph: &'s G,
    strand: &'s Strand,
    log: &'s Log,
    marker: Option<LineIndex>,
    /// Where the slice begins, and where it ends.
    bounds: (u32, u32),
    /// The latest first.
    events: Vec<EventIndex>,
}

impl Rewind {
    /// The events that changed the slice, in the total order, since the one that began it; that one
    /// may be among them. From the present.
    pub fn events_of(
        &mut self,
        graph: &impl EventGraph,
        strand: &Strand,
        marker: Option<LineIndex>,
    ) -> Vec<EventIndex> {
        let Some(past) = &strand.past else {
            return Vec::new();
        };
        let mut search = Search {
            graph,
            strand,
            log: &past.log,
            marker,
            bounds: (0, 0),
            events: Vec::new(),
        };
        search.look(self, past.log.len());
        for segment in self.segments().to_vec().into_iter().rev() {
            let begins = if segment.is_plain {
                search.plain(self, segment)
            } else {
                self.go_to(graph, strand, (segment.to, 0));
                let (events, begins) = self.stretch(graph, past, segment).events_of(marker);
                search.events.extend(events.into_iter().rev());
                if !begins {
                    search.look(self, segment.from);
                }
                begins
            };
            if begins {
                break;
            }
        }
        search.events.dedup();
        search.events.reverse();
        search.events
    }
}

impl<G: EventGraph> Search<'_, G> {
    /// Looks where the slice is when so many runs are in the text.
    fn look(&mut self, rewind: &mut Rewind, runs: usize) {
        let text = rewind.go_to(self.graph, self.strand, (runs, 0));
        let slice = text.slice(self.marker);
        self.bounds = (slice.start, slice.start + slice.chars);
    }

    /// Says whether the slice began there.
    fn plain(&mut self, rewind: &mut Rewind, segment: Segment) -> bool {
        for number in (segment.from..segment.to).rev() {
            let run = self.log.run(number);
            let (start, end) = self.bounds;
            let (at, added, removed) = match run.kind {
                Kind::Insert => (run.at, run.len, 0),
                Kind::Marker => (run.at, 1, 0),
                Kind::Delete => (run.at, 0, run.len),
                Kind::Backspace => (run.at + 1 - run.len, 0, run.len),
                // Of a deletion that had found nothing but markers.
                Kind::Undelete => continue,
            };
            if run.kind == Kind::Marker && self.marker == Some(LineIndex(run.content)) {
                return true;
            }
            if at < start {
                self.bounds = (start + removed - added, end + removed - added);
            } else if at + added <= end || run.kind == Kind::Marker && at == end {
                let last = if run.is_each { run.len } else { 1 };
                self.events
                    .extend((0..last).rev().map(|it| run.event_at(it)));
                if run.kind == Kind::Marker {
                    self.look(rewind, number);
                } else {
                    self.bounds.1 = end + removed - added;
                }
            }
        }
        false
    }
}
