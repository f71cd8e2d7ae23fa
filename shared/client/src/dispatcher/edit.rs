//! Edits of a panel: checked, moved over what the panel had not seen, carried out, sent to all.

use std::collections::{BTreeSet, VecDeque};

use tideline_model::{DocumentId, Event, Intent, LineId, Patch};

use super::Dispatcher;
use super::command::next_patch;
use crate::input::{ConnectionId, Effect, Input};
use crate::open_document::OpenDocument;
use crate::protocol::{Command, DraftRow, EditIntent};
use crate::transform::Step;
use crate::translate::translate;
use crate::undo::{Direction, EventRange};

impl Dispatcher {
    pub(super) fn edit(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        serial: u32,
        revision: u32,
        intents: Vec<EditIntent>,
    ) {
        let Some(document) = self.panel_document(connection, panel) else {
            return;
        };
        if self.is_taken(connection, panel, serial) {
            return;
        }
        if let Some(slot) = self.slot(connection, panel) {
            slot.panel.confirm(revision);
        }
        self.note_taken(connection, panel, serial);
        self.begin_batch(document, &intents);
        let mut patch = Patch::default();
        for intent in intents {
            self.edit_one(connection, panel, document, intent, &mut patch);
        }
        self.end_gesture(document);
        if patch.is_empty() {
            self.receipt(connection, panel);
        } else {
            self.broadcast(document, &patch, Some((connection, panel)));
        }
    }

    /// Typing goes on with the action before it; all else does not. What is typed at several carets at
    /// once is an event of its own.
    fn begin_batch(&mut self, document: DocumentId, intents: &[EditIntent]) {
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        let lines: Option<BTreeSet<&String>> = intents.iter().map(typed_line).collect();
        let in_steps = |intent: &EditIntent| matches!(intent, EditIntent::PutBack { .. });
        match lines {
            None if intents.len() > 1 || intents.iter().any(in_steps) => open.begin_long_gesture(),
            Some(lines) if lines.len() > 1 => open.begin_typing_apart(),
            _ => {}
        }
    }

    fn edit_one(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        document: DocumentId,
        intent: EditIntent,
        patch: &mut Patch,
    ) {
        let intent = match self.documents.get(&document) {
            Some(open) => copied_if_there(open, intent),
            None => intent,
        };
        let steps = match translate(intent, self.identity.replica) {
            Ok(steps) => steps,
            Err(error) => {
                return self.warn(
                    Some(connection),
                    format!("This could not be done: {error}."),
                );
            }
        };
        for step in steps {
            if let Some(slot) = self.slot(connection, panel)
                && let Some(line) = line_of(&step)
            {
                slot.panel.focus(line);
            }
            for intent in self.up_to_date(connection, panel, document, step) {
                if let Err(error) = self.carry_out(document, intent, patch) {
                    let text =
                        format!("This could not be done: {error}. Nothing else has changed.");
                    self.warn(Some(connection), text);
                }
            }
        }
    }

    /// `intent` as it must be carried out now: offsets moved over what the panel had not seen, lines
    /// that have meanwhile been hidden brought back first.
    fn up_to_date(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        document: DocumentId,
        intent: Intent,
    ) -> Vec<Intent> {
        let Some(slot) = self
            .interfaces
            .get_mut(&connection)
            .and_then(|one| one.panels.get_mut(&panel))
        else {
            return Vec::new();
        };
        let Some(open) = self.documents.get(&document) else {
            return Vec::new();
        };
        let panel = &mut slot.panel;
        match intent {
            Intent::EditText {
                line,
                at,
                delete,
                insert,
            } => {
                let mut steps = Vec::new();
                if delete > 0 {
                    steps.push(Step::Delete { at, length: delete });
                }
                if !insert.is_empty() {
                    steps.push(Step::Insert {
                        at,
                        length: insert.chars().count() as u32,
                    });
                }
                let steps = panel.rebase(line, steps);
                text_intents(open, line, steps, insert)
            }
            Intent::Split {
                line,
                at,
                new_line,
                kind,
            } => {
                let at = panel.rebase_point(line, at);
                let (line, at) = fitted(open, line, at);
                revived(
                    open,
                    line,
                    Intent::Split {
                        line,
                        at,
                        new_line,
                        kind,
                    },
                )
            }
            Intent::DeleteRange {
                first,
                first_at,
                last,
                last_at,
            } => {
                let (first, first_at) = fitted(open, first, panel.rebase_point(first, first_at));
                let (last, last_at) = fitted(open, last, panel.rebase_point(last, last_at));
                vec![Intent::DeleteRange {
                    first,
                    first_at,
                    last,
                    last_at,
                }]
            }
            other => vec![other],
        }
    }

    pub(super) fn step_history(
        &mut self,
        connection: ConnectionId,
        panel: u32,
        serial: u32,
        direction: Direction,
    ) {
        let stamp = self.stamp();
        let Some(document) = self.panel_document(connection, panel) else {
            return;
        };
        let Some(slot) = self.slot(connection, panel) else {
            return;
        };
        let serial = slot.panel.ack.max(serial);
        let Some(open) = self.documents.get_mut(&document) else {
            return;
        };
        let patch = match open.step_history(direction, stamp) {
            Ok(patch) => patch,
            Err(missing) => {
                let command = step_command(direction, panel, serial);
                let again = Input::Command(connection, command);
                return self.read_own_events(document, missing, again);
            }
        };
        self.note_taken(connection, panel, serial);
        if patch.is_empty() {
            self.receipt(connection, panel);
        } else {
            self.broadcast(document, &patch, None);
        }
    }

