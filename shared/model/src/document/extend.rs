//! Adding changes to an event that nobody has seen yet, and joining edits that touch.

use crate::change::{Change, SlotOrigin};
use crate::chars::char_count;
use crate::event::Event;
use crate::integrate::Counted;

/// Appends `changes`, whose own slots are counted from the first of them. Gives the number of the
/// first change that is new.
pub(super) fn append(event: &mut Event, changes: &[Change]) -> usize {
    let mut counted = Counted::default();
    for change in &event.changes {
        counted.add(change);
    }
    let from = event.changes.len();
    event.changes.extend_from_slice(changes);
    for change in &mut event.changes[from..] {
        shift_slots(change, counted.slots);
    }
    from
}

fn shift_slots(change: &mut Change, by: u32) {
    let shift = |origin: &mut SlotOrigin| {
        if let SlotOrigin::Own(index) = origin {
            *index = index.saturating_add(by);
        }
    };
    match change {
        Change::CreateLines { lines } => {
            for line in lines {
                shift(&mut line.slot.origin);
            }
        }
        Change::Split { slot, .. } | Change::Move { slot, .. } => shift(&mut slot.origin),
        _ => {}
    }
}

/// Joins the changes from number `from` on with those before them, where the elements that they
/// name and the ids of those they insert stay the same.
pub(super) fn merge_edits(event: &mut Event, from: usize) {
    let added = event.changes.split_off(from);
    for change in added {
        let merged = event
            .changes
            .last_mut()
            .is_some_and(|last| merge(last, &change));
        if !merged {
            event.changes.push(change);
        }
    }
}

fn merge(last: &mut Change, next: &Change) -> bool {
    let Change::EditText {
        strand,
        at,
        delete,
        insert,
    } = last
    else {
        return false;
    };
    let Change::EditText {
        strand: next_strand,
        at: next_at,
        delete: next_delete,
        insert: next_insert,
    } = next
    else {
        return false;
    };
    if strand != next_strand {
        return false;
    }
    if *next_delete == 0 && *next_at == *at + char_count(insert) {
        insert.push_str(next_insert);
        return true;
    }
    // Backspace upon backspace. Not deleting forward: a marker that stays would be counted twice.
    if insert.is_empty() && next_insert.is_empty() && next_at + next_delete == *at {
        *at = *next_at;
        *delete += next_delete;
        return true;
    }
    false
}
