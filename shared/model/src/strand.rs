//! Text that several people write at once: plain at rest, with merge state only while events are
//! worked in whose authors had not seen everything. Knows nothing of outlines; a marker is an element
//! with the number of a line.

mod chunk;
mod counted;
mod edit;
mod graph;
mod log;
mod packed;
mod past;
mod record;
mod rewind;
mod shared;
mod slice;
mod slice_events;
mod stretch;
mod text;
mod tracker;

use crate::index::{EventIndex, LineIndex};
use crate::strand::log::{Kind, Log, Run, RunPart};
use crate::strand::past::Past;
use crate::strand::record::Records;
use crate::strand::text::{Stretches, Text};
use crate::strand::tracker::{Effect, Tracker};

pub use crate::strand::shared::{SharedText, TextError, TextVersion};

pub(crate) use crate::strand::edit::{Edit, Edits, Report};
pub(crate) use crate::strand::graph::EventGraph;
pub(crate) use crate::strand::record::Record;
pub(crate) use crate::strand::rewind::Rewind;
pub(crate) use crate::strand::tracker::{Span, slice_of};

/// An edit is about elements that its author's version does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BehindEnd;

#[derive(Debug, Clone)]
pub(crate) struct Strand {
    /// The line of the first slice.
    first: LineIndex,
    text: Text,
    /// What happened since the strand was created; nothing did to most.
    past: Option<Box<Past>>,
}

impl Strand {
    /// A strand as it is created, with the text that it has then.
    pub fn new(first: LineIndex, text: &str) -> Self {
        Self {
            first,
            text: Text::new(text),
            past: None,
        }
    }

    /// The line that this strand started with.
    pub fn first_line(&self) -> LineIndex {
        self.first
    }

    /// Events that saw all that happened here since the strand was created, but for each other.
    pub fn heads(&self) -> &[EventIndex] {
        self.past.as_ref().map_or(&[], |past| &past.heads)
    }

    /// Elements.
    fn len(&self) -> u32 {
        self.text.len()
    }

    fn log(&self) -> Option<&Log> {
        self.past.as_ref().map(|past| &past.log)
    }

    /// Whether there is merge state.
    pub fn is_merging(&self) -> bool {
        self.past
            .as_ref()
            .is_some_and(|past| past.tracker.is_some())
    }

    /// Drops the merge state; it is made again when it is needed.
    pub fn rest(&mut self) {
        if let Some(past) = &mut self.past {
            past.tracker = None;
        }
    }

    /// Elements, as the author of `event` counts them.
    pub fn len_for(&mut self, graph: &impl EventGraph, event: EventIndex) -> u32 {
        let is_current = self.is_current(graph, event);
        self.len_as(graph, event, is_current)
    }

    fn len_as(&mut self, graph: &impl EventGraph, event: EventIndex, is_current: bool) -> u32 {
        match &mut self.past {
            Some(past) if !is_current => {
                let (tracker, log) = past.tracker(graph, &self.text, event);
                tracker.len_for(graph, log, event)
            }
            _ => self.text.len(),
        }
    }

    /// Whether the author of `event` had seen everything that happened here.
    fn is_current(&self, graph: &impl EventGraph, event: EventIndex) -> bool {
        let past = self.past.as_ref();
        past.is_none_or(|past| past.is_current(graph, event))
    }

    /// Deletes `delete` elements at `at` of the author's version, but for markers, and inserts there.
    /// Gives the line in whose slice something was inserted.
    ///
    /// # Errors
    /// When that is behind the end; nothing has changed then.
    pub fn edit(
        &mut self,
        graph: &impl EventGraph,
        event: EventIndex,
        (at, delete): (u32, u32),
        insert: &str,
        report: &mut impl Report,
    ) -> Result<Option<LineIndex>, BehindEnd> {
        let is_current = self.is_current(graph, event);
        let len = self.len_as(graph, event, is_current);
        if at.checked_add(delete).is_none_or(|end| end > len) {
            return Err(BehindEnd);
        }
        if delete > 0 {
            self.delete_as(graph, Run::deletion(event, at, delete), is_current, report);
        }
        let run = Run::insertion(event, at, insert);
        let inserted = !insert.is_empty();
        Ok(inserted.then(|| self.insert_as(graph, run, insert, is_current, report)))
    }

    /// Inserts at `at` of the author's version, which must not be behind its end. Gives the line in
    /// whose slice it is.
    pub fn insert(
        &mut self,
        graph: &impl EventGraph,
        event: EventIndex,
        at: u32,
        text: &str,
        report: &mut impl Report,
    ) -> LineIndex {
        self.insert_run(graph, Run::insertion(event, at, text), text, report)
    }

    /// Inserts the characters of a run, which goes on nothing that was here before.
    fn insert_run(
        &mut self,
        graph: &impl EventGraph,
        run: Run,
        text: &str,
        report: &mut impl Report,
    ) -> LineIndex {
        let is_current = self.is_current(graph, run.event);
        self.insert_as(graph, run, text, is_current, report)
    }

