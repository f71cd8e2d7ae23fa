//! The tree that orders the elements of a strand. An insertion hangs from the element on its left,
//! or, when something hangs there already, from the element on its right; so what two people type at
//! one place stays together, whoever's event comes first.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::change::Side;
use crate::fugue::run::{Content, ElementId, Run};
use crate::fugue::strand::Strand;
use crate::history::History;
use crate::index::{EventIndex, NodeIndex};

/// The place in the tree that an insertion takes; no element: the root, always with `Right`.
type Origin = (Option<ElementId>, Side);

#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    /// The first element of each run, to find the node of any element.
    nodes: BTreeMap<ElementId, NodeIndex>,
    /// The first element of each insertion, with its length: the others each hang to the right of
    /// the one before and are not in `children`.
    chains: BTreeMap<ElementId, u32>,
    /// The insertions that hang from an element, in their order.
    children: BTreeMap<(Option<ElementId>, u8), Vec<ElementId>>,
}

/// Where a new run goes among the others.
pub(super) struct Place {
    neighbour: Neighbour,
    /// Among the children of its origin.
    child: usize,
}

enum Neighbour {
    First,
    Behind(ElementId),
    Before(ElementId),
}

impl Tree {
    pub fn note_run(&mut self, id: ElementId, node: NodeIndex) {
        self.nodes.insert(id, node);
    }

    fn children(&self, (parent, side): Origin) -> &[ElementId] {
        self.children
            .get(&(parent, side as u8))
            .map_or(&[], Vec::as_slice)
    }

    /// The last element of the insertion that `element` is part of.
    fn chain_end(&self, element: ElementId) -> ElementId {
        let (first, len) = self
            .chains
            .range(..=element)
            .next_back()
            .expect("an element is part of an insertion");
        first.plus(len - 1)
    }

    /// What hangs to the right of `element` because it was inserted together with it.
    fn next_in_chain(&self, element: ElementId) -> Option<ElementId> {
        (self.chain_end(element) != element).then(|| element.plus(1))
    }
}

impl Strand {
    /// The node of an element, and how far into it that is.
    fn node_of(&self, element: ElementId) -> (NodeIndex, u32) {
        let (first, &node) = self
            .tree
            .nodes
            .range(..=element)
            .next_back()
            .expect("an element is in a run");
        (node, element.n - first.n)
    }

    fn is_marker(&self, element: ElementId) -> bool {
        self.runs.get(self.node_of(element).0).is_marker()
    }

    /// The origin of an insertion behind `left`. In a version of the past (`view`), what its author
    /// had not seen does not count.
    pub(super) fn origin(
        &self,
        history: &History,
        view: Option<EventIndex>,
        left: Option<(NodeIndex, u32)>,
    ) -> Origin {
        let seen = |event| view.is_none_or(|view| history.saw(view, event));
        let parent = left.map(|(node, offset)| self.runs.get(node).id.plus(offset));
        let in_chain = parent.and_then(|parent| self.tree.next_in_chain(parent));
        let children = self.tree.children((parent, Side::Right));
        if in_chain.is_none() && !children.iter().any(|child| seen(child.event)) {
            return (parent, Side::Right);
        }
        let follows = self.following(left, seen);
        (Some(follows), Side::Left)
    }

    /// The first element behind `left` that was seen.
    fn following(
        &self,
        left: Option<(NodeIndex, u32)>,
        seen: impl Fn(EventIndex) -> bool,
    ) -> ElementId {
        let start = match left {
            None => self.runs.first(),
            Some((node, offset)) => {
                let run = self.runs.get(node);
                if offset + 1 < run.len {
                    return run.id.plus(offset + 1);
                }
                self.runs.next(node)
            }
        };
        self.runs
            .iter_from(start)
            .map(|(_, run)| run.id)
            .find(|id| seen(id.event))
            .expect("an element with a right child is followed by it")
    }

