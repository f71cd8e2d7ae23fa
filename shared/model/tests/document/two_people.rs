//! What two people get, case by case, as the merge rules promise.

use crate::people::check;

#[test]
fn typing_beside_a_split_lands_in_the_half_it_was_typed_in() {
    check(
        "; split A 2 N; type A 1 X",
        "pp | aXa[a1] | aa | bbbb[b1 b2] | cc",
    );
    check(
        "; split A 2 N; type A 2 X",
        "pp | aaX[a1] | aa | bbbb[b1 b2] | cc",
    );
    check(
        "; split A 2 N; type A 3 X",
        "pp | aa[a1] | aXa | bbbb[b1 b2] | cc",
    );
}

#[test]
fn two_splits_at_one_place_leave_an_empty_line_between() {
    check(
        "; split A 2 N; split A 2 M",
        "pp | aa[a1] | _ | aa | bbbb[b1 b2] | cc",
    );
}

#[test]
fn two_splits_at_two_places_come_in_the_order_of_the_text() {
    check(
        "; split A 1 N; split A 3 M",
        "pp | a[a1] | aa | a | bbbb[b1 b2] | cc",
    );
}

#[test]
fn a_split_outlives_the_deletion_of_its_line() {
    check("; split A 2 N; delete A", "pp | aa | aa | bbbb[b1 b2] | cc");
}

#[test]
fn a_line_joined_to_a_split_one_hangs_behind_the_second_half() {
    check(
        "; split A 2 N; join B A",
        "pp | aa[a1] | aabbbb[b1 b2] | cc",
    );
}

#[test]
fn the_tail_of_a_split_stays_a_line_when_its_head_is_joined_away() {
    check(
        "; split A 2 N; join A P",
        "ppaa[a1] | aa | bbbb[b1 b2] | cc",
    );
}

#[test]
fn typing_in_a_line_that_is_joined_shows_in_the_joined_line() {
    check("; join B A; type B 2 X", "pp | aaaabbXbb[a1 b1 b2] | cc");
}

#[test]
fn a_split_of_a_joined_line_leaves_its_tail_where_it_stood() {
    check("; join B A; split B 2 N", "pp | aaaabb[a1 b1 b2] | bb | cc");
}

#[test]
fn of_a_join_and_a_move_the_later_wins() {
    check(
        "; join B A; move under C B",
        "pp | aaaa[a1] | cc[bbbb[b1 b2]] ⇄ pp | aaaabbbb[a1 b1 b2] | cc",
    );
}

#[test]
fn a_join_outlives_deletions_of_either_line() {
    check("; join B A; delete B", "pp | aaaabbbb[a1 b1 b2] | cc");
    check("; join B A; delete A", "pp | aaaabbbb[b1 b2] | cc");
}

#[test]
fn two_joins_to_one_line_both_show() {
    check(
        "; join B A; join C A",
        "pp | aaaabbbbcc[a1 b1 b2] ⇄ pp | aaaaccbbbb[a1 b1 b2]",
    );
    check("; join B A; join C B", "pp | aaaabbbbcc[a1 b1 b2]");
}

#[test]
fn of_two_joins_into_each_other_the_later_is_skipped() {
    check(
        "; join B A; join A B",
        "pp | aaaabbbb[a1 b1 b2] | cc ⇄ pp | bbbbaaaa[b1 b2 a1] | cc",
    );
}

#[test]
fn splits_of_two_parts_of_a_joined_line_come_in_the_order_of_the_text() {
    check(
        "join B A; split A 2 N; split A 6 M",
        "pp | aa[a1 b1 b2] | aabb | bb | cc",
    );
}

#[test]
fn typing_in_any_part_keeps_a_joined_line() {
    check("join B A; delete A; type A 6 X", "pp | aaaabbXbb | cc");
}

#[test]
fn typing_in_the_tail_outlives_the_deletion_of_the_head() {
    check(
        "split A 2 N; delete A; type N 1 X",
        "pp | aXa | bbbb[b1 b2] | cc",
    );
}

#[test]
fn a_deletion_spares_a_line_that_somebody_typed_in() {
    check("; delete B; type B 2 X", "pp | aaaa[a1] | bbXbb | cc");
    check("; delete B; type b1 1 X", "pp | aaaa[a1] | bbbb[bX1] | cc");
}

#[test]
fn a_deletion_does_not_spare_what_somebody_only_took_away() {
    check("; delete B; cut B 1 2", "pp | aaaa[a1] | cc");
}

#[test]
fn what_both_had_deleted_is_gone_whatever_they_typed_before() {
    check(
        "; type B 1 X, delete B; type B 2 Y, delete B",
        "pp | aaaa[a1] | cc",
    );
}

#[test]
fn a_move_outlives_a_deletion() {
    check(
        "; delete B; move under C B",
        "pp | aaaa[a1] | cc[bbbb[b1 b2]]",
    );
    check("; delete B; move under C b1", "pp | aaaa[a1] | cc[b1]");
    check("; delete B; move under B C", "pp | aaaa[a1] | bbbb[cc]");
}

#[test]
fn of_two_moves_into_each_other_the_later_is_skipped() {
    check(
        "; move under B A; move under A B",
        "pp | bbbb[b1 b2 aaaa[a1]] | cc ⇄ pp | aaaa[a1 bbbb[b1 b2]] | cc",
    );
}

#[test]
fn pasted_lines_stay_together() {
    check(
        "; paste behind P x1 x2; paste behind P y1 y2",
        "pp | x1 | x2 | y1 | y2 | aaaa[a1] | bbbb[b1 b2] | cc ⇄ \
         pp | y1 | y2 | x1 | x2 | aaaa[a1] | bbbb[b1 b2] | cc",
    );
}
