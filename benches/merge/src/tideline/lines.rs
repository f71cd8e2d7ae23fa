//! Tideline through lines: a text is a flat outline, a newline a split, and deleting one a join or a
//! deletion over several lines.

use postcard::{from_bytes, to_stdvec};
use tideline_model::{
    Document, DocumentId, DraftLine, Event, GroupId, Intent, Kind, LineId, Placement, ReplicaId,
    UserId,
};
use tideline_wire::{SealedBatch, open, seal_all};
use uuid::Uuid;

use merge_measure::{Engine, Patch, Transaction};

pub const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
pub const GROUP: GroupId = GroupId(Uuid::from_u128(2));
/// Makes the empty line in which everything begins; no writer.
const FOUNDER: usize = 999;

pub struct Lines {
    document: Document,
    replica: ReplicaId,
    author: UserId,
}

/// A writer who knows the outline as a text with newlines.
pub struct Hand {
    replica: ReplicaId,
    lines_made: u64,
    /// The displayed lines with their lengths.
    lines: Vec<(LineId, usize)>,
    /// A line by its index, with where it starts in the text: the next edit is seldom far from the
    /// last one. Edits happen at this line or behind it.
    near: (usize, usize),
}

pub fn replica(agent: usize) -> ReplicaId {
    ReplicaId(Uuid::from_u128(0x1000 + agent as u128))
}

impl Lines {
    fn empty(agent: usize) -> Self {
        Self {
            document: Document::new(DOCUMENT),
            replica: replica(agent),
            author: UserId(replica(agent).0),
        }
    }

    fn act(&mut self, intent: &Intent) -> Event {
        let changes = self.document.plan(intent).expect("a possible gesture");
        let event = self.document.stamp(self.replica, self.author, 0, changes);
        self.document.apply(&event).expect("an event of its own");
        event
    }

    fn apply(&mut self, events: &[Event]) {
        let applied = self.document.apply_all(events);
        applied.expect("each behind its parents");
    }
}

/// The event that everybody begins with.
fn foundation() -> Event {
    let line = DraftLine {
        id: first_line(),
        depth: 0,
        kind: Kind::Text,
        text: String::new(),
        properties: Vec::new(),
        tags: Vec::new(),
    };
    let placement = Placement {
        parent: LineId::ROOT,
        after: None,
    };
    Lines::empty(FOUNDER).act(&Intent::CreateLines {
        placement,
        lines: vec![line],
    })
}

fn first_line() -> LineId {
    LineId {
        replica: replica(FOUNDER),
        number: 1,
    }
}

/// Events of several writers as each of them would have stored and sent them.
pub fn seal_by_replica(mut events: Vec<Event>) -> Vec<u8> {
    events.sort_by_key(|event| event.id);
    let by_replica = events.chunk_by(|one, next| one.id.replica == next.id.replica);
    let seal = |events| seal_all(GROUP, DOCUMENT, events).expect("events of its own");
    let batches: Vec<SealedBatch> = by_replica.flat_map(seal).collect();
    to_stdvec(&batches).expect("plain data")
}

/// The events of batches of one writer after the other, each behind what it builds on.
pub fn open_all(batches: &[SealedBatch]) -> Vec<Event> {
    let mut events = open_in_turn(batches);
    events.sort_by_key(Event::order);
    events
}

fn open_in_turn(batches: &[SealedBatch]) -> Vec<Event> {
    let mut events = Vec::new();
    for batch in batches {
        events.extend(open(batch).expect("a batch of its own"));
    }
    events
}

pub fn batches_of(update: &[u8]) -> Vec<SealedBatch> {
    from_bytes(update).expect("a message of its own")
}

impl Engine for Lines {
    type Hand = Hand;
    type Step<'t> = Vec<Intent>;
    type Made = Vec<Event>;

    fn new(agent: usize) -> Self {
        let mut lines = Self::empty(agent);
        lines.apply(&[foundation()]);
        lines
    }

    fn hand(agent: usize) -> Hand {
        Hand {
            replica: replica(agent),
            lines_made: 0,
            lines: vec![(first_line(), 0)],
            near: (0, 0),
        }
    }

    fn look(&mut self, hand: &mut Hand) {
        let length = |&line| {
            let text = self.document.text(line);
            (line, text.map_or(0, |text| text.chars().count()))
        };
        let lines = self.document.children(LineId::ROOT);
        hand.lines = lines.iter().map(length).collect();
        hand.near = (0, 0);
    }

