//! Undo: an event that takes back what another event did, on the document as it is now, and never
//! what other people did since. Undoing an undo is a redo, by the same rules.

mod content;
mod creation;
mod text;

use crate::change::Change;
use crate::document::Document;
use crate::event::{Event, EventId};
use crate::index::{EventIndex, LineIndex};
use crate::place::{Bound, Edge, LogEntry};
use crate::plan::{Departure, Plan};

/// The event that is undone.
#[derive(Debug, Clone, Copy)]
struct Undone<'a> {
    index: EventIndex,
    changes: &'a [Change],
}

/// The changes that undo `event`; none when nothing is left of it.
pub(crate) fn plan_undo(document: &Document, event: &Event) -> Vec<Change> {
    let Some(index) = document.state.history.index_of(event.id) else {
        return Vec::new();
    };
    let event = Undone {
        index,
        changes: &event.changes,
    };
    let mut plan = Plan::new(document);
    plan.undo_content(event);
    let kept = plan.undo_creation(event);
    plan.undo_text(event, &kept);
    plan.undo_places(event.index);
    plan.undo_deletions(event);
    plan.undo_restores(event);
    plan.take_care();
    plan.changes
}

impl Plan<'_> {
    /// The lines that stand where the event put them go back to where they were. Backwards, so that
    /// no step makes a cycle that was none.
    fn undo_places(&mut self, event: EventIndex) {
        let state = &self.document.state;
        let history = &state.history;
        let first = state
            .log
            .partition_point(|entry| history.compare(entry.change.0, event).is_lt());
        let own = state.log[first..].iter();
        let own: Vec<&LogEntry> = own
            .take_while(|entry| entry.change.0 == event)
            .filter(|entry| entry.prior.is_some())
            .collect();
        for (number, entry) in own.iter().enumerate().rev() {
            let mut others = own[..number].iter();
            let is_first = others.all(|other| other.line != entry.line);
            let last = own.iter().rfind(|other| other.line == entry.line);
            let still_there = last.is_some_and(|last| state.place_of(entry.line).edge == last.edge);
            if is_first && still_there {
                let prior = entry.prior.map_or(Edge::Nowhere, |prior| prior.edge);
                self.put_back(entry.line, prior);
            }
        }
    }

    fn put_back(&mut self, line: LineIndex, edge: Edge) {
        let state = &self.document.state;
        let edge = match edge {
            // It was split off; shown at its own marker, it is as if it had not been.
            Edge::Nowhere => Edge::Inline(Bound::Marker(line)),
            edge => edge,
        };
        if state.place_of(line).edge == edge {
            return;
        }
        let to = self.document.display.head(state.above(edge));
        match edge {
            Edge::Child { parent, slot } => {
                self.changes.push(Change::MoveBack {
                    line: self.id(line),
                    parent: self.id(parent),
                    slot: state.slot_id(slot),
                });
                self.departures.push(Departure { line, to });
            }
            Edge::Inline(bound) => self.push_join(line, bound, to),
            Edge::Nowhere => {}
        }
    }

    /// A deletion that was undone and redone is another event by now, of the same author; those that
    /// were in force before this one stay.
    fn undo_deletions(&mut self, undone: Undone<'_>) {
        let state = &self.document.state;
        let event = undone.index;
        let author = |event: EventIndex| state.history.author(event);
        for change in undone.changes {
            let Change::DeleteLines { lines } = change else {
                continue;
            };
            for &id in lines {
                let Some(line) = state.line_index(id) else {
                    continue;
                };
                let in_force = state.deletions_in_force(line).into_iter();
                let own = in_force.filter(|&deletion| {
                    let is_redone =
                        author(deletion) == author(event) && !state.history.saw(event, deletion);
                    deletion == event || is_redone
                });
                let deletions: Vec<EventId> =
                    own.map(|deletion| state.event_id(deletion)).collect();
                if !deletions.is_empty() {
                    self.changes.push(Change::Restore {
                        line: id,
                        deletions,
                    });
                }
            }
        }
    }

    /// What shows only because the event restored something is deleted again.
    fn undo_restores(&mut self, event: Undone<'_>) {
        let state = &self.document.state;
        let restores = |change: &Change| matches!(change, Change::Restore { .. });
        if !event.changes.iter().any(restores) {
            return;
        }
        let now = &self.document.display;
        let leaving: Vec<LineIndex> = self.departures.iter().map(|it| it.line).collect();
        let hidden = now.hidden_without(state, event.index, &leaving);
        let is_topmost = |line: LineIndex| hidden.binary_search(&now.parent(line)).is_err();
        let lines = hidden.iter().copied();
        let lines = lines.filter(|&line| is_topmost(line) && !self.deleted.contains(&line));
        self.delete_lines(lines.collect());
    }
}
