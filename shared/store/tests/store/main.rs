//! The replica on real files.

mod commits;
mod destroying;
mod lines;
mod opening;
mod searching;
mod support;
mod verifying;
