//! What patches tell of lines that a deletion hides all at once. Every person's screen is kept by
//! patches alone, and compared with the document at each.

use tideline_model::{Boundary, Change, Kind, LineId, NewLine, SlotRef};

use crate::people::{Person, play, sync};

fn person(script: &str) -> Person {
    play(script, &[]).remove(0)
}

/// Another person with the same document.
fn another(number: u128, person: &Person) -> Person {
    let mut other = Person::new(number);
    other.learn_names(person);
    person.events.iter().for_each(|event| other.apply(event));
    other
}

/// Makes lines directly below one that is no displayed line of its own.
fn create_below(person: &mut Person, parent: LineId, texts: &[&str]) {
    let replica = person.replica;
    let line = |(number, text): (u64, &&str)| NewLine {
        id: LineId { replica, number },
        parent,
        slot: SlotRef::START,
        kind: Kind::Text,
        text: (*text).to_owned(),
    };
    let lines = (101..).zip(texts).map(line).collect();
    person.write(vec![Change::CreateLines { lines }]);
}

#[test]
fn a_part_that_leaves_its_line_for_a_deleted_one_takes_its_children_off_the_screen() {
    let mut person = person("join B A, paste under A k l m");
    assert_eq!(person.shown(), "pp | aaaabbbb[a1 b1 b2 k l m] | cc");
    let (b, c) = (person.name("B"), person.name("C"));
    let leaves = Change::Move {
        line: b,
        parent: c,
        slot: SlotRef::START,
    };
    let changes = vec![leaves, Change::DeleteLines { lines: vec![c] }];
    person.write(changes);
    assert_eq!(person.shown(), "pp | aaaa[a1]");
}

#[test]
fn a_deletion_that_does_not_reach_a_part_leaves_what_hangs_from_it_on_the_screen() {
    let mut one = person("join B A");
    let (a, b) = (one.name("A"), one.name("B"));
    one.write(vec![Change::DeleteLines { lines: vec![b] }]);
    assert_eq!(one.shown(), "pp | aaaabbbb[a1] | cc");
    create_below(&mut one, b, &["k", "l", "m"]);
    assert_eq!(one.shown(), "pp | aaaabbbb[a1 k l m] | cc");
    let mut other = another(2, &one);
    let boundary = Boundary::End(a);
    one.write(vec![Change::Join { line: b, boundary }]);
    other.step("delete A");
    assert_eq!(other.shown(), "pp | cc");
    let mut people = [one, other];
    sync(&mut people);
    assert_eq!(people[0].shown(), "pp | aaaabbbb[k l m] | cc");
}

#[test]
fn a_part_that_only_an_older_deletion_covers_keeps_what_hangs_from_it_on_the_screen() {
    let mut one = person("join B A, join C A");
    let (b, c) = (one.name("B"), one.name("C"));
    one.write(vec![Change::DeleteLines { lines: vec![b, c] }]);
    create_below(&mut one, c, &["k", "l", "m"]);
    assert_eq!(one.shown(), "pp | aaaabbbbcc[a1 k l m]");
    let mut other = another(2, &one);
    let boundary = Boundary::End(b);
    one.write(vec![Change::Join { line: c, boundary }]);
    other.step("delete A");
    assert_eq!(other.shown(), "pp");
    let mut people = [one, other];
    sync(&mut people);
    assert_eq!(people[0].shown(), "pp | aaaabbbbcc[k l m]");
}
