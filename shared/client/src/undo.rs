//! What the author did to one document, action by action, as it can be taken back and done again.
//! Worked out from this replica's own events alone, so it is the same after a restart; of the events
//! themselves only the latest are kept at hand.
//!
//! Knows which events an action wrote; what undoing them means is the model's business.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tideline_model::{Change, Event, EventId, LineId, ReplicaId};

/// Typing on one line stays one action while the pauses in it are shorter than this.
const TYPING_PAUSE_MS: i64 = 1000;
/// Text that comes in larger pieces was not typed: it stands alone.
const TYPED_BYTES_MAX: usize = 64;
/// Events that stay at hand once they are on disk; older ones are read when they are asked for.
const EVENTS_KEPT: usize = 256;

/// Which way to step through the history of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Undo,
    Redo,
}

/// Consecutive events of one replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRange {
    pub first: EventId,
    pub last_seq: u64,
}

impl EventRange {
    fn contains(&self, id: EventId) -> bool {
        id.replica == self.first.replica && (self.first.seq..=self.last_seq).contains(&id.seq)
    }

    fn is_followed_by(&self, id: EventId) -> bool {
        id.replica == self.first.replica && id.seq == self.last_seq + 1
    }

    fn ids(self) -> impl DoubleEndedIterator<Item = EventId> {
        let replica = self.first.replica;
        (self.first.seq..=self.last_seq).map(move |seq| EventId { replica, seq })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Action {
    events: EventRange,
    /// The action that this one took back, or did again.
    steps_over: Option<EventRange>,
    typing: Option<Typing>,
}

/// How typing goes on in the next event.
#[derive(Debug, Serialize, Deserialize)]
struct Typing {
    /// One for each caret.
    strands: BTreeSet<LineId>,
    inserts: bool,
    since_ms: i64,
    ends_word: bool,
}

#[derive(Debug, Default)]
pub struct UndoHistory {
    done: Vec<Action>,
    undone: Vec<Action>,
    kept: BTreeMap<EventId, Event>,
}

impl UndoHistory {
    /// Notes what `replica` did next, of all the events of a document that came then.
    pub fn go_on<'a>(&mut self, replica: ReplicaId, events: impl IntoIterator<Item = &'a Event>) {
        let own = events.into_iter();
        for event in own.filter(|event| event.id.replica == replica) {
            self.note(event);
            self.forget_old();
        }
    }

    /// What there is to undo and to redo, without the events, as bytes.
    pub fn to_bytes(&self, replica: ReplicaId) -> Vec<u8> {
        let noted = (replica, &self.done, &self.undone);
        // Whoever cannot read them reads the events.
        postcard::to_stdvec(&noted).unwrap_or_default()
    }

    /// What [`UndoHistory::to_bytes`] wrote; `None` if that was another replica.
    pub fn from_bytes(replica: ReplicaId, bytes: &[u8]) -> Option<Self> {
        let (noted, done, undone) = postcard::from_bytes(bytes).ok()?;
        let history = Self {
            done,
            undone,
            kept: BTreeMap::new(),
        };
        (replica == noted).then_some(history)
    }

    /// The author has written `event`, to which nothing will be added.
    pub fn note(&mut self, event: &Event) {
        self.kept.insert(event.id, event.clone());
        let undoes = event.changes.iter().find_map(|change| match change {
            Change::Undoes { event } => Some(*event),
            _ => None,
        });
        let is_step = undoes.is_some_and(|target| {
            step(&mut self.done, &mut self.undone, target, event.id)
                || step(&mut self.undone, &mut self.done, target, event.id)
        });
        if is_step {
            return;
        }
        self.undone.clear();
        let typing = Typing::of(event);
        match self.done.last_mut() {
            Some(last) if last.is_continued_by(event, typing.as_ref()) => {
                last.events.last_seq = event.id.seq;
                last.typing = typing;
            }
            // It belongs to how the document came to be, which nobody takes back by accident.
            _ if event.changes.contains(&Change::Continues) => {}
            _ => self.done.push(Action::new(event.id, typing)),
        }
    }

    /// The author paused, or left: typing that follows is an action of its own.
    pub fn end_action(&mut self) {
        if let Some(last) = self.done.last_mut() {
            last.typing = None;
        }
    }

    /// The events of the action to be undone or redone next, oldest first; `Err`: those of them that
    /// must be read and given to [`UndoHistory::keep`].
    pub fn next(&self, direction: Direction) -> Option<Result<Vec<Event>, EventRange>> {
        let events = self.stack(direction).last()?.events;
        let kept: Option<Vec<Event>> = events.ids().map(|id| self.kept.get(&id).cloned()).collect();
        Some(kept.ok_or(events))
    }

    /// Nothing is left of the next action that could be taken back.
    pub fn skip(&mut self, direction: Direction) {
        match direction {
            Direction::Undo => self.done.pop(),
            Direction::Redo => self.undone.pop(),
        };
    }

    /// Events that were read from the disk.
    pub fn keep(&mut self, events: Vec<Event>) {
        let events = events.into_iter().map(|event| (event.id, event));
        self.kept.extend(events);
    }

    /// Everything noted is on disk, or can be read from there when it is needed.
    pub fn forget_old(&mut self) {
        while self.kept.len() > EVENTS_KEPT {
            self.kept.pop_first();
        }
    }

    fn stack(&self, direction: Direction) -> &[Action] {
        match direction {
            Direction::Undo => &self.done,
            Direction::Redo => &self.undone,
        }
    }
}

/// Takes it that `event` stepped over the action in `from` that wrote `target`, and puts it on `to`.
/// What was above that action had nothing to be taken back.
fn step(from: &mut Vec<Action>, to: &mut Vec<Action>, target: EventId, event: EventId) -> bool {
    let joined = to.last_mut().filter(|last| {
        last.steps_over.is_some_and(|over| over.contains(target))
            && last.events.is_followed_by(event)
    });
    if let Some(last) = joined {
        last.events.last_seq = event.seq;
        return true;
    }
    let Some(place) = from
        .iter()
        .rposition(|action| action.events.contains(target))
    else {
        return false;
    };
    let steps_over = Some(from[place].events);
    from.truncate(place);
    to.push(Action {
        steps_over,
        ..Action::new(event, None)
    });
    true
}

impl Action {
    fn new(first: EventId, typing: Option<Typing>) -> Self {
        Self {
            events: EventRange {
                first,
                last_seq: first.seq,
            },
            steps_over: None,
            typing,
        }
    }

