//! Everything that was ever in a strand, in order, with the events that brought and took it: for
//! questions that are asked too rarely to keep the answers.

use std::collections::HashMap;

use crate::index::{EventIndex, LineIndex};
use crate::strand::log::{Kind, Log};
use crate::strand::text::Text;
use crate::strand::tracker::Tracker;
use crate::strand::tracker::fragments::Fragment;
use crate::strand::tracker::order::{INSERTED, NONE};

/// Elements side by side that the same events brought and took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// `None`: there from the start of what was looked at, as far as it showed then.
    pub event: Option<EventIndex>,
    pub len: u32,
    /// The line of a marker, of which it is known. One element.
    pub marker: Option<LineIndex>,
    /// Undone ones too.
    pub deletions: Vec<EventIndex>,
    pub is_visible: bool,
}

impl Tracker {
    pub fn spans(&self, log: &Log) -> Vec<Span> {
        let deletions = self.deletions_by_element(log);
        let mut spans: Vec<Span> = Vec::new();
        for fragment in self.fragments.iter() {
            for offset in 0..fragment.len {
                let (id, rest) = (fragment.id + offset, fragment.len - offset);
                let is_uniform = fragment.id < INSERTED && !deletions.contains_key(&id);
                let span = self.span(log, fragment, id, &deletions);
                match spans.last_mut() {
                    Some(last) if last.marker.is_none() && last.is_like(&span) => last.len += 1,
                    _ => spans.push(span),
                }
                if is_uniform && let Some(last) = spans.last_mut() {
                    last.len += rest - 1;
                    break;
                }
            }
        }
        spans
    }

    /// Everything in order, with its characters: those that show from `text`, the others from
    /// `removed`, in which they stand in the order in which they went.
    pub fn pieces(&self, log: &Log, text: &Text, removed: &[char]) -> Vec<Piece> {
        let deletions = self.deletions_by_element(log);
        let places = self.places_of_removed(log);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut now = 0;
        for fragment in self.fragments.iter() {
            let mut offset = 0;
            while offset < fragment.len {
                let id = fragment.id + offset;
                let span = self.span(log, fragment, id, &deletions);
                let is_uniform = id < INSERTED && fragment.deleted_now == 0 && deletions.is_empty();
                let len = if is_uniform { fragment.len - offset } else { 1 };
                let mut new = Piece {
                    event: span.event,
                    marker: span.marker,
                    deletions: span.deletions,
                    text: String::new(),
                };
                if span.marker.is_none() && span.is_visible {
                    text.push_text(now, len, &mut new.text);
                } else if span.marker.is_none() {
                    let place = places.get(&id).map(|&place| place as usize);
                    new.text.extend(place.and_then(|place| removed.get(place)));
                }
                now += if span.is_visible { len } else { 0 };
                offset += len;
                match pieces.last_mut() {
                    Some(last) if last.goes_on(&new) => last.text.push_str(&new.text),
                    _ => pieces.push(new),
                }
            }
        }
        pieces
    }

    /// Where elements that went stand among all that were removed.
    fn places_of_removed(&self, log: &Log) -> HashMap<u32, u32> {
        let mut places = HashMap::new();
        for target in self.targets.iter().filter(|it| it.removed != NONE) {
            let is_backward = log.run(target.run).kind == Kind::Backspace;
            for offset in 0..target.len {
                let place = if is_backward {
                    target.len - 1 - offset
                } else {
                    offset
                };
                places.insert(target.id + offset, target.removed + place);
            }
        }
        places
    }

    fn span(
        &self,
        log: &Log,
        fragment: &Fragment,
        id: u32,
        deletions: &HashMap<u32, Vec<EventIndex>>,
    ) -> Span {
        let inserted = (id >= INSERTED).then(|| self.insertions.of(id));
        let marker = inserted.filter(|_| fragment.is_marker);
        Span {
            event: inserted.map(|it| log.run(it.run).event_at(id - it.first)),
            len: 1,
            marker: marker.map(|it| LineIndex(log.run(it.run).content)),
            deletions: deletions.get(&id).cloned().unwrap_or_default(),
            is_visible: fragment.deleted_now == 0,
        }
    }

    fn deletions_by_element(&self, log: &Log) -> HashMap<u32, Vec<EventIndex>> {
        let mut deletions: HashMap<u32, Vec<EventIndex>> = HashMap::new();
        for target in &self.targets {
            let run = log.run(target.run);
            for offset in 0..target.len {
                let place = match run.kind {
                    Kind::Backspace => target.len - 1 - offset,
                    _ => offset,
                };
                let event = run.event_at(target.offset + offset);
                deletions.entry(target.id + place).or_default().push(event);
            }
        }
        deletions
    }
}

/// Characters side by side, or one marker, that the same events brought and took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// `None`: there from the start.
    pub event: Option<EventIndex>,
    pub marker: Option<LineIndex>,
    /// Undone ones too.
    pub deletions: Vec<EventIndex>,
    pub text: String,
}

impl Piece {
    fn goes_on(&self, next: &Self) -> bool {
        self.marker.is_none()
            && next.marker.is_none()
            && self.event == next.event
            && self.deletions == next.deletions
    }
}

impl Span {
    fn is_like(&self, other: &Self) -> bool {
        let mark = |span: &Self| (span.event, span.marker, span.is_visible);
        mark(self) == mark(other) && self.deletions == other.deletions
    }
}

/// The spans behind a marker, or the first ones, up to the next marker.
pub(crate) fn slice_of(spans: &[Span], marker: Option<LineIndex>) -> impl Iterator<Item = &Span> {
    let start = marker.map_or(0, |marker| {
        let place = spans.iter().position(|span| span.marker == Some(marker));
        place.map_or(spans.len(), |place| place + 1)
    });
    spans[start..]
        .iter()
        .take_while(|span| span.marker.is_none())
}
