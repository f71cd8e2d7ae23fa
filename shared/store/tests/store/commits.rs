//! Commits: what is stored, what is passed over, what is refused, and who sees it.

use std::fs;
use std::path::Path;

use tideline_model::{EventId, ReplicaId};
use tideline_store::{
    Commit, CommitError, Deletion, GroupHome, GroupRow, Origin, StoreError, Vocabulary,
};
use tideline_wire::SealedBatch;

use crate::support::{Desk, NOW_MS, batch, document, group, replica};

fn add_group(desk: &mut Desk, number: u128) {
    let row = GroupRow {
        id: group(number),
        name: format!("Group {number}"),
        home: GroupHome::Server {
            url: "wss://example.org".into(),
        },
    };
    desk.replica.add_group(&row).unwrap();
}

fn remote(desk: &mut Desk, writer: ReplicaId, seq: u64, text: &str) -> Result<(), CommitError> {
    let batch = batch(desk.local(), document(1), writer, seq, &[text]);
    let mut commit = desk.commit(document(1));
    commit.batches = vec![(Origin::Remote, batch)];
    desk.replica.commit(&commit)
}

#[test]
fn a_document_comes_back_as_it_was_committed() {
    let mut desk = Desk::new();
    let mut commit = desk.commit(document(1));
    let ours = desk.replica.replica_id();
    let first = batch(desk.local(), document(1), ours, 1, &["a", "b"]);
    let second = batch(desk.local(), document(1), replica(9), 1, &["c"]);
    commit.batches = vec![
        (Origin::Local, first.clone()),
        (Origin::Remote, second.clone()),
    ];
    commit.cursor = Some(7);
    commit.title = Some("Shopping".into());
    commit.folder = Some("home/lists".into());
    commit.hash = Some(1 << 100);
    desk.replica.commit(&commit).unwrap();

    let desk = desk.reopen();
    let row = desk.scope().document(document(1)).unwrap().unwrap();
    assert_eq!(
        (row.title.as_str(), row.folder.as_str()),
        ("Shopping", "home/lists")
    );
    assert_eq!((row.cursor, row.hash), (7, Some(1 << 100)));
    assert_eq!(row.group, desk.local());
    assert_eq!(desk.scope().documents().unwrap(), [row]);
    assert_eq!(
        desk.scope().batches(document(1)).unwrap(),
        [first.clone(), second]
    );
    assert_eq!(desk.texts(document(1)), ["a", "b", "c"]);
    assert_eq!(desk.scope().outbox(document(1)).unwrap(), [first]);
    assert_eq!(
        desk.scope().pending_documents().unwrap(),
        [(document(1), 2)]
    );
    assert_eq!(desk.scope().last_seq(document(1), ours).unwrap(), 2);
}

#[test]
fn new_events_without_a_hash_make_the_old_one_void() {
    let mut desk = Desk::new();
    let mut commit = desk.commit(document(1));
    commit.hash = Some(5);
    desk.replica.commit(&commit).unwrap();
    desk.write(document(1), "a").unwrap();
    assert_eq!(
        desk.scope().document(document(1)).unwrap().unwrap().hash,
        None
    );
}

#[test]
fn what_is_acknowledged_leaves_the_outbox() {
    let mut desk = Desk::new();
    for text in ["a", "b", "c"] {
        desk.write(document(1), text).unwrap();
    }
    let ours = desk.replica.replica_id();
    let mut commit = desk.commit(document(1));
    commit.acked = vec![(ours, 2)];
    desk.replica.commit(&commit).unwrap();
    let left = desk.scope().outbox(document(1)).unwrap();
    assert_eq!(
        left.iter().map(|batch| batch.first_seq).collect::<Vec<_>>(),
        [3]
    );

    let mut commit = desk.commit(document(1));
    commit.server_has = vec![(ours, 1)];
    desk.replica.commit(&commit).unwrap();
    let left = desk.scope().outbox(document(1)).unwrap();
    assert_eq!(
        left.iter().map(|batch| batch.first_seq).collect::<Vec<_>>(),
        [2, 3]
    );

    let local = desk.local();
    desk.replica.forget_acknowledgements(local, NOW_MS).unwrap();
    assert_eq!(desk.scope().outbox(document(1)).unwrap().len(), 3);
}

