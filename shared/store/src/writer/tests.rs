//! The writer with a disk that is full: SQLite is told that the file may not grow.

use std::sync::mpsc::{Receiver, channel};

use tempfile::TempDir;
use tideline_model::{Change, DocumentId, Event, EventId, Frontier, ReplicaId, UserId};
use uuid::Uuid;

use super::*;
use crate::commit::Origin;

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
/// More than the free space in the pages of a new database.
const TEXT_BYTES: usize = 20_000;

struct Desk {
    writer: Writer,
    reports: Receiver<CommitReport>,
    replica: ReplicaId,
    group: tideline_model::GroupId,
    folder: TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let replica = Replica::open(folder.path()).unwrap();
    let (id, group) = (replica.replica_id(), replica.local_group());
    let (sender, reports) = channel();
    let writer = Writer::spawn(replica, move |report| sender.send(report).unwrap());
    Desk {
        writer,
        reports,
        replica: id,
        group,
        folder,
    }
}

impl Desk {
    fn submit(&self, seq: u64) -> Ticket {
        self.writer.submit(self.commit(seq))
    }

    /// The event number `seq`, with a long text.
    fn commit(&self, seq: u64) -> Commit {
        let id = |seq| EventId {
            replica: self.replica,
            seq,
        };
        let event = Event {
            id: id(seq),
            lamport: seq,
            time_ms: 0,
            author: UserId(Uuid::nil()),
            parents: Frontier::new((1..seq).map(id).next_back()),
            changes: vec![Change::SetTitle {
                title: "x".repeat(TEXT_BYTES),
            }],
        };
        let batch = tideline_wire::seal(self.group, DOCUMENT, &[event]).unwrap();
        let mut commit = Commit::new(self.group, DOCUMENT, 0);
        commit.batches = vec![(Origin::Local, batch)];
        commit
    }

    /// From now on the database may not grow; or may again.
    fn set_full(&self, full: bool) {
        self.writer.send(Job::Now(Box::new(move |replica| {
            let pages = if full { 1 } else { 1 << 30 };
            replica
                .connection()
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .unwrap();
        })));
    }

    fn expect_durable(&self, tickets: &[Ticket]) {
        for &ticket in tickets {
            assert_eq!(
                self.reports.recv().unwrap(),
                CommitReport::Durable { ticket }
            );
        }
    }

    fn expect_full(&self, expected: Ticket) {
        let report = self.reports.recv().unwrap();
        let CommitReport::Failed {
            ticket,
            reason,
            retry: true,
        } = report
        else {
            panic!("{report:?}");
        };
        assert_eq!((ticket, reason.as_str()), (expected, "the disk is full"));
    }

    fn stored_events(self) -> u64 {
        let replica = self.writer.shutdown().unwrap();
        let scope = replica.scope(self.group);
        assert_eq!(
            scope.events(DOCUMENT).unwrap().len(),
            scope.outbox(DOCUMENT).unwrap().len()
        );
        scope.last_seq(DOCUMENT, self.replica).unwrap()
    }
}

#[test]
fn every_commit_is_reported_durable_in_order() {
    let desk = desk();
    let tickets: Vec<Ticket> = (1..=100).map(|seq| desk.submit(seq)).collect();
    desk.expect_durable(&tickets);
    assert_eq!(desk.stored_events(), 100);
}

