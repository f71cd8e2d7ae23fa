//! Every line that was ever made, in little room: lines that one change made share an entry, and
//! what happened to few lines is noted only of those. Knows nothing of text or of what is displayed.

mod saved;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use foldhash::HashMap;

use crate::id::{LineId, ReplicaId};
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::line::{Kind, TodoState};
use crate::place::Place;
use crate::property::{PropertyWrite, TagWrite};
use crate::state::ChangeIndex;

pub(crate) use saved::{change, list, put_change, put_list};

/// Lines for which the run of the first is noted.
const BLOCK: usize = 64;

/// A line as it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub id: LineId,
    pub created: ChangeIndex,
    pub strand: StrandIndex,
    /// `None` for the line that started the strand.
    pub marker: Option<LineIndex>,
    /// The slot that was made for it; the root has none.
    pub slot: Option<SlotIndex>,
    index: LineIndex,
    lines: &'a Lines,
}

/// Lines that one change made one after the other: their numbers, strands and slots count up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub first: LineIndex,
    pub replica: u32,
    pub number: u64,
    pub created: ChangeIndex,
    pub strand: StrandIndex,
    pub slot: SlotIndex,
    /// The line, a run of its own, is a marker in the strand.
    pub is_marker: bool,
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

/// The kinds that have a number; [`OTHER`] stands for any else.
static KINDS: [Kind; 16] = [
    Kind::Text,
    Kind::Heading(1),
    Kind::Heading(2),
    Kind::Heading(3),
    Kind::Todo(TodoState::Open),
    Kind::Todo(TodoState::Started),
    Kind::Todo(TodoState::Waiting),
    Kind::Todo(TodoState::Done),
    Kind::Todo(TodoState::Cancelled),
    Kind::Bullet,
    Kind::Numbered,
    Kind::Quote,
    Kind::Code,
    Kind::Comment,
    Kind::Divider,
    Kind::Table,
];
const OTHER: u8 = u8::MAX;

/// Lines whose ids and indexes count up together.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    first: LineIndex,
    len: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Lines {
    runs: Vec<Run>,
    /// The run of the first line of each block.
    starts: Vec<u32>,
    /// Whose numbers the ids have.
    replicas: Vec<ReplicaId>,
    /// By replica and number of the first line.
    by_id: BTreeMap<(u32, u64), Stretch>,
    /// The stretch that grows.
    latest: (u32, u64),
    /// As the lines were created.
    kinds: Vec<u8>,
    other_kinds: HashMap<LineIndex, Kind>,
    /// What happened since; nothing did to most lines.
    records: HashMap<LineIndex, Box<Records>>,
    /// Of lines that are not where they were made.
    places: HashMap<LineIndex, Place>,
}

impl Lines {
    pub fn new() -> Self {
        let mut lines = Self::empty();
        let nothing = (EventIndex(0), 0);
        let root = Made {
            id: LineId::ROOT,
            created: nothing,
            strand: StrandIndex(0),
            slot: SlotIndex(u32::MAX),
            is_marker: false,
        };
        lines.push(root, &Kind::Text);
        lines
            .places
            .insert(LineIndex::ROOT, Place::nowhere(nothing));
        lines
    }

