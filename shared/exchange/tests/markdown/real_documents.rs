//! Markdown that other people wrote comes in whole, and comes back from an export line by line.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{check_round_trip, show};
use tideline_exchange::{export_markdown_at, import_markdown};

/// The folder of real material: `TIDELINE_DATA`, or `shared/data` beside or above this project.
fn data() -> PathBuf {
    if let Some(folder) = std::env::var_os("TIDELINE_DATA") {
        return PathBuf::from(folder);
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .map(|folder| folder.join("shared/data"))
        .find(|path| path.is_dir());
    found.unwrap_or_else(|| {
        panic!(
            "no folder shared/data above {}; name it in TIDELINE_DATA",
            here.display()
        )
    })
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| {
        panic!("{}: {error}; see shared/data/SOURCES.md", folder.display())
    });
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    documents: usize,
    lines: usize,
    /// What was kept as text.
    remarks: usize,
    /// Files that an export of the untouched import gives back byte by byte.
    identical: usize,
}

fn check(folder: &str, ending: &str) -> Counts {
    let root = data().join(folder);
    let mut counts = Counts::default();
    for path in files(&root, ending) {
        let bytes = fs::read(&path).expect("the file can be read");
        let relative = path
            .strip_prefix(&root)
            .expect("below its folder")
            .to_string_lossy();
        let import = import_markdown(&relative, &bytes).expect("the file is text");
        let markdown = export_markdown_at(&import.outline, &relative);
        let again = import_markdown(&relative, markdown.as_bytes()).expect("an export is text");
        assert_eq!(
            show(&again.outline.lines),
            show(&import.outline.lines),
            "{relative}"
        );
        assert_eq!(again.outline, import.outline, "{relative}");
        check_round_trip(&import.outline);
        assert_nothing_dropped(&relative, &String::from_utf8_lossy(&bytes), &import.outline);
        counts.documents += 1;
        counts.lines += import.report.lines;
        counts.remarks += import.report.not_understood.len();
        counts.identical += usize::from(markdown.as_bytes() == bytes);
        if let Some(folder) = std::env::var_os("TIDELINE_EXPORT_TO") {
            let target = PathBuf::from(folder).join(&*relative);
            fs::create_dir_all(target.parent().expect("it has a folder")).expect("it can be made");
            fs::write(target, markdown).expect("it can be written");
        }
    }
    counts
}

/// Every word of the source stands in the outline as often as in the source, or more often.
fn assert_nothing_dropped(path: &str, source: &str, outline: &tideline_model::Outline) {
    let properties = crate::support::show_properties(&outline.properties);
    let tagged = outline
        .lines
        .iter()
        .filter(|line| !line.tags.is_empty())
        .count();
    let keys = "title tags ".repeat(tagged.max(1));
    let held = format!(
        "{keys} {}\n{properties}\n{}",
        outline.title,
        show(&outline.lines)
    );
    let mut counts = std::collections::HashMap::<&str, isize>::new();
    let words =
        |text| str::split(text, |c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    for word in words(&held) {
        *counts.entry(word).or_default() += 1;
    }
    for word in words(source) {
        *counts.entry(word).or_default() -= 1;
    }
    let dropped: Vec<_> = counts.iter().filter(|(_, count)| **count < 0).collect();
    assert!(dropped.is_empty(), "{path} lost {dropped:?}");
}

#[test]
fn the_rust_book_comes_back_line_by_line() {
    let counts = Counts {
        documents: 112,
        lines: 7649,
        remarks: 894,
        identical: 96,
    };
    assert_eq!(check("markdown/rust-book", ".md"), counts);
}

#[test]
fn the_commonmark_specification_comes_back_line_by_line() {
    let counts = Counts {
        documents: 1,
        lines: 5020,
        remarks: 0,
        identical: 0,
    };
    assert_eq!(check("markdown", "commonmark-spec.txt"), counts);
}

#[test]
fn a_graph_of_another_outliner_comes_back_line_by_line() {
    let counts = Counts {
        documents: 314,
        lines: 7507,
        remarks: 15,
        identical: 16,
    };
    assert_eq!(check("logseq", ".md"), counts);
}
