//! Line rows: their order through every kind of change, and that they never hold up events.

use tideline_model::{Kind, LineId, TodoState, Value};
use tideline_store::{LineRow, ShownLine, Vocabulary};

use crate::support::{Desk, NOW_MS, document, line, row, tree, view};

/// Commits `rows` and removals to a desk that shows `before`, and looks at the outline.
fn check(before: &[(u64, u64, &str)], rows: Vec<LineRow>, removed: &[u64], expected: &str) {
    let mut desk = Desk::new();
    desk.lay_out(document(1), before);
    let mut commit = desk.commit(document(1));
    commit.rows = rows;
    commit.removed = removed.iter().map(|&number| line(number)).collect();
    desk.replica.commit(&commit).unwrap();
    assert_eq!(desk.outline(document(1)), expected);
    let scope = desk.scope();
    let shown = expected
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .count();
    assert_eq!(scope.line_count(document(1)).unwrap(), shown as u64);
    assert_eq!(
        scope.document(document(1)).unwrap().unwrap().lines_stale_ms,
        None
    );
}

const THREE: &[(u64, u64, &str)] = &[(1, 0, "a"), (2, 0, "b"), (3, 0, "c")];
const NESTED: &[(u64, u64, &str)] = &[(1, 0, "a"), (2, 1, "b"), (3, 1, "c"), (4, 0, "d")];

#[test]
fn a_tree_comes_back_in_display_order() {
    check(&[], tree(NESTED), &[], "1(2 3) 4");
}

#[test]
fn a_line_goes_first_between_and_last() {
    check(THREE, vec![row(9, 0, None, "x")], &[], "9 1 2 3");
    check(THREE, vec![row(9, 0, Some(1), "x")], &[], "1 9 2 3");
    check(THREE, vec![row(9, 0, Some(3), "x")], &[], "1 2 3 9");
}

#[test]
fn lines_move_among_siblings_and_between_parents() {
    check(THREE, vec![row(3, 0, None, "c")], &[], "3 1 2");
    check(THREE, vec![row(1, 0, Some(3), "a")], &[], "2 3 1");
    check(NESTED, vec![row(4, 1, Some(2), "d")], &[], "1(2 4 3)");
    check(NESTED, vec![row(2, 0, Some(1), "b")], &[], "1(3) 2 4");
    let turned = vec![
        row(3, 0, None, "c"),
        row(2, 0, Some(3), "b"),
        row(1, 0, Some(2), "a"),
    ];
    check(THREE, turned, &[], "3 2 1");
}

#[test]
fn lines_go_and_come_back() {
    check(NESTED, vec![], &[2], "1(3) 4");
    check(NESTED, vec![row(9, 0, None, "x")], &[1, 2, 3], "9 4");
    let mut desk = Desk::new();
    desk.lay_out(document(1), NESTED);
    let mut commit = desk.commit(document(1));
    commit.removed = vec![line(2), line(77)];
    desk.replica.commit(&commit).unwrap();
    let mut commit = desk.commit(document(1));
    commit.rows = vec![row(2, 1, Some(3), "b")];
    desk.replica.commit(&commit).unwrap();
    assert_eq!(desk.outline(document(1)), "1(3 2) 4");
    assert_eq!(desk.scope().line_count(document(1)).unwrap(), 4);
}

#[test]
fn everything_a_line_says_comes_back() {
    let mut desk = Desk::new();
    let mut said = view(1, 0, "zwölf Boxkämpfer 🥊\u{0}\n");
    said.kind = Kind::Todo(TodoState::Started);
    said.tags = vec!["home".into(), "日本".into()];
    said.properties = vec![(
        "due".into(),
        vec![Value::Text("x".into()), Value::Integer(-1)],
    )];
    said.created_ms = -5;
    let mut commit = desk.commit(document(1));
    commit.rows = vec![LineRow {
        after: None,
        line: said.clone(),
    }];
    desk.replica.commit(&commit).unwrap();
    let desk = desk.reopen();
    let lines = desk
        .scope()
        .lines(document(1), LineId::ROOT, None, 10)
        .unwrap();
    assert_eq!(lines[0].line, said);
}

