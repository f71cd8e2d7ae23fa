//! The digest of what is displayed: a sum over lines, so that what one line contributes can be
//! replaced alone. Every text is preceded by its length, numbers are little-endian.

use std::cell::Ref;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use xxhash_rust::xxh3::Xxh3Default;

use crate::bytes::{Damaged, Reader, put_number};
use crate::document::Document;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::line::Value;
use crate::property::{properties, tags};

/// Lines of which the sum is kept: one that changes is summed up with those beside it.
const BLOCK: usize = u64::BITS as usize;

/// What the displayed lines contribute, as it was when somebody last asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    blocks: Vec<Block>,
    sum: u128,
    is_begun: bool,
    /// Blocks with lines that contribute something else since.
    noted: HashSet<usize>,
    /// Whether lines are not displayed any more that were not noted: they, and what hung from them,
    /// which may hang from others by now.
    has_hidden: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Block {
    sum: u128,
    /// Bit by bit, the lines that contribute.
    lines: u64,
}

/// The digest of the displayed lines of a range of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeHash {
    pub first: LineId,
    pub last: LineId,
    /// Displayed lines.
    pub lines: usize,
    pub hash: u128,
}

impl Sums {
    pub fn note(&mut self, line: LineIndex) {
        if self.is_begun {
            self.noted.insert(line.at() / BLOCK);
        }
    }

    /// A line is not displayed.
    pub fn note_hidden(&mut self, line: LineIndex) {
        if line.at() / BLOCK < self.blocks.len() && self.has(line) {
            self.note(line);
        }
    }

    /// Lines are not displayed any more, too many to be named.
    pub fn note_many_hidden(&mut self) {
        self.has_hidden = true;
    }

    /// Whether anybody has asked yet.
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Sums up a block anew.
    fn set(
        &mut self,
        document: &Document,
        block: usize,
        previous: impl Fn(LineIndex) -> Option<LineIndex>,
    ) {
        let mut new = Block::default();
        for line in lines_of(document, block) {
            if document.display.is_displayed(line) {
                let hash = line_hash(document, line, previous(line));
                new.sum = new.sum.wrapping_add(hash);
                new.lines |= 1 << (line.at() % BLOCK);
            }
        }
        let old = std::mem::replace(&mut self.blocks[block], new);
        self.sum = self.sum.wrapping_sub(old.sum).wrapping_add(new.sum);
    }

    /// Nothing may be noted.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.sum.to_le_bytes());
        put_number(bytes, self.blocks.len() as u64);
        for block in &self.blocks {
            bytes.extend_from_slice(&block.sum.to_le_bytes());
            bytes.extend_from_slice(&block.lines.to_le_bytes());
        }
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Damaged> {
        let sum = u128::from_le_bytes(array(reader)?);
        let mut blocks = Vec::new();
        for _ in 0..reader.count()? {
            blocks.push(Block {
                sum: u128::from_le_bytes(array(reader)?),
                lines: u64::from_le_bytes(array(reader)?),
            });
        }
        Ok(Self {
            blocks,
            sum,
            is_begun: true,
            noted: HashSet::new(),
            has_hidden: false,
        })
    }

    /// Whether a line contributes.
    fn has(&self, line: LineIndex) -> bool {
        self.blocks[line.at() / BLOCK].lines >> (line.at() % BLOCK) & 1 == 1
    }
}

fn array<const N: usize>(reader: &mut Reader<'_>) -> Result<[u8; N], Damaged> {
    reader.take(N)?.try_into().map_err(|_| Damaged)
}

/// Without the root.
fn lines_of(document: &Document, block: usize) -> impl Iterator<Item = LineIndex> + use<> {
    let end = document.state.lines.len().min((block + 1) * BLOCK);
    ((block * BLOCK).max(1)..end).map(LineIndex::new)
}

pub(crate) fn hash(document: &Document) -> u128 {
    let mut sums = document.sums.borrow_mut();
    bring_up_to_date(document, &mut sums);
    sums.sum.wrapping_add(root_hash(document))
}

fn bring_up_to_date(document: &Document, sums: &mut Sums) {
    let blocks = document.state.lines.len().div_ceil(BLOCK);
    sums.blocks.resize(blocks, Block::default());
    if !std::mem::replace(&mut sums.is_begun, true) {
        sums.has_hidden = false;
        let previous = previous_siblings(document);
        for block in 0..blocks {
            sums.set(document, block, |line| previous[line.at()]);
        }
        return;
    }
    if std::mem::take(&mut sums.has_hidden) {
        note_hidden_blocks(document, sums);
    }
    for block in std::mem::take(&mut sums.noted) {
        sums.set(document, block, |line| previous_sibling(document, line));
    }
}

/// Looks at every line that contributes: what was hidden took along what hung from it then, and
/// that is not written down anywhere.
fn note_hidden_blocks(document: &Document, sums: &mut Sums) {
    for block in 0..sums.blocks.len() {
        let is_hidden = |line| sums.has(line) && !document.display.is_displayed(line);
        if lines_of(document, block).any(is_hidden) {
            sums.noted.insert(block);
        }
    }
}

