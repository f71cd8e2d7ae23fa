//! Blocks that are kept as they stand in the source: each of their lines is a line, and neighbouring
//! ones are one block. Rows of tables are a kind; other blocks are text with a property that says what
//! they are.

use tideline_model::{Kind, OutlineLine, Value};

pub(crate) const MARKDOWN: &str = "markdown";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbatim {
    Table,
    Html,
    /// Of links and footnotes.
    Definition,
}

impl Verbatim {
    /// The property that says what the block is; none where the kind does.
    pub fn property(self) -> Option<(String, Value)> {
        let name = match self {
            Verbatim::Table => return None,
            Verbatim::Html => "html",
            Verbatim::Definition => "definition",
        };
        Some((MARKDOWN.to_owned(), Value::Text(name.to_owned())))
    }

    /// A line of such a block that says `text`.
    pub fn line(self, text: &str) -> OutlineLine {
        OutlineLine {
            kind: match self {
                Verbatim::Table => Kind::Table,
                Verbatim::Html | Verbatim::Definition => Kind::Text,
            },
            text: text.to_owned(),
            properties: self.property().into_iter().collect(),
            ..OutlineLine::default()
        }
    }

    /// What kind of block a line is part of.
    pub fn of(line: &OutlineLine) -> Option<Self> {
        match line.kind {
            Kind::Table => Some(Verbatim::Table),
            Kind::Text => {
                let said = property(line)?;
                let texts = [Verbatim::Html, Verbatim::Definition];
                texts
                    .into_iter()
                    .find(|what| what.property().as_ref() == Some(said))
            }
            _ => None,
        }
    }
}

fn property(line: &OutlineLine) -> Option<&(String, Value)> {
    let mut named = line.properties.iter().filter(|(name, _)| name == MARKDOWN);
    named.next().filter(|_| named.next().is_none())
}

/// Rows of tables were text with a property before they were a kind.
pub(crate) fn renew(line: &mut OutlineLine) {
    let said = Value::Text("table".to_owned());
    if line.kind == Kind::Text && property(line).is_some_and(|(_, value)| *value == said) {
        line.kind = Kind::Table;
        line.properties.retain(|(name, _)| name != MARKDOWN);
    }
}
