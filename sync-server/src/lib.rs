//! The sync server: accepts connections, keeps batches of events, acknowledges what is on disk, and
//! passes it on. It never opens a payload, never merges, and knows nothing of what a document is.
//!
//! The way of a push: `connection` → `log` (one writer, one fsync for many) → `hub` → the
//! queues of other connections (`outgoing`).

mod accounts;
pub mod admin;
pub mod cli;
mod clock;
mod connection;
pub mod database;
mod directory;
mod hub;
mod log;
mod outgoing;
mod room;
mod schema;
mod scope;
mod secret;
pub mod server;

pub use connection::Timeouts;
pub use database::{DatabaseOptions, OpenError};
pub use server::{Server, ServerOptions, StartError};
