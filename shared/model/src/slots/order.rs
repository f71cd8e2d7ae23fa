//! The order of the slots of each parent, as a treap: where a slot stands, what stands beside it,
//! and how many displayed lines there are before it are logarithmic questions, however many slots
//! one parent has. Knows nothing of what the counted lines are.

use std::ops::{Add, Sub};

use crate::bytes::with_room;
use crate::index::{LineIndex, SlotIndex};

/// What is counted of some slots. Differences wrap, so that one can be added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub slots: u32,
    /// Slots in which a line is, displayed or not.
    pub occupied: u32,
    /// Lines that are displayed in them.
    pub shown: u32,
    /// The same, with all that is displayed below them.
    pub rows: u32,
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            slots: self.slots.wrapping_add(other.slots),
            occupied: self.occupied.wrapping_add(other.occupied),
            shown: self.shown.wrapping_add(other.shown),
            rows: self.rows.wrapping_add(other.rows),
        }
    }
}

impl Sub for Weight {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            slots: self.slots.wrapping_sub(other.slots),
            occupied: self.occupied.wrapping_sub(other.occupied),
            shown: self.shown.wrapping_sub(other.shown),
            rows: self.rows.wrapping_sub(other.rows),
        }
    }
}

/// One of the counts of a [`Weight`].
pub(crate) type Measure = fn(&Weight) -> u32;

/// Where a new slot comes to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// It is the first of its parent.
    Nothing,
    Before(SlotIndex),
    Behind(SlotIndex),
}

const NONE: u32 = u32::MAX;

/// The node of the slot with the same number.
#[derive(Debug, Clone, Copy)]
struct Node {
    above: u32,
    left: u32,
    right: u32,
    /// Of the slot and everything below it in the treap.
    sum: Weight,
}

/// While an order is built, the way from its root to the latest node, which only turns right, with
/// priorities; empty before and after.
#[derive(Debug, Default)]
pub(super) struct Edge(Vec<(u32, u64)>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    nodes: Vec<Node>,
    /// By parent.
    roots: Vec<u32>,
}

impl Order {
    /// Puts the next slot into the order of `parent`.
    pub fn push(&mut self, parent: LineIndex, beside: Beside) -> SlotIndex {
        let new = SlotIndex::new(self.nodes.len());
        self.nodes.push(Node {
            above: NONE,
            left: NONE,
            right: NONE,
            sum: Weight::default(),
        });
        match beside {
            Beside::Nothing => {
                if self.roots.len() <= parent.at() {
                    self.roots.resize(parent.at() + 1, NONE);
                }
                self.roots[parent.at()] = new.0;
            }
            Beside::Before(slot) => match self.node(slot.0).left {
                NONE => self.hang_left(slot.0, new.0),
                below => self.hang_right(self.last_in(below), new.0),
            },
            Beside::Behind(slot) => match self.node(slot.0).right {
                NONE => self.hang_right(slot.0, new.0),
                below => self.hang_left(self.first_in(below), new.0),
            },
        }
        let one = Weight {
            slots: 1,
            ..Weight::default()
        };
        self.add(new, one);
        self.rise(parent, new.0);
        new
    }

    /// Room for so many slots, in no order yet.
    pub fn of_len(slots: usize, parents: usize) -> Self {
        let node = Node {
            above: NONE,
            left: NONE,
            right: NONE,
            sum: Weight::default(),
        };
        let mut order = Self {
            nodes: Vec::with_capacity(with_room(slots)),
            roots: Vec::with_capacity(with_room(parents)),
        };
        order.nodes.resize(slots, node);
        order.roots.resize(parents, NONE);
        order
    }

    /// The slots of a parent, in order, with what is counted of each. What pushing them one by one
    /// would give.
    pub(super) fn build(
        &mut self,
        parent: LineIndex,
        sequence: &[SlotIndex],
        edge: &mut Edge,
        weight: impl Fn(SlotIndex) -> Weight,
    ) {
        let edge = &mut edge.0;
        for &slot in sequence {
            let own = priority(slot.0);
            let mut below = NONE;
            while let Some((last, _)) = edge.pop_if(|(_, other)| *other < own) {
                below = last;
                self.close(last);
            }
            let above = edge.last().map(|&(above, _)| above);
            let node = &mut self.nodes[slot.at()];
            (node.left, node.above) = (below, above.unwrap_or(NONE));
            node.sum = weight(slot);
            if below != NONE {
                self.nodes[below as usize].above = slot.0;
            }
            match above {
                Some(above) => self.nodes[above as usize].right = slot.0,
                None => self.roots[parent.at()] = slot.0,
            }
            edge.push((slot.0, own));
        }
        while let Some((last, _)) = edge.pop() {
            self.close(last);
        }
    }

    /// Nothing comes below this node any more.
    fn close(&mut self, at: u32) {
        let Node { left, right, .. } = *self.node(at);
        let below = self.sum(left) + self.sum(right);
        let node = &mut self.nodes[at as usize];
        node.sum = node.sum + below;
    }

