//! Places among siblings: per parent a Fugue tree of slots, so that runs of lines never interleave.
//! Slots stay when their lines leave. Knows nothing of which line is where; what the display counts
//! of each slot is added up here.

mod order;
mod saved;

use foldhash::HashMap;
use std::cmp::Ordering;
use std::ops::Deref;

use crate::change::Side;
use crate::history::History;
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};

pub(crate) use order::{Beside, Measure, Order, Weight};

/// What orders the slots that hang at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// Of a split: before ordinary slots, in the order of the text.
    Marker {
        strand: StrandIndex,
        marker: LineIndex,
    },
    /// By the total order of events.
    Ordinary,
}

/// Where a slot hangs; no origin: the root, always with `Right`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hook {
    pub origin: Option<SlotIndex>,
    pub side: Side,
}

/// A slot as it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub event: EventIndex,
    pub index: u32,
    pub hook: Hook,
    pub key: Key,
}

/// Slots that one event made one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub first: SlotIndex,
    pub event: EventIndex,
    pub index: u32,
}

/// Slots for which the run of the first is noted.
const BLOCK: usize = 64;

/// No slot.
const NONE: SlotIndex = SlotIndex(u32::MAX);
/// Marks what hangs to the left of its origin.
const LEFT: u32 = 1 << 31;

/// How the markers of split keys compare.
pub(crate) trait MarkerOrder {
    /// The id of a strand.
    fn strand_id(&self, strand: StrandIndex) -> LineId;
    /// How many markers of the strand stand before this one.
    fn rank(&self, strand: StrandIndex, marker: LineIndex) -> u32;
}

/// A key that is compared before its slot exists.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Planned {
    /// A split in `strand`, with `rank` markers before it.
    Marker { strand: StrandIndex, rank: u32 },
    /// The newest of all.
    Ordinary,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    /// By event and index, which is the order in which slots are made.
    runs: Vec<Run>,
    /// The run of the first slot of each block.
    starts: Vec<u32>,
    parents: Vec<LineIndex>,
    /// The origin and the side of each hook.
    hooks: Vec<u32>,
    /// Those that are not ordinary.
    keys: HashMap<SlotIndex, (StrandIndex, LineIndex)>,
    /// Where several slots hang, and what hangs to the left. A slot that hangs alone from the root or
    /// to the right is found by the order.
    hanging: HashMap<Place, Vec<SlotIndex>>,
    pub order: Order,
}

/// Slots that hang at one place, in order.
enum Hanging<'s> {
    Several(&'s [SlotIndex]),
    /// As nearly everywhere.
    Alone(Option<SlotIndex>),
}

impl Deref for Hanging<'_> {
    type Target = [SlotIndex];

    fn deref(&self) -> &[SlotIndex] {
        match self {
            Self::Several(slots) => slots,
            Self::Alone(slot) => slot.as_slice(),
        }
    }
}

/// Where slots hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Top(LineIndex),
    Left(SlotIndex),
    Right(SlotIndex),
}

impl Slots {
    pub fn get(&self, slot: SlotIndex) -> Slot {
        let run = self.run(slot);
        Slot {
            event: run.event,
            index: run.index + (slot.0 - run.first.0),
            hook: self.hook(slot),
            key: self.key(slot),
        }
    }

    pub fn parent(&self, slot: SlotIndex) -> LineIndex {
        self.parents[slot.at()]
    }

    /// The one that is made next.
    pub fn next(&self) -> SlotIndex {
        SlotIndex::new(self.parents.len())
    }

    fn run(&self, slot: SlotIndex) -> &Run {
        let last = &self.runs[self.runs.len() - 1];
        if last.first <= slot {
            return last;
        }
        let block = slot.at() / BLOCK;
        let from = self.starts[block] as usize;
        let to = self
            .starts
            .get(block + 1)
            .map_or(self.runs.len(), |&next| next as usize + 1);
        let behind = self.runs[from..to].partition_point(|run| run.first <= slot);
        &self.runs[from + behind - 1]
    }

