//! Housekeeping, backups and repairs: done while people go on, and nothing is lost by them.

use std::sync::mpsc::channel;

use rusqlite::Connection;
use serde_json::json;
use tideline_model::LineId;
use tideline_store::{
    BackupError, Deletion, Housekeeper, Packing, Remedy, Replica, Schedule, Vocabulary, Writer,
    backup, repair,
};

use crate::support::{Desk, NOW_MS, Outliner, database, document, try_outline};

const AT_ONCE: Schedule = Schedule {
    pause_ms: 1,
    packing: Packing {
        batches_min: 2,
        bytes_min: usize::MAX,
    },
    destroy_after_ms: 0,
    verify_every_ms: 0,
};

fn desk() -> (Desk, Outliner) {
    let mut desk = Desk::new();
    let mut outliner = Outliner::new(document(1));
    for text in ["alpha", "beta", "gamma"] {
        outliner.write(&mut desk, &[text]);
    }
    desk.replica.set_setting("theme", &json!("dark")).unwrap();
    while desk.replica.index_step(100).unwrap() {}
    (desk, outliner)
}

fn raw(desk: &Desk) -> Connection {
    Connection::open(database(&desk.path())).unwrap()
}

fn texts(replica: &Replica) -> Vec<String> {
    let scope = replica.scope(replica.local_group());
    let lines = scope.lines(document(1), LineId::ROOT, None, 99).unwrap();
    lines.into_iter().map(|found| found.line.text).collect()
}

#[test]
fn what_is_settled_is_packed_what_is_gone_destroyed_and_all_of_it_verified() {
    let (mut desk, _) = desk();
    Outliner::new(document(2)).write(&mut desk, &["gone"]);
    let mut commit = desk.commit(document(2));
    commit.deletion = Some(Deletion::Deleted);
    desk.replica.commit(&commit).unwrap();
    let Desk { replica, folder } = desk;
    let reader = replica.reader().unwrap();
    let writer = Writer::spawn(replica, |_| {});
    let (sender, verified) = channel();
    let housekeeper = Housekeeper::spawn(reader, writer.handle(), AT_ONCE, move |found| {
        drop(sender.send(found));
    });
    let found = verified.recv().unwrap();
    drop(housekeeper);
    let replica = writer.shutdown().unwrap();
    assert_eq!((found.documents, found.problems), (2, Vec::new()));
    assert!(replica.settings().unwrap().contains_key("verifiedAt"));
    let rows = replica.scope(replica.local_group()).documents().unwrap();
    assert!(rows[1].destroyed_ms.is_some() && rows[0].destroyed_ms.is_none());
    let desk = Desk { replica, folder };
    let segments: i64 = raw(&desk)
        .query_row(
            "SELECT count(*) FROM segments WHERE destroyed_at IS NULL",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(segments, 1);
    assert_eq!(desk.scope().events(document(1)).unwrap().len(), 3);
}

#[test]
fn a_backup_is_made_while_the_replica_is_in_use_and_opens_as_another_one() {
    let (mut desk, mut outliner) = desk();
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("copies/today");
    backup(&desk.path(), &target).unwrap();
    outliner.write(&mut desk, &["written after it"]);
    let copy = Replica::open(&target).unwrap();
    assert_eq!(texts(&copy), ["alpha", "beta", "gamma"]);
    assert_ne!(copy.replica_id(), desk.replica.replica_id());
    assert_eq!(copy.verify().problems, []);
    assert_eq!(texts(&desk.replica).len(), 4);

    let error = backup(&desk.path(), &target).unwrap_err();
    assert!(matches!(error, BackupError::Exists { .. }), "{error}");
    let error = backup(&target.join("none"), &desk.path()).unwrap_err();
    assert!(matches!(error, BackupError::Missing { .. }), "{error}");
}

/// Runs `sql` on a closed replica, repairs it, and expects the same lines as before.
fn check(sql: &str, expected: impl Fn(&Remedy) -> bool) {
    let (desk, _) = desk();
    raw(&desk).execute_batch(sql).unwrap();
    let Desk { replica, folder } = desk;
    drop(replica);
    let repaired = repair(folder.path(), NOW_MS).unwrap();
    assert!(expected(&repaired.remedy), "{repaired:?}");
    let replica = Replica::open(folder.path()).unwrap();
    assert_eq!(replica.verify().problems, [], "{repaired:?}");
    assert_eq!(texts(&replica), ["alpha", "beta", "gamma"]);
    assert_eq!(json!(replica.settings().unwrap()), json!({"theme": "dark"}));
    let found =
        replica
            .scope(replica.local_group())
            .search(&mut Vocabulary::default(), "bet", None, 9);
    assert_eq!(found.unwrap().len(), 1);
}

#[test]
fn a_sound_replica_is_left_alone() {
    check("", |remedy| *remedy == Remedy::None);
}

#[test]
fn rows_and_index_are_made_anew_from_events() {
    check("UPDATE lines SET text = 'forged'", |remedy| {
        *remedy == Remedy::Derived
    });
    check("DELETE FROM lines", |remedy| *remedy == Remedy::Derived);
    let wrong_index = "INSERT INTO line_index (line_index) VALUES ('delete-all')";
    check(wrong_index, |remedy| *remedy == Remedy::Derived);
    let lost_word = "DELETE FROM words WHERE word = 'beta'";
    check(lost_word, |remedy| *remedy == Remedy::Derived);
}

#[test]
fn a_database_that_cannot_be_trusted_is_set_aside_and_made_anew() {
    let is_new = |remedy: &Remedy| match remedy {
        Remedy::Anew {
            kept,
            salvaged,
            taken,
            ..
        } => kept.is_file() && salvaged.is_file() && taken.batches == 3,
        _ => false,
    };
    check("UPDATE documents SET title = 'forged'", is_new);
    check("DROP INDEX lines_in_order", is_new);
}

#[test]
fn what_a_damaged_batch_held_up_is_kept_and_the_rest_goes_on() {
    let (mut desk, _) = desk();
    Outliner::new(document(2)).write(&mut desk, &["sound"]);
    raw(&desk)
        .execute_batch("DROP TRIGGER batches_keep_what_was_sealed; UPDATE batches SET payload = x'00' WHERE id = 2")
        .unwrap();
    let Desk { replica, folder } = desk;
    drop(replica);
    let repaired = repair(folder.path(), NOW_MS).unwrap();
    let Remedy::Anew {
        unreadable,
        taken,
        salvaged,
        ..
    } = repaired.remedy
    else {
        panic!("{repaired:?}");
    };
    assert_eq!((unreadable, taken.batches, taken.refused.len()), (1, 2, 1));
    assert!(std::fs::read_to_string(salvaged).unwrap().lines().count() == 4);
    let replica = Replica::open(folder.path()).unwrap();
    assert_eq!(texts(&replica), ["alpha"]);
    let other = try_outline(
        &replica.scope(replica.local_group()),
        document(2),
        LineId::ROOT,
    );
    assert!(!other.unwrap().is_empty());
    assert_eq!(replica.verify().problems, []);
}
