//! The bytes in which shared texts tell each other their events: columns of runs, compressed from
//! some length on. Knows nothing of what is known where.
//!
//! A message is a byte that says whether the rest is compressed (DEFLATE), then numbers as LEB128:
//! - the names of the replicas: how many, then each;
//! - ranges of events: how many, then of each replica, sequence number, count, and what its author had
//!   seen more than before: how many, then replica and events of it;
//! - runs of edits: how many, then of each length and form, and position;
//! - the length of the inserted text in bytes, and the text.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::strand::log::Kind;
use crate::strand::shared::TextError;

/// Shorter messages are not compressed.
const COMPRESSED_BYTES_MIN: usize = 512;
/// DEFLATE cannot hold more than this many times its own length.
const INFLATION_MAX: u64 = 1032;

/// Events of one replica in a row. Replicas are places in the list of names.
#[derive(Debug, Clone)]
pub(super) struct Range {
    pub replica: usize,
    pub seq: u32,
    pub count: u32,
    /// The first and the end of its part of [`Message::seen`].
    pub seen: (usize, usize),
}

/// Edits in a row; each event is one edit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edits {
    pub kind: Kind,
    /// One event each.
    pub is_each: bool,
    pub at: u32,
    pub len: u32,
}

impl Edits {
    pub fn events(&self) -> u32 {
        if self.is_each { self.len } else { 1 }
    }

    fn form(&self) -> u64 {
        let kind = match self.kind {
            Kind::Delete => 1,
            Kind::Backspace => 2,
            _ => 0,
        };
        kind * 2 + u64::from(self.is_each)
    }

    /// Where the next edit is likely to be.
    fn cursor(&self) -> u32 {
        match self.kind {
            Kind::Insert => self.at + self.len,
            Kind::Backspace => self.at + 1 - self.len,
            _ => self.at,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub names: Vec<u64>,
    pub ranges: Vec<Range>,
    /// Replica and events of it that were seen.
    pub seen: Vec<(usize, u32)>,
    pub edits: Vec<Edits>,
    pub text: String,
}

impl Message {
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0];
        put(&mut bytes, self.names.len() as u64);
        for &name in &self.names {
            put(&mut bytes, name);
        }
        put(&mut bytes, self.ranges.len() as u64);
        for range in &self.ranges {
            let seen = &self.seen[range.seen.0..range.seen.1];
            put(&mut bytes, range.replica as u64);
            put(&mut bytes, u64::from(range.seq));
            put(&mut bytes, u64::from(range.count));
            put(&mut bytes, seen.len() as u64);
            for &(replica, events) in seen {
                put(&mut bytes, replica as u64);
                put(&mut bytes, u64::from(events));
            }
        }
        put(&mut bytes, self.edits.len() as u64);
        let mut cursor = 0;
        for edits in &self.edits {
            put(&mut bytes, u64::from(edits.len) * 6 + edits.form());
            let moved = i64::from(edits.at) - i64::from(cursor);
            put(&mut bytes, ((moved << 1) ^ (moved >> 63)).cast_unsigned());
            cursor = edits.cursor();
        }
        put(&mut bytes, self.text.len() as u64);
        bytes.extend_from_slice(self.text.as_bytes());
        if bytes.len() < COMPRESSED_BYTES_MIN {
            return bytes;
        }
        compressed(&bytes[1..]).unwrap_or(bytes)
    }

