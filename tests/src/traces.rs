//! Editing traces of real people, replayed through lines: a newline is a split, and deleting one is a
//! join or a deletion over several lines.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tideline_model::{Document, DraftLine, Event, Intent, Kind, LineId, Placement};

use crate::merge::log::{from_bytes, to_bytes};
use crate::merge::names;
use crate::merge::peer::DOCUMENT;

/// Where the project's data is: `TIDELINE_DATA`, or the first `shared/data` from here upwards.
///
/// # Panics
/// When there is none: a test that has nothing to work on must not pass.
pub fn data_folder() -> PathBuf {
    let named =
        std::env::var_os("TIDELINE_DATA").map(|folder| PathBuf::from(folder).join("traces"));
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = || {
        above.find_map(|folder| Some(folder.join("shared/data/traces")).filter(|it| it.is_dir()))
    };
    named.or_else(found).filter(|folder| folder.is_dir()).unwrap_or_else(|| {
        panic!(
            "the editing traces are missing: no folder shared/data/traces above {}; put them there \
             or name the data folder in TIDELINE_DATA",
            env!("CARGO_MANIFEST_DIR")
        )
    })
}

/// Events of one batch.
const BATCH: usize = 500;

/// At this character, so many went, and this came.
type TextPatch = (usize, usize, String);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    #[serde(default)]
    start_content: String,
    end_content: String,
    txns: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    #[serde(default)]
    parents: Vec<usize>,
    #[serde(default)]
    agent: usize,
    patches: Vec<TextPatch>,
}

fn load(path: &Path) -> Trace {
    let file = std::fs::File::open(path)
        .unwrap_or_else(|error| panic!("the trace {} is missing: {error}", path.display()));
    let mut text = String::new();
    let read = flate2::read::GzDecoder::new(file).read_to_string(&mut text);
    read.unwrap_or_else(|error| panic!("{} cannot be unpacked: {error}", path.display()));
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is not a trace: {error}", path.display()))
}

/// Replays a trace of one writer.
///
/// # Panics
/// When the text does not come out as it was typed.
pub fn sequential(path: &Path) {
    let trace = load(path);
    let mut writer = Writer::new(0);
    let events = writer.patch(&(0, 0, trace.start_content.clone()));
    writer.written.extend(events);
    for patch in trace.txns.iter().flat_map(|it| &it.patches) {
        let events = writer.patch(patch);
        writer.written.extend(events);
    }
    assert_eq!(writer.text(), trace.end_content);
    let hash = writer.document.hash();
    assert_eq!(read_back(writer.written).hash(), hash, "from its bytes");
}

/// The document as a replica finds it that starts with these events on its disk.
fn read_back(events: Vec<Event>) -> Document {
    let mut read: Vec<Event> = Vec::with_capacity(events.len());
    for batch in events.chunks(BATCH) {
        let bytes = to_bytes(batch).expect("a batch");
        read.extend(from_bytes(&bytes).expect("the same batch"));
    }
    assert!(read == events, "other events were read than were written");
    drop(events);
    Document::replay(DOCUMENT, &read).expect("a replay")
}

/// Replays a trace of several writers, each of whom has seen just what they had seen then.
///
/// # Panics
/// When the writers do not end with the same text, and that of the trace.
pub fn concurrent(path: &Path) {
    let trace = load(path);
    let agents = 1 + trace
        .txns
        .iter()
        .map(|it| it.agent)
        .max()
        .expect("a trace of something");
    let mut writers: Vec<Writer> = (0..agents).map(Writer::new).collect();
    let first = writers[0].begin();
    for writer in &mut writers[1..] {
        writer.receive(std::slice::from_ref(&first));
    }
    let mut versions: Vec<Vec<usize>> = Vec::with_capacity(trace.txns.len());
    let mut written: Vec<Vec<Vec<Event>>> = vec![Vec::new(); agents];
    for transaction in &trace.txns {
        let mut version = vec![0; agents];
        for &parent in &transaction.parents {
            for (count, parent) in version.iter_mut().zip(&versions[parent]) {
                *count = (*parent).max(*count);
            }
        }
        let writer = &mut writers[transaction.agent];
        writer.catch_up(&written, &version);
        let own = &mut written[transaction.agent];
        assert_eq!(
            version[transaction.agent],
            own.len(),
            "an agent that forgot what it wrote"
        );
        own.push(
            transaction
                .patches
                .iter()
                .flat_map(|patch| writer.patch(patch))
                .collect(),
        );
        version[transaction.agent] += 1;
        versions.push(version);
    }
    let everything: Vec<usize> = written.iter().map(Vec::len).collect();
    for writer in &mut writers {
        writer.catch_up(&written, &everything);
        assert_eq!(writer.text(), trace.end_content, "agent {}", writer.index);
    }
    let hashes = writers.iter().map(|writer| writer.document.hash());
    assert!(
        hashes
            .collect::<Vec<_>>()
            .windows(2)
            .all(|pair| pair[0] == pair[1]),
        "hashes differ"
    );
}

/// One person at a flat outline, who knows it as a text with newlines.
struct Writer {
    index: usize,
    document: Document,
    lines_made: u64,
    /// What is kept, in the order in which it was written.
    written: Vec<Event>,
    /// The displayed lines with their lengths.
    lines: Vec<(LineId, usize)>,
    /// How many transactions of each agent are in the document.
    known: Vec<usize>,
}

