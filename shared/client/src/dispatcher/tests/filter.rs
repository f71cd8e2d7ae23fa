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
