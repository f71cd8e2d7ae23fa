//! Taking back what an event did to text.

use crate::change::Change;
use crate::index::{EventIndex, LineIndex, StrandIndex};
use crate::plan::{Piece, Plan};
use crate::state::State;
use crate::undo::Undone;

/// What an event did that its undo can find in the strands.
struct TextDone {
    event: EventIndex,
    /// Its deletions are about to end.
    undeletes: bool,
    /// Deletions that this event, and no other, ended.
    ended: Vec<EventIndex>,
}

impl Plan<'_> {
    /// Characters that the event inserted go, in `kept` lines also those they were created with;
    /// those that it deleted come back, and those that it brought back go again.
    pub(super) fn undo_text(&mut self, undone: Undone<'_>, kept: &[LineIndex]) {
        let event = undone.index;
        let state = &self.document.state;
        let undeletes = state
            .text_deletions
            .of(event)
            .any(|strand| !state.strands.get(strand).is_undone(event));
        if undeletes {
            let deletion = state.event_id(event);
            self.changes.push(Change::UndeleteText { deletion });
        }
        let done = TextDone {
            event,
            undeletes,
            ended: self.ended_deletions(undone),
        };
        let mut pieces = Vec::new();
        for strand in self.touched_strands(undone, kept) {
            done.collect(state, strand, &mut pieces);
        }
        self.push_edits(pieces, None);
    }

    fn ended_deletions(&self, event: Undone<'_>) -> Vec<EventIndex> {
        let state = &self.document.state;
        let changes = event.changes.iter();
        let ended = changes.filter_map(|change| match change {
            Change::UndeleteText { deletion } => state.history.index_of(*deletion),
            _ => None,
        });
        ended
            .filter(|deletion| {
                let strands = state.text_deletions.of(*deletion);
                let mut strands = strands.map(|strand| state.strands.get(strand));
                strands.all(|strand| strand.undone_by(*deletion).eq([event.index]))
            })
            .collect()
    }

    /// The strands in which the event may have changed characters, each once.
    fn touched_strands(&self, event: Undone<'_>, kept: &[LineIndex]) -> Vec<StrandIndex> {
        let state = &self.document.state;
        let mut strands: Vec<StrandIndex> =
            kept.iter().map(|&line| state.line(line).strand).collect();
        for change in event.changes {
            match change {
                Change::EditText { strand, .. } => {
                    let line = state.line_index(*strand);
                    strands.extend(line.map(|line| state.line(line).strand));
                }
                Change::UndeleteText { deletion } => {
                    if let Some(deletion) = state.history.index_of(*deletion) {
                        strands.extend(state.text_deletions.of(deletion));
                    }
                }
                _ => {}
            }
        }
        strands.sort_unstable();
        strands.dedup();
        strands
    }
}

impl TextDone {
    /// Finds what must go, at the positions that it has once the event's deletions have ended.
    fn collect(&self, state: &State, index: StrandIndex, pieces: &mut Vec<Piece>) {
        let strand = state.strands.get(index);
        let created = state.line(strand.first_line()).created.0;
        let since = self
            .ended
            .iter()
            .fold(self.event, |since, &event| since.min(event));
        let mut at = 0;
        for span in strand.spans(&state.history, since) {
            let stays_deleted = span.deletions.iter().any(|&deletion| {
                let ends = self.undeletes && deletion == self.event;
                !ends && !strand.is_undone(deletion)
            });
            if stays_deleted {
                continue;
            }
            let is_own = span.marker.is_none() && span.event.unwrap_or(created) == self.event;
            let mut deletions = span.deletions.iter();
            if is_own || deletions.any(|deletion| self.ended.contains(deletion)) {
                add(pieces, index, at, span.len);
            }
            at += span.len;
        }
    }
}

fn add(pieces: &mut Vec<Piece>, strand: StrandIndex, at: u32, count: u32) {
    match pieces.last_mut() {
        Some(last) if last.strand == strand && last.at + last.count == at => last.count += count,
        _ => pieces.push(Piece { strand, at, count }),
    }
}
