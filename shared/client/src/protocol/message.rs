//! What the core says to an interface.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[cfg(doc)]
use super::Command;
use super::{Caret, FilterMark, TextMatch};

/// From the core to an interface.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum Message {
    Boot {
        /// New line ids are `line_prefix` followed by `first_number`, `first_number + 1`, …
        line_prefix: String,
        #[ts(type = "number")]
        first_number: u64,
        /// How many ids the block holds; `Hello` again gives a new block.
        numbers: u32,
        user: Person,
        documents: Vec<DocumentEntry>,
        settings: serde_json::Map<String, serde_json::Value>,
        status: Status,
        version: String,
    },
    /// Ids for new lines from now on; those given out before must not be used any more.
    LineNumbers {
        line_prefix: String,
        #[ts(type = "number")]
        first_number: u64,
        numbers: u32,
    },
    Documents {
        documents: Vec<DocumentEntry>,
    },
    /// Answer to [`Command::CreateDocument`] of this connection.
    DocumentCreated {
        document: String,
        open_in: Option<u32>,
    },
    /// The rows of a panel; replaces what it showed. All of them, or of many a window. Revision
    /// counts up within the panel.
    PanelRows {
        panel: u32,
        revision: u32,
        /// The last `serial` of this panel that the rows contain.
        ack: u32,
        /// The panel goes on where another connection was cut: everything up to `ack` was taken, and
        /// nothing behind it. Otherwise serials begin anew after a cut.
        resumed: bool,
        document: String,
        title: String,
        /// The zoomed line, `None` for the whole document. It is the first row then, at depth 0, and
        /// its children follow at depth 1.
        root: Option<String>,
        breadcrumb: Vec<Crumb>,
        /// How many rows the panel has.
        total: u32,
        /// How many of them are above `rows`.
        first: u32,
        /// The document is still being read: there are more rows, and how many, and which of them
        /// these are, is told by the next patch. What is asked for meanwhile is done after it.
        early: bool,
        rows: Vec<Row>,
    },
    /// Applies to the rows of revision `revision - 1`, in order; places count from the first row
    /// that was sent.
    PanelPatch {
        panel: u32,
        revision: u32,
        ack: u32,
        total: u32,
        first: u32,
        changes: Vec<RowChange>,
    },
    /// The panel's document or zoomed line is gone; the interface shows `reason`.
    PanelClosed {
        panel: u32,
        reason: String,
    },
    /// The rows of a span, whole: with all of the first and the last one's texts.
    SpanRows {
        panel: u32,
        query_id: u32,
        rows: Vec<Row>,
        /// The span has more rows than are handed out.
        cut: bool,
    },
    /// The versions of a line's text, the latest first; `None` for a line that is not known.
    LineHistory {
        query_id: u32,
        versions: Option<Vec<LineVersion>>,
        /// There are older ones than are told.
        is_cut: bool,
    },
    /// Answer to [`Command::Filter`] and [`Command::FilterOn`].
    Filtered {
        panel: u32,
        query_id: u32,
        /// How many lines match, as far as they were looked at.
        found: u32,
        /// There are lines that were not looked at yet.
        more: bool,
        /// More lines match than are shown: the first ones.
        is_cut: bool,
        /// What is marked in the lines.
        marks: Vec<FilterMark>,
    },
    /// The next match, or where to look on; neither when there is nothing more that way.
    Found {
        panel: u32,
        query_id: u32,
        found: Option<TextMatch>,
        /// Rows above the one to look on from.
        next: Option<u32>,
    },
    Matches {
        panel: u32,
        query_id: u32,
        /// Of the rows that were looked at, those with matches: rows above, and where these begin.
        rows: Vec<(u32, Vec<u32>)>,
        /// Rows above the one to count on from.
        next: Option<u32>,
    },
    /// Answer to [`Command::ShowLine`].
    LineShown {
        panel: u32,
        line: String,
        /// How many rows are above it; `None` when the panel has no row for it: it is folded away,
        /// elsewhere, or gone.
        ordinal: Option<u32>,
    },
    PanelTitle {
        panel: u32,
        title: String,
        breadcrumb: Vec<Crumb>,
    },
    /// The whole set of other people's carets in this panel's document.
    Carets {
        panel: u32,
        carets: Vec<RemoteCaret>,
    },
    Status {
        status: Status,
    },
    SearchResults {
        query_id: u32,
        results: Vec<SearchResult>,
    },
    /// The best ones first.
    Places {
        query_id: u32,
        places: Vec<Place>,
    },
    /// Where the person is whom this interface follows; `root` is the line they are zoomed into.
    Followed {
        person: Person,
        document: String,
        root: Option<String>,
        caret: Caret,
    },
    /// Something the user must know: what happened, what is safe, what to do.
    Notice {
        level: NoticeLevel,
        text: String,
    },
    Settings {
        settings: serde_json::Map<String, serde_json::Value>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum NoticeLevel {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Person {
    pub id: String,
    pub name: String,
    /// 0 to 7: which of the eight presence colours.
    pub color: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DocumentEntry {
    pub id: String,
    pub title: String,
    /// Folder path of an import, `/`-separated, without the file's name; empty at the top.
    pub folder: String,
    #[ts(type = "number")]
    pub updated_ms: i64,
    /// Name of the group it is shared with; `None` while it is only on this machine.
    pub group: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Crumb {
    pub line: String,
    pub text: String,
}

/// One visible line of a panel. The interface's text document is the rows' texts, one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Row {
    pub id: String,
    /// The document root's id for topmost lines.
    pub parent: String,
    pub depth: u32,
    pub kind: String,
    pub text: String,
    pub has_children: bool,
    pub folded: bool,
    /// The number shown in front of a `numbered` line.
    pub number: Option<u32>,
    pub tags: Vec<String>,
    pub properties: Vec<Property>,
    pub newer_version: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Property {
    pub name: String,
    /// More than one where people disagreed at the same time.
    pub values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum RowChange {
    /// Rows `at .. at + delete` go, `insert` comes in their place.
    Splice {
        at: u32,
        delete: u32,
        insert: Vec<Row>,
    },
    /// The text of row `at` (whose id is `line`, as a check) changes.
    Text {
        at: u32,
        line: String,
        offset: u32,
        delete: u32,
        insert: String,
    },
    /// Row `at` is replaced, keeping its id: kind, depth, number, tags, text or folding changed.
    Row { at: u32, row: Row },
}

/// What a line said when its author paused, or somebody else went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LineVersion {
    /// The wall clock of the author's machine.
    #[ts(type = "number")]
    pub time_ms: i64,
    /// Without a name where nobody here has met them.
    pub author: Person,
    pub kind: String,
    /// When it was turned into its kind, where that is what began this version.
    #[ts(type = "number | null")]
    pub turned_ms: Option<i64>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RemoteCaret {
    pub person: Person,
    /// Distinguishes several windows of one person.
    pub replica: String,
    pub caret: Caret,
}

/// Where what was written is. Never says more than is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Status {
    pub disk: DiskStatus,
    /// Changes made but not yet fsynced.
    pub pending_disk: u32,
    pub server: ServerStatus,
    /// Changes on disk that the server has not acknowledged.
    pub pending_server: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum DiskStatus {
    Ok,
    /// Commits fail; what is typed stays in memory and is retried. `reason` is for people.
    Failing {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum ServerStatus {
    /// No server is configured.
    Off,
    Connecting {
        url: String,
    },
    Connected {
        url: String,
    },
    /// Tried again by itself after `retry_s` seconds.
    Offline {
        url: String,
        reason: String,
        retry_s: u32,
    },
    /// Not tried again until the user acts (token refused, version too old, …).
    Refused {
        url: String,
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchResult {
    pub document: String,
    pub title: String,
    /// `None` when the title itself matched.
    pub line: Option<String>,
    pub text: String,
    /// Matching ranges in `text`: start and end, Unicode scalar values.
    pub matches: Vec<(u32, u32)>,
}

/// Somewhere to go: a document, or a line of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Place {
    pub document: String,
    /// `None` for the document itself.
    pub line: Option<String>,
    /// The line's kind; empty for a document.
    pub kind: String,
    /// What the line says, or the document's title.
    pub text: String,
    /// Matching ranges in `text`: start and end, Unicode scalar values.
    pub matches: Vec<(u32, u32)>,
}
