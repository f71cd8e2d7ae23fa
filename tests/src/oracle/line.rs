//! What is known of one line besides its text.

use std::collections::BTreeMap;

use tideline_model::{Boundary, EventId, Kind, LineId, Side, SlotId, Value};

use super::tree::Tree;

/// Where a line hangs (rule 5).
#[derive(Debug, Clone, Copy)]
pub enum Edge {
    Child { parent: LineId, slot: SlotId },
    Inline { boundary: Boundary },
}

/// A place event of a line. `skipped` when it would have made a cycle (rule 6).
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub event: EventId,
    /// Counts all changes in the total order.
    pub at: usize,
    pub edge: Edge,
    pub skipped: bool,
    /// Not where the change said: a line that was split off and would have hung below itself.
    pub fell_back: bool,
}

pub struct Line {
    /// `None` for the root.
    pub created_by: Option<EventId>,
    /// The strand that its slice belongs to.
    pub strand: LineId,
    pub kind: Kind,
    /// In the total order.
    pub places: Vec<Place>,
    /// Touches (rule 15), without those that depend on its present slice.
    pub touches: Vec<EventId>,
    pub keeps: Vec<EventId>,
    /// By name, the values that no later author has replaced.
    pub properties: BTreeMap<String, Vec<(EventId, Option<Value>)>>,
    /// By tag, the additions that no author has removed.
    pub tags: BTreeMap<String, Vec<EventId>>,
}

impl Line {
    pub fn new(created_by: Option<EventId>, strand: LineId, kind: Kind) -> Self {
        Self {
            created_by,
            strand,
            kind,
            places: Vec::new(),
            touches: Vec::new(),
            keeps: Vec::new(),
            properties: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }

    /// The last place event that was not skipped; `None` for the root, and for a line that is just
    /// being split off.
    pub fn place(&self) -> Option<&Place> {
        self.places.iter().rev().find(|place| !place.skipped)
    }

    pub fn shown_tags(&self) -> Vec<String> {
        let tags = self.tags.iter();
        tags.filter(|(_, additions)| !additions.is_empty())
            .map(|(tag, _)| tag.clone())
            .collect()
    }

    pub fn shown_properties(&self) -> Vec<(String, Vec<Value>)> {
        let mut shown = Vec::new();
        for (name, sets) in &self.properties {
            let values: Vec<Value> = sets.iter().filter_map(|(_, value)| value.clone()).collect();
            if !values.is_empty() {
                shown.push((name.clone(), values));
            }
        }
        crate::shown::canonical(shown)
    }
}

/// A place among the children of one parent.
pub struct Slot {
    pub id: SlotId,
    /// Which change made it, counted in the total order.
    pub at: usize,
    /// For a split key: the strand, and the line whose marker gives the order (rule 12).
    pub ordered: Option<(LineId, LineId)>,
}

/// The places among the children of one parent, in a Fugue tree.
#[derive(Default)]
pub struct Slots {
    pub tree: Tree<Slot>,
}

impl Slots {
    pub fn find(&self, id: SlotId) -> Option<usize> {
        let mut nodes = self.tree.nodes.iter();
        nodes.position(|node| node.value.id == id)
    }

    pub fn add(&mut self, origin: Option<usize>, side: Side, slot: Slot) {
        self.tree.add(origin, side, slot);
    }
}
