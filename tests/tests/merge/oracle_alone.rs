//! The oracle by itself, on events written by hand: no planner and no engine in between.

use tideline_model::{
    Boundary, Change, Event, EventId, Frontier, Kind, LineId, NewLine, Side, SlotId, SlotOrigin,
    SlotRef,
};
use tideline_tests::merge::names;
use tideline_tests::oracle::evaluate;

const P: u64 = 1;
const A: u64 = 2;
const A1: u64 = 3;
const B: u64 = 4;
const B1: u64 = 5;
const C: u64 = 7;

fn line(number: u64) -> LineId {
    LineId {
        replica: names::replica(0),
        number,
    }
}

/// The line that replica `replica` makes.
fn new(replica: usize) -> LineId {
    LineId {
        replica: names::replica(replica),
        number: 100,
    }
}

fn id(replica: usize, seq: u64) -> EventId {
    EventId {
        replica: names::replica(replica),
        seq,
    }
}

/// The slot of the `index`-th line of the base.
fn slot(index: u32) -> SlotId {
    SlotId {
        event: id(0, 1),
        index,
    }
}

fn right_of(index: u32) -> SlotRef {
    SlotRef {
        origin: SlotOrigin::Slot(slot(index)),
        side: Side::Right,
    }
}

/// The slot as a left child of that of the line behind, as between two lines of one paste.
fn left_of(index: u32) -> SlotRef {
    SlotRef {
        origin: SlotOrigin::Slot(slot(index)),
        side: Side::Left,
    }
}

fn event(id: EventId, lamport: u64, parents: &[EventId], changes: Vec<Change>) -> Event {
    Event {
        id,
        lamport,
        time_ms: 0,
        author: names::user(0),
        parents: Frontier::new(parents.to_vec()),
        changes,
    }
}

/// `pp | aaaa[a1] | bbbb[b1 b2] | cc`; the slots of P, A, B, C are chained to the right.
fn base() -> Event {
    let own = |index| SlotRef {
        origin: SlotOrigin::Own(index),
        side: Side::Right,
    };
    let lines = [
        (1, LineId::ROOT, SlotRef::START, "pp"),
        (2, LineId::ROOT, own(0), "aaaa"),
        (3, line(A), SlotRef::START, "a1"),
        (4, LineId::ROOT, own(1), "bbbb"),
        (5, line(B), SlotRef::START, "b1"),
        (6, line(B), own(4), "b2"),
        (7, LineId::ROOT, own(3), "cc"),
    ];
    let lines = lines.map(|(number, parent, slot, text)| NewLine {
        id: line(number),
        parent,
        slot,
        kind: Kind::Text,
        text: text.to_owned(),
    });
    let lines = lines.to_vec();
    event(id(0, 1), 1, &[], vec![Change::CreateLines { lines }])
}

/// Replica 1 and replica 2 do this at the same time.
fn check(one: Vec<Change>, other: Vec<Change>, expected: &str) {
    let events = [
        base(),
        event(id(1, 1), 2, &[id(0, 1)], one),
        event(id(2, 1), 2, &[id(0, 1)], other),
    ];
    assert_eq!(evaluate(&events).notation(), expected);
    assert_eq!(
        evaluate(events.iter().rev()).notation(),
        expected,
        "in another order"
    );
}

fn split(replica: usize, of: u64, at: u32, below: u32) -> Change {
    Change::Split {
        strand: line(of),
        at,
        line: new(replica),
        kind: Kind::Text,
        parent: LineId::ROOT,
        slot: left_of(below),
        ordered: true,
    }
}

fn typing(at: u32) -> Change {
    Change::EditText {
        strand: line(A),
        at,
        delete: 0,
        insert: "X".to_owned(),
    }
}

fn join(what: u64, into: u64) -> Change {
    let boundary = Boundary::End(line(into));
    let line = line(what);
    Change::Join { line, boundary }
}

fn move_to(what: u64, parent: u64, slot: SlotRef) -> Change {
    Change::Move {
        line: line(what),
        parent: line(parent),
        slot,
    }
}

fn delete(what: u64) -> Change {
    let lines = vec![line(what)];
    Change::DeleteLines { lines }
}

#[test]
fn a_split_against_typing() {
    let tail = "| bbbb[b1 b2] | cc";
    check(
        vec![split(1, A, 2, 3)],
        vec![typing(1)],
        &format!("pp | aXa[a1] | aa {tail}"),
    );
    check(
        vec![split(1, A, 2, 3)],
        vec![typing(2)],
        &format!("pp | aaX[a1] | aa {tail}"),
    );
    check(
        vec![split(1, A, 2, 3)],
        vec![typing(3)],
        &format!("pp | aa[a1] | aXa {tail}"),
    );
}

