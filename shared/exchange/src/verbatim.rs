//! Blocks that are kept as they stand in the source: each of their lines is a line of text with a
//! property that says what the block is, and neighbouring ones are one block.

use tideline_model::{Kind, OutlineLine, Value};

pub(crate) const MARKDOWN: &str = "markdown";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbatim {
    Table,
    Html,
    /// Of links and footnotes.
    Definition,
}

const ALL: [Verbatim; 3] = [Verbatim::Table, Verbatim::Html, Verbatim::Definition];

impl Verbatim {
    fn name(self) -> &'static str {
        match self {
            Verbatim::Table => "table",
            Verbatim::Html => "html",
            Verbatim::Definition => "definition",
        }
    }

    pub fn property(self) -> (String, Value) {
        (MARKDOWN.to_owned(), Value::Text(self.name().to_owned()))
    }

    /// What kind of block a line is part of.
    pub fn of(line: &OutlineLine) -> Option<Self> {
        if line.kind != Kind::Text {
            return None;
        }
        let mut named = line.properties.iter().filter(|(name, _)| name == MARKDOWN);
        let first = named.next().filter(|_| named.next().is_none())?;
        ALL.into_iter().find(|what| *first == what.property())
    }
}
