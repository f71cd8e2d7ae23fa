//! The real program over real folders, as a user and as a script would run it.

mod export;
mod import;
mod inspect;
mod keeping;
mod place;
mod serve;
