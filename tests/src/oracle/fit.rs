//! What the author of a change must have had for it to mean anything. `None`: the change does not fit
//! its version, and has no effect.

use tideline_model::{LineId, Side, SlotId, SlotOrigin, SlotRef};

use super::line::Slot;
use super::replay::{Now, Replay};

impl Replay {
    pub(super) fn known(&self, now: &Now<'_>, line: LineId) -> Option<()> {
        let created_by = self.lines.get(&line)?.created_by;
        created_by
            .is_none_or(|event| now.seen.has(event))
            .then_some(())
    }

    pub(super) fn movable(&self, now: &Now<'_>, line: LineId) -> Option<()> {
        self.known(now, line)?;
        (line != LineId::ROOT).then_some(())
    }

    pub(super) fn can_be_made(&self, now: &Now<'_>, line: LineId) -> Option<()> {
        let own = line.replica == now.event.replica;
        (own && !self.lines.contains_key(&line)).then_some(())
    }

    pub(super) fn find_slot(&self, now: &Now<'_>, parent: LineId, slot: SlotId) -> Option<usize> {
        now.saw(slot.event).then_some(())?;
        self.slots.get(&parent)?.find(slot)
    }

    /// Makes a slot among the children of `parent`, if what it hangs from is there.
    pub(super) fn add_slot(
        &mut self,
        now: &Now<'_>,
        (parent, slot): (LineId, SlotRef),
        id: SlotId,
        ordered: Option<(LineId, LineId)>,
    ) -> Option<()> {
        let origin = match slot.origin {
            SlotOrigin::Start => {
                (slot.side == Side::Right).then_some(())?;
                None
            }
            SlotOrigin::Slot(origin) => Some(self.find_slot(now, parent, origin)?),
            SlotOrigin::Own(index) => {
                let event = now.event;
                Some(self.slots.get(&parent)?.find(SlotId { event, index })?)
            }
        };
        let slots = self.slots.entry(parent).or_default();
        slots.add(
            origin,
            slot.side,
            Slot {
                id,
                at: now.at,
                ordered,
            },
        );
        Some(())
    }
}
