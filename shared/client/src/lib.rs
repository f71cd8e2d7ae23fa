//! The dispatcher: intents and remote events in; events, patches and outgoing frames out.
//!
//! `core` is the face the shells see; `dispatcher` decides, and everything around it carries out.

mod catalogue;
mod core;
mod dispatcher;
mod edge;
mod glimpse;
mod input;
mod line_history;
mod loading;
mod log;
mod open_document;
mod panel;
mod portion;
mod presence;
pub mod protocol;
mod reading;
mod sync;
mod transform;
mod translate;
mod undo;
mod welcome;

pub use core::{
    Core, CoreConfig, CoreError, Imported, Interface, LogEntry, MissingFolder, VerifiedDocument,
};
pub use line_history::LineVersionEntry;
