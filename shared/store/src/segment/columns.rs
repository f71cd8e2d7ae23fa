//! Columns of a segment: numbers and bytes that are alike stand together, each column compressed by
//! itself. One description of the layout writes and reads them. Knows nothing of events.

/// A column is refused when it says that it is longer.
const COLUMN_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Shorter columns are stored as they are.
const COMPRESSED_BYTES_MIN: usize = 48;
/// zstd: much smaller than at its default, for work that nobody waits for.
const LEVEL: i32 = 17;

/// Bytes are not a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a segment is malformed: {what}")]
pub(crate) struct Malformed {
    pub(crate) what: &'static str,
}

pub(super) fn malformed(what: &'static str) -> Malformed {
    Malformed { what }
}

macro_rules! columns {
    ($($name:ident),+ $(,)?) => {
        /// Their order is part of the format: new ones go to the end.
        #[derive(Debug, Clone, Copy)]
        pub(super) enum Column { $($name),+ }

        /// How many there are.
        pub(super) const COUNT: usize = [$(Column::$name),+].len();
    };
}

columns!(
    Count,
    Form,
    Key,
    Origin,
    Acked,
    BatchReplica,
    FirstSeq,
    Lamport,
    Time,
    Author,
    Parents,
    ParentReplica,
    ParentSeq,
    Changes,
    ChangeKind,
    Strand,
    StrandNumber,
    At,
    Delete,
    InsertLength,
    Insert,
    Line,
    LineNumber,
    NewLine,
    NewLineNumber,
    Parent,
    ParentNumber,
    LineKind,
    SlotForm,
    SlotOwn,
    SlotReplica,
    SlotSeq,
    SlotIndex,
    Ordered,
    Lines,
    EventReplica,
    EventSeq,
    Tag,
    Value,
    TextLength,
    Text,
    CreatedLength,
    Created,
    Uuid,
    NameLength,
    Name,
    Envelope,
    VerbatimLength,
    Verbatim,
);

/// Writes or reads, as the same calls say.
pub(super) trait Columns {
    const READING: bool;

    /// Each item takes a byte at least: there cannot be more.
    fn bytes_left(&self) -> u64;

    /// Writes `value`, or sets it to what was written.
    fn number(&mut self, column: Column, value: &mut u64) -> Result<(), Malformed>;

    /// The same for bytes, whose length stands in `lengths`.
    fn bytes(
        &mut self,
        lengths: Column,
        column: Column,
        value: &mut Vec<u8>,
    ) -> Result<(), Malformed>;

    /// The distance from `predicted`, which is small where things go on as they went.
    fn near(&mut self, column: Column, predicted: u64, value: &mut u64) -> Result<(), Malformed> {
        let distance = value.wrapping_sub(predicted).cast_signed();
        let mut folded = ((distance << 1) ^ (distance >> 63)).cast_unsigned();
        self.number(column, &mut folded)?;
        let distance = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        *value = predicted.wrapping_add(distance.cast_unsigned());
        Ok(())
    }

    /// The length of `items`, which are made when reading.
    fn items<T>(
        &mut self,
        column: Column,
        items: &mut Vec<T>,
        blank: impl FnMut() -> T,
    ) -> Result<(), Malformed> {
        let mut count = items.len() as u64;
        self.number(column, &mut count)?;
        if Self::READING {
            if count > self.bytes_left() {
                return Err(malformed("it has fewer items than noted"));
            }
            *items = std::iter::repeat_with(blank).take(count as usize).collect();
        }
        Ok(())
    }

