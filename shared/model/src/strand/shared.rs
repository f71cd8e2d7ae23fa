//! One strand by itself, with events of its own: for whoever wants shared text without an outline,
//! as benchmarks, fuzzing and property tests do. Knows nothing of lines.

pub(super) mod events;
mod message;

use crate::chars::byte_offset;
use crate::index::{EventIndex, LineIndex, ReplicaIndex};
use crate::strand::Strand;
use crate::strand::log::{Kind, Run};
use crate::strand::shared::events::Events;
use crate::strand::shared::message::{Edits, Message, Range};

/// Room for reading messages that is kept from one to the next.
const KEPT_BYTES_MAX: usize = 1024;

/// How many events of each replica a text contains: (replica, events), sorted by replica.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextVersion(Vec<(u64, u32)>);

impl TextVersion {
    pub fn get(&self, replica: u64) -> u32 {
        let place = self.0.binary_search_by_key(&replica, |&(name, _)| name);
        place.map_or(0, |place| self.0[place].1)
    }
}

/// Why an edit or a message was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("position {at} is behind the end of the text, which has {len} characters")]
    BehindEnd { at: u32, len: u32 },
    /// Events that this message builds on have not arrived; apply them first.
    #[error("the message builds on event {seq} of replica {replica}, which has not arrived")]
    Missing { replica: u64, seq: u32 },
    #[error("the message is damaged: {0}")]
    Malformed(&'static str),
}

/// A text that several replicas write, each in a copy of its own. Positions count Unicode scalar
/// values. Every call of [`SharedText::insert`] and [`SharedText::delete`] is one event.
#[derive(Debug, Clone)]
pub struct SharedText {
    replica: ReplicaIndex,
    events: Events,
    strand: Strand,
    /// Everything that was ever inserted, in the order of arrival.
    inserted: String,
    /// The message that is being read.
    message: Message,
}

impl SharedText {
    /// An empty text, to be written by `replica`; no other copy may write by that name.
    pub fn new(replica: u64) -> Self {
        let mut events = Events::default();
        Self {
            replica: events.replica(replica),
            events,
            strand: Strand::new(LineIndex::ROOT, ""),
            inserted: String::new(),
            message: Message::default(),
        }
    }

    /// Everything that [`SharedText::encode_all`] wrote, to be written on by `replica`.
    ///
    /// # Errors
    /// As [`SharedText::apply`].
    pub fn load(replica: u64, bytes: &[u8]) -> Result<Self, TextError> {
        let mut text = Self::new(replica);
        text.apply(bytes)?;
        Ok(text)
    }

    pub fn replica(&self) -> u64 {
        self.events.name(self.replica)
    }

    /// Inserts at `at`, as an event of this replica. An empty `text` is no event.
    ///
    /// # Errors
    /// [`TextError::BehindEnd`]; nothing has changed then.
    pub fn insert(&mut self, at: u32, text: &str) -> Result<(), TextError> {
        self.check_end(at)?;
        if !text.is_empty() {
            let event = self.events.write(self.replica);
            self.strand.insert(&self.events, event, at, text, &mut ());
            self.inserted.push_str(text);
        }
        Ok(())
    }

    /// Deletes `count` characters from `at` on, as an event of this replica. None is no event.
    ///
    /// # Errors
    /// [`TextError::BehindEnd`]; nothing has changed then.
    pub fn delete(&mut self, at: u32, count: u32) -> Result<(), TextError> {
        self.check_end(at.saturating_add(count))?;
        if count > 0 {
            let event = self.events.write(self.replica);
            self.strand.delete(&self.events, event, at, count, &mut ());
        }
        Ok(())
    }

    fn check_end(&self, at: u32) -> Result<(), TextError> {
        let len = self.len();
        if at > len {
            Err(TextError::BehindEnd { at, len })
        } else {
            Ok(())
        }
    }

    /// What this copy contains.
    pub fn version(&self) -> TextVersion {
        let replicas = self.events.replicas();
        let counts = replicas.map(|it| (self.events.name(it), self.events.events_of(it)));
        let mut counts: Vec<(u64, u32)> = counts.filter(|&(_, events)| events > 0).collect();
        counts.sort_unstable();
        TextVersion(counts)
    }

    /// The events that a copy of version `since` lacks, for [`SharedText::apply`] there.
    pub fn encode_since(&self, since: &TextVersion) -> Vec<u8> {
        let mut message = Message::default();
        let ranges = self.ranges_since(since);
        for &(entry, from, to) in &ranges {
            self.tell_range(&mut message, entry, from, to);
        }
        let Some(&(_, first, _)) = ranges.first() else {
            return message.write();
        };
        let log = self.strand.log();
        let mut run = log.map_or(0, |log| log.first_of(EventIndex(first)));
        let mut text = self.text_since(run);
        for (_, from, to) in ranges {
            while let Some(next) = log.and_then(|log| log.runs().get(run))
                && next.event.0 < to
            {
                tell_edits(&mut message, next, (from, to), &mut text);
                if next.last_event().0 >= to {
                    break;
                }
                run += 1;
            }
        }
        message.write()
    }

