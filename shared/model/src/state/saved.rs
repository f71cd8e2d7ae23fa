//! The state as bytes.

use foldhash::HashMap;

use crate::bytes::{Damaged, Reader, put_bytes, put_column, put_number};
use crate::history::History;
use crate::index::{EventIndex, LineIndex, SlotIndex, StrandIndex};
use crate::lines::{Lines, change, list, put_change, put_list};
use crate::place::{Bound, Edge, LogEntry, Place};
use crate::slots::Slots;
use crate::state::State;
use crate::strands::{Blocks, Strands};
use crate::text_deletions::TextDeletions;
use crate::touch::{self, Touches};

impl State {
    /// Whether it is between two events, with nothing half done.
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn write(&self, bytes: &mut Vec<u8>) {
        // Every field is named, so that none is forgotten.
        let Self {
            history,
            lines,
            strands,
            at_hand: _,
            merging: _,
            slots,
            log,
            waiting: _,
            touches,
            deleted,
            titles,
            text_deletions,
            deleted_together,
            kept_together,
            unknown_changes,
        } = self;
        history.write(bytes);
        lines.write(bytes);
        strands.write(bytes);
        slots.write(bytes);
        put_list(bytes, log, |bytes, entry| entry.write(bytes));
        let touches = touches.runs();
        put_column(bytes, touches.iter().map(|run| run.event.0));
        put_column(bytes, touches.iter().map(|run| run.first.0));
        put_column(bytes, touches.iter().map(|run| run.len));
        put_column(bytes, deleted.iter().map(|line| line.0));
        put_list(bytes, titles, |bytes, (change, title)| {
            put_change(bytes, *change);
            put_bytes(bytes, title.as_bytes());
        });
        text_deletions.write(bytes);
        put_together(bytes, deleted_together);
        put_together(bytes, kept_together);
        put_number(bytes, *unknown_changes as u64);
    }

    /// The order of the slots comes with the display.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let mut state = Self::new();
        state.history = History::read(reader)?;
        state.lines = Lines::read(reader)?;
        state.strands = Strands::read(reader)?;
        state.slots = Slots::read(reader)?;
        state.log = list(reader, LogEntry::read)?;
        let events = reader.column(u32::MAX as usize)?;
        let firsts = reader.column(events.len())?;
        let lens = reader.column(events.len())?;
        if firsts.len() != events.len() || lens.len() != events.len() {
            return Err(Damaged);
        }
        let runs = events.into_iter().zip(firsts).zip(lens);
        let runs = runs.map(|((event, first), len)| touch::Run {
            event: EventIndex(event),
            first: LineIndex(first),
            len,
        });
        state.touches = Touches::from_runs(runs.collect());
        let deleted = reader.column(state.lines.len())?.into_iter();
        state.deleted = deleted.map(LineIndex).collect();
        state.titles = list(reader, |reader| {
            Ok((change(reader)?, reader.text()?.to_owned()))
        })?;
        state.text_deletions = TextDeletions::read(reader)?;
        state.deleted_together = together(reader)?;
        state.kept_together = together(reader)?;
        state.unknown_changes = reader.small()? as usize;
        Ok(state)
    }
}

type Together = HashMap<EventIndex, Vec<LineIndex>>;

fn put_together(bytes: &mut Vec<u8>, together: &Together) {
    let mut together: Vec<_> = together.iter().collect();
    together.sort_unstable_by_key(|(event, _)| **event);
    put_number(bytes, together.len() as u64);
    for (event, lines) in together {
        put_number(bytes, event.0.into());
        put_column(bytes, lines.iter().map(|line| line.0));
    }
}

fn together(reader: &mut Reader<'_>) -> Result<Together, Damaged> {
    let mut together = Together::default();
    for _ in 0..reader.count()? {
        let event = EventIndex(reader.small()?);
        let lines = reader.column(u32::MAX as usize)?.into_iter();
        together.insert(event, lines.map(LineIndex).collect());
    }
    Ok(together)
}

impl Strands {
    fn write(&self, bytes: &mut Vec<u8>) {
        let (blocks, touched) = self.to_blocks();
        blocks.write(bytes);
        put_list(bytes, touched, |bytes, word| put_number(bytes, *word));
        let firsts = self.firsts();
        put_column(bytes, firsts.iter().map(|(strand, _)| strand.0));
        put_column(bytes, firsts.iter().map(|(_, line)| line.0));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let blocks = Blocks::read(reader)?;
        let mut touched = Vec::new();
        for _ in 0..reader.count()? {
            touched.push(reader.number()?);
        }
        let strands = reader.column(u32::MAX as usize)?;
        let lines = reader.column(strands.len())?;
        if strands.first() != Some(&0) || lines.len() != strands.len() {
            return Err(Damaged);
        }
        let firsts = strands.into_iter().zip(lines);
        let firsts = firsts.map(|(strand, line)| (StrandIndex(strand), LineIndex(line)));
        Ok(Self::from_blocks(blocks, touched, firsts.collect()))
    }
}

impl LogEntry {
    fn write(&self, bytes: &mut Vec<u8>) {
        put_change(bytes, self.change);
        put_number(bytes, self.line.0.into());
        self.edge.write(bytes);
        put_number(bytes, u64::from(self.prior.is_some()));
        self.prior.iter().for_each(|prior| prior.write(bytes));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            change: change(reader)?,
            line: LineIndex(reader.small()?),
            edge: Edge::read(reader)?,
            prior: match reader.number()? {
                0 => None,
                _ => Some(Place::read(reader)?),
            },
        })
    }
}

impl Place {
    pub fn write(&self, bytes: &mut Vec<u8>) {
        self.edge.write(bytes);
        put_change(bytes, self.by);
        match self.former {
            None => put_number(bytes, 0),
            Some((parent, slot)) => {
                put_number(bytes, 1);
                put_number(bytes, parent.0.into());
                put_number(bytes, slot.0.into());
            }
        }
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            edge: Edge::read(reader)?,
            by: change(reader)?,
            former: match reader.number()? {
                0 => None,
                _ => Some((LineIndex(reader.small()?), SlotIndex(reader.small()?))),
            },
        })
    }
}

impl Edge {
    fn write(self, bytes: &mut Vec<u8>) {
        match self {
            Edge::Nowhere => put_number(bytes, 0),
            Edge::Child { parent, slot } => {
                put_number(bytes, 1);
                put_number(bytes, parent.0.into());
                put_number(bytes, slot.0.into());
            }
            Edge::Inline(Bound::Marker(line)) => {
                put_number(bytes, 2);
                put_number(bytes, line.0.into());
            }
            Edge::Inline(Bound::End(strand)) => {
                put_number(bytes, 3);
                put_number(bytes, strand.0.into());
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        Ok(match reader.number()? {
            0 => Edge::Nowhere,
            1 => Edge::Child {
                parent: LineIndex(reader.small()?),
                slot: SlotIndex(reader.small()?),
            },
            2 => Edge::Inline(Bound::Marker(LineIndex(reader.small()?))),
            3 => Edge::Inline(Bound::End(StrandIndex(reader.small()?))),
            _ => return Err(Damaged),
        })
    }
}
