//! Text that several people write at once, as a Fugue tree of elements (Weidner & Kleppmann,
//! "The Art of the Fugue", 2023). Knows nothing of outlines; a marker is just an element with the
//! number of a line.

mod run;
mod sequence;
mod slice;
mod strand;
mod tree;

pub(crate) use strand::{Edit, Inserted, Strand};
