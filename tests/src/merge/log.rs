//! What a replica keeps: the events that it has applied; and how they become batches of bytes, which
//! are all that passes between replicas, and all that is left of one when it restarts.
//! Knows nothing of what events mean.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use tideline_model::{Event, EventId, ReplicaId, VersionVector};
use tideline_wire::{decode_batch, encode_batch};

use super::names::Luck;

/// In the order in which they were applied.
#[derive(Debug, Clone, Default)]
pub struct Log {
    events: Vec<Rc<Event>>,
    places: HashMap<EventId, usize>,
}

impl Log {
    /// Takes in an event, or what it has grown to.
    pub fn keep(&mut self, event: Event) {
        let event = Rc::new(event);
        if let Some(&place) = self.places.get(&event.id) {
            self.events[place] = event;
        } else {
            self.places.insert(event.id, self.events.len());
            self.events.push(event);
        }
    }

    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.places.get(&id).map(|&place| &*self.events[place])
    }

    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().map(|event| &**event)
    }

    /// What somebody lacks who has `known`, as batches, in some causal order.
    ///
    /// # Errors
    /// When an event cannot be written.
    pub fn batches_behind(
        &self,
        known: &VersionVector,
        luck: &mut Luck,
    ) -> Result<Vec<Vec<u8>>, String> {
        let missing = self.events().filter(|event| !known.contains(event.id));
        let order = shuffled(missing, known.clone(), luck);
        let mut batches = Vec::new();
        let mut batch: Vec<Event> = Vec::new();
        for event in order {
            let follows = batch.last().is_some_and(|last| is_next(last, event));
            if !batch.is_empty() && (!follows || luck.one_in(6)) {
                batches.push(to_bytes(&std::mem::take(&mut batch))?);
            }
            batch.push(event.clone());
        }
        if !batch.is_empty() {
            batches.push(to_bytes(&batch)?);
        }
        Ok(batches)
    }
}

fn is_next(last: &Event, event: &Event) -> bool {
    last.id.replica == event.id.replica && last.id.seq + 1 == event.id.seq
}

/// # Errors
/// When the codec refuses events that the engine has applied.
pub fn to_bytes(events: &[Event]) -> Result<Vec<u8>, String> {
    encode_batch(events).map_err(|error| format!("cannot be written: {error}"))
}

/// # Errors
/// When the codec does not read what it wrote.
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<Event>, String> {
    decode_batch(bytes).map_err(|error| format!("cannot be read again: {error}"))
}

pub fn is_ready(event: &Event, known: &VersionVector) -> bool {
    let mut parents = event.parents.heads().iter();
    parents.all(|&parent| known.contains(parent))
}

/// The events in another order in which each comes after its parents, for somebody who has `known`:
/// now some of one replica, now some of another.
fn shuffled<'a>(
    events: impl Iterator<Item = &'a Event>,
    mut known: VersionVector,
    luck: &mut Luck,
) -> Vec<&'a Event> {
    let mut waiting: BTreeMap<ReplicaId, VecDeque<&Event>> = BTreeMap::new();
    for event in events {
        waiting
            .entry(event.id.replica)
            .or_default()
            .push_back(event);
    }
    let mut order: Vec<&Event> = Vec::new();
    loop {
        let next = waiting.values().filter_map(|queue| queue.front());
        let ready: Vec<&Event> = next.copied().filter(|it| is_ready(it, &known)).collect();
        if ready.is_empty() {
            assert!(
                waiting.values().all(VecDeque::is_empty),
                "events are kept whose parents are not"
            );
            return order;
        }
        let latest = order.last().map(|event| event.id.replica);
        let same = ready.iter().position(|it| Some(it.id.replica) == latest);
        let chosen = same.filter(|_| !luck.one_in(3));
        let event = ready[chosen.unwrap_or_else(|| luck.below(ready.len()))];
        waiting.entry(event.id.replica).or_default().pop_front();
        known.include(event.id);
        order.push(event);
    }
}
