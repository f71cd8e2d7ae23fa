//! A document in memory, between the dispatcher's intents and the writer's commits: keystrokes
//! become events here, events become batches. Knows nothing of panels, connections or the disk.

use std::collections::{BTreeSet, HashMap};

use tideline_model::{
    ApplyError, Change, Document, Event, EventId, GroupId, Intent, IntentError, LineId, Patch,
    ReplicaId, UserId,
};
use tideline_store::{Commit, LineRow, Origin};
use tideline_wire::{SealedBatch, open, seal_all};

use crate::catalogue;
use crate::undo::{Action, UndoHistory};

/// Keystrokes join one event while they follow each other within this time…
const TYPING_PAUSE_MS: i64 = 150;
/// … and at most for so long.
const TYPING_MS_MAX: i64 = 600;
/// … and up to so much text.
const TYPING_BYTES_MAX: usize = 16 * 1024;

/// Who writes, and when.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    pub replica: ReplicaId,
    pub author: UserId,
    pub now_ms: i64,
}

/// The event that keystrokes are still joining.
#[derive(Debug, Clone, Copy)]
struct Typing {
    event: EventId,
    line: LineId,
    since_ms: i64,
    last_ms: i64,
    bytes: usize,
}

/// Something applied that no commit holds yet, in the order of application.
#[derive(Debug)]
enum Unsaved {
    Own(EventId),
    Remote(SealedBatch),
}

/// What the rows on disk lack.
#[derive(Debug, Default)]
struct Dirty {
    lines: BTreeSet<LineId>,
    removed: BTreeSet<LineId>,
    structure: bool,
    title: bool,
}

pub struct OpenDocument {
    pub document: Document,
    pub group: GroupId,
    typing: Option<Typing>,
    unsaved: Vec<Unsaved>,
    dirty: Dirty,
    cursor: Option<u64>,
    /// Whether a commit of this document is on its way to the disk.
    in_flight: bool,
    /// Own events not yet durable, the open one included.
    pending_disk: u32,
    in_flight_events: u32,
    /// Where each stored row stands: parent and previous sibling.
    places: HashMap<LineId, (LineId, Option<LineId>)>,
    pub undo: UndoHistory,
    /// The rows on disk are older than the events: the program was killed between the two.
    pub rows_are_stale: bool,
    /// When somebody last looked at it, for closing what is idle.
    pub used_ms: i64,
}

impl OpenDocument {
    /// `document` as the stored events give it; its rows are taken to be on disk.
    pub fn new(document: Document, group: GroupId, now_ms: i64) -> Self {
        let mut open = Self {
            document,
            group,
            typing: None,
            unsaved: Vec::new(),
            dirty: Dirty::default(),
            cursor: None,
            in_flight: false,
            pending_disk: 0,
            in_flight_events: 0,
            places: HashMap::new(),
            undo: UndoHistory::default(),
            rows_are_stale: false,
            used_ms: now_ms,
        };
        open.places = open.read_places().into_iter().collect();
        open
    }

    /// Whether nothing of it is anywhere but on disk.
    pub fn is_settled(&self) -> bool {
        self.typing.is_none() && !self.in_flight && !self.has_unsaved()
    }

    pub fn pending_disk(&self) -> u32 {
        self.pending_disk
    }

    /// Carries out a gesture. Typing on one line joins the event before it; anything else ends that
    /// event and makes its own.
    ///
    /// # Errors
    /// [`IntentError`]; nothing has changed then.
    pub fn edit(&mut self, intent: &Intent, stamp: Stamp) -> Result<Patch, IntentError> {
        let changes = self.document.plan(intent)?;
        if changes.is_empty() {
            return Ok(Patch::default());
        }
        let patch = if let Intent::EditText { line, insert, .. } = intent {
            self.type_text(*line, insert.len(), changes, stamp)
        } else {
            self.end_typing();
            let (event, patch) = self.write(changes, stamp);
            self.undo.done(Action::Gesture, event);
            patch
        };
        self.mark(&patch);
        Ok(patch)
    }

    /// An event of ready-made changes: undo, redo.
    fn write(&mut self, changes: Vec<Change>, stamp: Stamp) -> (EventId, Patch) {
        let event = self
            .document
            .stamp(stamp.replica, stamp.author, stamp.now_ms, changes);
        let patch = match self.document.apply(&event) {
            Ok(patch) => patch,
            Err(error) => unreachable!("an event stamped on this document applies: {error}"),
        };
        self.unsaved.push(Unsaved::Own(event.id));
        self.pending_disk += 1;
        (event.id, patch)
    }

