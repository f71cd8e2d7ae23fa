//! The dispatcher with a fake clock and screens that only know what they were told.

mod comparing;
mod desk;
mod early;
mod filter;
mod history;
mod shell;
mod taking_back;

use desk::{ANNA, BERT, Desk, replica};
use tideline_model::{DocumentId, EventId, GroupId, LineId, UserId};
use tideline_store::Origin;
use tideline_wire::open;
use uuid::Uuid;

use super::*;
use crate::input::{Answer, Extent, Question, Receipt, SyncNews};
use crate::protocol::{Command, DraftRow, EditIntent};

#[test]
fn what_is_typed_in_one_window_shows_in_the_other() {
    let mut desk = Desk::with_lines(&["one", "two"]);
    let two = desk.line("two");
    desk.type_text(ANNA, &two, 3, "!");
    assert_eq!(desk.texts(BERT), ["one", "two!"]);
    assert_eq!(
        desk.texts(ANNA),
        ["one", "two!"],
        "the origin gets its own edit as a receipt"
    );
    assert_eq!(desk.screens[&(ANNA, 1)].ack, desk.serials);
}

#[test]
fn keystrokes_in_quick_succession_become_one_event() {
    let mut desk = Desk::with_lines(&["one"]);
    let one = desk.line("one");
    let before = desk.events_on_disk();
    for (at, letter) in (3..).zip(["a", "b", "c", "d"]) {
        desk.type_text(ANNA, &one, at, letter);
        desk.pause(40);
    }
    assert_eq!(
        desk.texts(BERT),
        ["oneabcd"],
        "other windows do not wait for the pause"
    );
    assert_eq!(
        desk.events_on_disk(),
        before,
        "nothing is stored while the event may grow"
    );
    desk.pause(1000);
    assert_eq!(desk.events_on_disk(), before + 1);
}

#[test]
fn an_edit_made_before_a_colleague_was_seen_lands_where_it_was_meant() {
    let mut desk = Desk::with_lines(&["hello"]);
    let line = desk.line("hello");
    let seen = desk.screens[&(ANNA, 1)].revision;
    desk.type_text(BERT, &line, 0, ">> ");
    let insert = "!".to_owned();
    desk.edit_at(
        ANNA,
        seen,
        vec![EditIntent::EditText {
            line,
            at: 5,
            delete: 0,
            insert,
        }],
    );
    assert_eq!(desk.texts(BERT), [">> hello!"]);
    assert_eq!(desk.texts(ANNA), [">> hello!"]);
}

#[test]
fn typing_in_a_line_that_another_window_just_deleted_brings_it_back() {
    let mut desk = Desk::with_lines(&["keep", "going"]);
    let line = desk.line("going");
    let seen = desk.screens[&(ANNA, 1)].revision;
    desk.edit(
        BERT,
        EditIntent::Delete {
            lines: vec![line.clone()],
        },
    );
    assert_eq!(desk.texts(BERT), ["keep"]);
    let insert = " on".to_owned();
    desk.edit_at(
        ANNA,
        seen,
        vec![EditIntent::EditText {
            line,
            at: 5,
            delete: 0,
            insert,
        }],
    );
    assert_eq!(desk.texts(BERT), ["keep", "going on"]);
}

#[test]
fn lines_that_were_cut_are_put_back_elsewhere_as_the_same_lines_in_one_action() {
    let mut desk = Desk::with_lines(&["one", "two", "three"]);
    let (one, three) = (desk.line("one"), desk.line("three"));
    let lines = vec![one.clone()];
    desk.edit(ANNA, EditIntent::Delete { lines });
    assert_eq!(desk.texts(BERT), ["two", "three"]);
    let row = DraftRow {
        id: one.clone(),
        depth: 0,
        kind: "text".to_owned(),
        text: "one".to_owned(),
    };
    let put_back = EditIntent::PutBack {
        lines: vec![row],
        copies: vec![format!("line_{:032x}_900", 1)],
        parent: three,
        after: None,
    };
    desk.edit(ANNA, put_back.clone());
    assert_eq!(desk.texts(BERT), ["two", "three", "one"]);
    assert_eq!(desk.line("one"), one);
    desk.edit(ANNA, put_back);
    assert_eq!(desk.texts(BERT), ["two", "three", "one", "one"]);
    for before in [
        vec!["two", "three", "one"],
        vec!["two", "three"],
        vec!["one", "two", "three"],
    ] {
        desk.serials += 1;
        let serial = desk.serials;
        desk.send(ANNA, Command::Undo { panel: 1, serial });
        assert_eq!(desk.texts(BERT), before);
    }
}

