//! What is measured, and how.

use std::path::Path;
use std::time::{Duration, Instant};

use tideline_model::{LineId, ReplicaId};
use tideline_store::{Commit, Origin, Packing, Replica, Scope, Vocabulary};

use crate::app;
use crate::clock::{Took, timed};
use crate::filtering;
use crate::opening;
use crate::peers::Seen;
use crate::report::{ms, note, result, result_beside, share};
use crate::synthetic::{Author, DOCUMENT, Luck, Shape, word};
use crate::trace;

/// Tideline imports a document in one commit, whatever its length; with fewer lines in each than these,
/// the same pages are written more often.
const LINES_PER_COMMIT: u64 = 50_000;
const INDEX_LINES: usize = 2_500;
const MERGE_PAGES: u32 = 200;
const SHRINK_PAGES: u32 = 1_000;
const SCREEN_LINES: usize = 60;
const QUERIES: u64 = 400;
const HITS: usize = 50;
const RUNS: usize = 5;
const COMMITS: u64 = 300;
const PAUSE_MS: i64 = 1_750_000_000_000;

/// One document of so many lines: taking it in, its size, opening it, finding in it.
pub fn document(lines: u64, peers: &[Seen], keep: Option<&Path>) -> anyhow::Result<()> {
    note(&format!("{lines} lines"));
    for peer in peers {
        note(&format!(
            "{}: {:.0} lines/s taken in, {:.1} bytes a line, first screen {:.1} ms, {:.1} MB resident",
            peer.name, peer.lines_per_second, peer.bytes_per_line, peer.open_ms, peer.memory_mb
        ));
    }
    let folder = tempfile::tempdir()?;
    let mut replica = Replica::open(folder.path())?;
    let (group, id) = (replica.local_group(), replica.replica_id());
    import(&mut replica, lines, peers)?;
    settle(&mut replica)?;
    drop(replica);
    sizes(folder.path(), lines, peers)?;
    if let Some(keep) = keep {
        let kept = keep.join(lines.to_string());
        std::fs::create_dir_all(&kept)?;
        std::fs::copy(
            folder.path().join("replica.sqlite"),
            kept.join("replica.sqlite"),
        )?;
    }

    first_screen(folder.path())?;
    opening::document(folder.path(), &lines.to_string())?;
    app::open(folder.path(), lines, &seen(peers, |peer| peer.open_ms))?;
    app::act(folder.path(), lines)?;
    filtering::measure(folder.path(), lines)?;
    let mut replica = Replica::open(folder.path())?;
    search(&replica.scope(group), lines)?;
    any_event(&replica.scope(group), id, lines)?;
    durable(&mut replica, lines)
}

/// Takes in one document of so many lines, and nothing else.
pub fn import_only(lines: u64, folder: Option<&Path>) -> anyhow::Result<()> {
    note(&format!("{lines} lines"));
    let own = tempfile::tempdir()?;
    let mut replica = Replica::open(folder.unwrap_or(own.path()))?;
    import(&mut replica, lines, &[])
}

fn seen(peers: &[Seen], figure: fn(&Seen) -> f64) -> Vec<(&'static str, f64)> {
    peers.iter().map(|peer| (peer.name, figure(peer))).collect()
}

