//! The elements that a tracker knows, in the order of the text, as fragments of runs. Each counts
//! three times: as the author whose event is being worked in sees it, whether that author knows of
//! it at all, and as it shows now.

use std::collections::BTreeMap;

use crate::strand::counted::{Counted, Leaf, Weight, minus, plus};

/// Elements as the author sees them.
pub(super) const THEN: usize = 0;
/// Elements that the author knows of, deleted ones too.
pub(super) const KNOWN: usize = 1;
/// Elements as they show.
pub(super) const NOW: usize = 2;

const FRAGMENTS_MAX: usize = 32;

/// Elements with consecutive ids side by side, to all of which the same happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fragment {
    pub id: u32,
    pub len: u32,
    /// Deletions that the author knows of and that are not undone for them.
    pub deleted_then: u32,
    /// Deletions that are not undone.
    pub deleted_now: u32,
    pub is_known: bool,
    pub is_marker: bool,
}

impl Fragment {
    pub fn inserted(id: u32, len: u32, is_marker: bool) -> Self {
        Self {
            id,
            len,
            deleted_then: 0,
            deleted_now: 0,
            is_known: true,
            is_marker,
        }
    }

    fn weight(&self) -> Weight<3> {
        let count = |counts: bool| if counts { self.len } else { 0 };
        [
            count(self.is_known && self.deleted_then == 0),
            count(self.is_known),
            count(self.deleted_now == 0),
        ]
    }

    pub fn is_untouched(&self) -> bool {
        self.is_known && self.deleted_then == 0 && self.deleted_now == 0
    }
}

/// A fragment, or the gap in front of it, until the next one is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub leaf: Leaf,
    pub place: usize,
}

impl Spot {
    /// The gap before everything.
    pub const START: Self = Self { leaf: 0, place: 0 };

    /// The gap behind the fragment.
    pub fn behind(self) -> Self {
        let place = self.place + 1;
        Self { place, ..self }
    }
}

pub(super) struct Found {
    pub spot: Spot,
    /// Elements of the fragment before the one that was looked for.
    pub offset: u32,
    /// Elements that show before the fragment.
    pub now: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Fragments {
    leaves: Vec<Vec<Fragment>>,
    order: Counted<3>,
    /// The leaf of each fragment, by its first id.
    homes: BTreeMap<u32, Leaf>,
}

impl Fragments {
    /// So many elements that everybody knows, with ids from 0.
    pub fn new(len: u32) -> Self {
        let base = Fragment::inserted(0, len, false);
        Self {
            leaves: vec![vec![base]],
            order: Counted::new(base.weight()),
            homes: BTreeMap::from([(0, 0)]),
        }
    }

    /// Takes from the end of the first elements what is more than `len` elements that show.
    pub fn trim(&mut self, len: u32) {
        let surplus = self.total()[NOW] - len;
        if surplus > 0
            && let Some(last) = self.find(NOW, len + surplus - 1)
        {
            self.update(last.spot, |fragment| fragment.len -= surplus);
        }
    }

    pub fn total(&self) -> Weight<3> {
        self.order.total()
    }

    pub fn get(&self, spot: Spot) -> &Fragment {
        &self.leaves[spot.leaf as usize][spot.place]
    }

    /// The element number `at` of those that count so.
    pub fn find(&self, kind: usize, at: u32) -> Option<Found> {
        let (leaf, before) = self.order.find(kind, at)?;
        let (mut left, mut now) = (at - before[kind], before[NOW]);
        for (place, fragment) in self.leaves[leaf as usize].iter().enumerate() {
            let weight = fragment.weight();
            if left < weight[kind] {
                let spot = Spot { leaf, place };
                return Some(Found {
                    spot,
                    offset: left,
                    now,
                });
            }
            left -= weight[kind];
            now += weight[NOW];
        }
        unreachable!("a leaf holds what it weighs")
    }

    /// The fragment of an element, and how far into it that is.
    pub fn spot_of(&self, id: u32) -> (Spot, u32) {
        let (&first, &leaf) = self
            .homes
            .range(..=id)
            .next_back()
            .expect("an element is in a fragment");
        let mut fragments = self.leaves[leaf as usize].iter();
        let place = fragments
            .position(|fragment| fragment.id == first)
            .expect("a fragment is in its leaf");
        (Spot { leaf, place }, id - first)
    }

    pub fn is_known(&self, id: u32) -> bool {
        self.get(self.spot_of(id).0).is_known
    }

