//! The replica on real files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod commits;
mod crashing;
mod damage;
mod destroying;
mod full_disk;
mod keeping;
mod lines;
mod migrating;
mod opening;
mod ordering;
mod packing;
mod searching;
mod support;
mod verifying;
