//! Packed strands, many a block, each block compressed. Knows nothing of what the bytes of a strand
//! say.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use zstd::bulk::{Compressor, Decompressor};

use crate::bytes::{Damaged, Reader, put_number};
use crate::index::StrandIndex;

/// A block has about so many bytes before it is compressed.
const BLOCK_BYTES: usize = 16 * 1024;
/// And at most so many strands.
const BLOCK_STRANDS: usize = 1024;
/// Blocks that stay uncompressed at hand.
const OPEN_MAX: usize = 16;
const LEVEL: i32 = 1;

#[derive(Debug, Clone)]
struct Block {
    first: StrandIndex,
    /// Bytes before compression.
    len: u32,
    /// Compressed.
    bytes: Slice,
}

/// Part of bytes that are held together.
#[derive(Debug, Clone)]
struct Slice {
    whole: Arc<[u8]>,
    range: Range<usize>,
}

/// A block before compression: the strands, and where each ends.
#[derive(Debug, Clone, Default)]
struct Open {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

/// Blocks that were read last, the latest at the end.
#[derive(Default)]
struct Opened {
    blocks: Vec<(StrandIndex, Arc<Open>)>,
    /// Made when it is first needed.
    decompressor: Option<Decompressor<'static>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.blocks.iter().map(|(first, _)| first))
            .finish()
    }
}

/// What compresses, made when it is first needed.
#[derive(Default)]
struct Sealing(Option<Compressor<'static>>);

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing")
    }
}

#[derive(Debug, Default)]
pub(crate) struct Blocks {
    sealed: Vec<Block>,
    /// Strands in the sealed blocks.
    sealed_len: usize,
    /// The block that grows.
    fresh: Open,
    sealing: Sealing,
    open: RefCell<Opened>,
}

impl Clone for Blocks {
    fn clone(&self) -> Self {
        Self {
            sealed: self.sealed.clone(),
            sealed_len: self.sealed_len,
            fresh: self.fresh.clone(),
            sealing: Sealing::default(),
            open: RefCell::default(),
        }
    }
}

impl Open {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len() as u32);
    }

    fn get(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[place] as usize]
    }

    fn is_full(&self) -> bool {
        self.bytes.len() >= BLOCK_BYTES || self.ends.len() >= BLOCK_STRANDS
    }

    /// The lengths, then the strands.
    fn pack(&self) -> Vec<u8> {
        let mut packed = Vec::with_capacity(self.bytes.len() + 2 * self.ends.len() + 8);
        put_number(&mut packed, self.ends.len() as u64);
        let mut start = 0;
        for &end in &self.ends {
            put_number(&mut packed, u64::from(end - start));
            start = end;
        }
        packed.extend_from_slice(&self.bytes);
        packed
    }

    fn unpack(packed: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader::new(packed);
        let mut end = 0_u32;
        let mut ends = Vec::new();
        for _ in 0..reader.count()? {
            end = end.checked_add(reader.small()?).ok_or(Damaged)?;
            ends.push(end);
        }
        let bytes = reader.take(end as usize)?.to_vec();
        Ok(Self { bytes, ends })
    }
}

impl Block {
    fn seal(first: StrandIndex, open: &Open, sealing: &mut Sealing) -> Self {
        let packed = open.pack();
        let compressor = sealing
            .0
            .get_or_insert_with(|| Compressor::new(LEVEL).expect("memory for a compressor"));
        let bytes: Arc<[u8]> = compressor
            .compress(&packed)
            .expect("compression into memory has no way to fail")
            .into();
        let range = 0..bytes.len();
        Self {
            first,
            len: packed.len() as u32,
            bytes: Slice {
                whole: bytes,
                range,
            },
        }
    }

    fn compressed(&self) -> &[u8] {
        &self.bytes.whole[self.bytes.range.clone()]
    }

    fn open(&self, decompressor: &mut Option<Decompressor<'static>>) -> Open {
        let decompressor = decompressor
            .get_or_insert_with(|| Decompressor::new().expect("memory for a decompressor"));
        decompressor
            .decompress(self.compressed(), self.len as usize)
            .map_err(|_| Damaged)
            .and_then(|packed| Open::unpack(&packed))
            .expect("a block as it was sealed, checked when it was read")
    }
}

impl Blocks {
    pub fn len(&self) -> usize {
        self.sealed_len + self.fresh.ends.len()
    }

    pub fn push(&mut self, strand: &[u8]) {
        self.fresh.push(strand);
        if self.fresh.is_full() {
            self.seal();
        }
    }

