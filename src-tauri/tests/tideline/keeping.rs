//! Copying, repairing and rescuing a data folder from the command line.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::place::{Place, files};
use crate::serve::Server;

const PAGE_BYTES: usize = 4096;

fn with_notes() -> Place {
    let place = Place::new();
    let lines: Vec<String> = (0..400)
        .map(|number| format!("- line {number} 日本語"))
        .collect();
    let text = lines.join("\n");
    let notes = [
        ("long.md", text.as_bytes()),
        ("one.md", b"# One\n\n- a\n  - b\n".as_slice()),
    ];
    let folder = place.folder("notes", &notes);
    let ran = place.run(&["import", plain(&folder)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    place
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// What a data folder holds, as files of Markdown.
fn exported(place: &Place, data: &Path, name: &str) -> Vec<(std::path::PathBuf, String)> {
    let to = place.path(name);
    let ran = place.run(&["export", "--to", plain(&to), "--data", plain(data)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    files(&to)
}

fn overwrite_page(file: &Path, page: usize) {
    let mut file = OpenOptions::new()
        .write(true)
        .open(file)
        .expect("the database");
    file.seek(SeekFrom::Start((page * PAGE_BYTES) as u64))
        .expect("a page");
    file.write_all(&[0xa5; PAGE_BYTES]).expect("the page");
}

#[test]
fn a_backup_made_while_tideline_runs_opens_with_everything_in_it() {
    let place = with_notes();
    let before = exported(&place, &place.data(), "before");
    let server = Server::start(place);
    let place = &server.place;
    let copy = place.path("copy");
    let ran = place.run(&["backup", "--to", plain(&copy)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("It opens with --data"), "{ran:?}");
    assert_eq!(exported(place, &copy, "after"), before);
    let again = place.run(&["backup", "--to", plain(&copy)]);
    assert_eq!(again.code, 1, "{again:?}");
}

#[test]
fn a_sound_folder_is_not_repaired() {
    let place = with_notes();
    let repaired = place.json(&["repair"]);
    assert_eq!(repaired["remedy"], "none", "{repaired}");
}

#[test]
fn after_a_repair_of_any_damaged_page_the_folder_opens_and_agrees_with_itself() {
    let place = with_notes();
    let sound = fs::read(place.data().join("replica.sqlite")).expect("the database");
    let pages = sound.len() / PAGE_BYTES;
    let mut remedies = Vec::new();
    for page in (1..pages).step_by(pages / 6) {
        let place = Place::new();
        fs::create_dir_all(place.data()).expect("a folder");
        let file = place.data().join("replica.sqlite");
        fs::write(&file, &sound).expect("the database");
        overwrite_page(&file, page);
        let repaired = place.json(&["repair"]);
        let verified = place.run(&["verify"]);
        assert_eq!(verified.code, 0, "page {page}: {repaired} {verified:?}");
        remedies.push(repaired["remedy"].clone());
    }
    assert!(remedies.contains(&"anew".into()), "{remedies:?}");
}

#[test]
fn a_folder_without_a_readable_first_page_is_left_as_it_is_with_what_to_do() {
    let place = with_notes();
    let file = place.data().join("replica.sqlite");
    overwrite_page(&file, 0);
    let damaged = fs::read(&file).expect("the database");
    let ran = place.run(&["repair"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in ["Nothing has been changed", "backup", "sync server"] {
        assert!(ran.err.contains(part), "{ran:?}");
    }
    assert_eq!(fs::read(&file).expect("the database"), damaged);
}

#[test]
fn what_is_salvaged_from_one_folder_is_taken_in_by_another() {
    let place = with_notes();
    let before = exported(&place, &place.data(), "before");
    let file = place.path("salvaged.txt");
    let ran = place.run(&["salvage", "--all", "--to", plain(&file)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let again = place.run(&["salvage", "--all", "--to", plain(&file)]);
    assert_eq!(
        again.code, 1,
        "a file that is there is left alone: {again:?}"
    );

    let other = place.path("other");
    let ran = place.run(&["recover", plain(&file), "--data", plain(&other)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let twice = place.run(&["recover", plain(&file), "--data", plain(&other)]);
    assert_eq!(twice.code, 0, "{twice:?}");
    let rescued = exported(&place, &other, "after");
    let missing = before.iter().filter(|one| !rescued.contains(one));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&_>::new());
}

#[test]
fn a_file_of_something_else_is_not_taken_in() {
    let place = with_notes();
    let before = exported(&place, &place.data(), "before");
    let file = place.path("holiday.txt");
    fs::write(&file, "We went to the sea.\n").expect("a file");
    let ran = place.run(&["recover", plain(&file)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("holiday.txt"), "{ran:?}");
    assert_eq!(exported(&place, &place.data(), "after"), before);
}
