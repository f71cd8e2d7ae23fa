//! Taking back that lines were created: they are deleted, unless they now hold what others wrote.

use crate::change::Change;
use crate::id::UserId;
use crate::index::{EventIndex, LineIndex};
use crate::plan::Plan;
use crate::strand::slice_of;
use crate::undo::Undone;

impl Plan<'_> {
    /// Gives the created lines that stay; of those only the event's own characters may go.
    pub(super) fn undo_creation(&mut self, event: Undone<'_>) -> Vec<LineIndex> {
        let display = &self.document.display;
        let created = self.created_lines(event);
        let stays: Vec<bool> = created
            .iter()
            .map(|&line| !display.is_displayed(line) || self.holds_others(line, event.index))
            .collect();
        let mut kept = Vec::new();
        let mut gone = Vec::new();
        for (&line, stays) in created.iter().zip(stays) {
            if stays {
                kept.push(line);
            } else if !self.ancestors(line).any(|above| gone.contains(&above)) {
                gone.push(line);
            }
        }
        self.delete_lines(gone);
        kept
    }

    fn created_lines(&self, event: Undone<'_>) -> Vec<LineIndex> {
        let state = &self.document.state;
        let mut created = Vec::new();
        for change in event.changes {
            if let Change::CreateLines { lines } = change {
                let lines = lines.iter().filter_map(|line| state.line_index(line.id));
                created.extend(lines.filter(|&line| state.line(line).created.0 == event.index));
            }
        }
        created
    }

    /// Whether a displayed line shows text of another author, in itself or below, or has lines below
    /// that the event did not create.
    fn holds_others(&self, line: LineIndex, event: EventIndex) -> bool {
        let state = &self.document.state;
        let display = &self.document.display;
        let author = state.history.author(event);
        let mut stack = vec![line];
        while let Some(line) = stack.pop() {
            for part in display.part_lines(line) {
                let is_created = state.line(part).created.0 == event;
                if !is_created || self.shows_others(part, author) {
                    return true;
                }
            }
            stack.extend(display.children(state, line));
        }
        false
    }

    /// Whether text of another author shows in the slice of a line.
    fn shows_others(&self, line: LineIndex, author: UserId) -> bool {
        let state = &self.document.state;
        let strand = state.strand_of(line);
        let created = state.line(strand.first_line()).created.0;
        let by_others = |event| state.history.author(event) != author;
        let spans = strand.spans(&state.history, EventIndex(0));
        slice_of(&spans, state.line(line).marker)
            .any(|span| span.is_visible && by_others(span.event.unwrap_or(created)))
    }
}
