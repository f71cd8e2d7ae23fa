//! Folders and files into documents: what is read, and what every kind of bad input is told.

use std::os::unix::fs::symlink;

use crate::place::{Place, Ran};

const LINE_LENGTH_BYTES: usize = 10 * 1024 * 1024;
const NESTING: usize = 200;

fn import(place: &Place, name: &str) -> Ran {
    let path = place.path(name);
    place.run(&["import", path.to_str().expect("a plain path")])
}

/// Imports a folder with one good file and `bad` ones: the good one must arrive, and the message
/// about the bad ones must hold `words`.
fn check_bad(bad: &[(&str, &[u8])], words: &[&str]) {
    let place = Place::new();
    place.folder("notes", bad);
    place.folder("notes", &[("good.md", b"# Good\n\nlines\n")]);
    let ran = import(&place, "notes");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("imported: 1 document"), "{ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "{word} in {ran:?}");
    }
    assert!(place.documents().contains(&"Good".to_owned()));
}

#[test]
fn a_folder_becomes_documents_and_keeps_its_structure() {
    let place = Place::new();
    place.folder(
        "notes",
        &[
            ("one.md", b"# One\n"),
            ("deep/two.markdown", b"# Two\n\n- a\n  - b\n"),
            ("deep/er/three.txt", b"just text\n"),
            (".git/config.md", b"hidden\n"),
            ("image.png", b"\x89PNG"),
        ],
    );
    let ran = import(&place, "notes");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("imported: 3 documents"), "{ran:?}");
    assert!(ran.out.contains("1 × .png"), "{ran:?}");
    assert_eq!(ran.err, "");
    assert_eq!(
        place.documents(),
        ["One", "Welcome", "deep/Two", "deep/er/three"]
    );
}

#[test]
fn a_single_file_is_imported() {
    let place = Place::new();
    place.folder("notes", &[("one.md", b"# One\n"), ("two.md", b"# Two\n")]);
    let ran = import(&place, "notes/one.md");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(place.documents(), ["One", "Welcome"]);
}

#[test]
fn counts_are_there_for_programs() {
    let place = Place::new();
    let folder = place.folder("notes", &[("one.md", b"# One\n\n- a\n- b\n")]);
    let summary = place.json(&["import", folder.to_str().expect("a plain path")]);
    let document = &summary["documents"][0];
    assert_eq!(document["title"], "One");
    assert!(document["lines"].as_u64() >= Some(2), "{summary}");
    assert!(
        document["document"]
            .as_str()
            .is_some_and(|id| id.starts_with("doc_")),
        "{summary}"
    );
    assert_eq!(summary["problems"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_path_that_is_missing_is_named_and_nothing_is_made() {
    let place = Place::new();
    let ran = import(&place, "missing");
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("missing: there is no such file or folder"),
        "{ran:?}"
    );
    assert!(!place.data().exists());
}

#[test]
fn a_binary_file_is_named_and_the_others_are_imported() {
    check_bad(
        &[("bad.md", b"\x7fELF\x00\x01\x02")],
        &["notes/bad.md", "not a text file"],
    );
}

#[test]
fn invalid_utf_8_is_named_with_its_place() {
    check_bad(
        &[("bad.md", b"fine\n\xff\xfe oh\n")],
        &["notes/bad.md", "byte 5"],
    );
}

#[test]
fn a_link_to_nowhere_is_named() {
    let place = Place::new();
    let folder = place.folder("notes", &[("good.md", b"# Good\n")]);
    symlink(folder.join("nowhere"), folder.join("lost.md")).expect("a link");
    symlink(&folder, folder.join("around")).expect("a link");
    symlink(folder.join("self.md"), folder.join("self.md")).expect("a link");
    let ran = import(&place, "notes");
    assert_eq!(ran.code, 1);
    for word in ["lost.md", "around: this link leads back", "self.md"] {
        assert!(ran.err.contains(word), "{word} in {ran:?}");
    }
    assert_eq!(place.documents(), ["Good", "Welcome"]);
}

#[test]
fn a_line_of_ten_megabytes_is_one_line() {
    let place = Place::new();
    let mut text = "x".repeat(LINE_LENGTH_BYTES);
    text.push('\n');
    place.folder("notes", &[("long.md", text.as_bytes())]);
    let ran = import(&place, "notes");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 document, 1 line"), "{ran:?}");
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn two_hundred_levels_are_imported() {
    let place = Place::new();
    let line = |depth: usize| format!("{}- level {depth}\n", "  ".repeat(depth));
    let text: String = (0..NESTING).map(line).collect();
    place.folder("notes", &[("deep.md", text.as_bytes())]);
    let ran = import(&place, "notes");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 document, 200 lines"), "{ran:?}");
}

#[test]
fn empty_files_and_windows_files_are_documents() {
    let place = Place::new();
    let windows: &[u8] = b"\xef\xbb\xbf# Windows\r\n\r\n- a\r\n";
    place.folder("notes", &[("empty.md", b""), ("windows.md", windows)]);
    let ran = import(&place, "notes");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(place.documents(), ["Welcome", "Windows", "empty"]);
}
