//! Numbers and texts as bytes, for what is kept in little room. Knows nothing of what they mean.

/// The bytes are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are damaged")]
pub(crate) struct Damaged;

/// Room for what is read, and for some more: without that, the first new line of a large document
/// would copy most of it.
pub(crate) fn with_room(len: usize) -> usize {
    len + len / 8 + 64
}

/// Seven bits a byte, the lowest first.
pub(crate) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Small numbers of either sign take little room.
pub(crate) fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put_number(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// With its length in front.
pub(crate) fn put_bytes(bytes: &mut Vec<u8>, text: &[u8]) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

/// Numbers that mostly grow by the same step, as steps and how often each comes.
pub(crate) fn put_column(bytes: &mut Vec<u8>, numbers: impl ExactSizeIterator<Item = u32>) {
    put_number(bytes, numbers.len() as u64);
    let mut steps = Vec::new();
    let mut last = 0_u32;
    let mut open: Option<(u32, u64)> = None;
    for number in numbers {
        let step = number.wrapping_sub(last);
        last = number;
        open = match open {
            Some((known, times)) if known == step => Some((known, times + 1)),
            before => {
                before
                    .into_iter()
                    .for_each(|run| put_steps(&mut steps, run));
                Some((step, 1))
            }
        };
    }
    open.into_iter().for_each(|run| put_steps(&mut steps, run));
    put_bytes(bytes, &steps);
}

/// A step that comes once has no count behind it.
fn put_steps(bytes: &mut Vec<u8>, (step, times): (u32, u64)) {
    let signed = i64::from(step.cast_signed());
    let folded = ((signed << 1) ^ (signed >> 63)).cast_unsigned();
    put_number(bytes, folded << 1 | u64::from(times > 1));
    if times > 1 {
        put_number(bytes, times);
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub fn number(&mut self) -> Result<u64, Damaged> {
        // Mostly small.
        if let [byte @ ..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u64::from(*byte));
        }
        let mut number = 0_u64;
        for (place, &byte) in self.rest.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7F) << (7 * place);
            if byte < 0x80 {
                self.rest = &self.rest[place + 1..];
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    pub fn signed(&mut self) -> Result<i64, Damaged> {
        let folded = self.number()?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    pub fn small(&mut self) -> Result<u32, Damaged> {
        u32::try_from(self.number()?).map_err(|_| Damaged)
    }

    /// How many of something follow, which take a byte each at least.
    pub fn count(&mut self) -> Result<usize, Damaged> {
        let count = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        if count > self.rest.len() {
            return Err(Damaged);
        }
        Ok(count)
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let count = self.count()?;
        self.take(count)
    }

    pub fn text(&mut self) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged)
    }

    /// What [`put_column`] wrote; at most `limit` numbers.
    pub fn column(&mut self, limit: usize) -> Result<Vec<u32>, Damaged> {
        let mut column = self.steps(limit)?;
        let mut numbers = Vec::with_capacity(column.len());
        for _ in 0..column.len() {
            numbers.push(column.next()?);
        }
        Ok(numbers)
    }

    /// The same, to be read number by number.
    pub fn steps(&mut self, limit: usize) -> Result<Column<'a>, Damaged> {
        let left = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        if left > limit {
            return Err(Damaged);
        }
        Ok(Column {
            steps: Reader::new(self.bytes()?),
            left,
            last: 0,
            step: 0,
            times: 0,
        })
    }
}

/// Numbers that [`put_column`] wrote.
#[derive(Debug, Clone)]
pub(crate) struct Column<'a> {
    steps: Reader<'a>,
    left: usize,
    last: u32,
    step: u32,
    /// How often the step comes still.
    times: u64,
}

impl Column<'_> {
    pub fn len(&self) -> usize {
        self.left
    }

    #[inline]
    pub fn next(&mut self) -> Result<u32, Damaged> {
        if self.left == 0 {
            return Err(Damaged);
        }
        if self.times == 0 {
            self.read_step()?;
        }
        self.left -= 1;
        self.times -= 1;
        self.last = self.last.wrapping_add(self.step);
        Ok(self.last)
    }

    /// The next number, and how often it comes at least. To be passed over with [`Column::skip`].
    #[inline]
    pub fn run(&mut self) -> Result<(u32, usize), Damaged> {
        if self.left == 0 {
            return Err(Damaged);
        }
        if self.times == 0 {
            self.read_step()?;
        }
        let times = usize::try_from(self.times).unwrap_or(usize::MAX);
        Ok(match self.step {
            0 => (self.last, times.min(self.left)),
            step => (self.last.wrapping_add(step), 1),
        })
    }

    /// Passes over so many numbers of the run.
    #[inline]
    pub fn skip(&mut self, count: usize) {
        self.left -= count;
        self.times -= count as u64;
        self.last = self.last.wrapping_add(self.step);
    }

    fn read_step(&mut self) -> Result<(), Damaged> {
        let mark = self.steps.number()?;
        let folded = mark >> 1;
        let step = (folded >> 1) ^ (folded & 1).wrapping_neg();
        self.step = (step & u64::from(u32::MAX)) as u32;
        self.times = if mark & 1 == 1 {
            self.steps.number()?
        } else {
            1
        };
        if self.times == 0 {
            return Err(Damaged);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_written() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let signed = [0, -1, 1, i64::MIN, i64::MAX, -300];
        let column = [5, 6, 7, 8, 0, u32::MAX, 3, 3, 3, 1 << 31];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|&it| put_number(&mut bytes, it));
        signed.iter().for_each(|&it| put_signed(&mut bytes, it));
        put_column(&mut bytes, column.iter().copied());
        put_bytes(&mut bytes, "né".as_bytes());
        let mut reader = Reader::new(&bytes);
        for number in numbers {
            assert_eq!(reader.number(), Ok(number));
        }
        for number in signed {
            assert_eq!(reader.signed(), Ok(number));
        }
        assert_eq!(reader.column(10).as_deref(), Ok(&column[..]));
        assert_eq!(reader.text(), Ok("né"));
        assert!(reader.is_at_end());
        assert_eq!(reader.number(), Err(Damaged));
    }

    #[test]
    fn a_column_is_read_run_by_run_as_number_by_number() {
        let numbers = [0, 0, 0, 4, 4, 5, 6, 7, 7, 7, 7, 2, 2];
        let mut bytes = Vec::new();
        put_column(&mut bytes, numbers.iter().copied());
        let mut column = Reader::new(&bytes).steps(20).expect("a column");
        let mut read = Vec::new();
        let mut runs = 0;
        while column.len() > 0 {
            let (number, times) = column.run().expect("a run");
            // Not always to its end.
            let some = times.min(3);
            read.extend(std::iter::repeat_n(number, some));
            column.skip(some);
            runs += 1;
        }
        assert_eq!(read, numbers);
        assert!(runs < numbers.len());
        assert_eq!(column.run(), Err(Damaged));
    }

    #[test]
    fn what_was_cut_off_is_noticed() {
        let mut bytes = Vec::new();
        put_column(&mut bytes, [1, 900, 7, 7, 7].into_iter());
        put_bytes(&mut bytes, b"four");
        for len in 0..bytes.len() {
            let mut reader = Reader::new(&bytes[..len]);
            let read = reader.column(5).and_then(|_| reader.bytes());
            assert_eq!(read, Err(Damaged), "{len} bytes");
        }
    }
}
