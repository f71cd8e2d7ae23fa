//! Hiding what hangs from a line without a look at it. A seal makes everything below its line
//! *stale*: hidden, whatever is noted of it. A pin of a later or equal number frees a line, and what
//! hangs from it, from the seals above. So deleting a subtree costs what survives in it.

use crate::display::{Display, News};
use crate::index::LineIndex;

impl Display {
    /// The latest seal above that concerns the line; none: what is noted of it counts.
    pub(super) fn stale_since(&self, line: LineIndex) -> Option<u32> {
        let mut line = line;
        let mut pinned = self.get(line).pin;
        let mut since = None;
        while pinned < self.clock && line != LineIndex::ROOT {
            line = self.get(line).above;
            let above = self.get(line);
            if above.seal > pinned {
                since = since.max(Some(above.seal));
            }
            pinned = pinned.max(above.pin);
        }
        since
    }

    /// Whether a seal concerned it before these events.
    fn was_stale(&self, line: LineIndex, news: &News) -> bool {
        let before = |line: LineIndex| {
            let shown = self.get(line);
            let known = news.before.get(&line).copied();
            known.unwrap_or((shown.pin, shown.seal))
        };
        let mut line = line;
        let (mut pinned, _) = before(line);
        while pinned < news.since && line != LineIndex::ROOT {
            line = self.get(line).above;
            let (pin, seal) = before(line);
            if seal > pinned {
                return true;
            }
            pinned = pinned.max(pin);
        }
        false
    }

    pub(super) fn is_fresh(&self, line: LineIndex) -> bool {
        self.stale_since(line).is_none()
    }

    /// Makes what is noted of a stale line true: it is hidden, and so is what hangs from it.
    pub(super) fn thaw(&mut self, line: LineIndex, news: &mut News) {
        let Some(since) = self.stale_since(line) else {
            return;
        };
        if since > news.since {
            self.note_seal(line, news);
        }
        self.change(line, |shown| {
            shown.rows = 0;
            shown.pin = since;
            shown.seal = since;
            shown.is_alive = false;
            shown.is_covered = true;
            shown.is_shut = true;
        });
    }

    /// Before a seal of these events takes effect on a line: what was displayed there is told.
    pub(super) fn note_seal(&self, line: LineIndex, news: &mut News) {
        let shown = self.get(line);
        if !self.was_stale(line, news) {
            if shown.rows > 0 && !self.is_fresh(line) {
                news.thawed.push(line);
            }
            if !shown.is_shut {
                news.sealed.insert(line);
            }
        }
        self.note_before(line, news);
    }

    pub(super) fn note_before(&self, line: LineIndex, news: &mut News) {
        let before = (self.get(line).pin, self.get(line).seal);
        news.before.entry(line).or_insert(before);
    }

    /// The same for all parts of the line that it is a part of: they are shown together.
    pub(super) fn thaw_together(&mut self, line: LineIndex, news: &mut News) {
        let parts: Vec<LineIndex> = self.part_lines(self.head(line)).collect();
        for part in parts {
            self.thaw(part, news);
        }
    }

    /// Keeps what is noted of the line, and of all below it, wherever it will hang.
    pub(super) fn pin(&mut self, line: LineIndex, news: &mut News) {
        self.thaw(line, news);
        let clock = self.clock;
        self.change(line, |shown| shown.pin = clock);
    }
}
