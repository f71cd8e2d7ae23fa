//! What an interface and the core say to each other, as JSON. TypeScript types are generated from
//! these (`ui/src/bridge/generated`). Ids cross as their text forms; offsets count Unicode scalar
//! values; times are Unix milliseconds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// From an interface to the core. `panel` is a number the interface chooses, unique per connection.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum Command {
    /// First message of a connection (a window, a browser tab). Answered by [`Message::Boot`].
    Hello,
    CreateDocument {
        title: String,
        open_in: Option<u32>,
    },
    RenameDocument {
        document: String,
        title: String,
    },
    DeleteDocument {
        document: String,
    },
    /// Puts a document into a folder: names joined by `/`, empty for the top.
    MoveDocument {
        document: String,
        folder: String,
    },
    /// Subscribes. Answered by [`Message::PanelRows`]; repeating it starts the panel anew.
    OpenPanel {
        panel: u32,
        document: String,
        root: Option<String>,
        /// What was folded when the panel was open before.
        #[serde(default)]
        #[ts(optional)]
        folds: Option<Folds>,
        /// A line around which rows are wanted when the panel has too many to be held at once.
        #[serde(default)]
        #[ts(optional)]
        near: Option<String>,
    },
    /// Has other rows held, from the one with so many rows above it. Answered by
    /// [`Message::PanelPatch`], unless the panel is held whole.
    MoveWindow {
        panel: u32,
        first: u32,
    },
    /// Has the rows around a line held. Answered by [`Message::LineShown`], behind the patch that
    /// brings them.
    ShowLine {
        panel: u32,
        line: String,
    },
    ClosePanel {
        panel: u32,
    },
    SetFold {
        panel: u32,
        line: String,
        folded: bool,
    },
    FoldAll {
        panel: u32,
        folded: bool,
    },
    /// `None`: the whole document.
    Zoom {
        panel: u32,
        root: Option<String>,
    },
    /// What the user did, in order; undone together. `serial` counts the batches of this panel from
    /// 1; `revision` is the last panel revision that the interface had applied.
    Edit {
        panel: u32,
        serial: u32,
        revision: u32,
        intents: Vec<EditIntent>,
    },
    /// Changes what is between two places of a panel, whether its rows are held or not. `serial` and
    /// `revision` as with `Edit`.
    EditSpan {
        panel: u32,
        serial: u32,
        revision: u32,
        span: Span,
        change: SpanChange,
    },
    /// Asks for the rows between two places. Answered by [`Message::SpanRows`] with the same
    /// `query_id`.
    ReadSpan {
        panel: u32,
        query_id: u32,
        span: Span,
    },
    /// Looks for a text in some rows: from `offset` in the row with `ordinal` rows above it on, or
    /// before that. Answered by [`Message::Found`] with the same `query_id`.
    Find {
        panel: u32,
        query_id: u32,
        query: FindQuery,
        ordinal: u32,
        offset: u32,
        backwards: bool,
    },
    /// Counts matches in some rows from the one with `ordinal` rows above it on. Answered by
    /// [`Message::Matches`] with the same `query_id`.
    CountMatches {
        panel: u32,
        query_id: u32,
        query: FindQuery,
        ordinal: u32,
    },
    /// Replaces all matches in a panel, as one action.
    ReplaceMatches {
        panel: u32,
        serial: u32,
        query: FindQuery,
        replacement: String,
    },
    /// Ends the coalescing of keystrokes, and the action that undo takes back: blur, pause, before
    /// and after a change that is undone by itself, or before the window closes.
    Flush {
        panel: u32,
    },
    Undo {
        panel: u32,
        serial: u32,
    },
    Redo {
        panel: u32,
        serial: u32,
    },
    /// Where this panel's caret is; `None` when the panel has no focus.
    Caret {
        panel: u32,
        caret: Option<Caret>,
    },
    /// Answered by [`Message::SearchResults`] with the same `query_id`.
    Search {
        query_id: u32,
        text: String,
        document: Option<String>,
    },
    /// Asks where one may want to go. Answered by [`Message::Places`] with the same `query_id`.
    Seek {
        query_id: u32,
        text: String,
        /// The document whose headings and lines are wanted too.
        document: Option<String>,
        scope: SeekScope,
    },
    /// Tells where that person is, now and whenever they move, as [`Message::Followed`]; `None` ends it.
    Follow {
        person: Option<String>,
    },
    /// The user did what a line of the Welcome document teaches.
    Learned {
        lesson: Lesson,
    },
    /// Connects this replica to a sync server, or disconnects it (`None`).
    SetServer {
        server: Option<ServerAddress>,
    },
    SetSetting {
        name: String,
        value: serde_json::Value,
    },
}

