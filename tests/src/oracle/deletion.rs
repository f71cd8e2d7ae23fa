//! Which lines are alive (rules 14 to 17).

use std::collections::{BTreeMap, BTreeSet};

use tideline_model::LineId;

use super::history::{History, Seen};
use super::replay::{Deletion, Replay};
use super::strand::Slice;

/// The lines that no deletion hides.
pub fn alive(
    history: &History<'_>,
    replay: &Replay,
    slices: &BTreeMap<LineId, Slice>,
) -> BTreeSet<LineId> {
    let below = below(replay);
    let mut covered: BTreeMap<LineId, Seen> = BTreeMap::new();
    for deletion in &replay.deletions {
        if !is_in_force(history, replay, deletion) {
            continue;
        }
        for line in covered_by(history, replay, &below, deletion) {
            let known = covered.entry(line).or_default();
            known.join(history.version(deletion.event));
        }
    }
    let lines = replay.lines.keys().copied();
    lines
        .filter(|line| *line != LineId::ROOT)
        .filter(|line| match covered.get(line) {
            None => true,
            Some(known) => is_touched_outside(replay, &slices[line], known),
        })
        .collect()
}

/// Rule 14.
fn is_in_force(history: &History<'_>, replay: &Replay, deletion: &Deletion) -> bool {
    let places = replay.lines[&deletion.line].places.iter();
    let mut restorings = replay
        .restorings
        .iter()
        .filter(|it| it.line == deletion.line);
    !places
        .into_iter()
        .any(|place| history.concurrent(place.event, deletion.event))
        && !restorings.any(|restoring| {
            restoring.deletions.contains(&deletion.event)
                || history.concurrent(restoring.event, deletion.event)
        })
}

/// By line, those that hang directly from it as children or inline.
fn below(replay: &Replay) -> BTreeMap<LineId, Vec<LineId>> {
    let mut below: BTreeMap<LineId, Vec<LineId>> = BTreeMap::new();
    for &line in replay.lines.keys() {
        if let Some(above) = replay.above(line) {
            below.entry(above).or_default().push(line);
        }
    }
    below
}

/// Rule 16.
fn covered_by(
    history: &History<'_>,
    replay: &Replay,
    below: &BTreeMap<LineId, Vec<LineId>>,
    deletion: &Deletion,
) -> Vec<LineId> {
    let mut covered = vec![deletion.line];
    let mut next = 0;
    while let Some(above) = covered.get(next) {
        next += 1;
        for &line in below.get(above).into_iter().flatten() {
            let known = &replay.lines[&line];
            // A place that the deleter had seen, and that was still the line's place for them.
            let latest_seen = known
                .places
                .iter()
                .rfind(|place| history.saw(deletion.event, place.event));
            let is_seen = latest_seen.map(|place| place.at) == known.place().map(|place| place.at);
            let fell_back = known.place().is_some_and(|place| place.fell_back);
            if is_seen && !fell_back && !known.keeps.contains(&deletion.event) {
                covered.push(line);
            }
        }
    }
    covered
}

/// Rules 15 and 17: whether something happened to the line that is not in `known`.
fn is_touched_outside(replay: &Replay, slice: &Slice, known: &Seen) -> bool {
    let line = &replay.lines[&slice.line];
    let strand = &replay.strands[&line.strand];
    let mut touches = line.touches.clone();
    touches.extend(slice.ended_by);
    for &index in &slice.characters {
        let element = strand.element(index);
        touches.push(element.event);
        for deletion in &element.deleted_by {
            touches.extend(replay.undeletions.get(deletion).into_iter().flatten());
        }
    }
    touches.into_iter().any(|event| !known.has(event))
}
