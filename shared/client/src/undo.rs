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
    batch: Batch,
}

/// How the next event joins the action before it. What is sent as one batch is undone as one action,
/// and so is a gesture that is carried out in portions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Batch {
    /// Typing may go on with the action before it.
    #[default]
    Open,
    /// The first event begins an action; the others join it.
    Gesture,
    /// An event of the batch is written; the others join its action.
    Running,
}

impl UndoHistory {
    /// A batch of more than typing begins: it is an action of its own.
    pub fn begin_gesture(&mut self) {
        self.batch = Batch::Gesture;
    }

    /// The author has written `event`.
    pub fn done(&mut self, action: Action, event: EventId) {
        self.undone.clear();
        let joins = |last: &Done| match self.batch {
            Batch::Open => last.continues(action),
            Batch::Gesture => false,
            Batch::Running => true,
        };
        match self.done.last_mut().filter(|last| joins(last)) {
            Some(last) => {
                last.events.push(event);
                if self.batch == Batch::Open {
                    last.action = action;
                }
            }
            None => self.done.push(Done {
                action: match self.batch {
                    Batch::Gesture => Action::Gesture,
                    Batch::Open | Batch::Running => action,
                },
                events: vec![event],
            }),
        }
        if self.done.len() > ACTIONS_MAX {
            self.done.remove(0);
        }
        self.batch = Batch::Running;
    }

    /// The batch or gesture is complete: what comes next may begin a new action.
    pub fn end_gesture(&mut self) {
        self.batch = Batch::Open;
    }

    /// The author paused, or left: typing that follows is an action of its own.
    pub fn end_action(&mut self) {
        if let Some(last) = self.done.last_mut() {
            last.action = Action::Gesture;
        }
    }

    /// Takes the events of the action to be undone or redone.
    pub fn take(&mut self, direction: Direction) -> Option<Vec<EventId>> {
        self.batch = Batch::Open;
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
