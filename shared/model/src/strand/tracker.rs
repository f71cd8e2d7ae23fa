//! Merge state, for as long as events arrive whose authors had not seen everything: an event-graph
//! walker (Gentle & Kleppmann, "Collaborative Text Editing with Eg-walker", `EuroSys` 2025). It starts
//! from a version that all of them had seen, as a text of so many unknown elements, and works in what
//! the log holds since. Knows nothing of characters.

mod fragments;
mod order;
mod pieces;
mod spans;
mod version;

use crate::index::EventIndex;
use crate::strand::graph::EventGraph;
use crate::strand::log::{Kind, Log, RunPart};
use crate::strand::text::{Stretches, Text};
use crate::strand::tracker::fragments::{Fragment, Fragments, NOW, Spot, THEN};
use crate::strand::tracker::order::{INSERTED, Insertions, NONE, Search};
use crate::strand::tracker::version::{Standing, Undone};

pub(super) use crate::strand::tracker::pieces::{Now, Piece};
pub(crate) use crate::strand::tracker::spans::{Span, slice_of};

/// What working in part of a run does to the text, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Inserted {
        at: u32,
    },
    /// Characters that showed are deleted; those that did not are too, but change nothing.
    Removed {
        at: u32,
        count: u32,
    },
    /// A deletion, or its end, concerns what stands here.
    Touched {
        at: u32,
    },
    /// Removed characters show again.
    Revealed {
        at: u32,
        count: u32,
        removed: Removed,
    },
}

/// Characters among all that the strand removed, in the order in which they went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Removed {
    pub from: u32,
    /// They went from the last to the first.
    pub is_backward: bool,
}

/// Elements that a run of deletions hit.
#[derive(Debug, Clone, Copy)]
struct Target {
    run: usize,
    /// Elements that the run hit before.
    offset: u32,
    /// The lowest id; backspaces hit it last.
    id: u32,
    len: u32,
    /// The first of them among the removed characters, or [`NONE`] if they did not show.
    removed: u32,
}

/// Typing goes on here, if nothing was done since.
#[derive(Debug, Clone, Copy)]
struct Typing {
    spot: Spot,
    /// Elements that show up to there.
    now: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Tracker {
    /// The first run that was not known to everybody.
    base: usize,
    fragments: Fragments,
    insertions: Insertions,
    targets: Vec<Target>,
    standing: Standing,
    /// The run that was worked in last, and how much of it.
    reached: (usize, u32),
    /// Characters that the runs so far removed.
    removed: u32,
    typing: Option<Typing>,
    effects: Vec<Effect>,
}

impl Tracker {
    /// Works in all runs of the log from number `base` on, which everybody must have seen all before
    /// of. `text` is what they made, `removed` how many characters went in all.
    pub fn new(graph: &impl EventGraph, log: &Log, base: usize, text: &Text, removed: u32) -> Self {
        let runs = &log.runs()[base..];
        let is_deletion = |kind| matches!(kind, Kind::Delete | Kind::Backspace);
        let deletions = runs.iter().filter(|run| is_deletion(run.kind));
        let first_removed = deletions.clone().next().map_or(removed, |run| run.content);
        // How long the text was is not noted anywhere; what is too much shows in the end.
        let len_max = text.len() + deletions.map(|run| run.len).sum::<u32>();
        let mut tracker = Self {
            base,
            fragments: Fragments::new(len_max),
            insertions: Insertions::default(),
            targets: Vec::new(),
            standing: Standing::default(),
            reached: (base, 0),
            removed: first_removed,
            typing: None,
            effects: Vec::new(),
        };
        tracker.catch_up(graph, log);
        tracker.fragments.trim(text.len());
        tracker
    }

    pub fn base(&self) -> usize {
        self.base
    }

    /// Whether all that the log has was worked in.
    pub fn has_all(&self, log: &Log) -> bool {
        let (run, len) = self.reached;
        run + 1 == log.len() && log.run(run).len == len
    }

    /// How many runs the log has that were not worked in.
    pub fn behind(&self, log: &Log) -> usize {
        log.len().saturating_sub(self.reached.0 + 1)
    }

    /// How many runs were worked in.
    pub fn worked(&self) -> usize {
        self.reached.0 - self.base
    }

    /// Works in what the log has and the tracker has not; the text has it all.
    pub fn catch_up(&mut self, graph: &impl EventGraph, log: &Log) {
        let (first, from) = self.reached;
        for run in first..log.len() {
            let from = if run == first { from } else { 0 };
            let to = log.run(run).len;
            if from < to {
                self.work_in(graph, log, RunPart { run, from, to });
                self.effects.clear();
            }
        }
    }

    /// The length of the text for the author of `event`.
    pub fn len_for(&mut self, graph: &impl EventGraph, log: &Log, event: EventIndex) -> u32 {
        self.stand_at(graph, log, event);
        self.fragments.total()[THEN]
    }