    fn insert_as(
        &mut self,
        graph: &impl EventGraph,
        run: Run,
        text: &str,
        is_current: bool,
        report: &mut impl Report,
    ) -> LineIndex {
        let at = self.work_in_insertion(graph, run, is_current);
        self.text.insert(at, text, run.len);
        let (owner, place) = self.owner_at(at);
        report.edited(owner, place, 0, text);
        if let Some(records) = self.records_mut() {
            let record = records.of(owner);
            if is_current {
                record.touch_last(run.last_event());
            } else {
                record.touch(graph, run.last_event());
            }
        }
        owner
    }

    /// Inserts the marker of `line` at `at` of the author's version, which must not be behind its end.
    pub fn insert_marker(
        &mut self,
        graph: &impl EventGraph,
        event: EventIndex,
        at: u32,
        line: LineIndex,
    ) {
        let is_current = self.is_current(graph, event);
        let run = Run {
            event,
            at,
            len: 1,
            content: line.0,
            kind: Kind::Marker,
            is_each: false,
        };
        let at = self.work_in_insertion(graph, run, is_current);
        let (owner, _) = self.owner_at(at);
        self.text.insert_marker(at, line);
        if !is_current {
            // Which half the edits were in that its author had not seen would have to be found out.
            self.past_mut().records.take();
        } else if let Some(records) = self.records_mut() {
            records.cut([owner, line], event);
        }
    }

    /// Gives the position in the text.
    fn work_in_insertion(&mut self, graph: &impl EventGraph, run: Run, is_current: bool) -> u32 {
        let past = self.past.get_or_insert_with(|| Past::new(self.first));
        if is_current {
            past.push(graph, run, true);
            return run.at;
        }
        past.tracker(graph, &self.text, run.event);
        let part = past.push(graph, run, false);
        let Some(tracker) = &mut past.tracker else {
            unreachable!("the merge state was made");
        };
        match tracker.work_in(graph, &past.log, part) {
            &[Effect::Inserted { at }] => at,
            _ => unreachable!("an insertion comes to one place"),
        }
    }

    /// Deletes the characters among `count` elements from `at` on; they must exist.
    pub fn delete(
        &mut self,
        graph: &impl EventGraph,
        event: EventIndex,
        at: u32,
        count: u32,
        report: &mut impl Report,
    ) {
        let is_current = self.is_current(graph, event);
        self.delete_as(graph, Run::deletion(event, at, count), is_current, report);
    }

    fn delete_as(
        &mut self,
        graph: &impl EventGraph,
        run: Run,
        is_current: bool,
        report: &mut impl Report,
    ) {
        if self.text.marker_count() == 0 {
            self.delete_run_as(graph, run, is_current, report);
            return;
        }
        let mut gone = 0;
        for (at, len) in self.between_markers(graph, run, is_current) {
            let at = at - gone;
            self.delete_run_as(graph, Run { at, len, ..run }, is_current, report);
            gone += len;
        }
    }

    /// The stretches of characters, without the markers, among the elements of a run of the author's
    /// version.
    fn between_markers(
        &mut self,
        graph: &impl EventGraph,
        run: Run,
        is_current: bool,
    ) -> Stretches {
        if is_current {
            return self.text.between_markers(run.at, run.len);
        }
        let past = self.past.get_or_insert_with(|| Past::new(self.first));
        let (tracker, log) = past.tracker(graph, &self.text, run.event);
        tracker.len_for(graph, log, run.event);
        tracker.between_markers(&self.text, run.at, run.len)
    }

    /// Deletes the characters of a run; no marker may be among them.
    fn delete_run(&mut self, graph: &impl EventGraph, run: Run, report: &mut impl Report) {
        let is_current = self.is_current(graph, run.event);
        self.delete_run_as(graph, run, is_current, report);
    }

    fn delete_run_as(
        &mut self,
        graph: &impl EventGraph,
        mut run: Run,
        is_current: bool,
        report: &mut impl Report,
    ) {
        let past = self.past.get_or_insert_with(|| Past::new(self.first));
        run.content = past.removed_chars;
        if is_current {
            past.push(graph, run, true);
            let is_backward = run.kind == Kind::Backspace;
            let at = if is_backward {
                run.at + 1 - run.len
            } else {
                run.at
            };
            let owner = self.remove(at, run.len, is_backward, report);
            self.note(graph, owner, run.last_event());
            return;
        }
        past.tracker(graph, &self.text, run.event);
        let part = past.push(graph, run, false);
        self.work_in(graph, part, run.last_event(), report);
    }