    /// Has events read that this replica wrote long ago; `input` and all that comes for the document
    /// waits for them.
    fn read_own_events(&mut self, document: DocumentId, events: EventRange, input: Input) {
        let Some(open) = self.documents.get(&document) else {
            return;
        };
        self.effects
            .push(Effect::ReadEvents(open.group, document, events));
        self.loading.insert(document, VecDeque::from([input]));
    }

    /// The events that an undo waits for. Without them that action is passed over.
    pub(super) fn own_events(&mut self, document: DocumentId, events: Result<Vec<Event>, String>) {
        let mut waiting = self.loading.remove(&document).unwrap_or_default();
        match (self.documents.get_mut(&document), events) {
            (Some(open), Ok(events)) => open.undo.keep(events),
            (Some(open), Err(reason)) => {
                let text = format!(
                    "An action of long ago cannot be undone: {reason}. The document is as it was."
                );
                let step = waiting.pop_front();
                if let Some(Input::Command(connection, command)) = step {
                    open.undo.skip(direction_of(&command));
                    self.warn(Some(connection), text);
                }
            }
            (None, _) => {}
        }
        waiting.into_iter().for_each(|input| self.take(input));
    }

    /// Tells a panel that its edit has been taken although it changed nothing.
    pub(super) fn receipt(&mut self, connection: ConnectionId, panel: u32) {
        let Some(slot) = self.slot(connection, panel) else {
            return;
        };
        let message = next_patch(panel, slot, Vec::new());
        self.effects.push(Effect::Tell(connection, message));
    }
}

/// The line that is typed in.
fn typed_line(intent: &EditIntent) -> Option<&String> {
    match intent {
        EditIntent::EditText { line, .. } => Some(line),
        _ => None,
    }
}

/// Where somebody writes.
fn line_of(intent: &Intent) -> Option<LineId> {
    match intent {
        Intent::EditText { line, .. } | Intent::Split { line, .. } => Some(*line),
        Intent::Join { into, .. } => Some(*into),
        Intent::DeleteRange { first, .. } => Some(*first),
        Intent::Move { lines, .. } | Intent::SetKind { lines, .. } => lines.first().copied(),
        Intent::CreateLines { placement, .. } => placement.after,
        _ => None,
    }
}

/// Lines that are in the document again are not put back a second time: they are copied.
fn copied_if_there(open: &OpenDocument, intent: EditIntent) -> EditIntent {
    let is_there = |row: &DraftRow| {
        let line = row.id.parse();
        line.is_ok_and(|line| open.document.is_visible(line))
    };
    match intent {
        EditIntent::PutBack {
            lines,
            copies,
            parent,
            after,
        } if lines.iter().any(is_there) => {
            let copy = |(row, id): (DraftRow, String)| DraftRow { id, ..row };
            EditIntent::CreateLines {
                parent,
                after,
                lines: lines.into_iter().zip(copies).map(copy).collect(),
            }
        }
        other => other,
    }
}

fn direction_of(command: &Command) -> Direction {
    match command {
        Command::Redo { .. } => Direction::Redo,
        _ => Direction::Undo,
    }
}

fn step_command(direction: Direction, panel: u32, serial: u32) -> Command {
    match direction {
        Direction::Undo => Command::Undo { panel, serial },
        Direction::Redo => Command::Redo { panel, serial },
    }
}

/// The steps of an edit as intents that fit the line as it is now.
fn text_intents(
    open: &OpenDocument,
    line: LineId,
    steps: Vec<Step>,
    insert: String,
) -> Vec<Intent> {
    let mut insert = Some(insert);
    let mut intents: Vec<Intent> = Vec::new();
    let mut length = length_of(open, line);
    for step in steps {
        let (at, delete, insert) = match step {
            Step::Delete { at, length } => (at, length, String::new()),
            Step::Insert { at, .. } => (at, 0, insert.take().unwrap_or_default()),
        };
        let at = at.min(length);
        let delete = delete.min(length - at);
        length = length - delete + insert.chars().count() as u32;
        match intents.last_mut() {
            // Replacing a selection stays one edit.
            Some(Intent::EditText {
                at: before,
                insert: text,
                ..
            }) if *before == at && text.is_empty() && delete == 0 => {
                *text = insert;
            }
            _ => intents.push(Intent::EditText {
                line,
                at,
                delete,
                insert,
            }),
        }
    }
    let (target, offset) = target(open, line);
    for intent in &mut intents {
        if let Intent::EditText { line, at, .. } = intent {
            (*line, *at) = (target, *at + offset);
        }
    }
    if open.document.is_visible(target) {
        return intents;
    }
    let restore = Intent::Restore {
        lines: vec![target],
    };
    std::iter::once(restore).chain(intents).collect()
}

/// The displayed line that shows `line` now, and how far behind its start. A line that has meanwhile
/// been joined to another shows as the end of that one.
fn target(open: &OpenDocument, line: LineId) -> (LineId, u32) {
    match open.document.displayed(line) {
        Some(host) if host != line => (host, length_of(open, host)),
        _ => (line, 0),
    }
}

fn fitted(open: &OpenDocument, line: LineId, at: u32) -> (LineId, u32) {
    let (line, offset) = target(open, line);
    (line, (at + offset).min(length_of(open, line)))
}

fn revived(open: &OpenDocument, line: LineId, intent: Intent) -> Vec<Intent> {
    if open.document.is_visible(line) {
        return vec![intent];
    }
    vec![Intent::Restore { lines: vec![line] }, intent]
}

/// The length of a line's own text, also while it is hidden; 0 for one that was joined to another,
/// because what is typed there then goes behind its host.
fn length_of(open: &OpenDocument, line: LineId) -> u32 {
    if open
        .document
        .displayed(line)
        .is_some_and(|host| host != line)
    {
        return 0;
    }
    open.document
        .line(line)
        .map_or(0, |view| view.text.chars().count() as u32)
}
