//! Row checksums. SQLite notices a broken page structure, but not a flipped bit inside a value.
//! XXH3, against accidents, not against people.

use xxhash_rust::xxh3::Xxh3;

/// What a row says, field by field. Each field is told apart from its neighbours and from NULL.
pub(crate) struct Checksum(Xxh3);

impl Checksum {
    /// Starts the checksum of a row of `table`.
    pub(crate) fn of(table: &str) -> Self {
        Self(Xxh3::new()).text(table)
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn number(self, number: i64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    pub(crate) fn maybe_bytes(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.number(1).bytes(bytes),
            None => self.number(0),
        }
    }

    pub(crate) fn maybe_text(self, text: Option<&str>) -> Self {
        self.maybe_bytes(text.map(str::as_bytes))
    }

    pub(crate) fn maybe_number(self, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.number(1).number(number),
            None => self.number(0),
        }
    }

    pub(crate) fn finish(self) -> i64 {
        self.0.digest().cast_signed()
    }

    pub(crate) fn finish_wide(self) -> u128 {
        self.0.digest128()
    }
}