    /// The stretches of characters, without the markers, among `count` elements from `at` on, as the
    /// author sees them at whose version the tracker stands.
    pub fn between_markers(&self, text: &Text, at: u32, count: u32) -> Stretches {
        let (mut at, end) = (at, at + count);
        let mut stretches = Stretches::new();
        while at < end {
            let found = self
                .fragments
                .find(THEN, at)
                .expect("a position that was checked");
            let fragment = self.fragments.get(found.spot);
            let len = (fragment.len - found.offset).min(end - at);
            if fragment.id < INSERTED && fragment.deleted_now == 0 {
                // Which elements of the start are markers, only the text knows.
                let now = found.now + found.offset;
                let parts = text.between_markers(now, len).into_iter();
                stretches.extend(parts.map(|(place, len)| (place - now + at, len)));
            } else if !fragment.is_marker {
                stretches.push((at, len));
            }
            at += len;
        }
        stretches
    }

    /// Works in part of a run that the text has not, as the latest of everything; gives what that
    /// does to the text.
    pub fn work_in(&mut self, graph: &impl EventGraph, log: &Log, part: RunPart) -> &[Effect] {
        let run = log.run(part.run);
        self.effects.clear();
        self.stand_at(graph, log, run.event_at(part.from));
        let typing = self.typing.take();
        match run.kind {
            Kind::Insert | Kind::Marker => self.insert(graph, log, part, typing),
            Kind::Delete => self.delete(run.at, part),
            Kind::Backspace => self.backspace(run.at, part),
            Kind::Undelete => self.undelete(log, part.run),
        }
        self.reached = (part.run, part.to);
        self.note(graph, log, part);
        &self.effects
    }

    /// How much of a run was worked in.
    fn worked_in(&self, log: &Log, run: usize) -> u32 {
        let (last, len) = self.reached;
        if run == last { len } else { log.run(run).len }
    }

    fn insert(
        &mut self,
        graph: &impl EventGraph,
        log: &Log,
        part: RunPart,
        typing: Option<Typing>,
    ) {
        let len = part.to - part.from;
        let typing = if part.from == 0 {
            self.insert_new(graph, log, part)
        } else {
            let id = self.insertions.next();
            let Typing { spot, now } = typing.unwrap_or_else(|| self.typing_behind(id - 1));
            let spot = if self.fragments.get(spot).is_untouched() {
                self.fragments.update(spot, |fragment| fragment.len += len);
                spot
            } else {
                self.fragments
                    .insert(spot.behind(), Fragment::inserted(id, len, false))
            };
            self.insertions.grow(len);
            Typing { spot, now }
        };
        let at = typing.now;
        self.effects.push(Effect::Inserted { at });
        self.typing = Some(Typing {
            now: at + len,
            ..typing
        });
    }

    fn typing_behind(&self, id: u32) -> Typing {
        let (spot, _) = self.fragments.spot_of(id);
        let now = self.fragments.before(NOW, spot.behind());
        Typing { spot, now }
    }

    fn insert_new(&mut self, graph: &impl EventGraph, log: &Log, part: RunPart) -> Typing {
        let run = log.run(part.run);
        let (left, gap) = match run.at.checked_sub(1) {
            None => (NONE, Spot::START),
            Some(left) => self.cut_behind(left),
        };
        let is_marker = run.kind == Kind::Marker;
        let search = Search {
            graph,
            log,
            fragments: &self.fragments,
            insertions: &self.insertions,
            event: run.event,
            is_marker,
            left,
        };
        let (gap, right) = search.place(gap);
        let now = self.fragments.before(NOW, gap);
        let id = self.insertions.push(part.run, (left, right), part.to);
        let spot = self
            .fragments
            .insert(gap, Fragment::inserted(id, part.to, is_marker));
        Typing { spot, now }
    }

    /// Makes a gap behind an element of the author's version.
    fn cut_behind(&mut self, at: u32) -> (u32, Spot) {
        let found = self
            .fragments
            .find(THEN, at)
            .expect("a position that was checked");
        let (spot, inside) = (found.spot, found.offset + 1);
        let fragment = *self.fragments.get(spot);
        let id = fragment.id + found.offset;
        let gap = if inside < fragment.len {
            self.fragments.split(spot, inside)
        } else {
            spot.behind()
        };
        (id, gap)
    }

    fn delete(&mut self, at: u32, part: RunPart) {
        let mut offset = part.from;
        while offset < part.to {
            let found = self
                .fragments
                .find(THEN, at)
                .expect("a position that was checked");
            let id = self.fragments.get(found.spot).id + found.offset;
            offset += self.hit(part.run, offset, id, part.to - offset);
        }
    }

