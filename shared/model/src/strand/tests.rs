//! Strands against a plain Fugue tree that is evaluated anew each time: random histories of several
//! people, with splits, deletions and their ends, delivered in any causal order.

mod plain;

use std::collections::BTreeMap;

use crate::index::{EventIndex, LineIndex, ReplicaIndex};
use crate::strand::log::Log;
use crate::strand::record::Records;
use crate::strand::shared::events::Events;
use crate::strand::tests::plain::{Op, Plain, Written, line_mark};
use crate::strand::{Edit, Rewind, Strand};

/// Numbers that look random (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// One person's copy.
struct Copy {
    events: Events,
    strand: Strand,
    /// What arrived, by place in everything that was written; and the events by that place.
    arrived: Vec<usize>,
    indexes: BTreeMap<usize, EventIndex>,
    /// The text of each slice, as the edits told it.
    told: BTreeMap<LineIndex, String>,
}

const BASE: &str = "abcdef";

impl Copy {
    fn new(people: usize) -> Self {
        let mut events = Events::default();
        for name in 0..people {
            events.replica(name as u64);
        }
        Self {
            events,
            strand: Strand::new(LineIndex(1), BASE),
            arrived: Vec::new(),
            indexes: BTreeMap::new(),
            told: BTreeMap::from([(LineIndex(1), BASE.to_owned())]),
        }
    }

    fn apply(&mut self, all: &[Written], place: usize) {
        let written = &all[place];
        let seen = written.seen.iter().enumerate();
        let seen: Vec<(ReplicaIndex, u32)> = seen
            .filter(|&(person, _)| person != written.person)
            .map(|(person, &seq)| (ReplicaIndex::new(person), seq))
            .collect();
        let author = ReplicaIndex::new(written.person);
        let event = self.events.receive(author, &seen, 1);
        self.arrived.push(place);
        self.indexes.insert(place, event);
        for op in &written.ops {
            self.carry_out(event, op);
        }
        self.check_told();
    }

    fn carry_out(&mut self, event: EventIndex, op: &Op) {
        let (events, strand) = (&self.events, &mut self.strand);
        let mut edits = crate::strand::edit::Edits::new();
        match op {
            Op::Insert(at, text) => {
                strand.insert(events, event, *at, text, &mut edits);
            }
            Op::Delete(at, count) => strand.delete(events, event, *at, *count, &mut edits),
            Op::Split(at, line) => {
                strand.insert_marker(events, event, *at, *line);
                self.told = texts(strand);
            }
            Op::Undelete(place) => {
                strand.undelete(events, event, self.indexes[place], &mut edits);
            }
        }
        for Edit {
            owner,
            at,
            delete,
            insert,
        } in edits
        {
            let told = self.told.entry(owner).or_default();
            let (from, to) = (at as usize, (at + delete) as usize);
            told.replace_range(from..to, &insert);
        }
    }

    fn check_told(&self) {
        assert_eq!(texts(&self.strand), self.told, "as the edits told it");
    }

    fn shown(&self) -> String {
        let mut shown = String::new();
        self.strand.push_slice_text(None, &mut shown);
        for rank in 0..self.strand.marker_count() {
            let line = self.strand.marker(rank).expect("a marker that was counted");
            assert_eq!(self.strand.rank(line), rank);
            shown.push_str(&line_mark(line));
            self.strand.push_slice_text(Some(line), &mut shown);
        }
        shown
    }

    /// What is remembered of each slice is what comes out of its whole history.
    fn check_records(&self) {
        let spans = self.strand.spans(&self.events, EventIndex(0));
        let visible = spans.iter().filter(|span| span.is_visible);
        assert_eq!(visible.map(|span| span.len).sum::<u32>(), self.strand.len());
        let undone = self
            .strand
            .past
            .as_ref()
            .map_or(&[][..], |past| &past.undone);
        let expected = Records::from_spans(&self.events, LineIndex(1), &spans, undone);
        for line in texts(&self.strand).into_keys() {
            let record = self.strand.record(&self.events, line);
            let (mut record, mut expected) = (
                record.cloned().unwrap_or_default(),
                expected.get(line).cloned().unwrap_or_default(),
            );
            record.touches.sort_unstable();
            expected.touches.sort_unstable();
            assert_eq!(record, expected, "line {}", line.0);
        }
    }
}

