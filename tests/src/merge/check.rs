//! What must hold for one display, and when two are the same.

use std::collections::BTreeSet;

use tideline_model::{Document, EventId, LineId};

use super::names;
use super::property::Property;
use crate::shown::Shown;

/// P2 for one display: every line once, parents and children agree, and each part has one host.
pub(super) fn expect_whole(document: &Document, shown: &Shown) -> Result<(), String> {
    let flat = shown.flat();
    let lines: BTreeSet<LineId> = flat.iter().map(|(_, line)| line.id).collect();
    if lines.len() != flat.len() {
        return Err(Property::LinesWhole.broken("one is displayed twice"));
    }
    if document.len() != flat.len() {
        let how = format!("len() is {}, displayed are {}", document.len(), flat.len());
        return Err(Property::LinesWhole.broken(how));
    }
    for (row, (_, line)) in flat.iter().enumerate() {
        if document.row_of(line.id) != Some(row) || document.line_at_row(row) != Some(line.id) {
            return Err(format!("{} is not in row {row}", names::line(line.id)));
        }
        if !document.is_visible(line.id) || document.displayed(line.id) != Some(line.id) {
            let how = format!("{} is displayed and denies it", names::line(line.id));
            return Err(Property::LinesWhole.broken(how));
        }
        for child in &line.children {
            if document.parent(child.id) != Some(line.id) {
                let how = format!("{} denies its parent", names::line(child.id));
                return Err(Property::LinesWhole.broken(how));
            }
        }
    }
    Ok(())
}

/// P1 for one display, where every letter was typed once.
///
/// # Errors
/// When a letter is displayed twice.
pub fn expect_letters_once(shown: &Shown) -> Result<(), String> {
    let flat = shown.flat();
    let mut letters: Vec<char> = flat
        .iter()
        .flat_map(|(_, line)| line.text.chars())
        .collect();
    letters.sort_unstable();
    match letters.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Property::NoCharacterTwice.broken(pair[0])),
        None => Ok(()),
    }
}

/// # Errors
/// When the two differ, with both in the notation of the merge rules.
pub fn expect_equal(what: &str, got: &Shown, expected: &Shown) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    let (got, expected) = (got.named(&names::line), expected.named(&names::line));
    Err(format!("{what}\n  expected {expected}\n  got      {got}"))
}

pub(super) fn short(event: EventId) -> String {
    let index = event.replica.0.as_u128().wrapping_sub(1);
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    format!(
        "{}:{}",
        names::REPLICAS.get(index).unwrap_or(&"?"),
        event.seq
    )
}
