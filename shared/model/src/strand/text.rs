//! The text of a strand at rest: what shows, and the markers. One chunk for an ordinary line; many,
//! with an index, for a long one. Knows nothing of events.

use std::borrow::Cow;

use foldhash::HashMap;
use smallvec::SmallVec;

use crate::index::LineIndex;
use crate::strand::chunk::{BYTES_MAX, Chunk};
use crate::strand::counted::{Counted, Leaf, Weight, minus};

const ELEMENTS: usize = 0;
const MARKERS: usize = 1;

/// Chunks are packed anew when they have fewer bytes than this on average.
const BYTES_MEAN_MIN: usize = BYTES_MAX / 8;

/// Positions and lengths; one, nearly always.
pub(super) type Stretches = SmallVec<[(u32, u32); 2]>;

#[derive(Debug, Clone)]
pub(super) enum Text {
    Short(Chunk),
    Long(Box<Long>),
}

#[derive(Debug, Clone)]
pub(super) struct Long {
    chunks: Vec<Chunk>,
    order: Counted<2>,
    /// The chunk that each marker is in.
    homes: HashMap<LineIndex, Leaf>,
    elements: u32,
    bytes: usize,
    /// The chunk of the last edit and the elements before it: typing goes on there.
    cursor: (Leaf, u32),
}

impl Default for Text {
    fn default() -> Self {
        Self::Short(Chunk::default())
    }
}

impl Text {
    pub fn new(text: &str) -> Self {
        Self::packed(Chunk::new(text))
    }

