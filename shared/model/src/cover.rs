//! Which deletions hide which lines. A deletion is not a place: it covers its line and, of what
//! hangs below, what its author had seen there; and it spares every line that somebody touched whom
//! its author had not heard of.

use std::rc::Rc;

use crate::history::Version;
use crate::index::{EventIndex, LineIndex};
use crate::state::State;
use crate::strand::slice_of;

/// The deletion of `line` that `event` made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deletion {
    pub event: EventIndex,
    pub line: LineIndex,
}

/// The deletions that cover a line; the lines of one deleted subtree share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cover {
    pub deletions: Vec<Deletion>,
    /// All that their authors had seen.
    seen: Version,
}

/// Which events count.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    All,
    /// Not this one, nor what its author wrote after it.
    Before(EventIndex),
}

impl Counted {
    fn counts(self, state: &State, event: EventIndex) -> bool {
        let Counted::Before(limit) = self else {
            return true;
        };
        let author = |event: EventIndex| state.history.author(event);
        event != limit && (state.history.saw(limit, event) || author(event) != author(limit))
    }
}

impl Cover {
    pub fn is_empty(&self) -> bool {
        self.deletions.is_empty()
    }

    pub fn has(&self, event: EventIndex) -> bool {
        self.deletions
            .iter()
            .any(|deletion| deletion.event == event)
    }

    /// What covers `line`, which hangs from a line that this covers.
    pub fn below(self: &Rc<Self>, state: &State, counted: Counted, line: LineIndex) -> Rc<Self> {
        let own = state.deletions_among(counted, line);
        if self.is_empty() && own.is_empty() {
            return Rc::clone(self);
        }
        let mut deletions = self.deletions.clone();
        deletions.retain(|deletion| state.sees_in_place(counted, deletion.event, line));
        if own.is_empty() && deletions.len() == self.deletions.len() {
            return Rc::clone(self);
        }
        // One event hides below this line what it hides below the one above.
        deletions.retain(|deletion| !own.contains(&deletion.event));
        deletions.extend(own.into_iter().map(|event| Deletion { event, line }));
        let mut seen = Version::new();
        for deletion in &deletions {
            state.history.include(&mut seen, deletion.event);
        }
        Rc::new(Self { deletions, seen })
    }

    /// Whether a line that this covers is shown: nothing does, or somebody touched it unseen.
    pub fn spares(&self, state: &State, counted: Counted, line: LineIndex) -> bool {
        let unseen = |event: EventIndex| {
            counted.counts(state, event) && !state.history.contained(&self.seen, event)
        };
        self.is_empty()
            || state.is_touched(line, &unseen)
            || !state.is_strand_within(line, &self.seen)
                && state.is_slice_touched(counted, line, &unseen)
    }

    /// The first event, in the order of arrival, that one of the authors had not seen.
    pub fn first_unseen(&self, state: &State) -> Option<EventIndex> {
        let first = |deletion: &Deletion| state.history.first_unseen(deletion.event);
        self.deletions.iter().filter_map(first).min()
    }
}

impl State {
    /// The deletions of this very line that count: not restored, and no move, join or restore of
    /// the line happened at the same time.
    pub fn deletions_in_force(&self, line: LineIndex) -> Vec<EventIndex> {
        self.deletions_among(Counted::All, line)
    }

    fn deletions_among(&self, counted: Counted, line: LineIndex) -> Vec<EventIndex> {
        let records = self.lines.records(line);
        let counts = |&event: &EventIndex| counted.counts(self, event);
        let restored = |deletion: EventIndex| {
            let mut restores = records
                .restores
                .iter()
                .filter(|restore| counts(&restore.event));
            restores.any(|restore| {
                restore.deletions.contains(&deletion)
                    || self.history.concurrent(restore.event, deletion)
            })
        };
        let replaced = |deletion: EventIndex| {
            let mut places = records.places.iter().map(|place| place.0).filter(counts);
            places.any(|place| self.history.concurrent(place, deletion))
        };
        let deletions = records.deletions.iter().copied().filter(counts);
        deletions
            .filter(|&deletion| !restored(deletion) && !replaced(deletion))
            .collect()
    }