fn import(replica: &mut Replica, lines: u64, peers: &[Seen]) -> anyhow::Result<()> {
    let group = replica.local_group();
    let mut author = Author::new(replica.replica_id(), Shape::Chapters);
    let (mut rows, mut left) = (Took::default(), lines);
    while left > 0 {
        let commit = author.commit(group, left.min(LINES_PER_COMMIT))?;
        let (done, took) = timed(|| replica.commit(&commit));
        done?;
        rows += took;
        left -= left.min(LINES_PER_COMMIT);
    }
    let (mut index, mut longest) = (Took::default(), Duration::ZERO);
    let mut more = true;
    while more {
        let (owes_more, took) = timed(|| replica.index_step(INDEX_LINES));
        more = owes_more?;
        index += took;
        longest = longest.max(took.wall);
    }
    note(&format!(
        "events and rows {:.1} s, of the processor {:.1}; index {:.1} s, of the processor {:.1}, its \
         longest step {:.1} ms",
        rows.wall.as_secs_f64(),
        rows.processor.as_secs_f64(),
        index.wall.as_secs_f64(),
        index.processor.as_secs_f64(),
        ms(longest)
    ));
    let rate = lines as f64 / (rows.wall + index.wall).as_secs_f64();
    let name = format!("{lines}/import-rate");
    let seen = seen(peers, |peer| peer.lines_per_second);
    result_beside(&name, rate, "lines/s", 100_000.0, &seen, |one, other| {
        one > other
    });
    Ok(())
}

/// Merges, packs and shrinks until there is nothing more to do.
fn settle(replica: &mut Replica) -> anyhow::Result<()> {
    let (merged, took) = timed(|| -> anyhow::Result<()> {
        while replica.merge_step(MERGE_PAGES)? {}
        Ok(())
    });
    merged?;
    note(&format!("index merged in {:.1} s", took.wall.as_secs_f64()));
    let start = Instant::now();
    let packing = Packing {
        batches_min: 1,
        ..Packing::default()
    };
    let mut longest = Duration::ZERO;
    while let Some(parcel) = replica.reader()?.next_parcel(packing, PAUSE_MS)? {
        let put = Instant::now();
        replica.put(&parcel)?;
        longest = longest.max(put.elapsed());
    }
    let packed = start.elapsed();
    while replica.shrink_step(SHRINK_PAGES)? {}
    note(&format!(
        "packed in {:.1} s, the writer held for {:.1} ms at most; shrunk in {:.1} s",
        packed.as_secs_f64(),
        ms(longest),
        (start.elapsed() - packed).as_secs_f64()
    ));
    Ok(())
}

fn file_bytes(folder: &Path) -> anyhow::Result<u64> {
    Ok(std::fs::metadata(folder.join("replica.sqlite"))?.len())
}

fn sizes(folder: &Path, lines: u64, peers: &[Seen]) -> anyhow::Result<()> {
    let bytes = file_bytes(folder)? as f64;
    result_beside(
        &format!("{lines}/bytes-per-line"),
        bytes / lines as f64,
        "bytes",
        200.0,
        &seen(peers, |peer| peer.bytes_per_line),
        |one, other| one < other,
    );
    Ok(())
}

/// From a closed database to the lines on a screen.
fn first_screen(folder: &Path) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let replica = Replica::open_existing(folder)?;
        let scope = replica.scope(replica.local_group());
        let screen = scope.first_screen(DOCUMENT, LineId::ROOT, |_| false, SCREEN_LINES)?;
        times.push(ms(start.elapsed()));
        anyhow::ensure!(screen.len() == SCREEN_LINES);
    }
    let median = share(times, 0.5);
    note(&format!(
        "{SCREEN_LINES} lines of the store in {median:.1} ms"
    ));
    Ok(())
}

