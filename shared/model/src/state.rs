//! Everything that the applied events say, before it is worked out what is displayed.

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::change::{Boundary, SlotId};
use crate::event::EventId;
use crate::history::History;
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::line::Kind;
use crate::place::{Bound, Edge, LogEntry, Place};
use crate::property::{PropertyWrite, TagWrite};
use crate::slots::{MarkerOrder, Slots};
use crate::strand::Strand;
use crate::text_deletions::TextDeletions;
use crate::touch::Touches;

/// Strands that keep their merge state, so that who merges in several lines by turns need not make it
/// anew each time; a document may have millions that were merged at some time.
const MERGING_MAX: usize = 16;

/// One change of one event; changes of an event are ordered by their number in it.
pub(crate) type ChangeIndex = (EventIndex, u32);

#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub id: LineId,
    pub created: ChangeIndex,
    pub strand: StrandIndex,
    /// `None` for the line that started the strand.
    pub marker: Option<LineIndex>,
    pub place: Place,
    created_kind: Kind,
    /// What happened to it since; nothing did to most lines.
    records: Option<Box<Records>>,
}

/// Writes are in the total order of events, the lists of mere events in the order of arrival.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// Moves and joins, also those that were skipped; in the total order.
    pub places: Vec<ChangeIndex>,
    pub kinds: Vec<(ChangeIndex, Kind)>,
    pub properties: Vec<PropertyWrite>,
    pub tags: Vec<TagWrite>,
    pub keeps: Vec<EventIndex>,
    pub deletions: Vec<EventIndex>,
    pub restores: Vec<Restored>,
}

#[derive(Debug, Clone)]
pub(crate) struct Restored {
    pub event: EventIndex,
    pub deletions: Vec<EventIndex>,
}

static NO_RECORDS: Records = Records {
    places: Vec::new(),
    kinds: Vec::new(),
    properties: Vec::new(),
    tags: Vec::new(),
    keeps: Vec::new(),
    deletions: Vec::new(),
    restores: Vec::new(),
};

impl Line {
    pub fn new(
        id: LineId,
        created: ChangeIndex,
        strand: StrandIndex,
        marker: Option<LineIndex>,
        kind: Kind,
    ) -> Self {
        Self {
            id,
            created,
            strand,
            marker,
            place: Place::nowhere(created),
            created_kind: kind,
            records: None,
        }
    }

    pub fn records(&self) -> &Records {
        self.records.as_deref().unwrap_or(&NO_RECORDS)
    }

    pub fn records_mut(&mut self) -> &mut Records {
        self.records.get_or_insert_default()
    }

    /// Whether it was split off, but would have hung below itself: it is a part where it was.
    pub fn has_fallen_back(&self) -> bool {
        self.place.by == self.created && matches!(self.place.edge, Edge::Inline(_))
    }

    pub fn kind(&self) -> &Kind {
        let latest = self.records().kinds.last();
        latest.map_or(&self.created_kind, |(_, kind)| kind)
    }

    /// The kind before `event` set it, in the total order.
    pub fn kind_before(&self, event: EventIndex) -> &Kind {
        let kinds = &self.records().kinds;
        let first = kinds.iter().position(|((writer, _), _)| *writer == event);
        let before = first.and_then(|first| first.checked_sub(1));
        before.map_or(&self.created_kind, |before| &kinds[before].1)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    pub history: History,
    pub lines: Vec<Line>,
    line_indexes: HashMap<LineId, LineIndex>,
    pub strands: Vec<Strand>,
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

impl State {
    pub fn new() -> Self {
        let nothing = (EventIndex(0), 0);
        let root = Line::new(LineId::ROOT, nothing, StrandIndex(0), None, Kind::Text);
        Self {
            history: History::default(),
            lines: vec![root],
            line_indexes: HashMap::from_iter([(LineId::ROOT, LineIndex::ROOT)]),
            strands: vec![Strand::new(LineIndex::ROOT, "")],
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
        if !self.strands[strand.at()].is_merging() || self.merging.last() == Some(&strand) {
            return;
        }
        self.merging.retain(|&other| other != strand);
        self.merging.push(strand);
        if self.merging.len() > MERGING_MAX {
            let longest_ago = self.merging.remove(0);
            self.strands[longest_ago.at()].rest();
        }
    }

    pub fn line(&self, line: LineIndex) -> &Line {
        &self.lines[line.at()]
    }

    pub fn line_mut(&mut self, line: LineIndex) -> &mut Line {
        &mut self.lines[line.at()]
    }

    pub fn line_index(&self, id: LineId) -> Option<LineIndex> {
        self.line_indexes.get(&id).copied()
    }

    pub fn add_line(&mut self, line: Line) -> LineIndex {
        let index = LineIndex::new(self.lines.len());
        self.line_indexes.insert(line.id, index);
        self.lines.push(line);
        index
    }

    pub fn all_lines(&self) -> impl Iterator<Item = LineIndex> + use<> {
        (1..self.lines.len()).map(LineIndex::new)
    }

    pub fn strand_of(&self, line: LineIndex) -> &Strand {
        &self.strands[self.line(line).strand.at()]
    }

    /// Visible characters of the line's own slice.
    pub fn slice_chars(&self, line: LineIndex) -> u32 {
        self.strand_of(line).slice(self.line(line).marker).chars
    }

    /// The end of the line's own slice.
    pub fn right_bound(&self, line: LineIndex) -> Bound {
        let this = self.line(line);
        let strand = self.strand_of(line);
        match strand.marker(strand.slice(this.marker).rank) {
            Some(next) => Bound::Marker(next),
            None => Bound::End(this.strand),
        }
    }

    pub fn boundary(&self, bound: Bound) -> Boundary {
        match bound {
            Bound::Marker(line) => Boundary::Marker(self.line(line).id),
            Bound::End(strand) => {
                Boundary::End(self.line(self.strands[strand.at()].first_line()).id)
            }
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
    pub strands: &'a [Strand],
    pub lines: &'a [Line],
}

impl MarkerOrder for Markers<'_> {
    fn strand_id(&self, strand: StrandIndex) -> LineId {
        self.lines[self.strands[strand.at()].first_line().at()].id
    }

    fn rank(&self, strand: StrandIndex, marker: LineIndex) -> u32 {
        self.strands[strand.at()].rank(marker)
    }
}
