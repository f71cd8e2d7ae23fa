//! The SQLite replica: what a client keeps on disk, and the only room that touches the disk.
//!
//! Stores sealed batches of events (the truth), the rows that they add up to (derived), the search
//! index over those rows (derived from them), settings, and who this replica is. Knows nothing of
//! sockets, panels or windows, and never decides what a document looks like: rows come from the
//! caller. The files, tables and promises are described in `docs/storage.md`.

mod adopt;
mod checksum;
mod commit;
mod destroy;
mod error;
#[cfg(test)]
mod faults;
mod fold;
mod folder;
mod history;
mod identity;
mod index;
mod lines;
mod lock;
mod mark;
mod order;
mod packing;
mod query;
mod reader;
mod replica;
mod rows;
mod salvage;
mod schema;
mod scope;
mod segment;
mod settings;
mod table;
mod verify;
mod writer;

pub use commit::{Commit, Deletion, Origin};
pub use error::{CommitError, OpenError, StoreError};
pub use mark::Renewal;
pub use packing::{Packing, Parcel};
pub use reader::Reader;
pub use replica::Replica;
pub use rows::{DocumentRow, GroupHome, GroupRow, Hit, LineRow, OrderedLine};
pub use salvage::{SalvageError, Salvaged, Wanted, read_salvaged, salvage, write_salvaged};
pub use scope::Scope;
pub use verify::{Part, Problem, Verification};
pub use writer::{CommitReport, Ticket, Unsaved, Writer};
