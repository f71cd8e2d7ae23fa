//! Intents as an interface writes them, checked once and turned into the model's.

use tideline_model::{DraftLine, IdError, Intent, Kind, LineId, Placement, ReplicaId, Value};

use crate::protocol::{DraftRow, EditIntent};

/// Why an intent of an interface is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    #[error(transparent)]
    Id(#[from] IdError),
    #[error("new line {line} is not from this replica's block of ids")]
    ForeignLine { line: LineId },
}

/// The model's form of `intent`, in steps; new lines must be numbered by `replica`.
///
/// # Errors
/// [`TranslateError`] for an id that is none, or of another kind.
pub fn translate(intent: EditIntent, replica: ReplicaId) -> Result<Vec<Intent>, TranslateError> {
    let single = match intent {
        EditIntent::EditText {
            line,
            at,
            delete,
            insert,
        } => Intent::EditText {
            line: line.parse()?,
            at,
            delete,
            insert: one_line(insert),
        },
        EditIntent::Split {
            line,
            at,
            new_line,
            kind,
        } => Intent::Split {
            line: line.parse()?,
            at,
            new_line: own(&new_line, replica)?,
            kind: parse_kind(&kind),
        },
        EditIntent::Join { line, into } => Intent::Join {
            line: line.parse()?,
            into: into.parse()?,
        },
        EditIntent::DeleteRange {
            first,
            first_at,
            last,
            last_at,
        } => Intent::DeleteRange {
            first: first.parse()?,
            first_at,
            last: last.parse()?,
            last_at,
        },
        EditIntent::CreateLines {
            parent,
            after,
            lines,
        } => Intent::CreateLines {
            placement: placement(&parent, after.as_deref())?,
            lines: lines
                .into_iter()
                .map(|row| draft(row, replica))
                .collect::<Result<_, _>>()?,
        },
        EditIntent::Move {
            lines,
            parent,
            after,
        } => Intent::Move {
            lines: ids(&lines)?,
            placement: placement(&parent, after.as_deref())?,
        },
        EditIntent::SetKind { lines, kind } => Intent::SetKind {
            lines: ids(&lines)?,
            kind: parse_kind(&kind),
        },
        EditIntent::SetProperty { line, name, value } => Intent::SetProperty {
            line: line.parse()?,
            name,
            value: value.map(Value::Text),
        },
        EditIntent::AddTag { line, tag } => Intent::AddTag {
            line: line.parse()?,
            tag,
        },
        EditIntent::RemoveTag { line, tag } => Intent::RemoveTag {
            line: line.parse()?,
            tag,
        },
        EditIntent::Delete { lines } => Intent::Delete {
            lines: ids(&lines)?,
        },
        EditIntent::Restore { lines } => Intent::Restore {
            lines: ids(&lines)?,
        },
        EditIntent::PutBack {
            lines,
            parent,
            after,
            ..
        } => return put_back(&lines, placement(&parent, after.as_deref())?),
        EditIntent::SetTitle { title } => Intent::SetTitle {
            title: one_line(title),
        },
    };
    Ok(vec![single])
}

fn put_back(rows: &[DraftRow], placement: Placement) -> Result<Vec<Intent>, TranslateError> {
    let topmost = rows.iter().filter(|row| row.depth == 0);
    let lines: Vec<LineId> = topmost
        .map(|row| row.id.parse())
        .collect::<Result<_, _>>()?;
    let restore = Intent::Restore {
        lines: lines.clone(),
    };
    Ok(vec![restore, Intent::Move { lines, placement }])
}

/// A line's text has no line breaks; an interface that sends one means a space.
pub fn one_line(text: String) -> String {
    if text.contains(['\n', '\r']) {
        text.replace(['\n', '\r'], " ")
    } else {
        text
    }
}

pub fn parse_kind(name: &str) -> Kind {
    match name.parse() {
        Ok(kind) => kind,
        Err(never) => match never {},
    }
}

fn own(text: &str, replica: ReplicaId) -> Result<LineId, TranslateError> {
    let line: LineId = text.parse()?;
    if line.replica == replica {
        Ok(line)
    } else {
        Err(TranslateError::ForeignLine { line })
    }
}

fn ids(lines: &[String]) -> Result<Vec<LineId>, IdError> {
    lines.iter().map(|line| line.parse()).collect()
}

fn placement(parent: &str, after: Option<&str>) -> Result<Placement, IdError> {
    Ok(Placement {
        parent: parent.parse()?,
        after: after.map(str::parse).transpose()?,
    })
}

fn draft(row: DraftRow, replica: ReplicaId) -> Result<DraftLine, TranslateError> {
    Ok(DraftLine {
        id: own(&row.id, replica)?,
        depth: row.depth,
        kind: parse_kind(&row.kind),
        text: one_line(row.text),
        properties: Vec::new(),
        tags: Vec::new(),
    })
}
