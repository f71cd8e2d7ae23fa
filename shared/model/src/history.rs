//! The events that have been applied, and which of them saw which.
//! Keeps who wrote when and having seen what, run-length encoded; not what the events changed.

mod saved;

use foldhash::HashMap;
use std::cmp::Ordering;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::document::ApplyError;
use crate::event::{Event, EventId, Frontier, VersionVector};
use crate::id::{ReplicaId, UserId};
use crate::index::{AuthorIndex, EventIndex, ReplicaIndex};

/// How far a Lamport clock may run ahead of the events it builds on. Honest clocks move by one; a
/// hostile one must not be able to use up the number range.
const LAMPORT_STEP_MAX: u64 = 1 << 32;

/// Up to how many replicas are searched one by one.
const FEW: usize = 16;

/// Events of each replica, by [`ReplicaIndex`]; replicas behind its end count 0.
pub(crate) type Version = Vec<u32>;

/// Events of one replica that arrived one after the other, each written having seen nothing new but
/// the one before: whoever types alone writes one run however long it gets.
#[derive(Debug, Clone)]
struct Run {
    first: EventIndex,
    replica: ReplicaIndex,
    /// Of the first event; the others count up from there.
    seq: u32,
    lamport: u64,
    author: AuthorIndex,
    time_ms: i64,
    /// The version that the author of the first had seen.
    base: Arc<Version>,
}

/// Events of one replica, as far as they arrived together: the first of them.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    seq: u32,
    first: EventIndex,
}

type Parents = SmallVec<[EventIndex; 2]>;

#[derive(Debug, Clone, Default)]
struct Replica {
    count: u32,
    stretches: Vec<Stretch>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    ids: Vec<ReplicaId>,
    /// For many replicas; few are compared one by one.
    indexes: HashMap<ReplicaId, ReplicaIndex>,
    replicas: Vec<Replica>,
    authors: Vec<UserId>,
    runs: Vec<Run>,
    /// Of every event, milliseconds after the first of its run.
    times: Vec<i32>,
    heads: Vec<EventIndex>,
}

