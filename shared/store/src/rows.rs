//! Rows as callers see them. Knows nothing of SQL.

use tideline_model::{DocumentId, GroupId, LineId, LineView};

/// A group of people who share documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    pub id: GroupId,
    pub name: String,
    pub home: GroupHome,
}

/// Where a group lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupHome {
    /// Only in this data folder.
    Local,
    /// On the sync server at this address.
    Server { url: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    pub id: DocumentId,
    pub group: GroupId,
    pub title: String,
    /// Folder names joined by `/`; empty at the top.
    pub folder: String,
    /// The last position of the server's log that is in this replica; 0 before the first.
    pub cursor: u64,
    /// `Document::hash` as of the last commit that gave one.
    pub hash: Option<u128>,
    /// Displayed lines.
    pub line_count: u64,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub deleted_ms: Option<i64>,
    /// Its text is gone for good; the row remains so that people can be told.
    pub destroyed_ms: Option<i64>,
}

/// A displayed line as the caller wants it stored, behind `after` among the children of
/// `line.parent` (`None`: first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    pub after: Option<LineId>,
    pub line: LineView,
}

/// A stored line with its local order key: siblings ascend by `ord`. Keys are this replica's own and
/// may be dealt anew by any commit; they never leave the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedLine {
    pub ord: i64,
    pub line: LineView,
}

/// A place that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub document: DocumentId,
    pub title: String,
    /// `None` when the title itself matched.
    pub line: Option<LineId>,
    /// The line's text, or the title.
    pub text: String,
    /// Matching ranges in `text`, start and end in Unicode scalar values; ascending, not touching.
    pub matches: Vec<(u32, u32)>,
}
