//! A document: the only place where events take effect.
//! Knows nothing of disks, sockets or the time of day.

use crate::change::Change;
use crate::event::{Event, EventId, Frontier, VersionVector};
use crate::id::{DocumentId, LineId, ReplicaId, UserId};
use crate::intent::Intent;
use crate::line::{Kind, Value};
use crate::outline::Outline;
use crate::patch::Patch;

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

/// The state that a set of events gives, whatever the order in which they arrived.
#[derive(Debug, Clone)]
pub struct Document {
    id: DocumentId,
}

impl Document {
    pub fn new(id: DocumentId) -> Self {
        Self { id }
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
        document.apply_all(events)?;
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
        _events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Patch, ApplyError> {
        unimplemented!("engine")
    }

    /// Adds `changes` to the latest event of this document, which must be `event` and must not have
    /// left the replica yet: how keystrokes in quick succession become one event. The event that is
    /// later stored is [`Document::event`], with touching insertions merged; element ids count over
    /// the whole event, so merging does not change them.
    ///
    /// # Errors
    /// [`ApplyError::Malformed`] when `event` is not the latest one.
    pub fn extend(&mut self, _event: EventId, _changes: &[Change]) -> Result<Patch, ApplyError> {
        unimplemented!("engine")
    }

    /// An event that has been applied.
    pub fn event(&self, _id: EventId) -> Option<&Event> {
        unimplemented!("engine")
    }

    /// All applied events, each after its parents.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        std::iter::empty()
    }

    /// The changes that carry out `intent` on the document as it stands, for one event.
    /// Includes what merge rule 19 asks the author to write along.
    ///
    /// # Errors
    /// [`IntentError`].
    pub fn plan(&self, _intent: &Intent) -> Result<Vec<Change>, IntentError> {
        unimplemented!("engine")
    }

    /// The changes that undo the event on the document as it stands; empty when nothing is left of it.
    pub fn plan_undo(&self, _event: EventId) -> Vec<Change> {
        unimplemented!("engine")
    }

    /// The next event of `replica`: sequence, clock and parents are filled in from what this document
    /// has applied.
    pub fn stamp(
        &self,
        _replica: ReplicaId,
        _author: UserId,
        _time_ms: i64,
        _changes: Vec<Change>,
    ) -> Event {
        unimplemented!("engine")
    }

    pub fn id(&self) -> DocumentId {
        self.id
    }

    pub fn title(&self) -> &str {
        unimplemented!("engine")
    }

    pub fn frontier(&self) -> Frontier {
        unimplemented!("engine")
    }

    pub fn version(&self) -> VersionVector {
        unimplemented!("engine")
    }

    /// A digest of everything displayed: title, order, kinds, texts, tags, properties. Equal for equal
    /// sets of events, on every machine.
    pub fn hash(&self) -> u128 {
        unimplemented!("engine")
    }

    /// How many changes of kinds unknown to this version have been applied.
    pub fn unknown_changes(&self) -> usize {
        unimplemented!("engine")
    }

    /// The displayed children of a displayed line (or of [`LineId::ROOT`]), in order.
    pub fn children(&self, _line: LineId) -> &[LineId] {
        unimplemented!("engine")
    }

    /// The displayed line that shows the characters of `line`: itself unless it was joined to another.
    pub fn displayed(&self, _line: LineId) -> Option<LineId> {
        unimplemented!("engine")
    }

    /// Whether `line` is displayed as a line of its own.
    pub fn is_visible(&self, _line: LineId) -> bool {
        unimplemented!("engine")
    }

    /// The displayed parent, [`LineId::ROOT`] for topmost lines.
    pub fn parent(&self, _line: LineId) -> Option<LineId> {
        unimplemented!("engine")
    }

    /// The text of a displayed line.
    pub fn text(&self, _line: LineId) -> Option<&str> {
        unimplemented!("engine")
    }

    pub fn kind(&self, _line: LineId) -> Option<&Kind> {
        unimplemented!("engine")
    }

    pub fn line(&self, _line: LineId) -> Option<LineView> {
        unimplemented!("engine")
    }

    /// The document as plain data. `folder` comes from the root's property of that name; the root's
    /// other properties are the document's.
    pub fn outline(&self) -> Outline {
        unimplemented!("engine")
    }

    /// Displayed lines.
    pub fn len(&self) -> usize {
        unimplemented!("engine")
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
