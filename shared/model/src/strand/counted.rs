//! A B-tree that counts: leaves in an order, each with a few weights, found by the sum of the
//! weights before them and the other way round. What the leaves hold is their owner's business.

use std::cmp::Ordering;

const FANOUT: usize = 16;
const NONE: u32 = u32::MAX;

/// A leaf, by the order in which the leaves were made. Never changes and never goes away.
pub(super) type Leaf = u32;

pub(super) type Weight<const N: usize> = [u32; N];

/// The node that a leaf or node is in, and its place there; the root is in none.
#[derive(Debug, Clone, Copy)]
struct Home {
    node: u32,
    place: u32,
}

#[derive(Debug, Clone)]
struct Node<const N: usize> {
    home: Home,
    len: usize,
    /// Nodes, or leaves in the nodes of the lowest level.
    children: [u32; FANOUT],
    weights: [Weight<N>; FANOUT],
}

#[derive(Debug, Clone)]
pub(super) struct Counted<const N: usize> {
    nodes: Vec<Node<N>>,
    /// Of each leaf.
    homes: Vec<Home>,
    root: u32,
    /// Levels of nodes.
    height: u32,
}

const NOWHERE: Home = Home {
    node: NONE,
    place: 0,
};

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
    fn empty() -> Self {
        Self {
            home: NOWHERE,
            len: 0,
            children: [NONE; FANOUT],
            weights: [[0; N]; FANOUT],
        }
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
        let mut node = Node::empty();
        node.insert(0, 0, weight);
        Self {
            nodes: vec![node],
            homes: vec![Home { node: 0, place: 0 }],
            root: 0,
            height: 1,
        }
    }

    fn node(&self, node: u32) -> &Node<N> {
        &self.nodes[node as usize]
    }

    fn node_mut(&mut self, node: u32) -> &mut Node<N> {
        &mut self.nodes[node as usize]
    }

    pub fn total(&self) -> Weight<N> {
        self.node(self.root).total()
    }

    /// The weights of all leaves before this one.
    pub fn before(&self, leaf: Leaf) -> Weight<N> {
        let mut sum = [0; N];
        let mut home = self.homes[leaf as usize];
        while home.node != NONE {
            let node = self.node(home.node);
            for weight in &node.weights[..home.place as usize] {
                sum = plus(sum, *weight);
            }
            home = node.home;
        }
        sum
    }

    /// The leaf that holds item number `at` of one kind, with the weights before it.
    pub fn find(&self, kind: usize, at: u32) -> Option<(Leaf, Weight<N>)> {
        let mut before = [0; N];
        let mut child = self.root;
        for _ in 0..self.height {
            let node = self.node(child);
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
        let mut home = self.homes[leaf as usize];
        while home.node != NONE {
            let node = self.node_mut(home.node);
            let own = &mut node.weights[home.place as usize];
            *own = plus(*own, weight);
            home = node.home;
        }
    }

    pub fn next(&self, leaf: Leaf) -> Option<Leaf> {
        self.beside(leaf, true)
    }

    pub fn previous(&self, leaf: Leaf) -> Option<Leaf> {
        self.beside(leaf, false)
    }

    fn beside(&self, leaf: Leaf, forward: bool) -> Option<Leaf> {
        let mut home = self.homes[leaf as usize];
        let mut levels = 0;
        while home.node != NONE {
            let node = self.node(home.node);
            let place = home.place as usize;
            let beside = if forward {
                Some(place + 1).filter(|&place| place < node.len)
            } else {
                place.checked_sub(1)
            };
            if let Some(beside) = beside {
                let mut found = node.children[beside];
                for _ in 0..levels {
                    let below = self.node(found);
                    found = below.children[if forward { 0 } else { below.len - 1 }];
                }
                return Some(found);
            }
            levels += 1;
            home = node.home;
        }
        None
    }

    /// Which of two leaves comes first.
    pub fn compare(&self, left: Leaf, right: Leaf) -> Ordering {
        let mut left = self.homes[left as usize];
        let mut right = self.homes[right as usize];
        while left.node != right.node {
            left = self.node(left.node).home;
            right = self.node(right.node).home;
        }
        left.place.cmp(&right.place)
    }

    /// Puts a new leaf behind another.
    pub fn insert_after(&mut self, leaf: Leaf, weight: Weight<N>) -> Leaf {
        let new = u32::try_from(self.homes.len()).expect("fewer leaves than elements");
        let home = self.homes[leaf as usize];
        self.homes.push(NOWHERE);
        let mut above = self.node(home.node).home;
        while above.node != NONE {
            let node = self.node_mut(above.node);
            let own = &mut node.weights[above.place as usize];
            *own = plus(*own, weight);
            above = node.home;
        }
        self.insert_child(home, new, weight, 0);
        new
    }

    /// Puts a child behind another; what is above the node counts it already.
    fn insert_child(&mut self, left: Home, new: u32, weight: Weight<N>, level: u32) {
        let place = left.place as usize + 1;
        if self.node(left.node).len < FANOUT {
            self.node_mut(left.node).insert(place, new, weight);
            self.settle(left.node, place, level);
            return;
        }
        let right = self.split(left.node, level);
        let half = FANOUT / 2;
        let (node, place) = if place <= half {
            (left.node, place)
        } else {
            (right, place - half)
        };
        self.node_mut(node).insert(place, new, weight);
        self.settle(node, place, level);
        self.adopt(left.node, right, level);
    }

    /// Moves the upper half of a full node into a new one, which hangs nowhere yet.
    fn split(&mut self, node: u32, level: u32) -> u32 {
        let half = FANOUT / 2;
        let mut moved = Node::empty();
        let full = self.node_mut(node);
        for place in half..FANOUT {
            moved.insert(place - half, full.children[place], full.weights[place]);
        }
        full.len = half;
        let right = self.nodes.len() as u32;
        self.nodes.push(moved);
        self.settle(right, 0, level);
        right
    }

    /// Hangs a node that was split off beside the one that it came from.
    fn adopt(&mut self, left: u32, right: u32, level: u32) {
        let (left_total, right_total) = (self.node(left).total(), self.node(right).total());
        let home = self.node(left).home;
        if home.node == NONE {
            let mut root = Node::empty();
            root.insert(0, left, left_total);
            root.insert(1, right, right_total);
            self.root = self.nodes.len() as u32;
            self.nodes.push(root);
            self.height += 1;
            self.settle(self.root, 0, level + 1);
            return;
        }
        self.node_mut(home.node).weights[home.place as usize] = left_total;
        self.insert_child(home, right, right_total, level + 1);
    }

    /// Tells the children of a node from a place on where they are.
    fn settle(&mut self, node: u32, from: usize, level: u32) {
        for place in from..self.node(node).len {
            let child = self.node(node).children[place] as usize;
            let place = place as u32;
            if level == 0 {
                self.homes[child] = Home { node, place };
            } else {
                self.nodes[child].home = Home { node, place };
            }
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
