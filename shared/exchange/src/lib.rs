//! Markdown files to outlines and back: pure conversion, bytes in, bytes out.
//!
//! Knows nothing of disks, of ids, or of how a document came to be. What each notation means is in
//! `docs/import-export.md`.

mod annotation;
mod canonical;
mod code_block;
mod escape;
mod file_name;
mod front_matter;
mod list_style;
mod property_text;
mod reader;
mod source;
mod title;
mod verbatim;
mod writer;

pub use canonical::canonical;
pub use file_name::{FileNames, file_name};
pub use reader::{Import, Remark, Report, import_markdown};
pub use source::ImportError;
pub use writer::{export_markdown, export_markdown_at};

/// Stands in a line's text where the Markdown source breaks a line inside a paragraph: a line of
/// Tideline holds no `\n`, and U+2028 is Unicode's character for this.
pub const SOFT_BREAK: char = '\u{2028}';