fn texts(strand: &Strand) -> BTreeMap<LineIndex, String> {
    let markers = (0..strand.marker_count()).map(|rank| strand.marker(rank));
    let text = |marker: Option<LineIndex>| {
        let mut text = String::new();
        strand.push_slice_text(marker, &mut text);
        (marker.unwrap_or(LineIndex(1)), text)
    };
    [None].into_iter().chain(markers).map(text).collect()
}

/// People who write at once.
struct World {
    dice: Dice,
    copies: Vec<Copy>,
    written: Vec<Written>,
    lines: u32,
}

impl World {
    fn new(seed: u64, people: usize) -> Self {
        Self {
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            copies: (0..people).map(|_| Copy::new(people)).collect(),
            written: Vec::new(),
            lines: 1,
        }
    }

    fn write(&mut self, person: usize) {
        let copy = &self.copies[person];
        let mut seen = vec![0; self.copies.len()];
        let mut lamport = 0;
        for &place in &copy.arrived {
            seen[self.written[place].person] += 1;
            lamport = lamport.max(self.written[place].lamport);
        }
        let ops = self.ops(person);
        let lamport = lamport + 1;
        self.written.push(Written {
            person,
            seen,
            lamport,
            ops,
        });
        let place = self.written.len() - 1;
        self.copies[person].apply(&self.written, place);
    }

    fn ops(&mut self, person: usize) -> Vec<Op> {
        let dice = &mut self.dice;
        let copy = &self.copies[person];
        let len = copy.strand.len();
        // Often at the same few places, so that it matters who wrote what first.
        let at = if dice.below(3) == 0 {
            len.min(3)
        } else {
            dice.below(len as usize + 1) as u32
        };
        let count = (len - at).min(1 + dice.below(3) as u32);
        let letter = char::from(b'A' + dice.below(26) as u8);
        let text = letter.to_string().repeat(1 + dice.below(3));
        let deletions = copy.arrived.iter().copied().filter(|&place| {
            let ops = self.written[place].ops.iter();
            ops.clone().any(|op| matches!(op, Op::Delete(..)))
        });
        let deletions: Vec<usize> = deletions.collect();
        match dice.below(12) {
            0..=5 => vec![Op::Insert(at, text)],
            6..=8 if count > 0 => vec![Op::Delete(at, count)],
            9 if count > 0 => vec![Op::Delete(at, count), Op::Insert(at, text)],
            10 if !deletions.is_empty() => {
                vec![Op::Undelete(deletions[dice.below(deletions.len())])]
            }
            _ => {
                self.lines += 1;
                vec![Op::Split(at, LineIndex(self.lines))]
            }
        }
    }

    /// Some of what one has and the other lacks.
    fn deliver(&mut self, from: usize, to: usize, all: bool) {
        let known = &self.copies[to].indexes;
        let missing = self.copies[from].arrived.iter().copied();
        let missing: Vec<usize> = missing.filter(|place| !known.contains_key(place)).collect();
        let count = if all {
            missing.len()
        } else {
            self.dice.below(missing.len() + 1)
        };
        for &place in &missing[..count] {
            self.copies[to].apply(&self.written, place);
        }
    }

    fn check(&self, person: usize) {
        let copy = &self.copies[person];
        let events = copy.arrived.iter().copied();
        assert_eq!(copy.shown(), Plain::of(BASE, &self.written, events).shown());
        copy.check_records();
    }