impl History {
    /// How many events there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    fn run(&self, index: EventIndex) -> &Run {
        let last = self.runs.last().expect("a run for every event");
        if last.first <= index {
            return last;
        }
        let behind = self.runs.partition_point(|run| run.first <= index);
        &self.runs[behind - 1]
    }

    pub fn id(&self, index: EventIndex) -> EventId {
        let (replica, seq) = self.dot(index);
        EventId {
            replica: self.replica(replica),
            seq: u64::from(seq),
        }
    }

    pub fn index_of(&self, id: EventId) -> Option<EventIndex> {
        let replica = self.replica_index(id.replica)?;
        let seq = u32::try_from(id.seq).ok()?;
        self.event_of(replica, seq)
    }

    /// The `seq`-th event of a replica.
    pub fn event_of(&self, replica: ReplicaIndex, seq: u32) -> Option<EventIndex> {
        let Replica { count, stretches } = &self.replicas[replica.at()];
        if seq == 0 || seq > *count {
            return None;
        }
        let behind = stretches.partition_point(|stretch| stretch.seq <= seq);
        let stretch = stretches[behind - 1];
        Some(EventIndex(stretch.first.0 + (seq - stretch.seq)))
    }

    /// The replica and sequence number of an event.
    pub fn dot(&self, index: EventIndex) -> (ReplicaIndex, u32) {
        let run = self.run(index);
        (run.replica, run.seq + (index.0 - run.first.0))
    }

    pub fn lamport(&self, index: EventIndex) -> u64 {
        let run = self.run(index);
        run.lamport + u64::from(index.0 - run.first.0)
    }

    pub fn author(&self, index: EventIndex) -> UserId {
        self.authors[self.run(index).author.at()]
    }

    /// The wall clock of the author's machine.
    pub fn time_ms(&self, index: EventIndex) -> i64 {
        self.run(index).time_ms + i64::from(self.times[index.at()])
    }

    pub fn replica(&self, index: ReplicaIndex) -> ReplicaId {
        self.ids[index.at()]
    }

    /// How events are totally ordered: by clock, then replica, then sequence.
    pub fn compare(&self, left: EventIndex, right: EventIndex) -> Ordering {
        if left == right {
            return Ordering::Equal;
        }
        let order = |index: EventIndex| {
            let run = self.run(index);
            let offset = index.0 - run.first.0;
            let clock = run.lamport + u64::from(offset);
            (clock, self.ids[run.replica.at()], run.seq + offset)
        };
        order(left).cmp(&order(right))
    }

    /// Whether `event` is, or was written having seen, `other`.
    pub fn saw(&self, event: EventIndex, other: EventIndex) -> bool {
        // Whatever an event has seen arrived before it.
        if event <= other {
            return event == other;
        }
        let (replica, seq) = self.dot(other);
        seq <= self.seen(event, replica)
    }

    pub fn concurrent(&self, left: EventIndex, right: EventIndex) -> bool {
        !self.saw(left, right) && !self.saw(right, left)
    }

    /// How many events of `replica` the author of `event` had seen, `event` included.
    pub fn seen(&self, event: EventIndex, replica: ReplicaIndex) -> u32 {
        let run = self.run(event);
        if run.replica == replica {
            return run.seq + (event.0 - run.first.0);
        }
        run.base.get(replica.at()).copied().unwrap_or(0)
    }

    /// Whether `next` is the event that the same replica wrote right after `previous`, having seen
    /// nothing else in between.
    pub fn follows(&self, previous: EventIndex, next: EventIndex) -> bool {
        let latest = self.runs.last();
        if latest.is_some_and(|run| run.first <= previous) {
            return previous.0 + 1 == next.0;
        }
        let (left, right) = (self.run(previous), self.run(next));
        left.replica == right.replica
            && self.dot(previous).1 + 1 == self.dot(next).1
            && Arc::ptr_eq(&left.base, &right.base)
    }

    /// Raises `version` by everything that `event` saw, and by itself.
    pub fn include(&self, version: &mut Version, event: EventIndex) {
        let base = &self.run(event).base;
        if version.len() < base.len() {
            version.resize(base.len(), 0);
        }
        for (seq, &other) in version.iter_mut().zip(base.iter()) {
            *seq = (*seq).max(other);
        }
        let (replica, seq) = self.dot(event);
        raise(version, replica, seq);
    }

    /// The first event, in the order of arrival, that the author of `event` had not seen.
    pub fn first_unseen(&self, event: EventIndex) -> Option<EventIndex> {
        let seen = self.version_of(event);
        let replicas = (0..self.replicas.len()).map(ReplicaIndex::new);
        let next = |replica: ReplicaIndex| {
            let count = seen.get(replica.at()).copied().unwrap_or(0);
            self.event_of(replica, count + 1)
        };
        replicas.filter_map(next).min()
    }

    pub fn contained(&self, version: &Version, event: EventIndex) -> bool {
        let (replica, seq) = self.dot(event);
        contains(version, replica, seq)
    }

    /// What the event had seen, itself included.
    pub fn version_of(&self, event: EventIndex) -> Version {
        let mut version = Version::new();
        self.include(&mut version, event);
        version
    }

    /// Whether `event` saw every other.
    pub fn is_only_head(&self, event: EventIndex) -> bool {
        self.heads == [event]
    }

    pub fn frontier(&self) -> Frontier {
        match self.heads[..] {
            [head] => Frontier::of(self.id(head)),
            ref heads => Frontier::new(heads.iter().map(|&head| self.id(head))),
        }
    }

    pub fn version(&self) -> VersionVector {
        let mut version = VersionVector::default();
        for (&replica, Replica { count, .. }) in self.ids.iter().zip(&self.replicas) {
            if *count > 0 {
                let seq = u64::from(*count);
                version.include(EventId { replica, seq });
            }
        }
        version
    }

    /// The sequence number and clock of the next event of `replica`.
    pub fn next(&self, replica: ReplicaId) -> (u64, u64) {
        if let &[head] = self.heads.as_slice() {
            let run = self.run(head);
            let offset = head.0 - run.first.0;
            if self.ids[run.replica.at()] == replica {
                return (
                    u64::from(run.seq + offset) + 1,
                    run.lamport + u64::from(offset) + 1,
                );
            }
        }
        let count = self
            .replica_index(replica)
            .map_or(0, |index| self.replicas[index.at()].count);
        (u64::from(count) + 1, self.clock(&self.heads) + 1)
    }

    fn clock(&self, events: &[EventIndex]) -> u64 {
        let clocks = events.iter().map(|&event| self.lamport(event));
        clocks.max().unwrap_or(0)
    }

    /// Takes in an event, or says why it cannot be. `None`: it was here before.
    pub fn insert(&mut self, event: &Event) -> Result<Option<EventIndex>, ApplyError> {
        if let Some(index) = self.continue_run(event) {
            return Ok(Some(index));
        }
        if self.index_of(event.id).is_some() {
            return Ok(None);
        }
        let parents = self.checked_parents(event)?;
        let replica = self.intern(event.id.replica);
        let index = EventIndex::new(self.len());
        if !self.continues(event, replica, &parents) {
            self.begin_run(event, replica, &parents, index);
        }
        let since = event.time_ms - self.run(index).time_ms;
        self.times
            .push(i32::try_from(since).expect("checked by `continues`"));
        self.replicas[replica.at()].count += 1;
        self.heads.retain(|head| !parents.contains(head));
        if !self.heads.is_empty() {
            // A parent may have seen another head.
            let heads = std::mem::take(&mut self.heads);
            let unseen = heads.into_iter().filter(|&head| !self.saw(index, head));
            self.heads = unseen.collect();
        }
        self.heads.push(index);
        Ok(Some(index))
    }

    /// Takes in an event that only its replica's latest event was waiting for, which is what nearly
    /// all are: then there is nothing to look up.
    fn continue_run(&mut self, event: &Event) -> Option<EventIndex> {
        let run = self.runs.last()?;
        let latest = EventIndex::new(self.len() - 1);
        let seq = u64::from(run.seq + (latest.0 - run.first.0));
        let &[parent] = event.parents.heads() else {
            return None;
        };
        let goes_on = self.heads == [latest]
            && parent.seq == seq
            && event.id.seq == seq + 1
            && event.id.replica == parent.replica
            && self.ids[run.replica.at()] == parent.replica
            && u32::try_from(event.id.seq).is_ok();
        if !goes_on || !self.continues(event, run.replica, &[latest]) {
            return None;
        }
        let since = i32::try_from(event.time_ms - run.time_ms).ok()?;
        let replica = run.replica;
        let index = EventIndex::new(self.len());
        self.times.push(since);
        self.replicas[replica.at()].count += 1;
        self.heads[0] = index;
        Some(index)
    }

    /// Whether the event is the next of the latest run.
    fn continues(&self, event: &Event, replica: ReplicaIndex, parents: &[EventIndex]) -> bool {
        let Some(run) = self.runs.last() else {
            return false;
        };
        let latest = EventIndex::new(self.len() - 1);
        run.replica == replica
            && parents == [latest]
            && event.lamport == self.lamport(latest) + 1
            && self.authors[run.author.at()] == event.author
            && event
                .time_ms
                .checked_sub(run.time_ms)
                .is_some_and(|since| i32::try_from(since).is_ok())
    }

    fn begin_run(
        &mut self,
        event: &Event,
        replica: ReplicaIndex,
        parents: &[EventIndex],
        index: EventIndex,
    ) {
        let run = Run {
            first: index,
            replica,
            seq: event.id.seq as u32,
            lamport: event.lamport,
            author: self.intern_author(event.author),
            time_ms: event.time_ms,
            base: self.base_from(replica, parents),
        };
        let Replica { count, stretches } = &mut self.replicas[replica.at()];
        let follows = stretches
            .last()
            .is_some_and(|last| last.first.0 + (*count + 1 - last.seq) == index.0);
        if !follows {
            stretches.push(Stretch {
                seq: run.seq,
                first: index,
            });
        }
        self.runs.push(run);
    }

    fn checked_parents(&self, event: &Event) -> Result<Parents, ApplyError> {
        let id = event.id;
        let malformed = |reason| ApplyError::Malformed { event: id, reason };
        let missing = |missing| ApplyError::MissingParent { event: id, missing };
        if id.seq > u64::from(u32::MAX) {
            return Err(malformed("its sequence number is too large"));
        }
        let previous = match id.seq {
            0 => return Err(malformed("its sequence number is 0")),
            1 => None,
            seq => {
                let previous = EventId {
                    replica: id.replica,
                    seq: seq - 1,
                };
                Some(self.index_of(previous).ok_or(missing(previous))?)
            }
        };
        let mut parents = Parents::with_capacity(event.parents.heads().len());
        for &parent in event.parents.heads() {
            if parent.replica == id.replica && parent.seq >= id.seq {
                return Err(malformed("it builds on a later event of its own replica"));
            }
            parents.push(self.index_of(parent).ok_or(missing(parent))?);
        }
        if previous.is_some_and(|previous| !parents.iter().any(|&p| self.saw(p, previous))) {
            return Err(malformed("it has not seen the event before it"));
        }
        let clock = self.clock(&parents);
        if event.lamport <= clock {
            return Err(malformed("its clock is not above those it builds on"));
        }
        if event.lamport - clock > LAMPORT_STEP_MAX {
            return Err(malformed("its clock is far above those it builds on"));
        }
        Ok(parents)
    }

    fn replica_index(&self, replica: ReplicaId) -> Option<ReplicaIndex> {
        if self.ids.len() > FEW {
            return self.indexes.get(&replica).copied();
        }
        let place = self.ids.iter().position(|&id| id == replica);
        place.map(ReplicaIndex::new)
    }

    fn intern(&mut self, replica: ReplicaId) -> ReplicaIndex {
        if let Some(index) = self.replica_index(replica) {
            return index;
        }
        let index = ReplicaIndex::new(self.ids.len());
        self.ids.push(replica);
        self.replicas.push(Replica::default());
        self.indexes.insert(replica, index);
        index
    }

    fn intern_author(&mut self, author: UserId) -> AuthorIndex {
        let known = self.authors.iter().rposition(|&known| known == author);
        AuthorIndex::new(known.unwrap_or_else(|| {
            self.authors.push(author);
            self.authors.len() - 1
        }))
    }

    fn base_from(&self, replica: ReplicaIndex, parents: &[EventIndex]) -> Arc<Version> {
        if let &[parent] = parents {
            let run = self.run(parent);
            if run.replica == replica {
                return Arc::clone(&run.base);
            }
        }
        let mut base = Version::new();
        for &parent in parents {
            self.include(&mut base, parent);
        }
        Arc::new(base)
    }
}

