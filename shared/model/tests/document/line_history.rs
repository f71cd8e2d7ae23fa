//! What a line said at any time.

use tideline_model::{Document, Event, Intent, Kind, LineId, TodoState};

use crate::saved::{DOCUMENT, act, document, line};

fn edit(document: &mut Document, at: u32, delete: u32, insert: &str) -> Event {
    let insert = insert.to_owned();
    let line = line(1);
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

fn texts(document: &Document, line: LineId) -> Vec<String> {
    let mut history = document.line_history(line).expect("a known line");
    let versions = 0..history.len();
    versions.map(|version| history.text_at(version)).collect()
}

#[test]
fn each_edit_of_a_line_is_a_version_and_no_edit_of_another() {
    let mut document = document(3);
    edit(&mut document, 0, 4, "First");
    let deletion = edit(&mut document, 1, 4, "");
    act(
        &mut document,
        &Intent::SetTitle {
            title: "other".to_owned(),
        },
    );
    let changes = document.plan_undo(&deletion);
    let undo = document.stamp(
        line(1).replica,
        tideline_model::UserId(DOCUMENT.0),
        9,
        changes,
    );
    document.apply(&undo).expect("an event in order");
    edit(&mut document, 7, 2, "!");
    let expected = ["line 1 é", "First 1 é", "F 1 é", "First 1 é", "First 1!"];
    assert_eq!(texts(&document, line(1)), expected);
    assert_eq!(texts(&document, line(2)), ["line 2 é"]);
    let history = document.line_history(line(1)).expect("a known line");
    let version = |at| history.version(at).expect("a version");
    assert_eq!(version(2).event, deletion.id);
    assert_eq!((version(3).event, version(3).time_ms), (undo.id, 9));
    assert!(document.line_history(line(99)).is_none());
    assert!(document.line_history(LineId::ROOT).is_none());
}

#[test]
fn each_kind_that_a_line_had_is_a_version() {
    let mut document = document(2);
    let turn = |document: &mut Document, kind: Kind| {
        let lines = vec![line(1), line(2)];
        act(document, &Intent::SetKind { lines, kind });
    };
    let (done, open) = (Kind::Todo(TodoState::Done), Kind::Todo(TodoState::Open));
    turn(&mut document, open.clone());
    edit(&mut document, 0, 8, "bread");
    turn(&mut document, done.clone());
    let mut history = document.line_history(line(1)).expect("a known line");
    let mut was = |at| {
        let kind = history.version(at).expect("a version").kind;
        (kind, history.text_at(at))
    };
    assert_eq!(was(0), (Kind::Text, "line 1 é".to_owned()));
    assert_eq!(was(1), (open.clone(), "line 1 é".to_owned()));
    assert_eq!(was(2), (open, "bread".to_owned()));
    assert_eq!(was(3), (done, "bread".to_owned()));
    assert_eq!(history.len(), 4);
}

#[test]
fn a_split_ends_what_a_line_said_and_begins_what_another_says() {
    let mut document = document(1);
    edit(&mut document, 6, 2, " and more");
    act(
        &mut document,
        &Intent::Split {
            line: line(1),
            at: 6,
            new_line: line(50),
            kind: Kind::Text,
        },
    );
    let (line_50, at, delete) = (line(50), 0, 1);
    act(
        &mut document,
        &Intent::EditText {
            line: line_50,
            at,
            delete,
            insert: String::new(),
        },
    );
    edit(&mut document, 0, 5, "");
    let expected = ["line 1 é", "line 1 and more", "line 1", "1"];
    assert_eq!(texts(&document, line(1)), expected);
    assert_eq!(texts(&document, line_50), [" and more", "and more"]);
}

#[test]
fn the_history_of_a_line_is_the_same_from_its_saved_form() {
    let mut document = document(2);
    edit(&mut document, 0, 2, "x");
    edit(&mut document, 3, 3, "yz");
    let bytes = document.to_saved().expect("a document between two events");
    let again = Document::from_saved(DOCUMENT, &bytes).expect("what was saved");
    assert_eq!(texts(&again, line(1)), texts(&document, line(1)));
    assert_eq!(texts(&again, line(1)).len(), 3);
}