    fn run(&mut self, steps: usize) {
        let people = self.copies.len();
        for _ in 0..self.dice.below(8) {
            self.write(0);
        }
        self.meet();
        for _ in 0..steps {
            let person = self.dice.below(people);
            if self.dice.below(3) > 0 {
                for _ in 0..=self.dice.below(4) {
                    self.write(person);
                }
            } else {
                let other = (person + 1 + self.dice.below(people - 1)) % people;
                self.deliver(person, other, false);
                self.check(other);
            }
            self.check(person);
        }
        // Some go on, each having seen everything.
        for next in [1, 0] {
            self.meet();
            for _ in 0..self.dice.below(6) {
                self.write(next);
            }
        }
        self.meet();
        for person in 0..people {
            self.check(person);
        }
        if self.dice.below(4) == 0 {
            self.check_past(0);
        }
    }

    fn meet(&mut self) {
        let people = self.copies.len();
        for from in 0..people {
            for to in 0..people {
                self.deliver(from, to, true);
            }
        }
    }

    /// Every slice as it was after each event, and which events changed it.
    fn check_past(&mut self, person: usize) {
        let copy = &self.copies[person];
        let strand = &copy.strand;
        let log = strand.log().map_or(&[][..], Log::runs);
        let has = |event| {
            log.iter()
                .any(|run| run.event <= event && event <= run.last_event())
        };
        // A deletion of mere markers did nothing.
        let mut order: Vec<usize> = copy.arrived.clone();
        order.retain(|place| has(copy.indexes[place]));
        order.sort_by_key(|&place| (self.written[place].lamport, self.written[place].person));
        let then = |count: usize| {
            let events = order[..count].iter().copied();
            slices(&Plain::of(BASE, &self.written, events).shown())
        };
        let then: Vec<_> = (0..=order.len()).map(then).collect();
        for line in texts(strand).into_keys() {
            let marker = Some(line).filter(|&line| line != LineIndex(1));
            let mut rewind = Rewind::new(strand);
            let changed = rewind.events_of(&copy.events, strand, marker);
            for count in (1..=order.len()).rev() {
                let (before, after) = (then[count - 1].get(&line), then[count].get(&line));
                let Some(after) = after else {
                    continue;
                };
                let event = copy.indexes[&order[count - 1]];
                // Now and then from another place than the one behind.
                if self.dice.below(5) == 0 {
                    let other = order[self.dice.below(count)];
                    rewind.slice_at(&copy.events, strand, copy.indexes[&other], None);
                }
                let text = rewind.slice_at(&copy.events, strand, event, marker);
                assert_eq!(text, *after, "line {} at {count}", line.0);
                let is_change = before.is_some_and(|before| before != after);
                assert!(!is_change || changed.contains(&event), "line {}", line.0);
            }
            let events = changed.iter().map(|event| {
                let place = order.iter().position(|place| copy.indexes[place] == *event);
                place.expect("an event that arrived")
            });
            let places: Vec<usize> = events.collect();
            assert!(places.is_sorted(), "in the total order");
            assert!(
                places
                    .iter()
                    .all(|&place| then[place + 1].contains_key(&line))
            );
        }
    }
}

/// What stands behind each mark of a line.
fn slices(shown: &str) -> BTreeMap<LineIndex, String> {
    let marked = format!("{}{shown}", line_mark(LineIndex(1)));
    let slices = marked.split('[').skip(1).map(|slice| {
        let (line, text) = slice.split_once(']').expect("a mark");
        (LineIndex(line.parse().expect("a number")), text.to_owned())
    });
    slices.collect()
}

fn check_seeds(seeds: std::ops::Range<u64>, steps: usize) {
    let name = "TIDELINE_SEEDS";
    let more = std::env::var(name)
        .ok()
        .and_then(|seeds| seeds.parse::<u64>().ok());
    for seed in seeds.start..more.map_or(seeds.end, |more| seeds.start + more) {
        let outcome = std::panic::catch_unwind(|| {
            World::new(seed, 3 + (seed % 3) as usize).run(steps);
        });
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[test]
fn what_several_people_write_is_ordered_as_in_a_plain_tree() {
    check_seeds(0..200, 24);
}

#[test]
fn what_they_write_for_long_is_too() {
    check_seeds(1_000_000..1_000_004, 70);
}
