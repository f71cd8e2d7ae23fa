//! Random histories: several replicas, every gesture, a network that misbehaves, and the properties
//! of the merge rules checked all along.

pub mod check;
pub mod gesture;
pub mod hostile;
pub mod names;
pub mod operation;
pub mod peer;
pub mod plan;
mod proof;
pub mod shadow;
pub mod simulation;
