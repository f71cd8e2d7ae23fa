//! Finds the files that an import reads: every text file in a folder and below, in the order in
//! which people count. Reads no file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::command::problem::{Problem, told};

const EXTENSIONS: [&str; 3] = ["md", "markdown", "txt"];

pub const SAFE: &str = "Nothing was changed, and everything else is imported.";

/// A file to read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub path: PathBuf,
    /// From the folder that was named: says where the document belongs.
    pub place: PathBuf,
}

/// What the named paths hold.
#[derive(Debug, Default)]
pub struct Found {
    pub sources: Vec<Source>,
    pub problems: Vec<Problem>,
    /// Files that are no text, by extension.
    pub skipped: BTreeMap<String, usize>,
}

/// Looks through `paths` in the order given. Hidden files and folders are left out, unless named.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        found.look_at(path);
    }
    found
}

impl Found {
    fn look_at(&mut self, path: &Path) {
        match fs::metadata(path) {
            Err(error) => self.problems.push(unreachable(path, &error)),
            Ok(metadata) if metadata.is_dir() => self.look_into(path),
            Ok(metadata) if metadata.is_file() => {
                let place = path.file_name().map_or_else(|| path.into(), PathBuf::from);
                self.sources.push(Source {
                    path: path.into(),
                    place,
                });
            }
            Ok(_) => self.problems.push(Problem::new(
                path,
                "this is neither a file nor a folder",
                SAFE,
                "Name a text file, or a folder with text files.",
            )),
        }
    }

    fn look_into(&mut self, folder: &Path) {
        let before = self.sources.len() + self.problems.len();
        let walk = WalkDir::new(folder)
            .follow_links(true)
            .sort_by(|a, b| alphanumeric_sort::compare_os_str(a.file_name(), b.file_name()));
        for entry in walk.into_iter().filter_entry(|entry| !is_hidden(entry)) {
            match entry {
                Ok(entry) => self.take(folder, &entry),
                Err(error) => self.problems.push(unwalkable(folder, &error)),
            }
        }
        if before == self.sources.len() + self.problems.len() {
            self.problems.push(Problem::new(
                folder,
                "there is no .md, .markdown or .txt file in this folder",
                SAFE,
                "Name the folder that holds the notes.",
            ));
        }
    }

    fn take(&mut self, folder: &Path, entry: &DirEntry) {
        if !entry.file_type().is_file() {
            return;
        }
        let extension = entry
            .path()
            .extension()
            .unwrap_or_default()
            .to_string_lossy();
        let extension = extension.to_lowercase();
        if EXTENSIONS.contains(&extension.as_str()) {
            let place = entry
                .path()
                .strip_prefix(folder)
                .unwrap_or(entry.path())
                .into();
            self.sources.push(Source {
                path: entry.path().into(),
                place,
            });
        } else {
            *self.skipped.entry(extension).or_default() += 1;
        }
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// A path that the system does not give.
pub fn unreachable(path: &Path, error: &io::Error) -> Problem {
    let next = match error.kind() {
        io::ErrorKind::NotFound => "Check how the path is written.",
        io::ErrorKind::PermissionDenied => "Give this user the right to read it.",
        io::ErrorKind::FileTooLarge => "Split it into several files.",
        _ => "Check the disk it is on.",
    };
    Problem::new(path, told(error), SAFE, next)
}

fn unwalkable(folder: &Path, error: &walkdir::Error) -> Problem {
    let path = error.path().unwrap_or(folder);
    match (error.loop_ancestor(), error.io_error()) {
        (Some(ancestor), _) => Problem::new(
            path,
            format_args!(
                "this link leads back to {}, a folder around it",
                ancestor.display()
            ),
            SAFE,
            "Nothing needs to be done: the folder itself is read.",
        ),
        (None, Some(error)) => unreachable(path, error),
        (None, None) => Problem::new(path, error, SAFE, "Check the disk it is on."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[&str]) -> TempDir {
        let folder = TempDir::new().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "text").expect("a file");
        }
        folder
    }

    fn places(found: &Found) -> Vec<String> {
        let place = |source: &Source| source.place.display().to_string();
        found.sources.iter().map(place).collect()
    }

    fn check(files: &[&str], expected: &[&str]) -> Found {
        let folder = folder(files);
        let found = find(&[folder.path().to_owned()]);
        assert_eq!(places(&found), expected);
        found
    }

    #[test]
    fn files_come_in_the_order_in_which_people_count() {
        check(
            &["10.md", "9.md", "b/x.TXT", "a/2.markdown", "a/10.md"],
            &["9.md", "10.md", "a/2.markdown", "a/10.md", "b/x.TXT"],
        );
    }

    #[test]
    fn hidden_files_and_folders_are_left_out() {
        let found = check(&["a.md", ".git/b.md", ".c.md"], &["a.md"]);
        assert!(found.problems.is_empty());
    }

    #[test]
    fn other_files_are_counted() {
        let found = check(&["a.md", "b.png", "c/d.png", "LICENSE"], &["a.md"]);
        let expected = [(String::new(), 1), ("png".to_owned(), 2)];
        assert_eq!(found.skipped, BTreeMap::from(expected));
    }

    #[test]
    fn a_link_that_leads_back_is_named_and_the_rest_is_read() {
        let folder = folder(&["a/b.md"]);
        symlink(folder.path(), folder.path().join("a/around")).expect("a link");
        let found = find(&[folder.path().to_owned()]);
        assert_eq!(places(&found), ["a/b.md"]);
        assert!(
            found.problems[0].message.contains("leads back"),
            "{:?}",
            found.problems
        );
    }

    #[test]
    fn a_missing_path_and_an_empty_folder_are_named() {
        let folder = folder(&[]);
        let missing = folder.path().join("missing");
        let found = find(&[missing.clone(), folder.path().to_owned()]);
        assert_eq!(found.problems.len(), 2);
        assert_eq!(found.problems[0].path, missing);
        assert!(found.problems[1].message.contains("no .md"));
    }

    #[test]
    fn a_file_that_is_named_is_read_whatever_it_is_called() {
        let folder = folder(&[".notes"]);
        let found = find(&[folder.path().join(".notes")]);
        assert_eq!(places(&found), [".notes"]);
    }
}