#[test]
fn children_are_read_in_pages() {
    let mut desk = Desk::new();
    let numbers: Vec<(u64, u64, &str)> = (1..=10).map(|number| (number, 0, "x")).collect();
    desk.lay_out(document(1), &numbers);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = desk
            .scope()
            .lines(document(1), LineId::ROOT, after, 3)
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.ord);
        seen.extend(page.iter().map(|found| found.line.id.number));
    }
    assert_eq!(seen, (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_screen_is_read_by_walking_the_tree() {
    let mut desk = Desk::new();
    let rows = [
        (1, 0, "a"),
        (2, 1, "b"),
        (3, 2, "c"),
        (4, 1, "d"),
        (5, 0, "e"),
        (6, 5, "f"),
    ];
    desk.lay_out(document(1), &rows);
    let shown = |root, folded: &[u64], limit| -> Vec<String> {
        let is_folded = |id: LineId| folded.contains(&id.number);
        let screen = desk
            .scope()
            .first_screen(document(1), line(root), is_folded, limit);
        told(&screen.unwrap())
    };
    assert_eq!(shown(0, &[], 9), ["0a+", "1b+", "2c", "1d", "0e+", "1f"]);
    assert_eq!(shown(0, &[], 3), ["0a+", "1b+", "2c"]);
    assert_eq!(shown(0, &[1], 9), ["0a+", "0e+", "1f"]);
    assert_eq!(shown(0, &[], 5).last().map(String::as_str), Some("0e+"));
    assert_eq!(shown(1, &[2], 9), ["0b+", "0d"]);
    assert_eq!(shown(77, &[], 9), Vec::<String>::new());
    let count = |parent| desk.scope().child_count(document(1), line(parent)).unwrap();
    assert_eq!((count(0), count(1), count(6)), (2, 2, 0));
    let named = desk
        .scope()
        .lines_named(document(1), &[line(6), line(77), line(2)]);
    let texts: Vec<String> = named.unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(texts, ["f", "b"]);
}

/// Depth, text, and whether there is something below.
fn told(screen: &[ShownLine]) -> Vec<String> {
    let lines = screen.iter();
    lines
        .map(|shown| {
            let below = if shown.has_children { "+" } else { "" };
            format!("{}{}{below}", shown.depth, shown.line.text)
        })
        .collect()
}

#[test]
fn a_screen_begins_a_little_above_the_line_that_is_wanted() {
    let mut desk = Desk::new();
    let mut rows = vec![(1, 0, "a"), (2, 1, "b"), (3, 2, "c"), (4, 1, "d")];
    rows.extend((5..40).map(|number| (number, 4, "x")));
    rows.extend([(40, 0, "e"), (41, 40, "f")]);
    desk.lay_out(document(1), &rows);
    let near = |root, number, folded: &[u64], limit| -> Vec<String> {
        let is_folded = |id: LineId| folded.contains(&id.number);
        let (root, wanted) = (line(root), line(number));
        let screen = desk
            .scope()
            .screen_near(document(1), root, wanted, is_folded, limit);
        told(&screen.unwrap())
    };
    assert_eq!(near(0, 3, &[], 4), ["1b+", "2c", "1d+", "2x"]);
    assert_eq!(near(0, 5, &[], 3), ["2x", "2x", "2x"], "the line itself");
    assert_eq!(near(0, 38, &[], 99).len(), 14, "ten siblings above it");
    assert_eq!(near(0, 41, &[], 9), ["0e+", "1f"]);
    assert_eq!(near(1, 4, &[4], 9), ["0b+", "1c", "0d+"]);
    assert_eq!(near(0, 3, &[2], 9), Vec::<String>::new(), "folded away");
    assert_eq!(near(40, 3, &[], 9), Vec::<String>::new(), "elsewhere");
    assert_eq!(near(0, 77, &[], 9), Vec::<String>::new());
    let above = desk.scope().lines_above(document(1), line(3)).unwrap();
    let above: Vec<&str> = above.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(above, ["a", "b", "c"]);
    let run = |number, kind: &Kind| desk.scope().run_before(document(1), line(number), kind);
    assert_eq!(run(9, &Kind::Text).unwrap(), 4);
    assert_eq!(run(9, &Kind::Numbered).unwrap(), 0);
}

#[test]
fn a_thousand_lines_at_one_place_find_room() {
    for behind_the_last in [true, false] {
        let mut desk = Desk::new();
        desk.lay_out(document(1), THREE);
        let mut expected = vec![1];
        let mut anchor = 1;
        for number in 10..1010 {
            let mut commit = desk.commit(document(1));
            commit.rows = vec![row(number, 0, Some(anchor), "x")];
            desk.replica.commit(&commit).unwrap();
            if behind_the_last {
                anchor = number;
                expected.push(number);
            } else {
                expected.insert(1, number);
            }
        }
        expected.extend([2, 3]);
        let expected: Vec<String> = expected.iter().map(u64::to_string).collect();
        assert_eq!(desk.outline(document(1)), expected.join(" "));
    }
}

#[test]
fn a_long_run_is_pasted_into_a_narrow_place() {
    let mut desk = Desk::new();
    desk.lay_out(document(1), THREE);
    for round in 0..3 {
        let first = 1000 * (round + 1);
        let mut commit = desk.commit(document(1));
        commit.rows = (0..900)
            .map(|at| {
                row(
                    first + at,
                    0,
                    Some(if at == 0 { 1 } else { first + at - 1 }),
                    "x",
                )
            })
            .collect();
        desk.replica.commit(&commit).unwrap();
    }
    let order = desk.outline(document(1));
    let order: Vec<u64> = order
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    let expected: Vec<u64> = [1]
        .into_iter()
        .chain(3000..3900)
        .chain(2000..2900)
        .chain(1000..1900)
        .chain([2, 3])
        .collect();
    assert_eq!(order, expected);
}

#[test]
fn rows_that_do_not_fit_are_noted_and_do_not_hold_up_events() {
    for misfit in [
        row(9, 8, None, "x"),
        row(9, 0, Some(8), "x"),
        row(9, 0, Some(2), "x"),
    ] {
        let mut desk = Desk::new();
        desk.lay_out(document(1), NESTED);
        let ours = desk.replica.replica_id();
        let mut commit = desk.commit(document(1));
        let batch = crate::support::batch(desk.local(), document(1), ours, 1, &["kept"]);
        commit.batches = vec![(tideline_store::Origin::Local, batch)];
        commit.rows = vec![row(5, 0, None, "first"), misfit];
        desk.replica.commit(&commit).unwrap();
        assert_eq!(desk.texts(document(1)), ["kept"]);
        assert_eq!(desk.outline(document(1)), "1(2 3) 4");
        let stored = desk.scope().document(document(1)).unwrap().unwrap();
        assert!(stored.lines_stale_ms.is_some());

        let local = desk.local();
        desk.replica
            .rebuild(local, document(1), &tree(THREE), NOW_MS)
            .unwrap();
        assert_eq!(desk.outline(document(1)), "1 2 3");
        let stored = desk.scope().document(document(1)).unwrap().unwrap();
        assert_eq!((stored.lines_stale_ms, stored.line_count), (None, 3));
    }
}

#[test]
fn a_rebuild_replaces_rows_and_what_search_knows() {
    let mut desk = Desk::new();
    desk.lay_out(document(1), &[(1, 0, "old words"), (2, 1, "more")]);
    desk.replica.index_step(100).unwrap();
    let local = desk.local();
    desk.replica
        .rebuild(
            local,
            document(1),
            &tree(&[(2, 0, "new words"), (3, 2, "less")]),
            NOW_MS,
        )
        .unwrap();
    assert_eq!(desk.outline(document(1)), "2(3)");
    desk.replica.index_step(100).unwrap();
    assert_eq!(
        desk.scope()
            .search(&mut Vocabulary::default(), "old", None, 9)
            .unwrap(),
        []
    );
    assert_eq!(
        desk.scope()
            .search(&mut Vocabulary::default(), "new", None, 9)
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_rebuild_with_rows_that_make_no_tree_changes_nothing() {
    let mut desk = Desk::new();
    desk.lay_out(document(1), THREE);
    let local = desk.local();
    let twice = [row(1, 0, None, "a"), row(1, 0, Some(1), "a")];
    let orphan = [row(1, 5, None, "a")];
    desk.replica
        .rebuild(local, document(1), &twice, NOW_MS)
        .unwrap_err();
    desk.replica
        .rebuild(local, document(1), &orphan, NOW_MS)
        .unwrap_err();
    assert_eq!(desk.outline(document(1)), "1 2 3");
}
