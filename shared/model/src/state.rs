//! Everything that the applied events say, before it is worked out what is displayed.

mod saved;

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::change::{Boundary, SlotId};
use crate::event::EventId;
use crate::history::History;
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex, ReplicaIndex, SlotIndex, StrandIndex};
use crate::lines::{Line, Lines, Records};
use crate::place::{Bound, Edge, LogEntry, Place};
use crate::slots::{MarkerOrder, Slots};
use crate::strands::{StrandRef, Strands};
use crate::text_deletions::TextDeletions;
use crate::touch::Touches;

/// Strands that keep their merge state, so that who merges in several lines by turns need not make it
/// anew each time; a document may have millions that were merged at some time.
const MERGING_MAX: usize = 16;

/// One change of one event; changes of an event are ordered by their number in it.
pub(crate) type ChangeIndex = (EventIndex, u32);

#[derive(Debug, Clone)]
pub(crate) struct State {
    pub history: History,
    pub lines: Lines,
    pub strands: Strands,
    /// The strand that was edited last: the next keystroke goes there too, nearly always.
    pub at_hand: Option<StrandAtHand>,
    /// Strands with merge state, the one that was merged last at the end.
    merging: Vec<StrandIndex>,
    pub slots: Slots,
    /// Splits, moves and joins in total order; those that wait to be worked in.
    pub log: Vec<LogEntry>,
    pub waiting: Vec<LogEntry>,
    pub touches: Touches,
    /// Lines that a deletion named, whether it is in force or not.
    pub deleted: BTreeSet<LineIndex>,
    pub titles: Vec<(ChangeIndex, String)>,
    pub text_deletions: TextDeletions,
    /// The lines that each event deleted by name, in one change or in several.
    pub deleted_together: HashMap<EventIndex, Vec<LineIndex>>,
    /// The lines that each event kept: its deletions do not reach them.
    pub kept_together: HashMap<EventIndex, Vec<LineIndex>>,
    pub unknown_changes: usize,
}

/// A strand, by the line that started it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StrandAtHand {
    pub first_line: LineId,
    pub index: StrandIndex,
    /// The event that made the line.
    pub created: (ReplicaIndex, u32),
}

impl State {
    pub fn new() -> Self {
        Self {
            history: History::default(),
            lines: Lines::new(),
            strands: Strands::new(),
            at_hand: None,
            merging: Vec::new(),
            slots: Slots::default(),
            log: Vec::new(),
            waiting: Vec::new(),
            touches: Touches::default(),
            deleted: BTreeSet::new(),
            titles: Vec::new(),
            text_deletions: TextDeletions::default(),
            deleted_together: HashMap::default(),
            kept_together: HashMap::default(),
            unknown_changes: 0,
        }
    }

    /// After an edit of a strand: of those with merge state only the latest keep it.
    pub fn rest_others(&mut self, strand: StrandIndex) {
        self.strands.settle();
        if self.merging.last() == Some(&strand) || !self.strands.is_merging(strand) {
            return;
        }
        self.merging.retain(|&other| other != strand);
        self.merging.push(strand);
        if self.merging.len() > MERGING_MAX {
            let longest_ago = self.merging.remove(0);
            self.strands.rest(longest_ago);
        }
    }

