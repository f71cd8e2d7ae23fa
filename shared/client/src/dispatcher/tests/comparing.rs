//! Two machines with the same changes, one of which shows something else.

use tideline_model::{Change, Document, DocumentId, GroupId};
use tideline_wire::open;
use uuid::Uuid;

use super::super::*;
use super::desk::{ANNA, Desk, opening};
use crate::input::SyncNews;
use crate::protocol::Command;

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(99));
const GROUP: GroupId = GroupId(Uuid::from_u128(7));

/// Another machine that has what is on the disk of `desk`, with these lines in its window.
fn another(desk: &Desk, shown: Document) -> Desk {
    let mut other = Desk::new(2);
    let batches = desk.disk.iter().flat_map(|commit| &commit.batches);
    other.step(Input::Sync(SyncNews::Batches {
        group: GROUP,
        document: DOCUMENT,
        batches: batches.map(|(_, batch)| batch.clone()).collect(),
        cursor: 1,
    }));
    let open = OpenDocument::new(shown, GROUP, 0);
    other.step(Input::Loaded(DOCUMENT, Ok(Box::new(open))));
    other.step(Input::Attached(ANNA));
    other.send(ANNA, Command::Hello);
    other.send(ANNA, opening(1, DOCUMENT));
    other
}

/// What somebody shows who reads `from` as `to`.
fn misread(desk: &Desk, from: &str, to: &str) -> Document {
    let mut document = Document::new(DOCUMENT);
    for (_, batch) in desk.disk.iter().flat_map(|commit| &commit.batches) {
        let mut events = open(batch).expect("a batch");
        let changes = events.iter_mut().flat_map(|event| &mut event.changes);
        for change in changes {
            if let Change::CreateLines { lines } = change {
                let misread = lines.iter_mut().filter(|line| line.text == from);
                misread.for_each(|line| to.clone_into(&mut line.text));
            }
        }
        document.apply_all(&events).expect("events apply");
    }
    document
}

/// Carries what each machine tells to the other one, until nobody has anything more to tell.
fn talk(desks: &mut [Desk; 2]) {
    while let Some(from) = desks.iter().position(|desk| !desk.effects.is_empty()) {
        let effects = std::mem::take(&mut desks[from].effects);
        for effect in effects {
            match effect {
                Effect::Rederive(_, document) => {
                    let replayed = Box::new(desks[from].replayed(document));
                    desks[from].step(Input::Rederived(document, Ok(replayed)));
                }
                Effect::RebuildRows { rows, .. } => desks[from].rebuilt.push(rows),
                effect => hand_over(effect, &mut desks[1 - from]),
            }
        }
    }
}

/// Brings to `desk` what another machine tells it.
fn hand_over(effect: Effect, desk: &mut Desk) {
    match effect {
        Effect::Digest {
            document,
            version,
            hash,
        } => desk.step(Input::Sync(SyncNews::Digest {
            document,
            version,
            hash,
        })),
        Effect::Ranges { document, ranges } => {
            desk.step(Input::Sync(SyncNews::Ranges { document, ranges }));
        }
        _ => {}
    }
}

fn said(desk: &Desk, words: &[&str]) -> bool {
    let mut notices = desk.notices.iter();
    notices.any(|notice| words.iter().all(|word| notice.contains(word)))
}

#[test]
fn the_machine_that_shows_something_else_than_its_changes_say_works_it_out_again() {
    let right = Desk::with_lines(&["one", "two", "three"]);
    let wrong = another(&right, misread(&right, "two", "tow"));
    assert_eq!(wrong.texts(ANNA), ["one", "tow", "three"]);
    let mut desks = [right, wrong];
    desks[0].step(Input::OutboxSize(DOCUMENT, 0));
    talk(&mut desks);
    let [right, wrong] = &desks;
    assert_eq!(wrong.texts(ANNA), ["one", "two", "three"]);
    assert_eq!(wrong.rebuilt.len(), 1, "its rows on disk are made anew");
    assert!(said(
        wrong,
        &["“two”", "worked out again", "Nothing is lost"]
    ));
    assert!(said(
        right,
        &["“two”", "another machine", "Nothing is lost"]
    ));
    assert!(said(right, &["`tideline verify` on the other machine"]));
    assert_eq!(right.rebuilt.len(), 0);
}

/// What `desk` has waiting for its disk is stored.
fn let_disk_work(desk: &mut Desk) {
    desk.disk_works = true;
    for commit in std::mem::take(&mut desk.waiting) {
        desk.carry_out(Effect::Commit(commit));
    }
}