/// A place in a line's text, in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TextPoint {
    pub line: String,
    pub offset: u32,
}

/// What is between two places of a panel, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Span {
    /// `None`: the beginning of the first row.
    pub from: Option<TextPoint>,
    /// `None`: the end of the last row.
    pub to: Option<TextPoint>,
}

/// What is done to a [`Span`]. All but `Replace` are about its whole lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum SpanChange {
    Replace { insert: String },
    Delete,
    Indent,
    Outdent,
    MoveUp,
    MoveDown,
    SetKind { kind: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindQuery {
    pub text: String,
    pub case_sensitive: bool,
    pub whole_word: bool,
    pub regexp: bool,
}

/// Where a text was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TextMatch {
    pub line: String,
    pub offset: u32,
    pub length: u32,
}

/// Which lines of a panel are folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Folds {
    /// Everything is folded but `lines`; otherwise only `lines` are.
    pub all: bool,
    pub lines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SeekScope {
    /// Documents by title; headings and lines of the document named.
    Everything,
    /// Only headings of the document named; all of them, in order, when no text is given.
    Headings,
}

/// What the lines of the Welcome document teach, one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Lesson {
    Write,
    Indent,
    Move,
    Complete,
    Fold,
    Zoom,
    Prefix,
    Palette,
    Split,
    Import,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ServerAddress {
    /// `ws://` or `wss://`.
    pub url: String,
    pub token: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Caret {
    pub line: String,
    pub offset: u32,
    pub anchor_line: String,
    pub anchor_offset: u32,
}

/// A gesture in a panel, on displayed lines. New lines carry ids taken from the block in
/// [`Message::Boot`], in order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum EditIntent {
    EditText {
        line: String,
        at: u32,
        delete: u32,
        insert: String,
    },
    /// Text behind `at` goes to `new_line`, the next sibling; children stay with `line`. With `at` 0
    /// on a line with text, the empty `new_line` goes above. (To start a first child, use
    /// `CreateLines`.)
    Split {
        line: String,
        at: u32,
        new_line: String,
        kind: String,
    },
    Join {
        line: String,
        into: String,
    },
    DeleteRange {
        first: String,
        first_at: u32,
        last: String,
        last_at: u32,
    },
    CreateLines {
        parent: String,
        after: Option<String>,
        lines: Vec<DraftRow>,
    },
    Move {
        lines: Vec<String>,
        parent: String,
        after: Option<String>,
    },
    SetKind {
        lines: Vec<String>,
        kind: String,
    },
    SetProperty {
        line: String,
        name: String,
        value: Option<String>,
    },
    AddTag {
        line: String,
        tag: String,
    },
    RemoveTag {
        line: String,
        tag: String,
    },
    Delete {
        lines: Vec<String>,
    },
    Restore {
        lines: Vec<String>,
    },
    /// Brings deleted lines back, the topmost of `lines` with all that was below them, to stand at a
    /// place of their document. `lines` says what they were. Where one of them is in the document
    /// again, copies are made of them instead, under the new ids in `copies`, one a line.
    PutBack {
        lines: Vec<DraftRow>,
        copies: Vec<String>,
        parent: String,
        after: Option<String>,
    },
    SetTitle {
        title: String,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DraftRow {
    pub id: String,
    /// 0: a child of the parent named; at most one more than the row before.
    pub depth: u32,
    pub kind: String,
    pub text: String,
}

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
