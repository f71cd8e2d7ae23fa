//! Which deletions hide which lines. A deletion is not a place: it covers its line and, of what
//! hangs below, what its author had seen there; and it spares every line that somebody touched whom
//! its author had not heard of.

use crate::history::Version;
use crate::index::{EventIndex, LineIndex};
use crate::state::State;

/// The deletion of `line` that `event` made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deletion {
    pub event: EventIndex,
    pub line: LineIndex,
}

/// The deletions that cover a line; lines of one deleted subtree share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cover {
    pub deletions: Vec<Deletion>,
    /// All that their authors had seen.
    seen: Version,
}

/// A [`Cover`] by number; 0 covers nothing.
pub(crate) type CoverIndex = u32;

#[derive(Debug, Clone)]
pub(crate) struct Covers {
    covers: Vec<Cover>,
    /// An event whose restores do not count.
    ignored: Option<EventIndex>,
}

impl Covers {
    pub fn new(ignored: Option<EventIndex>) -> Self {
        Self {
            covers: vec![Cover::default()],
            ignored,
        }
    }

    pub fn get(&self, cover: CoverIndex) -> &Cover {
        &self.covers[cover as usize]
    }

    /// What covers `line`, which hangs from a line covered by `above`.
    pub fn of_line(&mut self, state: &State, above: CoverIndex, line: LineIndex) -> CoverIndex {
        let own = state.deletions_without(line, self.ignored);
        if above == 0 && own.is_empty() {
            return 0;
        }
        let inherited = self.get(above);
        let mut deletions = inherited.deletions.clone();
        deletions.retain(|deletion| state.sees_in_place(deletion.event, line));
        if own.is_empty() && deletions.len() == inherited.deletions.len() {
            return above;
        }
        for event in own {
            deletions.push(Deletion { event, line });
        }
        if deletions.is_empty() {
            return 0;
        }
        let mut seen = Version::new();
        for deletion in &deletions {
            state.history.include(&mut seen, deletion.event);
        }
        self.covers.push(Cover { deletions, seen });
        CoverIndex::try_from(self.covers.len() - 1).expect("no more covers than lines")
    }

    /// Whether the line is shown: nothing covers it, or somebody touched it unseen.
    pub fn is_alive(&self, state: &State, cover: CoverIndex, line: LineIndex) -> bool {
        cover == 0 || state.is_touched_outside(line, &self.get(cover).seen, self.ignored)
    }
}

impl State {
    /// The deletions of this very line that count: not restored, and no move, join or restore of
    /// the line happened at the same time.
    pub fn deletions_in_force(&self, line: LineIndex) -> Vec<EventIndex> {
        self.deletions_without(line, None)
    }

    /// The same, were it not for the restores of the event `ignored`.
    fn deletions_without(&self, line: LineIndex, ignored: Option<EventIndex>) -> Vec<EventIndex> {
        let records = self.line(line).records();
        let restored = |deletion: EventIndex| {
            let restores = records.restores.iter();
            let mut restores = restores.filter(|restore| Some(restore.event) != ignored);
            restores.any(|restore| {
                restore.deletions.contains(&deletion)
                    || self.history.concurrent(restore.event, deletion)
            })
        };
        let replaced = |deletion: EventIndex| {
            let mut places = records.places.iter();
            places.any(|&(place, _)| self.history.concurrent(place, deletion))
        };
        let deletions = records.deletions.iter().copied();
        deletions
            .filter(|&deletion| !restored(deletion) && !replaced(deletion))
            .collect()
    }

    /// Whether the author of `event` saw the line where it hangs: the change that put it there, and
    /// none that would have put it elsewhere but was skipped.
    fn sees_in_place(&self, event: EventIndex, line: LineIndex) -> bool {
        let this = self.line(line);
        let by = this.place.by;
        let places = this.records().places.iter().rev();
        let mut later = places.take_while(|&&place| self.compare_changes(place, by).is_gt());
        self.history.saw(event, by.0) && later.all(|&(place, _)| !self.history.saw(event, place))
    }

    /// Whether the latest change of place was skipped, so that the line hangs where an earlier one
    /// put it.
    pub fn is_last_place_skipped(&self, line: LineIndex) -> bool {
        let this = self.line(line);
        let last = this.records().places.last();
        last.is_some_and(|&last| self.compare_changes(last, this.place.by).is_gt())
    }

    /// Whether an event outside `seen` touched the line. Deleting text is no touch.
    fn is_touched_outside(
        &self,
        line: LineIndex,
        seen: &Version,
        ignored: Option<EventIndex>,
    ) -> bool {
        let unseen = |event: EventIndex| !self.history.contained(seen, event);
        let this = self.line(line);
        let records = this.records();
        unseen(this.created.0)
            || records.places.iter().any(|&(event, _)| unseen(event))
            || records.kinds.iter().any(|&((event, _), _)| unseen(event))
            || records
                .properties
                .iter()
                .any(|write| unseen(write.change.0))
            || records.tags.iter().any(|write| unseen(write.change.0))
            || records.keeps.iter().any(|&event| unseen(event))
            || records
                .restores
                .iter()
                .any(|restore| Some(restore.event) != ignored && unseen(restore.event))
            || self.is_slice_touched(line, &unseen)
    }

    /// Insertions, the undoing of deletions, and the split that ends the slice.
    fn is_slice_touched(&self, line: LineIndex, unseen: &impl Fn(EventIndex) -> bool) -> bool {
        let marker = self.line(line).marker;
        let strand = self.strand_of(line);
        let undone = |&deletion: &EventIndex| {
            strand
                .undone_by(deletion)
                .iter()
                .any(|&event| unseen(event))
        };
        strand
            .slice_runs(marker)
            .any(|run| unseen(run.id.event) || run.deletions.iter().any(undone))
            || strand
                .marker(strand.slice(marker).rank)
                .is_some_and(|next| unseen(self.line(next).created.0))
    }
}
