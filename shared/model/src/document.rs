//! A document: the only place where events take effect.
//! Knows nothing of disks, sockets or the time of day.

mod extend;
mod read;
mod refresh;
mod walk;

use std::cell::RefCell;
use std::ops::RangeInclusive;

use crate::at_hand::AtHand;
use crate::change::Change;
use crate::display::Display;
use crate::event::{Event, EventId, Frontier, VersionVector};
use crate::hash::{RangeHash, Sums};
use crate::id::{DocumentId, LineId, ReplicaId, UserId};
use crate::index::LineIndex;
use crate::integrate::Effects;
use crate::intent::Intent;
use crate::line::{Kind, Value};
use crate::patch::Patch;
use crate::state::State;

pub use walk::{Stop, Walk};

/// Why an event was refused; the document is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Events that this one builds on have not arrived; apply them first.
    #[error("event {event:?} builds on {missing:?}, which has not arrived")]
    MissingParent { event: EventId, missing: EventId },
    #[error("event {event:?} is damaged: {reason}")]
    Malformed {
        event: EventId,
        reason: &'static str,
    },
}

/// Why an intent cannot be carried out on the document as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    #[error("{0} is not in this document")]
    UnknownLine(LineId),
    #[error("offset {at} is behind the end of {line}, which has {length} characters")]
    BehindEnd { line: LineId, at: u32, length: u32 },
    #[error("a line cannot be moved below itself")]
    BelowItself,
    #[error("{0}")]
    Malformed(&'static str),
}

/// A displayed line, or a hidden one that is still known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    pub id: LineId,
    /// The displayed parent.
    pub parent: LineId,
    pub kind: Kind,
    /// The text of all its parts.
    pub text: String,
    pub tags: Vec<String>,
    /// By name; more than one value where people disagreed at the same time.
    pub properties: Vec<(String, Vec<Value>)>,
    pub created_ms: i64,
    pub created_by: UserId,
    pub updated_ms: i64,
    pub updated_by: UserId,
    pub visible: bool,
}

/// The state that a set of events gives, whatever the order in which they arrived. It keeps what
/// later events may ask for; the events themselves stay with whoever stores them.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) id: DocumentId,
    pub(crate) state: State,
    pub(crate) display: Display,
    /// What changed since the last patch that was handed out.
    pub(crate) pending: Patch,
    pub(crate) sums: RefCell<Sums>,
    pub(crate) at_hand: RefCell<Option<AtHand>>,
}

impl Document {
    pub fn new(id: DocumentId) -> Self {
        Self {
            id,
            state: State::new(),
            display: Display::empty(),
            pending: Patch::default(),
            sums: RefCell::default(),
            at_hand: RefCell::default(),
        }
    }

    /// The document that `events` give; they may be in any causal order.
    ///
    /// # Errors
    /// As [`Document::apply`].
    pub fn replay<'a>(
        id: DocumentId,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, ApplyError> {
        let mut document = Self::new(id);
        let mut effects = Effects::default();
        let applied = document.work_in(events, &mut effects);
        if document.display.can_build() {
            document.display.build(&mut document.state);
        }
        document.refresh(&mut effects);
        applied?;
        document.pending = Patch::default();
        Ok(document)
    }

    /// Applies one event and says what changed on screen.
    ///
    /// Idempotent: an event that was applied before yields an empty patch.
    ///
    /// # Errors
    /// [`ApplyError`]; nothing has changed then.
    pub fn apply(&mut self, event: &Event) -> Result<Patch, ApplyError> {
        self.apply_all([event])
    }

    /// Applies events, each after its parents, and works out the outline once.
    ///
    /// # Errors
    /// At the first event that is refused; those before it have been applied, and the patch of a
    /// later call covers them.
    pub fn apply_all<'a>(
        &mut self,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Patch, ApplyError> {
        let mut effects = Effects::default();
        let applied = self.work_in(events, &mut effects);
        self.refresh(&mut effects);
        applied.map(|()| std::mem::take(&mut self.pending))
    }