    fn is_continued_by(&self, event: &Event, typing: Option<&Typing>) -> bool {
        if !self.events.is_followed_by(event.id) {
            return false;
        }
        let types_on = match (&self.typing, typing) {
            (Some(before), Some(now)) => {
                before.strands == now.strands
                    && before.inserts == now.inserts
                    && now.since_ms - before.since_ms < TYPING_PAUSE_MS
                    && !(before.ends_word && starts_word(event))
            }
            _ => false,
        };
        types_on || event.changes.contains(&Change::Continues)
    }
}

impl Typing {
    fn of(event: &Event) -> Option<Self> {
        let strand_of = |change: &Change| match change {
            Change::EditText { strand, insert, .. } if insert.len() <= TYPED_BYTES_MAX => {
                Some(*strand)
            }
            _ => None,
        };
        let strands = event.changes.iter().map(strand_of).collect::<Option<_>>()?;
        let first = event.changes.first()?;
        let last = inserted(event).next_back();
        Some(Self {
            strands,
            inserts: matches!(first, Change::EditText { insert, .. } if !insert.is_empty()),
            since_ms: event.time_ms,
            ends_word: last.is_some_and(|text| text.ends_with(char::is_whitespace)),
        })
    }
}

fn starts_word(event: &Event) -> bool {
    let first = inserted(event).next();
    first.is_some_and(|text| !text.starts_with(char::is_whitespace))
}

fn inserted(event: &Event) -> impl DoubleEndedIterator<Item = &str> {
    let inserted = event.changes.iter().filter_map(|change| match change {
        Change::EditText { insert, .. } => Some(insert.as_str()),
        _ => None,
    });
    inserted.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