    fn hook(&self, slot: SlotIndex) -> Hook {
        let packed = self.hooks[slot.at()];
        if packed == NONE.0 {
            return Hook {
                origin: None,
                side: Side::Right,
            };
        }
        Hook {
            origin: Some(SlotIndex(packed & !LEFT)),
            side: if packed & LEFT == 0 {
                Side::Right
            } else {
                Side::Left
            },
        }
    }

    fn key(&self, slot: SlotIndex) -> Key {
        if self.keys.is_empty() {
            return Key::Ordinary;
        }
        let marker = self.keys.get(&slot);
        marker.map_or(Key::Ordinary, |&(strand, marker)| Key::Marker {
            strand,
            marker,
        })
    }

    pub fn find(&self, event: EventIndex, index: u32) -> Option<SlotIndex> {
        let behind = self
            .runs
            .partition_point(|run| (run.event, run.index) <= (event, index));
        let run = self.runs[..behind]
            .last()
            .filter(|run| run.event == event)?;
        // A stranger's event may ask for any number.
        let slot = run.first.0.checked_add(index - run.index)?;
        let end = self.runs.get(behind).map_or(self.next(), |next| next.first);
        (slot < end.0).then_some(SlotIndex(slot))
    }

    /// Where a slot stands among those of its parent.
    pub fn position(&self, slot: SlotIndex) -> u32 {
        self.order.before(slot).slots
    }

    pub fn has_right_child(&self, slot: SlotIndex) -> bool {
        let side = Side::Right;
        let origin = Some(slot);
        !self
            .hanging(self.parent(slot), Hook { origin, side })
            .is_empty()
    }

    /// Makes a slot; its hook belongs to `parent`.
    pub fn insert(
        &mut self,
        history: &History,
        markers: &impl MarkerOrder,
        (event, index): (EventIndex, u32),
        parent: LineIndex,
        hook: Hook,
        key: Key,
    ) -> SlotIndex {
        let slot = self.next();
        assert!(
            slot.0 < LEFT,
            "more slots in one document than can be named"
        );
        let goes_on = self
            .runs
            .last()
            .is_some_and(|run| run.event == event && run.index + (slot.0 - run.first.0) == index);
        if !goes_on {
            self.runs.push(Run {
                first: slot,
                event,
                index,
            });
        }
        if slot.at().is_multiple_of(BLOCK) {
            self.starts.push(self.runs.len() as u32 - 1);
        }
        self.parents.push(parent);
        self.hooks.push(packed(hook));
        if let Key::Marker { strand, marker } = key {
            self.keys.insert(slot, (strand, marker));
        }
        let hanging = self.hanging(parent, hook);
        let child = hanging.partition_point(|&other| {
            self.compare(history, markers, other, slot) == Ordering::Less
        });
        let beside = self.beside(parent, hook, child);
        self.hang(parent, hook, child, slot);
        let ordered = self.order.push(parent, beside);
        assert_eq!(slot, ordered, "every slot is in the order of its parent");
        slot
    }

    /// Where among the slots of `parent` one with this key would stand.
    pub fn planned_position(
        &self,
        markers: &impl MarkerOrder,
        parent: LineIndex,
        hook: Hook,
        key: Planned,
    ) -> u32 {
        let hanging = self.hanging(parent, hook);
        let child = hanging.partition_point(|&other| match (self.get(other).key, key) {
            (_, Planned::Ordinary) => true,
            (Key::Ordinary, Planned::Marker { .. }) => false,
            (Key::Marker { strand, marker }, Planned::Marker { strand: own, rank }) => {
                (markers.strand_id(strand), markers.rank(strand, marker))
                    < (markers.strand_id(own), rank)
            }
        });
        match self.beside(parent, hook, child) {
            Beside::Nothing => 0,
            Beside::Before(slot) => self.position(slot),
            Beside::Behind(slot) => self.position(slot) + 1,
        }
    }

