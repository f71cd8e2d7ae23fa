//! The events that have been applied, and which of them saw which.
//! Knows nothing of what their changes mean.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::document::ApplyError;
use crate::event::{Event, EventId, Frontier, VersionVector};
use crate::id::ReplicaId;
use crate::index::{EventIndex, ReplicaIndex};

/// How far a Lamport clock may run ahead of the events it builds on. Honest clocks move by one; a
/// hostile one must not be able to use up the number range.
const LAMPORT_STEP_MAX: u64 = 1 << 32;

/// Events of each replica, by [`ReplicaIndex`]; replicas behind its end count 0.
pub(crate) type Version = Vec<u32>;

#[derive(Debug, Clone)]
struct Entry {
    event: Event,
    replica: ReplicaIndex,
    /// The version that the author saw. Shared by the events that one replica writes in a row.
    base: Arc<Version>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    replicas: Vec<ReplicaId>,
    replica_indexes: HashMap<ReplicaId, ReplicaIndex>,
    entries: Vec<Entry>,
    by_replica: Vec<Vec<EventIndex>>,
    heads: Vec<EventIndex>,
}

impl History {
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.iter().map(|entry| &entry.event)
    }

    pub fn event(&self, index: EventIndex) -> &Event {
        &self.entries[index.at()].event
    }

    pub fn event_mut(&mut self, index: EventIndex) -> &mut Event {
        &mut self.entries[index.at()].event
    }

    pub fn index_of(&self, id: EventId) -> Option<EventIndex> {
        let replica = self.replica_indexes.get(&id.replica)?;
        let place = usize::try_from(id.seq.checked_sub(1)?).ok()?;
        self.by_replica[replica.at()].get(place).copied()
    }

    /// The replica and sequence number of an event.
    pub fn dot(&self, index: EventIndex) -> (ReplicaIndex, u32) {
        let entry = &self.entries[index.at()];
        (entry.replica, entry.event.id.seq as u32)
    }

    pub fn replica(&self, index: ReplicaIndex) -> ReplicaId {
        self.replicas[index.at()]
    }

    /// How events are totally ordered: by clock, then replica, then sequence.
    pub fn compare(&self, left: EventIndex, right: EventIndex) -> Ordering {
        if left == right {
            return Ordering::Equal;
        }
        self.event(left).order().cmp(&self.event(right).order())
    }

    /// Whether `event` is, or was written having seen, `other`.
    pub fn saw(&self, event: EventIndex, other: EventIndex) -> bool {
        if event == other {
            return true;
        }
        let entry = &self.entries[event.at()];
        let (replica, seq) = self.dot(other);
        if entry.replica == replica {
            return u64::from(seq) <= entry.event.id.seq;
        }
        contains(&entry.base, replica, seq)
    }

    pub fn concurrent(&self, left: EventIndex, right: EventIndex) -> bool {
        !self.saw(left, right) && !self.saw(right, left)
    }

    /// Whether the author of `event` had seen the first `seq` events of `replica`, `event` included.
    pub fn saw_dot(&self, event: EventIndex, replica: ReplicaIndex, seq: u32) -> bool {
        let entry = &self.entries[event.at()];
        if entry.replica == replica {
            return u64::from(seq) <= entry.event.id.seq;
        }
        contains(&entry.base, replica, seq)
    }

    /// Raises `version` by everything that `event` saw, and by itself.
    pub fn include(&self, version: &mut Version, event: EventIndex) {
        let entry = &self.entries[event.at()];
        if version.len() < entry.base.len() {
            version.resize(entry.base.len(), 0);
        }
        for (seq, &other) in version.iter_mut().zip(entry.base.iter()) {
            *seq = (*seq).max(other);
        }
        let (replica, seq) = self.dot(event);
        raise(version, replica, seq);
    }

    /// The first event, in the order of arrival, that the author of `event` had not seen.
    pub fn first_unseen(&self, event: EventIndex) -> Option<EventIndex> {
        let seen = self.version_of(event);
        let next = |(replica, events): (usize, &Vec<EventIndex>)| {
            let count = seen.get(replica).copied().unwrap_or(0);
            events.get(count as usize).copied()
        };
        self.by_replica.iter().enumerate().filter_map(next).min()
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
        Frontier::new(self.heads.iter().map(|&head| self.event(head).id).collect())
    }

    pub fn version(&self) -> VersionVector {
        let mut version = VersionVector::default();
        for (&replica, events) in self.replicas.iter().zip(&self.by_replica) {
            let seq = events.len() as u64;
            if seq > 0 {
                version.include(EventId { replica, seq });
            }
        }
        version
    }

    /// The sequence number and clock of the next event of `replica`.
    pub fn next(&self, replica: ReplicaId) -> (u64, u64) {
        let seq = self
            .replica_indexes
            .get(&replica)
            .map_or(0, |index| self.by_replica[index.at()].len());
        let lamport = self.heads.iter().map(|&head| self.event(head).lamport);
        (seq as u64 + 1, lamport.max().unwrap_or(0) + 1)
    }

    /// Takes in an event, or says why it cannot be. `None`: it was here before.
    pub fn insert(&mut self, event: &Event) -> Result<Option<EventIndex>, ApplyError> {
        if self.index_of(event.id).is_some() {
            return Ok(None);
        }
        let parents = self.checked_parents(event)?;
        let replica = self.intern(event.id.replica);
        let base = self.base_from(replica, &parents);
        let index = EventIndex::new(self.entries.len());
        self.entries.push(Entry {
            event: event.clone(),
            replica,
            base,
        });
        self.by_replica[replica.at()].push(index);
        let heads = std::mem::take(&mut self.heads);
        self.heads = heads
            .into_iter()
            .filter(|&head| !self.saw(index, head))
            .chain([index])
            .collect();
        Ok(Some(index))
    }

    fn checked_parents(&self, event: &Event) -> Result<Vec<EventIndex>, ApplyError> {
        let id = event.id;
        let malformed = |reason| ApplyError::Malformed { event: id, reason };
        let missing = |missing| ApplyError::MissingParent { event: id, missing };
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
        let mut parents = Vec::with_capacity(event.parents.heads().len());
        for &parent in event.parents.heads() {
            if parent.replica == id.replica && parent.seq >= id.seq {
                return Err(malformed("it builds on a later event of its own replica"));
            }
            parents.push(self.index_of(parent).ok_or(missing(parent))?);
        }
        if previous.is_some_and(|previous| !parents.iter().any(|&p| self.saw(p, previous))) {
            return Err(malformed("it has not seen the event before it"));
        }
        let clock = parents.iter().map(|&parent| self.event(parent).lamport);
        let clock = clock.max().unwrap_or(0);
        if event.lamport <= clock {
            return Err(malformed("its clock is not above those it builds on"));
        }
        if event.lamport - clock > LAMPORT_STEP_MAX {
            return Err(malformed("its clock is far above those it builds on"));
        }
        Ok(parents)
    }

    fn intern(&mut self, replica: ReplicaId) -> ReplicaIndex {
        *self.replica_indexes.entry(replica).or_insert_with(|| {
            self.replicas.push(replica);
            self.by_replica.push(Vec::new());
            ReplicaIndex::new(self.replicas.len() - 1)
        })
    }

    fn base_from(&self, replica: ReplicaIndex, parents: &[EventIndex]) -> Arc<Version> {
        if let &[parent] = parents {
            let entry = &self.entries[parent.at()];
            if entry.replica == replica {
                return Arc::clone(&entry.base);
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

    fn write(history: &mut History, replica: u128, parents: &[EventIndex]) -> EventIndex {
        let replica = ReplicaId(Uuid::from_u128(replica));
        let ids = parents.iter().map(|&parent| history.event(parent).id);
        let clock = parents.iter().map(|&parent| history.event(parent).lamport);
        let event = Event {
            id: EventId {
                replica,
                seq: history.next(replica).0,
            },
            lamport: clock.max().unwrap_or(0) + 1,
            time_ms: 0,
            author: UserId(replica.0),
            parents: Frontier::new(ids.collect()),
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
        assert_eq!(history.frontier().heads(), [history.event(both).id]);
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
    fn events_written_in_a_row_share_what_they_saw() {
        let mut history = History::default();
        let other = write(&mut history, 2, &[]);
        let mut latest = write(&mut history, 1, &[other]);
        let first = Arc::clone(&history.entries[latest.at()].base);
        for _ in 0..10 {
            latest = write(&mut history, 1, &[latest]);
        }
        assert!(Arc::ptr_eq(&first, &history.entries[latest.at()].base));
        assert!(history.saw(latest, other));
    }
}
