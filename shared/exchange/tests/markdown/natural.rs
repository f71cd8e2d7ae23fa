//! What an export looks like to somebody who opens the file in another program.

use tideline_exchange::export_markdown;
use tideline_model::{Kind, Outline, OutlineLine, TodoState, Value};

use crate::support::check_round_trip;

/// Lines as `kind: text`, indented by two spaces a level from the first one on.
fn outline(lines: &str) -> Outline {
    let margin = lines
        .lines()
        .find(|line| !line.trim().is_empty())
        .map_or(0, indent);
    let read = |line: &str| {
        let (kind, text) = line
            .trim_start()
            .split_once(':')
            .expect("a line has a kind");
        OutlineLine {
            depth: u32::try_from((indent(line) - margin) / 2).expect("few levels"),
            kind: kind.parse().expect("every name is a kind"),
            text: text.trim_start().to_owned(),
            ..OutlineLine::default()
        }
    };
    let lines = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(read)
        .collect();
    Outline {
        title: "Plan".into(),
        lines,
        ..Outline::default()
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn check(lines: &str, markdown: &str) {
    let outline = outline(lines);
    let exported = export_markdown(&outline);
    assert_eq!(
        exported.trim_start_matches("---\ntitle: Plan\n---\n\n"),
        markdown
    );
    check_round_trip(&outline);
}

#[test]
fn sections_are_headings_with_what_is_below_them() {
    check(
        "
         heading1: Plan
           text: Why.
           heading2: Steps
             todo: pack
             todo-done: book
               text: by train
             numbered: first
             numbered: second
           heading2: Later",
        "# Plan\n\nWhy.\n\n## Steps\n\n- [ ] pack\n- [x] book\n\n  by train\n\n1. first\n2. second\n\n## Later\n",
    );
}

#[test]
fn texts_with_texts_below_them_are_lists() {
    check(
        "
         text: home
           text: kitchen
             bullet: table
             text:
           text: garden
         text: work
           heading2: Monday",
        "<!-- tideline {\"plus\":\"text\"} -->\n\n\
         + home\n  + kitchen\n    - table\n\n    +\n  + garden\n+ work\n\n  ## Monday\n",
    );
}

#[test]
fn headings_without_sections_stay_flat() {
    check(
        "
         heading1: Monday
         text: rain
         heading1: Tuesday
         bullet: sun",
        "<!-- tideline {\"headings\":\"flat\"} -->\n\n# Monday\n\nrain\n\n# Tuesday\n\n- sun\n",
    );
}

#[test]
fn a_line_behind_a_section_says_that_it_is_not_in_it() {
    check(
        "
         heading1: Plan
           text: in it
         text: behind it",
        "# Plan\n\nin it\n\n<!-- tideline {\"section\":0} -->\nbehind it\n",
    );
}

#[test]
fn properties_and_tags_are_lines_that_people_can_read() {
    let mut plan = outline("todo-waiting: call\ncode: let x;\ncode: let y;");
    plan.lines[0].properties = vec![
        ("count".into(), Value::Integer(2)),
        ("due".into(), Value::Text("2024-05-01".into())),
    ];
    plan.lines[0].tags = vec!["home".into(), "soon".into()];
    plan.lines[1].properties = vec![("language".into(), Value::Text("rust".into()))];
    plan.lines[2].tags = vec!["odd".into()];
    assert_eq!(
        export_markdown(&plan),
        "---\ntitle: Plan\n---\n\n- [?] call\n  count:: 2\n  due:: 2024-05-01\n  tags:: home, soon\n\n\
         <!-- tideline {\"line\":1,\"tags\":[\"odd\"]} -->\n```rust\nlet x;\nlet y;\n```\n",
    );
    check_round_trip(&plan);
}

#[test]
fn texts_that_look_like_blocks_are_guarded_where_they_need_it() {
    check(
        "
         text: # no heading
         text: 1. no list
         text: 1.5 is a number
         text: - no list
         text: #tag
         text: key:: value
         text: --
         bullet: --
         bullet: [ ] no box
         text: <b>bold</b> begins no block
         text: <div> would
         quote: > once",
        "\\# no heading\n\n1\\. no list\n\n1.5 is a number\n\n\\- no list\n\n#tag\n\nkey\\:: value\n\n--\n\n\
         - \\--\n- \\[ ] no box\n\n<b>bold</b> begins no block\n\n\\<div> would\n\n> \\> once\n",
    );
}

#[test]
fn every_kind_can_have_lines_below_it() {
    let states = [TodoState::Open, TodoState::Cancelled];
    let todos = states.map(Kind::Todo);
    let others = [
        Kind::Code,
        Kind::Comment,
        Kind::Divider,
        Kind::Other("drawing".into()),
    ];
    for kind in todos.into_iter().chain(others) {
        for child in ["text: below", "code: below", "divider:", "heading1: below"] {
            let mut plan = outline(&format!("text: above\n  {child}\ntext: behind"));
            plan.lines[0].kind = kind.clone();
            check_round_trip(&plan);
        }
    }
}
