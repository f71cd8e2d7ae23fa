//! The digest of what is displayed: a sum over lines, so that what one line contributes can be
//! replaced alone. Every text is preceded by its length, numbers are little-endian.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use xxhash_rust::xxh3::Xxh3Default;

use crate::document::Document;
use crate::id::LineId;
use crate::index::LineIndex;
use crate::line::Value;
use crate::property::{properties, tags};

/// What the displayed lines contribute, as it was when somebody last asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    /// 0 of lines that are not displayed.
    of_lines: Vec<u128>,
    sum: u128,
    is_begun: bool,
    /// Lines that contribute something else since.
    noted: HashSet<LineIndex>,
    /// Whether lines are not displayed any more: they, and what hung from them, which may hang from
    /// others by now.
    has_hidden: bool,
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
            self.noted.insert(line);
        }
    }

    pub fn note_hidden(&mut self) {
        self.has_hidden = true;
    }

    fn set(&mut self, line: LineIndex, hash: u128) {
        let old = std::mem::replace(&mut self.of_lines[line.at()], hash);
        self.sum = self.sum.wrapping_sub(old).wrapping_add(hash);
    }
}

pub(crate) fn hash(document: &Document) -> u128 {
    let mut sums = document.sums.borrow_mut();
    bring_up_to_date(document, &mut sums);
    sums.sum.wrapping_add(root_hash(document))
}

fn bring_up_to_date(document: &Document, sums: &mut Sums) {
    let display = &document.display;
    sums.of_lines.resize(document.state.lines.len(), 0);
    if !std::mem::replace(&mut sums.is_begun, true) {
        sums.noted = document.state.all_lines().collect();
    }
    if std::mem::take(&mut sums.has_hidden) {
        clear_hidden(document, sums);
    }
    for line in std::mem::take(&mut sums.noted) {
        let is_displayed = display.is_displayed(line);
        let hash = is_displayed.then(|| line_hash(document, line));
        sums.set(line, hash.unwrap_or(0));
    }
}

/// Looks at every line that contributes: what was hidden took along what hung from it then, and
/// that is not written down anywhere.
fn clear_hidden(document: &Document, sums: &mut Sums) {
    for line in document.state.all_lines() {
        if sums.of_lines[line.at()] != 0 && !document.display.is_displayed(line) {
            sums.set(line, 0);
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
    let lines = lines_in(document, range);
    let mut hashes: Vec<RangeHash> = Vec::new();
    let mut first = *range.start();
    let size = lines.len().div_ceil(parts.max(1)).max(1);
    for chunk in lines.chunks(size) {
        let last = chunk.last().map_or(first, |&(id, _)| id);
        hashes.push(sum_up(first..=last, chunk));
        first = last.next();
    }
    match hashes.last_mut() {
        Some(hash) => hash.last = *range.end(),
        None => hashes.push(sum_up(range.clone(), &[])),
    }
    hashes
}

/// The digest of a range that another replica has named.
pub(crate) fn range_hash(document: &Document, range: &RangeInclusive<LineId>) -> RangeHash {
    sum_up(range.clone(), &lines_in(document, range))
}

fn sum_up(range: RangeInclusive<LineId>, lines: &[(LineId, u128)]) -> RangeHash {
    let hashes = lines.iter().map(|&(_, hash)| hash);
    RangeHash {
        first: *range.start(),
        last: *range.end(),
        lines: lines.len(),
        hash: hashes.fold(0, u128::wrapping_add),
    }
}

/// The displayed lines of a range by id, with what they contribute.
fn lines_in(document: &Document, range: &RangeInclusive<LineId>) -> Vec<(LineId, u128)> {
    let mut sums = document.sums.borrow_mut();
    bring_up_to_date(document, &mut sums);
    let hashes = sums.of_lines.iter().zip(&document.state.lines);
    let mut lines: Vec<(LineId, u128)> = hashes
        .filter(|&(&hash, line)| hash != 0 && range.contains(&line.id))
        .map(|(&hash, line)| (line.id, hash))
        .collect();
    lines.sort_unstable();
    lines
}

fn root_hash(document: &Document) -> u128 {
    let mut digest = Digest::default();
    digest.text(document.title());
    digest.content(document, LineIndex::ROOT);
    digest.0.digest128()
}

fn line_hash(document: &Document, line: LineIndex) -> u128 {
    let Document { state, display, .. } = document;
    let this = state.line(line);
    let previous = display.previous_sibling(state, line);
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
