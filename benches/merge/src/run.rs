//! Runs measurements, each in a process of its own that is ended when it takes too long, and gathers
//! what they answer.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use merge_measure::{Answer, Figure, Name, Prepared};

const POLL: Duration = Duration::from_millis(5);
/// How much longer than its own work something may take where others use the machine too.
const CLOCK_PER_PROCESSOR_MAX: u32 = 10;
/// What takes longer is measured once: it decides nothing, and the others wait for it.
const ONCE_ABOVE_MS: f64 = 5_000.0;
/// Of the times in `/proc`, on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub runs: usize,
    /// Of processor time; what takes longer did not finish.
    pub bound: Duration,
    /// The same for what comes before a measurement.
    pub preparation_bound: Duration,
}

/// What came of one figure of one engine.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// One value a run.
    Values(Vec<f64>),
    Cannot(String),
    Wrong,
    /// Within this bound.
    Unfinished(Duration),
    /// It died, saying this.
    Failed(String),
}

/// Everything that was found out about one history.
pub type Outcomes = BTreeMap<(Name, Figure), Outcome>;

/// All `figures` of all `engines`: one run of each engine, then the next run.
pub fn in_turn(
    prepared: &Prepared,
    engines: &[Name],
    figures: &[Figure],
    effort: Effort,
) -> anyhow::Result<Outcomes> {
    let mut outcomes = Outcomes::new();
    let mut able = Vec::new();
    let history = prepared.name();
    eprintln!("  … {history}: typing it once with each engine");
    for &engine in engines {
        let arguments = ["prepare", engine.key()];
        let outcome = answer(
            engine,
            prepared.folder(),
            &arguments,
            effort.preparation_bound,
        )?;
        match outcome {
            Outcome::Values(_) => able.push(engine),
            failed => outcomes.extend(figures.iter().map(|&it| ((engine, it), failed.clone()))),
        }
    }
    for &figure in figures {
        eprintln!("  … {history}: {}", figure.name());
        let runs = runs_of(figure, effort);
        rounds(&mut outcomes, &able, figure, runs, |engine| {
            let arguments = ["measure", engine.key(), figure.name()];
            answer(engine, prepared.folder(), &arguments, effort.bound)
        })?;
    }
    Ok(outcomes)
}

/// Sizes do not vary.
fn runs_of(figure: Figure, effort: Effort) -> usize {
    if figure.unit() == "bytes" {
        1
    } else {
        effort.runs
    }
}

/// One run of each engine, then the next run; who could not do it once is not asked again.
pub fn rounds(
    outcomes: &mut Outcomes,
    engines: &[Name],
    figure: Figure,
    runs: usize,
    ask: impl Fn(Name) -> anyhow::Result<Outcome>,
) -> anyhow::Result<()> {
    for _ in 0..runs {
        for &engine in engines {
            let known = outcomes.entry((engine, figure));
            let known = known.or_insert_with(|| Outcome::Values(Vec::new()));
            let Outcome::Values(values) = known else {
                continue;
            };
            if figure.unit() == "ms" && values.iter().any(|&it| it > ONCE_ABOVE_MS) {
                continue;
            }
            match ask(engine)? {
                Outcome::Values(more) => values.extend(more),
                other => *known = other,
            }
        }
    }
    Ok(())
}

/// What the program that has `engine` answers when it is started with `arguments` and `folder`.
pub fn answer(
    engine: Name,
    folder: &Path,
    arguments: &[&str],
    bound: Duration,
) -> anyhow::Result<Outcome> {
    let (output, errors) = (folder.join("answer"), folder.join("errors"));
    let mut child = Command::new(program(engine)?)
        .args(arguments)
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&output)?)
        .stderr(File::create(&errors)?)
        .spawn()
        .context("starting a measurement")?;
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let is_stuck = began.elapsed() > bound * CLOCK_PER_PROCESSOR_MAX;
        if is_stuck || processor_time(child.id()) > bound {
            child.kill()?;
            child.wait()?;
            return Ok(Outcome::Unfinished(bound));
        }
        thread::sleep(POLL);
    };
    let answered = fs::read(&output)?;
    if !status.success() {
        return Ok(Outcome::Failed(last_words(&fs::read_to_string(&errors)?)));
    }
    Ok(match serde_json::from_slice(&answered)? {
        Answer::Value(value) => Outcome::Values(vec![value]),
        Answer::Cannot(reason) => Outcome::Cannot(reason),
        Answer::Wrong => Outcome::Wrong,
    })
}

/// What a process has used so far; nothing when it has ended.
fn processor_time(process: u32) -> Duration {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name of the program, in brackets, may hold spaces.
    let behind_name = told.rsplit(')').next().unwrap_or_default();
    let field = |number: usize| -> u32 {
        let field = behind_name.split_whitespace().nth(number);
        field.and_then(|it| it.parse().ok()).unwrap_or(0)
    };
    let (user, system) = (field(11), field(12));
    TICK * (user + system)
}

fn program(engine: Name) -> anyhow::Result<PathBuf> {
    let ours = std::env::current_exe()?;
    if engine.is_ours() {
        return Ok(ours);
    }
    let peers = ours.with_file_name("merge-peers");
    if !peers.exists() {
        bail!("{} is not built: cargo build --release", peers.display());
    }
    Ok(peers)
}

/// What a panic says, rather than how to see its backtrace.
fn last_words(errors: &str) -> String {
    let lines = errors.lines().filter(|it| !it.trim().is_empty());
    let mut told = lines.filter(|it| !it.starts_with("note:"));
    told.next_back().unwrap_or("it said nothing").to_owned()
}
