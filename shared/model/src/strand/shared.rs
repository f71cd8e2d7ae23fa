//! One strand by itself, with events of its own: for whoever wants shared text without an outline,
//! as benchmarks, fuzzing and property tests do. Knows nothing of lines.

/// How many events of each replica a text contains: (replica, events), sorted by replica.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextVersion(pub(crate) Vec<(u64, u32)>);

/// Why an edit or a message was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("position {at} is behind the end of the text, which has {len} characters")]
    BehindEnd { at: u32, len: u32 },
    /// Events that this message builds on have not arrived; apply them first.
    #[error("the message builds on event {seq} of replica {replica}, which has not arrived")]
    Missing { replica: u64, seq: u32 },
    #[error("the message is damaged: {0}")]
    Malformed(&'static str),
}

/// A text that several replicas write, each in a copy of its own. Positions count Unicode scalar
/// values. Every call of [`SharedText::insert`] and [`SharedText::delete`] is one event.
#[derive(Debug, Clone)]
pub struct SharedText {
    replica: u64,
}

impl SharedText {
    /// An empty text, to be written by `replica`; no other copy may write by that name.
    pub fn new(replica: u64) -> Self {
        Self { replica }
    }

    /// Everything that [`SharedText::encode_all`] wrote, to be written on by `replica`.
    ///
    /// # Errors
    /// As [`SharedText::apply`].
    pub fn load(replica: u64, bytes: &[u8]) -> Result<Self, TextError> {
        let mut text = Self::new(replica);
        text.apply(bytes)?;
        Ok(text)
    }

    pub fn replica(&self) -> u64 {
        self.replica
    }

    /// Inserts at `at`, as an event of this replica. An empty `text` is no event.
    ///
    /// # Errors
    /// [`TextError::BehindEnd`]; nothing has changed then.
    pub fn insert(&mut self, at: u32, text: &str) -> Result<(), TextError> {
        unreachable!("{at} {text}")
    }

    /// Deletes `count` characters from `at` on, as an event of this replica. None is no event.
    ///
    /// # Errors
    /// [`TextError::BehindEnd`]; nothing has changed then.
    pub fn delete(&mut self, at: u32, count: u32) -> Result<(), TextError> {
        unreachable!("{at} {count}")
    }

    /// What this copy contains.
    pub fn version(&self) -> TextVersion {
        unreachable!()
    }

    /// The events that a copy of version `since` lacks, for [`SharedText::apply`] there.
    pub fn encode_since(&self, since: &TextVersion) -> Vec<u8> {
        unreachable!("{since:?}")
    }

    /// All events, with the whole history.
    pub fn encode_all(&self) -> Vec<u8> {
        self.encode_since(&TextVersion::default())
    }

    /// Applies the events of a message, be it one or many; those that were applied before are
    /// ignored.
    ///
    /// # Errors
    /// [`TextError::Missing`] and [`TextError::Malformed`]; nothing has changed then.
    /// [`TextError::BehindEnd`] at the first event that does not fit; those before it have been
    /// applied.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), TextError> {
        unreachable!("{bytes:?}")
    }

    /// Characters.
    pub fn len(&self) -> u32 {
        unreachable!()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn text(&self) -> String {
        unreachable!()
    }
}
