//! Opening a document, and what is done in it once it is open.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tideline_model::{Document, Intent, LineId, Placement, ReplicaId, UserId};
use tideline_store::Replica;
use uuid::Uuid;

use crate::app;
use crate::clock::timed;
use crate::memory::{forget_peak, peak_mb, resident_mb};
use crate::report::{ms, note, result, share};
use crate::synthetic::{Author, DOCUMENT, Luck, Shape};

const LINES_PER_COMMIT: u64 = 10_000;
const RUNS: usize = 5;
const KEYSTROKES: u64 = 2_000;
const JUMPS: u64 = 240;
const SCREEN_LINES: usize = 60;
const NOW_MS: i64 = 1_750_000_100_000;
const AUTHOR: UserId = UserId(Uuid::from_u128(5));

/// A document whose lines are all siblings, and one in which they are numbered too.
pub fn flat(lines: u64) -> anyhow::Result<()> {
    let folder = siblings(lines, Shape::Flat)?;
    document(folder.path(), &format!("{lines}-flat"))?;
    drop(folder);
    app::number(siblings(lines, Shape::Numbered)?.path(), lines)
}

fn siblings(lines: u64, shape: Shape) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let mut replica = Replica::open(folder.path())?;
    let mut author = Author::new(replica.replica_id(), shape);
    let mut left = lines;
    while left > 0 {
        let count = left.min(LINES_PER_COMMIT);
        replica.commit(&author.commit(replica.local_group(), count)?)?;
        left -= count;
    }
    Ok(folder)
}

/// A document in a data folder, opened by replaying its events, and then, by another process, from
/// its saved form.
pub fn document(folder: &Path, name: &str) -> anyhow::Result<()> {
    let replica = Replica::open_existing(folder)?;
    forget_peak();
    let before = resident_mb();
    let (events, read) = timed(|| replica.scope(replica.local_group()).events(DOCUMENT));
    let events = events?;
    let (document, replayed) = timed(|| Document::replay(DOCUMENT, &events));
    let document = document?;
    drop(events);
    note(&format!(
        "events read in {:.1} ms, replayed in {:.1} ms, of the processor {:.1} and {:.1}; \
         {before:.0} MB before, {:.0} MB after, {:.0} MB at most",
        ms(read.wall),
        ms(replayed.wall),
        ms(read.processor),
        ms(replayed.processor),
        resident_mb(),
        peak_mb()
    ));
    result(
        &format!("{name}/order-index-build"),
        ms(read.wall + replayed.wall),
        "ms",
        Some(1000.0),
    );
    let (hash, took) = timed(|| document.hash());
    note(&format!(
        "hash {hash:032x} in {:.1} ms, of the processor {:.1}",
        ms(took.wall),
        ms(took.processor)
    ));
    let start = Instant::now();
    replica.reader()?.keep_saved(&document, b"")?;
    note(&format!("saved in {:.1} ms", ms(start.elapsed())));
    let sizes = std::fs::read_dir(folder.join("saved"))?.map(|file| Ok(file?.metadata()?.len()));
    let bytes: u64 = sizes.sum::<std::io::Result<u64>>()?;
    let per_line = bytes as f64 / document.len() as f64;
    result(
        &format!("{name}/saved-bytes-per-line"),
        per_line,
        "bytes",
        None,
    );
    drop((document, replica));
    let status = Command::new(std::env::current_exe()?)
        .arg("--reopen")
        .arg(folder)
        .args(["--name", name])
        .status()?;
    anyhow::ensure!(status.success(), "the other process failed");
    Ok(())
}

