//! Search on stored lines: what is found, in which order, and how the index keeps up.

use tideline_store::{Deletion, Vocabulary};

use crate::support::{Desk, NOW_MS, document, line, row, tree};

fn found(desk: &Desk, text: &str) -> Vec<u64> {
    let hits = desk
        .scope()
        .search(&mut Vocabulary::default(), text, None, 100)
        .unwrap();
    hits.iter()
        .map(|hit| hit.line.map_or(0, |line| line.number))
        .collect()
}

fn index_all(desk: &mut Desk) {
    while desk.replica.index_step(2).unwrap() {}
}

/// A desk with these lines, indexed.
fn desk(lines: &[&str]) -> Desk {
    let mut desk = Desk::new();
    let rows: Vec<(u64, u64, &str)> = (1..)
        .zip(lines)
        .map(|(number, text)| (number, 0, *text))
        .collect();
    desk.lay_out(document(1), &rows);
    index_all(&mut desk);
    desk
}

fn check(lines: &[&str], query: &str, expected: &[u64]) {
    let mut found = found(&desk(lines), query);
    found.sort_unstable();
    assert_eq!(found, expected, "{query:?}");
}

#[test]
fn words_prefixes_and_parts_are_found() {
    let lines = ["An outline editor", "Lines and more", "deadline", "nothing"];
    check(&lines, "outline", &[1]);
    check(&lines, "outl", &[1]);
    check(&lines, "line", &[1, 2, 3]);
    check(&lines, "editor an", &[1]);
    check(&lines, "editor lines", &[]);
    check(&lines, "li", &[2]);
    check(&lines, "LINE", &[1, 2, 3]);
}

#[test]
fn chinese_japanese_and_korean_are_found_in_the_middle_of_a_sentence() {
    let lines = [
        "明天的会议记录",
        "東京都の会議に行く",
        "서울대학교에서 만나요",
        "コンピュータを買う",
    ];
    check(&lines, "会议", &[1]);
    check(&lines, "会", &[1, 2]);
    check(&lines, "の会議", &[2]);
    check(&lines, "京都", &[2]);
    check(&lines, "대학", &[3]);
    check(&lines, "학교 만나", &[3]);
    check(&lines, "ピュー", &[4]);
    check(&lines, "ﾋﾟｭｰ", &[4]);
}

#[test]
fn accents_punctuation_and_emoji_do_not_stand_in_the_way() {
    let lines = [
        "Crème brûlée",
        "foo_bar-baz.rs",
        "see a->b",
        "party 🎉 today",
        "C++ and C#",
    ];
    check(&lines, "creme brul", &[1]);
    check(&lines, "bar-ba", &[2]);
    check(&lines, "oo_bar", &[2]);
    check(&lines, "->", &[3]);
    check(&lines, "🎉", &[4]);
    check(&lines, "c++", &[5]);
    check(&lines, "\"crème AND", &[]);
}

#[test]
fn long_words_are_found_by_their_parts() {
    let word: String = (0..120_u8)
        .map(|n| char::from(b'a' + n.wrapping_mul(7) % 26))
        .collect();
    let lines = [word.as_str(), "short"];
    check(&lines, &word, &[1]);
    check(&lines, &word[40..], &[1]);
    check(&lines, &word[60..75], &[1]);
    check(&lines, &word[10..70], &[1]);
}

#[test]
fn a_whole_word_comes_before_a_part_of_one() {
    let desk = desk(&["deadlines everywhere", "one line", "underlined"]);
    assert_eq!(found(&desk, "line").first(), Some(&2));
}

#[test]
fn hits_say_where_the_words_are() {
    let desk = desk(&["日本の outline 👍 line"]);
    let hits = desk
        .scope()
        .search(&mut Vocabulary::default(), "line 本", None, 10)
        .unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].line, Some(line(1)));
    assert_eq!(hits[0].matches, [(1, 2), (7, 11), (14, 18)]);
}

#[test]
fn titles_come_first_and_deleted_documents_not_at_all() {
    let mut desk = desk(&["about boxes"]);
    for (number, title) in [(1, "First"), (2, "Boxes"), (3, "Old boxes")] {
        let mut commit = desk.commit(document(number));
        commit.title = Some(title.into());
        commit.deletion = (number == 3).then_some(Deletion::Deleted);
        desk.replica.commit(&commit).unwrap();
    }
    let hits = desk
        .scope()
        .search(&mut Vocabulary::default(), "box", None, 10)
        .unwrap();
    let shown: Vec<(&str, bool)> = hits
        .iter()
        .map(|hit| (hit.title.as_str(), hit.line.is_some()))
        .collect();
    assert_eq!(shown, [("Boxes", false), ("First", true)]);
    let only = desk
        .scope()
        .search(&mut Vocabulary::default(), "box", Some(document(1)), 10)
        .unwrap();
    assert_eq!(only.len(), 1);
    let limited = desk
        .scope()
        .search(&mut Vocabulary::default(), "box", None, 1)
        .unwrap();
    assert_eq!(limited.len(), 1);
}

