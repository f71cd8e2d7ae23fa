//! What strands ask about events. Whoever keeps the events answers.

use std::cmp::Ordering;

use crate::history::History;
use crate::index::{EventIndex, ReplicaIndex};

/// Events in the order of arrival, which is a causal order.
pub(crate) trait EventGraph {
    /// The replica and sequence number of an event.
    fn dot(&self, event: EventIndex) -> (ReplicaIndex, u32);

    /// How many events of `replica` the author of `event` had seen, `event` included.
    fn seen(&self, event: EventIndex, replica: ReplicaIndex) -> u32;

    /// The total order of events.
    fn compare(&self, left: EventIndex, right: EventIndex) -> Ordering;

    /// Whether `next` is the event that the same replica wrote right after `previous`, having seen
    /// nothing else in between. May say no where it takes long to find out.
    fn follows(&self, previous: EventIndex, next: EventIndex) -> bool;

    /// Whether `event` is, or was written having seen, `other`.
    fn saw(&self, event: EventIndex, other: EventIndex) -> bool {
        let (replica, seq) = self.dot(other);
        seq <= self.seen(event, replica)
    }
}

impl EventGraph for History {
    fn dot(&self, event: EventIndex) -> (ReplicaIndex, u32) {
        self.dot(event)
    }

    fn seen(&self, event: EventIndex, replica: ReplicaIndex) -> u32 {
        self.seen(event, replica)
    }

    fn compare(&self, left: EventIndex, right: EventIndex) -> Ordering {
        self.compare(left, right)
    }

    fn follows(&self, previous: EventIndex, next: EventIndex) -> bool {
        self.follows(previous, next)
    }
}
