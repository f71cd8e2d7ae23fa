//! What an interface hears of a line's history, and by what names.

use tideline_model::Intent;

use super::desk::{ANNA, Desk, replica};
use super::*;
use crate::presence::PresenceNote;

const BEN: u128 = 8;

fn document() -> DocumentId {
    DocumentId(Uuid::from_u128(99))
}

/// Ben writes "well " in front of the line, on his own machine.
fn ben_writes(desk: &mut Desk, line: &str) {
    let theirs = desk.replayed(document());
    let intent = Intent::EditText {
        line: line.parse().expect("a line's id"),
        at: 0,
        delete: 0,
        insert: "well ".to_owned(),
    };
    let changes = theirs.plan(&intent).expect("a plan");
    let event = theirs.stamp(replica(2), UserId(Uuid::from_u128(BEN)), 5, changes);
    let group = GroupId(Uuid::from_u128(7));
    let batch = tideline_wire::seal(group, document(), &[event]).expect("a batch");
    desk.step(Input::Sync(SyncNews::Batches {
        group,
        document: document(),
        batches: vec![batch],
        cursor: 12,
    }));
}

fn ben_is_seen(desk: &mut Desk) {
    let note = PresenceNote {
        person: Person {
            id: UserId(Uuid::from_u128(BEN)).to_string(),
            name: "Ben".to_owned(),
            color: 1,
        },
        replica: "r/1".to_owned(),
        root: None,
        caret: None,
    };
    desk.step(Input::Sync(SyncNews::Presence {
        document: document(),
        origin: 5,
        bytes: Some(serde_json::to_vec(&note).expect("a note")),
    }));
}

/// Author and text of each version, the latest first; `None` for a line that is not known.
fn history(desk: &mut Desk, line: &str) -> Option<Vec<(String, String)>> {
    let (panel, query_id, line) = (1, 3, line.to_owned());
    desk.heard.clear();
    desk.send(
        ANNA,
        Command::ReadLineHistory {
            panel,
            query_id,
            line,
        },
    );
    let Some((ANNA, Message::LineHistory { versions, .. })) = desk.heard.pop() else {
        panic!("expected a history, heard {:?}", desk.heard);
    };
    let told = versions?.into_iter();
    Some(
        told.map(|version| (version.author.name, version.text))
            .collect(),
    )
}

#[test]
fn the_history_of_a_line_names_who_wrote_what() {
    let mut desk = Desk::with_lines(&["shared"]);
    let line = desk.line("shared");
    ben_writes(&mut desk, &line);
    let unnamed = history(&mut desk, &line).expect("a known line");
    assert_eq!(
        unnamed[0],
        (String::new(), "well shared".to_owned()),
        "nobody here has met him"
    );
    ben_is_seen(&mut desk);
    let told = history(&mut desk, &line).expect("a known line");
    let told: Vec<_> = told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(told, [("Ben", "well shared"), ("Anna", "shared")]);
}

#[test]
fn what_is_being_typed_is_in_the_history_already() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    desk.pause(100_000);
    desk.type_text(ANNA, &line, 3, "!");
    let told = history(&mut desk, &line).expect("a known line");
    assert_eq!(told[0].1, "one!");
}

#[test]
fn a_line_that_is_nowhere_has_no_history() {
    let mut desk = Desk::with_lines(&["one"]);
    let nowhere = LineId {
        replica: replica(3),
        number: 9,
    };
    assert_eq!(history(&mut desk, &nowhere.to_string()), None);
    assert_eq!(history(&mut desk, "nonsense"), None);
}

#[test]
fn somebody_who_was_seen_is_remembered_once_and_told_to_no_window() {
    let mut desk = Desk::with_lines(&["one"]);
    ben_is_seen(&mut desk);
    ben_is_seen(&mut desk);
    let saved = desk.effects.iter().filter_map(|effect| match effect {
        Effect::SaveSetting(name, value) if name == "people" => Some(value.clone()),
        _ => None,
    });
    let id = UserId(Uuid::from_u128(BEN)).to_string();
    assert_eq!(
        saved.collect::<Vec<_>>(),
        [serde_json::json!({ id: "Ben" })]
    );
    let (name, value) = ("theme".to_owned(), "dark".into());
    desk.send(ANNA, Command::SetSetting { name, value });
    let told = desk.heard.iter().find_map(|(_, message)| match message {
        Message::Settings { settings } => Some(settings),
        _ => None,
    });
    assert!(!told.expect("settings").contains_key("people"));
}
