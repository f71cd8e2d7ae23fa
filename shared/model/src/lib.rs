//! The document model: events in, the same outline everywhere.
//!
//! Pure: knows nothing of disks, sockets, threads, windows or the time of day. Whoever calls it
//! passes in ids and clocks.

mod at_hand;
mod bytes;
mod chars;
mod cover;
mod display;
mod hash;
mod history;
mod index;
mod integrate;
mod line_history;
mod lines;
mod place;
mod plan;
mod property;
mod saved;
mod slots;
mod state;
mod strands;
mod text_deletions;
mod touch;
mod undo;

pub mod change;
pub mod document;
pub mod event;
pub mod id;
pub mod intent;
pub mod line;
pub mod outline;
pub mod patch;
pub mod strand;

pub use change::{Boundary, Change, NewLine, Side, SlotId, SlotOrigin, SlotRef};
pub use document::{ApplyError, Document, IntentError, LineView, Stop, Walk};
pub use event::{Event, EventId, Frontier, VersionVector};
pub use hash::RangeHash;
pub use id::{DocumentId, GroupId, IdError, LineId, ReplicaId, UserId};
pub use intent::{DraftLine, Intent, Placement};
pub use line::{Kind, TodoState, Value};
pub use line_history::{LineHistory, LineVersion};
pub use outline::{Outline, OutlineLine};
pub use patch::{LineSet, Patch, TextSplice};
pub use saved::SavedError;
