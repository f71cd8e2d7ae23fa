//! The SQLite replica: what a client keeps on disk, and the only room that touches the disk.
//!
//! Stores sealed batches of events (the truth), the rows that they add up to (derived), the search
//! index over those rows (derived from them), settings, and who this replica is. Knows nothing of
//! sockets, panels or windows, and never decides what a document looks like: rows come from the
//! caller. The files, tables and promises are described in `docs/storage.md`.

mod commit;
mod error;
mod reader;
mod replica;
mod rows;
mod scope;
mod sealed;
mod writer;

pub use commit::{Commit, Deletion, Origin};
pub use error::{CommitError, OpenError, StoreError};
pub use reader::Reader;
pub use replica::Replica;
pub use rows::{DocumentRow, GroupHome, GroupRow, Hit, LineRow, OrderedLine};
pub use scope::Scope;
pub use sealed::SealedBatch;
pub use writer::{CommitReport, Ticket, Unsaved, Writer};
