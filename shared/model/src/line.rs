//! What a line is besides its text: its kind and the values of its properties.

use std::fmt;
use std::str::FromStr;

/// How far a todo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TodoState {
    Open,
    Started,
    Waiting,
    Done,
    Cancelled,
}

/// What a line is shown as. Turning one kind into another loses nothing: text, children, tags and
/// properties belong to the line, not to its kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    #[default]
    Text,
    /// Level 1 to 3.
    Heading(u8),
    Todo(TodoState),
    Bullet,
    Numbered,
    Quote,
    /// Its language is the property `language`; neighbouring code lines are one block.
    Code,
    Comment,
    Divider,
    /// A row of a table, `| one | two |`; neighbouring ones are one table.
    Table,
    /// Written by a newer version; kept as it came and shown as text.
    Other(String),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "text",
            Kind::Heading(1) => "heading1",
            Kind::Heading(2) => "heading2",
            Kind::Heading(_) => "heading3",
            Kind::Todo(TodoState::Open) => "todo",
            Kind::Todo(TodoState::Started) => "todo-started",
            Kind::Todo(TodoState::Waiting) => "todo-waiting",
            Kind::Todo(TodoState::Done) => "todo-done",
            Kind::Todo(TodoState::Cancelled) => "todo-cancelled",
            Kind::Bullet => "bullet",
            Kind::Numbered => "numbered",
            Kind::Quote => "quote",
            Kind::Code => "code",
            Kind::Comment => "comment",
            Kind::Divider => "divider",
            Kind::Table => "table",
            Kind::Other(name) => name,
        })
    }
}

impl FromStr for Kind {
    type Err = std::convert::Infallible;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "text" => Kind::Text,
            "heading1" => Kind::Heading(1),
            "heading2" => Kind::Heading(2),
            "heading3" => Kind::Heading(3),
            "todo" => Kind::Todo(TodoState::Open),
            "todo-started" => Kind::Todo(TodoState::Started),
            "todo-waiting" => Kind::Todo(TodoState::Waiting),
            "todo-done" => Kind::Todo(TodoState::Done),
            "todo-cancelled" => Kind::Todo(TodoState::Cancelled),
            "bullet" => Kind::Bullet,
            "numbered" => Kind::Numbered,
            "quote" => Kind::Quote,
            "code" => Kind::Code,
            "comment" => Kind::Comment,
            "divider" => Kind::Divider,
            "table" => Kind::Table,
            other => Kind::Other(other.to_owned()),
        })
    }
}

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Value>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Boolean(flag) => write!(f, "{flag}"),
            Value::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    value.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}
