//! Looking into a data folder from the command line, and the ways in which it cannot be opened.

use std::fs;

use crate::place::Place;

fn with_notes() -> Place {
    let place = Place::new();
    let folder = place.folder(
        "notes",
        &[("one.md", b"# One\n\n- a\n- b\n"), ("two.md", b"# Two\n")],
    );
    let ran = place.run(&["import", folder.to_str().expect("a plain path")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    place
}

#[test]
fn every_document_agrees_with_its_events() {
    let place = with_notes();
    let ran = place.run(&["verify"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("3 documents: all agree with their events"),
        "{ran:?}"
    );
    let verified = place.json(&["verify"]);
    let hash = |index: usize| verified[index]["hash"].as_str().map(str::len);
    assert!(hash(0) > Some(8), "{verified}");
}

#[test]
fn the_log_of_a_document_tells_who_did_what() {
    let place = with_notes();
    let ran = place.run(&["log", "one"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let log = place.json(&["log", "One"]);
    let first = &log[0];
    assert!(
        first["changes"]
            .as_array()
            .is_some_and(|changes| !changes.is_empty()),
        "{log}"
    );
    assert!(first["timeMs"].as_i64() > Some(0), "{log}");
}

#[test]
fn a_document_or_line_that_is_not_there_is_an_error() {
    let place = with_notes();
    let ran = place.run(&["log", "Three"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("no document is called \"Three\""),
        "{ran:?}"
    );
    let ran = place.run(&[
        "log",
        "One",
        "--line",
        "doc_00000000000000000000000000000001",
    ]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("expected a line id, got a document id"),
        "{ran:?}"
    );
}

#[test]
fn the_data_folder_is_named_by_option_before_the_environment() {
    let place = Place::new();
    let other = place.path("other");
    let ran = place.run(&["documents", "--data", other.to_str().expect("a plain path")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(other.exists() && !place.data().exists());
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let place = Place::new();
    fs::write(place.data(), "text").expect("a file");
    let ran = place.run(&["documents"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains(&place.data().display().to_string()),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(place.data()).expect("the file"), "text");
}

#[test]
fn sync_without_a_server_says_how_to_set_one() {
    let place = Place::new();
    let ran = place.run(&["sync", "--once"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("tideline connect URL TOKEN"), "{ran:?}");
}

#[test]
fn a_server_that_is_absent_stays_set_and_says_so() {
    let place = Place::new();
    // The discard port: nobody listens there.
    let ran = place.run(&["connect", "ws://127.0.0.1:9", "token"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("cannot be reached"), "{ran:?}");
    assert!(ran.err.contains("stays on this machine"), "{ran:?}");
    let ran = place.run(&["sync", "--once", "--timeout-s", "1"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let ran = place.run(&["disconnect"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        place
            .run(&["sync", "--once"])
            .err
            .contains("no sync server is set")
    );
}

#[test]
fn an_address_that_is_none_changes_nothing() {
    let place = Place::new();
    let ran = place.run(&["connect", "https://example.org", "token"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("ws:// or wss://"), "{ran:?}");
}
