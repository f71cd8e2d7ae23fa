//! P5 for lines: between two lines that were created next to each other, and never placed anew, stands
//! only what was placed by somebody who had seen them.
//! Knows nothing of slots or of how siblings are ordered.

use std::collections::BTreeMap;

use tideline_model::{Change, Event, EventId, LineId, VersionVector};

use super::names;
use super::peer::Peer;
use super::property::Property;
use crate::shown::ShownLine;

/// # Errors
/// The first two lines that were torn apart.
pub(super) fn expect_blocks(peer: &Peer) -> Result<(), String> {
    let mut places = BTreeMap::new();
    note_places(LineId::ROOT, &peer.shown.lines, &mut places);
    let block = Blocks {
        peer,
        places,
        placings: placings(peer),
        versions: versions(peer),
    };
    for event in peer.log.events() {
        for (first, next) in neighbours(event) {
            block.expect_whole(event.id, first, next)?;
        }
    }
    Ok(())
}

struct Blocks<'a> {
    peer: &'a Peer,
    /// The displayed parent of each line, and where among its children the line stands.
    places: BTreeMap<LineId, (LineId, usize)>,
    /// The events that gave each line a place.
    placings: BTreeMap<LineId, Vec<EventId>>,
    /// What the author of each event had seen.
    versions: BTreeMap<EventId, VersionVector>,
}

impl Blocks<'_> {
    fn expect_whole(&self, created: EventId, first: LineId, next: LineId) -> Result<(), String> {
        let was_moved = |line| self.placings.get(&line).is_none_or(|by| by.len() > 1);
        if was_moved(first) || was_moved(next) {
            return Ok(());
        }
        let (Some(from), Some(to)) = (self.places.get(&first), self.places.get(&next)) else {
            return Ok(());
        };
        let is_between = |(above, at): &(LineId, usize)| {
            from.0 == to.0 && *above == from.0 && from.1 < *at && *at < to.1
        };
        let mut between = self.places.iter().filter(|(_, place)| is_between(place));
        let stranger = between.find(|(line, _)| {
            let mut by = self.placings.get(line).into_iter().flatten();
            !by.any(|event| self.versions[event].contains(created))
        });
        if stranger.is_none() && (from.0 != to.0 || from.1 < to.1) {
            return Ok(());
        }
        let (first, next) = (names::line(first), names::line(next));
        let shown = self.peer.shown.named(&names::line);
        let how = format!("{first} and {next} were created as one block: {shown}");
        Err(Property::NoInterleaving.broken(how))
    }
}

/// Siblings that `event` created next to each other.
fn neighbours(event: &Event) -> Vec<(LineId, LineId)> {
    let mut neighbours = Vec::new();
    for change in &event.changes {
        let Change::CreateLines { lines } = change else {
            continue;
        };
        let mut last: BTreeMap<LineId, LineId> = BTreeMap::new();
        for line in lines {
            let before = last.insert(line.parent, line.id);
            neighbours.extend(before.map(|before| (before, line.id)));
        }
    }
    neighbours
}

fn note_places(
    parent: LineId,
    lines: &[ShownLine],
    places: &mut BTreeMap<LineId, (LineId, usize)>,
) {
    for (index, line) in lines.iter().enumerate() {
        places.insert(line.id, (parent, index));
        note_places(line.id, &line.children, places);
    }
}

fn placings(peer: &Peer) -> BTreeMap<LineId, Vec<EventId>> {
    let mut placings: BTreeMap<LineId, Vec<EventId>> = BTreeMap::new();
    for event in peer.log.events() {
        for change in &event.changes {
            let placed = match change {
                Change::CreateLines { lines } => lines.iter().map(|line| line.id).collect(),
                Change::Split { line, .. }
                | Change::Join { line, .. }
                | Change::Move { line, .. }
                | Change::MoveBack { line, .. } => vec![*line],
                _ => Vec::new(),
            };
            for line in placed {
                placings.entry(line).or_default().push(event.id);
            }
        }
    }
    placings
}

fn versions(peer: &Peer) -> BTreeMap<EventId, VersionVector> {
    let mut versions: BTreeMap<EventId, VersionVector> = BTreeMap::new();
    for event in peer.log.events() {
        let mut version = VersionVector::default();
        for parent in event.parents.heads() {
            version.merge(&versions[parent]);
        }
        version.include(event.id);
        versions.insert(event.id, version);
    }
    versions
}
