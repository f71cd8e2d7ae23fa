//! The versions of a line as people read them: what one author wrote without a long pause is one.

use serde::Serialize;
use tideline_model::{Document, LineId, LineVersion, UserId};

/// Edits of one author that follow each other within this time are one version.
const PAUSE_MS: i64 = 60_000;
/// Versions that are told at most, the latest ones, and how much they say together.
const VERSIONS_MAX: usize = 500;
const TEXT_MAX_BYTES: usize = 4 << 20;

/// What a line said when its author paused, or somebody else went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineVersionEntry {
    pub replica: String,
    pub seq: u64,
    /// The wall clock of the author's machine.
    pub time_ms: i64,
    pub author: UserId,
    pub text: String,
}

/// The versions of a line's own text, the latest first, and whether there are older ones that are not
/// told; `None` for a line that is not known.
pub fn line_versions(document: &Document, line: LineId) -> Option<(Vec<LineVersionEntry>, bool)> {
    let mut history = document.line_history(line)?;
    let mut entries: Vec<LineVersionEntry> = Vec::new();
    let (mut is_cut, mut bytes) = (false, 0);
    let mut next = None;
    for at in (0..history.len()).rev() {
        let version = history.version(at)?;
        let goes_on = next.is_some_and(|next| is_same_sitting(&version, &next));
        next = Some(version);
        if goes_on {
            continue;
        }
        let text = history.text_at(at);
        bytes += text.len();
        is_cut = !entries.is_empty() && (bytes > TEXT_MAX_BYTES || entries.len() == VERSIONS_MAX);
        if is_cut {
            break;
        }
        entries.push(LineVersionEntry {
            replica: version.event.replica.to_string(),
            seq: version.event.seq,
            time_ms: version.time_ms,
            author: version.author,
            text,
        });
    }
    Some((entries, is_cut))
}

fn is_same_sitting(one: &LineVersion, next: &LineVersion) -> bool {
    one.author == next.author && (0..PAUSE_MS).contains(&(next.time_ms - one.time_ms))
}

#[cfg(test)]
mod tests {
    use tideline_model::{DocumentId, DraftLine, Intent, Kind, Placement, ReplicaId, UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_somebody_wrote_without_a_pause_is_one_version() {
        let replica = ReplicaId(Uuid::from_u128(1));
        let line = LineId { replica, number: 1 };
        let mut document = Document::new(DocumentId(Uuid::from_u128(2)));
        let act = |document: &mut Document, intent: &Intent, author: u128, time_ms: i64| {
            let changes = document.plan(intent).expect("an intent that fits");
            let author = UserId(Uuid::from_u128(author));
            let event = document.stamp(replica, author, time_ms, changes);
            document.apply(&event).expect("an event in order");
        };
        let create = Intent::CreateLines {
            placement: Placement {
                parent: LineId::ROOT,
                after: None,
            },
            lines: vec![DraftLine {
                id: line,
                depth: 0,
                kind: Kind::Text,
                text: "a".to_owned(),
                properties: Vec::new(),
                tags: Vec::new(),
            }],
        };
        act(&mut document, &create, 1, 0);
        for (letter, author, time_ms) in [
            ("b", 1, 900),
            ("c", 1, 1800),
            ("d", 2, 1900),
            ("e", 2, 99_000),
        ] {
            let (at, delete, insert) = (0, 0, letter.to_owned());
            let intent = Intent::EditText {
                line,
                at,
                delete,
                insert,
            };
            act(&mut document, &intent, author, time_ms);
        }
        let (versions, is_cut) = line_versions(&document, line).expect("a known line");
        let texts: Vec<&str> = versions
            .iter()
            .map(|version| version.text.as_str())
            .collect();
        assert_eq!(texts, ["edcba", "dcba", "cba"]);
        assert!(!is_cut);
        assert_eq!(line_versions(&document, LineId { number: 2, ..line }), None);
    }
}
