//! Documents of unusual shape: deep, long, wide.

use tideline_model::{
    Boundary, Change, Document, DocumentId, DraftLine, Event, Intent, Kind, LineId, Placement,
    ReplicaId, UserId,
};
use uuid::Uuid;

const DEEP: u32 = 10_000;

fn id() -> DocumentId {
    DocumentId(Uuid::from_u128(1))
}

fn line(number: u64) -> LineId {
    LineId {
        replica: ReplicaId(Uuid::from_u128(2)),
        number,
    }
}

fn apply(document: &mut Document, changes: Vec<Change>) -> Event {
    let replica = ReplicaId(Uuid::from_u128(2));
    let event = document.stamp(replica, UserId(Uuid::from_u128(3)), 0, changes);
    document.apply(&event).expect("an event in order");
    event
}

/// Lines 1, 2, … of one character each.
fn lines(count: u32, depth: impl Fn(u32) -> u32) -> Document {
    written(count, depth).0
}

/// The same, with the event that wrote them.
fn written(count: u32, depth: impl Fn(u32) -> u32) -> (Document, Event) {
    let mut document = Document::new(id());
    let draft = |place: u32| DraftLine {
        id: line(u64::from(place) + 1),
        depth: depth(place),
        kind: Kind::Text,
        text: "x".to_owned(),
        properties: Vec::new(),
        tags: Vec::new(),
    };
    let intent = Intent::CreateLines {
        placement: Placement {
            parent: LineId::ROOT,
            after: None,
        },
        lines: (0..count).map(draft).collect(),
    };
    let changes = document.plan(&intent).expect("a plan");
    let event = apply(&mut document, changes);
    (document, event)
}

#[test]
fn ten_thousand_levels_are_shown_moved_and_deleted() {
    let (mut document, created) = written(DEEP, |place| place);
    let mut events = vec![created];
    assert_eq!(document.len(), DEEP as usize);
    assert_eq!(
        document.outline().lines.last().map(|line| line.depth),
        Some(DEEP - 1)
    );
    let out = Intent::Move {
        lines: vec![line(u64::from(DEEP))],
        placement: Placement {
            parent: LineId::ROOT,
            after: None,
        },
    };
    let changes = document.plan(&out).expect("a plan");
    events.push(apply(&mut document, changes));
    assert_eq!(
        document.children(LineId::ROOT),
        [line(u64::from(DEEP)), line(1)]
    );
    let lines = vec![line(1)];
    let changes = document.plan(&Intent::Delete { lines }).expect("a plan");
    let event = apply(&mut document, changes);
    assert_eq!(document.len(), 1);
    let undo = document.plan_undo(&event);
    events.extend([event, apply(&mut document, undo)]);
    assert_eq!(document.len(), DEEP as usize);
    let replayed = Document::replay(id(), &events).expect("its own events");
    assert_eq!(replayed.hash(), document.hash());
}

#[test]
fn the_digest_forgets_all_that_a_deletion_hides_whether_little_or_much() {
    // Line 1 has 9 lines below it, line 11 has 5,989.
    let (mut document, created) = written(6_000, |place| u32::from(place != 0 && place != 10));
    let mut events = vec![created];
    for top in [1, 11] {
        document.hash();
        let lines = vec![line(top)];
        let changes = document.plan(&Intent::Delete { lines }).expect("a plan");
        events.push(apply(&mut document, changes));
        let replayed = Document::replay(id(), &events).expect("its own events");
        assert_eq!(replayed.hash(), document.hash(), "without {top}");
    }
    assert!(document.is_empty());
}

#[test]
fn thousands_of_lines_joined_to_each_other_are_one() {
    let mut document = lines(3_000, |_| 0);
    let join = |number: u64| Change::Join {
        line: line(number + 1),
        boundary: Boundary::End(line(number)),
    };
    let event = apply(&mut document, (1..3_000).map(join).collect());
    assert_eq!(document.len(), 1);
    assert_eq!(document.text(line(1)), Some("x".repeat(3_000)));
    let undo = document.plan_undo(&event);
    apply(&mut document, undo);
    assert_eq!(document.len(), 3_000);
}

#[test]
fn a_line_of_ten_megabytes_is_typed_in_and_split() {
    let mut document = lines(2, |_| 0);
    let edit = |at, insert: String| Intent::EditText {
        line: line(1),
        at,
        delete: 0,
        insert,
    };
    let changes = document.plan(&edit(1, "é".repeat(5_000_000)));
    apply(&mut document, changes.expect("a plan"));
    let changes = document.plan(&edit(2_500_000, "!".to_owned()));
    apply(&mut document, changes.expect("a plan"));
    let split = Intent::Split {
        line: line(1),
        at: 2_500_001,
        new_line: line(3),
        kind: Kind::Text,
    };
    let changes = document.plan(&split).expect("a plan");
    apply(&mut document, changes);
    assert!(
        document
            .text(line(1))
            .is_some_and(|text| text.ends_with("é!"))
    );
    let tail = document.text(line(3)).map(|text| text.chars().count());
    assert_eq!(tail, Some(2_500_001));
}

/// How many times two replicas ask each other until one line is left that differs.
fn exchanges_until_found(one: &Document, other: &Document, parts: usize) -> (u32, LineId) {
    let mut range = LineId::ROOT..=LineId::LAST;
    let mut exchanges = 0;
    loop {
        let asked = one.range_hashes(range, parts);
        exchanges += 1;
        let differs = asked
            .into_iter()
            .find(|hash| other.range_hash(hash.first..=hash.last) != *hash)
            .expect("a range that differs");
        if differs.lines <= 1 {
            return (exchanges, differs.last);
        }
        range = differs.first..=differs.last;
    }
}

#[test]
fn a_line_that_differs_among_a_hundred_thousand_is_found_in_five_exchanges() {
    let (one, created) = written(100_000, |place| place % 2);
    let mut other = Document::replay(id(), [&created]).expect("an event in order");
    let whole = LineId::ROOT..=LineId::LAST;
    assert_eq!(one.range_hash(whole.clone()), other.range_hash(whole));
    let intent = Intent::EditText {
        line: line(77_777),
        at: 1,
        delete: 0,
        insert: "y".to_owned(),
    };
    let changes = other.plan(&intent).expect("a plan");
    apply(&mut other, changes);
    assert_eq!(exchanges_until_found(&one, &other, 16), (5, line(77_777)));
}
