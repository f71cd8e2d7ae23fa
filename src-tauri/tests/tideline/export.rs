//! Documents out again: the same outline, in the same folders, and nobody's file overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place::{Place, Ran, files};

const NOTES: [(&str, &[u8]); 4] = [
    (
        "plan.md",
        b"# Plan\n\n- [ ] a todo\n  - below it\n- [x] done\n\n## Later\n\n1. one\n2. two\n",
    ),
    (
        "work/plan.md",
        b"---\nstatus: open\n---\n\n# Plan\n\nA paragraph.\n\n> a quote\n",
    ),
    (
        "work/code.md",
        b"# Code\n\n```rust\nfn main() {}\n```\n\n---\n\n| a | table |\n|---|---|\n",
    ),
    ("unicode.md", "# Übung 漢字 🌊\n\n- ein *Satz*\n".as_bytes()),
];

fn export(place: &Place, to: &Path, more: &[&str]) -> Ran {
    let to = to.to_str().expect("a plain path");
    place.run(&[&["export", "--to", to], more].concat())
}

/// A data folder with `folder` in it, exported.
fn imported_and_exported(folder: &Path) -> (Place, PathBuf) {
    let place = Place::new();
    let ran = place.run(&["import", folder.to_str().expect("a plain path")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let out = place.path("out");
    let ran = export(&place, &out, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    (place, out)
}

fn names(folder: &Path) -> Vec<String> {
    files(folder)
        .iter()
        .map(|(name, _)| name.display().to_string())
        .collect()
}

#[test]
fn an_export_imported_again_is_the_same_export() {
    let place = Place::new();
    let (first, exported) = imported_and_exported(&place.folder("notes", &NOTES));
    // The Welcome document of the second folder must not stand beside that of the first.
    fs::remove_file(exported.join("Welcome.md")).expect("it was exported");
    let (second, again) = imported_and_exported(&exported);
    fs::remove_file(again.join("Welcome.md")).expect("it was exported");
    assert_eq!(files(&exported), files(&again));
    assert_eq!(first.documents(), second.documents());
}

#[test]
fn the_folders_of_the_import_are_kept() {
    let place = Place::new();
    let (_place, exported) = imported_and_exported(&place.folder("notes", &NOTES));
    let expected = [
        "Welcome.md",
        "plan.md",
        "unicode.md",
        "work/code.md",
        "work/plan.md",
    ];
    assert_eq!(names(&exported), expected);
}

#[test]
fn a_file_that_is_there_is_kept_and_named() {
    let place = Place::new();
    let (place, out) = imported_and_exported(&place.folder("notes", &NOTES));
    fs::write(out.join("plan.md"), "mine").expect("a file");
    let ran = export(&place, &out, &[]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .contains("plan.md: not written: a file is already there"),
        "{ran:?}"
    );
    assert_eq!(
        fs::read_to_string(out.join("plan.md")).expect("the file"),
        "mine"
    );
    let ran = export(&place, &out, &["--overwrite"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        fs::read_to_string(out.join("plan.md"))
            .expect("the file")
            .contains("# Plan")
    );
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let place = Place::new();
    place.documents();
    let folder = place.folder("around", &[("file", b"text")]);
    let ran = export(&place, &folder.join("file"), &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot be exported to"), "{ran:?}");
    assert!(ran.err.contains("nothing was written"), "{ran:?}");
    assert_eq!(
        fs::read_to_string(folder.join("file")).expect("the file"),
        "text"
    );
}

#[test]
fn counts_are_there_for_programs() {
    let place = Place::new();
    place.documents();
    let out = place.path("out");
    let summary = place.json(&["export", "--to", out.to_str().expect("a plain path")]);
    assert_eq!(summary["documents"][0]["path"], "Welcome.md");
    assert!(
        summary["documents"][0]["lines"].as_u64() > Some(1),
        "{summary}"
    );
}

#[test]
fn nothing_is_exported_from_a_data_folder_that_is_not_there() {
    let place = Place::new();
    let ran = export(&place, &place.path("out"), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no Tideline data folder"), "{ran:?}");
    assert!(!place.data().exists(), "nothing was created");
}
