//! What is displayed as bytes: mostly what follows from the state, so that only the rest takes room.

use foldhash::HashMap;

use crate::bytes::{Damaged, Reader, put_column, put_number, with_room};
use crate::display::Display;
use crate::display::build::parent;
use crate::display::hung::Hung;
use crate::display::shown::{Shown, ShownLines};
use crate::index::{LineIndex, SlotIndex, StrandIndex};
use crate::place::Bound;
use crate::slots::Weight;
use crate::state::State;

const ALIVE: u32 = 1;
const COVERED: u32 = 2;
const SHUT: u32 = 4;

impl Display {
    pub fn write(&self, state: &State, bytes: &mut Vec<u8>) {
        // Every field is named, so that none is forgotten.
        let Self {
            shown,
            hung,
            parts,
            clock,
            skipped,
        } = self;
        let lines = || (0..shown.len()).map(LineIndex::new);
        let above = |line: LineIndex| self.get(line).above.0.wrapping_sub(parent(state, line).0);
        put_column(bytes, lines().map(above));
        put_column(
            bytes,
            lines().map(|line| self.get(line).head.0.wrapping_sub(line.0)),
        );
        put_column(bytes, lines().map(|line| self.get(line).rows));
        put_column(bytes, lines().map(|line| self.get(line).pin));
        put_column(bytes, lines().map(|line| self.get(line).seal));
        put_column(bytes, lines().map(|line| flags(&self.get(line))));
        put_number(bytes, (*clock).into());
        put_lines(bytes, skipped.iter().copied());
        let mut parts: Vec<_> = parts.iter().collect();
        parts.sort_unstable_by_key(|(line, _)| **line);
        put_number(bytes, parts.len() as u64);
        for (line, parts) in parts {
            put_number(bytes, line.0.into());
            put_lines(bytes, parts.iter().copied());
        }
        hung.write(state, bytes);
        let slots = (0..state.slots.next().at()).map(SlotIndex::new);
        let weights: Vec<(u32, u32)> = slots
            .map(|slot| {
                let (noted, counted) = (self.noted(slot), state.slots.order.weight(slot));
                let shown = counted.shown.wrapping_sub(noted.shown);
                (shown, counted.rows.wrapping_sub(noted.rows))
            })
            .collect();
        put_column(bytes, weights.iter().map(|weight| weight.0));
        put_column(bytes, weights.iter().map(|weight| weight.1));
    }

    /// And the order of the slots, of which it knows the weights.
    pub fn read(state: &mut State, reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut display = Self::empty();
        display.shown = read_shown(state, reader)?;
        display.clock = reader.small()?;
        display.skipped = read_lines(reader)?.into_iter().collect();
        for _ in 0..reader.count()? {
            let line = LineIndex(reader.small()?);
            display.parts.insert(line, read_lines(reader)?);
        }
        display.hung = Hung::read(state, reader)?;
        let differing = read_differing(state.slots.next().at(), reader)?;
        state.slots.order_all(|slot| {
            let noted = display.noted(slot);
            let (shown, rows) = differing.get(&slot).copied().unwrap_or_default();
            Weight {
                shown: noted.shown.wrapping_add(shown),
                rows: noted.rows.wrapping_add(rows),
                ..noted
            }
        });
        Ok(display)
    }
}

fn read_shown(state: &State, reader: &mut Reader<'_>) -> Result<ShownLines, Damaged> {
    let len = state.lines.len();
    let mut columns = Vec::new();
    for _ in 0..6 {
        columns.push(reader.steps(len)?);
    }
    let [above, heads, rows, pins, seals, all_flags] = columns.as_mut_slice() else {
        return Err(Damaged);
    };
    let made_below = state.lines.slots().map(|slot| state.slots.parent(slot));
    let mut made_below = std::iter::once(LineIndex::ROOT).chain(made_below);
    let mut shown = ShownLines::with_capacity(with_room(len));
    while shown.len() < len {
        // Nearly all lines are ordinary, one behind the other.
        let ((above_by, many), (pin, more)) = (above.run()?, pins.run()?);
        let ((head, others), (seal, further)) = (heads.run()?, seals.run()?);
        let (flags, rest) = all_flags.run()?;
        let count = many.min(more).min(others).min(further).min(rest);
        let is_ordinary = (head, seal, flags) == (0, 0, ALIVE);
        for made_below in made_below.by_ref().take(count) {
            let above = LineIndex(above_by.wrapping_add(made_below.0));
            let rows = rows.next()?;
            if is_ordinary {
                shown.push_ordinary(above, rows, pin);
                continue;
            }
            shown.push(Shown {
                above,
                head: LineIndex(head.wrapping_add(shown.len() as u32)),
                rows,
                pin,
                seal,
                is_alive: flags & ALIVE != 0,
                is_covered: flags & COVERED != 0,
                is_shut: flags & SHUT != 0,
            });
        }
        for column in [&mut *above, pins, heads, seals, all_flags] {
            column.skip(count);
        }
    }
    Ok(shown)
}

