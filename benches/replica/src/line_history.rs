//! What a line said at any time, in a document with a long history.

use std::time::Instant;

use tideline_model::{Document, DraftLine, Intent, Kind, LineId, Placement, ReplicaId, UserId};
use uuid::Uuid;

use crate::report::{ms, note, result, share};
use crate::synthetic::{DOCUMENT, Luck, word};

const EVENTS: usize = 1_000_000;
const LINES: u64 = 2_000;
/// What is typed in one line before another is gone to.
const SITTING: usize = 25;
const QUESTIONS: usize = 400;
const REPLICA: ReplicaId = ReplicaId(Uuid::from_u128(21));
const AUTHOR: UserId = UserId(Uuid::from_u128(22));

/// A million events on two thousand lines: any line at any of its versions, and one line that half of
/// all events are about.
pub fn measure() -> anyhow::Result<()> {
    let document = document()?;
    let bytes = document.to_saved();
    let bytes = bytes.ok_or_else(|| anyhow::anyhow!("a document in the middle of something"))?;
    drop(document);
    note(&format!(
        "{EVENTS} events on {LINES} lines, {} bytes saved",
        bytes.len()
    ));
    let document = Document::from_saved(DOCUMENT, &bytes)?;
    let mut luck = Luck::new(17);
    let mut times = Vec::new();
    for _ in 0..QUESTIONS {
        let number = 2 + luck.below(LINES - 1);
        times.push(ask(&document, number, &mut luck)?);
    }
    let name = format!("{EVENTS}-events/line-history");
    result(&name, share(times, 0.99), "ms", Some(50.0));
    let longest = (0..5).map(|_| ask(&document, 1, &mut luck));
    let longest = longest.collect::<Result<Vec<f64>, _>>()?;
    let name = format!("{EVENTS}-events/line-history-of-half");
    result(&name, share(longest, 0.5), "ms", Some(50.0));
    Ok(())
}

fn ask(document: &Document, number: u64, luck: &mut Luck) -> anyhow::Result<f64> {
    let start = Instant::now();
    let history = document.line_history(line(number));
    let mut history = history.ok_or_else(|| anyhow::anyhow!("no line {number}"))?;
    let version = luck.below(history.len() as u64) as usize;
    let text = history.text_at(version);
    let time = ms(start.elapsed());
    anyhow::ensure!(version == 0 || text.len() < 1_000_000);
    Ok(time)
}

fn line(number: u64) -> LineId {
    LineId {
        replica: REPLICA,
        number,
    }
}

fn act(document: &mut Document, intent: &Intent, at: usize) -> anyhow::Result<()> {
    let changes = document.plan(intent)?;
    let time_ms = 1_700_000_000_000 + 180 * at as i64;
    let event = document.stamp(REPLICA, AUTHOR, time_ms, changes);
    document.apply(&event)?;
    Ok(())
}

fn document() -> anyhow::Result<Document> {
    let mut document = Document::new(DOCUMENT);
    let lines = (1..=LINES).map(|number| DraftLine {
        id: line(number),
        depth: 0,
        kind: Kind::Text,
        text: word(number),
        properties: Vec::new(),
        tags: Vec::new(),
    });
    let create = Intent::CreateLines {
        placement: Placement {
            parent: LineId::ROOT,
            after: None,
        },
        lines: lines.collect(),
    };
    act(&mut document, &create, 0)?;
    let mut luck = Luck::new(13);
    let (mut number, mut caret) = (1, 0);
    for event in 1..EVENTS {
        if event % SITTING == 0 {
            let is_first = luck.below(2) == 0;
            number = if is_first {
                1
            } else {
                2 + luck.below(LINES - 1)
            };
            let length = document.text(line(number)).map_or(0, |text| text.len());
            caret = luck.below(length as u64 + 1) as u32;
        }
        // One keystroke in five deletes.
        let deletes = caret > 0 && luck.below(5) == 0;
        let at = if deletes { caret - 1 } else { caret };
        let insert = if deletes { "" } else { "e" };
        caret = if deletes { caret - 1 } else { caret + 1 };
        let intent = Intent::EditText {
            line: line(number),
            at,
            delete: u32::from(deletes),
            insert: insert.to_owned(),
        };
        act(&mut document, &intent, event)?;
    }
    Ok(document)
}
