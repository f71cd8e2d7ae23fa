//! Kinds, properties, tags and titles that several people set at the same time.

use crate::people::{check, play};
use tideline_model::{Intent, LineId, Outline, Value};

#[test]
fn the_later_kind_and_title_win() {
    check(
        "; kind C todo; kind C quote",
        "pp | aaaa[a1] | bbbb[b1 b2] | {quote}cc ⇄ pp | aaaa[a1] | bbbb[b1 b2] | {todo}cc",
    );
    let titles = |order: &[u128]| {
        play("; title one; title two", order)[0]
            .document
            .title()
            .to_owned()
    };
    assert_eq!([titles(&[1, 2]), titles(&[2, 1])], ["two", "one"]);
}

#[test]
fn values_set_at_the_same_time_are_all_kept_until_somebody_chooses() {
    check(
        "; set C due 1; set C due 2",
        "pp | aaaa[a1] | bbbb[b1 b2] | {due=1/2}cc ⇄ pp | aaaa[a1] | bbbb[b1 b2] | {due=2/1}cc",
    );
    let mut people = play("; set C due 1; set C due 2", &[1, 2]);
    people[0].step("set C due 3");
    crate::people::sync(&mut people);
    assert_eq!(people[2].shown(), "pp | aaaa[a1] | bbbb[b1 b2] | {due=3}cc");
}

#[test]
fn a_value_outlives_a_removal_that_had_not_seen_it() {
    check(
        "set C due 1; set C due; set C due 2",
        "pp | aaaa[a1] | bbbb[b1 b2] | {due=2}cc",
    );
}

#[test]
fn a_tag_outlives_a_removal_that_had_not_seen_it() {
    check(
        "tag C t; untag C t; tag C t",
        "pp | aaaa[a1] | bbbb[b1 b2] | {#t}cc",
    );
    check(
        "tag C t, tag C u; untag C t; type C 0 X",
        "pp | aaaa[a1] | bbbb[b1 b2] | {#u}Xcc",
    );
}

#[test]
fn what_is_set_on_a_line_keeps_it() {
    check(
        "; delete B; set B due 1",
        "pp | aaaa[a1] | {due=1}bbbb | cc",
    );
    check("; delete B; kind B todo", "pp | aaaa[a1] | {todo}bbbb | cc");
}

#[test]
fn a_joined_line_shows_what_the_first_part_is() {
    check(
        "kind A todo, kind B quote, tag B t, join B A; ;",
        "pp | {todo}aaaabbbb[a1 b1 b2] | cc",
    );
    check(
        "kind A todo, kind B quote, join B A, undo; ;",
        "pp | {todo}aaaa[a1] | {quote}bbbb[b1 b2] | cc",
    );
}

#[test]
fn the_properties_of_the_root_are_those_of_the_document() {
    let mut person = play("title Notes", &[]).remove(0);
    for (name, value) in [("folder", "work/plans"), ("author", "me")] {
        person.carry_out(&Intent::SetProperty {
            line: LineId::ROOT,
            name: name.to_owned(),
            value: Some(Value::Text(value.to_owned())),
        });
    }
    let Outline {
        title,
        folder,
        properties,
        lines,
    } = person.document.outline();
    assert_eq!((title.as_str(), folder.as_str()), ("Notes", "work/plans"));
    assert_eq!(
        properties,
        [("author".to_owned(), Value::Text("me".to_owned()))]
    );
    let shape: Vec<(u32, &str)> = lines
        .iter()
        .map(|line| (line.depth, line.text.as_str()))
        .collect();
    let expected = [
        (0, "pp"),
        (0, "aaaa"),
        (1, "a1"),
        (0, "bbbb"),
        (1, "b1"),
        (1, "b2"),
        (0, "cc"),
    ];
    assert_eq!(shape, expected);
}

#[test]
fn the_hash_tells_every_difference_on_screen() {
    let hash = |script: &str| play(script, &[])[0].document.hash();
    let scripts = [
        "",
        "type A 1 X",
        "kind A todo",
        "set A x 1",
        "tag A x",
        "title x",
        "move under C A",
        "move behind P B",
        "delete a1",
        "join C B",
        "split A 2 N",
    ];
    for (place, script) in scripts.iter().enumerate() {
        assert_eq!(hash(script), hash(script));
        for other in &scripts[..place] {
            assert_ne!(hash(script), hash(other), "{script} and {other}");
        }
    }
    assert_eq!(hash(""), hash("type A 1 X, undo"));
}
