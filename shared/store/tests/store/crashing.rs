//! A process that is killed while it types, imports, packs, or brings an old database up to date:
//! what it had reported as durable is there, in order.
//!
//! `TIDELINE_CYCLES=1000` kills more often.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::time::{Duration, Instant};

use rand::Rng;
use serde_json::json;
use tideline_store::{Commit, CommitReport, DocumentRow, Origin, Packing, Replica, Writer};

use crate::opening::{child_folder, run_child};
use crate::support::{NOW_MS, batch, database, document, row, texts, tree};

const CYCLES_DEFAULT: u32 = 60;
/// Of so many cycles of writing, one more kills a migration.
const MIGRATED_EVERY: u32 = 4;
/// A step of a child: something else than typing comes along with every so many events.
const IMPORT_EVERY: u64 = 80;
const PACK_EVERY: u64 = 15;
/// So many are indexed with their commit.
const IMPORTED_LINES: u64 = 1_000;
/// Commits that the child has on their way at a time.
const IN_FLIGHT: usize = 8;
const LINES_MAX: u64 = 200;

const IMPORTED_DOCUMENTS: u128 = 1000;
const SOON: Packing = Packing {
    batches_min: 8,
    bytes_min: usize::MAX,
};

fn cycles() -> u32 {
    let asked = std::env::var("TIDELINE_CYCLES").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(CYCLES_DEFAULT)
}

#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(folder) = child_folder() else {
        return;
    };
    let replica = Replica::open(&folder).unwrap();
    let (id, group) = (replica.replica_id(), replica.local_group());
    let last = replica.scope(group).last_seq(document(1), id).unwrap();
    let (sender, reports) = channel();
    let writer = Writer::spawn(replica, move |report| sender.send(report).unwrap());
    for seq in last + 1.. {
        let mut commit = Commit::new(group, document(1), NOW_MS);
        let text = format!("event {seq}");
        commit.batches = vec![(Origin::Local, batch(group, document(1), id, seq, &[&text]))];
        commit.title = Some(text.clone());
        commit.rows = vec![row(1 + seq % LINES_MAX, 0, None, &text)];
        writer.submit(commit);
        if seq % 10 == 0 {
            writer.run(move |replica| {
                let first = replica.reserve_line_numbers(seq).unwrap();
                replica.set_setting("written", &json!(seq)).unwrap();
                say(&format!("reserved {}", first + seq - 1));
            });
        }
        if seq % IMPORT_EVERY == 0 {
            writer.run(move |replica| import(replica, seq));
        }
        if seq % PACK_EVERY == 0 {
            writer.run(|replica| while replica.pack_step(SOON, NOW_MS).unwrap() {});
            writer.run(|replica| while replica.shrink_step(1).unwrap() {});
        }
        if seq as usize >= last as usize + IN_FLIGHT {
            match reports.recv().unwrap() {
                CommitReport::Durable { ticket } => say(&format!("durable {}", last + ticket.0)),
                failed @ CommitReport::Failed { .. } => panic!("{failed:?}"),
            }
        }
    }
}

/// A document of its own, whole or not at all.
fn import(replica: &mut Replica, number: u64) {
    let (id, group) = (replica.replica_id(), replica.local_group());
    let imported = document(IMPORTED_DOCUMENTS + u128::from(number));
    let mut commit = Commit::new(group, imported, NOW_MS);
    let texts = vec!["an imported line"; IMPORTED_LINES as usize];
    commit.batches = vec![(Origin::Local, batch(group, imported, id, 1, &texts))];
    let lines = (1..=IMPORTED_LINES).map(|line| (line, 0, "an imported line"));
    commit.rows = tree(&lines.collect::<Vec<_>>());
    replica.commit(&commit).unwrap();
    say(&format!("imported {number}"));
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nsaid {line}").unwrap();
    out.flush().unwrap();
}

/// What a child said before it was killed.
#[derive(Debug, Default, Clone, Copy)]
struct Said {
    durable: u64,
    reserved: u64,
    imported: u64,
}

