//! All strands of a document. Most were written in one run and never touched since: those lie packed,
//! many a block, and one is woken when an event touches it. So many stay awake; the others are packed
//! again. Knows nothing of what a strand is for.

mod blocks;

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;

use foldhash::HashMap;

use crate::index::{LineIndex, StrandIndex};
use crate::strand::Strand;

pub(crate) use crate::strands::blocks::Blocks;

/// Strands that stay awake. Up to twice as many are, before those woken longest ago are packed.
const AWAKE_MAX: usize = 1024;

/// Packed strands that were only read, and stay at hand.
const READ_MAX: usize = 64;

#[derive(Debug, Clone)]
struct Awake {
    index: StrandIndex,
    strand: Strand,
    /// When it was woken or edited last.
    used: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Strands {
    blocks: Blocks,
    awake: Vec<Awake>,
    /// Where in `awake` each is.
    places: HashMap<StrandIndex, u32>,
    /// Of the strand that was woken or edited last: it is asked for next, nearly always.
    latest: usize,
    /// Those that were packed again, alone.
    settled: HashMap<StrandIndex, Box<[u8]>>,
    /// Bit by bit, the strands in which something happened since they were created.
    touched: Vec<u64>,
    /// Strands, one after the other, of which the first lines follow each other too.
    firsts: Vec<(StrandIndex, LineIndex)>,
    clock: u64,
    read: RefCell<HashMap<StrandIndex, Arc<Strand>>>,
}

impl Clone for Strands {
    fn clone(&self) -> Self {
        Self {
            blocks: self.blocks.clone(),
            awake: self.awake.clone(),
            places: self.places.clone(),
            latest: self.latest,
            settled: self.settled.clone(),
            touched: self.touched.clone(),
            firsts: self.firsts.clone(),
            clock: self.clock,
            read: RefCell::default(),
        }
    }
}

/// A strand to read.
pub(crate) enum StrandRef<'a> {
    Awake(&'a Strand),
    Read(Arc<Strand>),
}

impl Deref for StrandRef<'_> {
    type Target = Strand;

    fn deref(&self) -> &Strand {
        match self {
            Self::Awake(strand) => strand,
            Self::Read(strand) => strand,
        }
    }
}

impl Strands {
    /// The root is the first line of a strand too, which stays empty.
    pub fn new() -> Self {
        let mut strands = Self::default();
        strands.push(LineIndex::ROOT, "");
        strands
    }

    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// A strand as it is created.
    pub fn push(&mut self, first: LineIndex, text: &str) -> StrandIndex {
        let index = StrandIndex::new(self.len());
        self.blocks.push(text.as_bytes());
        let follows = self
            .firsts
            .last()
            .is_some_and(|&(strand, line)| index.0 - strand.0 == first.0 - line.0);
        if !follows {
            self.firsts.push((index, first));
        }
        index
    }

    /// No more strands come for now.
    pub fn end_pushing(&mut self) {
        self.blocks.end_sealing();
    }

    /// The line that the strand started with.
    pub fn first_line(&self, strand: StrandIndex) -> LineIndex {
        let behind = self.firsts.partition_point(|&(first, _)| first <= strand);
        let (first, line) = self.firsts[behind - 1];
        LineIndex(line.0 + (strand.0 - first.0))
    }

    /// Whether nothing happened to the strand since it was created. May say no although nothing did.
    pub fn is_untouched(&self, strand: StrandIndex) -> bool {
        let word = self.touched.get(strand.at() / 64).copied().unwrap_or(0);
        word >> (strand.0 % 64) & 1 == 0
    }

    pub fn is_merging(&self, strand: StrandIndex) -> bool {
        self.awake(strand).is_some_and(Strand::is_merging)
    }

    fn awake(&self, strand: StrandIndex) -> Option<&Strand> {
        let place = self.place(strand)?;
        Some(&self.awake[place].strand)
    }

    fn place(&self, strand: StrandIndex) -> Option<usize> {
        let latest = self.awake.get(self.latest);
        if latest.is_some_and(|awake| awake.index == strand) {
            return Some(self.latest);
        }
        self.places.get(&strand).map(|&place| place as usize)
    }

