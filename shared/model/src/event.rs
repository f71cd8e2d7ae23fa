//! Events and versions: who wrote what, having seen what.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::change::Change;
use crate::id::{ReplicaId, UserId};

/// The `seq`-th event of a replica in one document; the first is 1, and there are no gaps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId {
    pub replica: ReplicaId,
    pub seq: u64,
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.replica, self.seq)
    }
}

/// The latest events of a version: those that no other event in it has seen. Sorted, no doubles;
/// one, nearly always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier(SmallVec<[EventId; 1]>);

impl Frontier {
    /// Of one event, which has seen all others.
    pub fn of(head: EventId) -> Self {
        Self(SmallVec::from_buf([head]))
    }

    pub fn new(heads: impl IntoIterator<Item = EventId>) -> Self {
        let mut heads: SmallVec<_> = heads.into_iter().collect();
        if heads.len() > 1 {
            heads.sort_unstable();
            heads.dedup();
        }
        Self(heads)
    }

    pub fn heads(&self) -> &[EventId] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How many events of each replica a version contains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionVector(BTreeMap<ReplicaId, u64>);

impl VersionVector {
    pub fn get(&self, replica: ReplicaId) -> u64 {
        self.0.get(&replica).copied().unwrap_or(0)
    }

    pub fn contains(&self, id: EventId) -> bool {
        id.seq <= self.get(id.replica)
    }

    /// Raises `id.replica` to at least `id.seq`.
    pub fn include(&mut self, id: EventId) {
        let seq = self.0.entry(id.replica).or_insert(0);
        *seq = (*seq).max(id.seq);
    }

    pub fn merge(&mut self, other: &VersionVector) {
        for (&replica, &seq) in &other.0 {
            self.include(EventId { replica, seq });
        }
    }

    pub fn includes(&self, other: &VersionVector) -> bool {
        other
            .0
            .iter()
            .all(|(&replica, &seq)| self.get(replica) >= seq)
    }

    pub fn iter(&self) -> impl Iterator<Item = EventId> + '_ {
        self.0
            .iter()
            .map(|(&replica, &seq)| EventId { replica, seq })
    }
}

/// One gesture of one author, applied as a whole.
///
/// Events of a document are totally ordered by (`lamport`, replica, seq); each names in `parents`
/// the version that its author saw. That version always contains the replica's previous event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    /// Greater than the clock of every event in `parents`.
    pub lamport: u64,
    /// Wall clock of the author's machine, Unix milliseconds. For people to read; decides nothing.
    pub time_ms: i64,
    pub author: UserId,
    pub parents: Frontier,
    /// Applied one after the other: positions in a later change count the effect of earlier ones.
    pub changes: Vec<Change>,
}

impl Event {
    /// The place of this event in the total order of its document.
    pub fn order(&self) -> (u64, ReplicaId, u64) {
        (self.lamport, self.id.replica, self.id.seq)
    }
}