#[test]
fn the_outbox_is_read_in_pages() {
    let mut desk = Desk::new();
    for text in ["a", "b", "c", "d"] {
        desk.write(document(1), text).unwrap();
    }
    let ours = desk.replica.replica_id();
    let firsts = |batches: Vec<SealedBatch>| -> Vec<u64> {
        batches.iter().map(|batch| batch.first_seq).collect()
    };
    let scope = desk.scope();
    assert_eq!(
        firsts(scope.outbox_page(document(1), None, 2).unwrap()),
        [1, 2]
    );
    let after = Some(EventId {
        replica: ours,
        seq: 2,
    });
    assert_eq!(
        firsts(scope.outbox_page(document(1), after, 10).unwrap()),
        [3, 4]
    );
}

#[test]
fn a_batch_that_comes_twice_is_stored_once_and_counts_as_acknowledged() {
    let mut desk = Desk::new();
    desk.write(document(1), "a").unwrap();
    let echo = desk.scope().batches(document(1)).unwrap().remove(0);
    let mut commit = desk.commit(document(1));
    commit.batches = vec![(Origin::Remote, echo.clone()), (Origin::Remote, echo)];
    desk.replica.commit(&commit).unwrap();
    assert_eq!(desk.texts(document(1)), ["a"]);
    assert_eq!(desk.scope().outbox(document(1)).unwrap(), []);
}

#[test]
fn a_gap_is_refused_and_nothing_of_the_commit_stays() {
    let mut desk = Desk::new();
    let good = batch(desk.local(), document(1), replica(9), 1, &["a"]);
    let far = batch(desk.local(), document(1), replica(9), 3, &["c"]);
    let mut commit = desk.commit(document(1));
    commit.batches = vec![(Origin::Remote, good), (Origin::Remote, far)];
    commit.cursor = Some(3);
    let error = desk.replica.commit(&commit).unwrap_err();
    assert!(
        matches!(error, CommitError::Gap { expected: 2, .. }),
        "{error}"
    );
    assert_eq!(desk.scope().documents().unwrap(), []);
}

#[test]
fn the_same_number_for_something_else_is_a_conflict() {
    let mut desk = Desk::new();
    remote(&mut desk, replica(9), 1, "a").unwrap();
    let error = remote(&mut desk, replica(9), 1, "other").unwrap_err();
    assert!(
        matches!(error, CommitError::Conflict { first_seq: 1, .. }),
        "{error}"
    );
    assert_eq!(desk.texts(document(1)), ["a"]);
}

#[test]
fn only_the_current_replica_writes_local_batches() {
    let mut desk = Desk::new();
    desk.write(document(1), "a").unwrap();
    let old = desk.replica.replica_id();
    desk.replica.renew(NOW_MS).unwrap();
    let late = batch(desk.local(), document(1), old, 2, &["b"]);
    let mut commit = desk.commit(document(1));
    commit.batches = vec![(Origin::Local, late.clone())];
    let error = desk.replica.commit(&commit).unwrap_err();
    assert!(matches!(error, CommitError::NotOurs { .. }), "{error}");
    commit.batches = vec![(Origin::Salvaged, late)];
    desk.replica.commit(&commit).unwrap();
    assert_eq!(desk.scope().outbox(document(1)).unwrap().len(), 2);
}

#[test]
fn of_several_commits_in_one_transaction_a_refused_one_leaves_the_others_alone() {
    let mut desk = Desk::new();
    let local = desk.local();
    let one = |number: u128, seq: u64| {
        let mut commit = Commit::new(local, document(number), NOW_MS);
        let batch = batch(local, document(number), replica(9), seq, &["a"]);
        commit.batches = vec![(Origin::Remote, batch)];
        commit
    };
    let results = desk
        .replica
        .commit_all(&[one(1, 1), one(2, 5), one(3, 1)])
        .unwrap();
    let stored: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(stored, [true, false, true]);
    let documents = desk.scope().documents().unwrap();
    let ids: Vec<_> = documents.iter().map(|row| row.id).collect();
    assert_eq!(ids, [document(1), document(3)]);
}

