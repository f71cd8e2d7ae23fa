//! Random histories: several replicas, every gesture, a network that misbehaves, and the properties
//! of the merge rules checked all along.

mod blocks;
pub mod check;
pub mod gesture;
pub mod hostile;
pub mod log;
pub mod names;
mod neighbours;
mod network;
pub mod operation;
pub mod peer;
pub mod plan;
mod proof;
pub mod property;
mod screen;
pub mod shadow;
pub mod simulation;
pub mod witness;
