//! A document as bytes and back.

use tideline_model::{
    Document, DocumentId, DraftLine, Event, Intent, Kind, LineId, Placement, ReplicaId, SavedError,
    UserId,
};
use uuid::Uuid;

pub const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));
const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(2));

pub fn line(number: u64) -> LineId {
    LineId {
        replica: REPLICA,
        number,
    }
}

pub fn act(document: &mut Document, intent: &Intent) -> Event {
    let changes = document.plan(intent).expect("an intent that fits");
    let event = document.stamp(REPLICA, UserId(REPLICA.0), 7, changes);
    document.apply(&event).expect("an event in order");
    event
}

fn type_text(document: &mut Document, line: LineId, insert: &str) -> Event {
    let insert = insert.to_owned();
    let (at, delete) = (0, 0);
    act(
        document,
        &Intent::EditText {
            line,
            at,
            delete,
            insert,
        },
    )
}

/// Lines 1 to `count`, each third below the one before.
pub fn document(count: u64) -> Document {
    let mut document = Document::new(DOCUMENT);
    create(&mut document, count);
    document
}

fn create(document: &mut Document, count: u64) -> Event {
    let lines = (1..=count).map(|number| DraftLine {
        id: line(number),
        depth: u32::from(number % 3 == 0),
        kind: if number % 5 == 0 {
            Kind::Quote
        } else {
            Kind::Text
        },
        text: format!("line {number} é"),
        properties: Vec::new(),
        tags: Vec::new(),
    });
    let (parent, after) = (LineId::ROOT, None);
    act(
        document,
        &Intent::CreateLines {
            placement: Placement { parent, after },
            lines: lines.collect(),
        },
    )
}

fn lived_in() -> Document {
    let mut document = document(40);
    type_text(&mut document, line(7), "more ");
    let (at, kind) = (3, Kind::Todo(tideline_model::TodoState::Open));
    act(
        &mut document,
        &Intent::Split {
            line: line(7),
            at,
            new_line: line(41),
            kind,
        },
    );
    act(
        &mut document,
        &Intent::Delete {
            lines: vec![line(11)],
        },
    );
    let (parent, after) = (line(20), None);
    act(
        &mut document,
        &Intent::Move {
            lines: vec![line(2)],
            placement: Placement { parent, after },
        },
    );
    document
}

#[test]
fn a_saved_document_goes_on_as_if_it_had_never_been_closed() {
    let mut open = lived_in();
    let bytes = open.to_saved().expect("a document between two events");
    let mut again = Document::from_saved(DOCUMENT, &bytes).expect("what was saved");
    for document in [&mut open, &mut again] {
        type_text(document, line(7), "still ");
        type_text(document, line(30), "first ");
        act(
            document,
            &Intent::Join {
                line: line(41),
                into: line(7),
            },
        );
        act(
            document,
            &Intent::Restore {
                lines: vec![line(11)],
            },
        );
    }
    assert_eq!(again.outline(), open.outline());
    assert_eq!(again.hash(), open.hash());
    assert_eq!(again.version(), open.version());
    assert_eq!(again.to_saved(), open.to_saved());
}

#[test]
fn a_replay_of_lines_that_nobody_moved_shows_what_they_show() {
    let mut open = Document::new(DOCUMENT);
    let events = [
        create(&mut open, 300),
        type_text(&mut open, line(9), "more "),
    ];
    let again = Document::replay(DOCUMENT, &events).expect("events in order");
    assert_eq!(again.outline(), open.outline());
    for row in 0..again.len() {
        let line = again.line_at_row(row);
        assert_eq!(line, open.line_at_row(row));
        assert_eq!(line.and_then(|line| again.row_of(line)), Some(row));
    }
    assert_eq!(again.to_saved(), open.to_saved());
}

#[test]
fn every_damaged_byte_and_every_cut_is_noticed() {
    let bytes = lived_in()
        .to_saved()
        .expect("a document between two events");
    for at in 0..bytes.len() {
        let cut = Document::from_saved(DOCUMENT, &bytes[..at]);
        assert_eq!(cut.err(), Some(SavedError::Damaged), "cut at {at}");
        for bit in [1, 0x80] {
            let mut flipped = bytes.clone();
            flipped[at] ^= bit;
            let read = Document::from_saved(DOCUMENT, &flipped);
            assert!(read.is_err(), "byte {at} flipped by {bit}");
        }
    }
}

#[test]
fn the_saved_form_of_another_document_is_refused() {
    let bytes = lived_in()
        .to_saved()
        .expect("a document between two events");
    let other = DocumentId(Uuid::from_u128(9));
    let read = Document::from_saved(other, &bytes);
    assert_eq!(read.err(), Some(SavedError::OtherDocument));
}

#[test]
fn lines_that_were_edited_long_ago_keep_what_was_done_to_them() {
    let count = 6_000;
    let mut document = document(count);
    for number in 1..=count {
        type_text(&mut document, line(number), "x");
    }
    for number in [1, 2, count / 2, count] {
        let text = document.text(line(number));
        assert_eq!(text, Some(format!("xline {number} é")));
        type_text(&mut document, line(number), "y");
        let text = document.text(line(number));
        assert_eq!(text, Some(format!("yxline {number} é")));
    }
    let again = Document::from_saved(DOCUMENT, &document.to_saved().expect("at rest"));
    assert_eq!(again.expect("what was saved").outline(), document.outline());
}
