//! The project's own source files, read as text.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::read;

/// Written by programs, or by other people.
const NOT_OURS: [&str; 6] = ["node_modules", "target", "dist", "gen", "generated", ".git"];

pub struct Source {
    /// From the root of the project, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Lines that hold one of the `words`, with their numbers.
    pub fn lines_with(&self, words: &[&str]) -> Vec<String> {
        (self.text.lines().enumerate())
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
            .map(|(index, line)| format!("{}: {}", index + 1, line.trim()))
            .collect()
    }

    pub fn opens_with_its_duty(&self) -> bool {
        let mut lines = self.text.lines();
        let first = lines.next().unwrap_or_default();
        match Path::new(&self.path).extension().and_then(OsStr::to_str) {
            Some("rs") => first.starts_with("//!"),
            Some("svelte") if first.starts_with("<script") => {
                is_comment(lines.next().unwrap_or_default().trim())
            }
            Some("svelte") => first.starts_with("<!--"),
            _ => is_comment(first),
        }
    }

    /// From the first test on, where a file holds tests beside its code.
    fn tests_only(mut self) -> Option<Source> {
        let apart = self.path.contains("tests/") || self.path.contains(".test.");
        if !apart {
            let start = self.text.find("#[cfg(test)]")?;
            self.text = self.text.split_off(start);
        }
        Some(self)
    }
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//") || line.starts_with("/*")
}

pub fn all() -> impl Iterator<Item = Source> {
    files(&["rs", "ts", "svelte"])
}

pub fn rust() -> impl Iterator<Item = Source> {
    files(&["rs"])
}

pub fn interface() -> impl Iterator<Item = Source> {
    files(&["ts", "svelte"]).filter(|file| file.path.starts_with("ui/src/"))
}

pub fn tests() -> impl Iterator<Item = Source> {
    files(&["rs", "ts"]).filter_map(Source::tests_only)
}

fn files(extensions: &'static [&'static str]) -> impl Iterator<Item = Source> {
    WalkDir::new(root())
        .into_iter()
        .filter_entry(|entry| !is_foreign(entry))
        .map(Result::unwrap)
        .filter(|entry| {
            let extension = entry.path().extension().and_then(OsStr::to_str);
            extension.is_some_and(|extension| extensions.contains(&extension))
        })
        .map(|entry| Source {
            path: from_root(entry.path()),
            text: read(entry.path()),
        })
}

/// Every file below `folder`, by its path from there.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, String> {
    WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_owned();
            (path, read(entry.path()))
        })
        .collect()
}

fn is_foreign(entry: &DirEntry) -> bool {
    (entry.file_name().to_str()).is_some_and(|name| NOT_OURS.contains(&name))
}

fn from_root(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap();
    path.to_str().unwrap().replace('\\', "/")
}

pub fn root() -> PathBuf {
    (Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()).to_owned()
}
