//! From a replayed history to what is displayed (rules 7, 8 and 17).

use std::collections::{BTreeMap, BTreeSet};

use tideline_model::{Boundary, LineId, SlotId};

use super::deletion::alive;
use super::history::History;
use super::line::Edge;
use super::replay::Replay;
use super::strand::{Content, Slice};
use crate::shown::{Shown, ShownLine};

struct Display<'a> {
    history: &'a History<'a>,
    replay: &'a Replay,
    slices: BTreeMap<LineId, Slice>,
    alive: BTreeSet<LineId>,
    /// The lines inline at each boundary, in the order in which they show there.
    inline: Vec<(Boundary, Vec<LineId>)>,
    /// Child lines by parent, in order.
    children: BTreeMap<LineId, Vec<LineId>>,
}

pub fn shown(history: &History<'_>, replay: &Replay) -> Shown {
    let mut slices = BTreeMap::new();
    for strand in replay.strands.values() {
        slices.extend(strand.slices().into_iter().map(|slice| (slice.line, slice)));
    }
    let display = Display {
        history,
        replay,
        alive: alive(history, replay, &slices),
        slices,
        inline: inline(replay),
        children: children(replay),
    };
    Shown {
        title: replay.title.clone(),
        properties: replay.lines[&LineId::ROOT].shown_properties(),
        lines: display.visible_children(&[LineId::ROOT]),
    }
}

impl Display<'_> {
    /// Rule 8: the children of a displayed line that has these parts.
    fn visible_children(&self, parts: &[LineId]) -> Vec<ShownLine> {
        let children = parts.iter().filter_map(|part| self.children.get(part));
        children
            .flatten()
            .filter_map(|&line| self.line(line))
            .collect()
    }

    /// Rule 17: a displayed line, unless it is hidden.
    fn line(&self, id: LineId) -> Option<ShownLine> {
        let mut parts = Vec::new();
        self.add_parts(id, &mut parts);
        let children = self.visible_children(&parts);
        let visible = !children.is_empty() || parts.iter().any(|part| self.alive.contains(part));
        let line = &self.replay.lines[&id];
        visible.then(|| ShownLine {
            id,
            kind: line.kind.clone(),
            text: parts.iter().map(|&part| self.text(part)).collect(),
            tags: line.shown_tags(),
            properties: line.shown_properties(),
            children,
        })
    }

    /// Rule 7: its own slice first, then those attached at its right boundary.
    fn add_parts(&self, line: LineId, parts: &mut Vec<LineId>) {
        parts.push(line);
        let boundary = self.slices[&line].boundary;
        for (at, attached) in &self.inline {
            if *at == boundary {
                for &line in attached {
                    self.add_parts(line, parts);
                }
            }
        }
    }

    fn text(&self, line: LineId) -> String {
        let strand = &self.replay.strands[&self.replay.lines[&line].strand];
        let characters = self.slices[&line].characters.iter();
        characters
            .map(|&index| strand.element(index))
            .filter(|it| it.shows(&self.history.everything, &self.replay.undeletions))
            .filter_map(|element| match element.content {
                Content::Character(character) => Some(character),
                Content::Marker(_) => None,
            })
            .collect()
    }
}

/// Rule 7: at one boundary the owner of that marker first, then by total order.
fn inline(replay: &Replay) -> Vec<(Boundary, Vec<LineId>)> {
    let mut inline: Vec<(Boundary, Vec<LineId>)> = Vec::new();
    for (&line, known) in &replay.lines {
        let Some(Edge::Inline { boundary }) = known.place().map(|place| place.edge) else {
            continue;
        };
        match inline.iter_mut().find(|(at, _)| *at == boundary) {
            Some((_, attached)) => attached.push(line),
            None => inline.push((boundary, vec![line])),
        }
    }
    for (boundary, attached) in &mut inline {
        attached.sort_by_key(|&line| {
            let owns_the_marker = *boundary == Boundary::Marker(line);
            (
                !owns_the_marker,
                replay.lines[&line].place().map(|place| place.at),
            )
        });
    }
    inline
}

/// Rules 8 and 12: by position, then id. Split keys stand before other slots at the same place.
fn children(replay: &Replay) -> BTreeMap<LineId, Vec<LineId>> {
    let mut positions: BTreeMap<(LineId, SlotId), usize> = BTreeMap::new();
    let markers = marker_order(replay);
    for (&parent, slots) in &replay.slots {
        let order = slots.tree.order(|slot| {
            let split_key = slot.ordered.map(|(strand, line)| (strand, markers[&line]));
            (split_key.is_none(), split_key, slot.at, slot.id.index)
        });
        for (position, index) in order.into_iter().enumerate() {
            positions.insert((parent, slots.tree.nodes[index].value.id), position);
        }
    }
    let mut children: BTreeMap<LineId, Vec<(usize, LineId)>> = BTreeMap::new();
    for (&line, known) in &replay.lines {
        if let Some(Edge::Child { parent, slot }) = known.place().map(|place| place.edge) {
            let position = positions[&(parent, slot)];
            children.entry(parent).or_default().push((position, line));
        }
    }
    let sorted = children.into_iter().map(|(parent, mut lines)| {
        lines.sort_unstable();
        (parent, lines.into_iter().map(|(_, line)| line).collect())
    });
    sorted.collect()
}

/// Where in its strand the marker of each split-off line stands.
fn marker_order(replay: &Replay) -> BTreeMap<LineId, usize> {
    let mut markers = BTreeMap::new();
    for strand in replay.strands.values() {
        for (position, index) in strand.order().into_iter().enumerate() {
            if let Content::Marker(line) = strand.element(index).content {
                markers.insert(line, position);
            }
        }
    }
    markers
}
