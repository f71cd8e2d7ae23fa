//! One strand: its elements in order, and what insertions, deletions and their undoing do to them.

use std::collections::BTreeMap;

use crate::chars::char_count;
use crate::fugue::run::{Content, ElementId, Run};
use crate::fugue::sequence::Sequence;
use crate::fugue::tree::Tree;
use crate::history::History;
use crate::index::{EventIndex, LineIndex, NodeIndex, ReplicaIndex};

/// A change of visible text inside one slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The line of the slice.
    pub owner: LineIndex,
    pub at: u32,
    pub delete: u32,
    pub insert: String,
}

/// What an insertion brings.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inserted<'a> {
    /// Not empty.
    Text(&'a str),
    Marker(LineIndex),
}

#[derive(Debug, Clone)]
pub(crate) struct Strand {
    /// The line of the first slice.
    pub(super) first: LineIndex,
    /// The text of every run, in order of arrival.
    pub(super) buffer: String,
    pub(super) runs: Sequence<Run>,
    pub(super) tree: Tree,
    /// The latest event of each replica that touched this strand.
    seen: Vec<(ReplicaIndex, u32)>,
    /// Text deletions that were undone, and by which events.
    undone: BTreeMap<EventIndex, Vec<EventIndex>>,
}

impl Strand {
    pub fn new(first: LineIndex) -> Self {
        Self {
            first,
            buffer: String::new(),
            runs: Sequence::default(),
            tree: Tree::default(),
            seen: Vec::new(),
            undone: BTreeMap::new(),
        }
    }

    /// The line that this strand started with.
    pub fn first_line(&self) -> LineIndex {
        self.first
    }

    /// The latest event of each replica that did anything here.
    pub fn touched_by(&self) -> &[(ReplicaIndex, u32)] {
        &self.seen
    }

    /// Elements, as the author of `event` counts them.
    pub fn len_for(&self, history: &History, event: EventIndex) -> u32 {
        if self.is_current_for(history, event) {
            return self.runs.total().elements;
        }
        self.runs
            .iter_from(self.runs.first())
            .filter(|(_, run)| self.counts_for(history, event, run))
            .map(|(_, run)| run.len)
            .sum()
    }

    /// Inserts at `at` of the author's version, elements `n` and following of `event`.
    /// Gives the node of what was inserted; `None` when `at` is behind the end.
    pub fn insert(
        &mut self,
        history: &History,
        (event, n): (EventIndex, u32),
        at: u32,
        inserted: Inserted<'_>,
        edits: &mut Vec<Edit>,
    ) -> Option<NodeIndex> {
        let current = self.is_current_for(history, event);
        let left = match at.checked_sub(1) {
            None => None,
            Some(left) => Some(self.find(history, event, left)?),
        };
        let view = (!current).then_some(event);
        let origin = self.origin(history, view, left);
        let id = ElementId { event, n };
        let is_marker = matches!(inserted, Inserted::Marker(_));
        let place = self.place(history, origin, id, is_marker);
        let run = self.new_run(id, inserted);
        let added = run.len;
        let node = self.put(origin, &place, run);
        if let Inserted::Text(text) = inserted {
            let offset = self.runs.get(node).len - added;
            let (owner, at) = self.position_in_slice(node);
            report(
                edits,
                Edit {
                    owner,
                    at: at + offset,
                    delete: 0,
                    insert: text.to_owned(),
                },
            );
        }
        self.note(history, event);
        Some(node)
    }

    /// Deletes the characters among `count` elements from `at` on; they must exist.
    pub fn delete(
        &mut self,
        history: &History,
        event: EventIndex,
        at: u32,
        count: u32,
        edits: &mut Vec<Edit>,
    ) {
        let current = self.is_current_for(history, event);
        let Some((mut node, mut offset)) = self.find(history, event, at) else {
            return;
        };
        let mut left = count;
        loop {
            let run = self.runs.get(node);
            let counted = if current {
                run.is_marker() || run.visible
            } else {
                self.counts_for(history, event, run)
            };
            if counted && run.is_marker() {
                left -= 1;
            } else if counted {
                if offset > 0 {
                    node = self.split(node, offset);
                }
                if left < self.runs.get(node).len {
                    self.split(node, left);
                }
                left -= self.runs.get(node).len;
                self.delete_run(node, event, edits);
            }
            if left == 0 {
                break;
            }
            offset = 0;
            let Some(next) = self.runs.next(node) else {
                break;
            };
            node = next;
        }
        self.note(history, event);
    }

