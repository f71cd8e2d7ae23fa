//! A process that is killed while it writes: what it had reported as durable is there.
//!
//! `TIDELINE_CYCLES=1000` kills more often.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::time::Duration;

use rand::Rng;
use serde_json::json;
use tideline_store::{Commit, CommitReport, Origin, Replica, Writer};

use crate::opening::{child_folder, run_child};
use crate::support::{NOW_MS, batch, document, row, texts};

const CYCLES_DEFAULT: u32 = 5;
/// Commits that the child has on their way at a time.
const IN_FLIGHT: usize = 8;
const LINES_MAX: u64 = 200;

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
        if seq as usize >= last as usize + IN_FLIGHT {
            match reports.recv().unwrap() {
                CommitReport::Durable { ticket } => say(&format!("durable {}", last + ticket.0)),
                failed @ CommitReport::Failed { .. } => panic!("{failed:?}"),
            }
        }
    }
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
}

impl Said {
    fn hear(&mut self, line: &str) {
        let mut words = line.split(' ').skip(1);
        let (what, number) = (words.next(), words.next());
        let number = number.and_then(|number| number.parse().ok()).unwrap_or(0);
        match what {
            Some("durable") => self.durable = number,
            Some("reserved") => self.reserved = number,
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
        assert_eq!(
            sequence,
            (1..=events.len() as u64).collect::<Vec<_>>(),
            "{context}"
        );
        let title = scope.document(document(1)).unwrap().map(|row| row.title);
        assert_eq!(
            title,
            expected.last().cloned(),
            "{context}: events and rows are of one piece"
        );
        assert_eq!(replica.verify().problems, [], "{context}");
    }
}