    pub fn line(&self, line: LineIndex) -> Line<'_> {
        self.lines.get(line)
    }

    pub fn records_mut(&mut self, line: LineIndex) -> &mut Records {
        self.lines.records_mut(line)
    }

    pub fn line_index(&self, id: LineId) -> Option<LineIndex> {
        self.lines.find(id)
    }

    /// Where the line hangs.
    pub fn place_of(&self, line: LineIndex) -> Place {
        self.lines
            .moved_to(line)
            .unwrap_or_else(|| self.first_place(line))
    }

    /// Whether it was split off, and that is not worked in yet.
    pub fn is_nowhere(&self, line: LineIndex) -> bool {
        let place = self.lines.moved_to(line);
        place.is_some_and(|place| place.edge == Edge::Nowhere)
    }

    /// Whether it was split off, but would have hung below itself: it is a part where it was.
    pub fn has_fallen_back(&self, line: LineIndex) -> bool {
        let place = self.lines.moved_to(line);
        place.is_some_and(|place| {
            place.by == self.line(line).created && matches!(place.edge, Edge::Inline(_))
        })
    }

    /// The place that the line was made for.
    fn first_place(&self, line: LineIndex) -> Place {
        let this = self.line(line);
        let slot = this.slot.expect("the root is nowhere");
        let parent = self.slots.parent(slot);
        Place {
            edge: Edge::Child { parent, slot },
            by: this.created,
            former: Some((parent, slot)),
        }
    }

    pub fn put(&mut self, line: LineIndex, place: Place) {
        let is_moved = place != self.first_place(line);
        self.lines.put(line, is_moved.then_some(place));
    }

    pub fn strand_of(&self, line: LineIndex) -> StrandRef<'_> {
        self.strands.get(self.line(line).strand)
    }

    /// Visible characters of the line's own slice.
    pub fn slice_chars(&self, line: LineIndex) -> u32 {
        self.strand_of(line).slice(self.line(line).marker).chars
    }

    /// The end of the line's own slice.
    pub fn right_bound(&self, line: LineIndex) -> Bound {
        let this = self.line(line);
        if self.strands.is_untouched(this.strand) {
            return Bound::End(this.strand);
        }
        let strand = self.strand_of(line);
        match strand.marker(strand.slice(this.marker).rank) {
            Some(next) => Bound::Marker(next),
            None => Bound::End(this.strand),
        }
    }

    pub fn boundary(&self, bound: Bound) -> Boundary {
        match bound {
            Bound::Marker(line) => Boundary::Marker(self.line(line).id),
            Bound::End(strand) => Boundary::End(self.line(self.strands.first_line(strand)).id),
        }
    }

    pub fn slot_id(&self, slot: SlotIndex) -> SlotId {
        let slot = self.slots.get(slot);
        SlotId {
            event: self.history.id(slot.event),
            index: slot.index,
        }
    }

    pub fn event_id(&self, event: EventIndex) -> EventId {
        self.history.id(event)
    }

    pub fn compare_changes(&self, left: ChangeIndex, right: ChangeIndex) -> std::cmp::Ordering {
        self.history
            .compare(left.0, right.0)
            .then(left.1.cmp(&right.1))
    }

    pub fn markers(&self) -> Markers<'_> {
        Markers {
            strands: &self.strands,
            lines: &self.lines,
        }
    }

    pub fn title(&self) -> &str {
        self.titles.last().map_or("", |(_, title)| title)
    }
}

/// Puts an item into a list that is kept in the total order of events; `order` gives the event and
/// number of an item. An item of equal order goes behind.
pub(crate) fn insert_ordered<T>(
    history: &History,
    list: &mut Vec<T>,
    item: T,
    order: impl Fn(&T) -> ChangeIndex,
) {
    let new = order(&item);
    let mut place = list.len();
    while place > 0 {
        let other = order(&list[place - 1]);
        let by_event = history.compare(other.0, new.0);
        if by_event.then(other.1.cmp(&new.1)).is_le() {
            break;
        }
        place -= 1;
    }
    list.insert(place, item);
}

/// The order of markers in their strands.
pub(crate) struct Markers<'a> {
    pub strands: &'a Strands,
    pub lines: &'a Lines,
}

impl MarkerOrder for Markers<'_> {
    fn strand_id(&self, strand: StrandIndex) -> LineId {
        self.lines.get(self.strands.first_line(strand)).id
    }

    fn rank(&self, strand: StrandIndex, marker: LineIndex) -> u32 {
        self.strands.get(strand).rank(marker)
    }
}
