//! What changes and events are before they are filled in, and the numbers of kinds of changes.

use tideline_model::{
    Boundary, Change, Event, EventId, Frontier, Kind, LineId, NewLine, ReplicaId, SlotId, SlotRef,
    UserId,
};
use uuid::Uuid;

pub(super) trait Blank {
    fn blank() -> Self;
}

impl Blank for EventId {
    fn blank() -> Self {
        let replica = ReplicaId(Uuid::nil());
        EventId { replica, seq: 0 }
    }
}

pub(super) fn blank_slot() -> SlotId {
    let event = EventId::blank();
    SlotId { event, index: 0 }
}

pub(super) fn blank_event() -> Event {
    Event {
        id: EventId::blank(),
        lamport: 0,
        time_ms: 0,
        author: UserId(Uuid::nil()),
        parents: Frontier::default(),
        changes: Vec::new(),
    }
}

pub(super) fn blank_line() -> NewLine {
    NewLine {
        id: LineId::ROOT,
        parent: LineId::ROOT,
        slot: SlotRef::START,
        kind: Kind::Text,
        text: String::new(),
    }
}

/// The number of a kind of change in a segment. Never used again for something else.
pub(super) fn number_of(change: &Change) -> u8 {
    match change {
        Change::CreateLines { .. } => 0,
        Change::EditText { .. } => 1,
        Change::Split { .. } => 2,
        Change::Join { .. } => 3,
        Change::Move { .. } => 4,
        Change::MoveBack { .. } => 5,
        Change::SetKind { .. } => 6,
        Change::SetProperty { .. } => 7,
        Change::AddTag { .. } => 8,
        Change::RemoveTag { .. } => 9,
        Change::DeleteLines { .. } => 10,
        Change::DeleteAgain { .. } => 11,
        Change::Restore { .. } => 12,
        Change::UndeleteText { .. } => 13,
        Change::Keep { .. } => 14,
        Change::SetTitle { .. } => 15,
        Change::Unknown { .. } => 16,
        Change::Undoes { .. } => 17,
        Change::Begins => 18,
        Change::Continues => 19,
    }
}

/// A change of that kind, to be filled in.
pub(super) fn blank_change(number: u64) -> Option<Change> {
    let (line, parent, slot) = (LineId::ROOT, LineId::ROOT, SlotRef::START);
    let (kind, text, lines) = (Kind::Text, String::new(), Vec::new());
    Some(match number {
        0 => Change::CreateLines { lines: Vec::new() },
        1 => Change::EditText {
            strand: line,
            at: 0,
            delete: 0,
            insert: text,
        },
        2 => Change::Split {
            strand: line,
            at: 0,
            line,
            kind,
            parent,
            slot,
            ordered: false,
        },
        3 => Change::Join {
            line,
            boundary: Boundary::End(line),
        },
        4 => Change::Move { line, parent, slot },
        5 => Change::MoveBack {
            line,
            parent,
            slot: blank_slot(),
        },
        6 => Change::SetKind { line, kind },
        7 => Change::SetProperty {
            line,
            name: text,
            value: None,
        },
        8 => Change::AddTag { line, tag: text },
        9 => Change::RemoveTag { line, tag: text },
        10 => Change::DeleteLines { lines },
        11 => Change::DeleteAgain { lines },
        12 => Change::Restore {
            line,
            deletions: Vec::new(),
        },
        13 => Change::UndeleteText {
            deletion: EventId::blank(),
        },
        14 => Change::Keep { line },
        15 => Change::SetTitle { title: text },
        16 => Change::Unknown {
            kind: 0,
            bytes: Vec::new(),
        },
        17 => Change::Undoes {
            event: EventId::blank(),
        },
        18 => Change::Begins,
        19 => Change::Continues,
        _ => return None,
    })
}