/// Words of every frequency, parts of words, two words, and Chinese.
fn search(scope: &Scope<'_>, lines: u64) -> anyhow::Result<()> {
    let mut luck = Luck::new(3);
    let mut vocabulary = Vocabulary::default();
    let (mut times, mut processor) = (Vec::new(), Vec::new());
    let mut slowest = (0.0, String::new());
    for number in 0..QUERIES {
        let exponent = luck.below(1000) as f64 / 1000.0;
        let one = word(40_000_f64.powf(exponent) as u64);
        let other = word(luck.below(500));
        let part = |word: &str| word.chars().skip(1).take(4).collect::<String>();
        let han = |at: u64| char::from_u32(0x4e00 + at as u32).unwrap_or('一');
        let query = match number % 6 {
            0 => one,
            1 => part(&one),
            2 => format!("{one} {other}"),
            3 => one.chars().take(2).collect(),
            4 => format!("{}{}", han(luck.below(60)), han(luck.below(60))),
            _ => han(luck.below(3000)).to_string(),
        };
        let (found, took) = timed(|| scope.search(&mut vocabulary, &query, None, HITS));
        found?;
        let time = ms(took.wall);
        if time > slowest.0 {
            slowest = (time, query);
        }
        times.push(time);
        processor.push(ms(took.processor));
    }
    note(&format!(
        "slowest search: \"{}\", {:.1} ms; of the processor, p95 {:.1} ms",
        slowest.1,
        slowest.0,
        share(processor, 0.95)
    ));
    result(
        &format!("{lines}/search-p50"),
        share(times.clone(), 0.5),
        "ms",
        None,
    );
    result(
        &format!("{lines}/search-p95"),
        share(times, 0.95),
        "ms",
        Some(20.0),
    );
    Ok(())
}

fn any_event(scope: &Scope<'_>, replica: ReplicaId, lines: u64) -> anyhow::Result<()> {
    let last = scope.last_seq(DOCUMENT, replica)?;
    let mut luck = Luck::new(5);
    let mut times = Vec::new();
    for _ in 0..40 {
        let seq = 1 + luck.below(last);
        let start = Instant::now();
        let found = scope.events_of(DOCUMENT, replica, seq..=seq)?;
        times.push(ms(start.elapsed()));
        anyhow::ensure!(found.len() == 1);
    }
    result(
        &format!("{lines}/any-event-p95"),
        share(times, 0.95),
        "ms",
        None,
    );
    Ok(())
}

/// Small commits one by one, each synced.
fn durable(replica: &mut Replica, lines: u64) -> anyhow::Result<()> {
    let group = replica.local_group();
    let other = tideline_model::DocumentId(uuid::Uuid::from_u128(12));
    let mut author = Author::new(replica.replica_id(), Shape::Flat);
    let mut times = Vec::new();
    for _ in 0..COMMITS {
        let mut commit = author.commit(group, 1)?;
        commit.document = other;
        commit
            .batches
            .iter_mut()
            .for_each(|(_, batch)| batch.document = other);
        let start = Instant::now();
        replica.commit(&commit)?;
        times.push(ms(start.elapsed()));
    }
    result(
        &format!("{lines}/durable-p99"),
        share(times, 0.99),
        "ms",
        Some(50.0),
    );
    Ok(())
}

/// The whole history of a recorded session, as it is on disk.
pub fn history(file: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let replica = Replica::open(folder.path())?;
    drop(replica);
    let empty = file_bytes(folder.path())?;
    let mut replica = Replica::open(folder.path())?;
    let (group, id) = (replica.local_group(), replica.replica_id());
    let events = trace::events(file, DOCUMENT, id)?;
    for chunk in events.chunks(20_000) {
        let batches = chunk
            .chunks(64)
            .map(|events| tideline_wire::seal(group, DOCUMENT, events));
        let batches: Result<Vec<_>, _> = batches.collect();
        let mut commit = Commit::new(group, DOCUMENT, PAUSE_MS);
        commit.batches = batches?
            .into_iter()
            .map(|batch| (Origin::Local, batch))
            .collect();
        replica.commit(&commit)?;
    }
    settle(&mut replica)?;
    check(&replica.scope(group), &events)?;
    drop(replica);
    let bytes = (file_bytes(folder.path())? - empty) as f64;
    let name = "automerge-paper/history-bytes";
    result(name, bytes, "bytes", Some(140_000.0));
    Ok(())
}

fn check(scope: &Scope<'_>, events: &[tideline_model::Event]) -> anyhow::Result<()> {
    let start = Instant::now();
    let stored = scope.events(DOCUMENT)?;
    note(&format!(
        "{} events read in {:.1} ms",
        stored.len(),
        ms(start.elapsed())
    ));
    anyhow::ensure!(stored == events, "the history is not what was written");
    Ok(())
}
