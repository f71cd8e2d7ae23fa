//! What the tests across crates are made of: the merge oracle, the plain outliner, a network that
//! misbehaves, and plans that can be replayed.

pub mod merge;
pub mod oracle;
pub mod outliner;
pub mod shown;
pub mod strangers;
pub mod traces;
