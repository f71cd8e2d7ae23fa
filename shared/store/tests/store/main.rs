//! The replica on real files.

mod commits;
mod crashing;
mod damage;
mod destroying;
mod full_disk;
mod lines;
mod migrating;
mod opening;
mod searching;
mod support;
mod verifying;
