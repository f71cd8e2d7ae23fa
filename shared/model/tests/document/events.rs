//! Which events are taken, what they may refer to, and how they become one.

use crate::people::{BASE, Person, play, sync};
use tideline_model::{
    ApplyError, Boundary, Change, Document, DocumentId, Event, EventId, Frontier, Intent, LineId,
    NewLine, ReplicaId, Side, SlotId, SlotOrigin, SlotRef, UserId,
};
use uuid::Uuid;

fn person() -> Person {
    play("", &[]).remove(0)
}

/// The next event of a person, changed before it is applied.
fn refusal(change: impl Fn(&mut Event)) -> ApplyError {
    let mut person = person();
    let before = (person.document.hash(), person.document.version());
    let changes = vec![Change::SetTitle {
        title: "x".to_owned(),
    }];
    let author = UserId(person.replica.0);
    let mut event = person.document.stamp(person.replica, author, 0, changes);
    change(&mut event);
    let refused = person.document.apply(&event).expect_err("a refusal");
    assert_eq!(before, (person.document.hash(), person.document.version()));
    refused
}

fn is_malformed(refusal: &ApplyError) -> bool {
    matches!(refusal, ApplyError::Malformed { .. })
}

#[test]
fn an_event_waits_for_those_it_builds_on() {
    let unknown = EventId {
        replica: ReplicaId(Uuid::from_u128(77)),
        seq: 1,
    };
    let refused = refusal(|event| event.parents = Frontier::new(vec![unknown]));
    assert!(matches!(refused, ApplyError::MissingParent { missing, .. } if missing == unknown));
    let refused = refusal(|event| event.id.seq += 1);
    assert!(matches!(refused, ApplyError::MissingParent { .. }));
}

#[test]
fn an_event_with_an_impossible_clock_or_number_changes_nothing() {
    assert!(is_malformed(&refusal(|event| event.lamport = 1)));
    assert!(is_malformed(&refusal(|event| event.lamport = u64::MAX)));
    assert!(is_malformed(&refusal(|event| event.id.seq = 0)));
    assert!(is_malformed(&refusal(
        |event| event.parents = Frontier::default()
    )));
}

#[test]
fn an_event_applied_twice_changes_nothing_more() {
    let mut person = person();
    person.step("type A 1 X");
    let event = person.events.last().expect("an event").clone();
    let patch = person.document.apply(&event).expect("a repeated event");
    assert!(patch.is_empty());
    assert_eq!(person.shown(), "pp | aXaaa[a1] | bbbb[b1 b2] | cc");
}

#[test]
fn events_before_a_refused_one_are_in_the_next_patch() {
    let mut person = person();
    person.step("type A 1 X");
    person.step("type A 2 Y");
    let mut broken = person.events[2].clone();
    broken.lamport = 0;
    let mut document = Document::new(person.document.id());
    let refused = document.apply_all([&person.events[0], &person.events[1], &broken]);
    assert!(refused.is_err());
    assert_eq!(document.text(person.name("A")), Some("aXaaa".to_owned()));
    let patch = document
        .apply(&person.events[2])
        .expect("the unbroken event");
    assert!(patch.children.contains(&LineId::ROOT));
    assert!(patch.lines.contains(&person.name("A")));
    assert_eq!(document.text(person.name("A")), Some("aXYaaa".to_owned()));
}

#[test]
fn changes_of_a_newer_version_are_counted_and_change_nothing() {
    let mut person = person();
    let unknown = Change::Unknown {
        kind: 99,
        bytes: vec![1, 2, 3],
    };
    let author = UserId(person.replica.0);
    let event = person
        .document
        .stamp(person.replica, author, 0, vec![unknown]);
    let patch = person.document.apply(&event).expect("a newer event");
    assert!(patch.is_empty());
    assert_eq!(person.document.unknown_changes(), 1);
    assert_eq!(person.document.event_count(), person.events.len() + 1);
    assert_eq!(person.shown(), BASE);
}

/// Changes that name what is not there, or not theirs.
fn misfits(a: LineId, b1: LineId, own: LineId, foreign: LineId) -> Vec<Change> {
    let nowhere = SlotId {
        event: EventId {
            replica: own.replica,
            seq: 900,
        },
        index: 0,
    };
    let slot = |origin, side| SlotRef { origin, side };
    let new = |id, parent, slot| Change::CreateLines {
        lines: vec![NewLine {
            id,
            parent,
            slot,
            kind: tideline_model::Kind::Text,
            text: "lost".to_owned(),
        }],
    };
    let split = |strand, at, line| Change::Split {
        strand,
        at,
        line,
        kind: tideline_model::Kind::Text,
        parent: LineId::ROOT,
        slot: SlotRef::START,
        ordered: true,
    };
    let edit = |strand, at, delete| Change::EditText {
        strand,
        at,
        delete,
        insert: "lost".to_owned(),
    };
    vec![
        new(foreign, LineId::ROOT, SlotRef::START),
        new(a, LineId::ROOT, SlotRef::START),
        new(LineId::ROOT, LineId::ROOT, SlotRef::START),
        new(own, own, SlotRef::START),
        new(own, foreign, SlotRef::START),
        new(
            own,
            LineId::ROOT,
            slot(SlotOrigin::Slot(nowhere), Side::Right),
        ),
        new(own, LineId::ROOT, slot(SlotOrigin::Own(7), Side::Right)),
        new(own, LineId::ROOT, slot(SlotOrigin::Start, Side::Left)),
        edit(a, 5, 0),
        edit(a, 3, 2),
        edit(a, u32::MAX, u32::MAX),
        edit(foreign, 0, 0),
        edit(LineId::ROOT, 0, 0),
        split(a, 5, own),
        split(a, 2, a),
        split(a, 2, foreign),
        split(LineId::ROOT, 0, own),
        Change::Join {
            line: a,
            boundary: Boundary::Marker(b1),
        },
        Change::Join {
            line: LineId::ROOT,
            boundary: Boundary::End(a),
        },
        Change::Join {
            line: a,
            boundary: Boundary::End(LineId::ROOT),
        },
        Change::Move {
            line: a,
            parent: foreign,
            slot: SlotRef::START,
        },
        Change::Move {
            line: a,
            parent: a,
            slot: SlotRef::START,
        },
        Change::MoveBack {
            line: a,
            parent: LineId::ROOT,
            slot: nowhere,
        },
        Change::DeleteLines {
            lines: vec![LineId::ROOT, foreign],
        },
        Change::Restore {
            line: foreign,
            deletions: vec![nowhere.event],
        },
        Change::UndeleteText {
            deletion: nowhere.event,
        },
        Change::Keep { line: foreign },
    ]
}