    fn prepare(hand: &mut Hand, transaction: &Transaction) -> Vec<Intent> {
        let mut intents = Vec::new();
        for patch in &transaction.patches {
            hand.patch(patch, &mut intents);
        }
        // Side by side in memory with those of the next, as the patches of a trace are.
        intents.shrink_to_fit();
        intents
    }

    fn perform(&mut self, step: &Vec<Intent>, made: &mut Vec<Event>) {
        made.clear();
        for intent in step {
            let event = self.act(intent);
            made.push(event);
        }
    }

    fn encode(&mut self, made: &mut Vec<Event>) -> Vec<u8> {
        let batches = seal_all(GROUP, DOCUMENT, made).expect("events of its own");
        to_stdvec(&batches).expect("plain data")
    }

    fn receive(&mut self, update: &[u8]) {
        for batch in batches_of(update) {
            self.apply(&open(&batch).expect("a batch of its own"));
        }
    }

    fn receive_all(&mut self, updates: &[&[u8]]) {
        let batches: Vec<SealedBatch> = updates.iter().flat_map(|it| batches_of(it)).collect();
        self.apply(&open_in_turn(&batches));
    }

    fn save(&mut self, updates: &[Vec<u8>]) -> Vec<u8> {
        let batches: Vec<SealedBatch> = updates.iter().flat_map(|it| batches_of(it)).collect();
        let mut events = open_all(&batches);
        events.push(foundation());
        seal_by_replica(events)
    }

    fn load(bytes: &[u8]) -> Self {
        let mut lines = Self::empty(FOUNDER);
        lines.apply(&open_all(&batches_of(bytes)));
        lines
    }

    fn text(&self) -> String {
        let lines = self.document.children(LineId::ROOT);
        let texts: Vec<String> = lines
            .iter()
            .filter_map(|&it| self.document.text(it))
            .collect();
        texts.join("\n")
    }
}

impl Hand {
    fn patch(&mut self, patch: &Patch, intents: &mut Vec<Intent>) {
        if patch.deleted > 0 {
            intents.push(self.delete(patch.at, patch.at + patch.deleted));
        }
        let mut caret = self.find(patch.at);
        for (number, piece) in patch.inserted.split('\n').enumerate() {
            if number > 0 {
                intents.push(self.split(&mut caret));
            }
            if !piece.is_empty() {
                intents.push(self.insert(&mut caret, piece));
            }
        }
    }

    /// The index of the line, and the offset in it, where this character of the text is.
    fn find(&mut self, at: usize) -> (usize, usize) {
        let (mut index, mut start) = self.near;
        while start > at {
            index -= 1;
            start -= self.lines[index].1 + 1;
        }
        while start + self.lines[index].1 < at {
            start += self.lines[index].1 + 1;
            index += 1;
        }
        self.near = (index, start);
        (index, at - start)
    }

    fn delete(&mut self, from: usize, to: usize) -> Intent {
        let (last, last_at) = self.find(to);
        let (first, first_at) = self.find(from);
        let (first_line, last_line) = (self.lines[first].0, self.lines[last].0);
        let only_a_newline = last == first + 1 && first_at == self.lines[first].1 && last_at == 0;
        self.lines[first].1 = first_at + self.lines[last].1 - last_at;
        self.lines.drain(first + 1..=last);
        if first == last {
            Intent::EditText {
                line: first_line,
                at: first_at as u32,
                delete: (last_at - first_at) as u32,
                insert: String::new(),
            }
        } else if only_a_newline {
            Intent::Join {
                line: last_line,
                into: first_line,
            }
        } else {
            Intent::DeleteRange {
                first: first_line,
                first_at: first_at as u32,
                last: last_line,
                last_at: last_at as u32,
            }
        }
    }

    fn split(&mut self, caret: &mut (usize, usize)) -> Intent {
        let (index, at) = *caret;
        let (line, length) = self.lines[index];
        self.lines_made += 1;
        let new_line = LineId {
            replica: self.replica,
            number: self.lines_made,
        };
        if at == 0 && length > 0 {
            self.lines.insert(index, (new_line, 0));
        } else {
            self.lines[index].1 = at;
            self.lines.insert(index + 1, (new_line, length - at));
        }
        *caret = (index + 1, 0);
        Intent::Split {
            line,
            at: at as u32,
            new_line,
            kind: Kind::Text,
        }
    }

    fn insert(&mut self, caret: &mut (usize, usize), text: &str) -> Intent {
        let (index, at) = *caret;
        let length = text.chars().count();
        self.lines[index].1 += length;
        caret.1 += length;
        Intent::EditText {
            line: self.lines[index].0,
            at: at as u32,
            delete: 0,
            insert: text.to_owned(),
        }
    }
}
