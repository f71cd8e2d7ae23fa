//! What the interface asks of the core besides editing: where to go, whom to follow, what was
//! learned, and what was folded.

use serde_json::json;
use tideline_model::{Kind, Outline, OutlineLine};

use super::desk::{ANNA, BERT, Desk};
use super::*;
use crate::presence::PresenceNote;
use crate::protocol::{Caret, Command, Folds, Lesson, Place, SeekScope};
use crate::welcome::{taught_by, welcome};

fn document() -> String {
    DocumentId(Uuid::from_u128(99)).to_string()
}

fn desk_with(outline: Outline) -> Desk {
    let mut desk = Desk::new(1);
    desk.step(Input::Question(QuestionId(1), Question::Import(outline)));
    desk.step(Input::Attached(ANNA));
    desk.send(ANNA, Command::Hello);
    desk
}

fn open_panel(desk: &mut Desk, folds: Option<Folds>) {
    let (panel, document, root) = (1, document(), None);
    let command = Command::OpenPanel {
        panel,
        document,
        root,
        folds,
        near: None,
        stream: None,
        again: None,
    };
    desk.send(ANNA, command);
}

fn trip() -> Outline {
    let line = |(depth, kind, text): (u32, Kind, &str)| OutlineLine {
        depth,
        kind,
        text: text.to_owned(),
        ..OutlineLine::default()
    };
    let lines = [
        (0, Kind::Heading(1), "Before we go"),
        (1, Kind::Text, "book the cabin, and ask about the boat"),
        (0, Kind::Heading(1), "On board"),
        (1, Kind::Heading(2), "Cabin rules"),
    ];
    Outline {
        title: "Sailing trip".to_owned(),
        lines: lines.map(line).into(),
        ..Outline::default()
    }
}

fn places(desk: &mut Desk, text: &str, scope: SeekScope) -> Vec<Place> {
    let command = Command::Seek {
        query_id: 7,
        text: text.to_owned(),
        document: Some(document()),
        scope,
    };
    desk.send(ANNA, command);
    match desk.heard.pop() {
        Some((
            ANNA,
            Message::Places {
                query_id: 7,
                places,
            },
        )) => places,
        other => panic!("expected places, heard {other:?}"),
    }
}

fn texts(places: &[Place]) -> Vec<&str> {
    places.iter().map(|place| place.text.as_str()).collect()
}

#[test]
fn without_letters_the_headings_come_in_their_order() {
    let mut desk = desk_with(trip());
    open_panel(&mut desk, None);
    let found = places(&mut desk, "", SeekScope::Headings);
    assert_eq!(texts(&found), ["Before we go", "On board", "Cabin rules"]);
    assert_eq!(found[2].kind, "heading2");
}

#[test]
fn a_heading_comes_before_a_line_that_says_the_same() {
    let mut desk = desk_with(trip());
    open_panel(&mut desk, None);
    let found = places(&mut desk, "cabin", SeekScope::Everything);
    let expected = ["Cabin rules", "book the cabin, and ask about the boat"];
    assert_eq!(texts(&found), expected);
    assert_eq!(found[0].matches, [(0, 5)]);
    assert_eq!(found[1].matches, [(9, 14)]);
}

#[test]
fn a_few_letters_of_a_title_are_enough_but_prose_needs_whole_pieces() {
    let mut desk = desk_with(trip());
    open_panel(&mut desk, None);
    let found = places(&mut desk, "sltr", SeekScope::Everything);
    assert_eq!(texts(&found), ["Sailing trip"]);
    assert_eq!(found[0].line, None);
    assert!(places(&mut desk, "bkcbn", SeekScope::Everything).is_empty());
}

#[test]
fn a_panel_opens_with_what_was_folded() {
    let mut desk = desk_with(trip());
    open_panel(&mut desk, None);
    let before = desk.line("Before we go");
    let folds = |all, line: &str| {
        let lines = vec![line.to_owned()];
        Some(Folds { all, lines })
    };
    open_panel(&mut desk, folds(false, &before));
    assert_eq!(
        desk.texts(ANNA),
        ["Before we go", "On board", "Cabin rules"]
    );
    open_panel(&mut desk, folds(true, &before));
    let but_that = [
        "Before we go",
        "book the cabin, and ask about the boat",
        "On board",
    ];
    assert_eq!(desk.texts(ANNA), but_that);
}

#[test]
fn a_new_document_is_in_the_list_before_anything_is_written_in_it_or_saved() {
    let mut desk = Desk::new(1);
    desk.disk_works = false;
    desk.step(Input::Attached(ANNA));
    desk.send(ANNA, Command::Hello);
    let create = Command::CreateDocument {
        title: String::new(),
        open_in: Some(1),
    };
    desk.send(ANNA, create);
    let listed = desk.heard.iter().rev().find_map(|heard| match heard {
        (ANNA, Message::Documents { documents }) => documents.first(),
        _ => None,
    });
    assert_eq!(listed.map(|entry| &entry.id), desk.created.first());
    assert!(listed.is_some());
}

#[test]
fn a_document_is_moved_into_a_folder_and_out_again() {
    let mut desk = desk_with(trip());
    for (folder, listed) in [("Plans/2026", "Plans/2026"), ("", "")] {
        let (document, folder) = (document(), folder.to_owned());
        desk.send(ANNA, Command::MoveDocument { document, folder });
        let entries = desk.dispatcher.catalogue.entries();
        assert_eq!(entries[0].folder, listed);
    }
}