#[test]
fn an_edit_that_is_sent_twice_is_carried_out_once() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    let insert = "!".to_owned();
    let intents = vec![EditIntent::EditText {
        line,
        at: 3,
        delete: 0,
        insert,
    }];
    for _ in 0..2 {
        let intents = intents.clone();
        desk.send(
            ANNA,
            Command::Edit {
                panel: 1,
                serial: 5,
                revision: 1,
                intents,
            },
        );
    }
    assert_eq!(desk.texts(BERT), ["one!"]);
}

#[test]
fn a_split_shows_everywhere_and_undo_takes_it_back() {
    let mut desk = Desk::with_lines(&["onetwo"]);
    let line = desk.line("onetwo");
    let new_line = format!(
        "line_{}_{}",
        replica(1).0.simple(),
        desk.first_number[&ANNA]
    );
    desk.edit(
        ANNA,
        EditIntent::Split {
            line,
            at: 3,
            new_line,
            kind: "text".to_owned(),
        },
    );
    assert_eq!(desk.texts(BERT), ["one", "two"]);
    desk.send(
        ANNA,
        Command::Undo {
            panel: 1,
            serial: 9,
        },
    );
    assert_eq!(desk.texts(BERT), ["onetwo"]);
    desk.send(
        ANNA,
        Command::Redo {
            panel: 1,
            serial: 10,
        },
    );
    assert_eq!(desk.texts(BERT), ["one", "two"]);
}

fn insert(line: &str, at: u32, insert: &str) -> EditIntent {
    let (line, insert) = (line.to_owned(), insert.to_owned());
    EditIntent::EditText {
        line,
        at,
        delete: 0,
        insert,
    }
}

#[test]
fn what_is_typed_behind_an_empty_line_in_one_go_stays_behind_it() {
    let mut desk = Desk::with_lines(&["x"]);
    let first = desk.line("x");
    let replica = first.rsplit_once('_').expect("an id").0.to_owned();
    let fresh = |number: u64| format!("{replica}_{}", (1_u64 << 20) + 1_000 + number);
    let split = |line: &str, at: u32, new_line: &str| EditIntent::Split {
        line: line.to_owned(),
        at,
        new_line: new_line.to_owned(),
        kind: "text".to_owned(),
    };
    let (empty, last) = (fresh(1), fresh(2));
    let revision = desk.screens[&(ANNA, 1)].revision;
    desk.edit_at(
        ANNA,
        revision,
        vec![
            split(&first, 1, &empty),
            split(&empty, 0, &last),
            insert(&last, 0, "b"),
        ],
    );
    assert_eq!(desk.texts(ANNA), ["x", "", "b"]);
    assert_eq!(desk.texts(BERT), ["x", "", "b"]);
}

#[test]
fn while_the_disk_fails_editing_goes_on_and_the_status_says_so() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    desk.disk_works = false;
    desk.type_text(ANNA, &line, 3, "!");
    desk.pause(1000);
    desk.step(Input::DiskFailing("the disk is full".to_owned()));
    desk.type_text(ANNA, &line, 4, "?");
    assert_eq!(desk.texts(BERT), ["one!?"]);
    let status = desk.statuses.last().expect("a status");
    assert_eq!(
        status.disk,
        DiskStatus::Failing {
            reason: "the disk is full".to_owned()
        }
    );
    assert!(status.pending_disk >= 1, "{status:?}");
    let document = desk.waiting[0].document;
    desk.step(Input::Durable(document));
    assert_eq!(
        desk.statuses.last().map(|status| status.disk.clone()),
        Some(DiskStatus::Ok)
    );
}

#[test]
fn what_a_failing_disk_does_not_take_is_handed_over_at_the_end() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    desk.disk_works = false;
    desk.type_text(ANNA, &line, 3, "!");
    desk.pause(1000);
    desk.step(Input::DiskFailing("the disk is full".to_owned()));
    desk.type_text(ANNA, &line, 4, "?");
    desk.step(Input::Stopping);
    assert!(desk.dispatcher.may_stop());
    let last = desk.dispatcher.last_commits();
    let batches = last.iter().flat_map(|commit| &commit.batches);
    let events: u32 = batches.map(|(_, batch)| batch.count).sum();
    assert_eq!(events, 1, "the one that was still typed");
    assert!(desk.dispatcher.last_commits().is_empty());
}