impl Said {
    fn hear(&mut self, line: &str) {
        let mut words = line.split(' ').skip(1);
        let (what, number) = (words.next(), words.next());
        let number = number.and_then(|number| number.parse().ok()).unwrap_or(0);
        match what {
            Some("durable") => self.durable = number,
            Some("reserved") => self.reserved = number,
            Some("imported") => self.imported = number,
            _ => panic!("{line}"),
        }
    }
}

fn listen(child: &mut Child) -> Receiver<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = sync_channel(100_000);
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if line.starts_with("said ") {
                let _ = sender.send(line);
            }
        }
    });
    lines
}

/// Lets a child write, kills it at a random instant, and returns what it had said.
fn write_and_kill(folder: &Path) -> Said {
    let mut rng = rand::rng();
    let mut child = run_child("crashing::child_that_writes_until_it_is_killed", folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = listen(&mut child);
    let mut said = Said::default();
    for _ in 0..rng.random_range(0..120) {
        said.hear(&lines.recv().unwrap());
    }
    // … and then at any instant of the next commits.
    let rest = Duration::from_micros(rng.random_range(0..8_000));
    if let Ok(line) = lines.recv_timeout(rest) {
        said.hear(&line);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines {
        said.hear(&line);
    }
    said
}

#[test]
fn what_was_reported_durable_survives_kill_9_at_any_instant() {
    let folder = tempfile::tempdir().unwrap();
    let first = Replica::open(folder.path()).unwrap();
    let (id, group) = (first.replica_id(), first.local_group());
    drop(first);
    for cycle in 0..cycles() {
        let said = write_and_kill(folder.path());
        let replica = Replica::open(folder.path()).unwrap();
        let context = format!("cycle {cycle}, {said:?}");
        assert_eq!(
            (replica.renewal(), replica.replica_id()),
            (None, id),
            "{context}"
        );
        assert!(replica.next_line_number() > said.reserved, "{context}");

        let scope = replica.scope(group);
        let events = scope.events(document(1)).unwrap();
        assert!(
            events.len() as u64 >= said.durable,
            "{context}: {} events",
            events.len()
        );
        let expected: Vec<String> = (1..=events.len())
            .map(|seq| format!("event {seq}"))
            .collect();
        assert_eq!(texts(&events), expected, "{context}");
        let outbox = scope.outbox(document(1)).unwrap();
        let sequence: Vec<u64> = outbox.iter().map(|batch| batch.first_seq).collect();
        let packed = events.len() - sequence.len();
        assert_eq!(
            sequence,
            (packed as u64 + 1..=events.len() as u64).collect::<Vec<_>>(),
            "{context}"
        );
        let title = scope.document(document(1)).unwrap().map(|row| row.title);
        assert_eq!(
            title,
            expected.last().cloned(),
            "{context}: events and rows are of one piece"
        );
        let documents = scope.documents().unwrap();
        let imports = documents.iter().filter(|row| row.id != document(1));
        assert!(
            imports.clone().all(|row| row.line_count == IMPORTED_LINES),
            "{context}"
        );
        let last = document(IMPORTED_DOCUMENTS + u128::from(said.imported));
        let is_there = |row: &DocumentRow| row.id == last;
        assert!(
            said.imported == 0 || imports.clone().any(is_there),
            "{context}"
        );
        assert_eq!(replica.verify().problems, [], "{context}");
    }
}

#[test]
fn child_that_opens_an_old_database() {
    if let Some(folder) = child_folder() {
        drop(Replica::open(&folder).unwrap());
    }
}

#[test]
fn a_migration_survives_kill_9_at_any_instant() {
    let mut rng = rand::rng();
    for cycle in 0..cycles() / MIGRATED_EVERY {
        let folder = tempfile::tempdir().unwrap();
        let old = include_bytes!("fixtures/schema-1.sqlite");
        std::fs::write(database(folder.path()), old).unwrap();
        let mut child = run_child("crashing::child_that_opens_an_old_database", folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let instant = Instant::now() + Duration::from_micros(rng.random_range(0..120_000));
        while Instant::now() < instant && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let replica = Replica::open(folder.path()).unwrap();
        let scope = replica.scope(replica.local_group());
        assert_eq!(scope.events(document(1)).unwrap().len(), 3, "cycle {cycle}");
        assert_eq!(replica.verify().problems, [], "cycle {cycle}");
    }
}
