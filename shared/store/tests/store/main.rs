//! The replica on real files.

mod commits;
mod lines;
mod opening;
mod searching;
mod support;
