//! A strand: one sequence of characters and markers (rules 2 to 4).
//! Knows nothing of places in the outline.

use std::collections::BTreeMap;

use tideline_model::{Boundary, EventId, LineId, Side};

use super::history::Seen;
use super::tree::Tree;

#[derive(Clone, Copy)]
pub enum Content {
    Character(char),
    /// The start of this line.
    Marker(LineId),
}

/// In the total order: which change inserted it, counted over all events, and which of the elements
/// that its event inserted it is.
pub type ElementId = (usize, u32);

pub struct Element {
    pub event: EventId,
    id: ElementId,
    pub content: Content,
    pub deleted_by: Vec<EventId>,
}

/// For each event that deleted text, the events that took that back.
pub type Undeletions = BTreeMap<EventId, Vec<EventId>>;

impl Element {
    /// Rule 4: whether somebody whose version is `seen`, which includes this element, sees it.
    pub fn shows(&self, seen: &Seen, undeletions: &Undeletions) -> bool {
        let undone = |deletion: &EventId| {
            let events = undeletions.get(deletion).into_iter().flatten();
            events.into_iter().any(|&event| seen.has(event))
        };
        let mut deletions = self.deleted_by.iter();
        deletions.all(|deletion| !seen.has(*deletion) || undone(deletion))
    }
}

/// A line's part of a strand, between its marker and the next (rule 3).
pub struct Slice {
    pub line: LineId,
    /// Indices of its characters, deleted ones too.
    pub characters: Vec<usize>,
    /// Its right boundary.
    pub boundary: Boundary,
    /// The event that inserted the marker at its right boundary.
    pub ended_by: Option<EventId>,
}

pub struct Strand {
    pub start: LineId,
    pub elements: Tree<Element>,
}

impl Strand {
    pub fn new(start: LineId) -> Self {
        Self {
            start,
            elements: Tree::default(),
        }
    }

    pub fn element(&self, index: usize) -> &Element {
        &self.elements.nodes[index].value
    }

    /// Rule 2: at one place characters come before markers, then by the total order.
    pub fn order(&self) -> Vec<usize> {
        self.elements.order(|element| {
            let is_marker = matches!(element.content, Content::Marker(_));
            (is_marker, element.id)
        })
    }

    /// The elements that `seen` shows, which are what positions count.
    pub fn shown(&self, seen: &Seen, undeletions: &Undeletions) -> Vec<usize> {
        let order = self.order().into_iter();
        order
            .filter(|&index| seen.has(self.element(index).event))
            .filter(|&index| self.element(index).shows(seen, undeletions))
            .collect()
    }

    /// Inserts behind the element `left` (`None`: the start), as an author does who has seen `seen`.
    pub fn insert(
        &mut self,
        left: Option<usize>,
        seen: &Seen,
        (event, id): (EventId, ElementId),
        content: Content,
    ) -> usize {
        let known: Vec<usize> = self
            .order()
            .into_iter()
            .filter(|&index| seen.has(self.element(index).event))
            .collect();
        let has_right_child = known.iter().any(|&index| {
            let node = &self.elements.nodes[index];
            node.origin == left && node.side == Side::Right
        });
        let (origin, side) = if has_right_child {
            let behind = left.map_or(0, |left| {
                1 + known
                    .iter()
                    .position(|&index| index == left)
                    .expect("left is known")
            });
            (Some(known[behind]), Side::Left)
        } else {
            (left, Side::Right)
        };
        let element = Element {
            event,
            id,
            content,
            deleted_by: Vec::new(),
        };
        self.elements.add(origin, side, element)
    }

    pub fn slices(&self) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut line = self.start;
        let mut characters = Vec::new();
        for index in self.order() {
            match self.element(index).content {
                Content::Character(_) => characters.push(index),
                Content::Marker(next) => {
                    slices.push(Slice {
                        line,
                        characters: std::mem::take(&mut characters),
                        boundary: Boundary::Marker(next),
                        ended_by: Some(self.element(index).event),
                    });
                    line = next;
                }
            }
        }
        slices.push(Slice {
            line,
            characters,
            boundary: Boundary::End(self.start),
            ended_by: None,
        });
        slices
    }
}