/// The digests of about `parts` ranges, of as many lines each, that make up `range`. Two replicas
/// that compare them, and then those of the ranges that differ, find what differs in a few
/// exchanges.
pub(crate) fn range_hashes(
    document: &Document,
    range: &RangeInclusive<LineId>,
    parts: usize,
) -> Vec<RangeHash> {
    let sums = up_to_date(document);
    let lines = lines_in(document, &sums, range);
    let mut hashes: Vec<RangeHash> = Vec::new();
    let mut first = *range.start();
    let size = lines.len().div_ceil(parts.max(1)).max(1);
    for chunk in lines.chunks(size) {
        let last = chunk.last();
        let last = last.map_or(first, |&line| document.state.line(line).id);
        hashes.push(sum_up(document, &sums, first..=last, chunk));
        first = last.next();
    }
    match hashes.last_mut() {
        Some(hash) => hash.last = *range.end(),
        None => hashes.push(sum_up(document, &sums, range.clone(), &[])),
    }
    hashes
}

/// The digest of a range that another replica has named.
pub(crate) fn range_hash(document: &Document, range: &RangeInclusive<LineId>) -> RangeHash {
    let sums = up_to_date(document);
    let lines = lines_in(document, &sums, range);
    sum_up(document, &sums, range.clone(), &lines)
}

/// What each displayed line of a range adds to its digest.
pub(crate) fn line_hashes(
    document: &Document,
    range: &RangeInclusive<LineId>,
) -> Vec<(LineId, u128)> {
    let lines = lines_in(document, &up_to_date(document), range).into_iter();
    let hash = |line| line_hash(document, line, previous_sibling(document, line));
    let lines = lines.map(|line| (document.state.line(line).id, hash(line)));
    lines.collect()
}

fn up_to_date(document: &Document) -> Ref<'_, Sums> {
    bring_up_to_date(document, &mut document.sums.borrow_mut());
    document.sums.borrow()
}

fn sum_up(
    document: &Document,
    sums: &Sums,
    range: RangeInclusive<LineId>,
    lines: &[LineIndex],
) -> RangeHash {
    let mut hash = 0_u128;
    for lines in lines.chunk_by(|one, next| one.at() / BLOCK == next.at() / BLOCK) {
        let block = sums.blocks[lines[0].at() / BLOCK];
        let part = if block.lines.count_ones() as usize == lines.len() {
            block.sum
        } else {
            let hash = |&line| line_hash(document, line, previous_sibling(document, line));
            let hashes = lines.iter().map(hash);
            hashes.fold(0, u128::wrapping_add)
        };
        hash = hash.wrapping_add(part);
    }
    RangeHash {
        first: *range.start(),
        last: *range.end(),
        lines: lines.len(),
        hash,
    }
}

/// The displayed lines of a range of ids, in the order of the ids.
fn lines_in(document: &Document, sums: &Sums, range: &RangeInclusive<LineId>) -> Vec<LineIndex> {
    let lines = document.state.lines.by_id(range);
    lines.filter(|&line| sums.has(line)).collect()
}

fn root_hash(document: &Document) -> u128 {
    let mut digest = Digest::default();
    digest.text(document.title());
    digest.content(document, LineIndex::ROOT);
    digest.0.digest128()
}

fn previous_sibling(document: &Document, line: LineIndex) -> Option<LineIndex> {
    document.display.previous_sibling(&document.state, line)
}

/// Of all displayed lines at once, parent by parent.
fn previous_siblings(document: &Document) -> Vec<Option<LineIndex>> {
    let Document { state, display, .. } = document;
    let mut previous = vec![None; state.lines.len()];
    let mut parents = vec![LineIndex::ROOT];
    while let Some(parent) = parents.pop() {
        let children = display.children(state, parent);
        for pair in children.windows(2) {
            previous[pair[1].at()] = Some(pair[0]);
        }
        parents.extend(children);
    }
    previous
}

fn line_hash(document: &Document, line: LineIndex, previous: Option<LineIndex>) -> u128 {
    let Document { state, display, .. } = document;
    let this = state.line(line);
    let previous = previous.map_or(LineId::ROOT, |previous| state.line(previous).id);
    let mut digest = Digest::default();
    digest.id(this.id);
    digest.id(state.line(display.parent(line)).id);
    digest.id(previous);
    digest.text(&this.kind().to_string());
    digest.text(&display.text_of(state, line));
    digest.content(document, line);
    digest.0.digest128()
}

#[derive(Default)]
struct Digest(Xxh3Default);

impl Digest {
    fn id(&mut self, id: LineId) {
        self.0.update(id.replica.0.as_bytes());
        self.0.update(&id.number.to_le_bytes());
    }

    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn content(&mut self, document: &Document, line: LineIndex) {
        let history = &document.state.history;
        let records = document.state.line(line).records();
        let tags = tags(history, &records.tags);
        self.number(tags.len() as u64);
        for tag in &tags {
            self.text(tag);
        }
        let properties = properties(history, &records.properties);
        self.number(properties.len() as u64);
        for (name, values) in &properties {
            self.text(name);
            self.number(values.len() as u64);
            values.iter().for_each(|value| self.value(value));
        }
    }

    /// Lists are written from the outside in, so that no depth is too much for the stack.
    fn value(&mut self, value: &Value) {
        let mut queue = vec![value];
        while let Some(value) = queue.pop() {
            match value {
                Value::Text(text) => {
                    self.number(0);
                    self.text(text);
                }
                Value::Integer(number) => {
                    self.number(1);
                    self.0.update(&number.to_le_bytes());
                }
                Value::Boolean(flag) => self.number(2 + u64::from(*flag)),
                Value::List(values) => {
                    self.number(4);
                    self.number(values.len() as u64);
                    queue.extend(values.iter().rev());
                }
            }
        }
    }
}