    /// Elements of one kind before a fragment.
    pub fn before(&self, kind: usize, spot: Spot) -> u32 {
        let fragments = &self.leaves[spot.leaf as usize][..spot.place];
        let inside: u32 = fragments.iter().map(|it| it.weight()[kind]).sum();
        self.order.before(spot.leaf)[kind] + inside
    }

    /// Whether the element `left` stands before the element `right`.
    pub fn is_before(&self, left: u32, right: u32) -> bool {
        let ((left, left_offset), (right, right_offset)) =
            (self.spot_of(left), self.spot_of(right));
        if left.leaf != right.leaf {
            return self.order.compare(left.leaf, right.leaf).is_lt();
        }
        (left.place, left_offset) < (right.place, right_offset)
    }

    /// The fragment behind a gap.
    pub fn at(&self, gap: Spot) -> Option<Spot> {
        if gap.place < self.leaves[gap.leaf as usize].len() {
            return Some(gap);
        }
        let leaf = self.order.next(gap.leaf)?;
        Some(Spot { leaf, place: 0 })
    }

    pub fn previous(&self, spot: Spot) -> Option<Spot> {
        if let Some(place) = spot.place.checked_sub(1) {
            return Some(Spot { place, ..spot });
        }
        let leaf = self.order.previous(spot.leaf)?;
        let place = self.leaves[leaf as usize].len() - 1;
        Some(Spot { leaf, place })
    }

    /// Changes what happened to a fragment.
    pub fn update(&mut self, spot: Spot, change: impl FnOnce(&mut Fragment)) {
        let fragment = &mut self.leaves[spot.leaf as usize][spot.place];
        let before = fragment.weight();
        change(fragment);
        let weight = minus(fragment.weight(), before);
        if weight != [0; 3] {
            self.order.add(spot.leaf, weight);
        }
    }

    /// Changes what happened to so many elements from `id` on; `change` is told the fragments, which
    /// then are of these elements only.
    pub fn update_range(&mut self, id: u32, len: u32, mut change: impl FnMut(&mut Fragment)) {
        let (mut id, end) = (id, id + len);
        while id < end {
            let spot = self.isolate(id, end - id);
            id += self.get(spot).len;
            self.update(spot, &mut change);
        }
    }

    /// The fragment that starts with `id` and has at most `len` elements, cut out if need be.
    pub fn isolate(&mut self, id: u32, len: u32) -> Spot {
        let (mut spot, offset) = self.spot_of(id);
        if offset > 0 {
            spot = self.split(spot, offset);
        }
        if self.get(spot).len > len {
            let rest = self.split(spot, len);
            spot = self.previous(rest).expect("what was split off is behind");
        }
        spot
    }

    /// Cuts a fragment behind `offset` elements; gives the rest.
    pub fn split(&mut self, spot: Spot, offset: u32) -> Spot {
        let mut rest = *self.get(spot);
        rest.id += offset;
        rest.len -= offset;
        self.update(spot, |fragment| fragment.len = offset);
        self.insert(spot.behind(), rest)
    }

    /// Puts a fragment into a gap.
    pub fn insert(&mut self, spot: Spot, fragment: Fragment) -> Spot {
        let leaf = &mut self.leaves[spot.leaf as usize];
        leaf.insert(spot.place, fragment);
        let is_full = leaf.len() > FRAGMENTS_MAX;
        self.order.add(spot.leaf, fragment.weight());
        self.homes.insert(fragment.id, spot.leaf);
        if is_full { self.part(spot) } else { spot }
    }

    /// Halves a leaf; gives where the fragment of `spot` is then.
    fn part(&mut self, spot: Spot) -> Spot {
        let half = FRAGMENTS_MAX / 2;
        let mut moved = Vec::with_capacity(FRAGMENTS_MAX + 1);
        moved.extend(self.leaves[spot.leaf as usize].drain(half..));
        let weight = moved
            .iter()
            .fold([0; 3], |sum, fragment| plus(sum, fragment.weight()));
        self.order.add(spot.leaf, minus([0; 3], weight));
        let leaf = self.order.insert_after(spot.leaf, weight);
        for fragment in &moved {
            self.homes.insert(fragment.id, leaf);
        }
        self.leaves.push(moved);
        match spot.place.checked_sub(half) {
            Some(place) => Spot { leaf, place },
            None => spot,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fragment> {
        let leaves = std::iter::successors(Some(0), |&leaf| self.order.next(leaf));
        leaves.flat_map(|leaf| &self.leaves[leaf as usize])
    }
}
