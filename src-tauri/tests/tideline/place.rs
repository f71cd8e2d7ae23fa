//! Runs the real `tideline` over a data folder of its own and tells what it printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A data folder, and room for files beside it. Both go with the value.
#[derive(Debug)]
pub struct Place {
    root: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Self {
            root: TempDir::new().expect("a temporary folder"),
        }
    }

    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes files below the folder `name` and gives its path.
    pub fn folder(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let folder = self.path(name);
        fs::create_dir_all(&folder).expect("a folder");
        for (file, bytes) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        folder
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tideline"));
        command
            .env("TIDELINE_DATA_DIR", self.data())
            .env_remove("RUST_LOG");
        command
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        self.command()
            .args(words)
            .output()
            .expect("the program starts")
            .into()
    }

    /// Runs with `--json` and gives what was printed.
    pub fn json(&self, words: &[&str]) -> Value {
        let ran = self.run(&[words, &["--json"]].concat());
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }

    /// Titles of the documents, with their folders, sorted.
    pub fn documents(&self) -> Vec<String> {
        let documents = self.json(&["documents"]);
        let place = |document: &Value| {
            let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
            format!("{}/{}", text("folder"), text("title"))
                .trim_start_matches('/')
                .to_owned()
        };
        let mut places: Vec<_> = documents
            .as_array()
            .expect("a list")
            .iter()
            .map(place)
            .collect();
        places.sort();
        places
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The files below `folder` with what is in them, by path.
pub fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("inside of the folder")
                    .to_owned();
                files.push((name, fs::read_to_string(&path).expect("a text file")));
            }
        }
    }
    files.sort();
    files
}
