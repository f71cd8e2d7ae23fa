//! What somebody wants done, in terms of displayed lines. [`crate::Document::plan`] turns an intent
//! into the changes of one event.

use crate::id::LineId;
use crate::line::{Kind, Value};

/// Where among the displayed children of `parent`: behind `after`, or first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    pub parent: LineId,
    pub after: Option<LineId>,
}

/// One line of a tree to be created; `depth` 0 is a child of the placement's parent, and a line may
/// be at most one deeper than the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    pub id: LineId,
    pub depth: u32,
    pub kind: Kind,
    pub text: String,
    pub properties: Vec<(String, Value)>,
    pub tags: Vec<String>,
}

/// A gesture. Offsets count Unicode scalar values in the displayed text of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Typing, deleting or replacing inside one displayed line.
    EditText {
        line: LineId,
        at: u32,
        delete: u32,
        insert: String,
    },
    /// Enter inside or at the end of a line: `new_line` gets the text behind `at`, is of kind `kind`,
    /// and becomes the next sibling; with `at` 0 on a line with text, an empty `new_line` goes above
    /// instead. At the end of a line an empty line is created.
    Split {
        line: LineId,
        at: u32,
        new_line: LineId,
        kind: Kind,
    },
    /// Backspace at the start of `line`: its text goes behind that of the displayed line `into`, its
    /// children behind the children of `into`; or in its own place, when it was a child of `into`.
    Join {
        line: LineId,
        into: LineId,
    },
    /// Deletes from (`first`, `first_at`) to (`last`, `last_at`), two displayed lines in display
    /// order, and joins what is left of them into `first`. The lines between are deleted; children of
    /// theirs that stand behind `last`, and those of `last`, become children of `first`. All that is
    /// left keeps its order on the screen.
    DeleteRange {
        first: LineId,
        first_at: u32,
        last: LineId,
        last_at: u32,
    },
    CreateLines {
        placement: Placement,
        lines: Vec<DraftLine>,
    },
    /// Moves the lines, with what is below them, to stand one behind the other at the placement.
    Move {
        lines: Vec<LineId>,
        placement: Placement,
    },
    SetKind {
        lines: Vec<LineId>,
        kind: Kind,
    },
    SetProperty {
        line: LineId,
        name: String,
        value: Option<Value>,
    },
    AddTag {
        line: LineId,
        tag: String,
    },
    RemoveTag {
        line: LineId,
        tag: String,
    },
    /// Deletes the lines and everything below them.
    Delete {
        lines: Vec<LineId>,
    },
    /// Ends every deletion in force on these lines.
    Restore {
        lines: Vec<LineId>,
    },
    SetTitle {
        title: String,
    },
}