    fn text(
        &mut self,
        lengths: Column,
        column: Column,
        text: &mut String,
    ) -> Result<(), Malformed> {
        let mut bytes = std::mem::take(text).into_bytes();
        self.bytes(lengths, column, &mut bytes)?;
        *text = String::from_utf8(bytes).map_err(|_| malformed("a text is not UTF-8"))?;
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Writing {
    columns: [Vec<u8>; COUNT],
}

impl Writing {
    pub(super) fn new() -> Self {
        Self {
            columns: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// Appends all columns to `out`.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        for column in self.columns {
            put_number(out, column.len() as u64);
            let packed = (column.len() >= COMPRESSED_BYTES_MIN)
                .then(|| zstd::bulk::compress(&column, LEVEL).ok())
                .flatten()
                .filter(|packed| packed.len() < column.len());
            match packed {
                Some(packed) => {
                    put_number(out, packed.len() as u64);
                    out.extend(packed);
                }
                None if column.is_empty() => {}
                None => {
                    put_number(out, 0);
                    out.extend(column);
                }
            }
        }
    }
}

impl Columns for Writing {
    const READING: bool = false;

    fn bytes_left(&self) -> u64 {
        u64::MAX
    }

    fn number(&mut self, column: Column, value: &mut u64) -> Result<(), Malformed> {
        put_number(&mut self.columns[column as usize], *value);
        Ok(())
    }

    fn bytes(
        &mut self,
        lengths: Column,
        column: Column,
        value: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        self.number(lengths, &mut (value.len() as u64))?;
        self.columns[column as usize].extend_from_slice(value);
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Reading {
    columns: [Vec<u8>; COUNT],
    at: [usize; COUNT],
}

impl Reading {
    /// Takes all columns out of `bytes`, which hold nothing else.
    pub(super) fn new(mut bytes: &[u8]) -> Result<Self, Malformed> {
        let mut columns: [Vec<u8>; COUNT] = std::array::from_fn(|_| Vec::new());
        for column in &mut columns {
            let length = take_number(&mut bytes)?;
            if length == 0 {
                continue;
            }
            if length > COLUMN_BYTES_MAX {
                return Err(malformed("a column is too long"));
            }
            *column = match take_number(&mut bytes)? {
                0 => take(&mut bytes, length)?.to_vec(),
                packed => zstd::bulk::decompress(take(&mut bytes, packed)?, length as usize)
                    .map_err(|_| malformed("a column cannot be unpacked"))?,
            };
            if column.len() as u64 != length {
                return Err(malformed("a column has another length than noted"));
            }
        }
        if !bytes.is_empty() {
            return Err(malformed("bytes are left over"));
        }
        let at = [0; COUNT];
        Ok(Self { columns, at })
    }

    /// Everything must have been read.
    pub(super) fn finish(&self) -> Result<(), Malformed> {
        let read = self.columns.iter().map(Vec::len).eq(self.at);
        read.then_some(())
            .ok_or_else(|| malformed("a column is longer than its contents"))
    }
}

impl Columns for Reading {
    const READING: bool = true;

    fn bytes_left(&self) -> u64 {
        let lengths = self.columns.iter().zip(self.at);
        lengths.map(|(column, at)| (column.len() - at) as u64).sum()
    }

    fn number(&mut self, column: Column, value: &mut u64) -> Result<(), Malformed> {
        let at = &mut self.at[column as usize];
        let mut rest = &self.columns[column as usize][*at..];
        let before = rest.len();
        *value = take_number(&mut rest)?;
        *at += before - rest.len();
        Ok(())
    }

    fn bytes(
        &mut self,
        lengths: Column,
        column: Column,
        value: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let mut length = 0;
        self.number(lengths, &mut length)?;
        let at = &mut self.at[column as usize];
        let mut rest = &self.columns[column as usize][*at..];
        *value = take(&mut rest, length)?.to_vec();
        *at += value.len();
        Ok(())
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(malformed("a number is too long"))
}

fn take<'a>(bytes: &mut &'a [u8], count: u64) -> Result<&'a [u8], Malformed> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let (taken, rest) = bytes
        .split_at_checked(count)
        .ok_or_else(|| malformed("it ends too soon"))?;
    *bytes = rest;
    Ok(taken)
}
