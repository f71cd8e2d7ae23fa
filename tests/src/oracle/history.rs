//! Who had seen what: the version of each event, and the total order.
//! Knows nothing of what the events change.

use std::collections::BTreeMap;

use tideline_model::{Event, EventId, ReplicaId};

/// A version: how many events of each replica it contains.
#[derive(Debug, Clone, Default)]
pub struct Seen(BTreeMap<ReplicaId, u64>);

impl Seen {
    pub fn has(&self, event: EventId) -> bool {
        self.0
            .get(&event.replica)
            .is_some_and(|&seq| event.seq <= seq)
    }

    pub fn add(&mut self, event: EventId) {
        let seq = self.0.entry(event.replica).or_insert(0);
        *seq = event.seq.max(*seq);
    }

    pub fn join(&mut self, other: &Seen) {
        for (&replica, &seq) in &other.0 {
            self.add(EventId { replica, seq });
        }
    }
}

pub struct History<'a> {
    /// In the total order (rule 1).
    pub events: Vec<&'a Event>,
    versions: BTreeMap<EventId, Seen>,
    pub everything: Seen,
}

impl<'a> History<'a> {
    pub fn new(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut events: Vec<&Event> = events.into_iter().collect();
        events.sort_by_key(|event| event.order());
        events.dedup_by_key(|event| event.id);
        let mut versions: BTreeMap<EventId, Seen> = BTreeMap::new();
        let mut everything = Seen::default();
        for event in &events {
            let mut seen = Seen::default();
            for parent in event.parents.heads() {
                seen.join(&versions[parent]);
            }
            seen.add(event.id);
            everything.add(event.id);
            versions.insert(event.id, seen);
        }
        Self {
            events,
            versions,
            everything,
        }
    }

    /// `ver(event)`: what its author had seen, and the event itself.
    pub fn version(&self, event: EventId) -> &Seen {
        &self.versions[&event]
    }

    /// Whether the author of `later` had seen `earlier`. An event sees itself.
    pub fn saw(&self, later: EventId, earlier: EventId) -> bool {
        self.version(later).has(earlier)
    }

    pub fn concurrent(&self, a: EventId, b: EventId) -> bool {
        !self.saw(a, b) && !self.saw(b, a)
    }
}