    /// Entries with the first event of each that is not in `since`, and the end; in the order of
    /// arrival.
    fn ranges_since(&self, since: &TextVersion) -> Vec<(u32, u32, u32)> {
        let mut ranges = Vec::new();
        for replica in self.events.replicas() {
            let known = since.get(self.events.name(replica));
            for &number in self.events.entries_of(replica).iter().rev() {
                let (entry, end) = (self.events.entry(number), self.events.end_of(number));
                let last = entry.seq + (end - entry.first.0) - 1;
                if last <= known {
                    break;
                }
                let skipped = (known + 1).saturating_sub(entry.seq);
                ranges.push((number, entry.first.0 + skipped, end));
            }
        }
        ranges.sort_unstable_by_key(|&(_, from, _)| from);
        ranges
    }

    fn tell_range(&self, message: &mut Message, number: u32, from: u32, to: u32) {
        let entry = self.events.entry(number);
        let start = message.seen.len();
        if from == entry.first.0 {
            let entries = self.events.entries_of(entry.replica);
            let place = entries.binary_search(&number).unwrap_or_default();
            let before = place
                .checked_sub(1)
                .map(|place| self.events.entry(entries[place]));
            for (other, &seen) in self.events.replicas().zip(&entry.seen) {
                let known = before.and_then(|before| before.seen.get(other.at()));
                if other != entry.replica && seen > known.copied().unwrap_or(0) {
                    let place = message.place_of(self.events.name(other));
                    message.seen.push((place, seen));
                }
            }
        }
        let replica = message.place_of(self.events.name(entry.replica));
        message.ranges.push(Range {
            replica,
            seq: entry.seq + (from - entry.first.0),
            count: to - from,
            seen: (start, message.seen.len()),
        });
    }

    /// The text that the runs from number `run` on inserted.
    fn text_since(&self, run: usize) -> &str {
        let runs = self.strand.log().map_or(&[][..], |log| &log.runs()[run..]);
        let insertions = runs.iter().filter(|run| run.kind == Kind::Insert);
        let count: u32 = insertions.map(|run| run.len).sum();
        let mut starts = self.inserted.char_indices().rev();
        let start = count
            .checked_sub(1)
            .and_then(|last| starts.nth(last as usize));
        start.map_or("", |(start, _)| &self.inserted[start..])
    }

    /// All events, with the whole history.
    pub fn encode_all(&self) -> Vec<u8> {
        self.encode_since(&TextVersion::default())
    }

