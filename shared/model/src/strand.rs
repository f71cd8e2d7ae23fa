//! Text that several people write at once: plain at rest, with merge state only while concurrent
//! events are worked in. Knows nothing of outlines; a marker is an element with the number of a line.

mod shared;

pub use shared::{SharedText, TextError, TextVersion};
