//! The version that a tracker stands at: how many events of each replica count. Moving it takes
//! back, and does again, only what lies between two versions.

use std::collections::HashMap;

use crate::index::{EventIndex, ReplicaIndex};
use crate::strand::graph::EventGraph;
use crate::strand::log::{Kind, Log, Run, RunPart};
use crate::strand::tracker::Tracker;

/// What one replica did, of all that was worked in.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    replica: ReplicaIndex,
    /// Runs with the sequence numbers of their first events.
    runs: Vec<(usize, u32)>,
    /// Its latest event.
    last: u32,
    /// Its latest event that counts.
    counted: u32,
}

/// A deletion that somebody ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Undone {
    /// Whether the deletion counts.
    pub is_counted: bool,
    /// Events that ended it, of those that count.
    pub then: u32,
    /// All events that ended it.
    pub now: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// The version of this event, if nothing else was counted since.
    at: Option<EventIndex>,
    lanes: Vec<Lane>,
    /// By the event that deleted.
    pub undone: HashMap<EventIndex, Undone>,
}

impl Tracker {
    /// Whether just that counts which the author of `event` had seen, as far as one can tell without
    /// a search.
    pub fn stands_before(&self, graph: &impl EventGraph, event: EventIndex) -> bool {
        let at = self.standing.at;
        at.is_some_and(|at| at == event || graph.follows(at, event))
    }

    /// Makes just that count which the author of `event` had seen.
    pub(super) fn stand_at(&mut self, graph: &impl EventGraph, log: &Log, event: EventIndex) {
        let is_there = self.stands_before(graph, event);
        self.standing.at = Some(event);
        if is_there {
            return;
        }
        self.typing = None;
        let (author, _) = graph.dot(event);
        for place in 0..self.standing.lanes.len() {
            let lane = &mut self.standing.lanes[place];
            let seen = if lane.replica == author {
                lane.last
            } else {
                graph.seen(event, lane.replica).min(lane.last)
            };
            let before = std::mem::replace(&mut lane.counted, seen);
            if before < seen {
                self.count(log, place, (before, seen), true);
            } else if before > seen {
                self.count(log, place, (seen, before), false);
            }
        }
    }

    /// Notes that part of a run was worked in, and counts.
    pub(super) fn note(&mut self, graph: &impl EventGraph, log: &Log, part: RunPart) {
        let run = log.run(part.run);
        let event = run.event_at(part.to - 1);
        let (replica, seq) = graph.dot(event);
        let lanes = &mut self.standing.lanes;
        let place = lanes.iter().position(|lane| lane.replica == replica);
        let place = place.unwrap_or_else(|| {
            lanes.push(Lane {
                replica,
                runs: Vec::new(),
                last: 0,
                counted: 0,
            });
            lanes.len() - 1
        });
        let lane = &mut lanes[place];
        if part.from == 0 {
            let first = seq - (event.0 - run.event.0);
            lane.runs.push((part.run, first));
        }
        (lane.last, lane.counted) = (seq, seq);
        self.standing.at = Some(event);
    }

    /// Counts the events of a lane behind `low` up to `high`, or takes them back.
    fn count(&mut self, log: &Log, lane: usize, (low, high): (u32, u32), counts: bool) {
        let events = |run: &Run, fed: u32| if run.is_each { fed } else { 1 };
        let runs = &self.standing.lanes[lane].runs;
        let first = runs.partition_point(|&(run, seq)| {
            seq + events(log.run(run), self.worked_in(log, run)) - 1 <= low
        });
        for place in first..runs.len() {
            let (number, seq) = self.standing.lanes[lane].runs[place];
            if seq > high {
                break;
            }
            let len = self.worked_in(log, number);
            let (from, to) = if log.run(number).is_each {
                ((low + 1).max(seq) - seq, (high + 1 - seq).min(len))
            } else {
                (0, len)
            };
            self.count_part(
                log,
                RunPart {
                    run: number,
                    from,
                    to,
                },
                counts,
            );
        }
    }

    fn count_part(&mut self, log: &Log, part: RunPart, counts: bool) {
        match log.run(part.run).kind {
            Kind::Insert | Kind::Marker => {
                let first = self.insertions.of_run(part.run).first;
                let (id, len) = (first + part.from, part.to - part.from);
                self.fragments
                    .update_range(id, len, |fragment| fragment.is_known = counts);
            }
            Kind::Delete | Kind::Backspace => self.count_deletions(log, part, counts),
            Kind::Undelete => self.count_undeletion(log, part.run, counts),
        }
    }

    fn count_deletions(&mut self, log: &Log, part: RunPart, counts: bool) {
        if self.standing.undone.is_empty() {
            self.mark_then(log, part, counts);
            return;
        }
        let run = log.run(part.run);
        let pieces = if run.is_each { part.to - part.from } else { 1 };
        for piece in 0..pieces {
            let part = if run.is_each {
                let from = part.from + piece;
                RunPart {
                    from,
                    to: from + 1,
                    ..part
                }
            } else {
                part
            };
            let undone = self.standing.undone.get_mut(&run.event_at(part.from));
            let is_ended = undone.is_some_and(|undone| {
                undone.is_counted = counts;
                undone.then > 0
            });
            if !is_ended {
                self.mark_then(log, part, counts);
            }
        }
    }

    /// Counts the end of a deletion, or takes it back.
    pub(super) fn count_undeletion(&mut self, log: &Log, run: usize, counts: bool) {
        let deletion = EventIndex(log.run(run).content);
        let Some(undone) = self.standing.undone.get_mut(&deletion) else {
            return;
        };
        let before = undone.then;
        undone.then = if counts { before + 1 } else { before - 1 };
        let turns = (before == 0) != (undone.then == 0);
        if turns && undone.is_counted {
            for part in Self::deletions_of(log, deletion) {
                self.mark_then(log, part, !counts);
            }
        }
    }

    fn mark_then(&mut self, log: &Log, part: RunPart, is_deleted: bool) {
        for (id, len) in self.targets_of(log, part) {
            self.fragments.update_range(id, len, |fragment| {
                let deletions = fragment.deleted_then;
                fragment.deleted_then = if is_deleted {
                    deletions + 1
                } else {
                    deletions - 1
                };
            });
        }
    }
}
