//! Elements that one insertion put side by side, kept as one item however many they are.

use crate::chars::byte_offset;
use crate::fugue::sequence::{Weigh, Weight};
use crate::index::{EventIndex, LineIndex};

/// The `n`-th element that an event inserts, in whatever strand, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ElementId {
    pub event: EventIndex,
    pub n: u32,
}

impl ElementId {
    pub fn plus(self, offset: u32) -> Self {
        Self {
            event: self.event,
            n: self.n + offset,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Bytes of the strand's buffer.
    Text {
        start: usize,
        bytes: usize,
    },
    Marker(LineIndex),
}

/// Neighbours in the text with ids that follow each other, each the right child of the one before.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub id: ElementId,
    pub len: u32,
    pub content: Content,
    /// The events that deleted these characters.
    pub deletions: Vec<EventIndex>,
    /// Whether every deletion was undone.
    pub visible: bool,
}

impl Run {
    pub fn is_marker(&self) -> bool {
        matches!(self.content, Content::Marker(_))
    }

    pub fn last(&self) -> ElementId {
        self.id.plus(self.len - 1)
    }

    /// Cuts off what is behind `offset` elements.
    pub fn split_off(&mut self, offset: u32, buffer: &str) -> Run {
        let Content::Text { start, bytes } = self.content else {
            unreachable!("a marker is one element");
        };
        let cut = byte_offset(&buffer[start..start + bytes], offset);
        let rest = Run {
            id: self.id.plus(offset),
            len: self.len - offset,
            content: Content::Text {
                start: start + cut,
                bytes: bytes - cut,
            },
            deletions: self.deletions.clone(),
            visible: self.visible,
        };
        self.len = offset;
        self.content = Content::Text { start, bytes: cut };
        rest
    }
}

impl Weigh for Run {
    fn weight(&self) -> Weight {
        match self.content {
            Content::Marker(_) => Weight {
                elements: 1,
                markers: 1,
            },
            Content::Text { .. } => Weight {
                elements: if self.visible { self.len } else { 0 },
                markers: 0,
            },
        }
    }
}