/// Has `from` type at the start of its first line, and brings it to `to`.
fn type_and_deliver(desks: &mut [Desk; 2], from: usize) {
    let line = desks[from].line("one");
    let stored = desks[from].disk.len();
    desks[from].type_text(ANNA, &line, 0, "!");
    desks[from].pause(10_000);
    let batches = desks[from].disk[stored..].iter();
    let batches = batches.flat_map(|commit| &commit.batches);
    let news = SyncNews::Batches {
        group: GROUP,
        document: DOCUMENT,
        batches: batches.map(|(_, batch)| batch.clone()).collect(),
        cursor: 2,
    };
    desks[1 - from].step(Input::Sync(news));
}

#[test]
fn what_is_shown_and_not_yet_stored_is_waited_for_before_it_is_worked_out_again() {
    let right = Desk::with_lines(&["one", "two", "three"]);
    let wrong = another(&right, misread(&right, "two", "tow"));
    let mut desks = [right, wrong];
    desks[1].disk_works = false;
    type_and_deliver(&mut desks, 0);
    assert_eq!(desks[1].texts(ANNA), ["!one", "tow", "three"]);
    desks[0].step(Input::OutboxSize(DOCUMENT, 0));
    talk(&mut desks);
    let_disk_work(&mut desks[1]);
    talk(&mut desks);
    assert_eq!(desks[1].texts(ANNA), ["!one", "two", "three"]);
    assert!(said(&desks[1], &["“two”", "worked out again"]));
}

#[test]
fn what_is_written_while_it_is_worked_out_is_worked_out_with_it() {
    let right = Desk::with_lines(&["one", "two", "three"]);
    let wrong = another(&right, misread(&right, "two", "tow"));
    let mut desks = [right, wrong];
    desks[0].step(Input::OutboxSize(DOCUMENT, 0));
    let early = Box::new(desks[1].replayed(DOCUMENT));
    for effect in std::mem::take(&mut desks[0].effects) {
        hand_over(effect, &mut desks[1]);
    }
    let asked = desks[1].effects.len();
    desks[1]
        .effects
        .retain(|effect| !matches!(effect, Effect::Rederive(..)));
    assert_eq!(desks[1].effects.len(), asked - 1, "the disk is asked once");
    type_and_deliver(&mut desks, 1);
    desks[1].step(Input::Rederived(DOCUMENT, Ok(early)));
    assert_eq!(desks[1].texts(ANNA), ["!one", "tow", "three"], "not yet");
    talk(&mut desks);
    assert_eq!(desks[1].texts(ANNA), ["!one", "two", "three"]);
}

#[test]
fn a_disk_that_has_not_all_that_is_shown_is_named_and_not_asked_without_end() {
    let right = Desk::with_lines(&["one", "two", "three"]);
    let mut wrong = another(&right, misread(&right, "two", "tow"));
    wrong.disk.clear();
    let mut desks = [right, wrong];
    desks[0].step(Input::OutboxSize(DOCUMENT, 0));
    talk(&mut desks);
    assert_eq!(desks[1].texts(ANNA), ["one", "tow", "three"], "all is kept");
    assert!(said(
        &desks[1],
        &["not all that is shown", "`tideline verify`"]
    ));
}

#[test]
fn both_name_the_line_when_neither_has_worked_it_out_wrongly() {
    let right = Desk::with_lines(&["one", "two", "three"]);
    let mut wrong = another(&right, misread(&right, "two", "tow"));
    // As if its changes said so.
    let batches = wrong.disk.iter_mut().flat_map(|commit| &mut commit.batches);
    for (_, batch) in batches {
        let payload = &mut batch.payload;
        let at = payload.windows(3).position(|bytes| bytes == b"two");
        payload[at.expect("the text")..][..3].copy_from_slice(b"tow");
    }
    let mut desks = [right, wrong];
    desks[0].step(Input::OutboxSize(DOCUMENT, 0));
    talk(&mut desks);
    let [right, wrong] = &desks;
    assert!(said(right, &["“two”", "another machine"]));
    assert!(said(wrong, &["“tow”", "another machine"]));
    assert_eq!(wrong.texts(ANNA), ["one", "tow", "three"]);
    let heard = wrong.notices.len();
    desks[0].step(Input::OutboxSize(DOCUMENT, 0));
    talk(&mut desks);
    assert_eq!(desks[1].notices.len(), heard, "it is told once");
}

#[test]
fn machines_that_show_the_same_have_nothing_to_tell() {
    let right = Desk::with_lines(&["one", "two"]);
    let replayed = right.replayed(DOCUMENT);
    let mut desks = [another(&right, replayed), right];
    desks[1].step(Input::OutboxSize(DOCUMENT, 0));
    talk(&mut desks);
    assert!(desks.iter().all(|desk| desk.notices.is_empty()));
}