/// In a process of its own, so that its memory is that of a document which was opened and no more.
pub fn reopen(folder: &Path, name: &str) -> anyhow::Result<()> {
    let (mut times, mut processor) = (Vec::new(), Vec::new());
    for run in 1..=RUNS {
        let replica = Replica::open_existing(folder)?;
        let (document, took) = timed(|| load(&replica));
        let mut document = document?;
        times.push(ms(took.wall));
        processor.push(ms(took.processor));
        if run == 1 {
            note(&format!(
                "hash {:032x}; {:.0} MB, {:.0} MB at most",
                document.hash(),
                resident_mb(),
                peak_mb()
            ));
            act(&mut document, replica.replica_id(), name)?;
        }
    }
    let load = share(times, 0.5);
    result(&format!("{name}/order-index-load"), load, "ms", Some(150.0));
    note(&format!("of the processor {:.1} ms", share(processor, 0.5)));
    Ok(())
}

fn load(replica: &Replica) -> anyhow::Result<Document> {
    let reader = replica.reader()?;
    let saved = reader.saved(DOCUMENT);
    let saved = saved.ok_or_else(|| anyhow::anyhow!("nothing was saved"))?;
    let mut document = saved.document;
    let scope = reader.scope(replica.local_group());
    let behind = scope.events_behind(DOCUMENT, &document.version())?;
    document.apply_all(&behind.unwrap_or_default())?;
    document.hash();
    Ok(document)
}

/// Jumps, keystrokes, moves.
fn act(document: &mut Document, replica: ReplicaId, name: &str) -> anyhow::Result<()> {
    let mut luck = Luck::new(9);
    let mut times = Vec::new();
    for _ in 0..JUMPS {
        let row = luck.below(document.len() as u64) as usize;
        let start = Instant::now();
        for row in row..(row + SCREEN_LINES).min(document.len()) {
            let line = document
                .line_at_row(row)
                .and_then(|line| document.line(line));
            anyhow::ensure!(line.is_some());
        }
        times.push(ms(start.elapsed()));
    }
    result(
        &format!("{name}/model-jump"),
        share(times, 0.99),
        "ms",
        Some(16.0),
    );
    result(
        &format!("{name}/core-memory"),
        resident_mb(),
        "MB",
        Some(80.0),
    );
    keystrokes(document, replica, name)?;
    move_subtree(document, replica, name)
}

fn keystrokes(document: &mut Document, replica: ReplicaId, name: &str) -> anyhow::Result<()> {
    let mut luck = Luck::new(11);
    let mut times = Vec::new();
    let mut line = LineId::ROOT;
    for number in 0..KEYSTROKES {
        if number % 20 == 0 {
            let row = luck.below(document.len() as u64) as usize;
            line = document.line_at_row(row).unwrap_or(line);
        }
        let intent = Intent::EditText {
            line,
            at: (number % 20) as u32,
            delete: 0,
            insert: "x".to_owned(),
        };
        times.push(act_once(document, replica, &intent)?);
    }
    result(
        &format!("{name}/model-keystroke-p50"),
        share(times.clone(), 0.5),
        "ms",
        Some(0.3),
    );
    result(
        &format!("{name}/model-keystroke-p99"),
        share(times, 0.99),
        "ms",
        Some(2.0),
    );
    Ok(())
}

fn act_once(document: &mut Document, replica: ReplicaId, intent: &Intent) -> anyhow::Result<f64> {
    let start = Instant::now();
    let changes = document.plan(intent)?;
    let event = document.stamp(replica, AUTHOR, NOW_MS, changes);
    document.apply(&event)?;
    Ok(ms(start.elapsed()))
}

/// Top lines, with all below them, to the end and back.
fn move_subtree(document: &mut Document, replica: ReplicaId, name: &str) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..20 {
        let (Some(&first), Some(&last)) = (
            document.children(LineId::ROOT).first(),
            document.children(LineId::ROOT).last(),
        ) else {
            anyhow::bail!("no lines");
        };
        let intent = Intent::Move {
            lines: vec![first],
            placement: Placement {
                parent: LineId::ROOT,
                after: Some(last),
            },
        };
        times.push(act_once(document, replica, &intent)?);
    }
    result(
        &format!("{name}/move"),
        share(times, 0.99),
        "ms",
        Some(16.0),
    );
    Ok(())
}
