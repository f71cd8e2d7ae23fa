//! The versions of a line as people read them: what one author wrote without a long pause is one, and
//! each kind that the line was turned into.

use serde::Serialize;
use tideline_model::{Document, LineId, LineVersion, UserId};

/// Edits of one author that follow each other within this time are one version.
const PAUSE_MS: i64 = 60_000;
/// Versions that are told at most, the latest ones, and how much they say together.
const VERSIONS_MAX: usize = 500;
const TEXT_MAX_BYTES: usize = 4 << 20;

/// What a line was when its author paused, turned it into another kind, or somebody else went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineVersionEntry {
    pub replica: String,
    pub seq: u64,
    /// The wall clock of the author's machine.
    pub time_ms: i64,
    pub author: UserId,
    pub kind: String,
    /// When it was turned into its kind, where that is what began this version.
    pub turned_ms: Option<i64>,
    pub text: String,
}

/// The versions of a line, the latest first, and whether there are older ones that are not
/// told; `None` for a line that is not known.
pub fn line_versions(document: &Document, line: LineId) -> Option<(Vec<LineVersionEntry>, bool)> {
    let mut history = document.line_history(line)?;
    let mut entries: Vec<LineVersionEntry> = Vec::new();
    let (mut is_cut, mut bytes) = (false, 0);
    let mut next: Option<LineVersion> = None;
    for at in (0..history.len()).rev() {
        let version = history.version(at)?;
        if let Some(next) = next.replace(version.clone()) {
            if let Some(entry) = entries.last_mut()
                && next.kind != version.kind
            {
                entry.turned_ms = Some(next.time_ms);
            }
            if is_same_sitting(&version, &next) {
                continue;
            }
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
            kind: version.kind.to_string(),
            turned_ms: None,
            text,
        });
    }
    Some((entries, is_cut))
}

fn is_same_sitting(one: &LineVersion, next: &LineVersion) -> bool {
    one.author == next.author
        && one.kind == next.kind
        && (0..PAUSE_MS).contains(&(next.time_ms - one.time_ms))
}

#[cfg(test)]
mod tests {
    use tideline_model::{DocumentId, DraftLine, Intent, Kind, Placement, ReplicaId, TodoState};
    use uuid::Uuid;

    use super::*;

    const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(1));
    const LINE: LineId = LineId {
        replica: REPLICA,
        number: 1,
    };

    fn act(document: &mut Document, intent: &Intent, author: u128, time_ms: i64) {
        let changes = document.plan(intent).expect("an intent that fits");
        let author = UserId(Uuid::from_u128(author));
        let event = document.stamp(REPLICA, author, time_ms, changes);
        document.apply(&event).expect("an event in order");
    }

    fn write(document: &mut Document, letter: &str, author: u128, time_ms: i64) {
        let intent = Intent::EditText {
            line: LINE,
            at: 0,
            delete: 0,
            insert: letter.to_owned(),
        };
        act(document, &intent, author, time_ms);
    }

    /// A line that says "a".
    fn document() -> Document {
        let mut document = Document::new(DocumentId(Uuid::from_u128(2)));
        let create = Intent::CreateLines {
            placement: Placement {
                parent: LineId::ROOT,
                after: None,
            },
            lines: vec![DraftLine {
                id: LINE,
                depth: 0,
                kind: Kind::Text,
                text: "a".to_owned(),
                properties: Vec::new(),
                tags: Vec::new(),
            }],
        };
        act(&mut document, &create, 1, 0);
        document
    }

    #[test]
    fn what_somebody_wrote_without_a_pause_is_one_version() {
        let mut document = document();
        for (letter, author, time_ms) in [
            ("b", 1, 900),
            ("c", 1, 1800),
            ("d", 2, 1900),
            ("e", 2, 99_000),
        ] {
            write(&mut document, letter, author, time_ms);
        }
        let (versions, is_cut) = line_versions(&document, LINE).expect("a known line");
        let texts: Vec<&str> = versions
            .iter()
            .map(|version| version.text.as_str())
            .collect();
        assert_eq!(texts, ["edcba", "dcba", "cba"]);
        assert!(!is_cut);
        assert_eq!(line_versions(&document, LineId { number: 2, ..LINE }), None);
    }

    #[test]
    fn each_state_of_a_todo_is_told_with_its_time() {
        let mut document = document();
        for (time_ms, state) in [(10, TodoState::Open), (30, TodoState::Done)] {
            let kind = Kind::Todo(state);
            let lines = vec![LINE];
            act(&mut document, &Intent::SetKind { lines, kind }, 1, time_ms);
            write(&mut document, "x", 1, time_ms + 5);
        }
        let (versions, _) = line_versions(&document, LINE).expect("a known line");
        let told: Vec<(&str, Option<i64>, &str)> = versions
            .iter()
            .map(|it| (it.kind.as_str(), it.turned_ms, it.text.as_str()))
            .collect();
        let expected = [
            ("todo-done", Some(30), "xxa"),
            ("todo", Some(10), "xa"),
            ("text", None, "a"),
        ];
        assert_eq!(told, expected);
    }
}
