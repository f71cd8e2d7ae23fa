//! Documents made up of words as frequent as in a language: lines of about forty characters, four
//! levels deep, in chapters and sections. The same seed gives the same document.

use std::collections::HashMap;

use tideline_model::{
    Change, DocumentId, Event, EventId, Frontier, GroupId, Kind, LineId, LineView, NewLine,
    ReplicaId, Side, SlotId, SlotOrigin, SlotRef, UserId,
};
use tideline_store::{Commit, LineRow, Origin};
use uuid::Uuid;

pub const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(11));
const AUTHOR: UserId = UserId(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0));
const NOW_MS: i64 = 1_750_000_000_000;
const LINE_CHARS: usize = 40;
const VOCABULARY: u64 = 40_000;
/// Lines of a chapter, itself included, and of a section.
pub const CHAPTER_LINES: u32 = 100_001;
pub const SECTION_LINES: u32 = 10_000;
const LINES_PER_EVENT: u64 = 500;
/// One line in so many is written in Chinese.
const CHINESE_EVERY: u64 = 50;

/// A source of chance that is the same everywhere (xorshift).
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A word by its rank; short ones are frequent.
pub fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 24] = [
        "ta", "li", "ne", "ro", "ma", "si", "ver", "con", "tion", "ing", "pre", "al", "ous", "ed",
        "ter", "man", "an", "qui", "ber", "lo", "sta", "per", "is", "un",
    ];
    let mut rest = rank;
    let mut word = String::new();
    loop {
        word.push_str(SYLLABLES[(rest % 24) as usize]);
        rest /= 24;
        if rest == 0 {
            return word;
        }
    }
}

/// Few words make up most of a text (Zipf).
fn rank(luck: &mut Luck) -> u64 {
    let share = luck.below(1 << 20) as f64 / f64::from(1 << 20);
    ((VOCABULARY as f64).powf(share) as u64).saturating_sub(1)
}

fn text(luck: &mut Luck, number: u64) -> String {
    let mut text = String::new();
    if number.is_multiple_of(CHINESE_EVERY) {
        while text.chars().count() < LINE_CHARS / 2 {
            let share = luck.below(1 << 20) as f64 / f64::from(1 << 20);
            let at = 3000_f64.powf(share) as u32;
            text.extend(char::from_u32(0x4e00 + at));
        }
        return text;
    }
    while text.len() < LINE_CHARS {
        text.push_str(&word(rank(luck)));
        text.push(' ');
    }
    text.truncate(LINE_CHARS);
    text
}

/// A line that is made up; a parent comes before its children, a sibling before the next.
pub struct DraftLine {
    pub id: LineId,
    pub parent: LineId,
    pub text: String,
}

/// How the lines of a document stand to each other, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Chapters,
    /// All of them siblings.
    Flat,
    /// And numbered.
    Numbered,
}

/// Makes lines one after the other, as events and as rows.
pub struct Author {
    luck: Luck,
    replica: ReplicaId,
    seq: u64,
    number: u64,
    /// The open line on each level, and where its slot is.
    open: Vec<LineId>,
    last_child: HashMap<LineId, (LineId, SlotId)>,
    shape: Shape,
}

impl Author {
    pub fn new(replica: ReplicaId, shape: Shape) -> Self {
        Self {
            luck: Luck::new(7),
            replica,
            seq: 0,
            number: 0,
            open: Vec::new(),
            last_child: HashMap::new(),
            shape,
        }
    }

    /// The next `count` lines without anything that is Tideline's own.
    pub fn drafts(&mut self, count: u64) -> Vec<DraftLine> {
        let mut rows = Vec::new();
        self.event(count, &mut rows);
        let draft = |row: LineRow| DraftLine {
            id: row.line.id,
            parent: row.line.parent,
            text: row.line.text,
        };
        rows.into_iter().map(draft).collect()
    }

    /// The next `count` lines as one commit.
    pub fn commit(&mut self, group: GroupId, count: u64) -> anyhow::Result<Commit> {
        let mut commit = Commit::new(group, DOCUMENT, NOW_MS);
        let mut events = Vec::new();
        let mut left = count;
        while left > 0 {
            let lines = left.min(LINES_PER_EVENT);
            events.push(self.event(lines, &mut commit.rows));
            left -= lines;
        }
        let batches = tideline_wire::seal_all(group, DOCUMENT, &events)?;
        commit.batches = batches
            .into_iter()
            .map(|batch| (Origin::Local, batch))
            .collect();
        Ok(commit)
    }

    fn event(&mut self, count: u64, rows: &mut Vec<LineRow>) -> Event {
        self.seq += 1;
        let id = EventId {
            replica: self.replica,
            seq: self.seq,
        };
        let lines = (0..count).map(|index| self.line(id, index as u32, rows));
        let lines = lines.collect();
        let parents = (self.seq > 1).then(|| EventId {
            seq: self.seq - 1,
            ..id
        });
        Event {
            id,
            lamport: self.seq,
            time_ms: NOW_MS,
            author: AUTHOR,
            parents: Frontier::new(parents),
            changes: vec![Change::CreateLines { lines }],
        }
    }

    fn depth(&mut self) -> usize {
        let (chapter, section) = (u64::from(CHAPTER_LINES), u64::from(SECTION_LINES));
        match (self.number - 1) % chapter {
            0 => 0,
            within if (within - 1).is_multiple_of(section) => 1,
            _ => 2 + self.luck.below(2) as usize,
        }
    }

    fn line(&mut self, event: EventId, index: u32, rows: &mut Vec<LineRow>) -> NewLine {
        self.number += 1;
        let id = LineId {
            replica: self.replica,
            number: self.number,
        };
        let depth = match self.shape {
            Shape::Chapters => self.depth(),
            Shape::Flat | Shape::Numbered => 0,
        };
        self.open.truncate(depth);
        let parent = self.open.last().copied().unwrap_or(LineId::ROOT);
        self.open.push(id);
        let before = self
            .last_child
            .insert(parent, (id, SlotId { event, index }));
        let slot = before.map_or(SlotRef::START, |(_, slot)| SlotRef {
            origin: if slot.event == event {
                SlotOrigin::Own(slot.index)
            } else {
                SlotOrigin::Slot(slot)
            },
            side: Side::Right,
        });
        let text = text(&mut self.luck, self.number);
        let kind = match self.shape {
            Shape::Numbered => Kind::Numbered,
            Shape::Chapters | Shape::Flat => Kind::Text,
        };
        rows.push(LineRow {
            after: before.map(|(line, _)| line),
            line: LineView {
                id,
                parent,
                kind: kind.clone(),
                text: text.clone(),
                tags: Vec::new(),
                properties: Vec::new(),
                created_ms: NOW_MS,
                created_by: AUTHOR,
                updated_ms: NOW_MS,
                updated_by: AUTHOR,
                visible: true,
            },
        });
        NewLine {
            id,
            parent,
            slot,
            kind,
            text,
        }
    }
}
