//! The document as its callers see it.

mod content;
mod events;
mod line_history;
mod patches;
mod people;
mod saved;
mod shape;
mod two_people;
mod undo;
