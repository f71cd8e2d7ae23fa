//! Destruction: in small steps, complete, and never of what somebody still needs.

use std::fs;

use tideline_store::{CommitError, Deletion, GroupHome, GroupRow, StoreError, Vocabulary};

use crate::support::{Desk, NOW_MS, Outliner, document, group};

const SECRET: &str = "Zanzibarzanzibar";

fn delete(desk: &mut Desk) {
    let mut commit = desk.commit(document(1));
    commit.deletion = Some(Deletion::Deleted);
    desk.replica.commit(&commit).unwrap();
}

/// A desk with a document of fifty lines, and another one that stays.
fn desk() -> Desk {
    let mut desk = Desk::new();
    let mut outliner = Outliner::new(document(1));
    for _ in 0..10 {
        outliner.write(&mut desk, &[SECRET; 5]);
    }
    let mut commit = desk.commit(document(1));
    commit.title = Some(SECRET.into());
    commit.folder = Some(SECRET.into());
    desk.replica.commit(&commit).unwrap();
    Outliner::new(document(2)).write(&mut desk, &["this one stays"]);
    while desk.replica.index_step(100).unwrap() {}
    desk
}

fn files_hold_the_secret(desk: &Desk) -> bool {
    fs::read_dir(desk.path()).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path())
            .unwrap()
            .to_ascii_lowercase();
        let secret = SECRET.to_ascii_lowercase();
        // Half of it: the index shares prefixes between words.
        bytes
            .windows(8)
            .any(|window| window == &secret.as_bytes()[8..])
    })
}

#[test]
fn nothing_of_a_destroyed_document_is_left_but_that_it_was() {
    let mut desk = desk();
    delete(&mut desk);
    assert!(files_hold_the_secret(&desk));
    let mut steps = 0;
    while desk
        .replica
        .destroy_step(NOW_MS + 1, 7, NOW_MS + 5)
        .unwrap()
    {
        steps += 1;
        assert!(steps < 1000);
    }
    assert!(steps >= 8, "{steps}");
    assert!(!files_hold_the_secret(&desk));
    let row = desk.scope().document(document(1)).unwrap().unwrap();
    assert_eq!(
        (row.deleted_ms, row.destroyed_ms),
        (Some(NOW_MS), Some(NOW_MS + 5))
    );
    assert_eq!((row.title.as_str(), row.folder.as_str()), ("", ""));
    let error = desk.scope().events(document(1)).unwrap_err();
    assert!(matches!(error, StoreError::Destroyed { .. }), "{error}");
    let error = desk.write(document(1), "more").unwrap_err();
    assert!(matches!(error, CommitError::Destroyed { .. }), "{error}");
    assert_eq!(
        desk.scope()
            .search(&mut Vocabulary::default(), "stays", None, 9)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        desk.scope().pending_documents().unwrap(),
        [(document(2), 1)]
    );
    let desk = desk.reopen();
    assert_eq!(desk.replica.verify().problems, []);
}

#[test]
fn a_destruction_that_was_interrupted_goes_on() {
    let mut desk = desk();
    delete(&mut desk);
    assert!(
        desk.replica
            .destroy_step(NOW_MS + 1, 7, NOW_MS + 5)
            .unwrap()
    );
    let mut desk = desk.reopen();
    let error = desk.scope().batches(document(1)).unwrap_err();
    assert!(matches!(error, StoreError::Destroyed { .. }), "{error}");
    assert_eq!(desk.replica.verify().problems, []);
    while desk.replica.destroy_step(0, 100, NOW_MS + 9).unwrap() {}
    assert!(!files_hold_the_secret(&desk));
}

#[test]
fn what_is_not_deleted_or_not_long_enough_stays() {
    let mut desk = desk();
    assert!(!desk.replica.destroy_step(i64::MAX, 1000, NOW_MS).unwrap());
    delete(&mut desk);
    assert!(!desk.replica.destroy_step(NOW_MS, 1000, NOW_MS).unwrap());
    let mut commit = desk.commit(document(1));
    commit.deletion = Some(Deletion::Restored);
    desk.replica.commit(&commit).unwrap();
    assert!(!desk.replica.destroy_step(i64::MAX, 1000, NOW_MS).unwrap());
    assert_eq!(desk.scope().events(document(1)).unwrap().len(), 10);
}

#[test]
fn what_the_server_lacks_is_not_destroyed() {
    let mut desk = desk();
    let local = desk.local();
    let shared = GroupRow {
        id: group(2),
        name: "Shared".into(),
        home: GroupHome::Server {
            url: "wss://x".into(),
        },
    };
    desk.replica.add_group(&shared).unwrap();
    desk.replica
        .adopt_local_documents(local, group(2), &[], NOW_MS)
        .unwrap();
    let mut commit = tideline_store::Commit::new(group(2), document(1), NOW_MS);
    commit.deletion = Some(Deletion::Deleted);
    desk.replica.commit(&commit).unwrap();
    assert!(!desk.replica.destroy_step(i64::MAX, 1000, NOW_MS).unwrap());
    assert_eq!(
        desk.replica
            .scope(group(2))
            .events(document(1))
            .unwrap()
            .len(),
        10
    );

    let mut commit = tideline_store::Commit::new(group(2), document(1), NOW_MS);
    commit.acked = vec![(desk.replica.replica_id(), 10)];
    desk.replica.commit(&commit).unwrap();
    while desk.replica.destroy_step(i64::MAX, 1000, NOW_MS).unwrap() {}
    let error = desk
        .replica
        .scope(group(2))
        .events(document(1))
        .unwrap_err();
    assert!(matches!(error, StoreError::Destroyed { .. }), "{error}");
}
