//! A stretch of text with the markers in it. Knows nothing of other stretches.

use memchr::{memchr, memchr_iter, memrchr};

use crate::bytes::Damaged;
use crate::index::LineIndex;

/// Stands for a marker among the bytes; UTF-8 has no such byte.
const MARKER: u8 = 0xFF;

/// Bytes that a chunk of many may have.
pub(super) const BYTES_MAX: usize = 1024;

/// UTF-8 with markers in between.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    /// The lines whose markers are here, in order.
    markers: Vec<LineIndex>,
    elements: u32,
}

impl Chunk {
    pub fn new(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            markers: Vec::new(),
            elements: elements_in(text.as_bytes()),
        }
    }

    /// From its bytes, and its lines in order.
    pub fn from_raw(
        bytes: Vec<u8>,
        mut line: impl FnMut() -> Result<LineIndex, Damaged>,
    ) -> Result<Self, Damaged> {
        let mut markers = Vec::new();
        for piece in bytes.split(|&byte| byte == MARKER) {
            std::str::from_utf8(piece).map_err(|_| Damaged)?;
        }
        for _ in memchr_iter(MARKER, &bytes) {
            markers.push(line()?);
        }
        Ok(Self {
            elements: elements_in(&bytes),
            bytes,
            markers,
        })
    }

    /// UTF-8, with a byte that it does not have for each marker.
    pub fn raw(&self) -> &[u8] {
        &self.bytes
    }

    pub fn elements(&self) -> u32 {
        self.elements
    }

    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn markers(&self) -> &[LineIndex] {
        &self.markers
    }

    /// Where the element number `at` starts; the end for the one behind the last.
    fn offset(&self, at: u32) -> usize {
        if self.bytes.len() == self.elements as usize {
            return at as usize;
        }
        offset_in(&self.bytes, at)
    }

    /// The bytes of so many elements behind the byte `start`.
    fn bytes_of(&self, start: usize, count: u32) -> usize {
        if self.bytes.len() == self.elements as usize {
            return count as usize;
        }
        offset_in(&self.bytes[start..], count)
    }

    /// The elements of some of the bytes.
    fn elements_of(&self, bytes: &[u8]) -> u32 {
        if self.bytes.len() == self.elements as usize {
            return bytes.len() as u32;
        }
        elements_in(bytes)
    }

    pub fn insert_text(&mut self, at: u32, text: &str, count: u32) {
        let start = self.offset(at);
        let end = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        if start < end {
            self.bytes.copy_within(start..end, start + text.len());
            self.bytes[start..start + text.len()].copy_from_slice(text.as_bytes());
        }
        self.elements += count;
    }

    pub fn insert_marker(&mut self, at: u32, line: LineIndex) {
        let start = self.offset(at);
        let rank = self.markers_before(at);
        self.bytes.insert(start, MARKER);
        self.markers.insert(rank, line);
        self.elements += 1;
    }

    pub fn remove_marker(&mut self, at: u32) -> LineIndex {
        let start = self.offset(at);
        let rank = memchr_iter(MARKER, &self.bytes[..start]).count();
        self.bytes.remove(start);
        self.elements -= 1;
        self.markers.remove(rank)
    }

    /// Takes out characters, no marker among them, and hands over their bytes.
    pub fn remove(&mut self, at: u32, count: u32, take: impl FnOnce(&str)) {
        let start = self.offset(at);
        let end = start + self.bytes_of(start, count);
        take(text_of(&self.bytes[start..end]));
        self.bytes.drain(start..end);
        self.elements -= count;
    }

    /// Markers before the element number `at`.
    pub fn markers_before(&self, at: u32) -> usize {
        if self.markers.is_empty() {
            return 0;
        }
        memchr_iter(MARKER, &self.bytes[..self.offset(at)]).count()
    }

    /// The last marker before the element number `at`: its line, and which element it is.
    pub fn marker_before(&self, at: u32) -> Option<(LineIndex, u32)> {
        if self.markers.is_empty() {
            return None;
        }
        let before = &self.bytes[..self.offset(at)];
        let place = memrchr(MARKER, before)?;
        let rank = memchr_iter(MARKER, &before[..place]).count();
        let behind = self.elements_of(&before[place + 1..]);
        Some((self.markers[rank], at - behind - 1))
    }

    /// The first marker from the element number `at` on.
    pub fn next_marker(&self, at: u32) -> Option<u32> {
        if self.markers.is_empty() {
            return None;
        }
        let start = self.offset(at);
        let len = memchr(MARKER, &self.bytes[start..])?;
        Some(at + self.elements_of(&self.bytes[start..start + len]))
    }

    /// The element that the marker with so many markers before it is.
    pub fn marker_position(&self, rank: usize) -> u32 {
        let mut places = memchr_iter(MARKER, &self.bytes);
        let place = places.nth(rank).expect("a marker that was counted");
        self.elements_of(&self.bytes[..place])
    }

    /// Adds the characters of so many elements, none of them a marker.
    pub fn push_text(&self, at: u32, count: u32, text: &mut String) {
        let start = self.offset(at);
        let end = start + self.bytes_of(start, count);
        text.push_str(text_of(&self.bytes[start..end]));
    }

    /// Cuts off what is behind about so many bytes.
    pub fn split_off(&mut self, bytes: usize) -> Self {
        let mut cut = bytes;
        while cut < self.bytes.len() && !is_start(self.bytes[cut]) {
            cut += 1;
        }
        let mut tail = Vec::with_capacity(BYTES_MAX);
        tail.extend_from_slice(&self.bytes[cut..]);
        self.bytes.truncate(cut);
        let elements = elements_in(&tail);
        self.elements -= elements;
        let markers = if self.markers.is_empty() {
            Vec::new()
        } else {
            let kept = memchr_iter(MARKER, &self.bytes).count();
            self.markers.split_off(kept)
        };
        Self {
            bytes: tail,
            markers,
            elements,
        }
    }

    pub fn append(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.markers.extend_from_slice(&other.markers);
        self.elements += other.elements;
    }

    pub fn shrink(&mut self) {
        self.bytes.shrink_to(BYTES_MAX);
    }
}

/// Every byte of an element but the first is `10xx_xxxx`.
fn is_start(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

fn elements_in(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| is_start(byte)).count() as u32
}

fn offset_in(bytes: &[u8], at: u32) -> usize {
    const BLOCK: usize = 64;
    let (mut left, mut passed) = (at as usize, 0);
    for block in bytes.chunks_exact(BLOCK) {
        let starts = block.iter().filter(|&&byte| is_start(byte)).count();
        if starts > left {
            break;
        }
        left -= starts;
        passed += BLOCK;
    }
    for &byte in &bytes[passed..] {
        if is_start(byte) {
            if left == 0 {
                break;
            }
            left -= 1;
        }
        passed += 1;
    }
    passed
}

fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("characters between markers")
}