    pub fn get(&self, strand: StrandIndex) -> StrandRef<'_> {
        if let Some(strand) = self.awake(strand) {
            return StrandRef::Awake(strand);
        }
        if self.is_untouched(strand) {
            return StrandRef::Read(Arc::new(self.unpack(strand)));
        }
        let mut read = self.read.borrow_mut();
        if let Some(strand) = read.get(&strand) {
            return StrandRef::Read(Arc::clone(strand));
        }
        if read.len() >= READ_MAX {
            read.clear();
        }
        let unpacked = Arc::new(self.unpack(strand));
        read.insert(strand, Arc::clone(&unpacked));
        StrandRef::Read(unpacked)
    }

    /// Adds the text of a strand in which nothing happened.
    pub fn push_untouched_text(&self, strand: StrandIndex, text: &mut String) {
        self.blocks
            .with(strand, |bytes| text.push_str(text_of(bytes)));
    }

    fn unpack(&self, index: StrandIndex) -> Strand {
        let first = self.first_line(index);
        let unpacked = |bytes: &[u8]| {
            Strand::unpack(first, bytes)
                .expect("a strand as it was packed, checked when it was read")
        };
        if let Some(bytes) = self.settled.get(&index) {
            return unpacked(bytes);
        }
        let is_untouched = self.is_untouched(index);
        self.blocks.with(index, |bytes| {
            if is_untouched {
                Strand::new(first, text_of(bytes))
            } else {
                unpacked(bytes)
            }
        })
    }

    /// The strand, to be edited.
    pub fn wake(&mut self, strand: StrandIndex) -> &mut Strand {
        self.clock += 1;
        let place = self.place(strand).unwrap_or_else(|| self.wake_up(strand));
        self.latest = place;
        let awake = &mut self.awake[place];
        awake.used = self.clock;
        &mut awake.strand
    }

    fn wake_up(&mut self, index: StrandIndex) -> usize {
        let strand = self.unpack(index);
        self.read.get_mut().remove(&index);
        self.settled.remove(&index);
        let word = index.at() / 64;
        if self.touched.len() <= word {
            self.touched.resize(word + 1, 0);
        }
        self.touched[word] |= 1 << (index.0 % 64);
        let place = self.awake.len();
        self.places.insert(index, place as u32);
        self.awake.push(Awake {
            index,
            strand,
            used: 0,
        });
        place
    }

    /// Drops the merge state of a strand.
    pub fn rest(&mut self, strand: StrandIndex) {
        if let Some(place) = self.place(strand) {
            self.awake[place].strand.rest();
        }
    }

    /// Packs the strands that were woken longest ago, if too many are awake.
    pub fn settle(&mut self) {
        if self.awake.len() <= 2 * AWAKE_MAX {
            return;
        }
        self.awake.sort_unstable_by_key(|awake| awake.used);
        let longest_ago = ..self.awake.len() - AWAKE_MAX;
        for Awake { index, strand, .. } in self.awake.drain(longest_ago) {
            self.settled.insert(index, packed(&strand));
        }
        let places = self.awake.iter().zip(0..);
        self.places = places.map(|(awake, place)| (awake.index, place)).collect();
    }

    /// The strands that are awake, for a test of the bound.
    #[cfg(test)]
    pub fn awake_count(&self) -> usize {
        self.awake.len()
    }

    /// All of them in blocks, and the bits of those in which something happened.
    pub fn to_blocks(&self) -> (Blocks, &[u64]) {
        let mut changed: Vec<(StrandIndex, Box<[u8]>)> = self
            .awake
            .iter()
            .map(|awake| (awake.index, packed(&awake.strand)))
            .chain(
                self.settled
                    .iter()
                    .map(|(&strand, bytes)| (strand, bytes.clone())),
            )
            .collect();
        changed.sort_unstable_by_key(|&(strand, _)| strand);
        (self.blocks.changed(&changed), &self.touched)
    }

    pub fn firsts(&self) -> &[(StrandIndex, LineIndex)] {
        &self.firsts
    }

    pub fn from_blocks(
        blocks: Blocks,
        touched: Vec<u64>,
        firsts: Vec<(StrandIndex, LineIndex)>,
    ) -> Self {
        Self {
            blocks,
            touched,
            firsts,
            ..Self::default()
        }
    }
}

fn packed(strand: &Strand) -> Box<[u8]> {
    let mut bytes = Vec::new();
    strand.pack(&mut bytes);
    bytes.into_boxed_slice()
}

fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the text that a strand was created with")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;
    use crate::index::EventIndex;
    use crate::integrate::Effects;

    #[test]
    fn so_many_strands_are_awake_and_no_more() {
        let mut strands = Strands::new();
        let history = History::default();
        let count = 5 * AWAKE_MAX as u32;
        for line in 1..=count {
            strands.push(LineIndex(line), "text");
        }
        let insert = |strands: &mut Strands, strand: u32| {
            let effects = &mut Effects::default();
            let strand = strands.wake(StrandIndex(strand));
            strand.insert(&history, EventIndex(0), 0, "more ", effects);
        };
        for strand in 1..=count {
            insert(&mut strands, strand);
            strands.settle();
            assert!(strands.awake_count() <= 2 * AWAKE_MAX);
        }
        for strand in 1..=count {
            let mut text = String::new();
            strands
                .get(StrandIndex(strand))
                .push_slice_text(None, &mut text);
            assert_eq!(text, "more text");
            assert_eq!(strands.first_line(StrandIndex(strand)), LineIndex(strand));
        }
    }
}
