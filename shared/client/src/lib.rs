//! The dispatcher: intents and remote events in; events, patches and outgoing frames out.

pub mod core;
pub mod protocol;

pub use core::{Core, CoreConfig, CoreError, Imported, Interface, LogEntry, VerifiedDocument};