pub(crate) fn contains(version: &Version, replica: ReplicaIndex, seq: u32) -> bool {
    version.get(replica.at()).copied().unwrap_or(0) >= seq
}

fn raise(version: &mut Version, replica: ReplicaIndex, seq: u32) {
    if version.len() <= replica.at() {
        version.resize(replica.at() + 1, 0);
    }
    let known = &mut version[replica.at()];
    *known = (*known).max(seq);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::UserId;

    /// Clocks that stand still, jump back, and jump by years.
    fn time_ms(id: EventId) -> i64 {
        let jump = if id.seq.is_multiple_of(12) {
            1 << 45
        } else {
            0
        };
        1_700_000_000_000 - id.seq.cast_signed() + jump
    }

    fn write(history: &mut History, replica: u128, parents: &[EventIndex]) -> EventIndex {
        let replica = ReplicaId(Uuid::from_u128(replica));
        let ids = parents.iter().map(|&parent| history.id(parent));
        let clock = parents.iter().map(|&parent| history.lamport(parent));
        let id = EventId {
            replica,
            seq: history.next(replica).0,
        };
        let event = Event {
            id,
            lamport: clock.max().unwrap_or(0) + 1,
            time_ms: time_ms(id),
            author: UserId(replica.0),
            parents: Frontier::new(ids),
            changes: Vec::new(),
        };
        let index = history.insert(&event).expect("an event in order");
        index.expect("a new event")
    }

    #[test]
    fn an_event_saw_its_parents_and_what_they_saw() {
        let mut history = History::default();
        let one = write(&mut history, 1, &[]);
        let two = write(&mut history, 2, &[]);
        let again = write(&mut history, 1, &[one]);
        let both = write(&mut history, 3, &[again, two]);
        assert!(history.concurrent(again, two));
        for earlier in [one, two, again] {
            assert!(history.saw(both, earlier));
            assert!(!history.saw(earlier, both));
        }
        assert_eq!(history.frontier().heads(), [history.id(both)]);
        assert_eq!(history.next(ReplicaId(Uuid::from_u128(1))), (3, 4));
    }

    #[test]
    fn a_version_holds_everything_that_its_events_saw() {
        let mut history = History::default();
        let one = write(&mut history, 1, &[]);
        let two = write(&mut history, 2, &[one]);
        let other = write(&mut history, 3, &[]);
        let version = history.version_of(two);
        assert!(history.contained(&version, one));
        assert!(!history.contained(&version, other));
        let mut wider = version;
        history.include(&mut wider, other);
        assert!(history.contained(&wider, other) && history.contained(&wider, two));
    }

    #[test]
    fn events_written_in_a_row_are_one_run() {
        let mut history = History::default();
        let other = write(&mut history, 2, &[]);
        let mut latest = write(&mut history, 1, &[other]);
        for _ in 0..10 {
            latest = write(&mut history, 1, &[latest]);
        }
        assert_eq!(history.runs.len(), 2);
        assert!(history.saw(latest, other));
        assert_eq!(history.next(ReplicaId(Uuid::from_u128(1))), (12, 13));
    }

    #[test]
    fn every_event_is_found_by_its_id_and_keeps_its_time() {
        let mut history = History::default();
        let mut latest = [write(&mut history, 1, &[]), write(&mut history, 2, &[])];
        for turn in 0..40 {
            let who = usize::from(turn % 7 < 3);
            let parents = if turn % 5 == 0 {
                latest.to_vec()
            } else {
                vec![latest[who]]
            };
            latest[who] = write(&mut history, 1 + who as u128, &parents);
        }
        for index in (0..history.len()).map(EventIndex::new) {
            let id = history.id(index);
            assert_eq!(history.index_of(id), Some(index));
            assert_eq!(history.time_ms(index), time_ms(id));
        }
        let beyond = EventId {
            replica: history.replica(ReplicaIndex(0)),
            seq: 1 + u64::from(history.replicas[0].count),
        };
        assert_eq!(history.index_of(beyond), None);
    }
}