    /// Gives back what sealing many blocks one after the other keeps at hand.
    pub fn end_sealing(&mut self) {
        self.sealing = Sealing::default();
    }

    fn seal(&mut self) {
        let first = StrandIndex::new(self.sealed_len);
        let block = Block::seal(first, &self.fresh, &mut self.sealing);
        self.sealed.push(block);
        self.sealed_len += self.fresh.ends.len();
        self.fresh.bytes.clear();
        self.fresh.ends.clear();
    }

    /// Asks something about the bytes of a strand.
    pub fn with<T>(&self, strand: StrandIndex, ask: impl FnOnce(&[u8]) -> T) -> T {
        if let Some(place) = strand.at().checked_sub(self.sealed_len) {
            return ask(self.fresh.get(place));
        }
        let behind = self.sealed.partition_point(|block| block.first <= strand);
        let block = &self.sealed[behind - 1];
        let open = self.open(block);
        ask(open.get((strand.0 - block.first.0) as usize))
    }

    fn open(&self, block: &Block) -> Arc<Open> {
        let Opened {
            blocks,
            decompressor,
        } = &mut *self.open.borrow_mut();
        if let Some(place) = blocks.iter().rposition(|(first, _)| *first == block.first) {
            let found = blocks.remove(place);
            let content = Arc::clone(&found.1);
            blocks.push(found);
            return content;
        }
        if blocks.len() >= OPEN_MAX {
            blocks.remove(0);
        }
        let content = Arc::new(block.open(decompressor));
        blocks.push((block.first, Arc::clone(&content)));
        content
    }

    /// The same, with these strands as they are now, in order; all blocks are sealed.
    pub fn changed(&self, changed: &[(StrandIndex, Box<[u8]>)]) -> Self {
        let mut blocks = Self::default();
        let mut decompressor = None;
        let mut rest = changed;
        for (place, block) in self.sealed.iter().enumerate() {
            let next = self.sealed.get(place + 1);
            let end = next.map_or(self.sealed_len, |next| next.first.at());
            let inside = rest.partition_point(|(strand, _)| strand.at() < end);
            if inside == 0 {
                blocks.sealed.push(block.clone());
                blocks.sealed_len = end;
            } else {
                let open = block.open(&mut decompressor);
                blocks.repack(block.first, &open, &rest[..inside]);
            }
            rest = &rest[inside..];
        }
        if !self.fresh.ends.is_empty() {
            blocks.repack(StrandIndex::new(self.sealed_len), &self.fresh, rest);
        }
        blocks
    }

    fn repack(&mut self, first: StrandIndex, open: &Open, changed: &[(StrandIndex, Box<[u8]>)]) {
        let mut changed = changed.iter().peekable();
        for place in 0..open.ends.len() {
            let is_it = |next: &&(StrandIndex, Box<[u8]>)| next.0.at() == first.at() + place;
            match changed.next_if(is_it) {
                Some((_, bytes)) => self.push(bytes),
                None => self.push(open.get(place)),
            }
        }
        if !self.fresh.ends.is_empty() {
            self.seal();
        }
    }

    /// All blocks must be sealed.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        put_number(bytes, self.sealed_len as u64);
        put_number(bytes, self.sealed.len() as u64);
        let mut first = 0;
        for block in &self.sealed {
            put_number(bytes, u64::from(block.first.0 - first));
            put_number(bytes, block.len.into());
            put_number(bytes, block.bytes.range.len() as u64);
            first = block.first.0;
        }
        let compressed = self.sealed.iter().map(|block| block.bytes.range.len());
        put_number(bytes, compressed.sum::<usize>() as u64);
        for block in &self.sealed {
            bytes.extend_from_slice(block.compressed());
        }
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let sealed_len = reader.small()? as usize;
        let mut first = 0_u32;
        let mut end = 0_usize;
        let mut parts = Vec::new();
        for _ in 0..reader.count()? {
            first = first.checked_add(reader.small()?).ok_or(Damaged)?;
            let len = reader.small()?;
            let start = end;
            end = end.checked_add(reader.count()?).ok_or(Damaged)?;
            parts.push((StrandIndex(first), len, start..end));
        }
        let whole: Arc<[u8]> = reader.bytes()?.into();
        if whole.len() != end {
            return Err(Damaged);
        }
        let sealed = parts.into_iter().map(|(first, len, range)| Block {
            first,
            len,
            bytes: Slice {
                whole: Arc::clone(&whole),
                range,
            },
        });
        Ok(Self {
            sealed: sealed.collect(),
            sealed_len,
            ..Self::default()
        })
    }
}
