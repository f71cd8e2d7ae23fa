//! Slices of a strand: what stands between one marker and the next.

use crate::fugue::run::{Content, Run};
use crate::fugue::strand::Strand;
use crate::index::{LineIndex, NodeIndex};

/// The elements from one marker to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    /// Markers in front of its first element.
    pub rank: u32,
    /// Position of its first element.
    pub start: u32,
    pub chars: u32,
}

impl Strand {
    /// The slice behind a marker, or the first one.
    pub fn slice(&self, marker: Option<NodeIndex>) -> Slice {
        let (rank, start) = match marker {
            None => (0, 0),
            Some(marker) => {
                let before = self.runs.before(marker);
                (before.markers + 1, before.elements + 1)
            }
        };
        let end = match self.runs.find_marker(rank) {
            None => self.runs.total().elements,
            Some(next) => self.runs.before(next).elements,
        };
        Slice {
            rank,
            start,
            chars: end - start,
        }
    }

    /// The runs of the slice behind a marker, or of the first one, deleted ones included.
    pub fn slice_runs(&self, marker: Option<NodeIndex>) -> impl Iterator<Item = &Run> {
        let first = match marker {
            None => self.runs.first(),
            Some(marker) => self.runs.next(marker),
        };
        self.runs
            .iter_from(first)
            .map(|(_, run)| run)
            .take_while(|run| !run.is_marker())
    }

    /// All runs in order, deleted ones and markers included.
    pub fn all_runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter_from(self.runs.first()).map(|(_, run)| run)
    }

    /// The line whose marker has `rank` markers before it.
    pub fn marker(&self, rank: u32) -> Option<LineIndex> {
        match self.runs.get(self.runs.find_marker(rank)?).content {
            Content::Marker(line) => Some(line),
            Content::Text { .. } => None,
        }
    }

    pub fn marker_count(&self) -> u32 {
        self.runs.total().markers
    }

    /// How many markers stand before this one.
    pub fn rank(&self, marker: NodeIndex) -> u32 {
        self.runs.before(marker).markers
    }

    /// How many markers stand before the element at `position`.
    pub fn rank_at(&self, position: u32) -> u32 {
        match self.runs.find_element(position) {
            Some((node, _)) => self.runs.before(node).markers,
            None => self.runs.total().markers,
        }
    }

    pub fn push_slice_text(&self, marker: Option<NodeIndex>, text: &mut String) {
        for run in self.slice_runs(marker).filter(|run| run.visible) {
            text.push_str(self.run_text(run));
        }
    }

    pub fn run_text(&self, run: &Run) -> &str {
        match run.content {
            Content::Text { start, bytes } => &self.buffer[start..start + bytes],
            Content::Marker(_) => "",
        }
    }

    /// The slice that a node stands in, and the visible characters before it there.
    pub(super) fn position_in_slice(&self, node: NodeIndex) -> (LineIndex, u32) {
        let before = self.runs.before(node);
        match before.markers.checked_sub(1) {
            None => (self.first, before.elements),
            Some(rank) => {
                let marker = self
                    .runs
                    .find_marker(rank)
                    .expect("a marker that was counted");
                let Content::Marker(line) = self.runs.get(marker).content else {
                    unreachable!("only markers count as markers");
                };
                let start = self.runs.before(marker).elements + 1;
                (line, before.elements - start)
            }
        }
    }
}