#[test]
fn after_the_end_everything_is_in_the_database_also_while_somebody_reads() {
    let desk = desk();
    let tickets = [desk.submit(1), desk.submit(2)];
    desk.expect_durable(&tickets);
    let (sender, readers) = channel();
    let open = move |replica: &mut Replica| sender.send(replica.reader().unwrap()).unwrap();
    desk.writer.handle().run(open);
    let reader = readers.recv().unwrap();
    let log = desk.folder.path().join("replica.sqlite-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    drop(desk.writer);
    assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
    assert_eq!(reader.scope(desk.group).documents().unwrap().len(), 1);
}

#[test]
fn on_a_full_disk_commits_wait_in_order_and_are_stored_when_there_is_room() {
    let desk = desk();
    let first = desk.submit(1);
    desk.expect_durable(&[first]);
    desk.set_full(true);
    let waiting: Vec<Ticket> = (2..=4).map(|seq| desk.submit(seq)).collect();
    for &ticket in &waiting {
        desk.expect_full(ticket);
    }
    let late = desk.submit(5);
    let (sender, ran) = channel();
    desk.writer.run(move |_| sender.send(()).unwrap());
    desk.writer.retry();
    desk.expect_full(late);
    assert!(ran.try_recv().is_err(), "a job does not overtake a commit");

    desk.set_full(false);
    desk.writer.retry();
    desk.expect_durable(&waiting);
    desk.expect_durable(&[late]);
    ran.recv().unwrap();
    assert_eq!(desk.stored_events(), 5);
}

#[test]
fn without_being_asked_a_failed_commit_is_tried_again() {
    let desk = desk();
    desk.set_full(true);
    let ticket = desk.submit(1);
    desk.expect_full(ticket);
    desk.set_full(false);
    desk.expect_durable(&[ticket]);
}

#[test]
fn what_a_full_disk_refuses_at_the_end_comes_back_in_order() {
    let desk = desk();
    let first = desk.submit(1);
    desk.expect_durable(&[first]);
    desk.set_full(true);
    let commits: Vec<Commit> = (2..=4).map(|seq| desk.commit(seq)).collect();
    for commit in &commits {
        desk.writer.submit(commit.clone());
    }
    let unsaved = desk.writer.shutdown().unwrap_err();
    assert_eq!(unsaved.reason, "the disk is full");
    let batches = |commits: &[Commit]| -> Vec<_> {
        commits
            .iter()
            .flat_map(|commit| commit.batches.clone())
            .collect()
    };
    assert_eq!(batches(&unsaved.commits), batches(&commits));
    let replica = Replica::open(desk.folder.path()).unwrap();
    assert_eq!(
        replica
            .scope(desk.group)
            .last_seq(DOCUMENT, desk.replica)
            .unwrap(),
        1
    );
}

#[test]
fn a_job_that_panics_does_not_end_the_thread() {
    let desk = desk();
    desk.writer.run(|_| panic!("a fault of the job"));
    let ticket = desk.submit(1);
    desk.expect_durable(&[ticket]);
    assert_eq!(desk.stored_events(), 1);
}

#[test]
fn what_was_not_saved_is_kept_elsewhere_and_taken_in_by_the_next_start() {
    let desk = desk();
    let first = desk.submit(1);
    desk.expect_durable(&[first]);
    desk.set_full(true);
    desk.submit(2);
    desk.submit(3);
    let unsaved = desk.writer.shutdown().unwrap_err();
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = crate::keep_unsaved(elsewhere.path(), &unsaved.commits, 7).unwrap();
    let file = std::fs::File::open(kept.unwrap()).unwrap();

    let mut replica = Replica::open(desk.folder.path()).unwrap();
    assert_ne!(replica.replica_id(), desk.replica, "its numbers are taken");
    let batches = crate::read_salvaged(std::io::BufReader::new(file)).unwrap();
    let taken = replica.take_in(batches, 8).unwrap();
    assert_eq!((taken.documents, taken.batches), (1, 2));
    assert_eq!(taken.refused, Vec::<String>::new());
    let scope = replica.scope(desk.group);
    assert_eq!(scope.last_seq(DOCUMENT, desk.replica).unwrap(), 3);
    assert_eq!(replica.verify().problems, []);
}

#[test]
fn a_refused_commit_is_reported_and_leaves_the_others_alone() {
    let desk = desk();
    let tickets = [desk.submit(1), desk.submit(3), desk.submit(2)];
    desk.expect_durable(&tickets[..1]);
    let report = desk.reports.recv().unwrap();
    let refused = |report: &CommitReport| matches!(report, CommitReport::Failed { ticket, retry: false, .. } if *ticket == tickets[1]);
    assert!(refused(&report), "{report:?}");
    desk.expect_durable(&tickets[2..]);
    assert_eq!(desk.stored_events(), 2);
}

#[test]
fn a_job_sees_what_was_submitted_before_it() {
    let desk = desk();
    let (sender, answers) = channel();
    for seq in 1..=3 {
        let (group, sender) = (desk.group, sender.clone());
        desk.submit(seq);
        desk.writer.run(move |replica| {
            let events = replica.scope(group).events(DOCUMENT).unwrap();
            sender.send(events.len()).unwrap();
        });
    }
    assert_eq!(answers.iter().take(3).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn much_that_waits_asks_for_a_pause_of_what_can_wait() {
    let desk = desk();
    desk.set_full(true);
    assert!(!desk.writer.is_saturated());
    let mut seq = 0;
    while !desk.writer.is_saturated() {
        seq += 1;
        desk.submit(seq);
    }
    desk.set_full(false);
    let events = desk.stored_events();
    assert_eq!(events, seq);
}

#[test]
fn the_search_index_is_brought_up_to_date_when_there_is_nothing_else_to_do() {
    let desk = desk();
    let ticket = desk.submit(1);
    desk.expect_durable(&[ticket]);
    desk.writer.run(|replica| replica.reindex(None).unwrap());
    let (sender, owes) = channel();
    loop {
        let sender = sender.clone();
        desk.writer.run(move |replica| {
            sender
                .send(crate::index::owes(replica.connection()).unwrap())
                .unwrap();
        });
        if !owes.recv().unwrap() {
            break;
        }
    }
}
