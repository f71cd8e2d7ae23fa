//! The SQLite replica: what a client keeps on disk, and the only room that touches the disk.
//!
//! Stores sealed batches of events (the truth), the rows that they add up to (derived), the search
//! index over those rows (derived from them), settings, and who this replica is. Knows nothing of
//! sockets, panels or windows, and never decides what a document looks like: rows come from the
//! caller. The files, tables and promises are described in `docs/storage.md`.

mod adopt;
mod backup;
mod checksum;
mod commit;
mod destroy;
mod drafts;
mod error;
#[cfg(test)]
mod faults;
mod fold;
mod folder;
mod history;
mod housekeeping;
mod identity;
mod index;
mod lines;
mod lock;
mod mark;
mod order;
mod packing;
mod query;
mod reader;
mod repair;
mod replica;
mod rows;
mod salvage;
mod saved;
mod schema;
mod scope;
mod search;
mod segment;
mod settings;
mod table;
mod taking_in;
mod unsaved;
mod verify;
mod vocabulary;
mod windows;
mod writer;
mod writers;

pub use backup::{BackupError, backup};
pub use commit::{Commit, Deletion, Origin};
pub use error::{CommitError, OpenError, StoreError};
pub use housekeeping::{Housekeeper, Schedule};
pub use mark::Renewal;
pub use packing::{Packing, Parcel};
pub use reader::Reader;
pub use repair::{Remedy, Repair, RepairError, repair};
pub use replica::Replica;
pub use rows::{DocumentRow, GroupHome, GroupRow, Hit, LineRow, OrderedLine};
pub use salvage::{SalvageError, Salvaged, Wanted, read_salvaged, salvage, write_salvaged};
pub use saved::Saved;
pub use scope::Scope;
pub use taking_in::TakenIn;
pub use unsaved::keep_unsaved;
pub use verify::{Part, Problem, Verification};
pub use vocabulary::Vocabulary;
pub use windows::ShownLine;
pub use writer::{CommitReport, Ticket, Unsaved, Writer, WriterHandle};
