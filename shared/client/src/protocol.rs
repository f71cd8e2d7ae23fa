//! What an interface and the core say to each other, as JSON. TypeScript types are generated from
//! these (`ui/src/bridge/generated`). Ids cross as their text forms; offsets count Unicode scalar
//! values; times are Unix milliseconds.

mod message;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use message::{
    Crumb, DiskStatus, DocumentEntry, LineVersion, Message, NoticeLevel, Person, Place, Property,
    RemoteCaret, Row, RowChange, SearchResult, ServerStatus, Status,
};

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
        /// Names what is written in the panel, through all its connections: a line id that stands for
        /// nothing else. Serials count within it.
        #[serde(default)]
        #[ts(optional)]
        stream: Option<String>,
        /// The panel was open before, on a connection that broke. Where nothing is known of its stream,
        /// what has arrived is told from its rows: they must not be older than the document.
        #[serde(default)]
        #[ts(optional)]
        again: Option<bool>,
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
    /// Shows only the lines that match, and what leads to them, until the panel is zoomed or opened
    /// anew; all of them for an empty query. Answered by [`Message::Filtered`], behind the patch that
    /// brings the rows. `near`: a line around which rows are wanted.
    Filter {
        panel: u32,
        query_id: u32,
        query: String,
        #[serde(default)]
        #[ts(optional)]
        near: Option<String>,
    },
    /// Has more lines looked at for the filter. Answered like `Filter`.
    FilterOn {
        panel: u32,
        query_id: u32,
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
    /// Asks what a line of the panel's document said before. Answered by [`Message::LineHistory`] with
    /// the same `query_id`.
    ReadLineHistory {
        panel: u32,
        query_id: u32,
        line: String,
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

impl Command {
    /// The panel that it is about.
    pub fn panel(&self) -> Option<u32> {
        match self {
            Command::OpenPanel { panel, .. }
            | Command::MoveWindow { panel, .. }
            | Command::ShowLine { panel, .. }
            | Command::ClosePanel { panel }
            | Command::SetFold { panel, .. }
            | Command::FoldAll { panel, .. }
            | Command::Zoom { panel, .. }
            | Command::Filter { panel, .. }
            | Command::FilterOn { panel, .. }
            | Command::Edit { panel, .. }
            | Command::EditSpan { panel, .. }
            | Command::ReadSpan { panel, .. }
            | Command::ReadLineHistory { panel, .. }
            | Command::Find { panel, .. }
            | Command::CountMatches { panel, .. }
            | Command::ReplaceMatches { panel, .. }
            | Command::Flush { panel }
            | Command::Undo { panel, .. }
            | Command::Redo { panel, .. }
            | Command::Caret { panel, .. } => Some(*panel),
            Command::Hello
            | Command::CreateDocument { .. }
            | Command::RenameDocument { .. }
            | Command::DeleteDocument { .. }
            | Command::MoveDocument { .. }
            | Command::Search { .. }
            | Command::Seek { .. }
            | Command::Follow { .. }
            | Command::Learned { .. }
            | Command::SetServer { .. }
            | Command::SetSetting { .. } => None,
        }
    }
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

/// What lines say that a filter shows, in any case, by Unicode's simple folding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilterMark {
    pub letters: String,
    /// No letter of a word follows (`\w` of UTS #18).
    pub is_name: bool,
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
