//! What a shutdown could not bring to disk is written wherever there is room, to be taken in later.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use crate::commit::{Commit, Origin};
use crate::salvage::{SalvageError, write_salvaged};

/// Writes the batches of `commits` that were written here to a file in `folder`, or where there is
/// room, and says which. `None` when there are none.
///
/// # Errors
/// [`SalvageError`] of the last place that was tried.
pub fn keep_unsaved(
    folder: &Path,
    commits: &[Commit],
    now_ms: i64,
) -> Result<Option<PathBuf>, SalvageError> {
    let batches = || {
        let all = commits.iter().flat_map(|commit| &commit.batches);
        all.filter(|(origin, _)| *origin != Origin::Remote)
            .map(|(_, batch)| batch)
    };
    if batches().next().is_none() {
        return Ok(None);
    }
    let name = format!("tideline-unsaved-{now_ms}.txt");
    let places = [
        Some(folder.to_owned()),
        std::env::home_dir(),
        Some(std::env::temp_dir()),
    ];
    let mut result = Ok(None);
    for place in places.into_iter().flatten() {
        let path = place.join(&name);
        result = write(&path, batches()).map(|()| Some(path.clone()));
        match &result {
            Ok(_) => break,
            // Half a file would only mislead.
            Err(_) => drop(fs::remove_file(&path)),
        }
    }
    result
}

fn write<'a>(
    path: &Path,
    batches: impl Iterator<Item = &'a tideline_wire::SealedBatch>,
) -> Result<(), SalvageError> {
    let mut file = BufWriter::new(fs::File::create_new(path)?);
    write_salvaged(batches, &mut file)?;
    Ok(file.get_ref().sync_all()?)
}
