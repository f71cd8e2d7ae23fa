//! What an interface hears of a filtered panel.

use super::desk::{ANNA, BERT, Desk};
use super::*;

/// Filters one panel of the document; how many lines are said to match.
fn filter(desk: &mut Desk, query: &str) -> u32 {
    let command = Command::Filter {
        panel: 1,
        query_id: 4,
        query: query.to_owned(),
        near: None,
    };
    desk.heard.clear();
    desk.send(ANNA, command);
    let Some((ANNA, Message::Filtered { found, more, .. })) = desk.heard.pop() else {
        panic!("expected an answer, heard {:?}", desk.heard);
    };
    assert!(!more, "a few lines are looked at in one go");
    found
}

#[test]
fn only_the_panel_that_filters_shows_fewer_rows() {
    let mut desk = Desk::with_lines(&["call Ann", "bread", "call Ben"]);
    assert_eq!(filter(&mut desk, "CALL"), 2);
    assert_eq!(desk.texts(ANNA), ["call Ann", "call Ben"]);
    assert_eq!(desk.texts(BERT), ["call Ann", "bread", "call Ben"]);
    assert_eq!(filter(&mut desk, ""), 0);
    assert_eq!(desk.texts(ANNA), desk.texts(BERT));
}

#[test]
fn what_is_written_in_a_filtered_panel_stays_and_what_others_write_comes_when_it_matches() {
    let mut desk = Desk::with_lines(&["call Ann", "bread"]);
    let (line, bread) = (desk.line("call Ann"), desk.line("bread"));
    filter(&mut desk, "call");
    desk.type_text(ANNA, &line, 0, "re");
    desk.type_text(BERT, &bread, 0, "or call: ");
    assert_eq!(desk.texts(ANNA), ["recall Ann", "or call: bread"]);
    desk.type_text(BERT, &bread, 3, "b");
    assert_eq!(desk.texts(ANNA), ["recall Ann", "or bcall: bread"]);
}

#[test]
fn few_lines_far_away_are_shown_as_soon_as_the_index_finds_them() {
    let texts: Vec<String> = (0..9_000).map(|number| format!("line {number}.")).collect();
    let mut desk = Desk::with_lines(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let far = desk
        .dispatcher
        .documents
        .values()
        .next()
        .expect("a document");
    let far = [8_999, 8_998].map(|row| far.document.line_at_row(row).expect("a line"));
    desk.effects.clear();
    let query = |query_id, query: &str| Command::Filter {
        panel: 1,
        query_id,
        query: query.to_owned(),
        near: None,
    };
    desk.send(ANNA, query(4, "LINE 8999."));
    let is_asked = |effect: &Effect| matches!(effect, Effect::FindLines(wanted) if wanted.text == "LINE 8999.");
    assert!(desk.effects.iter().any(is_asked), "{:?}", desk.effects);
    assert_eq!(desk.texts(ANNA), [""; 0]);
    desk.step(Input::LinesFound(ANNA, 1, 3, far.to_vec()));
    assert_eq!(desk.texts(ANNA), [""; 0], "found for another query");
    desk.step(Input::LinesFound(ANNA, 1, 4, far.to_vec()));
    assert_eq!(desk.texts(ANNA), ["line 8999."]);
}

#[test]
fn a_query_that_is_no_longer_wanted_is_looked_for_no_more() {
    let mut texts = vec!["bread"; 9_000];
    texts.push("milk");
    let mut desk = Desk::with_lines(&texts);
    let query = |query_id| Command::Filter {
        panel: 1,
        query_id,
        query: "milk".to_owned(),
        near: None,
    };
    desk.send(ANNA, query(1));
    desk.send(ANNA, query(2));
    desk.heard.clear();
    let on = |query_id| Command::FilterOn { panel: 1, query_id };
    desk.send(ANNA, on(1));
    desk.send(ANNA, on(1));
    assert!(desk.heard.is_empty(), "{:?}", desk.heard);
    desk.send(ANNA, on(2));
    desk.send(ANNA, on(2));
    assert_eq!(desk.texts(ANNA), ["milk"]);
}
