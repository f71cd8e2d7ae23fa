//! The author's own actions on one document, in the order in which they can be undone.
//!
//! Only remembers which events an action wrote; what undoing them means is the model's business.

use tideline_model::{EventId, LineId};

use crate::open_document::Direction;

/// Typing on one line stays one action while the pauses in it are shorter than this.
const TYPING_ACTION_PAUSE_MS: i64 = 1000;
/// Actions that are remembered.
const ACTIONS_MAX: usize = 10_000;

/// What kind of action an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Typing { line: LineId, now_ms: i64 },
    Gesture,
}

#[derive(Debug)]
struct Done {
    action: Action,
    events: Vec<EventId>,
}

#[derive(Debug, Default)]
pub struct UndoHistory {
    done: Vec<Done>,
    undone: Vec<Done>,
    /// While a gesture is carried out in portions, its events join one action.
    joining: bool,
}

impl UndoHistory {
    /// The author has written `event`.
    pub fn done(&mut self, action: Action, event: EventId) {
        self.undone.clear();
        match self.done.last_mut() {
            Some(last) if self.joining || last.continues(action) => {
                last.action = action;
                last.events.push(event);
            }
            _ => self.done.push(Done {
                action,
                events: vec![event],
            }),
        }
        if self.done.len() > ACTIONS_MAX {
            self.done.remove(0);
        }
        self.joining = self.joining || action == Action::Gesture;
    }

    /// The gesture is complete: the next event begins a new action.
    pub fn end_gesture(&mut self) {
        self.joining = false;
    }

    /// Takes the events of the action to be undone or redone.
    pub fn take(&mut self, direction: Direction) -> Option<Vec<EventId>> {
        self.joining = false;
        let from = match direction {
            Direction::Undo => &mut self.done,
            Direction::Redo => &mut self.undone,
        };
        from.pop().map(|done| done.events)
    }

    /// `events` have undone (or redone) what was taken; undoing *them* is the way back.
    pub fn stepped(&mut self, direction: Direction, events: Vec<EventId>) {
        let to = match direction {
            Direction::Undo => &mut self.undone,
            Direction::Redo => &mut self.done,
        };
        to.push(Done {
            action: Action::Gesture,
            events,
        });
    }
}

impl Done {
    fn continues(&self, action: Action) -> bool {
        match (self.action, action) {
            (
                Action::Typing {
                    line,
                    now_ms: last_ms,
                },
                Action::Typing { line: next, now_ms },
            ) => line == next && now_ms - last_ms < TYPING_ACTION_PAUSE_MS,
            _ => false,
        }
    }
}