#[test]
fn few_lines_of_a_document_are_told_and_of_many_only_that_there_are_many() {
    let mut texts = vec!["much the same"; 5_000];
    texts[4_990] = "a needle, much smaller";
    let desk = desk(&texts);
    let few = |text, number| {
        let mut vocabulary = Vocabulary::default();
        let found = desk
            .scope()
            .few_lines(&mut vocabulary, text, document(number));
        found.unwrap()
    };
    assert_eq!(few("NEEDLE much", 1), Some(vec![line(4_991)]));
    assert_eq!(few("needle same", 1), Some(Vec::new()));
    assert_eq!(few("much", 1), None);
    assert_eq!(few("needle", 2), None, "there is no such document");
    assert_eq!(few("…", 1), None);
}

#[test]
fn a_change_is_found_before_and_after_it_is_indexed() {
    let mut desk = desk(&["alpha", "beta"]);
    let mut commit = desk.commit(document(1));
    commit.rows = vec![row(1, 0, None, "gamma")];
    commit.removed = vec![line(2)];
    // A clock that was set back must not hide the change from the index.
    commit.now_ms = NOW_MS - 1_000_000;
    desk.replica.commit(&commit).unwrap();
    for _ in 0..2 {
        assert_eq!(found(&desk, "alpha"), [0_u64; 0]);
        assert_eq!(found(&desk, "beta"), [0_u64; 0]);
        assert_eq!(found(&desk, "gamma"), [1]);
        index_all(&mut desk);
    }
}

#[test]
fn setting_indexed_at_back_indexes_again() {
    let mut desk = desk(&["alpha", "beta"]);
    assert!(!desk.replica.index_step(10).unwrap());
    let path = desk.path();
    let raw = rusqlite::Connection::open(crate::support::database(&path)).unwrap();
    raw.execute_batch("INSERT INTO line_index (line_index) VALUES ('delete-all')")
        .unwrap();
    drop(raw);
    assert_eq!(found(&desk, "beta"), [0_u64; 0]);
    let local = desk.local();
    desk.replica.reindex(Some(local)).unwrap();
    index_all(&mut desk);
    assert_eq!(found(&desk, "beta"), [2]);
}

#[test]
fn the_lines_of_a_large_commit_are_found_at_once_and_owed_again_when_they_change() {
    let mut desk = Desk::new();
    let texts: Vec<String> = (1..=2_500).map(|number| format!("word{number}")).collect();
    let rows: Vec<(u64, u64, &str)> = (1..).zip(&texts).map(|(n, text)| (n, 0, &**text)).collect();
    desk.lay_out(document(1), &rows);
    assert!(!desk.replica.index_step(10).unwrap(), "nothing is owed");
    while desk.replica.merge_large_step(10).unwrap() {}
    assert!(
        !desk.replica.merge_step(10).unwrap(),
        "nothing is left to merge"
    );
    assert_eq!(found(&desk, "word2499"), [2499]);
    let mut again = tree(&rows);
    again[2498].line.text = "other".to_owned();
    let mut commit = desk.commit(document(1));
    commit.rows = again;
    desk.replica.commit(&commit).unwrap();
    assert_eq!(found(&desk, "other"), [2499]);
    while desk.replica.index_step(100).unwrap() {}
    assert_eq!(found(&desk, "word2499"), Vec::<u64>::new());
    assert_eq!(desk.replica.verify().problems, []);
}

#[test]
fn a_large_commit_whose_rows_do_not_fit_leaves_nothing_in_the_index() {
    let mut desk = Desk::new();
    let rows: Vec<(u64, u64, &str)> = (1..=1_500).map(|number| (number, 0, "lost")).collect();
    let mut lines = tree(&rows);
    lines[1_400].line.parent = line(9_999);
    let mut commit = desk.commit(document(1));
    commit.rows = lines;
    desk.replica.commit(&commit).unwrap();
    let mut again = desk.commit(document(1));
    again.rows = vec![row(1, 0, None, "lost")];
    desk.replica.commit(&again).unwrap();
    while desk.replica.index_step(100).unwrap() {}
    let mut vocabulary = Vocabulary::default();
    let hits = desk.scope().search(&mut vocabulary, "lost", None, 9);
    assert_eq!(hits.unwrap().len(), 1);
}
