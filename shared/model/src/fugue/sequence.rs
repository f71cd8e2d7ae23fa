//! A list with stable nodes that counts: items are found by position, and positions by item, in
//! logarithmic time. A treap with parent links (Seidel & Aragon, "Randomized Search Trees", 1996).
//! Knows nothing of what its items are.

use std::ops::{Add, AddAssign, Sub};

use crate::index::NodeIndex;

/// How much an item counts for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    /// What positions count: visible characters and markers.
    pub elements: u32,
    pub markers: u32,
}

impl Add for Weight {
    type Output = Weight;

    fn add(self, other: Weight) -> Weight {
        Weight {
            elements: self.elements + other.elements,
            markers: self.markers + other.markers,
        }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Weight) {
        *self = *self + other;
    }
}

impl Sub for Weight {
    type Output = Weight;

    fn sub(self, other: Weight) -> Weight {
        Weight {
            elements: self.elements - other.elements,
            markers: self.markers - other.markers,
        }
    }
}

pub(crate) trait Weigh {
    fn weight(&self) -> Weight;
}

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct Node<T> {
    item: T,
    priority: u32,
    parent: u32,
    left: u32,
    right: u32,
    /// Of the item and all below it.
    total: Weight,
}

#[derive(Debug, Clone)]
pub(crate) struct Sequence<T> {
    nodes: Vec<Node<T>>,
    root: u32,
}

impl<T> Default for Sequence<T> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            root: NONE,
        }
    }
}

impl<T: Weigh> Sequence<T> {
    pub fn get(&self, node: NodeIndex) -> &T {
        &self.nodes[node.at()].item
    }

    pub fn total(&self) -> Weight {
        self.total_of(self.root)
    }

    pub fn first(&self) -> Option<NodeIndex> {
        some(self.leftmost(self.root))
    }

    pub fn next(&self, node: NodeIndex) -> Option<NodeIndex> {
        let right = self.nodes[node.at()].right;
        if right != NONE {
            return some(self.leftmost(right));
        }
        let mut child = node.0;
        let mut parent = self.nodes[node.at()].parent;
        while parent != NONE && self.nodes[parent as usize].right == child {
            child = parent;
            parent = self.nodes[parent as usize].parent;
        }
        some(parent)
    }

    pub fn previous(&self, node: NodeIndex) -> Option<NodeIndex> {
        let left = self.nodes[node.at()].left;
        if left != NONE {
            return some(self.rightmost(left));
        }
        let mut child = node.0;
        let mut parent = self.nodes[node.at()].parent;
        while parent != NONE && self.nodes[parent as usize].left == child {
            child = parent;
            parent = self.nodes[parent as usize].parent;
        }
        some(parent)
    }

    /// The nodes from `node` on.
    pub fn iter_from(&self, node: Option<NodeIndex>) -> impl Iterator<Item = (NodeIndex, &T)> {
        std::iter::successors(node, |&node| self.next(node)).map(|node| (node, self.get(node)))
    }

    /// The weight of everything in front of `node`.
    pub fn before(&self, node: NodeIndex) -> Weight {
        let mut sum = self.total_of(self.nodes[node.at()].left);
        let mut child = node.0;
        let mut parent = self.nodes[node.at()].parent;
        while parent != NONE {
            let above = &self.nodes[parent as usize];
            if above.right == child {
                sum += self.total_of(above.left) + above.item.weight();
            }
            child = parent;
            parent = above.parent;
        }
        sum
    }

    /// The node of the element at `position`, and how far into it that is.
    pub fn find_element(&self, position: u32) -> Option<(NodeIndex, u32)> {
        self.find(position, |weight| weight.elements)
    }

    /// The node of the marker that has `rank` markers before it.
    pub fn find_marker(&self, rank: u32) -> Option<NodeIndex> {
        self.find(rank, |weight| weight.markers)
            .map(|(node, _)| node)
    }

    fn find(&self, mut position: u32, measure: impl Fn(Weight) -> u32) -> Option<(NodeIndex, u32)> {
        let mut node = self.root;
        while node != NONE {
            let this = &self.nodes[node as usize];
            let left = measure(self.total_of(this.left));
            let own = measure(this.item.weight());
            if position < left {
                node = this.left;
            } else if position < left + own {
                return Some((NodeIndex(node), position - left));
            } else {
                position -= left + own;
                node = this.right;
            }
        }
        None
    }

