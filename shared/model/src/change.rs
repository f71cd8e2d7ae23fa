//! The closed set of changes that events are made of. What each does to a document, also against
//! concurrent ones, is written in `docs/merge.md`.

use crate::event::EventId;
use crate::id::LineId;
use crate::line::{Kind, Value};

/// A place among the siblings of one parent, made by the `index`-th placement of an event: counted
/// from 0 over the lines of `CreateLines`, the `Split`s and the `Move`s in the order of its changes,
/// those without effect included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId {
    pub event: EventId,
    pub index: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Left,
    Right,
}

/// What a new slot hangs from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotOrigin {
    /// The root of the tree, before the first slot; always with [`Side::Right`].
    Start,
    /// A slot made earlier in the same event: the `index` of its [`SlotId`].
    Own(u32),
    /// A slot made by an event that this one has seen.
    Slot(SlotId),
}

/// Where a slot hangs in the tree of slots that orders the children of one parent
/// (Fugue: Weidner & Kleppmann, "The Art of the Fugue", 2023). Constant size whatever the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotRef {
    pub origin: SlotOrigin,
    pub side: Side,
}

impl SlotRef {
    /// The first slot of a parent that has none yet.
    pub const START: SlotRef = SlotRef {
        origin: SlotOrigin::Start,
        side: Side::Right,
    };
}

/// The right end of a slice of a strand: the marker of a line, or the end of a strand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Boundary {
    /// In front of the marker of this line.
    Marker(LineId),
    /// Behind the last element of the strand that this line started.
    End(LineId),
}

/// A line as it is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Its replica must be the event's; otherwise the line is not created.
    pub id: LineId,
    pub parent: LineId,
    pub slot: SlotRef,
    pub kind: Kind,
    pub text: String,
}

/// One step of an event. Positions count elements of a strand: visible characters (Unicode scalar
/// values) and markers, as the author's version shows them, earlier changes of the event included.
/// A change that does not fit its version (a hostile or broken event) has no effect, everywhere
/// alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Each line starts a strand of its own, with its text. A later line may hang under, or beside,
    /// an earlier one.
    CreateLines {
        lines: Vec<NewLine>,
    },
    /// At `at`, deletes `delete` elements (markers among them stay), then inserts `insert`.
    EditText {
        strand: LineId,
        at: u32,
        delete: u32,
        insert: String,
    },
    /// Inserts the marker of the new line `line` at `at` and places that line, of the kind given,
    /// under `parent`. With `ordered`, the slot is a split key of `strand`: among slots with the same
    /// `slot` it stands in the order of the markers, before ordinary ones.
    Split {
        strand: LineId,
        at: u32,
        line: LineId,
        kind: Kind,
        parent: LineId,
        slot: SlotRef,
        ordered: bool,
    },
    /// Shows `line` behind the slice that ends at `boundary`, as a part of that displayed line.
    Join {
        line: LineId,
        boundary: Boundary,
    },
    Move {
        line: LineId,
        parent: LineId,
        slot: SlotRef,
    },
    /// Makes `line` show in the existing slot `slot` of `parent` again (undo of a move or a join).
    MoveBack {
        line: LineId,
        parent: LineId,
        slot: SlotId,
    },
    SetKind {
        line: LineId,
        kind: Kind,
    },
    /// `None` removes the property. Concurrent values are all kept until somebody chooses.
    SetProperty {
        line: LineId,
        name: String,
        value: Option<Value>,
    },
    AddTag {
        line: LineId,
        tag: String,
    },
    /// Removes the additions of `tag` that the author had seen.
    RemoveTag {
        line: LineId,
        tag: String,
    },
    /// Hides the lines and what is below them, sparing what the author had not seen.
    DeleteLines {
        lines: Vec<LineId>,
    },
    /// The same for lines that were hidden already, by the deletion of a line that this event takes
    /// them away from: without it they would show again. Not part of what an undo takes back.
    DeleteAgain {
        lines: Vec<LineId>,
    },
    /// Ends the deletions of `line` that these events made.
    Restore {
        line: LineId,
        deletions: Vec<EventId>,
    },
    /// Ends the text deletions that this earlier event made, in any strand.
    UndeleteText {
        deletion: EventId,
    },
    /// Says that `line` is wanted: it outlives deletions that had not seen this.
    Keep {
        line: LineId,
    },
    SetTitle {
        title: String,
    },
    /// Says that the author took back what this earlier event of the same replica did, or, when that
    /// took something back itself, did it again. Shows nothing; makes undo last through a restart.
    Undoes {
        event: EventId,
    },
    /// Says that an action of several events begins here. Shows nothing.
    Begins,
    /// Says that this event and its replica's event before it are one action, undone together. Shows
    /// nothing.
    Continues,
    /// A change of a kind that this version does not know. Kept, forwarded, shown as "made by a newer
    /// version"; has no effect here.
    Unknown {
        kind: u32,
        bytes: Vec<u8>,
    },
}
