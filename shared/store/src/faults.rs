//! The replica on a disk that loses power or fails: every sync point is cut, every call fails once.
//! The database is written through SQLite's own file system with a [`disk::Disk`] in between.

mod disk;
mod power;
mod trouble;
mod vfs;

use std::path::Path;

use tempfile::TempDir;
use tideline_model::{
    Change, DocumentId, Event, EventId, Frontier, GroupId, Kind, LineId, LineView, ReplicaId,
    UserId,
};
use uuid::Uuid;

use crate::commit::{Commit, Origin};
use crate::error::StoreError;
use crate::index::AT_ONCE_MIN;
use crate::mark::Renewal;
use crate::replica::Replica;
use crate::rows::LineRow;

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
const LINES_MAX: u64 = 7;
const LARGE_EVERY: u64 = 4;

/// In memory where there is such a place: what counts as synced is the disk's to say.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// The event number `seq` of a replica and the line that it changes, as long as its number says.
fn commit(group: GroupId, replica: ReplicaId, seq: u64) -> Commit {
    let id = |seq| EventId { replica, seq };
    let text = text(seq);
    let event = Event {
        id: id(seq),
        lamport: seq,
        time_ms: 0,
        author: UserId(Uuid::nil()),
        parents: Frontier::new((1..seq).map(id).next_back()),
        changes: vec![Change::SetTitle {
            title: text.clone(),
        }],
    };
    let batch = tideline_wire::seal(group, DOCUMENT, &[event]).unwrap();
    let mut commit = Commit::new(group, DOCUMENT, 0);
    commit.batches = vec![(Origin::Local, batch)];
    commit.title = Some(text.clone());
    let row = |number, text| LineRow {
        after: None,
        line: line(number, text),
    };
    commit.rows = vec![row(1 + seq % LINES_MAX, text)];
    if seq.is_multiple_of(LARGE_EVERY) {
        // Lines that are indexed with it.
        let numbers = (1..=AT_ONCE_MIN as u64).map(|at| LINES_MAX + seq * 100 + at);
        let lines = numbers.map(|number| row(number, format!("line {number} of {seq}")));
        commit.rows.extend(lines);
    }
    commit
}

fn text(seq: u64) -> String {
    format!("event {seq} {}", "word ".repeat((seq * 97 % 400) as usize))
}

fn line(number: u64, text: String) -> LineView {
    let replica = ReplicaId(Uuid::from_u128(9));
    LineView {
        id: LineId { replica, number },
        parent: LineId::ROOT,
        kind: Kind::Text,
        text,
        tags: Vec::new(),
        properties: Vec::new(),
        created_ms: 0,
        created_by: UserId(Uuid::nil()),
        updated_ms: 0,
        updated_by: UserId(Uuid::nil()),
        visible: true,
    }
}

/// How many events there are, or what is wrong with them.
fn events(replica: &Replica) -> Result<u64, String> {
    let scope = replica.scope(replica.local_group());
    let text_of = |error: StoreError| error.to_string();
    let events = scope.events(DOCUMENT).map_err(text_of)?;
    let count = events.len() as u64;
    for (event, seq) in events.iter().zip(1..) {
        let title = text(seq);
        if event.id.seq != seq || event.changes != [Change::SetTitle { title }] {
            return Err(format!("event {seq} is not what was written"));
        }
    }
    let outbox = scope.outbox(DOCUMENT).map_err(text_of)?;
    // What was packed is not in it: there is no server that lacks it.
    let sequence = outbox.iter().map(|batch| batch.first_seq);
    if !sequence.eq(count + 1 - outbox.len() as u64..=count) {
        return Err("the outbox has lost its order".to_owned());
    }
    let row = scope.document(DOCUMENT).map_err(text_of)?;
    let title = row.map(|row| row.title);
    if title != (count > 0).then(|| text(count)) {
        return Err("events and rows are not of one piece".to_owned());
    }
    Ok(count)
}

/// Opens what is in `folder`, which must be sound and hold at least `promised` events.
fn check(folder: &Path, promised: u64) -> Result<u64, String> {
    let replica = Replica::open(folder).map_err(|error| error.to_string())?;
    if let Some(Renewal::Outdated { missing }) = replica.renewal() {
        return Err(format!("{missing} transactions are lost"));
    }
    let count = events(&replica)?;
    if count < promised {
        return Err(format!(
            "{promised} events were promised, {count} are there"
        ));
    }
    match replica.verify().problems.first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(count),
    }
}
