//! What one undo takes back.

use super::desk::{ANNA, Desk};
use super::*;

fn undo(desk: &mut Desk, serial: u32) {
    desk.send(ANNA, Command::Undo { panel: 1, serial });
}

#[test]
fn typing_at_two_carets_is_undone_together_and_as_one_word() {
    let mut desk = Desk::with_lines(&["one", "two"]);
    let (one, two) = (desk.line("one"), desk.line("two"));
    for at in 3..5 {
        let revision = desk.screens[&(ANNA, 1)].revision;
        desk.edit_at(
            ANNA,
            revision,
            vec![insert(&two, at, "x"), insert(&one, at, "x")],
        );
    }
    assert_eq!(desk.texts(BERT), ["onexx", "twoxx"]);
    undo(&mut desk, 9);
    assert_eq!(desk.texts(BERT), ["one", "two"]);
}

#[test]
fn typing_at_two_carets_is_undone_without_the_typing_at_one_of_them_before_and_behind() {
    let mut desk = Desk::with_lines(&["one", ""]);
    let (one, two) = (desk.line("one"), desk.line(""));
    desk.type_text(ANNA, &two, 0, "two");
    let revision = desk.screens[&(ANNA, 1)].revision;
    desk.edit_at(
        ANNA,
        revision,
        vec![insert(&two, 3, "!"), insert(&one, 3, "!")],
    );
    desk.type_text(ANNA, &two, 4, "?");
    undo(&mut desk, 9);
    assert_eq!(desk.texts(BERT), ["one!", "two!"]);
    undo(&mut desk, 10);
    assert_eq!(desk.texts(BERT), ["one", "two"]);
}

#[test]
fn a_gesture_that_writes_text_first_is_undone_whole_and_without_the_typing_before_it() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    desk.type_text(ANNA, &line, 3, "!");
    let kind = EditIntent::SetKind {
        lines: vec![line.clone()],
        kind: "quote".to_owned(),
    };
    let revision = desk.screens[&(ANNA, 1)].revision;
    desk.edit_at(ANNA, revision, vec![insert(&line, 0, "?"), kind]);
    assert_eq!(desk.texts(BERT), ["?one!"]);
    undo(&mut desk, 9);
    assert_eq!(desk.texts(BERT), ["one!"]);
    assert_eq!(desk.screens[&(BERT, 1)].rows[0].kind, "text");
}

#[test]
fn a_flush_ends_what_undo_takes_back() {
    let mut desk = Desk::with_lines(&["one"]);
    let line = desk.line("one");
    desk.type_text(ANNA, &line, 3, "a");
    desk.send(ANNA, Command::Flush { panel: 1 });
    desk.type_text(ANNA, &line, 4, "b");
    undo(&mut desk, 9);
    assert_eq!(desk.texts(BERT), ["onea"]);
}
