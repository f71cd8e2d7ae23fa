//! What became different in the display, gathered while some events are worked in.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::display::Display;
use crate::display::read::slot_of;
use crate::index::{LineIndex, SlotIndex};
use crate::state::State;

#[derive(Debug, Default)]
pub(crate) struct News {
    /// The latest seal before these events.
    pub(super) since: u32,
    /// Lines that were hung up, new or elsewhere.
    pub hung: Vec<LineIndex>,
    /// Lines whose displayed line has to be counted again.
    pub(super) recount: Vec<LineIndex>,
    /// Pin and seal that lines had before a seal of these events took effect on them.
    pub(super) before: HashMap<LineIndex, (u32, u32)>,
    /// Lines whose children, as counted in their slots, were displayed until a seal hid them.
    pub(super) sealed: BTreeSet<LineIndex>,
    /// Lines that were displayed, and were looked at when a seal had hidden them.
    pub(super) thawed: Vec<LineIndex>,
    /// Slots in which another line is displayed than before, or none.
    pub(super) gaps: Vec<SlotIndex>,
    /// Lines that were displayed and left their slots; they may be displayed elsewhere.
    pub lost: BTreeSet<LineIndex>,
    /// Lines that are displayed in a slot in which they were not.
    pub gained: BTreeSet<LineIndex>,
    /// Lines with other displayed children than before.
    pub(super) parents: HashSet<LineIndex>,
    /// Lines that are made of other parts.
    pub reparted: Vec<LineIndex>,
    /// Parts whose displayed children show below another line than before, or between others.
    pub(super) adopted: Vec<LineIndex>,
}

impl News {
    /// Whether nothing is different so far.
    pub fn is_none(&self) -> bool {
        self.recount.is_empty() && self.sealed.is_empty() && self.thawed.is_empty()
    }
}

impl Display {
    pub fn news(&self) -> News {
        News {
            since: self.clock,
            ..News::default()
        }
    }

    /// Names what seals hid below lines that are displayed still.
    pub fn list_sealed(&mut self, state: &State, news: &mut News) {
        for line in std::mem::take(&mut news.thawed) {
            news.lost.insert(line);
            if let Some(slot) = slot_of(state, line) {
                news.gaps.push(slot);
                news.parents.insert(state.slots.parent(slot));
            }
        }
        // Of what is hidden now, only parts that left a line had children that it does not take along.
        let adopted: HashSet<LineIndex> = news.adopted.iter().copied().collect();
        for line in std::mem::take(&mut news.sealed) {
            let may_be_top = self.is_displayed(self.head(line)) || adopted.contains(&line);
            if self.get(line).is_shut && may_be_top {
                self.list_children(state, line, news);
            }
        }
    }

    /// The children that were displayed before these events, and left with a seal.
    pub(super) fn list_children(&self, state: &State, parent: LineIndex, news: &mut News) {
        let slots = state.slots.order.all_with(parent, |weight| weight.shown);
        for &slot in &slots {
            let lines = self.hung.lines_in(slot).iter();
            let left = lines.filter(|&&line| self.get(line).rows > 0);
            news.lost.extend(left);
        }
        // What is displayed there now has come anew.
        news.gaps.extend(slots.last());
        news.parents.insert(parent);
    }

    /// Displayed lines, and the root, whose displayed children are others than before, or in another
    /// order.
    pub fn changed_parents(&self, news: &News) -> BTreeSet<LineIndex> {
        let heads = news.parents.iter().map(|&line| self.head(line));
        heads
            .chain(news.reparted.iter().copied())
            .filter(|&head| head == LineIndex::ROOT || self.is_displayed(head))
            .collect()
    }

    /// Displayed lines that stand, or may stand, elsewhere than before.
    pub fn moved(&self, state: &State, news: &News) -> Vec<LineIndex> {
        let gained = news.gained.iter().copied();
        let adopted = news.adopted.iter();
        let adopted = adopted.flat_map(|&part| self.counted_children(state, part));
        let moved = gained.chain(adopted);
        moved.filter(|&line| self.is_displayed(line)).collect()
    }

    /// Displayed lines that may have another previous sibling because of lines that moved or left.
    pub fn followers(&self, state: &State, news: &News) -> Vec<LineIndex> {
        let mut lines = Vec::new();
        for &slot in &news.gaps {
            lines.extend(self.displayed_in(slot));
            lines.extend(self.first_displayed_behind(state, slot));
        }
        for &head in &news.reparted {
            let parts = self.part_lines(head);
            lines.extend(parts.filter_map(|part| self.first_counted_child(state, part)));
        }
        lines
    }
}
