//! Events in words.

use tideline_model::{Change, Event, LineId};

use crate::core::LogEntry;

/// All of `events`, or those that touch one line, oldest first.
pub fn log_entries(events: &[Event], line: Option<LineId>) -> Vec<LogEntry> {
    events
        .iter()
        .filter_map(|event| {
            let touching = |change: &&Change| line.is_none_or(|line| touches(change, line));
            let changes: Vec<String> = event
                .changes
                .iter()
                .filter(touching)
                .map(in_words)
                .collect();
            (!changes.is_empty()).then(|| entry(event, changes))
        })
        .collect()
}

fn entry(event: &Event, changes: Vec<String>) -> LogEntry {
    LogEntry {
        replica: event.id.replica.to_string(),
        seq: event.id.seq,
        time_ms: event.time_ms,
        author: event.author.to_string(),
        changes,
    }
}

fn touches(change: &Change, wanted: LineId) -> bool {
    match change {
        Change::CreateLines { lines } => lines.iter().any(|line| line.id == wanted),
        Change::EditText { strand, .. } => *strand == wanted,
        Change::Split { strand, line, .. } => *strand == wanted || *line == wanted,
        Change::DeleteLines { lines } | Change::DeleteAgain { lines } => lines.contains(&wanted),
        Change::Join { line, .. }
        | Change::Move { line, .. }
        | Change::MoveBack { line, .. }
        | Change::SetKind { line, .. }
        | Change::SetProperty { line, .. }
        | Change::AddTag { line, .. }
        | Change::RemoveTag { line, .. }
        | Change::Restore { line, .. }
        | Change::Keep { line } => *line == wanted,
        Change::UndeleteText { .. }
        | Change::SetTitle { .. }
        | Change::Undoes { .. }
        | Change::Begins
        | Change::Continues
        | Change::Unknown { .. } => false,
    }
}

fn in_words(change: &Change) -> String {
    match change {
        Change::CreateLines { lines } => match lines.as_slice() {
            [line] => format!("created {} {:?}", line.kind, line.text),
            lines => format!("created {} lines", lines.len()),
        },
        Change::EditText {
            at,
            delete: 0,
            insert,
            ..
        } => format!("typed {insert:?} at {at}"),
        Change::EditText {
            at, delete, insert, ..
        } if insert.is_empty() => {
            format!("deleted {delete} characters at {at}")
        }
        Change::EditText {
            at, delete, insert, ..
        } => {
            format!("replaced {delete} characters at {at} by {insert:?}")
        }
        Change::Split {
            strand, at, line, ..
        } => format!("split {strand} at {at} into {line}"),
        Change::Join { line, .. } => format!("joined {line} to the line before it"),
        Change::Move { line, parent, .. } | Change::MoveBack { line, parent, .. } => {
            format!("moved {line} under {}", parent_in_words(*parent))
        }
        Change::SetKind { line, kind } => format!("turned {line} into {kind}"),
        Change::SetProperty {
            line,
            name,
            value: Some(value),
        } => {
            format!("set {name} of {} to {value}", parent_in_words(*line))
        }
        Change::SetProperty {
            line,
            name,
            value: None,
        } => {
            format!("removed {name} of {}", parent_in_words(*line))
        }
        Change::AddTag { line, tag } => format!("tagged {line} with {tag}"),
        Change::RemoveTag { line, tag } => format!("removed tag {tag} from {line}"),
        Change::DeleteLines { lines } => match lines.as_slice() {
            [line] => format!("deleted {line}"),
            lines => format!("deleted {} lines", lines.len()),
        },
        Change::DeleteAgain { lines } => format!("kept {} lines hidden", lines.len()),
        Change::Restore { line, .. } => format!("restored {line}"),
        Change::UndeleteText { .. } => "brought deleted text back".to_owned(),
        Change::Keep { line } => format!("kept {line}"),
        Change::SetTitle { title } => format!("titled the document {title:?}"),
        Change::Undoes { event } => format!("took back event {} of {}", event.seq, event.replica),
        Change::Begins => "began an action of several events".to_owned(),
        Change::Continues => "as one action with the event before".to_owned(),
        Change::Unknown { kind, .. } => format!("made by a newer version (change {kind})"),
    }
}

fn parent_in_words(line: LineId) -> String {
    if line == LineId::ROOT {
        "the document".to_owned()
    } else {
        line.to_string()
    }
}