    fn delete_run(&mut self, node: NodeIndex, event: EventIndex, edits: &mut Vec<Edit>) {
        let run = self.runs.get(node);
        if run.visible {
            let delete = run.len;
            let (owner, at) = self.position_in_slice(node);
            let insert = String::new();
            report(
                edits,
                Edit {
                    owner,
                    at,
                    delete,
                    insert,
                },
            );
        }
        let hides = !self.undone.contains_key(&event);
        self.runs.update(node, |run| {
            if !run.deletions.contains(&event) {
                run.deletions.push(event);
            }
            run.visible &= !hides;
        });
    }

    /// Ends the deletions that `deletion` made here. Gives the lines in whose slices they are.
    pub fn undelete(
        &mut self,
        history: &History,
        event: EventIndex,
        deletion: EventIndex,
        edits: &mut Vec<Edit>,
    ) -> Vec<LineIndex> {
        let mut touched = Vec::new();
        let undone = self.undone.entry(deletion).or_default();
        if !undone.contains(&event) {
            undone.push(event);
        }
        let mut next = self.runs.first();
        while let Some(node) = next {
            let run = self.runs.get(node);
            let (was_visible, is_visible) = (run.visible, self.is_undeleted(run));
            if run.deletions.contains(&deletion) {
                touched.push(self.position_in_slice(node).0);
            }
            if is_visible && !was_visible {
                self.runs.update(node, |run| run.visible = true);
                let (owner, at) = self.position_in_slice(node);
                let insert = self.run_text(self.runs.get(node)).to_owned();
                report(
                    edits,
                    Edit {
                        owner,
                        at,
                        delete: 0,
                        insert,
                    },
                );
            }
            next = self.runs.next(node);
        }
        self.note(history, event);
        touched
    }

    /// The events that ended the deletion made by `deletion`.
    pub fn undone_by(&self, deletion: EventIndex) -> &[EventIndex] {
        self.undone.get(&deletion).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing here is unknown to the author of `event`.
    fn is_current_for(&self, history: &History, event: EventIndex) -> bool {
        self.seen
            .iter()
            .all(|&(replica, seq)| history.saw_dot(event, replica, seq))
    }

    fn note(&mut self, history: &History, event: EventIndex) {
        let (replica, seq) = history.dot(event);
        match self.seen.iter_mut().find(|(known, _)| *known == replica) {
            Some((_, known)) => *known = (*known).max(seq),
            None => self.seen.push((replica, seq)),
        }
    }

    /// The element at a position of the author's version.
    fn find(&self, history: &History, event: EventIndex, at: u32) -> Option<(NodeIndex, u32)> {
        if self.is_current_for(history, event) {
            return self.runs.find_element(at);
        }
        let mut left = at;
        for (node, run) in self.runs.iter_from(self.runs.first()) {
            if self.counts_for(history, event, run) {
                if left < run.len {
                    return Some((node, left));
                }
                left -= run.len;
            }
        }
        None
    }

    fn counts_for(&self, history: &History, event: EventIndex, run: &Run) -> bool {
        let deleted = || {
            run.deletions.iter().any(|&deletion| {
                let undone = self.undone_by(deletion);
                history.saw(event, deletion)
                    && !undone.iter().any(|&undoing| history.saw(event, undoing))
            })
        };
        history.saw(event, run.id.event) && (run.is_marker() || !deleted())
    }

    fn is_undeleted(&self, run: &Run) -> bool {
        run.deletions
            .iter()
            .all(|deletion| self.undone.contains_key(deletion))
    }

    fn new_run(&mut self, id: ElementId, inserted: Inserted<'_>) -> Run {
        let (len, content) = match inserted {
            Inserted::Marker(line) => (1, Content::Marker(line)),
            Inserted::Text(text) => {
                let start = self.buffer.len();
                self.buffer.push_str(text);
                let bytes = text.len();
                (char_count(text), Content::Text { start, bytes })
            }
        };
        Run {
            id,
            len,
            content,
            deletions: Vec::new(),
            visible: true,
        }
    }

    /// Cuts the run of `node` behind `offset` elements; gives the node of the rest.
    pub(super) fn split(&mut self, node: NodeIndex, offset: u32) -> NodeIndex {
        let buffer = &self.buffer;
        let rest = self.runs.update(node, |run| run.split_off(offset, buffer));
        let id = rest.id;
        let rest = self.runs.insert_after(Some(node), rest);
        self.tree.note_run(id, rest);
        rest
    }
}

/// Adds an edit, as part of the one before where they touch.
fn report(edits: &mut Vec<Edit>, edit: Edit) {
    if let Some(last) = edits.last_mut()
        && last.owner == edit.owner
    {
        let inserts = last.delete == 0 && edit.delete == 0;
        if last.insert.is_empty() && last.at == edit.at {
            last.delete += edit.delete;
            last.insert = edit.insert;
            return;
        }
        if inserts && edit.at == last.at + char_count(&last.insert) {
            last.insert.push_str(&edit.insert);
            return;
        }
    }
    edits.push(edit);
}

#[cfg(test)]
mod tests;
