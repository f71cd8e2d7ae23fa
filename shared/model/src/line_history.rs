//! What one line was, from its creation until now: its text is asked of the strand that it is part of,
//! whose history is at hand, so that no event of any other line is looked at.

use std::cmp::Ordering;

use crate::document::Document;
use crate::event::EventId;
use crate::history::History;
use crate::id::{LineId, UserId};
use crate::index::{EventIndex, LineIndex};
use crate::line::Kind;
use crate::lines::{Line, Records};
use crate::strand::Rewind;
use crate::strands::StrandRef;

/// An event that changed the text or the kind of a line, or created it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineVersion {
    pub event: EventId,
    /// The wall clock of the author's machine.
    pub time_ms: i64,
    pub author: UserId,
    /// What the line was since then.
    pub kind: Kind,
}

/// The versions of one line, without lines that were joined to it, by their number: in the total order
/// of events, the creation first.
pub struct LineHistory<'d> {
    document: &'d Document,
    line: Line<'d>,
    strand: StrandRef<'d>,
    versions: Vec<Version>,
    rewind: Rewind,
}

#[derive(Debug, Clone, Copy)]
struct Version {
    event: EventIndex,
    /// The last event up to it that changed the text.
    text: EventIndex,
    /// How many writes of the kind there were up to it.
    kinds: usize,
}

impl LineHistory<'_> {
    /// How many versions there are.
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// There is always the creation.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// `None` for a version that the line does not have.
    pub fn version(&self, version: usize) -> Option<LineVersion> {
        let &Version { event, kinds, .. } = self.versions.get(version)?;
        let history = &self.document.state.history;
        Some(LineVersion {
            event: history.id(event),
            time_ms: history.time_ms(event),
            author: history.author(event),
            kind: self.line.kind_after(kinds).clone(),
        })
    }

    /// What the line said once every event up to a version had been worked in; nothing for one that
    /// it does not have. Takes the longer the more happened since; asked for earlier and earlier
    /// versions, it goes on from the one before.
    pub fn text_at(&mut self, version: usize) -> String {
        let Some(&Version { text, .. }) = self.versions.get(version) else {
            return String::new();
        };
        let history = &self.document.state.history;
        self.rewind
            .slice_at(history, &self.strand, text, self.line.marker)
    }
}

impl Document {
    /// How a line, displayed or not, came to be what it is. `None` for one that is not known, and for
    /// the root.
    pub fn line_history(&self, line: LineId) -> Option<LineHistory<'_>> {
        let state = &self.state;
        let index = state.line_index(line).filter(|&it| it != LineIndex::ROOT)?;
        let line = state.line(index);
        let strand = state.strands.get(line.strand);
        let mut rewind = Rewind::new(&strand);
        let created = line.created.0;
        let mut texts = rewind.events_of(&state.history, &strand, line.marker);
        if texts.first() != Some(&created) {
            texts.insert(0, created);
        }
        Some(LineHistory {
            document: self,
            line,
            strand,
            versions: versions(&state.history, &texts, line.records()),
            rewind,
        })
    }
}

/// The events that changed the text, of which the creation is the first, and those that changed the
/// kind, in the total order.
fn versions(history: &History, texts: &[EventIndex], records: &Records) -> Vec<Version> {
    let mut versions = Vec::with_capacity(texts.len());
    let writers = records.kinds.iter().map(|((writer, _), _)| *writer);
    let (mut writers, mut kinds) = (writers.peekable(), 0);
    for (at, &text) in texts.iter().enumerate() {
        while writers.next_if_eq(&text).is_some() {
            kinds += 1;
        }
        let event = text;
        versions.push(Version { event, text, kinds });
        let next = texts.get(at + 1);
        let is_between = |writer: &EventIndex| {
            next.is_none_or(|&next| history.compare(*writer, next) == Ordering::Less)
        };
        while let Some(event) = writers.next_if(is_between) {
            kinds += 1;
            versions.push(Version { event, text, kinds });
        }
    }
    versions
}
