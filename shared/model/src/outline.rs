//! A document as plain data: what importers make and exporters read.

use crate::line::{Kind, Value};

/// A document without ids or history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    pub title: String,
    /// Where an import found it: folder names joined by `/`, without the file's own name.
    pub folder: String,
    /// Properties of the document as a whole (front matter), in their order.
    pub properties: Vec<(String, Value)>,
    /// In display order.
    pub lines: Vec<OutlineLine>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutlineLine {
    /// 0 for topmost lines; at most one more than the line before.
    pub depth: u32,
    pub kind: Kind,
    pub text: String,
    pub properties: Vec<(String, Value)>,
    pub tags: Vec<String>,
}