impl Writer {
    fn new(index: usize) -> Self {
        Self {
            index,
            document: Document::new(DOCUMENT),
            lines_made: 0,
            written: Vec::new(),
            lines: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Makes the empty line in which everything begins.
    fn begin(&mut self) -> Event {
        let id = self.new_line();
        let event = self.act(&Intent::CreateLines {
            placement: Placement {
                parent: LineId::ROOT,
                after: None,
            },
            lines: vec![DraftLine {
                id,
                depth: 0,
                kind: Kind::Text,
                text: String::new(),
                properties: Vec::new(),
                tags: Vec::new(),
            }],
        });
        self.lines.push((id, 0));
        event
    }

    fn new_line(&mut self) -> LineId {
        self.lines_made += 1;
        LineId {
            replica: names::replica(self.index),
            number: self.lines_made,
        }
    }

    fn act(&mut self, intent: &Intent) -> Event {
        let changes = self.document.plan(intent).expect("a possible gesture");
        let (replica, author) = (names::replica(self.index), names::user(self.index));
        let event = self.document.stamp(replica, author, 0, changes);
        self.document.apply(&event).expect("an event of its own");
        event
    }

    fn patch(&mut self, (at, deleted, inserted): &TextPatch) -> Vec<Event> {
        let mut events = Vec::new();
        if self.lines.is_empty() {
            events.push(self.begin());
        }
        if *deleted > 0 {
            events.push(self.delete(*at, *at + *deleted));
        }
        let mut caret = self.find(*at);
        for (number, piece) in inserted.split('\n').enumerate() {
            if number > 0 {
                events.push(self.split(&mut caret));
            }
            if !piece.is_empty() {
                events.push(self.insert(&mut caret, piece));
            }
        }
        events
    }

    /// The index of the line, and the offset in it, where this character of the text is.
    fn find(&self, mut at: usize) -> (usize, usize) {
        for (index, (_, length)) in self.lines.iter().enumerate() {
            if at <= *length {
                return (index, at);
            }
            at -= length + 1;
        }
        panic!("behind the end of the text");
    }

    fn delete(&mut self, from: usize, to: usize) -> Event {
        let (first, first_at) = self.find(from);
        let (last, last_at) = self.find(to);
        let (first_line, last_line) = (self.lines[first].0, self.lines[last].0);
        let only_a_newline = last == first + 1 && first_at == self.lines[first].1 && last_at == 0;
        let event = if first == last {
            self.act(&Intent::EditText {
                line: first_line,
                at: count(first_at),
                delete: count(last_at - first_at),
                insert: String::new(),
            })
        } else if only_a_newline {
            self.act(&Intent::Join {
                line: last_line,
                into: first_line,
            })
        } else {
            self.act(&Intent::DeleteRange {
                first: first_line,
                first_at: count(first_at),
                last: last_line,
                last_at: count(last_at),
            })
        };
        self.lines[first].1 = first_at + self.lines[last].1 - last_at;
        self.lines.drain(first + 1..=last);
        event
    }

    fn split(&mut self, caret: &mut (usize, usize)) -> Event {
        let (index, at) = *caret;
        let new_line = self.new_line();
        let (line, length) = self.lines[index];
        let event = self.act(&Intent::Split {
            line,
            at: count(at),
            new_line,
            kind: Kind::Text,
        });
        if at == 0 && length > 0 {
            self.lines.insert(index, (new_line, 0));
        } else {
            self.lines[index].1 = at;
            self.lines.insert(index + 1, (new_line, length - at));
        }
        *caret = (index + 1, 0);
        event
    }

    fn insert(&mut self, caret: &mut (usize, usize), text: &str) -> Event {
        let (index, at) = *caret;
        let event = self.act(&Intent::EditText {
            line: self.lines[index].0,
            at: count(at),
            delete: 0,
            insert: text.to_owned(),
        });
        let length = text.chars().count();
        self.lines[index].1 += length;
        caret.1 += length;
        event
    }

    fn catch_up(&mut self, written: &[Vec<Vec<Event>>], version: &[usize]) {
        self.known.resize(written.len(), 0);
        let mut missing: Vec<&Event> = Vec::new();
        for (agent, &count) in version.iter().enumerate() {
            if agent != self.index && count > self.known[agent] {
                missing.extend(written[agent][self.known[agent]..count].iter().flatten());
                self.known[agent] = count;
            }
        }
        if !missing.is_empty() {
            missing.sort_by_key(|event| event.order());
            self.document.apply_all(missing).expect("events in order");
            self.read_lines();
        }
    }

    fn receive(&mut self, events: &[Event]) {
        self.document.apply_all(events).expect("events in order");
        self.read_lines();
    }

    fn read_lines(&mut self) {
        let lines = self.document.children(LineId::ROOT).into_iter();
        let length = |line| {
            self.document
                .text(line)
                .map_or(0, |text| text.chars().count())
        };
        self.lines = lines.map(|line| (line, length(line))).collect();
    }

    fn text(&self) -> String {
        let lines = self.document.children(LineId::ROOT).into_iter();
        let texts: Vec<String> = lines.filter_map(|line| self.document.text(line)).collect();
        texts.join("\n")
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).expect("a text of less than four thousand million characters")
}