#[test]
fn what_a_window_shows_is_kept_and_told_to_no_other_window() {
    let mut desk = Desk::with_lines(&["one"]);
    desk.heard.clear();
    let (name, value) = ("window.main".to_owned(), json!({ "sidebar": false }));
    desk.send(ANNA, Command::SetSetting { name, value });
    assert!(desk.heard.is_empty());
    let (name, value) = ("theme".to_owned(), json!("dark"));
    desk.send(ANNA, Command::SetSetting { name, value });
    let told = desk.heard.pop();
    let Some((BERT, Message::Settings { settings })) = told else {
        panic!("expected settings, heard {told:?}");
    };
    assert_eq!(settings.get("theme"), Some(&json!("dark")));
    assert!(!settings.contains_key("window.main"));
}

fn present(desk: &mut Desk, person: u128, line: Option<&str>) {
    let caret = line.map(|line| Caret {
        line: line.to_owned(),
        offset: 0,
        anchor_line: line.to_owned(),
        anchor_offset: 0,
    });
    let note = PresenceNote {
        person: Person {
            id: UserId(Uuid::from_u128(person)).to_string(),
            name: "Ben".to_owned(),
            color: 1,
        },
        replica: "r/1".to_owned(),
        root: None,
        caret,
    };
    desk.step(Input::Sync(SyncNews::Presence {
        document: DocumentId(Uuid::from_u128(99)),
        origin: 5,
        bytes: Some(serde_json::to_vec(&note).expect("a note")),
    }));
}

fn followed(desk: &mut Desk) -> Vec<(ConnectionId, String)> {
    let heard = std::mem::take(&mut desk.heard);
    heard
        .into_iter()
        .filter_map(|(window, message)| match message {
            Message::Followed { caret, .. } => Some((window, caret.line)),
            _ => None,
        })
        .collect()
}

#[test]
fn who_follows_somebody_hears_where_they_are_and_where_they_go() {
    let mut desk = Desk::with_lines(&["one", "two"]);
    let (one, two) = (desk.line("one"), desk.line("two"));
    present(&mut desk, 8, Some(&one));
    let person = Some(UserId(Uuid::from_u128(8)).to_string());
    desk.send(ANNA, Command::Follow { person });
    assert_eq!(followed(&mut desk), [(ANNA, one)]);
    present(&mut desk, 8, Some(&two));
    assert_eq!(followed(&mut desk), [(ANNA, two.clone())]);
    present(&mut desk, 8, None);
    assert_eq!(followed(&mut desk), [], "away is not a place to go to");
    desk.send(ANNA, Command::Follow { person: None });
    present(&mut desk, 8, Some(&two));
    assert_eq!(followed(&mut desk), []);
}

#[test]
fn others_hear_of_a_zoom_although_the_caret_stays() {
    let mut desk = Desk::with_lines(&["one"]);
    let shared = SyncNews::Groups {
        url: "ws://here".to_owned(),
        groups: vec![(GroupId(Uuid::from_u128(7)), "us".to_owned())],
    };
    desk.step(Input::Sync(shared));
    let line = desk.line("one");
    let (offset, anchor_offset, anchor_line) = (1, 1, line.clone());
    let caret = Some(Caret {
        line: line.clone(),
        offset,
        anchor_line,
        anchor_offset,
    });
    desk.send(ANNA, Command::Caret { panel: 1, caret });
    desk.effects.clear();
    let root = Some(line.clone());
    desk.send(ANNA, Command::Zoom { panel: 1, root });
    let told = desk.effects.iter().find_map(|effect| match effect {
        Effect::Presence { bytes, .. } => serde_json::from_slice::<PresenceNote>(bytes).ok(),
        _ => None,
    });
    assert_eq!(told.and_then(|note| note.root), Some(line));
}

#[test]
fn a_lesson_is_ticked_off_once_and_leaves_the_welcome_document_untouched() {
    let mut desk = desk_with(welcome());
    let events = desk.events_on_disk();
    let value = json!({ "document": document(), "events": events });
    let name = WELCOME_SETTING.to_owned();
    desk.send(ANNA, Command::SetSetting { name, value });
    open_panel(&mut desk, None);
    let fold = desk.line(taught_by(Lesson::Fold));
    let kind_of = |desk: &Desk| {
        let rows = &desk.screens[&(ANNA, 1)].rows;
        let row = rows.iter().find(|row| row.id == fold);
        row.expect("the lesson's line").kind.clone()
    };
    let lesson = Lesson::Fold;
    desk.send(ANNA, Command::Learned { lesson });
    assert_eq!(kind_of(&desk), "todo-done");
    assert!(desk.dispatcher.untouched_welcome().is_some());

    let (lines, kind) = (vec![fold.clone()], "todo".to_owned());
    desk.edit(ANNA, EditIntent::SetKind { lines, kind });
    desk.send(ANNA, Command::Learned { lesson });
    assert_eq!(kind_of(&desk), "todo", "nobody is taught twice");
    assert!(desk.dispatcher.untouched_welcome().is_none());
}
