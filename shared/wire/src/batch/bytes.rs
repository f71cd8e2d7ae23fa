//! Numbers and texts as bytes: unsigned LEB128 in its shortest form, signed numbers folded
//! (zigzag), texts and byte strings behind their length.

use super::DecodeError;

pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads within bounds and remembers where it is, for errors.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }

    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        if count > self.left() {
            return Err(self.truncated(count as u64));
        }
        let start = self.at;
        self.at += count;
        Ok(&self.bytes[start..self.at])
    }

    /// The next `count` bytes as a reader of their own, with offsets of the whole.
    pub fn part(&mut self, count: usize) -> Result<Reader<'a>, DecodeError> {
        let start = self.at;
        self.take(count)?;
        Ok(Reader {
            bytes: &self.bytes[..self.at],
            at: start,
        })
    }

    pub fn number(&mut self) -> Result<u64, DecodeError> {
        let at = self.at;
        if let Some(&byte) = self.bytes.get(at)
            && byte < 0x80
        {
            self.at += 1;
            return Ok(u64::from(byte));
        }
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                return Err(DecodeError::BadNumber { at });
            }
            number |= low << shift;
            if byte & 0x80 == 0 {
                let shortest = byte != 0 || shift == 0;
                return shortest
                    .then_some(number)
                    .ok_or(DecodeError::BadNumber { at });
            }
        }
        Err(DecodeError::BadNumber { at })
    }

    pub fn number_within(
        &mut self,
        what: &'static str,
        min: u64,
        max: u64,
    ) -> Result<u64, DecodeError> {
        let at = self.at;
        let found = self.number()?;
        if (min..=max).contains(&found) {
            return Ok(found);
        }
        Err(DecodeError::OutOfRange {
            at,
            what,
            found,
            min,
            max,
        })
    }

    pub fn small(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        let number = self.number_within(what, 0, u64::from(u32::MAX))?;
        Ok(number as u32)
    }

    pub fn signed(&mut self) -> Result<i64, DecodeError> {
        let folded = self.number()?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    /// A length in bytes of what follows.
    pub fn length(&mut self) -> Result<usize, DecodeError> {
        self.count(1)
    }

    /// A number of things that take at least `bytes_each` bytes: more than could follow is refused
    /// before anything is allocated.
    pub fn count(&mut self, bytes_each: usize) -> Result<usize, DecodeError> {
        let count = self.number()?;
        let needed = count.saturating_mul(bytes_each as u64);
        if needed > self.left() as u64 {
            return Err(self.truncated(needed));
        }
        Ok(count as usize)
    }

    pub fn text(&mut self) -> Result<String, DecodeError> {
        let length = self.length()?;
        self.text_of(length)
    }

    /// Everything that is left, as text.
    pub fn rest_text(&mut self) -> Result<String, DecodeError> {
        self.text_of(self.left())
    }

    fn text_of(&mut self, length: usize) -> Result<String, DecodeError> {
        let at = self.at;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8 { at })?;
        Ok(text.to_owned())
    }

    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.is_empty() {
            return Ok(());
        }
        Err(DecodeError::LeftOver {
            at: self.at,
            left: self.left(),
        })
    }

    fn truncated(&self, needed: u64) -> DecodeError {
        DecodeError::Truncated {
            at: self.bytes.len(),
            missing: needed - self.left() as u64,
        }
    }
}
