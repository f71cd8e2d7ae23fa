//! Tricky Markdown, each file beside the outline it becomes: `name.md` and `name.outline`.

use std::fs;
use std::path::{Path, PathBuf};

use tideline_exchange::{Import, import_markdown};

use crate::support::{check_round_trip, show, show_properties};

/// Writes the outlines anew instead of comparing, for a look at the difference.
const UPDATE: &str = "TIDELINE_UPDATE_FIXTURES";

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = fs::read_dir(folder).expect("fixtures are beside the tests");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it is listed").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths
}

fn show_import(import: &Import) -> String {
    let outline = &import.outline;
    let properties = show_properties(&outline.properties);
    let lines = show(&outline.lines);
    let remarks = import.report.not_understood.iter();
    let remarks: Vec<String> = remarks.map(|remark| format!("{remark}\n")).collect();
    let title = &outline.title;
    format!(
        "title: {title}\nproperties: {properties}\n\n{lines}\n{}",
        remarks.concat()
    )
}

#[test]
fn tricky_markdown_becomes_the_outline_beside_it_and_comes_back() {
    for path in fixtures() {
        let bytes = fs::read(&path).expect("the fixture can be read");
        let name = path.file_name().expect("it has a name").to_string_lossy();
        let import = import_markdown(&name, &bytes).expect("the fixture is text");
        let shown = show_import(&import);
        let beside = path.with_extension("outline");
        if std::env::var_os(UPDATE).is_some() {
            fs::write(&beside, &shown).expect("the fixture can be written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert!(
            shown == expected,
            "{name} became\n{shown}\ninstead of\n{expected}"
        );
        check_round_trip(&import.outline);
    }
}
