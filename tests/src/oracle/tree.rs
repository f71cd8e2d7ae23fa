//! A Fugue tree (Weidner & Kleppmann, "The Art of the Fugue", 2023): each node hangs to the left or
//! right of another one, or of the start; the order is that of a walk through the tree.
//! Knows nothing of what its nodes stand for, nor of how those at one place are ranked.

use tideline_model::Side;

pub struct Node<T> {
    /// The index of the node it hangs on; `None`: the start of the sequence.
    pub origin: Option<usize>,
    pub side: Side,
    pub value: T,
}

pub struct Tree<T> {
    pub nodes: Vec<Node<T>>,
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self { nodes: Vec::new() }
    }
}

enum Step {
    Enter(usize),
    Show(usize),
}

impl<T> Tree<T> {
    pub fn add(&mut self, origin: Option<usize>, side: Side, value: T) -> usize {
        self.nodes.push(Node {
            origin,
            side,
            value,
        });
        self.nodes.len() - 1
    }

    /// The indices of all nodes in order; nodes at one place come by `rank`.
    pub fn order<K: Ord>(&self, rank: impl Fn(&T) -> K) -> Vec<usize> {
        let (mut left, mut right) = (self.lists(), self.lists());
        let mut first = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            match (node.origin, node.side) {
                (None, _) => first.push(index),
                (Some(origin), Side::Left) => left[origin].push(index),
                (Some(origin), Side::Right) => right[origin].push(index),
            }
        }
        let ranked = |mut place: Vec<usize>| {
            place.sort_by_key(|&index| rank(&self.nodes[index].value));
            place.into_iter().rev().map(Step::Enter)
        };
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut steps: Vec<Step> = ranked(first).collect();
        while let Some(step) = steps.pop() {
            match step {
                Step::Show(index) => order.push(index),
                Step::Enter(index) => {
                    steps.extend(ranked(std::mem::take(&mut right[index])));
                    steps.push(Step::Show(index));
                    steps.extend(ranked(std::mem::take(&mut left[index])));
                }
            }
        }
        order
    }

    fn lists(&self) -> Vec<Vec<usize>> {
        self.nodes.iter().map(|_| Vec::new()).collect()
    }
}