    /// Adds to what is counted of one slot.
    pub fn add(&mut self, slot: SlotIndex, weight: Weight) {
        let mut at = slot.0;
        while at != NONE {
            let node = &mut self.nodes[at as usize];
            node.sum = node.sum + weight;
            at = node.above;
        }
    }

    pub fn weight(&self, slot: SlotIndex) -> Weight {
        let node = self.node(slot.0);
        node.sum - self.sum(node.left) - self.sum(node.right)
    }

    /// Of all slots of a parent.
    pub fn total(&self, parent: LineIndex) -> Weight {
        self.sum(self.root(parent))
    }

    /// Of all slots before this one.
    pub fn before(&self, slot: SlotIndex) -> Weight {
        let mut at = slot.0;
        let mut sum = self.sum(self.node(at).left);
        loop {
            let above = self.node(at).above;
            if above == NONE {
                return sum;
            }
            if self.node(above).right == at {
                sum = sum + self.sum(above) - self.sum(at);
            }
            at = above;
        }
    }

    pub fn first(&self, parent: LineIndex) -> Option<SlotIndex> {
        let root = self.root(parent);
        (root != NONE).then(|| SlotIndex(self.first_in(root)))
    }

    pub fn last(&self, parent: LineIndex) -> Option<SlotIndex> {
        let root = self.root(parent);
        (root != NONE).then(|| SlotIndex(self.last_in(root)))
    }

    pub fn next(&self, slot: SlotIndex) -> Option<SlotIndex> {
        if self.node(slot.0).right != NONE {
            return Some(SlotIndex(self.first_in(self.node(slot.0).right)));
        }
        let mut at = slot.0;
        loop {
            let above = self.node(at).above;
            if above == NONE || self.node(above).left == at {
                return (above != NONE).then_some(SlotIndex(above));
            }
            at = above;
        }
    }

    fn previous(&self, slot: SlotIndex) -> Option<SlotIndex> {
        if self.node(slot.0).left != NONE {
            return Some(SlotIndex(self.last_in(self.node(slot.0).left)));
        }
        let mut at = slot.0;
        loop {
            let above = self.node(at).above;
            if above == NONE || self.node(above).right == at {
                return (above != NONE).then_some(SlotIndex(above));
            }
            at = above;
        }
    }

    /// The slot with the `number`-th of what is measured, counted from 0, and how many of those
    /// before it are in the same slot.
    pub fn find(
        &self,
        parent: LineIndex,
        measure: Measure,
        number: u32,
    ) -> Option<(SlotIndex, u32)> {
        let mut at = self.root(parent);
        let mut left = number;
        if left >= measure(&self.sum(at)) {
            return None;
        }
        loop {
            let node = self.node(at);
            let before = measure(&self.sum(node.left));
            if left < before {
                at = node.left;
                continue;
            }
            left -= before;
            let own = measure(&self.weight(SlotIndex(at)));
            if left < own {
                return Some((SlotIndex(at), left));
            }
            left -= own;
            at = node.right;
        }
    }

    /// The next slot behind this one that has any of what is measured.
    pub fn next_with(
        &self,
        parent: LineIndex,
        measure: Measure,
        slot: SlotIndex,
    ) -> Option<SlotIndex> {
        let next = self.next(slot)?;
        if measure(&self.weight(next)) > 0 {
            return Some(next);
        }
        let up_to = self.before(slot) + self.weight(slot);
        Some(self.find(parent, measure, measure(&up_to))?.0)
    }

    /// The slot before this one that has any of what is measured.
    pub fn previous_with(
        &self,
        parent: LineIndex,
        measure: Measure,
        slot: SlotIndex,
    ) -> Option<SlotIndex> {
        let previous = self.previous(slot)?;
        if measure(&self.weight(previous)) > 0 {
            return Some(previous);
        }
        let last = measure(&self.before(slot)).checked_sub(1)?;
        Some(self.find(parent, measure, last)?.0)
    }

    /// The slots that have any of what is measured, in order.
    pub fn all_with(&self, parent: LineIndex, measure: Measure) -> Vec<SlotIndex> {
        let mut slots = Vec::new();
        let mut open = Vec::new();
        let mut at = self.root(parent);
        loop {
            while at != NONE && measure(&self.sum(at)) > 0 {
                open.push(at);
                at = self.node(at).left;
            }
            let Some(next) = open.pop() else {
                return slots;
            };
            if measure(&self.weight(SlotIndex(next))) > 0 {
                slots.push(SlotIndex(next));
            }
            at = self.node(next).right;
        }
    }