    /// Reads a message into this one, in place of what it was.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), TextError> {
        match bytes.split_first() {
            Some((0, plain)) => self.read_plain(plain),
            Some((1, packed)) => {
                let mut plain = Vec::new();
                let limit = packed.len() as u64 * INFLATION_MAX;
                let read = DeflateDecoder::new(packed)
                    .take(limit)
                    .read_to_end(&mut plain);
                read.map_err(|_| TextError::Malformed("it cannot be unpacked"))?;
                self.read_plain(&plain)
            }
            _ => Err(TextError::Malformed("it is of no known form")),
        }
    }

    fn read_plain(&mut self, bytes: &[u8]) -> Result<(), TextError> {
        self.names.clear();
        self.ranges.clear();
        self.seen.clear();
        self.edits.clear();
        self.text.clear();
        let mut bytes = Bytes(bytes);
        for _ in 0..bytes.count()? {
            self.names.push(bytes.number()?);
        }
        for _ in 0..bytes.count()? {
            let (replica, seq, count) =
                (bytes.replica(&self.names)?, bytes.small()?, bytes.small()?);
            let from = self.seen.len();
            for _ in 0..bytes.count()? {
                self.seen
                    .push((bytes.replica(&self.names)?, bytes.small()?));
            }
            let seen = (from, self.seen.len());
            self.ranges.push(Range {
                replica,
                seq,
                count,
                seen,
            });
        }
        let mut cursor = 0;
        for _ in 0..bytes.count()? {
            let edits = bytes.edits(cursor)?;
            cursor = edits.cursor();
            self.edits.push(edits);
        }
        let text = bytes.rest()?;
        self.text.push_str(text);
        self.check()
    }

    /// Whether there are as many edits as events, and as many characters as insertions.
    fn check(&self) -> Result<(), TextError> {
        let events: u64 = self.ranges.iter().map(|range| u64::from(range.count)).sum();
        let edits: u64 = self
            .edits
            .iter()
            .map(|edits| u64::from(edits.events()))
            .sum();
        let insertions = self.edits.iter().filter(|edits| edits.kind == Kind::Insert);
        let inserted: u64 = insertions.map(|edits| u64::from(edits.len)).sum();
        if events != edits {
            return Err(TextError::Malformed(
                "it has more events than edits, or fewer",
            ));
        }
        if inserted != self.text.chars().count() as u64 {
            return Err(TextError::Malformed(
                "it has more text than insertions, or less",
            ));
        }
        Ok(())
    }
}

fn compressed(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(vec![1], Compression::default());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7F {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What is left to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn number(&mut self) -> Result<u64, TextError> {
        let mut number = 0;
        for place in 0..10 {
            let Some((&byte, rest)) = self.0.split_first() else {
                return Err(TextError::Malformed("it ends too early"));
            };
            self.0 = rest;
            number |= u64::from(byte & 0x7F) << (place * 7);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(TextError::Malformed("it has a number that is too large"))
    }

    fn small(&mut self) -> Result<u32, TextError> {
        let number = u32::try_from(self.number()?);
        number.map_err(|_| TextError::Malformed("it has a number that is too large"))
    }

    /// How many items follow, of at least a byte each.
    fn count(&mut self) -> Result<usize, TextError> {
        let count = self.number()?;
        if count > self.0.len() as u64 {
            return Err(TextError::Malformed("it ends too early"));
        }
        Ok(count as usize)
    }

    fn replica(&mut self, names: &[u64]) -> Result<usize, TextError> {
        let replica = self.number()?;
        if replica >= names.len() as u64 {
            return Err(TextError::Malformed(
                "it speaks of a replica that it does not name",
            ));
        }
        Ok(replica as usize)
    }

    fn edits(&mut self, cursor: u32) -> Result<Edits, TextError> {
        let damaged = || TextError::Malformed("it has an edit that cannot be");
        let number = self.number()?;
        let len = u32::try_from(number / 6).map_err(|_| damaged())?;
        let moved = self.number()?;
        let moved = (moved >> 1).cast_signed() ^ -(moved & 1).cast_signed();
        let at = i64::from(cursor).checked_add(moved).ok_or_else(damaged)?;
        let at = u32::try_from(at).map_err(|_| damaged())?;
        let kind = match number % 6 / 2 {
            0 => Kind::Insert,
            1 => Kind::Delete,
            _ => Kind::Backspace,
        };
        let is_each = number % 2 == 1;
        let is_short = kind == Kind::Backspace && at + 1 < len;
        if len == 0 || is_short || at.checked_add(len).is_none_or(|end| end > u32::MAX / 2) {
            return Err(damaged());
        }
        Ok(Edits {
            kind,
            is_each,
            at,
            len,
        })
    }

    fn rest(mut self) -> Result<&'a str, TextError> {
        if self.number()? != self.0.len() as u64 {
            return Err(TextError::Malformed("its text is of another length"));
        }
        std::str::from_utf8(self.0).map_err(|_| TextError::Malformed("its text is no UTF-8"))
    }
}
