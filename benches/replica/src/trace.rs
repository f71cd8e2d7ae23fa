//! A recorded editing session as events over lines: a newline splits a line, and deleting one joins
//! two.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use tideline_model::{
    Document, DocumentId, DraftLine, Event, Intent, Kind, LineId, Placement, ReplicaId, UserId,
};
use uuid::Uuid;

const NAME: &str = "automerge-paper.json.gz";
const AUTHOR: UserId = UserId(Uuid::from_u128(3));
/// Between two keystrokes, about.
const KEYSTROKE_MS: i64 = 180;

#[derive(Deserialize)]
struct Trace {
    txns: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    patches: Vec<(usize, usize, String)>,
}

/// The trace in `folder`, or in the first `shared/data/traces` from here upwards.
pub fn file(folder: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut folders = folder
        .into_iter()
        .chain(above.map(|folder| folder.join("shared/data/traces")));
    folders
        .find_map(|folder| Some(folder.join(NAME)).filter(|file| file.is_file()))
        .with_context(|| format!("{NAME} is nowhere; name its folder with --traces"))
}

pub fn events(file: &Path, document: DocumentId, replica: ReplicaId) -> anyhow::Result<Vec<Event>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file)?).read_to_string(&mut text)?;
    let trace: Trace = serde_json::from_str(&text)?;
    let mut writer = Writer::new(document, replica)?;
    for transaction in &trace.txns {
        for patch in &transaction.patches {
            writer.patch(patch)?;
        }
    }
    Ok(writer.events)
}

struct Writer {
    document: Document,
    replica: ReplicaId,
    numbers: u64,
    /// Lines in order with their lengths.
    lines: Vec<(LineId, usize)>,
    events: Vec<Event>,
}

impl Writer {
    fn new(document: DocumentId, replica: ReplicaId) -> anyhow::Result<Self> {
        let mut writer = Self {
            document: Document::new(document),
            replica,
            numbers: 0,
            lines: Vec::new(),
            events: Vec::new(),
        };
        let id = writer.new_line();
        let line = DraftLine {
            id,
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
        let lines = vec![line];
        writer.act(&Intent::CreateLines { lines, placement })?;
        writer.lines.push((id, 0));
        Ok(writer)
    }

    fn new_line(&mut self) -> LineId {
        self.numbers += 1;
        LineId {
            replica: self.replica,
            number: self.numbers,
        }
    }

    fn act(&mut self, intent: &Intent) -> anyhow::Result<()> {
        let changes = self.document.plan(intent)?;
        let time_ms = 1_700_000_000_000 + KEYSTROKE_MS * self.events.len() as i64;
        let event = self.document.stamp(self.replica, AUTHOR, time_ms, changes);
        self.document.apply(&event)?;
        self.events.push(event);
        Ok(())
    }

    fn patch(&mut self, (at, deleted, inserted): &(usize, usize, String)) -> anyhow::Result<()> {
        if *deleted > 0 {
            self.delete(*at, at + deleted)?;
        }
        let (mut index, mut offset) = self.find(*at)?;
        for (number, piece) in inserted.split('\n').enumerate() {
            if number > 0 {
                self.split(index, offset)?;
                (index, offset) = (index + 1, 0);
            }
            if !piece.is_empty() {
                let line = self.lines[index].0;
                let insert = piece.to_owned();
                self.act(&Intent::EditText {
                    line,
                    at: offset as u32,
                    delete: 0,
                    insert,
                })?;
                let length = piece.chars().count();
                self.lines[index].1 += length;
                offset += length;
            }
        }
        Ok(())
    }

    fn split(&mut self, index: usize, at: usize) -> anyhow::Result<()> {
        let new_line = self.new_line();
        let (line, length) = self.lines[index];
        self.act(&Intent::Split {
            line,
            at: at as u32,
            new_line,
            kind: Kind::Text,
        })?;
        if at == 0 && length > 0 {
            self.lines.insert(index, (new_line, 0)); // the new line goes before
        } else {
            self.lines[index].1 = at;
            self.lines.insert(index + 1, (new_line, length - at));
        }
        Ok(())
    }

    fn find(&self, mut at: usize) -> anyhow::Result<(usize, usize)> {
        for (index, (_, length)) in self.lines.iter().enumerate() {
            if at <= *length {
                return Ok((index, at));
            }
            at -= length + 1;
        }
        bail!("the trace goes on behind the end of its text");
    }

    fn delete(&mut self, from: usize, to: usize) -> anyhow::Result<()> {
        let (first, first_at) = self.find(from)?;
        let (last, last_at) = self.find(to)?;
        let (first_line, last_line) = (self.lines[first].0, self.lines[last].0);
        if first == last {
            let (at, delete) = (first_at as u32, (last_at - first_at) as u32);
            let insert = String::new();
            self.act(&Intent::EditText {
                line: first_line,
                at,
                delete,
                insert,
            })?;
            self.lines[first].1 -= last_at - first_at;
            return Ok(());
        }
        self.act(&Intent::DeleteRange {
            first: first_line,
            first_at: first_at as u32,
            last: last_line,
            last_at: last_at as u32,
        })?;
        self.lines[first].1 = first_at + self.lines[last].1 - last_at;
        self.lines.drain(first + 1..=last);
        Ok(())
    }
}
