//! Whether what a change names was there for its author.

use crate::change::{SlotId, SlotOrigin, SlotRef};
use crate::event::EventId;
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::integrate::Step;
use crate::slots::Hook;
use crate::state::StrandAtHand;

impl Step<'_> {
    /// The line, if the event had seen it; the root too.
    pub(super) fn line_or_root(&self, id: LineId) -> Option<LineIndex> {
        let line = self.state.line_index(id)?;
        let created = self.state.line(line).created.0;
        (line == LineIndex::ROOT || self.state.history.saw(self.event(), created)).then_some(line)
    }

    pub(super) fn line(&self, id: LineId) -> Option<LineIndex> {
        self.line_or_root(id)
            .filter(|&line| line != LineIndex::ROOT)
    }

    /// The strand that this line started.
    pub(super) fn strand(&self, id: LineId) -> Option<StrandIndex> {
        let line = self.state.line(self.line(id)?);
        line.marker.is_none().then_some(line.strand)
    }

    /// The same for a strand that is to be edited, which may be the one at hand.
    pub(super) fn strand_to_edit(&mut self, id: LineId) -> Option<StrandIndex> {
        if let Some(held) = self.state.at_hand
            && held.first_line == id
        {
            let (replica, seq) = held.created;
            let seen = self.state.history.seen(self.event(), replica);
            return (seq <= seen).then_some(held.index);
        }
        let index = self.strand(id)?;
        let created = self.state.line(self.line(id)?).created.0;
        self.state.at_hand = Some(StrandAtHand {
            first_line: id,
            index,
            created: self.state.history.dot(created),
        });
        Some(index)
    }

    /// An earlier event that this one had seen.
    pub(super) fn earlier(&self, id: EventId) -> Option<EventIndex> {
        let event = self.state.history.index_of(id)?;
        let seen = event != self.event() && self.state.history.saw(self.event(), event);
        seen.then_some(event)
    }

    pub(super) fn slot(&self, parent: LineIndex, id: SlotId) -> Option<SlotIndex> {
        let slot = self.state.slots.find(self.earlier(id.event)?, id.index)?;
        (self.state.slots.parent(slot) == parent).then_some(slot)
    }

    pub(super) fn hook(&self, parent: LineIndex, slot: SlotRef) -> Option<Hook> {
        let origin = match slot.origin {
            SlotOrigin::Start => None,
            SlotOrigin::Own(index) => {
                let own = self.state.slots.find(self.event(), index)?;
                (self.state.slots.parent(own) == parent).then_some(Some(own))?
            }
            SlotOrigin::Slot(id) => Some(self.slot(parent, id)?),
        };
        let side = slot.side;
        (origin.is_some() || slot == SlotRef::START).then_some(Hook { origin, side })
    }

    /// A line that this event's replica may call its own.
    pub(super) fn is_new(&self, id: LineId) -> bool {
        let replica = self.state.event_id(self.event()).replica;
        id.replica == replica && self.state.line_index(id).is_none()
    }
}
