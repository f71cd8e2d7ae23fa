//! A stretch of a strand's history in which authors wrote who had not seen everything: what stood in
//! the text after each of its events, in the total order. Knows nothing of what was before or since.

use foldhash::HashMap;

use crate::index::{EventIndex, LineIndex};
use crate::strand::graph::EventGraph;
use crate::strand::log::{Kind, Log};
use crate::strand::past::Past;
use crate::strand::rewind::Segment;
use crate::strand::text::Text;
use crate::strand::tracker::{Now, Piece, Removed, Tracker};

/// The place of an event among those of the stretch; before all of them is 0.
type Rank = u32;

#[derive(Debug, Clone)]
pub(super) struct Stretch {
    /// Behind all of it.
    text: Text,
    pieces: Vec<Piece>,
    /// In the total order.
    events: Vec<EventIndex>,
    ranks: HashMap<EventIndex, Rank>,
    /// When deletions ended.
    ends: HashMap<EventIndex, Rank>,
    /// Characters that went.
    removed: u32,
}

impl Stretch {
    /// `text` is the one behind the segment, `removed` how many characters went until then.
    pub fn new(
        graph: &impl EventGraph,
        past: &Past,
        segment: Segment,
        text: &Text,
        removed: u32,
    ) -> Self {
        let runs = &past.log.runs()[segment.from..segment.to];
        let log = Log::from_parts(runs.to_vec(), Vec::new());
        let tracker = Tracker::new(graph, &log, 0, text, removed);
        let mut events: Vec<EventIndex> = runs
            .iter()
            .flat_map(|run| {
                let last = run.last_event();
                (run.event.0..=last.0).map(EventIndex)
            })
            .collect();
        events.dedup();
        events.sort_by(|&left, &right| graph.compare(left, right));
        events.dedup();
        let ranks: HashMap<EventIndex, Rank> = events.iter().copied().zip(1..).collect();
        let mut ends = HashMap::default();
        for (deletion, end) in &past.undone {
            if let Some(&rank) = ranks.get(end) {
                let known = ends.entry(*deletion).or_insert(rank);
                *known = rank.min(*known);
            }
        }
        let is_deletion = |kind| matches!(kind, Kind::Delete | Kind::Backspace);
        let first_removed = runs.iter().find(|run| is_deletion(run.kind));
        Self {
            text: text.clone(),
            pieces: tracker.pieces(&log),
            events,
            ranks,
            ends,
            removed: first_removed.map_or(0, |run| removed - run.content),
        }
    }

    /// How many characters went.
    pub fn removed(&self) -> u32 {
        self.removed
    }

    fn rank(&self, event: EventIndex) -> Rank {
        self.ranks[&event]
    }

    /// The text when all events up to this one had been worked in.
    pub fn text_at(&self, past: &Past, event: EventIndex) -> Text {
        self.text_of(past, self.rank(event))
    }

    /// The text before the first event.
    pub fn start(&self, past: &Past) -> Text {
        self.text_of(past, 0)
    }

    fn text_of(&self, past: &Past, rank: Rank) -> Text {
        let mut text = self.text.clone();
        let mut place = text.len();
        for piece in self.pieces.iter().rev() {
            if piece.now == Now::Shown {
                place -= piece.len;
            }
            if piece.came.is_none() && piece.went.is_empty() {
                continue;
            }
            let mut end = piece.len;
            while end > 0 {
                let shows = self.shows(piece, end - 1, rank);
                let mut start = end - 1;
                while start > 0
                    && (piece.is_uniform() || self.shows(piece, start - 1, rank) == shows)
                {
                    start -= 1;
                }
                match piece.now {
                    Now::Shown if shows => {}
                    Now::Shown if piece.marker.is_some() => text.remove_marker(place),
                    Now::Shown => text.remove(place + start, end - start, |_| {}),
                    Now::Removed(removed) if shows => {
                        let part = removed.part(piece.len, start, end);
                        text.insert(place, &past.removed(part, end - start), end - start);
                    }
                    Now::Removed(_) => {}
                }
                end = start;
            }
        }
        text
    }

    fn shows(&self, piece: &Piece, offset: u32, rank: Rank) -> bool {
        let has_come = piece
            .came
            .is_none_or(|events| self.rank(events.at(offset)) <= rank);
        let is_gone = |deletion: EventIndex| {
            let until = self.ends.get(&deletion).copied().unwrap_or(Rank::MAX);
            self.rank(deletion) <= rank && rank < until
        };
        let mut went = piece.went.iter().map(|events| events.at(offset));
        has_come && !went.any(is_gone)
    }

    /// The events that changed a slice, in the total order, and whether one of them began it. What
    /// stands behind a marker belonged to the slice until that was there.
    pub fn events_of(&self, marker: Option<LineIndex>) -> (Vec<EventIndex>, bool) {
        let mut ranks = Vec::new();
        let mut slice = marker.is_none().then_some(Rank::MAX);
        let mut begins = None;
        let mut place = 0;
        for piece in &self.pieces {
            if let Some(limit) = slice {
                self.push_ranks(piece, limit, &mut ranks);
            }
            match (piece.marker, piece.came) {
                (Some(line), Some(came)) if Some(line) == marker => {
                    (slice, begins) = (Some(Rank::MAX), Some(self.rank(came.at(0))));
                }
                (Some(_), Some(came)) => {
                    slice = slice.map(|limit| limit.min(self.rank(came.at(0))));
                }
                (_, None) if piece.now == Now::Shown => {
                    slice = self.slice_behind(place, piece.len, marker, slice);
                }
                _ => {}
            }
            if slice == Some(0) {
                break;
            }
            if piece.now == Now::Shown {
                place += piece.len;
            }
        }
        ranks.retain(|&rank| begins.is_none_or(|first| rank > first));
        ranks.sort_unstable();
        ranks.dedup();
        let events = ranks.iter().map(|&rank| self.events[rank as usize - 1]);
        (events.collect(), begins.is_some())
    }

    /// Elements that were there from the start, some of which may be markers.
    fn slice_behind(
        &self,
        place: u32,
        len: u32,
        marker: Option<LineIndex>,
        slice: Option<Rank>,
    ) -> Option<Rank> {
        let mut slice = slice;
        let first = self.text.rank_at(place);
        let markers = (first..self.text.rank_at(place + len)).map(|rank| self.text.marker(rank));
        for line in markers.flatten() {
            slice = if Some(line) == marker {
                Some(Rank::MAX)
            } else {
                slice.map(|_| 0)
            };
            if slice == Some(0) {
                break;
            }
        }
        slice
    }

    fn push_ranks(&self, piece: &Piece, limit: Rank, ranks: &mut Vec<Rank>) {
        let came = piece.came.iter();
        for events in came.chain(&piece.went) {
            let count = if events.is_one() { 1 } else { piece.len };
            for offset in 0..count {
                let event = events.at(offset);
                let end = self.ends.get(&event).copied();
                let both = [
                    Some(self.rank(event)),
                    end.filter(|_| piece.went.contains(events)),
                ];
                ranks.extend(both.into_iter().flatten().filter(|&rank| rank < limit));
            }
        }
    }
}

impl Removed {
    /// From one element to another of `len` that were removed together.
    fn part(self, len: u32, start: u32, end: u32) -> Self {
        let skipped = if self.is_backward { len - end } else { start };
        Self {
            from: self.from + skipped,
            ..self
        }
    }
}
