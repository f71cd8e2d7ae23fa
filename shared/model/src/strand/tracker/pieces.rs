//! Everything that was there while a tracker worked, in order, fragment by fragment: what brought it,
//! what took it, and where its characters are now. Holds no characters.

use smallvec::SmallVec;

use crate::index::{EventIndex, LineIndex};
use crate::strand::log::{Kind, Log};
use crate::strand::tracker::fragments::Fragment;
use crate::strand::tracker::order::{INSERTED, NONE};
use crate::strand::tracker::{Removed, Target, Tracker};

/// The event of each element of a piece: the same for all, or counting up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::strand) struct Events {
    first: EventIndex,
    step: i8,
}

impl Events {
    pub fn at(self, offset: u32) -> EventIndex {
        EventIndex(match self.step {
            0 => self.first.0,
            1 => self.first.0 + offset,
            _ => self.first.0 - offset,
        })
    }

    /// Whether it is one event.
    pub fn is_one(self) -> bool {
        self.step == 0
    }
}

/// Where the elements of a piece are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::strand) enum Now {
    /// In the text.
    Shown,
    /// They were deleted, and are among the removed characters.
    Removed(Removed),
}

/// Elements side by side to which the same happened.
#[derive(Debug, Clone)]
pub(in crate::strand) struct Piece {
    pub len: u32,
    /// `None`: there from the start. Markers may be among such elements that are shown.
    pub came: Option<Events>,
    /// The line of a marker that came.
    pub marker: Option<LineIndex>,
    /// Undone deletions too.
    pub went: SmallVec<[Events; 1]>,
    pub now: Now,
}

impl Piece {
    /// Whether all elements came and went with the same events.
    pub fn is_uniform(&self) -> bool {
        let mut events = self.came.iter().chain(&self.went);
        events.all(|events| events.is_one())
    }
}

impl Tracker {
    pub fn pieces(&self, log: &Log) -> Vec<Piece> {
        let fragments: Vec<&Fragment> = self.fragments.iter().collect();
        let mut targets = self.targets_by_fragment(&fragments).into_iter();
        let pieces = fragments.iter().map(|fragment| {
            let targets = targets.next().unwrap_or_default();
            self.piece(log, fragment, &targets)
        });
        pieces.collect()
    }

    /// The deletions of each fragment, in the order of arrival: a fragment is hit as a whole.
    fn targets_by_fragment(&self, fragments: &[&Fragment]) -> Vec<SmallVec<[usize; 1]>> {
        let mut by_id: Vec<usize> = (0..fragments.len()).collect();
        by_id.sort_unstable_by_key(|&place| fragments[place].id);
        let mut targets: Vec<usize> = (0..self.targets.len()).collect();
        targets.sort_by_key(|&target| self.targets[target].id);
        let mut targets = targets.into_iter().peekable();
        let mut found = vec![SmallVec::new(); fragments.len()];
        let mut open: Vec<usize> = Vec::new();
        for place in by_id {
            let id = fragments[place].id;
            open.retain(|&target| self.targets[target].end() > id);
            while let Some(target) = targets.next_if(|&target| self.targets[target].id <= id) {
                open.push(target);
            }
            found[place].extend(open.iter().copied());
            found[place].sort_unstable();
        }
        found
    }

    fn piece(&self, log: &Log, fragment: &Fragment, targets: &[usize]) -> Piece {
        let inserted = (fragment.id >= INSERTED).then(|| self.insertions.of(fragment.id));
        let came = inserted.map(|it| {
            let run = log.run(it.run);
            Events {
                first: run.event_at(fragment.id - it.first),
                step: i8::from(run.is_each),
            }
        });
        let targets = targets.iter().map(|&target| &self.targets[target]);
        let removed = targets.clone().rev().find(|target| target.removed != NONE);
        let now = if fragment.deleted_now == 0 {
            Now::Shown
        } else {
            let target = removed.expect("what does not show was removed");
            Now::Removed(target.removed_part(log, fragment))
        };
        let marker = inserted.filter(|_| fragment.is_marker);
        Piece {
            len: fragment.len,
            came,
            marker: marker.map(|it| LineIndex(log.run(it.run).content)),
            went: targets.map(|target| target.events(log, fragment)).collect(),
            now,
        }
    }
}

impl Target {
    fn end(&self) -> u32 {
        self.id + self.len
    }

    /// How many elements the run hit before the first of `part`, and whether it goes backwards.
    fn offset_of(&self, log: &Log, part: &Fragment) -> (u32, bool) {
        let before = part.id - self.id;
        let is_backward = log.run(self.run).kind == Kind::Backspace;
        let offset = if is_backward {
            self.len - 1 - before
        } else {
            before
        };
        (offset, is_backward)
    }

    fn events(&self, log: &Log, part: &Fragment) -> Events {
        let (offset, is_backward) = self.offset_of(log, part);
        let run = log.run(self.run);
        let step = match (run.is_each, is_backward) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => -1,
        };
        let first = run.event_at(self.offset + offset);
        Events { first, step }
    }

    fn removed_part(&self, log: &Log, part: &Fragment) -> Removed {
        let (offset, is_backward) = self.offset_of(log, part);
        let skipped = if is_backward {
            offset + 1 - part.len
        } else {
            offset
        };
        Removed {
            from: self.removed + skipped,
            is_backward,
        }
    }
}
