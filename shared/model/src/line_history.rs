//! What one line said, from its creation until now: asked of the strand that it is part of, whose
//! history is at hand, so that no event of any other line is looked at.

use std::collections::HashMap;

use crate::document::Document;
use crate::event::EventId;
use crate::id::{LineId, UserId};
use crate::index::{EventIndex, LineIndex};
use crate::strand::{Piece, Strand};

/// An event that changed the text of a line, or created it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineVersion {
    pub event: EventId,
    /// The wall clock of the author's machine.
    pub time_ms: i64,
    pub author: UserId,
}

/// The versions of one line's own text, without lines that were joined to it.
#[derive(Debug, Clone)]
pub struct LineHistory {
    versions: Vec<LineVersion>,
    /// Of each version, its rank among all events of the strand.
    ranks: Vec<Rank>,
    /// From the start of the line on.
    stretches: Vec<Stretch>,
}

/// Events of a strand in the total order; 0 created the strand.
type Rank = usize;

/// Characters that came and went together.
#[derive(Debug, Clone)]
struct Stretch {
    since: Rank,
    /// From when until when each of its deletions counts.
    gone: Vec<(Rank, Rank)>,
    text: String,
    /// Another line begins here.
    is_marker: bool,
}

impl LineHistory {
    /// In the total order of events, the creation first.
    pub fn versions(&self) -> &[LineVersion] {
        &self.versions
    }

    /// What the line said once every event up to a version had been worked in; nothing for one that
    /// it does not have.
    pub fn text_at(&self, version: usize) -> String {
        let mut text = String::new();
        let Some(&rank) = self.ranks.get(version) else {
            return text;
        };
        for stretch in self.stretches.iter().filter(|it| it.since <= rank) {
            if stretch.is_marker {
                break;
            }
            let is_gone = |&(from, until): &(Rank, Rank)| from <= rank && rank < until;
            if !stretch.gone.iter().any(is_gone) {
                text.push_str(&stretch.text);
            }
        }
        text
    }
}

impl Document {
    /// How the text of a line, displayed or not, came to be what it is. `None` for one that is not
    /// known, and for the root.
    pub fn line_history(&self, line: LineId) -> Option<LineHistory> {
        let state = &self.state;
        let index = state.line_index(line).filter(|&it| it != LineIndex::ROOT)?;
        let this = state.line(index);
        let strand = state.strands.get(this.strand);
        let created = state.line(strand.first_line()).created.0;
        let pieces = strand.pieces(&state.history);
        let ranks = self.ranks(created, &strand, &pieces);
        let rank = |event: EventIndex| ranks.get(&event).copied().unwrap_or(0);
        let stretches = stretches(&strand, pieces, this.marker, rank);
        let mut versions = versions(&stretches);
        versions.retain(|&version| version > rank(this.created.0));
        versions.insert(0, rank(this.created.0));
        let events: HashMap<Rank, EventIndex> =
            ranks.iter().map(|(&event, &rank)| (rank, event)).collect();
        let history = &state.history;
        let version = |rank: &Rank| LineVersion {
            event: history.id(events[rank]),
            time_ms: history.time_ms(events[rank]),
            author: history.author(events[rank]),
        };
        Some(LineHistory {
            versions: versions.iter().map(version).collect(),
            ranks: versions,
            stretches,
        })
    }

    /// All events of a strand by their place in the total order.
    fn ranks(
        &self,
        created: EventIndex,
        strand: &Strand,
        pieces: &[Piece],
    ) -> HashMap<EventIndex, Rank> {
        let mut events = vec![created];
        for piece in pieces {
            events.extend(piece.event);
            events.extend(&piece.deletions);
        }
        events.extend(strand.undone().iter().map(|&(_, event)| event));
        events.sort_unstable();
        events.dedup();
        let history = &self.state.history;
        events.sort_by(|&left, &right| history.compare(left, right));
        (0..)
            .zip(events)
            .map(|(rank, event)| (event, rank))
            .collect()
    }
}

/// What stands behind the marker of a line, or from the start on.
fn stretches(
    strand: &Strand,
    pieces: Vec<Piece>,
    marker: Option<LineIndex>,
    rank: impl Fn(EventIndex) -> Rank,
) -> Vec<Stretch> {
    let mut pieces = pieces.into_iter();
    if marker.is_some() {
        pieces.find(|piece| piece.marker == marker);
    }
    let until = |deletion: EventIndex| {
        let ends = strand.undone_by(deletion).map(&rank);
        ends.min().unwrap_or(Rank::MAX)
    };
    let stretch = |piece: Piece| Stretch {
        since: piece.event.map_or(0, &rank),
        gone: (piece.deletions.iter())
            .map(|&deletion| (rank(deletion), until(deletion)))
            .collect(),
        text: piece.text,
        is_marker: piece.marker.is_some(),
    };
    pieces.map(stretch).collect()
}

/// When the text up to the next line changed. What stands behind a marker belonged to the line until
/// the split.
fn versions(stretches: &[Stretch]) -> Vec<Rank> {
    let mut versions = Vec::new();
    let mut limit = Rank::MAX;
    for stretch in stretches {
        let ends = stretch.gone.iter().flat_map(|&(from, until)| [from, until]);
        let ranks = std::iter::once(stretch.since).chain(ends);
        versions.extend(ranks.filter(|&rank| rank < limit));
        if stretch.is_marker {
            limit = limit.min(stretch.since);
        }
    }
    versions.sort_unstable();
    versions.dedup();
    versions
}
