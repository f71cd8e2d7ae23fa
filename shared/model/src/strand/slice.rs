//! Slices of a strand: what stands between one marker and the next.

use crate::index::LineIndex;
use crate::strand::Strand;

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
    pub fn slice(&self, marker: Option<LineIndex>) -> Slice {
        let rank = marker.map_or(0, |marker| self.text.rank(marker) + 1);
        self.slice_number(rank)
    }

    /// The slice with so many markers in front of it.
    fn slice_number(&self, rank: u32) -> Slice {
        let marker = rank.checked_sub(1);
        let place = marker.and_then(|marker| self.text.marker_place(marker));
        let start = place.map_or(0, |place| place + 1);
        let end = self.text.marker_place(rank);
        let chars = end.unwrap_or_else(|| self.text.len()) - start;
        Slice { rank, start, chars }
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
        let marker = self.text.rank_at(position).checked_sub(1);
        let owner = marker.and_then(|rank| self.text.marker(rank));
        let Some((owner, rank)) = owner.zip(marker) else {
            return (self.first, position);
        };
        let place = self
            .text
            .marker_place(rank)
            .expect("a marker that was counted");
        (owner, position - place - 1)
    }
}