    /// Applies the events of a message, be it one or many; those that were applied before are
    /// ignored.
    ///
    /// # Errors
    /// [`TextError::Missing`] and [`TextError::Malformed`]; nothing has changed then.
    /// [`TextError::BehindEnd`] at the first event that does not fit; those before it have been
    /// applied.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), TextError> {
        let mut message = std::mem::take(&mut self.message);
        let read = message
            .read(bytes)
            .and_then(|()| self.check_known(&message));
        let applied = read.and_then(|()| self.receive(&message));
        if bytes.len() < KEPT_BYTES_MAX {
            self.message = message;
        }
        applied
    }

    /// Whether everything is here, or in the message before it, that the events build on.
    fn check_known(&self, message: &Message) -> Result<(), TextError> {
        let known = |&name: &u64| {
            self.events
                .find(name)
                .map_or(0, |it| self.events.events_of(it))
        };
        let mut counts: Vec<u32> = Vec::new();
        if message.ranges.len() > 1 {
            counts.extend(message.names.iter().map(known));
        }
        let count = |counts: &[u32], replica: usize| match counts.get(replica) {
            Some(&count) => count,
            None => known(&message.names[replica]),
        };
        for range in &message.ranges {
            let missing = |replica: usize, seq| {
                let replica = message.names[replica];
                Err(TextError::Missing { replica, seq })
            };
            let events = count(&counts, range.replica);
            if range.seq == 0 || range.seq.checked_add(range.count).is_none() {
                return Err(TextError::Malformed("it has an event that cannot be"));
            }
            if range.seq > events + 1 {
                return missing(range.replica, range.seq - 1);
            }
            for &(replica, seq) in &message.seen[range.seen.0..range.seen.1] {
                if seq > count(&counts, replica) {
                    return missing(replica, seq);
                }
            }
            if let Some(count) = counts.get_mut(range.replica) {
                *count = events.max(range.seq + range.count - 1);
            }
        }
        Ok(())
    }

    fn receive(&mut self, message: &Message) -> Result<(), TextError> {
        let mut edits = message.edits.iter().copied();
        let mut next = edits.next();
        let mut text = message.text.as_str();
        for range in &message.ranges {
            let name = message.names[range.replica];
            let replica = self
                .events
                .find(name)
                .unwrap_or_else(|| self.events.replica(name));
            let mut seen = Vec::new();
            for &(other, seq) in &message.seen[range.seen.0..range.seen.1] {
                let other = self.events.replica(message.names[other]);
                seen.push((other, seq));
            }
            let mut seq = range.seq;
            let end = range.seq + range.count;
            while seq < end
                && let Some(edit) = next
            {
                let (part, rest) = cut(edit, end - seq);
                let count = if part.kind == Kind::Insert {
                    part.len
                } else {
                    0
                };
                let (inserted, behind) = text.split_at(byte_offset(text, count));
                (text, next) = (behind, rest.or_else(|| edits.next()));
                let known = self.events.events_of(replica);
                let skipped = (known + 1 - seq).min(part.events());
                seq += part.events();
                if let Some((part, inserted)) = skip(part, skipped, inserted) {
                    self.carry_out(replica, &seen, part, inserted)?;
                    seen.clear();
                }
            }
        }
        Ok(())
    }

    fn carry_out(
        &mut self,
        replica: ReplicaIndex,
        seen: &[(ReplicaIndex, u32)],
        edits: Edits,
        text: &str,
    ) -> Result<(), TextError> {
        let Edits {
            kind,
            is_each,
            at,
            len,
        } = edits;
        let event = self.events.receive(replica, seen, edits.events());
        let run = Run {
            event,
            at,
            len,
            content: 0,
            kind,
            is_each,
        };
        let end = match kind {
            Kind::Delete => at + len,
            Kind::Backspace => at + 1,
            _ => at,
        };
        let length = self.strand.len_for(&self.events, event);
        if end > length {
            self.strand.rest();
            self.events.take_back(replica, edits.events());
            return Err(TextError::BehindEnd {
                at: end,
                len: length,
            });
        }
        match kind {
            Kind::Insert => {
                self.strand.insert_run(&self.events, run, text, &mut ());
                self.inserted.push_str(text);
            }
            _ => self.strand.delete_run(&self.events, run, &mut ()),
        }
        Ok(())
    }

    /// Characters.
    pub fn len(&self) -> u32 {
        self.strand.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        self.strand.push_slice_text(None, &mut text);
        text
    }
}

impl Message {
    /// The place of a replica in the list of names.
    fn place_of(&mut self, name: u64) -> usize {
        let place = self.names.iter().rposition(|&other| other == name);
        place.unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        })
    }
}

/// Adds what a run did in the events of a range, with its text, which is taken from `text`.
fn tell_edits(message: &mut Message, run: &Run, (from, to): (u32, u32), text: &mut &str) {
    let whole = Edits {
        kind: run.kind,
        is_each: run.is_each,
        at: run.at,
        len: run.len,
    };
    let (first, events) = (run.event.0, whole.events());
    let count = if run.kind == Kind::Insert { run.len } else { 0 };
    let (inserted, behind) = text.split_at(byte_offset(text, count));
    let is_last = first + events <= to;
    let skipped = from.saturating_sub(first).min(events);
    let (part, _) = cut(whole, to - first);
    let kept = if run.kind == Kind::Insert {
        byte_offset(inserted, part.len)
    } else {
        0
    };
    if let Some((part, inserted)) = skip(part, skipped, &inserted[..kept]) {
        message.text.push_str(inserted);
        message.edits.push(part);
    }
    if is_last {
        *text = behind;
    }
}

/// The edits of so many events, and those behind them.
fn cut(edits: Edits, events: u32) -> (Edits, Option<Edits>) {
    if edits.events() <= events {
        return (edits, None);
    }
    let part = Edits {
        len: events,
        ..edits
    };
    let rest = skip(edits, events, "").map(|(rest, _)| rest);
    (part, rest)
}

/// Leaves out so many events, and their text.
fn skip(edits: Edits, events: u32, text: &str) -> Option<(Edits, &str)> {
    if events >= edits.events() {
        return None;
    }
    let at = match edits.kind {
        Kind::Insert => edits.at + events,
        Kind::Backspace => edits.at - events,
        _ => edits.at,
    };
    let rest = Edits {
        at,
        len: edits.len - events,
        ..edits
    };
    if events == 0 {
        return Some((edits, text));
    }
    let text = &text[byte_offset(text, events)..];
    Some((rest, text))
}
