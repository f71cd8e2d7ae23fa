//! Where lines hang: edges, hosts, and changes that are skipped (rules 5 and 6).
//! Knows nothing of what a change needs in order to fit.

use tideline_model::{Boundary, LineId, SlotId};

use super::line::{Edge, Place};
use super::replay::{Now, Replay};

impl Replay {
    pub(super) fn place_child(
        &mut self,
        now: &Now<'_>,
        line: LineId,
        parent: LineId,
        slot: SlotId,
    ) -> Option<()> {
        let skipped = self.is_at_or_below(parent, line);
        self.place(now, line, Edge::Child { parent, slot }, skipped)
    }

    pub(super) fn place(
        &mut self,
        now: &Now<'_>,
        line: LineId,
        edge: Edge,
        skipped: bool,
    ) -> Option<()> {
        self.lines.get_mut(&line)?.places.push(Place {
            event: now.event,
            at: now.at,
            edge,
            skipped,
            fell_back: false,
        });
        self.touch(now, line)
    }

    /// Rule 5: the line that owns the marker directly before the boundary.
    pub fn host(&self, boundary: Boundary) -> LineId {
        let strand = match boundary {
            Boundary::Marker(line) => &self.strands[&self.lines[&line].strand],
            Boundary::End(strand) => &self.strands[&strand],
        };
        let slice = strand
            .slices()
            .into_iter()
            .find(|slice| slice.boundary == boundary);
        slice.expect("a strand has all its boundaries").line
    }

    /// What a line hangs from: its parent or its host.
    pub fn above(&self, line: LineId) -> Option<LineId> {
        Some(match self.lines[&line].place()?.edge {
            Edge::Child { parent, .. } => parent,
            Edge::Inline { boundary } => self.host(boundary),
        })
    }

    pub(super) fn is_at_or_below(&self, line: LineId, top: LineId) -> bool {
        let mut next = Some(line);
        while let Some(line) = next {
            if line == top {
                return true;
            }
            next = self.above(line);
        }
        false
    }
}
