//! A document in memory, between the dispatcher's intents and the writer's commits: keystrokes
//! become events here, events become batches. Knows nothing of panels, connections or the disk.

use std::collections::BTreeSet;

use tideline_model::{
    ApplyError, Change, Document, Event, GroupId, Intent, IntentError, LineId, Patch, ReplicaId,
    UserId, VersionVector,
};
use tideline_store::{Commit, LineRow, Origin};
use tideline_wire::{Comparison, SealedBatch, open, seal_all};

use crate::catalogue;
use crate::undo::{Direction, EventRange, UndoHistory};

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
#[derive(Debug)]
struct Typing {
    event: Event,
    line: LineId,
    since_ms: i64,
    last_ms: i64,
    bytes: usize,
    ends_word: bool,
}

/// Something applied that no commit holds yet, in the order of application.
#[derive(Debug)]
enum Unsaved {
    Own(Event),
    Remote(SealedBatch),
}

/// What the rows on disk lack.
#[derive(Debug, Default)]
struct Dirty {
    lines: BTreeSet<LineId>,
    removed: BTreeSet<LineId>,
    title: bool,
}

/// What is being done at once, and will be undone at once.
#[derive(Debug, Default)]
struct Gesture {
    /// It takes more than one event.
    is_long: bool,
    /// Some of it has been written, or what it belongs to cannot be undone.
    has_begun: bool,
    /// Typing that comes behind it does not join it.
    ends_typing: bool,
}

/// Whether the stored events are replayed to find what a document must look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rederivation {
    #[default]
    None,
    /// As soon as all of the document is stored.
    Due,
    /// Asked for when this was shown and stored.
    UnderWay { version: VersionVector },
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
    pub undo: UndoHistory,
    gesture: Gesture,
    /// The rows on disk are older than the events: the program was killed between the two.
    pub rows_are_stale: bool,
    /// The others are to hear what it looks like, once all of it is on disk.
    pub is_digest_due: bool,
    /// While another machine shows something else at this version.
    pub comparison: Option<Comparison>,
    pub rederivation: Rederivation,
    /// When somebody last looked at it, for closing what is idle.
    pub used_ms: i64,
}

impl OpenDocument {
    /// `document` as the stored events give it; its rows are taken to be on disk.
    pub fn new(document: Document, group: GroupId, now_ms: i64) -> Self {
        Self {
            document,
            group,
            typing: None,
            unsaved: Vec::new(),
            dirty: Dirty::default(),
            cursor: None,
            in_flight: false,
            pending_disk: 0,
            in_flight_events: 0,
            undo: UndoHistory::default(),
            gesture: Gesture::default(),
            rows_are_stale: false,
            is_digest_due: false,
            comparison: None,
            rederivation: Rederivation::None,
            used_ms: now_ms,
        }
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
        let goes_on_typing = self.typing.is_some() || !self.gesture.has_begun;
        let patch = match intent {
            Intent::EditText { line, insert, .. } if goes_on_typing && !self.gesture.is_long => {
                self.type_text(*line, insert, changes, stamp)
            }
            _ => self.write_gesture(changes, stamp),
        };
        self.mark(&patch);
        Ok(patch)
    }

    /// What follows, until the gesture ends, is undone at once.
    pub fn begin_long_gesture(&mut self) {
        self.gesture.is_long = true;
    }

    /// What is typed until the gesture ends is an event of its own.
    pub fn begin_typing_apart(&mut self) {
        self.end_typing();
        self.gesture.ends_typing = true;
    }

    /// What follows, until the gesture ends, founds the document: it cannot be undone.
    pub fn begin_founding(&mut self) {
        self.gesture.has_begun = true;
    }

    /// The gesture is complete: the next event begins a new action.
    pub fn end_gesture(&mut self) {
        if std::mem::take(&mut self.gesture).ends_typing {
            self.end_typing();
        }
    }

    fn write_gesture(&mut self, mut changes: Vec<Change>, stamp: Stamp) -> Patch {
        self.end_typing();
        if std::mem::replace(&mut self.gesture.has_begun, true) {
            changes.push(Change::Continues);
        } else if self.gesture.is_long {
            changes.push(Change::Begins);
        }
        self.write(changes, stamp)
    }

    /// An event of its own, complete as it is.
    fn write(&mut self, changes: Vec<Change>, stamp: Stamp) -> Patch {
        let (event, patch) = self.stamped(changes, stamp);
        self.store(event);
        patch
    }

    fn stamped(&mut self, changes: Vec<Change>, stamp: Stamp) -> (Event, Patch) {
        let event = self
            .document
            .stamp(stamp.replica, stamp.author, stamp.now_ms, changes);
        match self.document.apply(&event) {
            Ok(patch) => {
                self.pending_disk += 1;
                (event, patch)
            }
            Err(error) => unreachable!("an event stamped on this document applies: {error}"),
        }
    }

    fn store(&mut self, event: Event) {
        self.undo.note(&event);
        self.unsaved.push(Unsaved::Own(event));
    }

    fn type_text(
        &mut self,
        line: LineId,
        insert: &str,
        changes: Vec<Change>,
        stamp: Stamp,
    ) -> Patch {
        let ends_word = insert.ends_with(char::is_whitespace);
        // At several carets at once, one event takes what is typed at all of them.
        let has_begun = std::mem::replace(&mut self.gesture.has_begun, true);
        if let Some(typing) = self
            .typing
            .as_mut()
            .filter(|typing| has_begun || typing.takes(line, insert, stamp.now_ms))
            && let Ok(patch) = self.document.extend(&mut typing.event, &changes)
        {
            typing.last_ms = stamp.now_ms;
            typing.bytes += insert.len();
            typing.ends_word = ends_word;
            return patch;
        }
        self.end_typing();
        let (event, patch) = self.stamped(changes, stamp);
        self.typing = Some(Typing {
            event,
            line,
            since_ms: stamp.now_ms,
            last_ms: stamp.now_ms,
            bytes: insert.len(),
            ends_word,
        });
        patch
    }