#[test]
fn batches_of_the_server_take_the_same_way_as_local_edits() {
    let mut desk = Desk::with_lines(&["shared"]);
    let line: LineId = desk.line("shared").parse().expect("a line id");
    let document = DocumentId(Uuid::from_u128(99));
    let group = GroupId(Uuid::from_u128(7));
    let theirs = desk.replayed(document);
    let insert = "well ".to_owned();
    let intent = tideline_model::Intent::EditText {
        line,
        at: 0,
        delete: 0,
        insert,
    };
    let changes = theirs.plan(&intent).expect("a plan");
    let event = theirs.stamp(replica(2), UserId(Uuid::from_u128(2)), 5, changes);
    let batch = tideline_wire::seal(group, document, &[event]).expect("a batch");
    let news = SyncNews::Batches {
        group,
        document,
        batches: vec![batch],
        cursor: 12,
    };
    desk.step(Input::Sync(news));
    assert_eq!(desk.texts(ANNA), ["well shared"]);
    let stored = desk.disk.last().expect("a commit");
    assert_eq!(
        stored.cursor,
        Some(12),
        "batch and cursor reach the disk together"
    );
    assert!(
        matches!(stored.batches.as_slice(), [(Origin::Remote, _)]),
        "{stored:?}"
    );
}

#[test]
fn a_folded_line_hides_its_children_in_one_panel_only() {
    let mut desk = Desk::with_lines(&["parent", "child"]);
    let (parent, child) = (desk.line("parent"), desk.line("child"));
    desk.edit(
        ANNA,
        EditIntent::Move {
            lines: vec![child],
            parent: parent.clone(),
            after: None,
        },
    );
    desk.send(
        ANNA,
        Command::SetFold {
            panel: 1,
            line: parent,
            folded: true,
        },
    );
    assert_eq!(desk.texts(ANNA), ["parent"]);
    assert_eq!(desk.texts(BERT), ["parent", "child"]);
}

#[test]
fn a_zoomed_panel_returns_to_the_document_when_its_line_is_deleted() {
    let mut desk = Desk::with_lines(&["one", "two"]);
    let two = desk.line("two");
    desk.send(
        ANNA,
        Command::Zoom {
            panel: 1,
            root: Some(two.clone()),
        },
    );
    assert_eq!(desk.texts(ANNA), ["two"]);
    desk.edit(BERT, EditIntent::Delete { lines: vec![two] });
    assert_eq!(desk.texts(ANNA), ["one"]);
}

#[test]
fn rows_on_disk_follow_every_commit() {
    let mut desk = Desk::with_lines(&["a", "b", "c"]);
    let (a, c) = (desk.line("a"), desk.line("c"));
    desk.edit(
        ANNA,
        EditIntent::Move {
            lines: vec![c.clone()],
            parent: a.clone(),
            after: None,
        },
    );
    let commit = desk.disk.last().expect("a commit");
    let row = commit
        .rows
        .iter()
        .find(|row| row.line.id.to_string() == c)
        .expect("the moved row");
    assert_eq!((row.line.parent.to_string(), row.after), (a, None));
}

#[test]
fn a_question_about_a_document_that_is_not_here_says_so() {
    let mut desk = Desk::with_lines(&["a"]);
    let nowhere = DocumentId(Uuid::from_u128(12345));
    desk.step(Input::Question(QuestionId(2), Question::Outline(nowhere)));
    assert!(matches!(desk.answers.last(), Some(Answer::UnknownDocument(id)) if *id == nowhere));
}

#[test]
fn an_intent_with_the_wrong_kind_of_id_is_refused_with_its_name() {
    let mut desk = Desk::with_lines(&["a"]);
    let line = DocumentId(Uuid::from_u128(3)).to_string();
    let insert = "x".to_owned();
    desk.edit(
        ANNA,
        EditIntent::EditText {
            line,
            at: 0,
            delete: 0,
            insert,
        },
    );
    let notice = desk.notices.last().expect("a notice");
    assert!(
        notice.contains("expected a line id, got a document id"),
        "{notice}"
    );
    assert_eq!(desk.texts(ANNA), ["a"]);
}