#[test]
fn what_does_not_fit_has_no_effect() {
    let mut person = person();
    let (a, b1) = (person.name("A"), person.name("b1"));
    let line = |replica, number| LineId { replica, number };
    let own = line(person.replica, 500);
    let foreign = line(ReplicaId(Uuid::from_u128(77)), 1);
    for change in misfits(a, b1, own, foreign) {
        let before = person.document.hash();
        let author = UserId(person.replica.0);
        let changes = vec![change.clone()];
        let event = person.document.stamp(person.replica, author, 0, changes);
        let patch = person.document.apply(&event).expect("an event in order");
        assert!(patch.is_empty(), "{change:?}: {patch:?}");
        assert_eq!(person.document.hash(), before, "{change:?}");
    }
    assert_eq!(person.shown(), BASE);
}

fn extended(steps: &[(u32, u32, &str)]) -> (Person, Event) {
    let mut person = person();
    let a = person.name("A");
    let mut latest: Option<Event> = None;
    for &(at, delete, insert) in steps {
        let intent = Intent::EditText {
            line: a,
            at,
            delete,
            insert: insert.to_owned(),
        };
        let changes = person.document.plan(&intent).expect("an intent that fits");
        let Some(event) = &mut latest else {
            person.carry_out(&intent);
            latest = person.events.pop();
            continue;
        };
        let patch = person
            .document
            .extend(event, &changes)
            .expect("the latest event");
        person.follow(&patch);
    }
    (person, latest.expect("an event"))
}

/// The stored event must do on another replica what the keystrokes did here.
fn check_extended(steps: &[(u32, u32, &str)], changes: usize, expected: &str) {
    let (mut person, event) = extended(steps);
    assert_eq!(event.changes.len(), changes, "{:?}", event.changes);
    let a = person.name("A");
    assert_eq!(person.document.text(a).as_deref(), Some(expected));
    person.events.push(event);
    let mut other = Person::new(3);
    other.learn_names(&person);
    for event in &person.events {
        other.apply(event);
    }
    // Both go on typing at once: that only fits if the ids of the elements are the same.
    person.step(&format!("type A {} X", expected.len()));
    other.step("type A 1 Y");
    sync(&mut [person, other]);
}

#[test]
fn keystrokes_in_a_row_become_one_change() {
    check_extended(&[(2, 0, "h"), (3, 0, "e"), (4, 0, "y")], 1, "aaheyaa");
}

#[test]
fn backspaces_in_a_row_become_one_change() {
    check_extended(&[(3, 1, ""), (2, 1, ""), (1, 1, "")], 1, "a");
    check_extended(&[(1, 2, ""), (1, 0, "x"), (2, 0, "y")], 1, "axya");
}

#[test]
fn taking_back_what_was_just_typed_keeps_the_ids_of_the_rest() {
    check_extended(&[(4, 0, "xyz"), (6, 1, ""), (6, 0, "w")], 2, "aaaaxyw");
    check_extended(&[(0, 0, "x"), (3, 0, "y"), (1, 0, "z")], 3, "xzaayaa");
}

#[test]
fn only_the_latest_event_can_be_added_to() {
    let mut person = person();
    let mut first = person.events[0].clone();
    person.step("type A 1 X");
    assert!(person.document.extend(&mut first, &[]).is_err());
    first.id.replica = ReplicaId(Uuid::from_u128(77));
    assert!(person.document.extend(&mut first, &[]).is_err());
}

#[test]
fn slots_of_added_changes_are_counted_from_the_first_of_them() {
    let mut person = person();
    person.step("paste behind P x");
    let mut event = person.events.pop().expect("an event");
    let root = LineId::ROOT;
    let line = |number| LineId {
        replica: person.replica,
        number,
    };
    let new = |number, slot| NewLine {
        id: line(number),
        parent: root,
        slot,
        kind: tideline_model::Kind::Text,
        text: number.to_string(),
    };
    let behind_own = SlotRef {
        origin: SlotOrigin::Own(0),
        side: Side::Right,
    };
    let last = SlotRef {
        origin: SlotOrigin::Slot(SlotId {
            event: person.events[0].id,
            index: 6,
        }),
        side: Side::Right,
    };
    let lines = vec![new(600, last), new(601, behind_own)];
    let changes = [Change::CreateLines { lines }];
    person
        .document
        .extend(&mut event, &changes)
        .expect("the latest event");
    person.events.push(event);
    assert_eq!(
        person.shown(),
        "pp | x | aaaa[a1] | bbbb[b1 b2] | cc | 600 | 601"
    );
    let id = DocumentId(Uuid::from_u128(1));
    let replayed = Document::replay(id, &person.events).expect("its own events");
    assert_eq!(replayed.hash(), person.document.hash());
}
