//! A data folder to try things in, and short ways to write batches and rows.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tideline_model::{
    Change, Document, DocumentId, DraftLine, Event, EventId, Frontier, GroupId, Intent, Kind,
    LineId, LineView, Placement, ReplicaId, UserId,
};
use tideline_store::{Commit, CommitError, LineRow, Origin, Replica, Scope, StoreError};
use tideline_wire::SealedBatch;
use uuid::Uuid;

pub const NOW_MS: i64 = 1_700_000_000_000;

/// A replica in a folder that goes away with it.
pub struct Desk {
    pub replica: Replica,
    pub folder: TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let replica = Replica::open(folder.path()).unwrap();
        Self { replica, folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub fn local(&self) -> GroupId {
        self.replica.local_group()
    }

    pub fn scope(&self) -> Scope<'_> {
        self.replica.scope(self.replica.local_group())
    }

    /// Closes and opens it again.
    pub fn reopen(self) -> Self {
        let Self { replica, folder } = self;
        drop(replica);
        let replica = Replica::open(folder.path()).unwrap();
        Self { replica, folder }
    }

    pub fn commit(&mut self, document: DocumentId) -> Commit {
        Commit::new(self.local(), document, NOW_MS)
    }

    /// Stores the next event of this replica in `document`.
    pub fn write(&mut self, document: DocumentId, text: &str) -> Result<(), CommitError> {
        let replica = self.replica.replica_id();
        let seq = self.scope().last_seq(document, replica).unwrap() + 1;
        let batch = batch(self.local(), document, replica, seq, &[text]);
        let mut commit = self.commit(document);
        commit.batches = vec![(Origin::Local, batch)];
        self.replica.commit(&commit)
    }

    /// The texts of all events of `document`, in order.
    pub fn texts(&self, document: DocumentId) -> Vec<String> {
        texts(&self.scope().events(document).unwrap())
    }

    /// Stores `rows` given as (number, parent number, text), in display order.
    pub fn lay_out(&mut self, document: DocumentId, rows: &[(u64, u64, &str)]) {
        let mut commit = self.commit(document);
        commit.rows = tree(rows);
        self.replica.commit(&commit).unwrap();
    }

    /// The displayed lines as `1 2(3 4)`.
    pub fn outline(&self, document: DocumentId) -> String {
        outline(&self.scope(), document, LineId::ROOT)
    }
}

/// A document with real lines, written by the replica of a desk.
pub struct Outliner {
    pub document: Document,
    next_line: u64,
}

impl Outliner {
    pub fn new(id: DocumentId) -> Self {
        Self {
            document: Document::new(id),
            next_line: 1,
        }
    }

    /// Creates a topmost line for each text, and stores events, rows and hash in one commit.
    pub fn write(&mut self, desk: &mut Desk, texts: &[&str]) {
        let replica = desk.replica.replica_id();
        let after = self.document.children(LineId::ROOT).last().copied();
        let lines = texts.iter().map(|text| DraftLine {
            id: self.take_line(replica),
            depth: 0,
            kind: Kind::Text,
            text: (*text).to_owned(),
            properties: Vec::new(),
            tags: Vec::new(),
        });
        let intent = Intent::CreateLines {
            lines: lines.collect(),
            placement: Placement {
                parent: LineId::ROOT,
                after,
            },
        };
        self.carry_out(desk, &intent);
    }

    pub fn carry_out(&mut self, desk: &mut Desk, intent: &Intent) {
        let replica = desk.replica.replica_id();
        let author = UserId(Uuid::nil());
        let changes = self.document.plan(intent).unwrap();
        let event = self.document.stamp(replica, author, NOW_MS, changes);
        let patch = self.document.apply(&event).unwrap();
        let sealed = tideline_wire::seal(desk.local(), self.document.id(), &[event]).unwrap();
        let mut commit = desk.commit(self.document.id());
        commit.batches = vec![(Origin::Local, sealed)];
        commit.hash = Some(self.document.hash());
        commit.title = Some(self.document.title().to_owned());
        commit.rows = LineRow::all_of(&self.document);
        commit.removed = patch.removed.into_iter().collect();
        desk.replica.commit(&commit).unwrap();
    }

    fn take_line(&mut self, replica: ReplicaId) -> LineId {
        self.next_line += 1;
        LineId {
            replica,
            number: self.next_line - 1,
        }
    }
}

pub fn database(folder: &Path) -> PathBuf {
    folder.join("replica.sqlite")
}

pub fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(number))
}

pub fn replica(number: u128) -> ReplicaId {
    ReplicaId(Uuid::from_u128(number))
}

pub fn group(number: u128) -> GroupId {
    GroupId(Uuid::from_u128(number))
}

/// Line `number` of a replica that all tests share; 0 is the root.
pub fn line(number: u64) -> LineId {
    if number == 0 {
        return LineId::ROOT;
    }
    LineId {
        replica: replica(1),
        number,
    }
}

/// One batch with an event for each text, each a title.
pub fn batch(
    group: GroupId,
    document: DocumentId,
    replica: ReplicaId,
    first_seq: u64,
    texts: &[&str],
) -> SealedBatch {
    let events: Vec<Event> = (first_seq..)
        .zip(texts)
        .map(|(seq, text)| Event {
            id: EventId { replica, seq },
            lamport: seq,
            time_ms: NOW_MS,
            author: UserId(Uuid::nil()),
            parents: Frontier::new(match seq {
                1 => Vec::new(),
                _ => vec![EventId {
                    replica,
                    seq: seq - 1,
                }],
            }),
            changes: vec![Change::SetTitle {
                title: (*text).to_owned(),
            }],
        })
        .collect();
    tideline_wire::seal(group, document, &events).unwrap()
}

pub fn texts(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .flat_map(|event| &event.changes)
        .map(|change| match change {
            Change::SetTitle { title } => title.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

pub fn view(number: u64, parent: u64, text: &str) -> LineView {
    LineView {
        id: line(number),
        parent: line(parent),
        kind: Kind::Text,
        text: text.to_owned(),
        tags: Vec::new(),
        properties: Vec::new(),
        created_ms: NOW_MS,
        created_by: UserId(Uuid::nil()),
        updated_ms: NOW_MS,
        updated_by: UserId(Uuid::nil()),
        visible: true,
    }
}

pub fn row(number: u64, parent: u64, after: Option<u64>, text: &str) -> LineRow {
    LineRow {
        after: after.map(line),
        line: view(number, parent, text),
    }
}

/// Rows from (number, parent number, text) in display order.
pub fn tree(rows: &[(u64, u64, &str)]) -> Vec<LineRow> {
    let mut last = std::collections::HashMap::new();
    rows.iter()
        .map(|&(number, parent, text)| row(number, parent, last.insert(parent, number), text))
        .collect()
}

pub fn outline(scope: &Scope<'_>, document: DocumentId, parent: LineId) -> String {
    try_outline(scope, document, parent).unwrap()
}

pub fn try_outline(
    scope: &Scope<'_>,
    document: DocumentId,
    parent: LineId,
) -> Result<String, StoreError> {
    let mut shown = Vec::new();
    for found in scope.lines(document, parent, None, usize::MAX)? {
        let id = found.line.id;
        let below = try_outline(scope, document, id)?;
        shown.push(if below.is_empty() {
            id.number.to_string()
        } else {
            format!("{}({below})", id.number)
        });
    }
    Ok(shown.join(" "))
}
