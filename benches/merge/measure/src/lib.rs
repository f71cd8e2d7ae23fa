//! What every engine is measured with: histories, the clock, the counting allocator, and the process
//! that finds out one figure. Knows no engine and prints no table.

pub mod child;
pub mod clock;
pub mod engine;
pub mod figures;
pub mod memory;
pub mod moves;
pub mod roster;
pub mod synthetic;
pub mod trace;

pub use child::{Entry, Part};
pub use clock::Stopwatch;
pub use engine::{Engine, Figure};
pub use figures::{Answer, Prepared};
pub use roster::Name;
pub use trace::{Patch, Trace, Transaction};
