//! What else could hold the same lines: loro, a tree with a text for each line, kept as a snapshot;
//! and bare SQLite, rows and a search index without a history, which is the physical limit.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::ValueEnum;

use crate::report::{ms, share};
use crate::synthetic::{Author, DraftLine, Shape};

mod loro;
mod sqlite;

const RUNS: usize = 5;
const SCREEN_LINES: usize = 60;
const LINES_PER_STEP: u64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    Loro,
    Sqlite,
}

/// What was seen of a peer.
pub struct Seen {
    pub name: &'static str,
    pub lines_per_second: f64,
    pub bytes_per_line: f64,
    /// From a new process to the texts of the first screen.
    pub open_ms: f64,
    /// Resident then.
    pub memory_mb: f64,
}

/// Takes in a document of so many lines and opens it again, in processes of their own.
pub fn measure(peer: Peer, lines: u64) -> anyhow::Result<Seen> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("lines");
    let took = take_in(peer, lines, &file)?;
    let (mut times, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (time, resident) = open_elsewhere(peer, &file)?;
        times.push(time);
        memory.push(resident);
    }
    Ok(Seen {
        name: match peer {
            Peer::Loro => "loro",
            Peer::Sqlite => "sqlite",
        },
        lines_per_second: lines as f64 / took.as_secs_f64(),
        bytes_per_line: fs::metadata(&file)?.len() as f64 / lines as f64,
        open_ms: share(times, 0.5),
        memory_mb: share(memory, 0.5),
    })
}

/// The lines are made up before the clock starts.
fn take_in(peer: Peer, lines: u64, file: &Path) -> anyhow::Result<Duration> {
    let mut author = Author::new(
        tideline_model::ReplicaId(uuid::Uuid::from_u128(1)),
        Shape::Chapters,
    );
    let mut taking: Box<dyn TakeIn> = match peer {
        Peer::Loro => Box::new(loro::Outline::default()),
        Peer::Sqlite => Box::new(sqlite::Rows::create(file)?),
    };
    let (mut took, mut left) = (Duration::ZERO, lines);
    while left > 0 {
        let some = author.drafts(left.min(LINES_PER_STEP));
        left -= some.len() as u64;
        let start = Instant::now();
        taking.take(&some)?;
        took += start.elapsed();
    }
    let start = Instant::now();
    taking.finish(file)?;
    Ok(took + start.elapsed())
}

trait TakeIn {
    fn take(&mut self, lines: &[DraftLine]) -> anyhow::Result<()>;
    /// Everything is in `file`, on the disk.
    fn finish(self: Box<Self>, file: &Path) -> anyhow::Result<()>;
}

fn open_elsewhere(peer: Peer, file: &Path) -> anyhow::Result<(f64, f64)> {
    let name = peer.to_possible_value().context("no name")?;
    let output = Command::new(std::env::current_exe()?)
        .args(["--open-peer", name.get_name()])
        .arg("--file")
        .arg(file)
        .output()?;
    let printed = String::from_utf8(output.stdout)?;
    let mut numbers = printed.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(time)), Some(Ok(memory))) => Ok((time, memory)),
        _ => anyhow::bail!("{}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// What the other process does: opens, reads a screen, says how long it took and what it holds.
#[expect(
    clippy::print_stdout,
    reason = "the answer to who started this process"
)]
pub fn open(peer: Peer, file: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    let screen = match peer {
        Peer::Loro => loro::first_screen(file, SCREEN_LINES)?,
        Peer::Sqlite => sqlite::first_screen(file, SCREEN_LINES)?,
    };
    let time = ms(start.elapsed());
    anyhow::ensure!(screen == SCREEN_LINES, "the screen is not full: {screen}");
    println!("{time} {}", resident_mb()?);
    Ok(())
}

fn resident_mb() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.context("no resident size")?.parse::<f64>()? / 1024.0)
}

fn write_synced(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = File::create(file)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
