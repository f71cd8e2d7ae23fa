//! The dispatcher: intents and remote events in; events, patches and outgoing frames out.

pub mod protocol;