    fn type_text(
        &mut self,
        line: LineId,
        bytes: usize,
        changes: Vec<Change>,
        stamp: Stamp,
    ) -> Patch {
        if let Some(typing) = self
            .typing
            .as_mut()
            .filter(|typing| typing.takes(line, stamp.now_ms))
            && let Ok(patch) = self.document.extend(typing.event, &changes)
        {
            typing.last_ms = stamp.now_ms;
            typing.bytes += bytes;
            return patch;
        }
        self.end_typing();
        let (event, patch) = self.write(changes, stamp);
        // The event is written out when it ends, not while it may still grow.
        self.unsaved.pop();
        self.typing = Some(Typing {
            event,
            line,
            since_ms: stamp.now_ms,
            last_ms: stamp.now_ms,
            bytes,
        });
        self.undo.done(
            Action::Typing {
                line,
                now_ms: stamp.now_ms,
            },
            event,
        );
        patch
    }

    /// When the open event ends by itself.
    pub fn typing_ends_ms(&self) -> Option<i64> {
        let ends = |typing: Typing| {
            (typing.last_ms + TYPING_PAUSE_MS).min(typing.since_ms + TYPING_MS_MAX)
        };
        self.typing.map(ends)
    }

    /// Ends the open event: no more keystrokes join it, and it may be stored.
    pub fn end_typing(&mut self) {
        if let Some(typing) = self.typing.take() {
            self.unsaved.push(Unsaved::Own(typing.event));
        }
    }

    /// Applies a batch from the server. Events of ours that come back change nothing.
    ///
    /// # Errors
    /// A sentence about what is wrong with the batch; nothing has changed then.
    pub fn receive(&mut self, batch: SealedBatch) -> Result<Patch, String> {
        let events = open(&batch).map_err(|error| error.to_string())?;
        self.end_typing();
        let patch = self
            .document
            .apply_all(&events)
            .map_err(|error: ApplyError| error.to_string())?;
        self.unsaved.push(Unsaved::Remote(batch));
        self.mark(&patch);
        Ok(patch)
    }

    /// The server's log is in this replica up to `cursor`.
    pub fn reached(&mut self, cursor: u64) {
        self.cursor = Some(cursor);
    }

    /// Undoes the latest action, or redoes the latest undone one; empty when there is none.
    pub fn step_history(&mut self, direction: Direction, stamp: Stamp) -> Patch {
        self.end_typing();
        let mut whole = Patch::default();
        while let Some(events) = self.undo.take(direction) {
            let mut made = Vec::new();
            for event in events.into_iter().rev() {
                let changes = self.document.plan_undo(event);
                if changes.is_empty() {
                    continue;
                }
                let (event, patch) = self.write(changes, stamp);
                made.push(event);
                merge(&mut whole, patch);
            }
            if !made.is_empty() {
                self.undo.stepped(direction, made);
                break;
            }
        }
        self.mark(&whole);
        whole
    }

    /// The next commit, when there is something to store and none is on its way.
    /// Events of an earlier id of this replica than `replica` are marked as salvaged.
    pub fn take_commit(&mut self, replica: ReplicaId, now_ms: i64) -> Option<Commit> {
        if self.in_flight || !self.has_unsaved() {
            return None;
        }
        let mut commit = Commit::new(self.group, self.document.id(), now_ms);
        let unsaved = std::mem::take(&mut self.unsaved);
        self.in_flight_events = unsaved
            .iter()
            .filter(|one| matches!(one, Unsaved::Own(_)))
            .count() as u32;
        commit.batches = self.batches(unsaved, replica);
        commit.cursor = self.cursor.take();
        // While keystrokes are joining an event, rows would be ahead of the events on disk.
        if self.typing.is_none() {
            self.take_rows(&mut commit);
        }
        self.in_flight = true;
        Some(commit)
    }

    /// The commit on its way is on disk, or was refused for good. Returns how many own events it held.
    pub fn committed(&mut self) -> u32 {
        self.in_flight = false;
        let events = std::mem::take(&mut self.in_flight_events);
        self.pending_disk -= events;
        events
    }

    fn has_unsaved(&self) -> bool {
        let rows_owed = self.typing.is_none()
            && (self.dirty.structure || self.dirty.title || !self.dirty.lines.is_empty());
        !self.unsaved.is_empty() || self.cursor.is_some() || rows_owed
    }