    /// Changes an item; its weight may change with it.
    pub fn update<R>(&mut self, node: NodeIndex, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.nodes[node.at()].item);
        self.recount_upwards(node.0);
        result
    }

    /// Puts `item` behind `left`, or first.
    pub fn insert_after(&mut self, left: Option<NodeIndex>, item: T) -> NodeIndex {
        let node = NodeIndex::new(self.nodes.len());
        let total = item.weight();
        self.nodes.push(Node {
            item,
            priority: scatter(node.0),
            parent: NONE,
            left: NONE,
            right: NONE,
            total,
        });
        self.attach(left, node.0);
        self.recount_upwards(node.0);
        self.lift(node.0);
        node
    }

    fn attach(&mut self, left: Option<NodeIndex>, node: u32) {
        let (parent, as_left) = match left {
            None if self.root == NONE => {
                self.root = node;
                return;
            }
            None => (self.leftmost(self.root), true),
            Some(left) if self.nodes[left.at()].right == NONE => (left.0, false),
            Some(left) => (self.leftmost(self.nodes[left.at()].right), true),
        };
        self.nodes[node as usize].parent = parent;
        if as_left {
            self.nodes[parent as usize].left = node;
        } else {
            self.nodes[parent as usize].right = node;
        }
    }

    fn lift(&mut self, node: u32) {
        loop {
            let parent = self.nodes[node as usize].parent;
            if parent == NONE
                || self.nodes[parent as usize].priority >= self.nodes[node as usize].priority
            {
                return;
            }
            self.rotate_above(node, parent);
        }
    }

    /// Makes `node` the parent of its `parent`, keeping the order.
    fn rotate_above(&mut self, node: u32, parent: u32) {
        let above = self.nodes[parent as usize].parent;
        let inner = if self.nodes[parent as usize].left == node {
            let inner = self.nodes[node as usize].right;
            self.nodes[parent as usize].left = inner;
            self.nodes[node as usize].right = parent;
            inner
        } else {
            let inner = self.nodes[node as usize].left;
            self.nodes[parent as usize].right = inner;
            self.nodes[node as usize].left = parent;
            inner
        };
        if inner != NONE {
            self.nodes[inner as usize].parent = parent;
        }
        self.nodes[parent as usize].parent = node;
        self.nodes[node as usize].parent = above;
        if above == NONE {
            self.root = node;
        } else if self.nodes[above as usize].left == parent {
            self.nodes[above as usize].left = node;
        } else {
            self.nodes[above as usize].right = node;
        }
        self.recount(parent);
        self.recount(node);
    }

    fn recount(&mut self, node: u32) {
        let this = &self.nodes[node as usize];
        let total = self.total_of(this.left) + this.item.weight() + self.total_of(this.right);
        self.nodes[node as usize].total = total;
    }

    fn recount_upwards(&mut self, mut node: u32) {
        while node != NONE {
            self.recount(node);
            node = self.nodes[node as usize].parent;
        }
    }

    fn total_of(&self, node: u32) -> Weight {
        self.nodes
            .get(node as usize)
            .map_or(Weight::default(), |node| node.total)
    }

    fn leftmost(&self, mut node: u32) -> u32 {
        while node != NONE && self.nodes[node as usize].left != NONE {
            node = self.nodes[node as usize].left;
        }
        node
    }

    fn rightmost(&self, mut node: u32) -> u32 {
        while node != NONE && self.nodes[node as usize].right != NONE {
            node = self.nodes[node as usize].right;
        }
        node
    }
}

fn some(node: u32) -> Option<NodeIndex> {
    (node != NONE).then_some(NodeIndex(node))
}

/// Spreads node numbers over all priorities: the finishing step of `MurmurHash3` (Appleby, 2011).
fn scatter(node: u32) -> u32 {
    let mut bits = node.wrapping_add(0x9e37_79b9);
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
    bits ^ (bits >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item(u32, u32);

    impl Weigh for Item {
        fn weight(&self) -> Weight {
            Weight {
                elements: self.1,
                markers: self.0 % 2,
            }
        }
    }

    /// Inserts at places that jump about, beside a plain vector.
    fn scattered(count: u32) -> (Sequence<Item>, Vec<(NodeIndex, u32)>) {
        let mut sequence = Sequence::default();
        let mut plain: Vec<(NodeIndex, u32)> = Vec::new();
        for number in 0..count {
            let place = (scatter(number) as usize) % (plain.len() + 1);
            let left = place.checked_sub(1).map(|left| plain[left].0);
            let node = sequence.insert_after(left, Item(number, number % 5));
            plain.insert(place, (node, number));
        }
        (sequence, plain)
    }

    #[test]
    fn items_come_in_the_order_they_were_put() {
        let (sequence, plain) = scattered(500);
        let found: Vec<u32> = sequence
            .iter_from(sequence.first())
            .map(|(_, item)| item.0)
            .collect();
        let expected: Vec<u32> = plain.iter().map(|&(_, number)| number).collect();
        assert_eq!(found, expected);
        for pair in plain.windows(2) {
            assert_eq!(sequence.previous(pair[1].0), Some(pair[0].0));
        }
    }

    #[test]
    fn positions_and_items_find_each_other() {
        let (mut sequence, plain) = scattered(500);
        for &(node, number) in &plain {
            if number % 7 == 0 {
                sequence.update(node, |item| item.1 = 3);
            }
        }
        let mut before = Weight::default();
        for &(node, _) in &plain {
            let weight = sequence.get(node).weight();
            assert_eq!(sequence.before(node), before);
            for offset in 0..weight.elements {
                assert_eq!(
                    sequence.find_element(before.elements + offset),
                    Some((node, offset))
                );
            }
            if weight.markers == 1 {
                assert_eq!(sequence.find_marker(before.markers), Some(node));
            }
            before += weight;
        }
        assert_eq!(sequence.total(), before);
        assert_eq!(sequence.find_element(before.elements), None);
    }
}
