//! What happened in a strand since it was created, and the merge state while there is any. Knows
//! the text only to start merging from it.

use std::sync::OnceLock;

use crate::chars::byte_offset;
use crate::index::{EventIndex, LineIndex};
use crate::strand::graph::EventGraph;
use crate::strand::log::{Log, Run, RunPart};
use crate::strand::record::{Records, add_head};
use crate::strand::text::Text;
use crate::strand::tracker::{Removed, Tracker};

/// A tracker that nothing needed for so many runs is dropped; it has to have been worth making.
const IDLE_RUNS_MIN: usize = 64;

#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    pub log: Log,
    /// The events that nobody here had seen.
    pub heads: Vec<EventIndex>,
    /// All characters that deletions took from the text, in the order in which they went.
    pub removed: String,
    pub removed_chars: u32,
    /// Deletions that ended, and by which events.
    pub undone: Vec<(EventIndex, EventIndex)>,
    /// Empty from a split of somebody who had not seen everything until somebody asks.
    pub records: OnceLock<Records>,
    pub tracker: Option<Box<Tracker>>,
}

impl Past {
    pub fn new(first: LineIndex) -> Box<Self> {
        // Nothing happened yet, and that is known.
        let records = OnceLock::from(Records::new(first));
        Box::new(Self {
            records,
            ..Self::default()
        })
    }

    pub fn is_current(&self, graph: &impl EventGraph, event: EventIndex) -> bool {
        if self.heads.iter().any(|&head| graph.follows(head, event)) {
            // What the one before had not seen, this has not either.
            return self.heads.len() == 1;
        }
        self.heads.iter().all(|&head| graph.saw(event, head))
    }

    /// The merge state, with everything worked in, and starting early enough for `event`.
    pub fn tracker(
        &mut self,
        graph: &impl EventGraph,
        text: &Text,
        event: EventIndex,
    ) -> (&mut Tracker, &Log) {
        if !self.is_tracked(graph, event) {
            self.make_tracker(graph, text, event);
        }
        let Some(tracker) = &mut self.tracker else {
            unreachable!("the merge state was made");
        };
        (tracker, &self.log)
    }

    /// Whether the merge state is ready for `event`, as far as one can tell without a search.
    pub fn is_tracked(&self, graph: &impl EventGraph, event: EventIndex) -> bool {
        self.tracker.as_ref().is_some_and(|tracker| {
            tracker.base() <= self.log.base()
                && tracker.has_all(&self.log)
                && tracker.stands_before(graph, event)
        })
    }

    pub fn make_tracker(&mut self, graph: &impl EventGraph, text: &Text, event: EventIndex) {
        self.log.cut_unseen(graph, event);
        let base = self.log.base();
        let is_worth_keeping = |tracker: &Tracker| {
            tracker.base() <= base && tracker.behind(&self.log) <= self.log.len() - base
        };
        let kept = self.tracker.take().filter(|it| is_worth_keeping(it));
        let tracker = kept.map_or_else(
            || {
                Box::new(Tracker::new(
                    graph,
                    &self.log,
                    base,
                    text,
                    self.removed_chars,
                ))
            },
            |mut tracker| {
                tracker.catch_up(graph, &self.log);
                tracker
            },
        );
        self.tracker = Some(tracker);
    }

    /// Adds to the log what `event` did; gives the part of the run that this is.
    pub fn push(&mut self, graph: &impl EventGraph, run: Run, is_current: bool) -> RunPart {
        let (number, _) = self.log.push(graph, run, is_current);
        if is_current {
            self.heads.clear();
            self.heads.push(run.last_event());
            let is_idle =
                |tracker: &Tracker| tracker.behind(&self.log) > IDLE_RUNS_MIN.max(tracker.worked());
            if self.tracker.as_deref().is_some_and(is_idle) {
                self.tracker = None;
            }
        } else {
            add_head(graph, &mut self.heads, run.last_event());
        }
        let to = self.log.run(number).len;
        RunPart {
            run: number,
            from: to - run.len,
            to,
        }
    }

    /// The characters that were removed, `count` of them.
    pub fn removed(&self, removed: Removed, count: u32) -> String {
        let text = if self.removed.len() == self.removed_chars as usize {
            &self.removed[removed.from as usize..][..count as usize]
        } else {
            let start = byte_offset(&self.removed, removed.from);
            let text = &self.removed[start..];
            &text[..byte_offset(text, count)]
        };
        if removed.is_backward {
            text.chars().rev().collect()
        } else {
            text.to_owned()
        }
    }
}
