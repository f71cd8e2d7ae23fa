//! Everything that was ever in a strand, in order, with the events that brought and took it: for
//! questions that are asked too rarely to keep the answers.

use std::collections::HashMap;

use crate::index::{EventIndex, LineIndex};
use crate::strand::log::{Kind, Log};
use crate::strand::tracker::Tracker;
use crate::strand::tracker::fragments::Fragment;
use crate::strand::tracker::order::INSERTED;

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