    fn compare(
        &self,
        history: &History,
        markers: &impl MarkerOrder,
        left: SlotIndex,
        right: SlotIndex,
    ) -> Ordering {
        let (left, right) = (self.get(left), self.get(right));
        let by_marker = match (left.key, right.key) {
            (
                Key::Marker { strand, marker },
                Key::Marker {
                    strand: other_strand,
                    marker: other,
                },
            ) => (markers.strand_id(strand), markers.rank(strand, marker)).cmp(&(
                markers.strand_id(other_strand),
                markers.rank(other_strand, other),
            )),
            (Key::Marker { .. }, Key::Ordinary) => Ordering::Less,
            (Key::Ordinary, Key::Marker { .. }) => Ordering::Greater,
            (Key::Ordinary, Key::Ordinary) => Ordering::Equal,
        };
        by_marker
            .then_with(|| history.compare(left.event, right.event))
            .then(left.index.cmp(&right.index))
    }

    /// The place in the order behind the first `child` of those that hang here.
    fn beside(&self, parent: LineIndex, hook: Hook, child: usize) -> Beside {
        let hanging = self.hanging(parent, hook);
        if let Some(&next) = hanging.get(child)
            && child > 0
        {
            return Beside::Before(self.first_below(next));
        }
        match (child.checked_sub(1), hook.origin) {
            (Some(_), None) => self
                .order
                .last(parent)
                .map_or(Beside::Nothing, Beside::Behind),
            (Some(previous), Some(_)) => Beside::Behind(self.last_below(hanging[previous])),
            (None, None) => self
                .order
                .first(parent)
                .map_or(Beside::Nothing, Beside::Before),
            (None, Some(origin)) if hook.side == Side::Right => Beside::Behind(origin),
            (None, Some(origin)) => Beside::Before(self.first_below(origin)),
        }
    }

    /// The slots that hang there, in order.
    fn hanging(&self, parent: LineIndex, hook: Hook) -> Hanging<'_> {
        let place = place(parent, hook);
        if let Some(slots) = self.hanging.get(&place) {
            return Hanging::Several(slots);
        }
        // Alone, it is the first behind its origin that does not hang to the left of another.
        let first = match place {
            Place::Top(parent) => self.order.first(parent),
            Place::Right(origin) => self.order.next(origin),
            Place::Left(_) => None,
        };
        let mut first = first;
        while let Some(slot) = first
            && let Hook {
                origin: Some(origin),
                side: Side::Left,
            } = self.hook(slot)
        {
            first = Some(origin);
        }
        Hanging::Alone(first.filter(|&slot| self.hooks[slot.at()] == packed(hook)))
    }

    fn hang(&mut self, parent: LineIndex, hook: Hook, child: usize, slot: SlotIndex) {
        let place = place(parent, hook);
        if let Some(slots) = self.hanging.get_mut(&place) {
            slots.insert(child, slot);
            return;
        }
        let mut slots = self.hanging(parent, hook).to_vec();
        if !slots.is_empty() || matches!(place, Place::Left(_)) {
            slots.insert(child, slot);
            self.hanging.insert(place, slots);
        }
    }

    fn last_below(&self, mut slot: SlotIndex) -> SlotIndex {
        let right = |origin| Hook {
            origin: Some(origin),
            side: Side::Right,
        };
        let parent = self.parent(slot);
        while let Some(&last) = self.hanging(parent, right(slot)).last() {
            slot = last;
        }
        slot
    }

    fn first_below(&self, mut slot: SlotIndex) -> SlotIndex {
        let left = |origin| Hook {
            origin: Some(origin),
            side: Side::Left,
        };
        let parent = self.parent(slot);
        while let Some(&first) = self.hanging(parent, left(slot)).first() {
            slot = first;
        }
        slot
    }
}

