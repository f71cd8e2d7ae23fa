//! A thousand moves received while a thousand of one's own were made, in Tideline's outline.

use merge_measure::moves::{MOVES, SECTIONS, moves, parents, twice};
use merge_measure::{Answer, Stopwatch};
use tideline_model::{
    Document, DraftLine, Event, Intent, IntentError, Kind, LineId, Placement, UserId,
};

use super::lines::{DOCUMENT, batches_of, open_all, replica, seal_by_replica};

pub fn measure() -> Answer {
    twice(tideline)
}

fn tideline() -> Option<f64> {
    let parents = parents();
    let outline = outline(&parents);
    let mut first = TidelineWriter::new(1, &outline);
    let mut second = TidelineWriter::new(2, &outline);
    let own = first.move_lines(parents.len());
    let others = seal_by_replica(second.move_lines(parents.len()));
    let mut watch = Stopwatch::default();
    watch.start();
    let events = open_all(&batches_of(&others));
    let applied = first.document.apply_all(&events);
    watch.stop();
    applied.expect("events that follow the outline");
    let applied = second.document.apply_all(&own);
    applied.expect("events that follow the outline");
    (first.document.hash() == second.document.hash()).then(|| watch.total_ms())
}

fn line(number: usize) -> LineId {
    LineId {
        replica: replica(0),
        number: number as u64 + 1,
    }
}

fn outline(parents: &[Option<usize>]) -> Document {
    let mut document = Document::new(DOCUMENT);
    let mut depths: Vec<u32> = Vec::with_capacity(parents.len());
    for parent in parents {
        depths.push(parent.map_or(0, |parent| depths[parent] + 1));
    }
    let draft = |number: usize| DraftLine {
        id: line(number),
        depth: depths[number],
        kind: Kind::Text,
        text: format!("line {number}"),
        properties: Vec::new(),
        tags: Vec::new(),
    };
    let per_section = parents.len() / SECTIONS;
    for section in 0..SECTIONS {
        let from = section * per_section;
        let placement = Placement {
            parent: LineId::ROOT,
            after: (section > 0).then(|| line(from - per_section)),
        };
        let lines = (from..from + per_section).map(draft).collect();
        let intent = Intent::CreateLines { placement, lines };
        let changes = document.plan(&intent).expect("a possible gesture");
        let event = document.stamp(replica(0), UserId(replica(0).0), 0, changes);
        document.apply(&event).expect("an event of its own");
    }
    document
}

struct TidelineWriter {
    number: usize,
    document: Document,
}

impl TidelineWriter {
    fn new(number: usize, outline: &Document) -> Self {
        Self {
            number,
            document: outline.clone(),
        }
    }

    fn move_lines(&mut self, lines: usize) -> Vec<Event> {
        let mut made = Vec::with_capacity(MOVES);
        for (moved, parent) in moves(self.number as u64, lines) {
            let intent = Intent::Move {
                lines: vec![line(moved)],
                placement: Placement {
                    parent: line(parent),
                    after: None,
                },
            };
            let changes = match self.document.plan(&intent) {
                Ok(changes) => changes,
                Err(IntentError::BelowItself) => continue,
                Err(error) => panic!("{error}"),
            };
            let replica = replica(self.number);
            let event = self.document.stamp(replica, UserId(replica.0), 0, changes);
            self.document.apply(&event).expect("an event of its own");
            made.push(event);
            if made.len() == MOVES {
                break;
            }
        }
        made
    }
}
