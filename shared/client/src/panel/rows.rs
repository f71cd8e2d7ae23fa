//! The rows of a panel, in chunks: a change costs what it changes and one chunk, however many rows
//! there are. Knows nothing of documents.

use std::collections::HashMap;
use std::ops::Range;

use tideline_model::LineId;

use super::Head;

const CHUNK: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Rows {
    chunks: Vec<Chunk>,
    /// The chunk of each line, by its number.
    homes: HashMap<LineId, u32>,
    /// Where the chunk of a number is in `chunks`.
    places: HashMap<u32, usize>,
    next_number: u32,
}

#[derive(Debug)]
struct Chunk {
    number: u32,
    heads: Vec<Head>,
    /// Rows before this chunk.
    start: usize,
    /// Of the row that is least deep.
    depth_min: u32,
}

impl Rows {
    pub fn len(&self) -> usize {
        let last = self.chunks.last();
        last.map_or(0, |chunk| chunk.start + chunk.heads.len())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Head> {
        self.chunks.iter().flat_map(|chunk| &chunk.heads)
    }

    pub fn contains(&self, line: LineId) -> bool {
        self.homes.contains_key(&line)
    }

    /// The row of a line.
    pub fn place(&self, line: LineId) -> Option<usize> {
        let chunk = &self.chunks[*self.places.get(self.homes.get(&line)?)?];
        let offset = chunk.heads.iter().position(|head| head.line == line)?;
        Some(chunk.start + offset)
    }

    pub fn get(&self, at: usize) -> Option<&Head> {
        let chunk = self.chunks.get(self.chunk_at(at))?;
        chunk.heads.get(at - chunk.start)
    }

    /// Changes what a row is like, not which line it is or how deep.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Head> {
        let place = self.chunk_at(at);
        let chunk = self.chunks.get_mut(place)?;
        chunk.heads.get_mut(at - chunk.start)
    }

    /// The row behind a row and all that are below it.
    pub fn end(&self, at: usize) -> usize {
        let depth = self.get(at).map(|head| head.depth);
        depth.map_or(at, |depth| self.next_within(at + 1, depth))
    }

    /// The first row from `at` on that is at most so deep.
    pub fn next_within(&self, at: usize, depth: u32) -> usize {
        let place = self.chunk_at(at);
        let is_end = |head: &Head| head.depth <= depth;
        let Some(own) = self.chunks.get(place).filter(|_| at < self.len()) else {
            return self.len();
        };
        if let Some(more) = own.heads[at - own.start..].iter().position(is_end) {
            return at + more;
        }
        let mut later = self.chunks[place + 1..].iter();
        let Some(chunk) = later.find(|chunk| chunk.depth_min <= depth) else {
            return self.len();
        };
        let offset = chunk.heads.iter().position(is_end);
        chunk.start + offset.unwrap_or(chunk.heads.len())
    }

    /// Puts other rows where those of `range` are.
    pub fn splice(&mut self, range: Range<usize>, insert: Vec<Head>) {
        let first = self.chunk_at(range.start);
        let last = self.chunk_at(range.end.saturating_sub(1).max(range.start));
        let end = (last + 1).min(self.chunks.len());
        let start = self.chunks.get(first).map_or(0, |chunk| chunk.start);
        let taken = self.chunks.drain(first.min(end)..end);
        let mut heads: Vec<Head> = taken.flat_map(|chunk| chunk.heads).collect();
        let out = heads.splice(range.start - start..range.end - start, insert);
        for head in out {
            self.homes.remove(&head.line);
        }
        // A chunk that became small takes in the next one.
        if heads.len() < CHUNK / 4 && first < self.chunks.len() {
            heads.extend(self.chunks.remove(first).heads);
        }
        let chunks = self.chunks_of(heads);
        self.chunks.splice(first..first, chunks);
        self.count();
    }

    fn chunks_of(&mut self, mut heads: Vec<Head>) -> Vec<Chunk> {
        let pieces = heads.len().div_ceil(CHUNK);
        let mut chunks = Vec::with_capacity(pieces);
        for left in (1..=pieces).rev() {
            let rest = heads.split_off(heads.len().div_ceil(left));
            let number = self.next_number;
            self.next_number = self.next_number.wrapping_add(1);
            let lines = heads.iter().map(|head| (head.line, number));
            self.homes.extend(lines);
            chunks.push(Chunk {
                number,
                depth_min: heads.iter().map(|head| head.depth).min().unwrap_or(0),
                heads,
                start: 0,
            });
            heads = rest;
        }
        chunks
    }

    fn count(&mut self) {
        let mut start = 0;
        self.places.clear();
        for (place, chunk) in self.chunks.iter_mut().enumerate() {
            chunk.start = start;
            start += chunk.heads.len();
            self.places.insert(chunk.number, place);
        }
    }

    /// The chunk that has a row, or the last one.
    fn chunk_at(&self, at: usize) -> usize {
        let behind = self.chunks.partition_point(|chunk| chunk.start <= at);
        behind.saturating_sub(1)
    }
}

impl From<Vec<Head>> for Rows {
    fn from(heads: Vec<Head>) -> Self {
        let mut rows = Self::default();
        rows.splice(0..0, heads);
        rows
    }
}