#[test]
fn the_events_of_an_import_carry_consecutive_numbers() {
    let desk = Desk::with_lines(&["a", "b"]);
    let mut next = 1;
    for (_, batch) in desk.disk.iter().flat_map(|commit| &commit.batches) {
        for event in open(batch).expect("a batch") {
            assert_eq!(
                event.id,
                EventId {
                    replica: replica(1),
                    seq: next
                }
            );
            next += 1;
        }
    }
    assert!(next > 1);
}

#[test]
fn what_was_typed_last_reaches_the_disk_before_the_program_ends() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    let before = desk.events_on_disk();
    desk.type_text(ANNA, &line, 3, "!");
    assert!(!desk.dispatcher.may_stop(), "a keystroke is in memory only");
    desk.step(Input::Stopping);
    assert!(desk.dispatcher.may_stop());
    assert_eq!(desk.events_on_disk(), before + 1);
}

#[test]
fn a_receipt_is_not_stored_before_what_was_delivered_up_to_it() {
    let mut desk = Desk::with_lines(&["shared"]);
    let document = DocumentId(Uuid::from_u128(99));
    desk.disk_works = false;
    let line = desk.line("shared");
    desk.type_text(ANNA, &line, 0, "I ");
    desk.pause(1000);
    let receipt = Receipt {
        document,
        replica: replica(1),
        last_seq: 1,
        extent: Extent::AtLeast,
        cursor: Some(12),
    };
    desk.step(Input::Sync(SyncNews::Acknowledged(receipt)));
    let early = desk.effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Acknowledge(
                _,
                Receipt {
                    cursor: Some(_),
                    ..
                }
            )
        )
    });
    assert!(!early, "the cursor waits for the document's own commits");
    desk.disk_works = true;
    desk.step(Input::Durable(document));
    assert_eq!(desk.disk.last().and_then(|commit| commit.cursor), Some(12));
}

#[test]
fn rows_that_a_crash_left_behind_are_made_anew_from_the_events() {
    let mut desk = Desk::with_lines(&["one", "two"]);
    let document = DocumentId(Uuid::from_u128(99));
    let replayed = desk.replayed(document);
    let mut stale = OpenDocument::new(replayed, GroupId(Uuid::from_u128(7)), 0);
    stale.rows_are_stale = true;
    desk.step(Input::Loaded(document, Ok(Box::new(stale))));
    let rebuilt = desk.effects.iter().find_map(|effect| match effect {
        Effect::RebuildRows { rows, .. } => Some(rows.len()),
        _ => None,
    });
    assert_eq!(rebuilt, Some(2));
}

#[test]
fn new_documents_go_to_the_group_that_was_chosen() {
    let mut desk = Desk::with_lines(&["one"]);
    let (first, second) = (GroupId(Uuid::from_u128(20)), GroupId(Uuid::from_u128(30)));
    let groups = vec![(first, "Anna".to_owned()), (second, "Project".to_owned())];
    let url = "ws://localhost".to_owned();
    desk.step(Input::Sync(SyncNews::Groups { url, groups }));
    let adopted = desk.effects.iter().find_map(|effect| match effect {
        Effect::Adopt { into, .. } => Some(*into),
        _ => None,
    });
    assert_eq!(
        adopted,
        Some(first),
        "what was only here goes to one's own group"
    );
    desk.step(Input::Adopted(first, vec![DocumentId(Uuid::from_u128(99))]));
    let (name, value) = ("homeGroup".to_owned(), second.to_string().into());
    desk.send(ANNA, Command::SetSetting { name, value });
    desk.send(
        ANNA,
        Command::CreateDocument {
            title: "Plan".to_owned(),
            open_in: None,
        },
    );
    desk.pause(1000);
    assert_eq!(desk.disk.last().map(|commit| commit.group), Some(second));
}

#[test]
fn what_a_server_that_was_never_reached_lacks_is_counted_as_waiting() {
    let mut desk = Desk::with_lines(&["one"]);
    let url = "ws://localhost".to_owned();
    desk.step(Input::Sync(SyncNews::Status(ServerStatus::Connecting {
        url,
    })));
    let status = desk.statuses.last().expect("a status");
    assert_eq!(
        u64::from(status.pending_server),
        desk.events_on_disk() as u64
    );
}
