//! Keeps the rooms tidy: the arrows between them, what each must not name, how files open, how long
//! they are, and that types generated from Rust are fresh.
//! Knows the shape of the project, nothing of what the code does.

#![expect(
    clippy::unwrap_used,
    reason = "a manifest that cannot be read fails the test"
)]

mod tidy {
    pub mod arrows;
    pub mod source;
}

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tideline_client::protocol::{Command, Message};
use tidy::arrows::{self, Room};
use tidy::source::{self, Source};
use ts_rs::{Config, TS};

const FILE_LINES_MAX: usize = 600;

/// All arrows there are: who may name whom. What a room may name, it may name directly, so a list
/// holds everything below the room.
const ARROWS: [(&str, &[&str]); 7] = [
    ("tideline-model", &[]),
    ("tideline-wire", &["tideline-model"]),
    ("tideline-store", &["tideline-model", "tideline-wire"]),
    (
        "tideline-client",
        &["tideline-model", "tideline-wire", "tideline-store"],
    ),
    ("tideline-exchange", &["tideline-model"]),
    ("tideline-server", &["tideline-model", "tideline-wire"]),
    (
        "tideline",
        &[
            "tideline-model",
            "tideline-wire",
            "tideline-store",
            "tideline-client",
            "tideline-exchange",
        ],
    ),
];

/// Crates that read the disk, the network or the clock, draw lots, or bring an executor along.
const IO_CRATES: [&str; 16] = [
    "axum",
    "chrono",
    "fs4",
    "futures-util",
    "getrandom",
    "mio",
    "rand",
    "reqwest",
    "rusqlite",
    "socket2",
    "tauri",
    "tempfile",
    "tokio",
    "tokio-tungstenite",
    "tracing-subscriber",
    "walkdir",
];

/// Parts of the standard library that do the same.
const IO_MODULES: [&str; 6] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "Instant::now",
    "SystemTime::now",
];

#[test]
fn rooms_name_only_the_rooms_they_may() {
    let rooms = arrows::rooms();
    for (name, allowed) in ARROWS {
        let room = &rooms[name];
        let wrong: Vec<_> = (room.own.iter())
            .filter(|dependency| !allowed.contains(&dependency.as_str()))
            .collect();
        assert_eq!(wrong, Vec::<&String>::new(), "{name} may name {allowed:?}");
    }
}

#[test]
fn every_room_is_on_the_list() {
    let everything = ["tideline-tests"];
    let unknown: Vec<String> = (arrows::rooms().into_keys())
        .filter(|name| !everything.contains(&name.as_str()))
        .filter(|name| !ARROWS.iter().any(|(listed, _)| listed == name))
        .collect();
    assert_eq!(unknown, Vec::<String>::new(), "add them to ARROWS");
}

#[test]
fn the_pure_rooms_name_nothing_that_does_io() {
    let rooms: BTreeMap<String, Room> = arrows::rooms();
    for name in ["tideline-model", "tideline-wire", "tideline-exchange"] {
        let wrong: Vec<_> = (rooms[name].others.iter())
            .filter(|dependency| IO_CRATES.contains(&dependency.as_str()))
            .collect();
        assert_eq!(wrong, Vec::<&String>::new(), "named by {name}");
    }
}

#[test]
fn the_pure_rooms_use_no_part_of_the_standard_library_that_does_io() {
    complain(source::rust().filter(is_pure), |file| {
        file.lines_with(&IO_MODULES)
    });
}

fn is_pure(file: &Source) -> bool {
    let pure = [
        "shared/model/src/",
        "shared/wire/src/",
        "shared/exchange/src/",
    ];
    // Tests may be asked for more by the environment.
    let is_test = file.path.ends_with("/tests.rs");
    !is_test && pure.iter().any(|folder| file.path.starts_with(folder))
}

#[test]
fn every_file_opens_with_its_duty() {
    complain(source::all(), |file| {
        if file.opens_with_its_duty() {
            Vec::new()
        } else {
            vec!["opens without a comment that says its duty".to_owned()]
        }
    });
}

#[test]
fn no_file_is_longer_than_a_reader_likes() {
    complain(source::all(), |file| {
        let lines = file.text.lines().count();
        if lines <= FILE_LINES_MAX {
            Vec::new()
        } else {
            vec![format!("{lines} lines; {FILE_LINES_MAX} are the limit")]
        }
    });
}

#[test]
fn only_the_bridge_of_the_interface_knows_tauri() {
    let others = source::interface().filter(|file| !file.path.starts_with("ui/src/bridge/"));
    complain(others, |file| file.lines_with(&["@tauri-apps", "__TAURI"]));
}

#[test]
fn what_draws_knows_the_bridge_only_by_its_messages() {
    let drawing = source::interface().filter(|file| {
        ["ui/src/shell/", "ui/src/editor/"]
            .iter()
            .any(|folder| file.path.starts_with(folder))
    });
    complain(drawing, |file| {
        let mut bridges = file.lines_with(&["/bridge/"]);
        bridges.retain(|line| !line.contains("/bridge/generated/"));
        bridges
    });
}

#[test]
fn the_editor_knows_no_panel_and_no_state_of_the_window() {
    let editor = source::interface().filter(|file| file.path.starts_with("ui/src/editor/"));
    complain(editor, |file| {
        file.lines_with(&[
            "from \"../shell/",
            "from \"../state/",
            "from \"../commands/",
        ])
    });
}

#[test]
fn generated_types_are_fresh() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::from_env().with_out_dir(folder.path());
    Command::export_all(&config).unwrap();
    Message::export_all(&config).unwrap();
    let kept = source::root().join("ui/src/bridge/generated");
    assert_eq!(
        source::contents(folder.path()),
        source::contents(&kept),
        "the left is what Rust says; write it with ./dev types"
    );
}

#[test]
fn no_test_waits_a_fixed_time() {
    let waits = [
        "thread::sleep",
        "time::sleep",
        "waitForTimeout",
        "setTimeout",
    ];
    // One polls for a condition, the other is this file.
    let exempt = ["tests/e2e/driver/until.ts", "tests/tests/tidy.rs"];
    let tests = source::tests().filter(|file| !exempt.contains(&file.path.as_str()));
    complain(tests, |file| file.lines_with(&waits));
}

#[test]
fn no_test_is_switched_off() {
    let switches = [
        "#[ignore",
        "it.skip(",
        "it.only(",
        "test.skip(",
        "test.only(",
        "describe.skip(",
        "describe.only(",
    ];
    let tests = source::tests().filter(|file| !file.path.ends_with("tests/tidy.rs"));
    complain(tests, |file| file.lines_with(&switches));
}

/// Fails with everything that `faults` finds in `files`, one a line.
fn complain(files: impl Iterator<Item = Source>, faults: impl Fn(&Source) -> Vec<String>) {
    let mut found = Vec::new();
    for file in files {
        for fault in faults(&file) {
            found.push(format!("{}: {fault}", file.path));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
