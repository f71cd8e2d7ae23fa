//! What people really typed: editing traces go through lines, where a newline is a split and deleting
//! one is a join, and end as they ended in the editor in which they were recorded.

use tideline_tests::traces::{concurrent, data_folder, sequential};

#[test]
fn a_paper_typed_by_one_person_comes_out_as_it_was_typed() {
    sequential(&data_folder().join("automerge-paper.json.gz"));
}

#[test]
fn a_source_file_refactored_with_many_cursors_comes_out_as_it_was() {
    sequential(&data_folder().join("sveltecomponent.json.gz"));
}

#[test]
fn two_friends_typing_at_once_get_what_they_got() {
    concurrent(&data_folder().join("friendsforever.json.gz"));
}