    fn empty() -> Self {
        Self {
            runs: Vec::new(),
            starts: Vec::new(),
            replicas: Vec::new(),
            by_id: BTreeMap::new(),
            latest: (0, 0),
            kinds: Vec::new(),
            other_kinds: HashMap::default(),
            records: HashMap::default(),
            places: HashMap::default(),
        }
    }

    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    pub fn get(&self, index: LineIndex) -> Line<'_> {
        let run = self.run(index);
        let offset = index.0 - run.first.0;
        let id = LineId {
            replica: self.replicas[run.replica as usize],
            number: run.number + u64::from(offset),
        };
        Line {
            id,
            created: run.created,
            strand: StrandIndex(run.strand.0 + offset),
            marker: run.is_marker.then_some(index),
            slot: (index != LineIndex::ROOT).then_some(SlotIndex(run.slot.0 + offset)),
            index,
            lines: self,
        }
    }

    fn run(&self, index: LineIndex) -> &Run {
        let last = &self.runs[self.runs.len() - 1];
        if last.first <= index {
            return last;
        }
        let block = index.at() / BLOCK;
        let from = self.starts[block] as usize;
        let to = self
            .starts
            .get(block + 1)
            .map_or(self.runs.len(), |&next| next as usize + 1);
        let behind = self.runs[from..to].partition_point(|run| run.first <= index);
        &self.runs[from + behind - 1]
    }

    pub fn find(&self, id: LineId) -> Option<LineIndex> {
        let replica = self
            .replicas
            .iter()
            .position(|&known| known == id.replica)?;
        let key = (replica as u32, id.number);
        let (&(owner, number), stretch) = self.by_id.range(..=key).next_back()?;
        let offset = id.number.checked_sub(number)?;
        (owner == key.0 && offset < u64::from(stretch.len))
            .then(|| LineIndex(stretch.first.0 + offset as u32))
    }

    /// The lines with ids in `range`, in the order of the ids, the root among them.
    pub fn by_id(&self, range: &RangeInclusive<LineId>) -> impl Iterator<Item = LineIndex> {
        let mut pieces: Vec<(LineId, Stretch)> = Vec::new();
        for (&(replica, number), &Stretch { first, len }) in &self.by_id {
            let replica = self.replicas[replica as usize];
            let (from, to) = (*range.start(), *range.end());
            let skipped = match from.replica.cmp(&replica) {
                Ordering::Less => 0,
                Ordering::Equal => from.number.saturating_sub(number),
                Ordering::Greater => u64::MAX,
            };
            let end = match to.replica.cmp(&replica) {
                Ordering::Less => 0,
                Ordering::Equal => (to.number.saturating_add(1)).saturating_sub(number),
                Ordering::Greater => u64::MAX,
            };
            let (skipped, end) = (skipped.min(len.into()), end.min(len.into()));
            if skipped < end {
                let number = number + skipped;
                let piece = Stretch {
                    first: LineIndex(first.0 + skipped as u32),
                    len: (end - skipped) as u32,
                };
                pieces.push((LineId { replica, number }, piece));
            }
        }
        pieces.sort_unstable_by_key(|&(id, _)| id);
        let lines = pieces.into_iter();
        lines.flat_map(|(_, it)| (it.first.0..it.first.0 + it.len).map(LineIndex))
    }

    pub fn push(&mut self, new: Made, kind: &Kind) -> LineIndex {
        let index = LineIndex::new(self.len());
        let replica = self.intern(new.id.replica);
        let number = new.id.number;
        if !self.goes_on(&new, replica, index) {
            self.runs.push(Run {
                first: index,
                replica,
                number,
                created: new.created,
                strand: new.strand,
                slot: new.slot,
                is_marker: new.is_marker,
            });
        }
        if index.at().is_multiple_of(BLOCK) {
            self.starts.push(self.runs.len() as u32 - 1);
        }
        self.note_ids((replica, number), index, 1);
        self.push_kind(index, kind);
        index
    }

    fn goes_on(&self, new: &Made, replica: u32, index: LineIndex) -> bool {
        let Some(run) = self.runs.last() else {
            return false;
        };
        let offset = index.0 - run.first.0;
        !run.is_marker
            && !new.is_marker
            && run.first != LineIndex::ROOT
            && run.replica == replica
            && run.created == new.created
            && run.number.checked_add(u64::from(offset)) == Some(new.id.number)
            && run.strand.0 + offset == new.strand.0
            && run.slot.0 + offset == new.slot.0
    }

    fn note_ids(&mut self, (replica, number): (u32, u64), first: LineIndex, len: u32) {
        let (owner, known) = self.latest;
        if let Some(stretch) = self.by_id.get_mut(&self.latest)
            && owner == replica
            && known.checked_add(u64::from(stretch.len)) == Some(number)
            && stretch.first.0 + stretch.len == first.0
        {
            stretch.len += len;
            return;
        }
        self.latest = (replica, number);
        let stretch = Stretch { first, len };
        self.by_id.insert(self.latest, stretch);
    }

    fn intern(&mut self, replica: ReplicaId) -> u32 {
        let known = self.replicas.iter().rposition(|&known| known == replica);
        let place = known.unwrap_or_else(|| {
            self.replicas.push(replica);
            self.replicas.len() - 1
        });
        place as u32
    }

    fn push_kind(&mut self, index: LineIndex, kind: &Kind) {
        let code = KINDS.iter().position(|known| known == kind);
        if code.is_none() {
            self.other_kinds.insert(index, kind.clone());
        }
        self.kinds.push(code.map_or(OTHER, |code| code as u8));
    }

    fn created_kind(&self, line: LineIndex) -> &Kind {
        match self.kinds[line.at()] {
            OTHER => &self.other_kinds[&line],
            code => &KINDS[code as usize],
        }
    }

    pub fn records(&self, line: LineIndex) -> &Records {
        if self.records.is_empty() {
            return &NO_RECORDS;
        }
        self.records.get(&line).map_or(&NO_RECORDS, Box::as_ref)
    }

    pub fn records_mut(&mut self, line: LineIndex) -> &mut Records {
        self.records.entry(line).or_default()
    }

    /// Where the line is, if it is not where it was made.
    pub fn moved_to(&self, line: LineIndex) -> Option<Place> {
        self.places.get(&line).copied()
    }

    /// The slots that lines were made for, line by line, behind the root.
    pub fn slots(&self) -> impl Iterator<Item = SlotIndex> {
        // The root is a run of its own.
        let runs = &self.runs[1..];
        let ends = runs.iter().skip(1).map(|run| run.first.0);
        let runs = runs.iter().zip(ends.chain([self.len() as u32]));
        runs.flat_map(|(run, end)| (run.slot.0..run.slot.0 + (end - run.first.0)).map(SlotIndex))
    }

    /// `None`: where it was made.
    pub fn put(&mut self, line: LineIndex, place: Option<Place>) {
        match place {
            Some(place) => self.places.insert(line, place),
            None => self.places.remove(&line),
        };
    }
}

/// A line to be noted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub id: LineId,
    pub created: ChangeIndex,
    pub strand: StrandIndex,
    pub slot: SlotIndex,
    pub is_marker: bool,
}

impl<'a> Line<'a> {
    pub fn records(self) -> &'a Records {
        self.lines.records(self.index)
    }

    pub fn kind(self) -> &'a Kind {
        self.kind_after(self.records().kinds.len())
    }

    /// The kind after the first so many of its writes.
    pub fn kind_after(self, writes: usize) -> &'a Kind {
        let latest = self.records().kinds[..writes].last();
        latest.map_or_else(|| self.lines.created_kind(self.index), |(_, kind)| kind)
    }

    /// The kind before `event` set it, in the total order.
    pub fn kind_before(self, event: EventIndex) -> &'a Kind {
        let kinds = &self.records().kinds;
        let first = kinds.iter().position(|((writer, _), _)| *writer == event);
        self.kind_after(first.unwrap_or(0))
    }
}
