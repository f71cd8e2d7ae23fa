//! Slices of a strand: what stands between one marker and the next.

use crate::index::LineIndex;
use crate::strand::Strand;
use crate::strand::text::Text;

/// The elements from one marker to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    /// Markers in front of its first element.
    pub rank: u32,
    /// Position of its first element.
    pub start: u32,
    pub chars: u32,
}

impl Text {
    /// The slice behind a marker, or the first one.
    pub fn slice(&self, marker: Option<LineIndex>) -> Slice {
        let rank = marker.map_or(0, |marker| self.rank(marker) + 1);
        let marker = rank.checked_sub(1);
        let place = marker.and_then(|marker| self.marker_place(marker));
        let start = place.map_or(0, |place| place + 1);
        let end = self.marker_place(rank);
        let chars = end.unwrap_or_else(|| self.len()) - start;
        Slice { rank, start, chars }
    }

    pub fn slice_text(&self, marker: Option<LineIndex>) -> String {
        let slice = self.slice(marker);
        let mut text = String::new();
        self.push_text(slice.start, slice.chars, &mut text);
        text
    }
}

impl Strand {
    /// The slice behind a marker, or the first one.
    pub fn slice(&self, marker: Option<LineIndex>) -> Slice {
        self.text.slice(marker)
    }

    /// The line whose marker has `rank` markers before it.
    pub fn marker(&self, rank: u32) -> Option<LineIndex> {
        self.text.marker(rank)
    }

    pub fn marker_count(&self) -> u32 {
        self.text.marker_count()
    }

    /// How many markers stand before this one.
    pub fn rank(&self, marker: LineIndex) -> u32 {
        self.text.rank(marker)
    }

    /// How many markers stand before the element at `position`.
    pub fn rank_at(&self, position: u32) -> u32 {
        self.text.rank_at(position)
    }

    pub fn push_slice_text(&self, marker: Option<LineIndex>, text: &mut String) {
        let slice = self.slice(marker);
        self.text.push_text(slice.start, slice.chars, text);
    }

    /// The line whose slice has, or would have, a character at `position`, and the place in the slice.
    pub(super) fn owner_at(&self, position: u32) -> (LineIndex, u32) {
        match self.text.marker_before(position) {
            Some((owner, place)) => (owner, position - place - 1),
            None => (self.first, position),
        }
    }
}