fn place(parent: LineIndex, hook: Hook) -> Place {
    match (hook.origin, hook.side) {
        (None, _) => Place::Top(parent),
        (Some(origin), Side::Left) => Place::Left(origin),
        (Some(origin), Side::Right) => Place::Right(origin),
    }
}

fn packed(hook: Hook) -> u32 {
    match (hook.origin, hook.side) {
        (None, _) => NONE.0,
        (Some(origin), Side::Left) => origin.0 | LEFT,
        (Some(origin), Side::Right) => origin.0,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::event::{Event, EventId, Frontier};
    use crate::id::{ReplicaId, UserId};

    const PARENT: LineIndex = LineIndex(1);

    /// Strand and rank are the numbers of strand and marker.
    struct Numbers;

    impl MarkerOrder for Numbers {
        fn strand_id(&self, strand: StrandIndex) -> LineId {
            LineId {
                number: u64::from(strand.0),
                ..LineId::ROOT
            }
        }

        fn rank(&self, _: StrandIndex, marker: LineIndex) -> u32 {
            marker.0
        }
    }

    /// Events 0, 1, 2 …, of as many replicas, at the same time.
    fn history(count: u128) -> History {
        let mut history = History::default();
        for number in 1..=count {
            let replica = ReplicaId(Uuid::from_u128(number));
            let event = Event {
                id: EventId { replica, seq: 1 },
                lamport: 1,
                time_ms: 0,
                author: UserId(replica.0),
                parents: Frontier::default(),
                changes: Vec::new(),
            };
            history.insert(&event).expect("an event in order");
        }
        history
    }

    fn behind(origin: Option<SlotIndex>) -> Hook {
        Hook {
            origin,
            side: Side::Right,
        }
    }

    fn in_order(slots: &Slots) -> Vec<SlotIndex> {
        slots.order.all_with(PARENT, |weight| weight.slots)
    }

    #[test]
    fn rows_pasted_at_one_place_stay_together() {
        let history = history(2);
        let mut slots = Slots::default();
        let mut rows = [Vec::new(), Vec::new()];
        for index in 0..3 {
            for (event, row) in rows.iter_mut().enumerate() {
                let hook = behind(row.last().copied());
                let event = (EventIndex::new(event), index);
                row.push(slots.insert(&history, &Numbers, event, PARENT, hook, Key::Ordinary));
            }
        }
        assert_eq!(in_order(&slots), rows.concat());
    }

    #[test]
    fn slots_of_splits_stand_in_the_order_of_the_text_before_others() {
        let history = history(4);
        let mut slots = Slots::default();
        let mut insert = |event: u32, hook, key| {
            let event = (EventIndex(event), 0);
            slots.insert(&history, &Numbers, event, PARENT, hook, key)
        };
        let split = |marker| Key::Marker {
            strand: StrandIndex(1),
            marker: LineIndex(marker),
        };
        let line = insert(0, behind(None), Key::Ordinary);
        let next = insert(1, behind(Some(line)), Key::Ordinary);
        let late = insert(2, behind(Some(line)), split(7));
        let early = insert(3, behind(Some(line)), split(3));
        assert_eq!(in_order(&slots), [line, early, late, next]);
        let between = Planned::Marker {
            strand: StrandIndex(1),
            rank: 5,
        };
        let place = slots.planned_position(&Numbers, PARENT, behind(Some(line)), between);
        assert_eq!(place, slots.position(late));
    }

    #[test]
    fn a_slot_to_the_left_stands_before_all_that_hangs_there() {
        let history = history(3);
        let mut slots = Slots::default();
        let mut insert = |event: u32, origin, side| {
            let hook = Hook { origin, side };
            let event = (EventIndex(event), 0);
            slots.insert(&history, &Numbers, event, PARENT, hook, Key::Ordinary)
        };
        let line = insert(0, None, Side::Right);
        let two = insert(2, Some(line), Side::Left);
        let one = insert(1, Some(line), Side::Left);
        assert_eq!(in_order(&slots), [one, two, line]);
    }
}