    /// Whether the author of `event` saw the line where it hangs: the change that put it there, and
    /// none that would have put it elsewhere but was skipped. What they kept, they saw elsewhere; and
    /// nobody can tell where they saw a line that could not be split off.
    fn sees_in_place(&self, counted: Counted, event: EventIndex, line: LineIndex) -> bool {
        let this = self.line(line);
        if self.has_fallen_back(line) || this.records().keeps.contains(&event) {
            return false;
        }
        let by = self.place_of(line).by;
        let places = this.records().places.iter().rev();
        let mut later = places.take_while(|&&place| self.compare_changes(place, by).is_gt());
        let sees = |other: EventIndex| self.history.saw(event, other);
        (sees(by.0) || !counted.counts(self, by.0))
            && later.all(|&(place, _)| !sees(place) || !counted.counts(self, place))
    }

    /// Whether the latest change of place was skipped, so that the line hangs where an earlier one
    /// put it, or could not be split off.
    pub fn is_last_place_skipped(&self, line: LineIndex) -> bool {
        let this = self.line(line);
        let place = self.place_of(line);
        let is_later = |last| self.compare_changes(last, place.by).is_gt();
        self.has_fallen_back(line)
            || this
                .records()
                .places
                .last()
                .is_some_and(|&last| is_later(last))
    }

    /// What the line would hang from if its latest change of place had not been skipped.
    pub fn wanted_above(&self, line: LineIndex) -> LineIndex {
        let this = self.line(line);
        if !self.is_last_place_skipped(line) {
            return self.above(self.place_of(line).edge);
        }
        let last = this.records().places.last().copied();
        let last = last.unwrap_or(this.created);
        let entry = self
            .log
            .binary_search_by(|entry| self.compare_changes(entry.change, last));
        let entry = entry.expect("changes of place are settled");
        self.above(self.log[entry].edge)
    }

    /// Whether one of the events asked for touched the line, other than by its text.
    fn is_touched(&self, line: LineIndex, unseen: &impl Fn(EventIndex) -> bool) -> bool {
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
            || records.restores.iter().any(|restore| unseen(restore.event))
    }

    /// Whether no event outside `seen` touched the strand: then its slices need no look.
    fn is_strand_within(&self, line: LineIndex, seen: &Version) -> bool {
        if self.strands.is_untouched(self.line(line).strand) {
            return true;
        }
        let strand = self.strand_of(line);
        let mut heads = strand.heads().iter();
        heads.all(|&head| self.history.contained(seen, head))
    }

    /// Insertions, the undoing of deletions, and the split that ends the slice. Deleting text is no
    /// touch.
    fn is_slice_touched(
        &self,
        counted: Counted,
        line: LineIndex,
        unseen: &impl Fn(EventIndex) -> bool,
    ) -> bool {
        let strand = self.strand_of(line);
        if let Counted::All = counted {
            // Whoever saw the latest touches saw those before them.
            let record = strand.record(&self.history, line);
            return record.is_some_and(|record| record.touches.iter().any(|&event| unseen(event)));
        }
        let undone = |&deletion: &EventIndex| strand.undone_by(deletion).any(unseen);
        let spans = strand.spans(&self.history, EventIndex(0));
        let created = self.line(strand.first_line()).created.0;
        let ends_slice = |next: LineIndex| unseen(self.line(next).created.0);
        slice_of(&spans, self.line(line).marker)
            .any(|span| unseen(span.event.unwrap_or(created)) || span.deletions.iter().any(undone))
            || strand
                .marker(strand.slice(self.line(line).marker).rank)
                .is_some_and(ends_slice)
    }
}
