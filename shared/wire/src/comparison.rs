//! How two replicas that have the same events, and show something else, find the lines that differ:
//! each tells digests of ranges of line ids, and cuts smaller those of which the other has another
//! digest, until there are so few lines that it names them.
//!
//! Knows nothing of sockets, nor of which of the two is right.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use tideline_model::{Document, LineId, ReplicaId};
use uuid::Uuid;

use crate::limits::{COMPARISON_ANSWERS_MAX, LINES_PER_RANGE_MAX, RANGES_PER_FRAME_MAX};
use crate::message::version_digest;

/// What parts of a document look like at a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranges {
    /// [`version_digest`] of the version.
    pub version: u128,
    /// That of the whole document, title and properties included.
    pub hash: u128,
    pub ranges: Vec<RangeSum>,
}

/// What the displayed lines of a range of ids look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeSum {
    pub first: LineId,
    pub last: LineId,
    pub hash: u128,
    /// All of them, when they are few.
    pub lines: Option<Vec<LineSum>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSum {
    pub line: LineId,
    pub hash: u128,
}

/// What came of something that another replica told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// To be told in turn.
    pub reply: Option<Ranges>,
    /// Lines that look different there, or are displayed in one place only; each once.
    pub lines: Vec<LineId>,
    /// No line does: it is the title or the properties of the document.
    pub is_title: bool,
}

/// One replica's side, for one document at one version.
#[derive(Debug, Clone)]
pub struct Comparison {
    version: u128,
    /// Ranges whose lines were named.
    named: BTreeSet<(LineId, LineId)>,
    found: BTreeSet<LineId>,
    /// It is known that no line differs.
    is_title: bool,
    answers_left: u32,
}

impl Comparison {
    pub fn new(document: &Document) -> Self {
        Self {
            version: version_digest(&document.version()),
            named: BTreeSet::new(),
            found: BTreeSet::new(),
            is_title: false,
            answers_left: COMPARISON_ANSWERS_MAX,
        }
    }

    /// Whether it is still about the document as it is.
    pub fn is_of(&self, document: &Document) -> bool {
        self.version == version_digest(&document.version())
    }

    /// What to tell another replica that has another digest.
    pub fn begin(&mut self, document: &Document) -> Ranges {
        let mut ranges = Vec::new();
        self.cut(document, whole(), RANGES_PER_FRAME_MAX, &mut ranges);
        self.tell(document, ranges)
    }

    /// Takes in what another replica tells. Nothing comes of what is about another version.
    pub fn hear(&mut self, document: &Document, theirs: &Ranges) -> Finding {
        let mut finding = Finding::default();
        let is_other = theirs.version == self.version && theirs.hash != document.hash();
        if !is_other || self.answers_left == 0 {
            return finding;
        }
        let differing: Vec<&RangeSum> = theirs
            .ranges
            .iter()
            .filter(|range| range.first <= range.last)
            .filter(|range| document.range_hash(range.first..=range.last).hash != range.hash)
            .collect();
        let parts = (RANGES_PER_FRAME_MAX / differing.len().max(1)).max(2);
        let mut replies = Vec::new();
        for range in &differing {
            self.hear_range(document, range, parts, &mut replies, &mut finding);
        }
        if differing.is_empty() && is_whole(&theirs.ranges) && !self.is_title {
            self.is_title = true;
            finding.is_title = true;
            self.cut(document, whole(), 1, &mut replies);
        }
        if !replies.is_empty() {
            self.answers_left -= 1;
            finding.reply = Some(self.tell(document, replies));
        }
        finding
    }

    fn hear_range(
        &mut self,
        document: &Document,
        theirs: &RangeSum,
        parts: usize,
        replies: &mut Vec<RangeSum>,
        finding: &mut Finding,
    ) {
        let range = theirs.first..=theirs.last;
        if let Some(lines) = &theirs.lines {
            let differing = differing(&document.line_hashes(range.clone()), lines);
            let new = differing
                .into_iter()
                .filter(|&line| self.found.insert(line));
            finding.lines.extend(new);
            if self.named.contains(&(theirs.first, theirs.last)) {
                return;
            }
        }
        self.cut(document, range, parts, replies);
    }

    /// Names the lines of a range, or cuts it into parts, while there is room.
    fn cut(
        &mut self,
        document: &Document,
        range: RangeInclusive<LineId>,
        parts: usize,
        told: &mut Vec<RangeSum>,
    ) {
        let whole = document.range_hash(range.clone());
        let room = RANGES_PER_FRAME_MAX - told.len();
        if whole.lines > LINES_PER_RANGE_MAX {
            let parts = document.range_hashes(range, parts.min(room));
            told.extend(parts.into_iter().take(room).map(|part| RangeSum {
                first: part.first,
                last: part.last,
                hash: part.hash,
                lines: None,
            }));
        } else if room > 0 {
            let (first, last) = (*range.start(), *range.end());
            self.named.insert((first, last));
            let lines = document.line_hashes(range).into_iter();
            let lines = lines.map(|(line, hash)| LineSum { line, hash });
            told.push(RangeSum {
                first,
                last,
                hash: whole.hash,
                lines: Some(lines.collect()),
            });
        }
    }

    fn tell(&self, document: &Document, ranges: Vec<RangeSum>) -> Ranges {
        Ranges {
            version: self.version,
            hash: document.hash(),
            ranges,
        }
    }
}

/// The lines that two documents in one place show differently.
pub fn differing_lines(one: &Document, other: &Document) -> Vec<LineId> {
    let lines = other.line_hashes(whole()).into_iter();
    let lines: Vec<LineSum> = lines.map(|(line, hash)| LineSum { line, hash }).collect();
    differing(&one.line_hashes(whole()), &lines)
        .into_iter()
        .collect()
}

/// All lines that there can be.
fn whole() -> RangeInclusive<LineId> {
    let last = LineId {
        replica: ReplicaId(Uuid::max()),
        number: u64::MAX,
    };
    LineId::ROOT..=last
}

fn is_whole(ranges: &[RangeSum]) -> bool {
    let (first, last) = whole().into_inner();
    ranges.first().is_some_and(|range| range.first == first)
        && ranges.last().is_some_and(|range| range.last == last)
}

/// The lines that are not in both with the same digest.
fn differing(own: &[(LineId, u128)], theirs: &[LineSum]) -> BTreeSet<LineId> {
    let own: BTreeMap<LineId, u128> = own.iter().copied().collect();
    let theirs: BTreeMap<LineId, u128> = theirs.iter().map(|it| (it.line, it.hash)).collect();
    let lines = own.keys().chain(theirs.keys()).copied();
    lines
        .filter(|line| own.get(line) != theirs.get(line))
        .collect()
}
