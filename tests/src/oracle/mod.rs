//! The oracle: the merge rules as code that is as plain as it can be.
//!
//! A pure function of a *set* of events to the displayed outline. It sorts the events, replays them
//! one by one, and works everything out again each time; it is slow, and it shares no code with the
//! engine beyond the plain types. Numbers in comments are those of the rules in `docs/merge.md`.

mod deletion;
mod display;
mod fit;
mod history;
mod line;
mod place;
mod replay;
mod strand;
mod tree;

use tideline_model::Event;

use crate::shown::Shown;
use history::History;
use replay::Replay;

/// What people see when exactly `events` have happened. Their order does not matter; the events that
/// each one builds on must be among them.
pub fn evaluate<'a>(events: impl IntoIterator<Item = &'a Event>) -> Shown {
    let history = History::new(events);
    let replay = Replay::of(&history);
    display::shown(&history, &replay)
}
