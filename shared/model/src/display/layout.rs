//! Working out what is displayed, from the root down and from the leaves up.

use std::collections::HashMap;

use crate::display::{Display, Part, Shown, UNSET};
use crate::index::{LineIndex, SlotIndex};
use crate::place::{Bound, Edge};
use crate::state::State;

impl Display {
    /// Walks down from the root, so that no depth is too much for the stack.
    pub(super) fn hang(&mut self, state: &State, inline: &Attached, occupants: &Occupants) {
        self.order.clear();
        self.order.push(LineIndex::ROOT);
        self.shown[LineIndex::ROOT.at()].is_visible = true;
        let mut next = 0;
        while let Some(&line) = self.order.get(next) {
            next += 1;
            for &part in inline.get(&line).into_iter().flatten() {
                self.order.push(part);
                self.place(state, line, part, self.get(line).head);
            }
            let from = self.order.len();
            for &slot in state.slots.of(line) {
                occupants.push_lines(slot, &mut self.order);
            }
            for place in from..self.order.len() {
                let child = self.order[place];
                self.place(state, line, child, child);
            }
            self.shown[line.at()].below = (from as u32, self.order.len() as u32);
        }
        assert_eq!(
            self.order.len(),
            state.lines.len(),
            "every line hangs from the root"
        );
    }

    fn place(&mut self, state: &State, above: LineIndex, line: LineIndex, head: LineIndex) {
        let cover = self.covers.of_line(state, self.get(above).cover, line);
        let is_alive = self.covers.is_alive(state, cover, line);
        if state.is_last_place_skipped(line) {
            self.skipped.push(line);
        }
        self.shown[line.at()] = Shown {
            head,
            above,
            cover,
            is_alive,
            ..UNSET
        };
    }

    /// From the leaves up: a line is visible when a part of it is alive or a child is visible.
    pub(super) fn show(&mut self) {
        for &line in self.order.iter().skip(1).rev() {
            let Shown {
                head,
                above,
                is_alive,
                is_visible,
                is_gone,
                ..
            } = *self.get(line);
            if is_gone {
                continue;
            }
            if is_alive {
                self.shown[head.at()].is_visible = true;
            }
            if head == line && (is_visible || is_alive) {
                let parent = self.head(above);
                self.shown[parent.at()].is_visible = true;
            }
        }
    }

    pub(super) fn collect_parts(&mut self, state: &State, inline: &Attached) {
        for &head in inline.keys() {
            if self.head(head) != head {
                continue;
            }
            let mut parts = Vec::new();
            let mut stack = vec![head];
            while let Some(line) = stack.pop() {
                parts.push(Part {
                    line,
                    chars: state.slice_chars(line),
                });
                stack.extend(inline.get(&line).into_iter().flatten().rev());
            }
            self.parts.insert(head, parts);
        }
    }

    pub(super) fn collect_children(&mut self, state: &State) {
        for place in 0..self.order.len() {
            let line = self.order[place];
            if line != LineIndex::ROOT && !self.is_displayed(line) {
                continue;
            }
            let from = self.children.len();
            for part in self.part_lines(line).collect::<Vec<_>>() {
                let (start, end) = self.get(part).below;
                for child in start..end {
                    let child = self.order[child as usize];
                    if self.get(child).is_visible {
                        self.children.push(child);
                    }
                }
            }
            self.shown[line.at()].children = (from as u32, self.children.len() as u32);
        }
        let ids = self.children.iter().map(|&child| state.line(child).id);
        self.child_ids = ids.collect();
        self.count = self.children.len();
    }
}

/// The lines attached at the end of each line's slice, in the order in which they are shown.
pub(super) type Attached = HashMap<LineIndex, Vec<LineIndex>>;

pub(super) fn attached(state: &State) -> Attached {
    let mut attached = Attached::new();
    for line in state.all_lines() {
        if let Edge::Inline(bound) = state.line(line).place.edge {
            attached.entry(state.host(bound)).or_default().push(line);
        }
    }
    for lines in attached.values_mut() {
        lines.sort_by(|&left, &right| {
            let key = |line: LineIndex| {
                let place = state.line(line).place;
                (place.edge != Edge::Inline(Bound::Marker(line)), place.by)
            };
            let ((left_other, left), (right_other, right)) = (key(left), key(right));
            left_other
                .cmp(&right_other)
                .then_with(|| state.compare_changes(left, right))
        });
    }
    attached
}

/// The lines in each slot: one or none, but for hostile events.
pub(super) struct Occupants {
    first: Vec<Option<LineIndex>>,
    more: HashMap<SlotIndex, Vec<LineIndex>>,
}

impl Occupants {
    pub fn of(state: &State) -> Self {
        let mut occupants = Self {
            first: vec![None; state.slots.len()],
            more: HashMap::new(),
        };
        for line in state.all_lines() {
            if let Edge::Child { slot, .. } = state.line(line).place.edge {
                let first = &mut occupants.first[slot.at()];
                if first.is_none() {
                    *first = Some(line);
                } else {
                    occupants.more.entry(slot).or_default().push(line);
                }
            }
        }
        for (slot, more) in &mut occupants.more {
            more.extend(occupants.first[slot.at()].take());
            more.sort_by_key(|&line| state.line(line).id);
        }
        occupants
    }

    fn push_lines(&self, slot: SlotIndex, lines: &mut Vec<LineIndex>) {
        match self.first[slot.at()] {
            Some(line) => lines.push(line),
            None if self.more.is_empty() => {}
            None => lines.extend(self.more.get(&slot).into_iter().flatten()),
        }
    }
}
