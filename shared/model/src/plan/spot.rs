//! Finding a place between two siblings.

use crate::change::{Side, SlotOrigin, SlotRef};
use crate::display::Display;
use crate::document::IntentError;
use crate::index::{LineIndex, SlotIndex, StrandIndex};
use crate::intent::Placement;
use crate::place::Edge;
use crate::plan::Plan;
use crate::slots::{Hook, Key, Planned};

/// A new slot among the children of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub parent: LineIndex,
    pub slot: SlotRef,
    /// Whether its key is that of a split.
    pub ordered: bool,
}

/// The split that a slot is wanted for.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewMarker {
    /// The part in which it will stand.
    pub part: LineIndex,
    pub strand: StrandIndex,
    /// Markers before it.
    pub rank: u32,
}

/// A child edge, and the slot of the sibling that follows.
#[derive(Clone, Copy)]
struct Gap {
    parent: LineIndex,
    left: SlotIndex,
    right: Option<SlotIndex>,
}

impl SlotRef {
    /// Behind a slot that the same event makes.
    pub(crate) fn behind_own(index: u32) -> Self {
        Self {
            origin: SlotOrigin::Own(index),
            side: Side::Right,
        }
    }
}

impl Plan<'_> {
    /// The place that a placement names.
    pub fn spot(&self, placement: Placement) -> Result<Spot, IntentError> {
        self.spot_without(placement, &[])
    }

    /// The same, while the lines in `leaving` go elsewhere.
    pub fn spot_without(
        &self,
        placement: Placement,
        leaving: &[LineIndex],
    ) -> Result<Spot, IntentError> {
        let parent = self.line_or_root(placement.parent)?;
        let Some(after) = placement.after else {
            return Ok(self.spot_first(parent));
        };
        let after = self.line(after)?;
        let (display, state) = (&self.document.display, &self.document.state);
        if display.parent(after) != parent {
            return Err(IntentError::Malformed(
                "the line to stand behind is not a child of that parent",
            ));
        }
        let previous = |line: &LineIndex| display.previous_sibling(state, *line);
        let mut before = std::iter::successors(Some(after), previous);
        Ok(match before.find(|sibling| !leaving.contains(sibling)) {
            Some(sibling) => self.spot_behind(sibling),
            None => self.spot_first(parent),
        })
    }

    /// In front of all children of a displayed line.
    pub fn spot_first(&self, parent: LineIndex) -> Spot {
        let slot = match self.document.state.slots.order.first(parent) {
            None => SlotRef::START,
            Some(first) => self.slot_ref(Hook {
                origin: Some(first),
                side: Side::Left,
            }),
        };
        Spot {
            parent,
            slot,
            ordered: false,
        }
    }

    /// Behind all children of this very line, hidden ones included.
    pub fn spot_last(&self, parent: LineIndex) -> Spot {
        match self
            .document
            .display
            .last_child(&self.document.state, parent)
        {
            None => self.spot_first(parent),
            Some(last) => self.spot_behind(last),
        }
    }

    /// Behind a line that is a child, in front of the next, hidden ones included. Behind the slot of a
    /// split it goes outside that slot where it can, so that later splits of the same line stay
    /// together: beside it, or else in front of what follows.
    pub fn spot_behind(&self, sibling: LineIndex) -> Spot {
        let gap = self.gap_behind(sibling);
        let slots = &self.document.state.slots;
        let is_split = |slot| matches!(slots.get(slot).key, Key::Marker { .. });
        let next = gap.right.filter(|&right| !is_split(right));
        let before_next = next.map(|next| Hook {
            origin: Some(next),
            side: Side::Left,
        });
        let mut outside = [Some(slots.get(gap.left).hook), before_next]
            .into_iter()
            .flatten()
            .filter(|&hook| is_split(gap.left) && self.is_between(gap, hook, Planned::Ordinary));
        Spot {
            parent: gap.parent,
            slot: self.slot_ref(outside.next().unwrap_or_else(|| self.plain_hook(gap))),
            ordered: false,
        }
    }

    /// For the line that a split of `head` makes.
    pub(super) fn spot_for_split(&self, head: LineIndex, marker: NewMarker) -> Spot {
        let gap = self.gap_behind(head);
        let key = Planned::Marker {
            strand: marker.strand,
            rank: marker.rank,
        };
        let hooks = self.split_hooks(head, gap, marker);
        let hook = hooks
            .into_iter()
            .find(|&hook| self.is_between(gap, hook, key));
        Spot {
            parent: gap.parent,
            slot: self.slot_ref(hook.unwrap_or_else(|| self.plain_hook(gap))),
            ordered: hook.is_some(),
        }
    }

    /// Where a split would like its slot to hang, the best first.
    fn split_hooks(&self, head: LineIndex, gap: Gap, marker: NewMarker) -> Vec<Hook> {
        let state = &self.document.state;
        let split_hook = |slot: SlotIndex| {
            let slot = state.slots.get(slot);
            let of_strand =
                matches!(slot.key, Key::Marker { strand, .. } if strand == marker.strand);
            of_strand.then_some(slot.hook)
        };
        let below = |slot| Hook {
            origin: Some(slot),
            side: Side::Right,
        };
        let mut hooks = Vec::new();
        if marker.part != head
            && let Some((parent, former)) = state.place_of(marker.part).former
            && parent == gap.parent
        {
            hooks.extend(split_hook(former));
            hooks.push(below(former));
        }
        hooks.extend(split_hook(gap.left));
        hooks.extend(gap.right.and_then(split_hook));
        hooks.push(below(gap.left));
        hooks
    }

    fn gap_behind(&self, sibling: LineIndex) -> Gap {
        let state = &self.document.state;
        let Edge::Child { parent, slot: left } = state.place_of(sibling).edge else {
            unreachable!("a sibling is a child of some line");
        };
        let right = Display::next_occupied(state, left);
        Gap {
            parent,
            left,
            right,
        }
    }

    fn is_between(&self, gap: Gap, hook: Hook, key: Planned) -> bool {
        let state = &self.document.state;
        let place = state
            .slots
            .planned_position(&state.markers(), gap.parent, hook, key);
        state.slots.position(gap.left) < place
            && gap
                .right
                .is_none_or(|right| place <= state.slots.position(right))
    }

    /// As any insertion into a Fugue tree: to the right of the left neighbour, or, when something
    /// hangs there, to the left of what follows.
    fn plain_hook(&self, gap: Gap) -> Hook {
        let slots = &self.document.state.slots;
        if !slots.has_right_child(gap.left) {
            return Hook {
                origin: Some(gap.left),
                side: Side::Right,
            };
        }
        Hook {
            origin: slots.order.next(gap.left),
            side: Side::Left,
        }
    }

    fn slot_ref(&self, hook: Hook) -> SlotRef {
        let state = &self.document.state;
        let origin = match hook.origin {
            None => SlotOrigin::Start,
            Some(slot) => SlotOrigin::Slot(state.slot_id(slot)),
        };
        SlotRef {
            origin,
            side: hook.side,
        }
    }
}