    /// Ends the deletions that `deletion` made here. Gives the lines in whose slices they are.
    pub fn undelete(
        &mut self,
        graph: &impl EventGraph,
        event: EventIndex,
        deletion: EventIndex,
        report: &mut impl Report,
    ) -> Vec<LineIndex> {
        let past = self.past.get_or_insert_with(|| Past::new(self.first));
        let is_current = past.is_current(graph, event);
        let first = past.log.first_of(deletion);
        past.log.cut_from(first);
        past.undone.push((deletion, event));
        past.tracker(graph, &self.text, event);
        let (kind, content) = (Kind::Undelete, deletion.0);
        let run = Run {
            event,
            at: 0,
            len: 1,
            content,
            kind,
            is_each: false,
        };
        let part = past.push(graph, run, is_current);
        self.work_in(graph, part, event, report)
    }

    /// Works in part of a run of deletions, or of their ends; gives the lines in whose slices it was.
    fn work_in(
        &mut self,
        graph: &impl EventGraph,
        part: RunPart,
        event: EventIndex,
        report: &mut impl Report,
    ) -> Vec<LineIndex> {
        let past = self.past.get_or_insert_with(|| Past::new(self.first));
        let Some(tracker) = &mut past.tracker else {
            unreachable!("the merge state was made");
        };
        let effects = tracker.work_in(graph, &past.log, part).to_vec();
        let is_backward = past.log.run(part.run).kind == Kind::Backspace;
        let ends_deletion = past.log.run(part.run).kind == Kind::Undelete;
        let mut touched = Vec::new();
        for effect in effects {
            match effect {
                Effect::Inserted { .. } => {}
                Effect::Removed { at, count } => {
                    self.remove(at, count, is_backward, report);
                }
                Effect::Revealed { at, count, removed } => {
                    let text = self.past_mut().removed(removed, count);
                    self.text.insert(at, &text, count);
                    let (owner, place) = self.owner_at(at);
                    report.edited(owner, place, 0, &text);
                }
                Effect::Touched { at } if ends_deletion => {
                    let (owner, _) = self.owner_at(at);
                    touched.push(owner);
                    if let Some(records) = self.records_mut() {
                        records.of(owner).touch(graph, event);
                    }
                }
                Effect::Touched { at } => {
                    let (owner, _) = self.owner_at(at);
                    self.note(graph, owner, event);
                }
            }
        }
        touched
    }

    /// Gives the line in whose slice that was.
    fn remove(
        &mut self,
        at: u32,
        count: u32,
        is_backward: bool,
        report: &mut impl Report,
    ) -> LineIndex {
        let (owner, place) = self.owner_at(at);
        let past = self.past.get_or_insert_with(|| Past::new(self.first));
        let removed = &mut past.removed;
        let before = removed.len();
        self.text.remove(at, count, |text| removed.push_str(text));
        if is_backward && count > 1 {
            let text: String = removed[before..].chars().rev().collect();
            removed.replace_range(before.., &text);
        }
        past.removed_chars += count;
        report.edited(owner, place, count, "");
        owner
    }

    /// Notes a deletion in the slice of `owner`.
    fn note(&mut self, graph: &impl EventGraph, owner: LineIndex, event: EventIndex) {
        if let Some(records) = self.records_mut() {
            records.of(owner).note(graph, event);
        }
    }

    fn past_mut(&mut self) -> &mut Past {
        self.past.get_or_insert_with(|| Past::new(self.first))
    }

    fn records_mut(&mut self) -> Option<&mut Records> {
        self.past.as_mut().and_then(|past| past.records.get_mut())
    }

    /// The events that ended the deletion made by `deletion`.
    pub fn undone_by(&self, deletion: EventIndex) -> impl Iterator<Item = EventIndex> {
        let undone = self.past.as_ref().map_or(&[][..], |past| &past.undone);
        let own = undone.iter().filter(move |(ended, _)| *ended == deletion);
        own.map(|&(_, event)| event)
    }

    pub fn is_undone(&self, deletion: EventIndex) -> bool {
        self.undone_by(deletion).next().is_some()
    }

    /// What happened in the slice of `line` since the strand was created.
    pub fn record(&self, graph: &impl EventGraph, line: LineIndex) -> Option<&Record> {
        let past = self.past.as_ref()?;
        let records = past.records.get_or_init(|| {
            let spans = self.spans(graph, EventIndex(0));
            Records::from_spans(graph, self.first, &spans, &past.undone)
        });
        records.get(line)
    }

    /// Everything in order, what was deleted before `since` left out: with the events from `since` on
    /// that brought and took it, and some from before.
    ///
    /// Looks through all that happened since.
    pub fn spans(&self, graph: &impl EventGraph, since: EventIndex) -> Vec<Span> {
        let Some(past) = &self.past else {
            let len = self.text.len();
            let span = Span {
                event: None,
                len,
                marker: None,
                deletions: Vec::new(),
                is_visible: true,
            };
            return vec![span];
        };
        let base = past.log.base_before(since);
        Tracker::new(graph, &past.log, base, &self.text, past.removed_chars).spans(&past.log)
    }
}

#[cfg(test)]
mod tests;
