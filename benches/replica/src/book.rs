//! A book in Markdown, taken in as the program does it: one file after the other, each on the disk
//! before the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use tempfile::TempDir;
use tideline_client::{Core, CoreConfig, MissingFolder};
use tideline_exchange::import_markdown;

use crate::report::{ms, note, result, share};

const FOLDER: &str = "markdown/rust-book";

/// The book beside the traces, or in the first `shared/data` from here upwards.
pub fn folder(traces: Option<&Path>) -> anyhow::Result<PathBuf> {
    let beside = traces.and_then(Path::parent).map(|data| data.join(FOLDER));
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut folders = beside
        .into_iter()
        .chain(above.map(|folder| folder.join("shared/data").join(FOLDER)));
    folders
        .find(|folder| folder.is_dir())
        .context("the book is nowhere; name the folder of traces beside it with --traces")
}

pub fn measure(book: &Path) -> anyhow::Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(book)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    files.sort();
    let data = TempDir::new()?;
    let core = Core::start(CoreConfig {
        data: data.path().to_owned(),
        missing: MissingFolder::Create,
    })?;
    let (mut lines, mut times) = (0, Vec::new());
    let start = Instant::now();
    for file in &files {
        let began = Instant::now();
        let bytes = fs::read(file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let import = import_markdown(&name, &bytes)?;
        lines += core.import(import.outline)?.lines;
        times.push(ms(began.elapsed()));
    }
    let seconds = start.elapsed().as_secs_f64();
    core.stop()?;
    note(&format!("{} documents, {lines} lines", files.len()));
    result(
        "rust-book/import-rate",
        lines as f64 / seconds,
        "lines/s",
        None,
    );
    result("rust-book/document-p95", share(times, 0.95), "ms", None);
    Ok(())
}
