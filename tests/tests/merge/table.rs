//! "What two people get", case by case, from the oracle and from the engine.

use crate::scene::Scene;

/// Two people start from `before`, which both have, and then do `one` and `other` at the same time.
/// `expected` is what they get, and `swapped` what they get when the other one's replica is older.
fn check_either_way(before: &str, one: &str, other: &str, expected: &str, swapped: &str) {
    for (first, second, expected) in [(one, other, expected), (other, one, swapped)] {
        let mut scene = Scene::new(2);
        scene.steps(0, before);
        scene.sync();
        scene.steps(0, first);
        scene.steps(1, second);
        let case = format!("{before} | {first} || {second}");
        assert_eq!(scene.expected().notation(), expected, "the oracle: {case}");
        scene.sync();
        for peer in &scene.peers {
            assert_eq!(peer.shown.notation(), expected, "the engine: {case}");
        }
    }
}

fn check(one: &str, other: &str, expected: &str) {
    check_either_way("", one, other, expected, expected);
}

#[test]
fn typing_stays_in_the_half_of_a_split_line_where_it_was() {
    check(
        "split A 2 N",
        "type A 1 X",
        "pp | aXa[a1] | aa | bbbb[b1 b2] | cc",
    );
    check(
        "split A 2 N",
        "type A 2 X",
        "pp | aaX[a1] | aa | bbbb[b1 b2] | cc",
    );
    check(
        "split A 2 N",
        "type A 3 X",
        "pp | aa[a1] | aXa | bbbb[b1 b2] | cc",
    );
}

#[test]
fn splits_of_one_line_come_out_in_the_order_of_the_text() {
    check(
        "split A 2 N",
        "split A 2 M",
        "pp | aa[a1] | _ | aa | bbbb[b1 b2] | cc",
    );
    check(
        "split A 1 N",
        "split A 3 M",
        "pp | a[a1] | aa | a | bbbb[b1 b2] | cc",
    );
}

#[test]
fn a_split_outlives_the_deletion_of_the_line() {
    check("split A 2 N", "delete A", "pp | aa | aa | bbbb[b1 b2] | cc");
}

#[test]
fn a_split_and_a_join_of_the_same_line_both_happen() {
    check(
        "split A 2 N",
        "join B A",
        "pp | aa[a1] | aabbbb[b1 b2] | cc",
    );
    check(
        "split A 2 N",
        "join A P",
        "ppaa[a1] | aa | bbbb[b1 b2] | cc",
    );
    check("join B A", "split B 2 N", "pp | aaaabb[a1 b1 b2] | bb | cc");
}

#[test]
fn typing_follows_its_line_into_a_join() {
    check("join B A", "type B 2 X", "pp | aaaabbXbb[a1 b1 b2] | cc");
}

#[test]
fn the_later_of_a_join_and_a_move_wins() {
    check_either_way(
        "",
        "join B A",
        "move B under C",
        "pp | aaaa[a1] | cc[bbbb[b1 b2]]",
        "pp | aaaabbbb[a1 b1 b2] | cc",
    );
}

#[test]
fn a_join_outlives_the_deletion_of_either_line() {
    check("join B A", "delete B", "pp | aaaabbbb[a1 b1 b2] | cc");
    check("join B A", "delete A", "pp | aaaabbbb[b1 b2] | cc");
}

#[test]
fn two_joins_both_happen() {
    check_either_way(
        "",
        "join B A",
        "join C A",
        "pp | aaaabbbbcc[a1 b1 b2]",
        "pp | aaaaccbbbb[a1 b1 b2]",
    );
    check("join B A", "join C B", "pp | aaaabbbbcc[a1 b1 b2]");
    check_either_way(
        "",
        "join B A",
        "join A B",
        "pp | aaaabbbb[a1 b1 b2] | cc",
        "pp | bbbbaaaa[b1 b2 a1] | cc",
    );
}

#[test]
fn a_joined_line_can_be_split_in_each_of_its_parts() {
    let expected = "pp | aa[a1 b1 b2] | aabb | bb | cc";
    check_either_way("join B A", "split A 2 N", "split A 6 M", expected, expected);
}

#[test]
fn a_line_joined_to_a_joined_one_goes_with_the_end_of_it() {
    let expected = "pp | aaaabb[a1 b1 b2] | bbcc";
    check_either_way("join B A", "join C A", "split A 6 N", expected, expected);
}

#[test]
fn typing_in_one_part_keeps_a_deleted_joined_line() {
    let expected = "pp | aaaabbXbb | cc";
    check_either_way("join B A", "delete A", "type A 6 X", expected, expected);
}

