//! Which folder holds the documents. Makes nothing: the core does, when it starts.

use std::path::PathBuf;

use anyhow::{Context, Result};
use directories::BaseDirs;

const FOLDER: &str = "tideline";

/// The folder the user named, or `tideline` in the user's data folder.
///
/// # Errors
/// When the system names no data folder, as for a user without a home.
pub fn folder(named: Option<PathBuf>) -> Result<PathBuf> {
    let folder = match named {
        Some(folder) => folder,
        None => BaseDirs::new()
            .context(
                "this user has no home folder, so there is no place for the documents; \
                 name one with --data DIR",
            )?
            .data_dir()
            .join(FOLDER),
    };
    std::path::absolute(&folder).with_context(|| {
        format!(
            "the data folder {} cannot be named in full",
            folder.display()
        )
    })
}
