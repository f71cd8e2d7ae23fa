//! Repairs the data folder and says what was done.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use tideline_store::{Remedy, Repair};

use super::{Outcome, recover};
use crate::output::{Output, problem};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    problems: &'a [String],
    remedy: &'static str,
}

/// # Errors
/// When the folder cannot be opened for another reason than damage, or not be written.
pub fn run(data: &Path, output: Output) -> Result<Outcome> {
    let repair = tideline_store::repair(data, recover::now_ms())?;
    for found in &repair.problems {
        problem(format_args!("tideline: {found}"));
    }
    let (remedy, text) = told(&repair);
    let problems = repair.problems.as_slice();
    output.result(&Told { problems, remedy }, |out| writeln!(out, "{text}"))?;
    match &repair.remedy {
        Remedy::Anew {
            unreadable, taken, ..
        } if *unreadable > 0 || !taken.refused.is_empty() => {
            for refused in &taken.refused {
                problem(format_args!("tideline: {refused}"));
            }
            problem(
                "tideline: connect to the sync server, which gives back what it has; then run \
                 `tideline recover` with the file of salvaged changes once more.",
            );
            Ok(Outcome::Problems)
        }
        _ => Ok(Outcome::Clean),
    }
}

fn told(repair: &Repair) -> (&'static str, String) {
    match &repair.remedy {
        Remedy::None => ("none", "Nothing is wrong; nothing was changed.".to_owned()),
        Remedy::Derived => (
            "derived",
            "Lines and search index were made anew from the events, which are sound.".to_owned(),
        ),
        Remedy::Anew {
            kept,
            salvaged,
            unreadable,
            taken,
        } => (
            "anew",
            format!(
                "A new database took in {} groups of changes; {unreadable} could not be read.\n\
                 The damaged database is kept in {}, all that could be read of it in {}.",
                taken.batches,
                kept.display(),
                salvaged.display()
            ),
        ),
    }
}