#[test]
fn splits_of_one_line_stand_in_the_order_of_the_text() {
    let expected = "pp | a[a1] | aa | a | bbbb[b1 b2] | cc";
    check(vec![split(1, A, 1, 3)], vec![split(2, A, 3, 3)], expected);
    check(vec![split(1, A, 3, 3)], vec![split(2, A, 1, 3)], expected);
    let expected = "pp | aa[a1] | _ | aa | bbbb[b1 b2] | cc";
    check(vec![split(1, A, 2, 3)], vec![split(2, A, 2, 3)], expected);
}

#[test]
fn a_join_against_a_split_a_join_and_a_deletion() {
    let expected = "pp | aa[a1] | aabbbb[b1 b2] | cc";
    check(vec![split(1, A, 2, 3)], vec![join(B, A)], expected);
    let expected = "pp | aaaabb[a1 b1 b2] | bb | cc";
    check(vec![join(B, A)], vec![split(2, B, 2, 6)], expected);
    check(
        vec![join(B, A)],
        vec![join(C, A)],
        "pp | aaaabbbbcc[a1 b1 b2]",
    );
    check(
        vec![join(C, A)],
        vec![join(B, A)],
        "pp | aaaaccbbbb[a1 b1 b2]",
    );
    check(
        vec![join(B, A)],
        vec![join(A, B)],
        "pp | aaaabbbb[a1 b1 b2] | cc",
    );
    check(
        vec![join(B, A)],
        vec![delete(B)],
        "pp | aaaabbbb[a1 b1 b2] | cc",
    );
    check(
        vec![join(B, A)],
        vec![delete(A)],
        "pp | aaaabbbb[b1 b2] | cc",
    );
    check(
        vec![join(B, A)],
        vec![join(A, P)],
        "ppaaaabbbb[a1 b1 b2] | cc",
    );
}

#[test]
fn a_deletion_against_moves_and_typing() {
    check(
        vec![delete(A)],
        vec![split(2, A, 2, 3)],
        "pp | aa | aa | bbbb[b1 b2] | cc",
    );
    check(
        vec![delete(A)],
        vec![typing(1)],
        "pp | aXaaa | bbbb[b1 b2] | cc",
    );
    let to_c = |what| vec![move_to(what, C, SlotRef::START)];
    check(vec![delete(B)], to_c(B), "pp | aaaa[a1] | cc[bbbb[b1 b2]]");
    check(vec![delete(B)], to_c(B1), "pp | aaaa[a1] | cc[b1]");
    check(
        vec![delete(B)],
        vec![move_to(C, B, right_of(5))],
        "pp | aaaa[a1] | bbbb[cc]",
    );
    check(
        vec![delete(A)],
        vec![Change::Keep { line: line(A1) }],
        "pp | aaaa[a1] | bbbb[b1 b2] | cc",
    );
}

#[test]
fn of_two_moves_that_make_a_cycle_the_later_is_skipped() {
    let under_b = vec![move_to(A, B, right_of(5))];
    let under_a = vec![move_to(B, A, right_of(2))];
    check(under_b, under_a, "pp | bbbb[b1 b2 aaaa[a1]] | cc");
}

#[test]
fn changes_that_do_not_fit_have_no_effect() {
    let whole = "pp | aaaa[a1] | bbbb[b1 b2] | cc";
    let unknown = Change::Keep { line: new(2) };
    let behind_the_end = Change::EditText {
        strand: line(A),
        at: 3,
        delete: 2,
        insert: "X".to_owned(),
    };
    let below_itself = move_to(A, A, right_of(2));
    let no_marker = Change::Join {
        line: line(B),
        boundary: Boundary::Marker(line(A)),
    };
    let of_another_parent = move_to(C, A, right_of(5));
    check(
        vec![unknown, behind_the_end],
        vec![below_itself, no_marker, of_another_parent],
        whole,
    );
}

#[test]
fn text_deleted_twice_shows_when_both_deletions_are_undone() {
    let erase = || Change::EditText {
        strand: line(A),
        at: 1,
        delete: 2,
        insert: String::new(),
    };
    let undo = |deletion| vec![Change::UndeleteText { deletion }];
    let mut events = vec![
        base(),
        event(id(1, 1), 2, &[id(0, 1)], vec![erase()]),
        event(id(2, 1), 2, &[id(0, 1)], vec![erase()]),
        event(id(1, 2), 3, &[id(1, 1)], undo(id(1, 1))),
    ];
    assert_eq!(
        evaluate(&events).notation(),
        "pp | aa[a1] | bbbb[b1 b2] | cc"
    );
    events.push(event(id(2, 2), 3, &[id(2, 1)], undo(id(2, 1))));
    assert_eq!(
        evaluate(&events).notation(),
        "pp | aaaa[a1] | bbbb[b1 b2] | cc"
    );
}
