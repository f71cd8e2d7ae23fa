//! Bringing deleted lines back: every deletion of theirs that the author sees in force ends, and with
//! it what the same deletions took from below them by name.

use crate::change::Change;
use crate::document::IntentError;
use crate::id::LineId;
use crate::index::{EventIndex, LineIndex};
use crate::plan::Plan;

impl Plan<'_> {
    pub(super) fn restore(&mut self, lines: &[LineId]) -> Result<(), IntentError> {
        for &id in lines {
            let line = self
                .document
                .state
                .line_index(id)
                .filter(|&line| line != LineIndex::ROOT)
                .ok_or(IntentError::UnknownLine(id))?;
            let deletions = self.document.state.deletions_in_force(line);
            // Written also when it names nothing: the touch revives a line that is hidden only
            // because something above it was deleted.
            self.push_restore(line, &deletions);
            for deletion in deletions {
                self.restore_below(line, deletion);
            }
        }
        Ok(())
    }

    /// A deletion names lines below its own where it would not cover them otherwise (merge rule 19).
    fn restore_below(&mut self, top: LineIndex, deletion: EventIndex) {
        let state = &self.document.state;
        for &line in state.deleted_together.get(&deletion).into_iter().flatten() {
            let is_below = line != top && state.is_below_or_at(top, line);
            if is_below && state.deletions_in_force(line).contains(&deletion) {
                self.push_restore(line, &[deletion]);
            }
        }
    }

    fn push_restore(&mut self, line: LineIndex, deletions: &[EventIndex]) {
        let state = &self.document.state;
        let deletions = deletions
            .iter()
            .map(|&deletion| state.event_id(deletion))
            .collect();
        let line = self.id(line);
        self.changes.push(Change::Restore { line, deletions });
    }
}