    /// When the open event ends by itself.
    pub fn typing_ends_ms(&self) -> Option<i64> {
        let ends = |typing: &Typing| {
            (typing.last_ms + TYPING_PAUSE_MS).min(typing.since_ms + TYPING_MS_MAX)
        };
        self.typing.as_ref().map(ends)
    }

    /// Ends the open event: no more keystrokes join it, and it may be stored.
    pub fn end_typing(&mut self) {
        if let Some(typing) = self.typing.take() {
            self.store(typing.event);
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

    /// Undoes the latest action, or redoes the latest undone one; an empty patch when there is none.
    ///
    /// # Errors
    /// Events of this replica that must be read first; nothing has changed then.
    pub fn step_history(
        &mut self,
        direction: Direction,
        stamp: Stamp,
    ) -> Result<Patch, EventRange> {
        self.end_typing();
        let mut whole = Patch::default();
        while let Some(events) = self.undo.next(direction) {
            let mut is_done = false;
            for event in events?.iter().rev() {
                let mut changes = self.document.plan_undo(event);
                if !changes.is_empty() {
                    changes.push(Change::Undoes { event: event.id });
                    let patch = self.write(changes, stamp);
                    self.mark(&patch);
                    merge(&mut whole, patch);
                    is_done = true;
                }
            }
            if is_done {
                break;
            }
            self.undo.skip(direction);
        }
        Ok(whole)
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

    /// The last commit, although one is on its way: what the disk does not take must at least be with
    /// the writer when the program ends.
    pub fn take_last_commit(&mut self, replica: ReplicaId, now_ms: i64) -> Option<Commit> {
        self.end_typing();
        self.in_flight = false;
        self.take_commit(replica, now_ms)
    }

    /// The commit on its way is on disk, or was refused for good. Returns how many own events it held.
    pub fn committed(&mut self) -> u32 {
        self.in_flight = false;
        let events = std::mem::take(&mut self.in_flight_events);
        self.pending_disk -= events;
        if !self.has_unsaved_events() {
            self.undo.forget_old();
        }
        events
    }

    fn has_unsaved_events(&self) -> bool {
        self.typing.is_some() || !self.unsaved.is_empty()
    }

    fn has_unsaved(&self) -> bool {
        let rows_owed = self.typing.is_none()
            && (self.dirty.title || !self.dirty.lines.is_empty() || !self.dirty.removed.is_empty());
        !self.unsaved.is_empty() || self.cursor.is_some() || rows_owed
    }

    /// Runs of own events become batches; remote batches stay as they came.
    fn batches(&self, unsaved: Vec<Unsaved>, replica: ReplicaId) -> Vec<(Origin, SealedBatch)> {
        let mut batches = Vec::new();
        let mut own: Vec<Event> = Vec::new();
        for one in unsaved {
            match one {
                Unsaved::Own(event) => own.push(event),
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
        let edited = patch.splices.iter().map(|splice| &splice.line);
        for line in patch.lines.iter().chain(&patch.moved).chain(edited) {
            self.dirty.removed.remove(line);
            self.dirty.lines.insert(*line);
        }
        for top in &patch.removed {
            for line in self.document.hidden_from(*top) {
                self.dirty.lines.remove(&line);
                self.dirty.removed.insert(line);
            }
        }
    }

    fn take_rows(&mut self, commit: &mut Commit) {
        let dirty = std::mem::take(&mut self.dirty);
        if dirty.title {
            commit.title = Some(self.document.title().to_owned());
            commit.folder = Some(catalogue::folder(&self.document));
            commit.deletion = Some(catalogue::deletion(&self.document));
        }
        commit.hash = Some(self.document.hash());
        commit.rows = self.rows(&dirty.lines);
        commit.removed = dirty.removed.into_iter().collect();
    }

    /// The rows of displayed lines, in display order.
    fn rows(&self, lines: &BTreeSet<LineId>) -> Vec<LineRow> {
        let document = &self.document;
        let placed = lines
            .iter()
            .filter_map(|&line| Some((document.row_of(line)?, line)));
        let mut placed: Vec<(usize, LineId)> = placed.collect();
        placed.sort_unstable();
        let row = |(_, line)| {
            Some(LineRow {
                after: document.previous_sibling(line),
                line: document.line(line)?,
            })
        };
        placed.into_iter().filter_map(row).collect()
    }
}

impl Typing {
    /// Whether a keystroke joins it. Each word begins an event, so that words can be undone.
    fn takes(&self, line: LineId, insert: &str, now_ms: i64) -> bool {
        let starts_word = !insert.is_empty() && !insert.starts_with(char::is_whitespace);
        self.line == line
            && !(self.ends_word && starts_word)
            && now_ms - self.last_ms < TYPING_PAUSE_MS
            && now_ms - self.since_ms < TYPING_MS_MAX
            && self.bytes < TYPING_BYTES_MAX
    }
}

/// Puts `patch` behind `whole`: splices on a line that has changed as a whole are dropped.
pub fn merge(whole: &mut Patch, patch: Patch) {
    whole.title |= patch.title;
    whole.children.extend(patch.children);
    whole.moved.extend(patch.moved);
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