#[test]
fn a_split_off_line_does_not_go_with_the_head() {
    let expected = "pp | aXa | bbbb[b1 b2] | cc";
    check_either_way("split A 2 N", "delete A", "type N 1 X", expected, expected);
}

#[test]
fn a_deletion_spares_what_its_author_had_not_seen() {
    check("delete B", "type B 2 X", "pp | aaaa[a1] | bbXbb | cc");
    check("delete B", "type B1 1 X", "pp | aaaa[a1] | bbbb[bX1] | cc");
    check(
        "delete B",
        "move B under C",
        "pp | aaaa[a1] | cc[bbbb[b1 b2]]",
    );
    check("delete B", "move B1 under C", "pp | aaaa[a1] | cc[b1]");
    check("delete B", "move C under B", "pp | aaaa[a1] | bbbb[cc]");
}

#[test]
fn what_everybody_saw_deleted_is_gone() {
    check("delete B", "erase B 1 2", "pp | aaaa[a1] | cc");
    check(
        "type B 2 X; delete B",
        "type B 2 Y; delete B",
        "pp | aaaa[a1] | cc",
    );
}

#[test]
fn of_two_moves_that_make_a_cycle_the_later_is_skipped() {
    check_either_way(
        "",
        "move A under B",
        "move B under A",
        "pp | bbbb[b1 b2 aaaa[a1]] | cc",
        "pp | aaaa[a1 bbbb[b1 b2]] | cc",
    );
}

#[test]
fn pasted_lines_stay_together() {
    check_either_way(
        "",
        "paste K L after A",
        "paste M N after A",
        "pp | aaaa[a1] | k | l | m | n | bbbb[b1 b2] | cc",
        "pp | aaaa[a1] | m | n | k | l | bbbb[b1 b2] | cc",
    );
}

#[test]
fn undo_reverses_a_gesture_also_when_others_typed_meanwhile() {
    let gestures = [
        "split A 2 N",
        "join A P",
        "delete A",
        "move A under C",
        "range P 1 A 4",
    ];
    for gesture in gestures {
        let mut scene = Scene::new(2);
        scene.steps(0, gesture);
        scene.steps(1, "type A 1 X; type A 4 Y");
        scene.sync();
        scene.steps(0, "undo");
        scene.sync();
        let expected = "pp | aXaaYa[a1] | bbbb[b1 b2] | cc";
        assert_eq!(
            scene.expected().notation(),
            expected,
            "the oracle: {gesture}"
        );
        assert_eq!(
            scene.peers[1].shown.notation(),
            expected,
            "the engine: {gesture}"
        );
    }
}

#[test]
fn undo_of_an_undo_is_the_gesture_again() {
    let mut scene = Scene::new(1);
    scene.steps(0, "split A 2 N; undo; undo");
    assert_eq!(
        scene.peers[0].shown.notation(),
        "pp | aa[a1] | aa | bbbb[b1 b2] | cc"
    );
}

#[test]
fn a_restored_line_comes_back_with_what_was_below_it() {
    let mut scene = Scene::new(2);
    scene.steps(0, "delete B");
    scene.sync();
    scene.steps(1, "restore B");
    scene.sync();
    assert_eq!(
        scene.peers[0].shown.notation(),
        "pp | aaaa[a1] | bbbb[b1 b2] | cc"
    );
}

#[test]
fn lines_put_in_front_of_each_other_behind_a_split_stay_together() {
    check_either_way(
        "split A 2 N",
        "paste K L after N; paste U V after N",
        "paste Q R after N; paste Y Z after N",
        "pp | aa[a1] | aa | u | v | k | l | y | z | q | r | bbbb[b1 b2] | cc",
        "pp | aa[a1] | aa | y | z | q | r | u | v | k | l | bbbb[b1 b2] | cc",
    );
}

#[test]
fn a_restored_line_comes_back_with_a_line_below_it_that_was_deleted_by_name() {
    let mut scene = Scene::new(2);
    scene.steps(0, "join B A1");
    scene.steps(1, "move A1 under B2");
    scene.sync();
    let whole = "pp | aaaa[a1bbbb[b1 b2]] | cc";
    assert_eq!(scene.peers[0].shown.notation(), whole);
    scene.steps(0, "delete A");
    scene.sync();
    assert_eq!(scene.peers[1].shown.notation(), "pp | cc");
    scene.steps(1, "restore A");
    scene.sync();
    assert_eq!(scene.peers[0].shown.notation(), whole);
}