    /// Runs of own events become batches; remote batches stay as they came.
    fn batches(&self, unsaved: Vec<Unsaved>, replica: ReplicaId) -> Vec<(Origin, SealedBatch)> {
        let mut batches = Vec::new();
        let mut own: Vec<Event> = Vec::new();
        for one in unsaved {
            match one {
                Unsaved::Own(id) => own.extend(self.document.event(id).cloned()),
                Unsaved::Remote(batch) => {
                    self.seal_into(&mut batches, &own, replica);
                    own.clear();
                    batches.push((Origin::Remote, batch));
                }
            }
        }
        self.seal_into(&mut batches, &own, replica);
        batches
    }

    fn seal_into(
        &self,
        batches: &mut Vec<(Origin, SealedBatch)>,
        events: &[Event],
        ours: ReplicaId,
    ) {
        for events in events.chunk_by(|one, next| one.id.replica == next.id.replica) {
            let origin = if events[0].id.replica == ours {
                Origin::Local
            } else {
                Origin::Salvaged
            };
            match seal_all(self.group, self.document.id(), events) {
                Ok(sealed) => batches.extend(sealed.into_iter().map(|batch| (origin, batch))),
                Err(error) => unreachable!("events are made in portions that fit: {error}"),
            }
        }
    }

    fn mark(&mut self, patch: &Patch) {
        self.dirty.title |= patch.title;
        self.dirty.structure |= patch.structure;
        for line in patch
            .lines
            .iter()
            .chain(patch.splices.iter().map(|splice| &splice.line))
        {
            self.dirty.removed.remove(line);
            self.dirty.lines.insert(*line);
        }
        for line in &patch.removed {
            self.dirty.lines.remove(line);
            self.dirty.removed.insert(*line);
        }
    }

    fn take_rows(&mut self, commit: &mut Commit) {
        let mut dirty = std::mem::take(&mut self.dirty);
        if dirty.title {
            commit.title = Some(self.document.title().to_owned());
            commit.folder = Some(catalogue::folder(&self.document));
            commit.deletion = Some(catalogue::deletion(&self.document));
        }
        commit.hash = Some(self.document.hash());
        if dirty.structure {
            let rows = self.moved_rows(&dirty.lines);
            commit.rows = rows;
            dirty.removed.iter().for_each(|line| {
                self.places.remove(line);
            });
        } else {
            commit.rows = dirty
                .lines
                .iter()
                .filter_map(|line| self.row(*line))
                .collect();
        }
        dirty
            .removed
            .retain(|line| !self.document.is_visible(*line));
        commit.removed = dirty.removed.into_iter().collect();
    }

    /// Rows that are not where they were, and `touched` ones, in display order.
    fn moved_rows(&mut self, touched: &BTreeSet<LineId>) -> Vec<LineRow> {
        let mut rows = Vec::new();
        for (line, place) in self.read_places() {
            let moved = self.places.insert(line, place) != Some(place);
            if moved || touched.contains(&line) {
                rows.extend(self.row_at(line, place.1));
            }
        }
        rows
    }

    fn row(&self, line: LineId) -> Option<LineRow> {
        let (_, after) = *self.places.get(&line)?;
        self.row_at(line, after)
    }

    fn row_at(&self, line: LineId, after: Option<LineId>) -> Option<LineRow> {
        self.document.line(line).map(|line| LineRow { after, line })
    }

    /// Every displayed line with its parent and previous sibling, in display order.
    fn read_places(&self) -> Vec<(LineId, (LineId, Option<LineId>))> {
        let mut places = Vec::with_capacity(self.document.len());
        let mut open = vec![(
            LineId::ROOT,
            None,
            self.document.children(LineId::ROOT).iter(),
        )];
        while let Some((parent, previous, children)) = open.last_mut() {
            let Some(&line) = children.next() else {
                open.pop();
                continue;
            };
            places.push((line, (*parent, previous.replace(line))));
            open.push((line, None, self.document.children(line).iter()));
        }
        places
    }
}

impl Typing {
    fn takes(&self, line: LineId, now_ms: i64) -> bool {
        self.line == line
            && now_ms - self.last_ms < TYPING_PAUSE_MS
            && now_ms - self.since_ms < TYPING_MS_MAX
            && self.bytes < TYPING_BYTES_MAX
    }
}

/// Which way to step through the history of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Undo,
    Redo,
}

/// Puts `patch` behind `whole`: splices on a line that has changed as a whole are dropped.
pub fn merge(whole: &mut Patch, patch: Patch) {
    whole.title |= patch.title;
    whole.structure |= patch.structure;
    whole.splices.extend(patch.splices);
    for line in patch.lines {
        whole.removed.remove(&line);
        whole.lines.insert(line);
    }
    for line in patch.removed {
        whole.lines.remove(&line);
        whole.removed.insert(line);
    }
    whole
        .splices
        .retain(|splice| !whole.lines.contains(&splice.line));
}
