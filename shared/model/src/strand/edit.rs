//! Changes of visible text, told in slices. Knows nothing of events.

use smallvec::SmallVec;

use crate::chars::char_count;
use crate::index::LineIndex;

/// A change of visible text inside one slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The line of the slice.
    pub owner: LineIndex,
    pub at: u32,
    pub delete: u32,
    pub insert: String,
}

/// Who wants to know what changed.
pub(crate) trait Report {
    /// In the slice of `owner`, at `at`, `delete` characters went, then `insert` came.
    fn edited(&mut self, owner: LineIndex, at: u32, delete: u32, insert: &str);
}

/// Nobody.
impl Report for () {
    fn edited(&mut self, _: LineIndex, _: u32, _: u32, _: &str) {}
}

/// The edits of one change: one, nearly always.
pub(crate) type Edits = SmallVec<[Edit; 1]>;

/// Edits that touch become one.
impl Report for Edits {
    fn edited(&mut self, owner: LineIndex, at: u32, delete: u32, insert: &str) {
        if let Some(last) = self.last_mut()
            && last.owner == owner
        {
            if last.insert.is_empty() && last.at == at {
                last.delete += delete;
                insert.clone_into(&mut last.insert);
                return;
            }
            let is_insertion = last.delete == 0 && delete == 0;
            if is_insertion && at == last.at + char_count(&last.insert) {
                last.insert.push_str(insert);
                return;
            }
        }
        self.push(Edit {
            owner,
            at,
            delete,
            insert: insert.to_owned(),
        });
    }
}
