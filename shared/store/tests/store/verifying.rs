//! Verification finds what does not agree, and names the part that has it.

use rusqlite::Connection;
use tideline_model::Intent;
use tideline_store::{Part, Verification};

use crate::support::{Desk, Outliner, database, document};

fn desk() -> (Desk, Outliner) {
    let mut desk = Desk::new();
    let mut outliner = Outliner::new(document(1));
    outliner.write(&mut desk, &["alpha", "beta", "gamma 日本"]);
    outliner.write(&mut desk, &["delta"]);
    while desk.replica.index_step(2).unwrap() {}
    (desk, outliner)
}

/// Changes a desk's database behind its back, and looks which parts are said to be wrong.
fn check(sql: &str, expected: &[Part]) {
    let (desk, _) = desk();
    let raw = Connection::open(database(&desk.path())).unwrap();
    raw.execute_batch(sql).unwrap();
    drop(raw);
    let verification = desk.replica.verify();
    let parts: Vec<Part> = verification
        .problems
        .iter()
        .map(|problem| problem.part)
        .collect();
    assert_eq!(parts, expected, "{sql}: {:?}", verification.problems);
}

#[test]
fn a_sound_replica_has_no_problems() {
    let (desk, _) = desk();
    let expected = Verification {
        documents: 1,
        batches: 2,
        events: 2,
        lines: 4,
        problems: Vec::new(),
    };
    assert_eq!(desk.replica.verify(), expected);
    assert_eq!(desk.replica.reader().unwrap().verify(), expected);
}

#[test]
fn a_sound_replica_stays_so_through_changes_and_a_rebuild() {
    let (mut desk, mut outliner) = desk();
    let lines = outliner.document.children(tideline_model::LineId::ROOT);
    outliner.carry_out(
        &mut desk,
        &Intent::Delete {
            lines: vec![lines[1]],
        },
    );
    outliner.carry_out(
        &mut desk,
        &Intent::EditText {
            line: lines[0],
            at: 0,
            delete: 2,
            insert: "AL".into(),
        },
    );
    assert_eq!(desk.replica.verify().problems, []);
    let (local, rows) = (
        desk.local(),
        tideline_store::LineRow::all_of(&outliner.document),
    );
    desk.replica.rebuild(local, document(1), &rows, 5).unwrap();
    while desk.replica.index_step(2).unwrap() {}
    assert_eq!(desk.replica.verify().problems, []);
    assert_eq!(desk.reopen().replica.verify().problems, []);
}

#[test]
fn a_changed_value_is_noticed_wherever_it_stands() {
    check(
        "UPDATE lines SET text = 'other' WHERE text = 'beta'",
        &[Part::Lines, Part::Index],
    );
    check("UPDATE lines SET ord = ord + 1", &[Part::Lines]);
    check(
        "UPDATE lines SET deleted_at = 1 WHERE text = 'beta'",
        &[Part::Lines, Part::Index],
    );
    check(
        "DELETE FROM lines WHERE text = 'beta'",
        &[Part::Lines, Part::Index],
    );
    check("UPDATE documents SET title = 'other'", &[Part::File]);
    check(
        "UPDATE replicas SET line_numbers_reserved = 5",
        &[Part::File],
    );
    check(
        "UPDATE batches SET last_lamport = 77 WHERE false; UPDATE batches SET origin = 1",
        &[],
    );
}

#[test]
fn a_missing_or_changed_batch_is_noticed() {
    let drop = "DROP TRIGGER batches_stay; DROP TRIGGER batches_keep_what_was_sealed;";
    check(
        &format!("{drop} DELETE FROM batches WHERE id = 2"),
        &[Part::Events],
    );
    check(
        &format!("{drop} UPDATE batches SET payload = x'00' WHERE id = 1"),
        &[Part::Events],
    );
    check(
        &format!("{drop} UPDATE batches SET first_seq = 9 WHERE id = 2"),
        &[Part::Events],
    );
}

#[test]
fn a_wrong_search_index_is_noticed() {
    check(
        "INSERT INTO line_index (line_index) VALUES ('delete-all')",
        &[Part::Index],
    );
    check("DELETE FROM line_index WHERE rowid = 2", &[Part::Index]);
    check(
        "INSERT INTO line_index (rowid, words) VALUES (99, 'ghost')",
        &[Part::Index],
    );
    check("DELETE FROM words WHERE word = 'beta'", &[Part::Index]);
    check("UPDATE lines SET indexed_at = 0", &[]);
}

#[test]
fn rows_that_agree_with_each_other_but_not_with_the_events_are_noticed() {
    let (mut desk, mut outliner) = desk();
    let rows = tideline_store::LineRow::all_of(&outliner.document);
    let local = desk.local();
    let mut fewer = rows[..3].to_vec();
    desk.replica.rebuild(local, document(1), &fewer, 5).unwrap();
    let parts = |desk: &Desk| -> Vec<Part> {
        desk.replica
            .verify()
            .problems
            .iter()
            .map(|problem| problem.part)
            .collect()
    };
    assert_eq!(parts(&desk), [Part::Lines]);
    fewer = rows;
    fewer[2].line.text.push('!');
    desk.replica.rebuild(local, document(1), &fewer, 5).unwrap();
    assert_eq!(parts(&desk), [Part::Lines]);
    outliner.write(&mut desk, &["epsilon"]);
    assert_eq!(parts(&desk), []);
}

#[test]
fn batches_cannot_be_changed_or_deleted_by_any_statement() {
    let (desk, _) = desk();
    let raw = Connection::open(database(&desk.path())).unwrap();
    for sql in [
        "DELETE FROM batches",
        "UPDATE batches SET payload = x'00'",
        "UPDATE batches SET first_seq = 9",
        "UPDATE batches SET payload = x'00', destroyed_at = 1",
        "UPDATE batches SET payload = x'', destroyed_at = 1, first_seq = 9",
    ] {
        let error = raw.execute_batch(sql).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
}
