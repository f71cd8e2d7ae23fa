//! Markdown in and out, over real documents, tricky ones, and random ones.

mod any_outline;
mod bad_input;
mod fixtures;
mod natural;
mod real_documents;
mod support;
