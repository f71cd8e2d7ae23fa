//! What one line said, from its creation until now: asked of the strand that it is part of, whose
//! history is at hand, so that no event of any other line is looked at.

use crate::document::Document;
use crate::event::EventId;
use crate::id::{LineId, UserId};
use crate::index::{EventIndex, LineIndex};
use crate::strand::Rewind;
use crate::strands::StrandRef;

/// An event that changed the text of a line, or created it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineVersion {
    pub event: EventId,
    /// The wall clock of the author's machine.
    pub time_ms: i64,
    pub author: UserId,
}

/// The versions of one line's own text, without lines that were joined to it, by their number: in the
/// total order of events, the creation first.
pub struct LineHistory<'d> {
    document: &'d Document,
    strand: StrandRef<'d>,
    marker: Option<LineIndex>,
    events: Vec<EventIndex>,
    rewind: Rewind,
}

impl LineHistory<'_> {
    /// How many versions there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// There is always the creation.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// `None` for a version that the line does not have.
    pub fn version(&self, version: usize) -> Option<LineVersion> {
        let &event = self.events.get(version)?;
        let history = &self.document.state.history;
        Some(LineVersion {
            event: history.id(event),
            time_ms: history.time_ms(event),
            author: history.author(event),
        })
    }

    /// What the line said once every event up to a version had been worked in; nothing for one that
    /// it does not have. Takes the longer the more happened since; asked for earlier and earlier
    /// versions, it goes on from the one before.
    pub fn text_at(&mut self, version: usize) -> String {
        let Some(&event) = self.events.get(version) else {
            return String::new();
        };
        let history = &self.document.state.history;
        self.rewind
            .slice_at(history, &self.strand, event, self.marker)
    }
}

impl Document {
    /// How the text of a line, displayed or not, came to be what it is. `None` for one that is not
    /// known, and for the root.
    pub fn line_history(&self, line: LineId) -> Option<LineHistory<'_>> {
        let state = &self.state;
        let index = state.line_index(line).filter(|&it| it != LineIndex::ROOT)?;
        let line = state.line(index);
        let strand = state.strands.get(line.strand);
        let mut rewind = Rewind::new(&strand);
        let created = line.created.0;
        let mut events = rewind.events_of(&state.history, &strand, line.marker);
        if events.first() != Some(&created) {
            events.insert(0, created);
        }
        Some(LineHistory {
            document: self,
            strand,
            marker: line.marker,
            events,
            rewind,
        })
    }
}
