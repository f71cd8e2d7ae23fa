//! The slots as bytes. The treap of each parent is built anew, from the order that the hooks give.

use crate::bytes::{Damaged, Reader, put_column, put_number, with_room};
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::slots::order::Edge;
use crate::slots::{BLOCK, LEFT, NONE, Order, Place, Run, Slots, Weight};

impl Slots {
    pub fn write(&self, bytes: &mut Vec<u8>) {
        put_column(bytes, self.runs.iter().map(|run| run.first.0));
        put_column(bytes, self.runs.iter().map(|run| run.event.0));
        put_column(bytes, self.runs.iter().map(|run| run.index));
        put_column(bytes, self.parents.iter().map(|parent| parent.0));
        put_column(bytes, self.hooks.iter().copied());
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_unstable_by_key(|(slot, _)| **slot);
        put_number(bytes, keys.len() as u64);
        for (slot, (strand, marker)) in keys {
            put_number(bytes, slot.0.into());
            put_number(bytes, strand.0.into());
            put_number(bytes, marker.0.into());
        }
        let mut hanging: Vec<(u64, u32, &[SlotIndex])> = self
            .hanging
            .iter()
            .map(|(place, slots)| match *place {
                Place::Top(parent) => (0, parent.0, slots.as_slice()),
                Place::Left(origin) => (1, origin.0, slots.as_slice()),
                Place::Right(origin) => (2, origin.0, slots.as_slice()),
            })
            .collect();
        hanging.sort_unstable();
        put_number(bytes, hanging.len() as u64);
        for (side, at, slots) in hanging {
            put_number(bytes, side);
            put_number(bytes, at.into());
            put_column(bytes, slots.iter().map(|slot| slot.0));
        }
    }

    /// Without the weights, which [`Order::build`] wants.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut slots = Self::default();
        let firsts = reader.column(u32::MAX as usize)?;
        let events = reader.column(firsts.len())?;
        let indexes = reader.column(firsts.len())?;
        if events.len() != firsts.len() || indexes.len() != firsts.len() {
            return Err(Damaged);
        }
        for (at, &first) in firsts.iter().enumerate() {
            slots.runs.push(Run {
                first: SlotIndex(first),
                event: EventIndex(events[at]),
                index: indexes[at],
            });
        }
        let mut parents = reader.steps(u32::MAX as usize)?;
        let len = parents.len();
        slots.parents.reserve_exact(with_room(len));
        for _ in 0..len {
            slots.parents.push(LineIndex(parents.next()?));
        }
        let mut hooks = reader.steps(len)?;
        slots.hooks.reserve_exact(with_room(len));
        for _ in 0..len {
            slots.hooks.push(hooks.next()?);
        }
        for _ in 0..reader.count()? {
            let slot = SlotIndex(reader.small()?);
            let key = (StrandIndex(reader.small()?), LineIndex(reader.small()?));
            slots.keys.insert(slot, key);
        }
        for _ in 0..reader.count()? {
            let side = reader.number()?;
            let at = reader.small()?;
            let place = match side {
                0 => Place::Top(LineIndex(at)),
                1 => Place::Left(SlotIndex(at)),
                _ => Place::Right(SlotIndex(at)),
            };
            let all = reader.column(slots.parents.len())?.into_iter();
            slots.hanging.insert(place, all.map(SlotIndex).collect());
        }
        for at in 0..slots.runs.len() {
            let next = slots.runs.get(at + 1);
            let end = next.map_or(slots.parents.len(), |next| next.first.at());
            while slots.starts.len() * BLOCK < end {
                slots.starts.push(at as u32);
            }
        }
        Ok(slots)
    }

    /// Builds the order of all slots, with what is counted of each.
    pub fn order_all(&mut self, weight: impl Fn(SlotIndex) -> Weight) {
        let alone = Alone::of(self);
        let mut order = Order::of_len(self.parents.len(), alone.tops.len());
        // Made once: most parents have few slots.
        let (mut steps, mut sequence, mut edge) = (Vec::new(), Vec::new(), Edge::default());
        for parent in (0..alone.tops.len()).map(LineIndex::new) {
            if alone.tops[parent.at()] != NONE {
                sequence.clear();
                self.list(&alone, parent, &mut steps, &mut sequence);
                order.build(parent, &sequence, &mut edge, &weight);
            }
        }
        self.order = order;
    }

    /// The slots of a parent, in order.
    fn list(
        &self,
        alone: &Alone,
        parent: LineIndex,
        stack: &mut Vec<Step>,
        sequence: &mut Vec<SlotIndex>,
    ) {
        let trees = |place: Place, stack: &mut Vec<Step>| {
            let slots = self.hanging.get(&place).map_or(&[][..], Vec::as_slice);
            stack.extend(slots.iter().rev().map(|&slot| Step::Tree(slot)));
        };
        let tree_at = |slot: SlotIndex, place: Place, stack: &mut Vec<Step>| match slot {
            NONE => {}
            SEVERAL => trees(place, stack),
            slot => stack.push(Step::Tree(slot)),
        };
        tree_at(alone.tops[parent.at()], Place::Top(parent), stack);
        while let Some(step) = stack.pop() {
            let mut slot = match step {
                Step::Slot(slot) => {
                    sequence.push(slot);
                    continue;
                }
                Step::Tree(slot) => slot,
            };
            // Mostly one behind the other.
            while !alone.has_left(slot)
                && let next = alone.right[slot.at()]
                && next.0 < SEVERAL.0
            {
                sequence.push(slot);
                slot = next;
            }
            tree_at(alone.right[slot.at()], Place::Right(slot), stack);
            stack.push(Step::Slot(slot));
            if alone.has_left(slot) {
                trees(Place::Left(slot), stack);
            }
        }
    }
}

/// What is to be listed next.
enum Step {
    Tree(SlotIndex),
    Slot(SlotIndex),
}

/// Several slots, which are noted elsewhere.
const SEVERAL: SlotIndex = SlotIndex(u32::MAX - 1);

/// The slots that hang alone, for as long as there is no order to find them by.
struct Alone {
    /// Of each parent, the one that hangs from the root.
    tops: Vec<SlotIndex>,
    /// Of each slot, the one to the right.
    right: Vec<SlotIndex>,
    /// Bit by bit, the slots with some to the left.
    left: Vec<u64>,
}

impl Alone {
    fn of(slots: &Slots) -> Self {
        let parents = slots.parents.iter().map(|parent| parent.at() + 1);
        let mut tops = vec![NONE; parents.max().unwrap_or(0)];
        let mut right = vec![NONE; slots.parents.len()];
        for (at, &hook) in slots.hooks.iter().enumerate() {
            let place = if hook == NONE.0 {
                &mut tops[slots.parents[at].at()]
            } else if hook & LEFT == 0 {
                &mut right[hook as usize]
            } else {
                continue;
            };
            *place = if *place == NONE {
                SlotIndex::new(at)
            } else {
                SEVERAL
            };
        }
        let mut left = vec![0; slots.parents.len().div_ceil(64)];
        for place in slots.hanging.keys() {
            if let Place::Left(slot) = place
                && let Some(word) = left.get_mut(slot.at() / 64)
            {
                *word |= 1 << (slot.0 % 64);
            }
        }
        Self { tops, right, left }
    }

    fn has_left(&self, slot: SlotIndex) -> bool {
        self.left[slot.at() / 64] >> (slot.0 % 64) & 1 == 1
    }
}
