//! What is between two places of a panel, whether an interface holds the rows or not: read, changed.

use tideline_model::{Intent, Kind, LineId, Patch, Placement};

use super::Dispatcher;
use crate::input::ConnectionId;
use crate::open_document::OpenDocument;
use crate::panel::Panel;
use crate::protocol::{Message, Span, SpanChange, TextPoint};

/// More rows are not handed out at once: what they say would not fit into a clipboard.
const ROWS_READ_MAX: usize = 100_000;

/// A span whose ends have rows.
#[derive(Debug, Clone, Copy)]
struct Ends {
    first: (LineId, u32),
    last: (LineId, u32),
    /// Rows above the first, and rows from there to the last.
    ordinal: usize,
    count: usize,
}

impl Dispatcher {
    pub(super) fn read_span(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        query_id: u32,
        span: &Span,
    ) {
        let Some((open, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let ends = ends(open, shown, span);
        let count = ends.map_or(0, |ends| ends.count);
        let rows = ends.map(|ends| {
            let count = count.min(ROWS_READ_MAX);
            shown.rows(&open.document, ends.ordinal, count)
        });
        let rows = rows.unwrap_or_default();
        let cut = count > ROWS_READ_MAX;
        let message = Message::SpanRows {
            panel,
            query_id,
            rows,
            cut,
        };
        self.tell(connection, message);
    }

    pub(super) fn edit_span(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        (serial, revision): (u32, u32),
        span: &Span,
        change: &SpanChange,
    ) {
        if self.is_taken(connection, panel, serial) {
            return;
        }
        let Some(slot) = self.slot(connection, panel) else {
            return;
        };
        slot.panel.confirm(revision);
        let Some((open, shown)) = self.open_slot(connection, panel) else {
            return;
        };
        let intents = ends(open, shown, span).map(|ends| intents(open, shown, ends, change));
        self.carry_out_all(connection, panel, serial, intents.unwrap_or_default());
    }

    /// Carries out intents of a panel as one action.
    pub(super) fn carry_out_all(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        serial: u32,
        intents: Vec<Intent>,
    ) {
        let Some(document) = self.panel_document(connection, panel) else {
            return;
        };
        self.note_taken(connection, panel, serial);
        if let Some(open) = self.documents.get_mut(&document) {
            open.end_typing();
            open.begin_long_gesture();
        }
        let mut patch = Patch::default();
        for intent in intents {
            if let Err(error) = self.carry_out(document, intent, &mut patch) {
                let text = format!("This could not be done: {error}. Nothing else has changed.");
                self.warn(Some(connection), text);
                break;
            }
        }
        self.end_gesture(document);
        if patch.is_empty() {
            self.receipt(connection, panel);
        } else {
            // What the panel does not hold it has not drawn: the patch is news to it.
            self.broadcast(document, &patch, None);
            self.receipt(connection, panel);
        }
    }

    pub(super) fn open_slot(
        &self,
        connection: ConnectionId,
        panel: u32,
    ) -> Option<(&OpenDocument, &Panel)> {
        let slot = self.interfaces.get(&connection)?.panels.get(&panel)?;
        Some((self.documents.get(&slot.document)?, &slot.panel))
    }
}

fn ends(open: &OpenDocument, panel: &Panel, span: &Span) -> Option<Ends> {
    let document = &open.document;
    let total = panel.extent().total;
    let place = |point: &TextPoint| {
        let line: LineId = point.line.parse().ok()?;
        let ordinal = panel.ordinal_of(document, line)?;
        Some((ordinal, line, point.offset))
    };
    let first = match &span.from {
        Some(point) => place(point)?,
        None => (0, panel.line_at(document, 0)?, 0),
    };
    let end = || {
        let line = panel.line_at(document, total.checked_sub(1)?)?;
        let text = document.text(line)?;
        Some((total - 1, line, text.chars().count() as u32))
    };
    let last = span.to.as_ref().map_or_else(end, place)?;
    Some(Ends {
        first: (first.1, first.2),
        last: (last.1, last.2),
        ordinal: first.0,
        count: (last.0 + 1).checked_sub(first.0)?,
    })
}

fn intents(open: &OpenDocument, panel: &Panel, ends: Ends, change: &SpanChange) -> Vec<Intent> {
    let document = &open.document;
    let runs = || panel.top_runs(document, ends.ordinal, ends.count);
    let moves = |target: fn(&OpenDocument, &[LineId]) -> Option<Placement>| {
        let moved = |lines: Vec<LineId>| {
            let placement = target(open, &lines)?;
            Some(Intent::Move { lines, placement })
        };
        runs().into_iter().filter_map(moved).collect()
    };
    match change {
        SpanChange::Replace { insert } => replacement(ends, insert),
        SpanChange::Delete => {
            let lines = runs().concat();
            let delete = Intent::Delete { lines };
            vec![delete]
        }
        SpanChange::Indent => moves(indented),
        SpanChange::Outdent => {
            let inside = |lines: &Vec<LineId>| {
                let parent = lines.first().and_then(|line| document.parent(*line));
                parent != panel.root() && parent != Some(LineId::ROOT)
            };
            let runs = runs().into_iter().filter(inside);
            let moved = |lines: Vec<LineId>| {
                let placement = outdented(open, &lines)?;
                Some(Intent::Move { lines, placement })
            };
            runs.filter_map(moved).collect()
        }
        SpanChange::MoveUp => moves(moved_up),
        SpanChange::MoveDown => moves(moved_down),
        SpanChange::SetKind { kind } => {
            let lines = panel.lines(document, ends.ordinal, ends.count);
            let kind: Kind = crate::translate::parse_kind(kind);
            vec![Intent::SetKind { lines, kind }]
        }
    }
}

fn replacement(ends: Ends, insert: &str) -> Vec<Intent> {
    let ((first, first_at), (last, last_at)) = (ends.first, ends.last);
    let delete = if first == last {
        Intent::EditText {
            line: first,
            at: first_at,
            delete: last_at.saturating_sub(first_at),
            insert: String::new(),
        }
    } else {
        Intent::DeleteRange {
            first,
            first_at,
            last,
            last_at,
        }
    };
    let insert = (!insert.is_empty()).then(|| Intent::EditText {
        line: first,
        at: first_at,
        delete: 0,
        insert: crate::translate::one_line(insert.to_owned()),
    });
    std::iter::once(delete).chain(insert).collect()
}

/// Below the sibling above.
fn indented(open: &OpenDocument, lines: &[LineId]) -> Option<Placement> {
    let document = &open.document;
    let parent = document.previous_sibling(*lines.first()?)?;
    let last = document.child_count(parent).checked_sub(1);
    let after = last.and_then(|last| document.child_at(parent, last));
    Some(Placement { parent, after })
}

/// Behind the parent.
fn outdented(open: &OpenDocument, lines: &[LineId]) -> Option<Placement> {
    let document = &open.document;
    let behind = document.parent(*lines.first()?)?;
    let parent = document.parent(behind)?;
    let after = Some(behind);
    Some(Placement { parent, after })
}

/// In front of the sibling above.
fn moved_up(open: &OpenDocument, lines: &[LineId]) -> Option<Placement> {
    let document = &open.document;
    let above = document.previous_sibling(*lines.first()?)?;
    let parent = document.parent(above)?;
    let after = document.previous_sibling(above);
    Some(Placement { parent, after })
}

/// Behind the sibling below.
fn moved_down(open: &OpenDocument, lines: &[LineId]) -> Option<Placement> {
    let document = &open.document;
    let below = document.next_sibling(*lines.last()?)?;
    let parent = document.parent(below)?;
    let after = Some(below);
    Some(Placement { parent, after })
}
