//! A B-tree that counts: leaves in an order, each with a few weights, found by the sum of the
//! weights before them and the other way round. What the leaves hold is their owner's business.

use std::cmp::Ordering;

const FANOUT: usize = 16;
const NONE: u32 = u32::MAX;

/// A leaf, by the order in which the leaves were made. Never changes and never goes away.
pub(super) type Leaf = u32;

pub(super) type Weight<const N: usize> = [u32; N];

#[derive(Debug, Clone)]
struct Node<const N: usize> {
    parent: u32,
    len: usize,
    /// Nodes, or leaves in the nodes of the lowest level.
    children: [u32; FANOUT],
    weights: [Weight<N>; FANOUT],
}

#[derive(Debug, Clone)]
pub(super) struct Counted<const N: usize> {
    nodes: Vec<Node<N>>,
    /// The node that each leaf is in.
    homes: Vec<u32>,
    root: u32,
    /// Levels of nodes.
    height: u32,
}

pub(super) fn plus<const N: usize>(mut left: Weight<N>, right: Weight<N>) -> Weight<N> {
    for (left, right) in left.iter_mut().zip(right) {
        *left = left.wrapping_add(right);
    }
    left
}

pub(super) fn minus<const N: usize>(mut left: Weight<N>, right: Weight<N>) -> Weight<N> {
    for (left, right) in left.iter_mut().zip(right) {
        *left = left.wrapping_sub(right);
    }
    left
}

impl<const N: usize> Node<N> {
    fn empty(parent: u32) -> Self {
        Self {
            parent,
            len: 0,
            children: [NONE; FANOUT],
            weights: [[0; N]; FANOUT],
        }
    }

    fn place_of(&self, child: u32) -> usize {
        let place = self.children[..self.len].iter().position(|&it| it == child);
        place.expect("a child is in its parent")
    }

    fn insert(&mut self, place: usize, child: u32, weight: Weight<N>) {
        self.children.copy_within(place..self.len, place + 1);
        self.weights.copy_within(place..self.len, place + 1);
        self.children[place] = child;
        self.weights[place] = weight;
        self.len += 1;
    }

    fn total(&self) -> Weight<N> {
        let weights = self.weights[..self.len].iter();
        weights.fold([0; N], |sum, &weight| plus(sum, weight))
    }
}

impl<const N: usize> Counted<N> {
    /// One leaf, number 0.
    pub fn new(weight: Weight<N>) -> Self {
        let mut node = Node::empty(NONE);
        node.insert(0, 0, weight);
        Self {
            nodes: vec![node],
            homes: vec![0],
            root: 0,
            height: 1,
        }
    }

    pub fn total(&self) -> Weight<N> {
        self.nodes[self.root as usize].total()
    }

    /// The weights of all leaves before this one.
    pub fn before(&self, leaf: Leaf) -> Weight<N> {
        let mut sum = [0; N];
        let (mut child, mut node) = (leaf, self.homes[leaf as usize]);
        while node != NONE {
            let this = &self.nodes[node as usize];
            for weight in &this.weights[..this.place_of(child)] {
                sum = plus(sum, *weight);
            }
            (child, node) = (node, this.parent);
        }
        sum
    }

    /// The leaf that holds item number `at` of one kind, with the weights before it.
    pub fn find(&self, kind: usize, at: u32) -> Option<(Leaf, Weight<N>)> {
        let mut before = [0; N];
        let mut child = self.root;
        for _ in 0..self.height {
            let node = &self.nodes[child as usize];
            let mut place = 0;
            while place < node.len && before[kind] + node.weights[place][kind] <= at {
                before = plus(before, node.weights[place]);
                place += 1;
            }
            if place == node.len {
                return None;
            }
            child = node.children[place];
        }
        Some((child, before))
    }

    /// Adds to the weights of a leaf; below zero wraps around, for taking away.
    pub fn add(&mut self, leaf: Leaf, weight: Weight<N>) {
        let (mut child, mut node) = (leaf, self.homes[leaf as usize]);
        while node != NONE {
            let this = &mut self.nodes[node as usize];
            let place = this.place_of(child);
            this.weights[place] = plus(this.weights[place], weight);
            (child, node) = (node, this.parent);
        }
    }

    pub fn next(&self, leaf: Leaf) -> Option<Leaf> {
        self.step(leaf, |node, place| {
            (place + 1 < node.len).then_some(place + 1)
        })
    }

    pub fn previous(&self, leaf: Leaf) -> Option<Leaf> {
        self.step(leaf, |_, place| place.checked_sub(1))
    }

    fn step(&self, leaf: Leaf, beside: impl Fn(&Node<N>, usize) -> Option<usize>) -> Option<Leaf> {
        let (mut child, mut node) = (leaf, self.homes[leaf as usize]);
        let mut levels = 0;
        let is_forward = |place, beside| beside > place;
        while node != NONE {
            let this = &self.nodes[node as usize];
            let place = this.place_of(child);
            if let Some(beside) = beside(this, place) {
                let forward = is_forward(place, beside);
                let mut found = this.children[beside];
                for _ in 0..levels {
                    let below = &self.nodes[found as usize];
                    found = below.children[if forward { 0 } else { below.len - 1 }];
                }
                return Some(found);
            }
            levels += 1;
            (child, node) = (node, this.parent);
        }
        None
    }