#[test]
fn another_groups_document_is_not_there_at_all() {
    let mut desk = Desk::new();
    add_group(&mut desk, 2);
    desk.write(document(1), "secret").unwrap();
    desk.lay_out(document(1), &[(1, 0, "secret")]);
    desk.replica.index_step(100).unwrap();

    let other = desk.replica.scope(group(2));
    assert_eq!(other.documents().unwrap(), []);
    assert_eq!(other.document(document(1)).unwrap(), None);
    assert_eq!(other.batches(document(1)).unwrap(), []);
    assert_eq!(other.events(document(1)).unwrap(), []);
    assert_eq!(other.outbox(document(1)).unwrap(), []);
    assert_eq!(other.pending_documents().unwrap(), []);
    assert_eq!(
        other
            .last_seq(document(1), desk.replica.replica_id())
            .unwrap(),
        0
    );
    assert_eq!(other.line_count(document(1)).unwrap(), 0);
    assert_eq!(
        other
            .lines(document(1), crate::support::line(0), None, 9)
            .unwrap(),
        []
    );
    assert_eq!(
        other
            .search(&mut Vocabulary::default(), "secret", None, 9)
            .unwrap(),
        []
    );
    assert_eq!(
        other
            .search(&mut Vocabulary::default(), "secret", Some(document(1)), 9)
            .unwrap(),
        []
    );

    let commit = Commit::new(group(2), document(1), NOW_MS);
    let error = desk.replica.commit(&commit).unwrap_err();
    assert!(matches!(error, CommitError::OtherGroup { .. }), "{error}");
    let commit = Commit::new(group(3), document(4), NOW_MS);
    let error = desk.replica.commit(&commit).unwrap_err();
    assert!(matches!(error, CommitError::UnknownGroup { .. }), "{error}");
}

#[test]
fn adopted_documents_stand_in_the_outbox_of_their_new_group() {
    let mut desk = Desk::new();
    add_group(&mut desk, 2);
    for number in 1..=3 {
        desk.write(document(number), "a").unwrap();
        desk.lay_out(document(number), &[(1, 0, "text")]);
    }
    let mut commit = desk.commit(document(3));
    commit.deletion = Some(Deletion::Deleted);
    desk.replica.commit(&commit).unwrap();
    let local = desk.local();
    let adopted = desk
        .replica
        .adopt_local_documents(local, group(2), &[document(2)], NOW_MS)
        .unwrap();
    assert_eq!(adopted, [document(1)]);

    let desk = desk.reopen();
    let scope = desk.replica.scope(group(2));
    let outbox = scope.outbox(document(1)).unwrap();
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].group, group(2));
    assert_eq!(scope.line_count(document(1)).unwrap(), 1);
    assert_eq!(
        scope
            .search(&mut Vocabulary::default(), "text", None, 9)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(desk.scope().document(document(1)).unwrap(), None);
    assert_eq!(
        desk.scope()
            .search(&mut Vocabulary::default(), "text", None, 9)
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn adoption_into_an_unknown_group_changes_nothing() {
    let mut desk = Desk::new();
    desk.write(document(1), "a").unwrap();
    let local = desk.local();
    let error = desk
        .replica
        .adopt_local_documents(local, group(2), &[], NOW_MS)
        .unwrap_err();
    assert!(matches!(error, StoreError::UnknownGroup { .. }), "{error}");
    assert_eq!(desk.texts(document(1)), ["a"]);
}

#[test]
fn a_deleted_document_is_listed_as_deleted_and_comes_back() {
    let mut desk = Desk::new();
    desk.write(document(1), "a").unwrap();
    for (deletion, expected) in [
        (Deletion::Deleted, Some(NOW_MS)),
        (Deletion::Restored, None),
    ] {
        let mut commit = desk.commit(document(1));
        commit.deletion = Some(deletion);
        desk.replica.commit(&commit).unwrap();
        let row = desk.scope().document(document(1)).unwrap().unwrap();
        assert_eq!(row.deleted_ms, expected);
    }
    assert_eq!(desk.texts(document(1)), ["a"]);
}

#[test]
fn a_reader_sees_what_is_durable_and_cannot_write() {
    let mut desk = Desk::new();
    let reader = desk.replica.reader().unwrap();
    desk.write(document(1), "a").unwrap();
    let local = desk.local();
    let seen = std::thread::spawn(move || {
        let another = reader.another().unwrap();
        let batches = another.scope(local).batches(document(1)).unwrap();
        batches.len()
    });
    assert_eq!(seen.join().unwrap(), 1);
}

#[test]
fn statements_on_what_belongs_to_a_group_are_made_in_one_place() {
    // Salvage and repair read files that nothing else can read; verification compares indexes with
    // tables.
    let exempt = ["table.rs", "salvage.rs", "repair.rs", "verify.rs"];
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && !exempt.contains(&name.as_str())
            {
                files += 1;
                let source = fs::read_to_string(&path).unwrap();
                for table in ["documents", "batches", "lines"] {
                    for verb in ["FROM", "JOIN", "INTO", "UPDATE"] {
                        let statement = format!("{verb} {table}");
                        // A subquery of a filter is within a statement that names the group.
                        let found = source.matches(&statement).count();
                        let within = source.matches(&format!("(SELECT id {statement}")).count();
                        assert_eq!(found, within, "{name}: {statement}");
                    }
                }
            }
        }
    }
    assert!(files > 15);
}
