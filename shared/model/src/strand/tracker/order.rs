//! Where an insertion goes among others at the same place that its author did not know of: as in a
//! Fugue tree (Weidner & Kleppmann, "The Art of the Fugue", 2023). An insertion hangs from the element
//! on its left, or, when something hangs there already, from the element on its right; so what two
//! people type at one place stays together, whoever's event comes first.
//!
//! Of the text that the tracker started from the tree is not known, and need not be: everybody knew
//! all of it, so at each place in it everybody's insertion hangs from the same element.

use crate::index::EventIndex;
use crate::strand::graph::EventGraph;
use crate::strand::log::{Kind, Log};
use crate::strand::tracker::fragments::{Fragments, KNOWN, Spot};

/// No element: the start of the text, or the end.
pub(super) const NONE: u32 = u32::MAX;
/// The first id of what was inserted since the tracker started.
pub(super) const INSERTED: u32 = 1 << 31;

/// A run of insertions; each element but the first hangs to the right of the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Insertion {
    pub run: usize,
    /// The id of the first element.
    pub first: u32,
    /// The element that the author saw, or knew of, on the left.
    pub left: u32,
    /// The element on the right, if the insertion hangs from that.
    pub right: u32,
}

/// The insertions since the tracker started, in the order of arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Insertions {
    list: Vec<Insertion>,
    next: u32,
}

impl Insertions {
    pub fn push(&mut self, run: usize, (left, right): (u32, u32), len: u32) -> u32 {
        let first = INSERTED + self.next;
        let insertion = Insertion {
            run,
            first,
            left,
            right,
        };
        self.list.push(insertion);
        self.grow(len);
        first
    }

    /// The latest insertion goes on.
    pub fn grow(&mut self, len: u32) {
        self.next += len;
        assert!(self.next < INSERTED, "more insertions than a text can hold");
    }

    /// The element that comes next.
    pub fn next(&self) -> u32 {
        INSERTED + self.next
    }

    /// The insertion that an element is part of.
    pub fn of(&self, id: u32) -> &Insertion {
        &self.list[self.list.partition_point(|it| it.first <= id) - 1]
    }

    pub fn of_run(&self, run: usize) -> &Insertion {
        let place = self.list.binary_search_by_key(&run, |it| it.run);
        &self.list[place.expect("a run of insertions that was worked in")]
    }

    /// What the author saw on the left of an inserted element.
    fn left(&self, id: u32) -> u32 {
        let insertion = self.of(id);
        if insertion.first == id {
            insertion.left
        } else {
            id - 1
        }
    }

    /// The inserted element of which `id` is the first descendant.
    fn up_left_edges(&self, mut id: u32) -> u32 {
        loop {
            let insertion = self.of(id);
            if insertion.first != id || insertion.right == NONE {
                return id;
            }
            id = insertion.right;
        }
    }
}

/// Looks for the place of an insertion.
pub(super) struct Search<'a, G> {
    pub graph: &'a G,
    pub log: &'a Log,
    pub fragments: &'a Fragments,
    pub insertions: &'a Insertions,
    /// What is inserted.
    pub event: EventIndex,
    pub is_marker: bool,
    /// The element on the left of it.
    pub left: u32,
}

impl<G: EventGraph> Search<'_, G> {
    /// The gap between fragments where the insertion goes, whose left neighbour ends at `gap`; and the
    /// element on the right, if the insertion hangs from that.
    pub fn place(&self, gap: Spot) -> (Spot, u32) {
        let Some(behind) = self.fragments.at(gap) else {
            return (gap, NONE);
        };
        let next = self.next_known(behind);
        let right = next.map_or(NONE, |next| self.fragments.get(next).id);
        let hangs_from_right =
            right != NONE && right >= INSERTED && self.insertions.left(right) == self.left;
        match next {
            Some(next) if hangs_from_right && next == behind => (gap, right),
            Some(next) if hangs_from_right => (self.among_left_children(next, right), right),
            Some(next) if next == behind => (gap, NONE),
            _ => (self.among_right_children(gap), NONE),
        }
    }

    fn next_known(&self, behind: Spot) -> Option<Spot> {
        if self.fragments.get(behind).is_known {
            return Some(behind);
        }
        let known = self.fragments.before(KNOWN, behind);
        let found = self.fragments.find(KNOWN, known);
        found.map(|found| found.spot)
    }

    /// Forwards from `left`, until what hangs there comes behind the insertion, or does not hang
    /// there.
    fn among_right_children(&self, mut gap: Spot) -> Spot {
        let start = self.fragments.at(gap);
        while let Some(spot) = self.fragments.at(gap)
            && !self.fragments.get(spot).is_known
        {
            let first = self.fragments.get(spot).id;
            let left = self.insertions.left(first);
            if left == self.left {
                let sibling = self.insertions.up_left_edges(first);
                if self.is_behind(sibling) {
                    break;
                }
                gap = self.fragments.spot_of(sibling).0.behind();
            } else if left != NONE && self.is_among(left, start) {
                gap = spot.behind();
            } else {
                break;
            }
        }
        gap
    }

    /// Backwards from `right`, which starts at `end`, until what hangs there comes before the
    /// insertion, or does not hang there.
    fn among_left_children(&self, end: Spot, right: u32) -> Spot {
        let mut gap = end;
        while let Some(spot) = self.fragments.previous(gap)
            && !self.fragments.get(spot).is_known
        {
            let fragment = self.fragments.get(spot);
            let Some(top) = self.up_right_edges(fragment.id + fragment.len - 1) else {
                break;
            };
            let parent = self.insertions.of(top).right;
            let is_passed = parent != right
                && parent >= INSERTED
                && self.fragments.is_before(parent, right)
                && !self.fragments.is_before(parent, self.fragments.get(gap).id);
            if parent != right && !is_passed || parent == right && !self.is_behind(top) {
                break;
            }
            gap = self.fragments.spot_of(top).0;
        }
        gap
    }

    /// The element that hangs from one on its right, and of which `id` is the last descendant;
    /// `None` when that is one that the author knows, or none.
    fn up_right_edges(&self, mut id: u32) -> Option<u32> {
        loop {
            if id < INSERTED || id == NONE || self.fragments.is_known(id) {
                return None;
            }
            let insertion = self.insertions.of(id);
            if insertion.right != NONE {
                return Some(insertion.first);
            }
            id = insertion.left;
        }
    }

    /// Whether `id` stands at `start` or behind it.
    fn is_among(&self, id: u32, start: Option<Spot>) -> bool {
        start.is_some_and(|start| !self.fragments.is_before(id, self.fragments.get(start).id))
    }

    /// Characters before markers, so that what is typed at a place that somebody else splits at stays
    /// in front; then by event.
    fn is_behind(&self, sibling: u32) -> bool {
        let insertion = self.insertions.of(sibling);
        let run = self.log.run(insertion.run);
        let event = run.event_at(sibling - insertion.first);
        let order = (run.kind == Kind::Marker).cmp(&self.is_marker);
        order
            .then_with(|| self.graph.compare(event, self.event))
            .is_gt()
    }
}