    /// Which of two leaves comes first.
    pub fn compare(&self, left: Leaf, right: Leaf) -> Ordering {
        let climb = |leaf: Leaf| (leaf, self.homes[leaf as usize]);
        let (mut left, mut right) = (climb(left), climb(right));
        while left.1 != right.1 {
            left = (left.1, self.nodes[left.1 as usize].parent);
            right = (right.1, self.nodes[right.1 as usize].parent);
        }
        let node = &self.nodes[left.1 as usize];
        node.place_of(left.0).cmp(&node.place_of(right.0))
    }

    /// Puts a new leaf behind another.
    pub fn insert_after(&mut self, leaf: Leaf, weight: Weight<N>) -> Leaf {
        let new = u32::try_from(self.homes.len()).expect("fewer leaves than elements");
        let home = self.homes[leaf as usize];
        self.homes.push(home);
        let mut above = self.nodes[home as usize].parent;
        let mut child = home;
        while above != NONE {
            let node = &mut self.nodes[above as usize];
            let place = node.place_of(child);
            node.weights[place] = plus(node.weights[place], weight);
            (child, above) = (above, node.parent);
        }
        self.insert_child(home, leaf, new, weight, 0);
        new
    }

    /// Puts a child behind another; what is above the node counts it already.
    fn insert_child(&mut self, node: u32, left: u32, new: u32, weight: Weight<N>, level: u32) {
        let place = self.nodes[node as usize].place_of(left) + 1;
        if self.nodes[node as usize].len < FANOUT {
            self.nodes[node as usize].insert(place, new, weight);
            self.set_parent(new, node, level);
            return;
        }
        let right = self.split(node, level);
        let half = FANOUT / 2;
        let (node, place) = if place <= half {
            (node, place)
        } else {
            (right, place - half)
        };
        self.nodes[node as usize].insert(place, new, weight);
        self.set_parent(new, node, level);
        self.adopt(right, level);
    }

    /// Moves the upper half of a full node into a new one, which hangs nowhere yet but knows its
    /// left neighbour as its parent's child.
    fn split(&mut self, node: u32, level: u32) -> u32 {
        let right = self.nodes.len() as u32;
        let half = FANOUT / 2;
        let mut moved = Node::empty(node);
        let full = &mut self.nodes[node as usize];
        for place in half..FANOUT {
            moved.insert(place - half, full.children[place], full.weights[place]);
        }
        full.len = half;
        let children = moved.children;
        self.nodes.push(moved);
        for &child in &children[..FANOUT - half] {
            self.set_parent(child, right, level);
        }
        right
    }

    /// Hangs a node that was split off beside the one that it came from.
    fn adopt(&mut self, right: u32, level: u32) {
        let left = self.nodes[right as usize].parent;
        let above = self.nodes[left as usize].parent;
        let (left_total, right_total) = (
            self.nodes[left as usize].total(),
            self.nodes[right as usize].total(),
        );
        if above == NONE {
            let mut root = Node::empty(NONE);
            root.insert(0, left, left_total);
            root.insert(1, right, right_total);
            self.root = self.nodes.len() as u32;
            self.nodes.push(root);
            self.height += 1;
            self.nodes[left as usize].parent = self.root;
            self.nodes[right as usize].parent = self.root;
            return;
        }
        let place = self.nodes[above as usize].place_of(left);
        self.nodes[above as usize].weights[place] = left_total;
        self.insert_child(above, left, right, right_total, level + 1);
    }

    fn set_parent(&mut self, child: u32, node: u32, level: u32) {
        if level == 0 {
            self.homes[child as usize] = node;
        } else {
            self.nodes[child as usize].parent = node;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves put at places that jump about, beside a plain vector.
    fn scattered(count: u32) -> (Counted<2>, Vec<(Leaf, Weight<2>)>) {
        let mut tree = Counted::new([0, 0]);
        let mut plain = vec![(0, [0, 0])];
        for number in 1..count {
            let place = number.wrapping_mul(0x9e37_79b9) as usize % plain.len();
            let weight = [number % 5, number % 2];
            let leaf = tree.insert_after(plain[place].0, weight);
            plain.insert(place + 1, (leaf, weight));
        }
        (tree, plain)
    }

    #[test]
    fn leaves_come_in_the_order_in_which_they_were_put() {
        let (tree, plain) = scattered(2_000);
        for pair in plain.windows(2) {
            assert_eq!(tree.next(pair[0].0), Some(pair[1].0));
            assert_eq!(tree.previous(pair[1].0), Some(pair[0].0));
        }
        for (place, step) in [(3, 1), (500, 700), (1_998, 1)] {
            let (left, right) = (plain[place].0, plain[place + step].0);
            assert_eq!(tree.compare(left, right), Ordering::Less);
            assert_eq!(tree.compare(right, left), Ordering::Greater);
        }
        assert_eq!(tree.compare(7, 7), Ordering::Equal);
    }

    #[test]
    fn positions_and_leaves_find_each_other() {
        let (mut tree, mut plain) = scattered(2_000);
        for (leaf, weight) in &mut plain {
            if *leaf % 7 == 0 {
                tree.add(*leaf, [3, 0]);
                tree.add(*leaf, minus([0, 0], [weight[0], 0]));
                weight[0] = 3;
            }
        }
        let mut before = [0, 0];
        for &(leaf, weight) in &plain {
            assert_eq!(tree.before(leaf), before);
            for offset in 0..weight[0] {
                assert_eq!(tree.find(0, before[0] + offset), Some((leaf, before)));
            }
            before = plus(before, weight);
        }
        assert_eq!(tree.total(), before);
        assert_eq!(tree.find(0, before[0]), None);
    }
}
