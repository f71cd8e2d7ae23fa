//! What an event changed in what is displayed.

use std::collections::{BTreeSet, btree_set};
use std::ops::{Deref, DerefMut};

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
    pub children: LineSet,
    /// Displayed lines that appeared, or may stand elsewhere: under another displayed parent, or
    /// between others. A line that only has another neighbour because of these is not here.
    pub moved: LineSet,
    /// In order. Complete for every line that is not in `lines`.
    pub splices: SmallVec<[TextSplice; 1]>,
    /// Lines to be read again as a whole: text, kind, tags or properties changed, or may
    /// have, or they appeared.
    pub lines: LineSet,
    /// Lines that are no longer displayed. Those that were displayed below one of these, and are not
    /// displayed elsewhere now, may be left out.
    pub removed: LineSet,
}

impl Patch {
    pub fn is_empty(&self) -> bool {
        *self == Patch::default()
    }
}

/// Lines, each once, in the order of their ids. Takes no room while there are none: the patch of a
/// keystroke names none at all.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::box_collection,
    reason = "patches are moved often, with sets seldom"
)]
pub struct LineSet(Option<Box<BTreeSet<LineId>>>);

static NO_LINES: BTreeSet<LineId> = BTreeSet::new();

impl Deref for LineSet {
    type Target = BTreeSet<LineId>;

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().unwrap_or(&NO_LINES)
    }
}

impl DerefMut for LineSet {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for LineSet {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for LineSet {}

impl IntoIterator for LineSet {
    type Item = LineId;
    type IntoIter = btree_set::IntoIter<LineId>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.map(|lines| *lines).unwrap_or_default().into_iter()
    }
}

impl<'a> IntoIterator for &'a LineSet {
    type Item = &'a LineId;
    type IntoIter = btree_set::Iter<'a, LineId>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