    /// Forgets which lines were displayed in the slots of a parent.
    pub fn clear_shown(&mut self, parent: LineIndex) {
        let mut stack = vec![self.root(parent)];
        while let Some(at) = stack.pop() {
            if at == NONE {
                continue;
            }
            let node = &mut self.nodes[at as usize];
            if node.sum.shown == 0 && node.sum.rows == 0 {
                continue;
            }
            (node.sum.shown, node.sum.rows) = (0, 0);
            stack.extend([node.left, node.right]);
        }
    }

    fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    fn root(&self, parent: LineIndex) -> u32 {
        self.roots.get(parent.at()).copied().unwrap_or(NONE)
    }

    fn sum(&self, at: u32) -> Weight {
        if at == NONE {
            return Weight::default();
        }
        self.node(at).sum
    }

    fn first_in(&self, mut at: u32) -> u32 {
        while self.node(at).left != NONE {
            at = self.node(at).left;
        }
        at
    }

    fn last_in(&self, mut at: u32) -> u32 {
        while self.node(at).right != NONE {
            at = self.node(at).right;
        }
        at
    }

    fn hang_left(&mut self, above: u32, new: u32) {
        self.nodes[above as usize].left = new;
        self.nodes[new as usize].above = above;
    }

    fn hang_right(&mut self, above: u32, new: u32) {
        self.nodes[above as usize].right = new;
        self.nodes[new as usize].above = above;
    }

    /// Rotates a new node up to where its priority belongs.
    fn rise(&mut self, parent: LineIndex, new: u32) {
        loop {
            let above = self.node(new).above;
            if above == NONE || priority(above) >= priority(new) {
                return;
            }
            self.rotate(parent, above, new);
        }
    }

    fn rotate(&mut self, parent: LineIndex, above: u32, below: u32) {
        let (upper, lower) = (*self.node(above), *self.node(below));
        let is_left = upper.left == below;
        let inner = if is_left { lower.right } else { lower.left };
        let upper_sum = upper.sum - lower.sum + self.sum(inner);
        let node = &mut self.nodes[above as usize];
        node.sum = upper_sum;
        node.above = below;
        *(if is_left {
            &mut node.left
        } else {
            &mut node.right
        }) = inner;
        let node = &mut self.nodes[below as usize];
        node.sum = upper.sum;
        node.above = upper.above;
        *(if is_left {
            &mut node.right
        } else {
            &mut node.left
        }) = above;
        if inner != NONE {
            self.nodes[inner as usize].above = above;
        }
        match upper.above {
            NONE => self.roots[parent.at()] = below,
            top if self.node(top).left == above => self.nodes[top as usize].left = below,
            top => self.nodes[top as usize].right = below,
        }
    }
}

/// A number without pattern, the same on every run.
fn priority(at: u32) -> u64 {
    let mixed = (u64::from(at) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 27)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: LineIndex = LineIndex(3);

    #[test]
    fn slots_stand_where_they_were_put_and_are_found_by_what_they_hold() {
        let mut order = Order::default();
        let mut plain: Vec<(SlotIndex, u32)> = Vec::new();
        for number in 0..500_usize {
            let at = priority(number as u32) as usize % (plain.len() + 1);
            let beside = match (at.checked_sub(1), number % 2) {
                _ if plain.is_empty() => Beside::Nothing,
                (None, _) => Beside::Before(plain[0].0),
                (Some(_), 0) if at < plain.len() => Beside::Before(plain[at].0),
                (Some(left), _) => Beside::Behind(plain[left].0),
            };
            let slot = order.push(PARENT, beside);
            let shown = number as u32 % 3;
            order.add(
                slot,
                Weight {
                    shown,
                    ..Weight::default()
                },
            );
            plain.insert(at, (slot, shown));
        }
        let expected: Vec<SlotIndex> = plain.iter().map(|&(slot, _)| slot).collect();
        assert_eq!(order.all_with(PARENT, |weight| weight.slots), expected);
        let mut before = 0;
        for (at, &(slot, shown)) in plain.iter().enumerate() {
            assert_eq!(order.before(slot).slots as usize, at);
            assert_eq!(order.before(slot).shown, before);
            assert_eq!(order.next(slot), expected.get(at + 1).copied());
            let is_shown = |&(_, shown): &&(SlotIndex, u32)| *shown > 0;
            let behind = plain[at + 1..].iter().find(is_shown);
            let ahead = plain[..at].iter().rfind(is_shown);
            let measure: Measure = |weight| weight.shown;
            let next = order.next_with(PARENT, measure, slot);
            assert_eq!(next, behind.map(|&(slot, _)| slot));
            let previous = order.previous_with(PARENT, measure, slot);
            assert_eq!(previous, ahead.map(|&(slot, _)| slot));
            for extra in 0..shown {
                let found = order.find(PARENT, |weight| weight.shown, before + extra);
                assert_eq!(found, Some((slot, extra)));
            }
            before += shown;
        }
        order.clear_shown(PARENT);
        assert_eq!(order.total(PARENT).shown, 0);
        assert_eq!(order.total(PARENT).slots, 500);
    }
}