    /// Works in events, up to the first that is refused; what they show is still to be worked out.
    fn work_in<'a>(
        &mut self,
        events: impl IntoIterator<Item = &'a Event>,
        effects: &mut Effects,
    ) -> Result<(), ApplyError> {
        for event in events {
            if let Some(index) = self.state.history.insert(event)? {
                self.state.integrate(index, event, 0, effects);
                self.show_edits(effects);
            }
        }
        self.state.strands.end_pushing();
        Ok(())
    }

    /// Adds `changes` to the latest event of this document, which must be `event` and must not have
    /// left the replica yet: how keystrokes in quick succession become one event. Touching edits are
    /// merged in it; element ids count over the whole event, so merging does not change them.
    ///
    /// # Errors
    /// [`ApplyError::Malformed`] when `event` is not the latest one: it must have seen everything,
    /// and nothing may have been applied since.
    pub fn extend(&mut self, event: &mut Event, changes: &[Change]) -> Result<Patch, ApplyError> {
        let index = self
            .state
            .history
            .index_of(event.id)
            .filter(|&index| self.state.history.is_only_head(index))
            .ok_or(ApplyError::Malformed {
                event: event.id,
                reason: "only the latest event can be added to",
            })?;
        let mut effects = Effects::default();
        let from = extend::append(event, changes);
        self.state.integrate(index, event, from, &mut effects);
        self.show_edits(&mut effects);
        extend::merge_edits(event, from);
        self.refresh(&mut effects);
        Ok(std::mem::take(&mut self.pending))
    }

    /// How many events have been applied.
    pub fn event_count(&self) -> usize {
        self.state.history.len()
    }

    /// The changes that carry out `intent` on the document as it stands, for one event.
    /// Includes what merge rule 19 asks the author to write along.
    ///
    /// # Errors
    /// [`IntentError`].
    pub fn plan(&self, intent: &Intent) -> Result<Vec<Change>, IntentError> {
        crate::plan::plan(self, intent)
    }

    /// The changes that undo an event of any age on the document as it stands; empty when nothing is
    /// left of it, or when it was never applied here.
    pub fn plan_undo(&self, event: &Event) -> Vec<Change> {
        crate::undo::plan_undo(self, event)
    }

    /// The next event of `replica`: sequence, clock and parents are filled in from what this document
    /// has applied.
    pub fn stamp(
        &self,
        replica: ReplicaId,
        author: UserId,
        time_ms: i64,
        changes: Vec<Change>,
    ) -> Event {
        let (seq, lamport) = self.state.history.next(replica);
        Event {
            id: EventId { replica, seq },
            lamport,
            time_ms,
            author,
            parents: self.frontier(),
            changes,
        }
    }

    pub fn id(&self) -> DocumentId {
        self.id
    }

    pub fn title(&self) -> &str {
        self.state.title()
    }

    pub fn frontier(&self) -> Frontier {
        self.state.history.frontier()
    }

    pub fn version(&self) -> VersionVector {
        self.state.history.version()
    }

    /// A digest of everything displayed: title, order, kinds, texts, tags, properties. Equal for equal
    /// sets of events, on every machine.
    pub fn hash(&self) -> u128 {
        crate::hash::hash(self)
    }

    /// The digests of `range` in about `parts` ranges that hold as many displayed lines each. Another
    /// replica asks its own [`Document::range_hash`] of each, and goes on with one that differs:
    /// a differing line of a million is found in five exchanges of sixteen parts.
    pub fn range_hashes(&self, range: RangeInclusive<LineId>, parts: usize) -> Vec<RangeHash> {
        crate::hash::range_hashes(self, &range, parts)
    }

    /// The digest of the displayed lines whose ids are in `range`.
    pub fn range_hash(&self, range: RangeInclusive<LineId>) -> RangeHash {
        crate::hash::range_hash(self, &range)
    }

    /// The displayed lines whose ids are in `range`, in the order of ids, each with what it adds to
    /// the digest of the range.
    pub fn line_hashes(&self, range: RangeInclusive<LineId>) -> Vec<(LineId, u128)> {
        crate::hash::line_hashes(self, &range)
    }

    /// How many changes of kinds unknown to this version have been applied.
    pub fn unknown_changes(&self) -> usize {
        self.state.unknown_changes
    }

    /// A line that is displayed as a line of its own.
    pub(crate) fn displayed_line(&self, line: LineId) -> Option<LineIndex> {
        let line = self.state.line_index(line)?;
        self.display.is_displayed(line).then_some(line)
    }
}
