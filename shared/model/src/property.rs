//! Properties and tags, on the registers and sets of the `crdts` crate. What is kept is the list of
//! writes; a register is made from it when somebody reads, and never stored.

use crdts::{CmRDT, Dot, MVReg, Orswot, VClock, mvreg, orswot};

use crate::history::History;
use crate::id::ReplicaId;
use crate::index::{EventIndex, ReplicaIndex};
use crate::line::Value;
use crate::state::ChangeIndex;

#[derive(Debug, Clone)]
pub(crate) struct PropertyWrite {
    pub change: ChangeIndex,
    pub name: String,
    pub value: Option<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct TagWrite {
    pub change: ChangeIndex,
    pub tag: String,
    pub is_added: bool,
}

/// The values of each property that has one, in the order in which the names were first written.
/// Values that nobody saw together are all here, the latest last.
pub(crate) fn properties(history: &History, writes: &[PropertyWrite]) -> Vec<(String, Vec<Value>)> {
    let mut names: Vec<&str> = Vec::new();
    for write in writes {
        if !names.contains(&write.name.as_str()) {
            names.push(&write.name);
        }
    }
    let values = |name: &str| {
        let writes = writes.iter().filter(|write| write.name == name);
        values(history, writes)
    };
    names
        .into_iter()
        .map(|name| (name.to_owned(), values(name)))
        .filter(|(_, values)| !values.is_empty())
        .collect()
}

/// What one register holds after these writes, which come in total order.
pub(crate) fn values<'a>(
    history: &History,
    writes: impl Iterator<Item = &'a PropertyWrite>,
) -> Vec<Value> {
    let mut register: MVReg<Option<Value>, ReplicaId> = MVReg::new();
    for write in writes {
        register.apply(mvreg::Op::Put {
            clock: clock(history, write.change.0),
            val: write.value.clone(),
        });
    }
    let mut values: Vec<Value> = Vec::new();
    for value in register.read().val.into_iter().flatten() {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The tags, in the order of the additions that they rest on.
pub(crate) fn tags(history: &History, writes: &[TagWrite]) -> Vec<String> {
    let mut set: Orswot<&str, ReplicaId> = Orswot::new();
    for event in writes.chunk_by(|left, right| left.change.0 == right.change.0) {
        apply_tags(history, event, &mut set);
    }
    let mut tags: Vec<(usize, String)> = set
        .read()
        .val
        .into_iter()
        .map(|tag| {
            let clock = set.contains(&tag).rm_clock;
            let rests_on = |write: &TagWrite| {
                let id = history.id(write.change.0);
                write.is_added && write.tag == tag && clock.get(&id.replica) == id.seq
            };
            let place = writes.iter().position(rests_on).unwrap_or(writes.len());
            (place, tag.to_owned())
        })
        .collect();
    tags.sort_unstable();
    tags.into_iter().map(|(_, tag)| tag).collect()
}

/// An event has one dot for all that it adds, and may not remove what it adds later; so its writes
/// become one removal, of what was there before, and one addition.
fn apply_tags<'a>(history: &History, event: &'a [TagWrite], set: &mut Orswot<&'a str, ReplicaId>) {
    let Some(first) = event.first() else { return };
    let id = history.id(first.change.0);
    let is_last = |place: usize| {
        let later = &event[place + 1..];
        !later.iter().any(|write| write.tag == event[place].tag)
    };
    let (added, removed): (Vec<_>, Vec<_>) = event
        .iter()
        .enumerate()
        .partition(|&(place, write)| write.is_added && is_last(place));
    let mut before = clock(history, first.change.0);
    if id.seq == 1 {
        before.dots.remove(&id.replica);
    } else {
        before.dots.insert(id.replica, id.seq - 1);
    }
    let removed = removed.iter().filter(|(_, write)| !write.is_added);
    set.apply(orswot::Op::Rm {
        clock: before,
        members: removed.map(|(_, write)| write.tag.as_str()).collect(),
    });
    if !added.is_empty() {
        set.apply(orswot::Op::Add {
            dot: Dot::new(id.replica, id.seq),
            members: added.iter().map(|(_, write)| write.tag.as_str()).collect(),
        });
    }
}

/// The version of an event, itself included.
fn clock(history: &History, event: EventIndex) -> VClock<ReplicaId> {
    let mut clock = VClock::new();
    for (index, seq) in history.version_of(event).into_iter().enumerate() {
        if seq > 0 {
            let replica = history.replica(ReplicaIndex::new(index));
            clock.apply(Dot::new(replica, u64::from(seq)));
        }
    }
    clock
}
