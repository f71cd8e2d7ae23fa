//! Undo and redo: alone exactly what was before, and among others nothing of theirs.

use crate::people::{BASE, check, play};

/// Does the steps, undoes and redoes them all, and compares at each step.
fn check_there_and_back(script: &str) {
    let mut person = play("", &[]).remove(0);
    let mut shown = vec![person.shown()];
    for step in script.split(',') {
        person.step(step.trim());
        shown.push(person.shown());
    }
    assert_eq!(shown[0], BASE);
    for round in 0..2 {
        for before in shown.iter().rev().skip(1) {
            person.undo();
            assert_eq!(person.shown(), *before, "undo {round} of {script}");
        }
        for after in shown.iter().skip(1) {
            person.redo();
            assert_eq!(person.shown(), *after, "redo {round} of {script}");
        }
    }
}

#[test]
fn every_gesture_goes_back_and_forth() {
    check_there_and_back("type A 2 X, type A 3 Y, cut A 1 3, cut A 0 1 Z");
    check_there_and_back("split A 2 N, split N 1 M, split A 1 O");
    check_there_and_back("join B A, join C A");
    check_there_and_back("join B A, split A 6 N, split A 2 M, join M A, join N A");
    check_there_and_back("move under C A, move behind P C, move first B A");
    check_there_and_back("delete B, delete A");
    check_there_and_back("paste behind A x .y z, delete x, restore x");
    check_there_and_back("select A 2 C 1");
    check_there_and_back("select P 1 b1 1, type P 1 X");
    check_there_and_back("select A 1 b2 2");
    check_there_and_back("split A 2 N, join N A, split A 2 M, move under C M, join M C");
    check_there_and_back("move under b1 C, select b1 1 C 1, split b1 1 N");
    check_there_and_back(
        "kind A todo, kind A quote, set A x 1, set A x 2, set A x, tag A t, untag A t",
    );
    check_there_and_back("paste first B x .x1 y, join x B, split B 4 N");
}

#[test]
fn an_undone_split_is_a_join_of_what_was_typed_since() {
    check(
        "; split A 2 N, undo; type A 1 X; type A 3 Y",
        "pp | aXaaYa[a1] | bbbb[b1 b2] | cc",
    );
    check(
        "split A 2 N, type N 1 Y, type A 2 X; ; ",
        "pp | aaX[a1] | aYa | bbbb[b1 b2] | cc",
    );
}

#[test]
fn an_undone_deletion_brings_back_what_others_added_too() {
    check(
        "; delete B, undo; type b1 2 X; paste under B new",
        "pp | aaaa[a1] | bbbb[b1X b2 new] | cc",
    );
}

#[test]
fn undo_takes_only_ones_own_characters() {
    check(
        "; type A 2 XYZ, undo; type A 2 mine",
        "pp | aamineaa[a1] | bbbb[b1 b2] | cc",
    );
}