    /// All of it as one.
    pub fn whole(&self) -> Cow<'_, Chunk> {
        match self {
            Self::Short(chunk) => Cow::Borrowed(chunk),
            Self::Long(long) => Cow::Owned(long.joined()),
        }
    }

    pub fn packed(chunk: Chunk) -> Self {
        if chunk.bytes() <= BYTES_MAX {
            Self::Short(chunk)
        } else {
            Self::Long(Box::new(Long::new(chunk)))
        }
    }

    pub fn len(&self) -> u32 {
        match self {
            Self::Short(chunk) => chunk.elements(),
            Self::Long(long) => long.elements,
        }
    }

    pub fn marker_count(&self) -> u32 {
        match self {
            Self::Short(chunk) => chunk.markers().len() as u32,
            Self::Long(long) => long.homes.len() as u32,
        }
    }

    pub fn insert(&mut self, at: u32, text: &str, count: u32) {
        match self {
            Self::Short(chunk) => {
                chunk.insert_text(at, text, count);
                self.grow();
            }
            Self::Long(long) => {
                let (leaf, start) = long.seek(at);
                long.chunks[leaf as usize].insert_text(at - start, text, count);
                long.added(leaf, [count, 0], text.len());
            }
        }
    }

    pub fn insert_marker(&mut self, at: u32, line: LineIndex) {
        match self {
            Self::Short(chunk) => {
                chunk.insert_marker(at, line);
                self.grow();
            }
            Self::Long(long) => {
                let (leaf, start) = long.seek(at);
                long.chunks[leaf as usize].insert_marker(at - start, line);
                long.homes.insert(line, leaf);
                long.added(leaf, [1, 1], 1);
            }
        }
    }

    pub fn remove_marker(&mut self, at: u32) {
        match self {
            Self::Short(chunk) => {
                chunk.remove_marker(at);
            }
            Self::Long(long) => {
                let (leaf, start) = long.seek(at + 1);
                let line = long.chunks[leaf as usize].remove_marker(at - start);
                long.homes.remove(&line);
                long.bytes -= 1;
                long.elements -= 1;
                long.order.add(leaf, minus([0, 0], [1, 1]));
            }
        }
    }

    fn grow(&mut self) {
        if let Self::Short(chunk) = self
            && chunk.bytes() > BYTES_MAX
        {
            *self = Self::packed(std::mem::take(chunk));
        }
    }

    /// Takes out characters, no marker among them, and hands them over piece by piece, in order.
    pub fn remove(&mut self, at: u32, count: u32, mut take: impl FnMut(&str)) {
        match self {
            Self::Short(chunk) => chunk.remove(at, count, take),
            Self::Long(long) => {
                let mut left = count;
                while left > 0 {
                    let (leaf, start) = long.seek(at + 1);
                    let chunk = &mut long.chunks[leaf as usize];
                    let count = left.min(chunk.elements() - (at - start));
                    let bytes = chunk.bytes();
                    chunk.remove(at - start, count, &mut take);
                    long.bytes -= bytes - chunk.bytes();
                    long.elements -= count;
                    long.order.add(leaf, minus([0, 0], [count, 0]));
                    left -= count;
                }
                if long.bytes < long.chunks.len() * BYTES_MEAN_MIN {
                    *self = Self::packed(long.joined());
                }
            }
        }
    }

    /// The stretches of characters, without the markers, among `count` elements from `at` on.
    pub fn between_markers(&self, at: u32, count: u32) -> Stretches {
        let end = at + count;
        let mut stretches = Stretches::new();
        let mut start = at;
        while start < end {
            let stop = self
                .next_marker(start)
                .map_or(end, |marker| marker.min(end));
            if start < stop {
                stretches.push((start, stop - start));
            }
            start = stop + 1;
        }
        stretches
    }

    /// The first marker from the element number `at` on.
    fn next_marker(&self, at: u32) -> Option<u32> {
        let (chunk, start) = match self {
            Self::Short(chunk) => (chunk, 0),
            Self::Long(long) => {
                let (leaf, start) = long.chunk_before(at + 1);
                (&long.chunks[leaf as usize], start)
            }
        };
        let inside = chunk.next_marker(at - start);
        inside.map(|place| start + place).or_else(|| {
            let next = start + chunk.elements();
            self.marker_place(self.rank_at(next))
        })
    }

    /// The markers before the element number `at`.
    pub fn rank_at(&self, at: u32) -> u32 {
        match self {
            Self::Short(chunk) => chunk.markers_before(at) as u32,
            Self::Long(long) if long.homes.is_empty() => 0,
            Self::Long(long) => match long.order.find(ELEMENTS, at) {
                None => long.homes.len() as u32,
                Some((leaf, before)) => {
                    let chunk = &long.chunks[leaf as usize];
                    before[MARKERS] + chunk.markers_before(at - before[ELEMENTS]) as u32
                }
            },
        }
    }

    /// The last marker before the element number `at`: its line, and which element it is.
    pub fn marker_before(&self, at: u32) -> Option<(LineIndex, u32)> {
        match self {
            Self::Short(chunk) => chunk.marker_before(at),
            Self::Long(long) if long.homes.is_empty() => None,
            Self::Long(long) => {
                let (leaf, start) = long.chunk_before(at);
                let inside = long.chunks[leaf as usize].marker_before(at - start);
                if let Some((line, place)) = inside {
                    return Some((line, start + place));
                }
                let rank = long.order.before(leaf)[MARKERS].checked_sub(1)?;
                let place = self.marker_place(rank)?;
                Some((self.marker(rank)?, place))
            }
        }
    }

    /// The element that the marker with `rank` markers before it is.
    pub fn marker_place(&self, rank: u32) -> Option<u32> {
        if rank >= self.marker_count() {
            return None;
        }
        match self {
            Self::Short(chunk) => Some(chunk.marker_position(rank as usize)),
            Self::Long(long) => {
                let (leaf, before) = long.order.find(MARKERS, rank)?;
                let inside = (rank - before[MARKERS]) as usize;
                let chunk = &long.chunks[leaf as usize];
                Some(before[ELEMENTS] + chunk.marker_position(inside))
            }
        }
    }

    /// The line whose marker has `rank` markers before it.
    pub fn marker(&self, rank: u32) -> Option<LineIndex> {
        match self {
            Self::Short(chunk) => chunk.markers().get(rank as usize).copied(),
            Self::Long(long) => {
                let (leaf, before) = long.order.find(MARKERS, rank)?;
                let inside = (rank - before[MARKERS]) as usize;
                Some(long.chunks[leaf as usize].markers()[inside])
            }
        }
    }

    /// The markers before that of `line`.
    pub fn rank(&self, line: LineIndex) -> u32 {
        let among = |chunk: &Chunk| {
            let place = chunk.markers().iter().position(|&marker| marker == line);
            place.expect("a marker of this strand") as u32
        };
        match self {
            Self::Short(chunk) => among(chunk),
            Self::Long(long) => {
                let leaf = long.homes[&line];
                long.order.before(leaf)[MARKERS] + among(&long.chunks[leaf as usize])
            }
        }
    }

    /// Adds the characters of so many elements, none of them a marker.
    pub fn push_text(&self, at: u32, count: u32, text: &mut String) {
        match self {
            Self::Short(chunk) => chunk.push_text(at, count, text),
            Self::Long(long) => {
                let (mut at, mut left) = (at, count);
                while left > 0 {
                    let (leaf, before) = long
                        .order
                        .find(ELEMENTS, at)
                        .expect("a stretch of the text");
                    let chunk = &long.chunks[leaf as usize];
                    let inside = at - before[ELEMENTS];
                    let count = left.min(chunk.elements() - inside);
                    chunk.push_text(inside, count, text);
                    (at, left) = (at + count, left - count);
                }
            }
        }
    }
}