    fn backspace(&mut self, at: u32, part: RunPart) {
        let mut offset = part.from;
        while offset < part.to {
            let found = self.fragments.find(THEN, at - offset);
            let found = found.expect("a position that was checked");
            let len = (found.offset + 1).min(part.to - offset);
            let id = self.fragments.get(found.spot).id + found.offset + 1 - len;
            offset += self.hit(part.run, offset, id, len);
        }
    }

    /// Deletes up to `len` elements that were side by side from the start, from `id` on.
    fn hit(&mut self, run: usize, offset: u32, id: u32, len: u32) -> u32 {
        let spot = self.fragments.isolate(id, len);
        let Fragment {
            len, deleted_now, ..
        } = *self.fragments.get(spot);
        let at = self.fragments.before(NOW, spot);
        self.fragments.update(spot, |fragment| {
            fragment.deleted_then += 1;
            fragment.deleted_now += 1;
        });
        self.effects.push(Effect::Touched { at });
        let mut removed = NONE;
        if deleted_now == 0 {
            removed = self.removed;
            self.removed += len;
            self.effects.push(Effect::Removed { at, count: len });
        }
        self.targets.push(Target {
            run,
            offset,
            id,
            len,
            removed,
        });
        len
    }

    fn undelete(&mut self, log: &Log, run: usize) {
        let deletion = EventIndex(log.run(run).content);
        let undone = self.standing.undone.entry(deletion).or_insert(Undone {
            is_counted: true,
            then: 0,
            now: 0,
        });
        undone.now += 1;
        let ends = undone.now == 1;
        self.count_undeletion(log, run, true);
        for part in Self::deletions_of(log, deletion) {
            for (id, len) in self.targets_of(log, part) {
                self.end_deletion(log, id, len, ends);
            }
        }
    }

    fn end_deletion(&mut self, log: &Log, id: u32, len: u32, ends: bool) {
        let (mut id, end) = (id, id + len);
        while id < end {
            let spot = self.fragments.isolate(id, end - id);
            let at = self.fragments.before(NOW, spot);
            self.effects.push(Effect::Touched { at });
            if ends {
                self.fragments
                    .update(spot, |fragment| fragment.deleted_now -= 1);
            }
            let Fragment {
                len, deleted_now, ..
            } = *self.fragments.get(spot);
            if ends && deleted_now == 0 {
                self.reveal(log, at, id, len);
            }
            id += len;
        }
    }

    /// Finds where the text of elements went that now stand at `at`.
    fn reveal(&mut self, log: &Log, at: u32, id: u32, len: u32) {
        let covers = |target: &&Target| {
            target.removed != NONE && target.id < id + len && id < target.id + target.len
        };
        let Some(&target) = self.targets.iter().rev().find(covers) else {
            unreachable!("what did not show was removed");
        };
        let (from, to) = (id.max(target.id), (id + len).min(target.id + target.len));
        if id < from {
            self.reveal(log, at, id, from - id);
        }
        let is_backward = log.run(target.run).kind == Kind::Backspace;
        let skipped = if is_backward {
            target.id + target.len - to
        } else {
            from - target.id
        };
        let removed = Removed {
            from: target.removed + skipped,
            is_backward,
        };
        let place = at + from - id;
        self.effects.push(Effect::Revealed {
            at: place,
            count: to - from,
            removed,
        });
        if to < id + len {
            self.reveal(log, at + to - id, to, id + len - to);
        }
    }

    /// The parts of runs that an event deleted.
    fn deletions_of(log: &Log, deletion: EventIndex) -> Vec<RunPart> {
        let first = log.first_of(deletion);
        let runs = log.runs().iter().enumerate().skip(first);
        let own = runs.take_while(|(_, run)| run.event <= deletion);
        let deletions = own.filter(|(_, run)| matches!(run.kind, Kind::Delete | Kind::Backspace));
        deletions
            .map(|(number, run)| {
                let from = deletion.0 - run.event.0;
                let to = if run.is_each { from + 1 } else { run.len };
                RunPart {
                    run: number,
                    from,
                    to,
                }
            })
            .collect()
    }

    /// The elements that part of a run of deletions hit: ids and how many from there on.
    fn targets_of(&self, log: &Log, part: RunPart) -> Vec<(u32, u32)> {
        let is_backward = log.run(part.run).kind == Kind::Backspace;
        let first = self.targets.partition_point(|target| target.run < part.run);
        let targets = self.targets[first..].iter();
        let own = targets.take_while(|target| target.run == part.run);
        own.filter_map(|target| {
            let (from, to) = (
                part.from.max(target.offset),
                part.to.min(target.offset + target.len),
            );
            let skipped = if is_backward {
                target.offset + target.len - to
            } else {
                from - target.offset
            };
            (from < to).then(|| (target.id + skipped, to - from))
        })
        .collect()
    }
}