    /// Where an insertion with this origin goes, among those that hang there already.
    pub(super) fn place(
        &self,
        history: &History,
        origin: Origin,
        id: ElementId,
        is_marker: bool,
    ) -> Place {
        let is_before = |other: ElementId| {
            self.sibling_order(history, (self.is_marker(other), other), (is_marker, id))
                == Ordering::Less
        };
        let siblings = self.tree.children(origin);
        let child = siblings.partition_point(|&sibling| is_before(sibling));
        let mut previous = child.checked_sub(1).map(|place| siblings[place]);
        let (parent, side) = origin;
        if side == Side::Right
            && let Some(next) = parent.and_then(|parent| self.tree.next_in_chain(parent))
            && is_before(next)
            && previous.is_none_or(|previous| self.is_sibling_before(history, previous, next))
        {
            previous = Some(next);
        }
        let neighbour = match (previous, parent, side) {
            (Some(previous), _, _) => Neighbour::Behind(self.last_below(history, previous)),
            (None, Some(parent), Side::Right) => Neighbour::Behind(parent),
            (None, Some(parent), Side::Left) => Neighbour::Before(self.first_below(parent)),
            (None, None, _) => Neighbour::First,
        };
        Place { neighbour, child }
    }

    fn is_sibling_before(&self, history: &History, left: ElementId, right: ElementId) -> bool {
        let left = (self.is_marker(left), left);
        let right = (self.is_marker(right), right);
        self.sibling_order(history, left, right) == Ordering::Less
    }

    /// Characters before markers, so that what is typed at a place that somebody else splits at stays
    /// in front; then by event.
    #[expect(clippy::unused_self, reason = "reads as a rule of the strand")]
    fn sibling_order(
        &self,
        history: &History,
        (left_marker, left): (bool, ElementId),
        (right_marker, right): (bool, ElementId),
    ) -> Ordering {
        left_marker
            .cmp(&right_marker)
            .then_with(|| history.compare(left.event, right.event))
            .then(left.n.cmp(&right.n))
    }

    /// The last element in the text of all that hangs from `element`, itself included.
    fn last_below(&self, history: &History, mut element: ElementId) -> ElementId {
        'descend: loop {
            let end = self.tree.chain_end(element);
            let from = (Some(element), Side::Left as u8);
            let to = (Some(end), Side::Right as u8);
            for (&(parent, side), children) in self.tree.children.range(from..=to) {
                let (Some(parent), Some(&last)) = (parent, children.last()) else {
                    continue;
                };
                let goes_on =
                    parent != end && self.is_sibling_before(history, last, parent.plus(1));
                if side == Side::Right as u8 && !goes_on {
                    element = last;
                    continue 'descend;
                }
            }
            return end;
        }
    }

    /// The first element in the text of all that hangs from `element`, itself included.
    fn first_below(&self, mut element: ElementId) -> ElementId {
        while let Some(&first) = self.tree.children((Some(element), Side::Left)).first() {
            element = first;
        }
        element
    }

    /// Puts a new run into its place; where it goes on the run before, as a part of that.
    pub(super) fn put(&mut self, origin: Origin, place: &Place, run: Run) -> NodeIndex {
        let left = match place.neighbour {
            Neighbour::First => None,
            Neighbour::Behind(element) => {
                let (node, offset) = self.node_of(element);
                if origin == (Some(element), Side::Right) && self.grow(node, &run) {
                    return node;
                }
                if offset + 1 < self.runs.get(node).len {
                    self.split(node, offset + 1);
                }
                Some(node)
            }
            Neighbour::Before(element) => match self.node_of(element) {
                (node, 0) => self.runs.previous(node),
                (node, offset) => {
                    self.split(node, offset);
                    Some(node)
                }
            },
        };
        let (parent, side) = origin;
        let siblings = self.tree.children.entry((parent, side as u8)).or_default();
        siblings.insert(place.child, run.id);
        self.tree.chains.insert(run.id, run.len);
        let id = run.id;
        let node = self.runs.insert_after(left, run);
        self.tree.note_run(id, node);
        node
    }

    /// Typing goes on: the event's latest characters and these are one run.
    fn grow(&mut self, node: NodeIndex, more: &Run) -> bool {
        let run = self.runs.get(node);
        let (
            Content::Text { start, bytes },
            Content::Text {
                start: from,
                bytes: added,
            },
        ) = (run.content, more.content)
        else {
            return false;
        };
        if run.last().plus(1) != more.id || start + bytes != from || !run.deletions.is_empty() {
            return false;
        }
        self.runs.update(node, |run| {
            run.len += more.len;
            run.content = Content::Text {
                start,
                bytes: bytes + added,
            };
        });
        let (_, len) = self
            .tree
            .chains
            .range_mut(..=more.id)
            .next_back()
            .expect("the run that grows is part of an insertion");
        *len += more.len;
        true
    }
}