impl Long {
    fn new(chunk: Chunk) -> Self {
        let mut long = Self {
            bytes: chunk.bytes(),
            elements: chunk.elements(),
            order: Counted::new([chunk.elements(), chunk.markers().len() as u32]),
            homes: chunk.markers().iter().map(|&line| (line, 0)).collect(),
            chunks: vec![chunk],
            cursor: (0, 0),
        };
        long.part(0);
        long
    }

    /// The chunk that an insertion at `at` goes to, and the elements before that.
    fn seek(&mut self, at: u32) -> (Leaf, u32) {
        self.cursor = self.chunk_before(at);
        self.cursor
    }

    /// The chunk with the element in front of `at`, and the elements before that.
    fn chunk_before(&self, at: u32) -> (Leaf, u32) {
        let (leaf, start) = self.cursor;
        let elements = self.chunks[leaf as usize].elements();
        if at > start && at <= start + elements {
            return self.cursor;
        }
        let left = at.saturating_sub(1);
        let found = self.order.find(ELEMENTS, left);
        found.map_or((0, 0), |(leaf, before)| (leaf, before[ELEMENTS]))
    }

    fn added(&mut self, leaf: Leaf, weight: Weight<2>, bytes: usize) {
        self.order.add(leaf, weight);
        self.bytes += bytes;
        self.elements += weight[ELEMENTS];
        if self.chunks[leaf as usize].bytes() > BYTES_MAX {
            self.part(leaf);
        }
    }

    /// Cuts a chunk that has become too long into pieces of equal length.
    fn part(&mut self, leaf: Leaf) {
        let bytes = self.chunks[leaf as usize].bytes();
        let pieces = (bytes * 4).div_ceil(BYTES_MAX * 3).max(2);
        for piece in (1..pieces).rev() {
            let tail = self.chunks[leaf as usize].split_off(bytes / pieces * piece);
            let weight = [tail.elements(), tail.markers().len() as u32];
            self.order.add(leaf, minus([0, 0], weight));
            let new = self.order.insert_after(leaf, weight);
            for &line in tail.markers() {
                self.homes.insert(line, new);
            }
            self.chunks.push(tail);
        }
        self.chunks[leaf as usize].shrink();
    }

    fn joined(&self) -> Chunk {
        let mut whole = Chunk::default();
        let mut next = Some(0);
        while let Some(leaf) = next {
            whole.append(&self.chunks[leaf as usize]);
            next = self.order.next(leaf);
        }
        whole
    }
}