/// What is counted of slots besides what is noted of the lines in them.
fn read_differing(
    slots: usize,
    reader: &mut Reader<'_>,
) -> Result<HashMap<SlotIndex, (u32, u32)>, Damaged> {
    let (mut shown, mut rows) = (reader.steps(slots)?, reader.steps(slots)?);
    let mut differing = HashMap::default();
    let mut slot = 0;
    while slot < slots {
        let ((shown_by, many), (rows_by, more)) = (shown.run()?, rows.run()?);
        let count = many.min(more);
        if (shown_by, rows_by) != (0, 0) {
            let those = (slot..slot + count).map(SlotIndex::new);
            differing.extend(those.map(|slot| (slot, (shown_by, rows_by))));
        }
        shown.skip(count);
        rows.skip(count);
        slot += count;
    }
    Ok(differing)
}

fn flags(shown: &Shown) -> u32 {
    let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
    flag(shown.is_alive, ALIVE) | flag(shown.is_covered, COVERED) | flag(shown.is_shut, SHUT)
}

impl Hung {
    fn write(&self, state: &State, bytes: &mut Vec<u8>) {
        let made = made_for(state);
        let single = made.iter().enumerate().map(|(slot, made)| {
            let line = self.single.get(slot).unwrap_or(&LineIndex::ROOT);
            line.0.wrapping_sub(made.0)
        });
        put_column(bytes, single);
        let mut several: Vec<_> = self.several.iter().collect();
        several.sort_unstable_by_key(|(slot, _)| **slot);
        put_number(bytes, several.len() as u64);
        for (slot, lines) in several {
            put_number(bytes, slot.0.into());
            put_lines(bytes, lines.iter().copied());
        }
        let mut attached: Vec<(u64, u32, &[LineIndex])> = self
            .attached
            .iter()
            .map(|(bound, lines)| match *bound {
                Bound::Marker(line) => (0, line.0, lines.as_slice()),
                Bound::End(strand) => (1, strand.0, lines.as_slice()),
            })
            .collect();
        attached.sort_unstable();
        put_number(bytes, attached.len() as u64);
        for (kind, at, lines) in attached {
            put_number(bytes, kind);
            put_number(bytes, at.into());
            put_lines(bytes, lines.iter().copied());
        }
    }

    fn read(state: &State, reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut hung = Self::default();
        let mut made = made_for(state);
        let mut single = reader.steps(made.len())?;
        let mut slot = 0;
        while slot < made.len() {
            let (by, count) = single.run()?;
            if by != 0 {
                for made in &mut made[slot..slot + count] {
                    *made = LineIndex(by.wrapping_add(made.0));
                }
            }
            single.skip(count);
            slot += count;
        }
        hung.single = made;
        for _ in 0..reader.count()? {
            let slot = SlotIndex(reader.small()?);
            hung.several.insert(slot, read_lines(reader)?);
        }
        for _ in 0..reader.count()? {
            let kind = reader.number()?;
            let at = reader.small()?;
            let bound = match kind {
                0 => Bound::Marker(LineIndex(at)),
                _ => Bound::End(StrandIndex(at)),
            };
            hung.attached.insert(bound, read_lines(reader)?);
        }
        Ok(hung)
    }
}

/// Of each slot the line that it was made for; the root of those that were made for lines to move to.
fn made_for(state: &State) -> Vec<LineIndex> {
    let slots = state.slots.next().at();
    let mut made = Vec::with_capacity(with_room(slots));
    made.resize(slots, LineIndex::ROOT);
    for (line, slot) in (1..).map(LineIndex::new).zip(state.lines.slots()) {
        if let Some(made) = made.get_mut(slot.at()) {
            *made = line;
        }
    }
    made
}

fn put_lines(bytes: &mut Vec<u8>, lines: impl ExactSizeIterator<Item = LineIndex>) {
    put_column(bytes, lines.map(|line| line.0));
}

fn read_lines(reader: &mut Reader<'_>) -> Result<Vec<LineIndex>, Damaged> {
    let lines = reader.column(u32::MAX as usize)?.into_iter();
    Ok(lines.map(LineIndex).collect())
}
