//! What an event changed in what is displayed.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::id::LineId;

/// At `at`, `delete` characters went and `insert` came. Unicode scalar values of the displayed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSplice {
    pub line: LineId,
    pub at: u32,
    pub delete: u32,
    pub insert: String,
}

/// The difference between what was displayed before and after some events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    /// The title changed, or another property of the document as a whole.
    pub title: bool,
    /// Displayed lines, [`LineId::ROOT`] included, whose list of displayed children is, or may be,
    /// another or in another order.
    pub children: BTreeSet<LineId>,
    /// Displayed lines that appeared, or may stand elsewhere: under another displayed parent, or
    /// between others. A line that only has another neighbour because of these is not here.
    pub moved: BTreeSet<LineId>,
    /// In order. Complete for every line that is not in `lines`.
    pub splices: SmallVec<[TextSplice; 1]>,
    /// Lines to be read again as a whole: text, kind, tags or properties changed, or may
    /// have, or they appeared.
    pub lines: BTreeSet<LineId>,
    /// Lines that are no longer displayed. Those that were displayed below one of these, and are not
    /// displayed elsewhere now, may be left out.
    pub removed: BTreeSet<LineId>,
}

impl Patch {
    pub fn is_empty(&self) -> bool {
        *self == Patch::default()
    }
}
