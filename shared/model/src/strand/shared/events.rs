//! Who wrote which events of a shared text, having seen which others; run-length encoded. Knows
//! nothing of what the events did.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::index::{EventIndex, ReplicaIndex};
use crate::strand::graph::EventGraph;

/// Events that one replica wrote in a row, and that arrived in a row.
#[derive(Debug, Clone)]
pub(in crate::strand) struct Entry {
    /// The first of them.
    pub first: EventIndex,
    pub replica: ReplicaIndex,
    /// Of the first.
    pub seq: u32,
    /// Of the first.
    lamport: u32,
    /// How many events of each replica their author had seen, but for the author's own.
    pub seen: Box<[u32]>,
}

#[derive(Debug, Clone)]
struct Replica {
    name: u64,
    /// Its entries, in order.
    entries: Vec<u32>,
    /// How many events of it are here.
    events: u32,
}

#[derive(Debug, Clone, Default)]
pub(in crate::strand) struct Events {
    replicas: Vec<Replica>,
    by_name: HashMap<u64, ReplicaIndex>,
    entries: Vec<Entry>,
    count: u32,
}

impl Events {
    pub fn replica(&mut self, name: u64) -> ReplicaIndex {
        *self.by_name.entry(name).or_insert_with(|| {
            self.replicas.push(Replica {
                name,
                entries: Vec::new(),
                events: 0,
            });
            ReplicaIndex::new(self.replicas.len() - 1)
        })
    }

    pub fn find(&self, name: u64) -> Option<ReplicaIndex> {
        if let Some(last) = self.entries.last()
            && self.name(last.replica) == name
        {
            return Some(last.replica);
        }
        self.by_name.get(&name).copied()
    }

    pub fn name(&self, replica: ReplicaIndex) -> u64 {
        self.replicas[replica.at()].name
    }

    /// How many events of a replica are here.
    pub fn events_of(&self, replica: ReplicaIndex) -> u32 {
        self.replicas[replica.at()].events
    }

    pub fn replicas(&self) -> impl Iterator<Item = ReplicaIndex> + use<> {
        (0..self.replicas.len()).map(ReplicaIndex::new)
    }

    pub fn entry(&self, entry: u32) -> &Entry {
        &self.entries[entry as usize]
    }

    /// The entries of a replica, in order.
    pub fn entries_of(&self, replica: ReplicaIndex) -> &[u32] {
        &self.replicas[replica.at()].entries
    }

    /// The event behind the last of an entry.
    pub fn end_of(&self, entry: u32) -> u32 {
        let next = self.entries.get(entry as usize + 1);
        next.map_or(self.count, |next| next.first.0)
    }

    /// Adds events of a replica that had seen everything here.
    pub fn write(&mut self, replica: ReplicaIndex) -> EventIndex {
        if self
            .entries
            .last()
            .is_none_or(|last| last.replica != replica)
        {
            let seen = self.replicas.iter().map(|it| it.events).collect();
            self.push(replica, seen);
        }
        self.grow(replica, 1)
    }

    /// Adds so many events of a replica that had seen, besides what its event before had seen, so
    /// much of others. Gives the first.
    pub fn receive(
        &mut self,
        replica: ReplicaIndex,
        more: &[(ReplicaIndex, u32)],
        count: u32,
    ) -> EventIndex {
        let is_next = self
            .entries
            .last()
            .is_some_and(|last| last.replica == replica);
        if !more.is_empty() || !is_next {
            let before = self.entries_of(replica).last();
            let seen = before.map_or_else(Vec::new, |&entry| self.entry(entry).seen.to_vec());
            let seen = self.widened(seen, more);
            self.push(replica, seen);
        }
        self.grow(replica, count)
    }

    fn widened(&self, mut seen: Vec<u32>, more: &[(ReplicaIndex, u32)]) -> Box<[u32]> {
        seen.resize(self.replicas.len().max(seen.len()), 0);
        for &(replica, seq) in more.iter().filter(|(_, seq)| *seq > 0) {
            let other = self.entry(self.entry_with(replica, seq));
            for (own, &other) in seen.iter_mut().zip(&other.seen) {
                *own = (*own).max(other);
            }
            seen[replica.at()] = seen[replica.at()].max(seq);
        }
        seen.into_boxed_slice()
    }

    fn entry_with(&self, replica: ReplicaIndex, seq: u32) -> u32 {
        let entries = self.entries_of(replica);
        let place = entries.partition_point(|&entry| self.entry(entry).seq <= seq);
        entries[place - 1]
    }

    fn push(&mut self, replica: ReplicaIndex, seen: Box<[u32]>) {
        let own = (replica, self.events_of(replica));
        let others = self.replicas().zip(seen.iter().copied());
        let others = others.filter(|&(other, _)| other != replica);
        let lamports = others
            .chain([own])
            .filter(|&(_, seq)| seq > 0)
            .map(|(replica, seq)| {
                let entry = self.entry(self.entry_with(replica, seq));
                entry.lamport + (seq - entry.seq)
            });
        let entry = Entry {
            first: EventIndex(self.count),
            replica,
            seq: own.1 + 1,
            lamport: lamports.max().unwrap_or(0) + 1,
            seen,
        };
        let number = self.entries.len() as u32;
        self.entries.push(entry);
        self.replicas[replica.at()].entries.push(number);
    }

    fn grow(&mut self, replica: ReplicaIndex, count: u32) -> EventIndex {
        let first = EventIndex(self.count);
        self.count = self
            .count
            .checked_add(count)
            .expect("fewer events than numbers");
        self.replicas[replica.at()].events += count;
        first
    }

    /// Forgets the events that were received last.
    pub fn take_back(&mut self, replica: ReplicaIndex, count: u32) {
        self.count -= count;
        let this = &mut self.replicas[replica.at()];
        this.events -= count;
        if self
            .entries
            .last()
            .is_some_and(|last| last.first.0 == self.count)
        {
            self.entries.pop();
            this.entries.pop();
        }
    }

    fn entry_of(&self, event: EventIndex) -> &Entry {
        match self.entries.last() {
            Some(last) if last.first <= event => last,
            _ => &self.entries[self.entries.partition_point(|entry| entry.first <= event) - 1],
        }
    }
}

impl EventGraph for Events {
    fn dot(&self, event: EventIndex) -> (ReplicaIndex, u32) {
        let entry = self.entry_of(event);
        (entry.replica, entry.seq + (event.0 - entry.first.0))
    }

    fn seen(&self, event: EventIndex, replica: ReplicaIndex) -> u32 {
        let entry = self.entry_of(event);
        if entry.replica == replica {
            return entry.seq + (event.0 - entry.first.0);
        }
        entry.seen.get(replica.at()).copied().unwrap_or(0)
    }

    fn compare(&self, left: EventIndex, right: EventIndex) -> Ordering {
        let order = |event: EventIndex| {
            let entry = self.entry_of(event);
            let offset = event.0 - entry.first.0;
            (
                entry.lamport + offset,
                self.name(entry.replica),
                entry.seq + offset,
            )
        };
        order(left).cmp(&order(right))
    }

    fn follows(&self, previous: EventIndex, next: EventIndex) -> bool {
        previous.0 + 1 == next.0 && self.entry_of(next).first <= previous
    }
}
