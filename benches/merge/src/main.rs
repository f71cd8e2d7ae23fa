//! Tideline's merge engine beside its peers: the same histories, in turn, in the same run.
//! `docs/benchmarks.md` says what each figure is and how it is measured.

mod report;
mod run;
mod tideline;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;
use merge_measure::{Figure, Name, Part, Prepared, Trace, memory, synthetic, trace};
use tempfile::TempDir;

use crate::report::{results, table};
use crate::run::{Effort, Outcomes, answer, in_turn, rounds};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

const ONE_LINE_TRACE: &str = "friendsforever";
const GROWTH_KEYSTROKES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Measures the merge engine and its peers; minutes on two cores.
#[derive(Parser)]
struct Options {
    /// Three runs in place of five, and less patience with who is slow.
    #[arg(long)]
    quick: bool,
    /// Only this trace, or `oneline`, `growth`, `moves`; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Only this engine and those of ours; may be given several times.
    #[arg(long, value_name = "ENGINE")]
    engine: Vec<String>,
    /// Work in this folder, and leave the prepared histories there for a profiler.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    match &options.part {
        None => Bench::new(&options)?.run(),
        Some(part) => part.answer(&tideline::entries()),
    }
}

fn engine_of(key: &str) -> anyhow::Result<Name> {
    let known: Vec<&str> = Name::ALL.iter().map(|it| it.key()).collect();
    Name::of_key(key).with_context(|| format!("no engine {key}; there are {}", known.join(", ")))
}

struct Bench {
    only: Vec<String>,
    engines: Vec<Name>,
    effort: Effort,
    work: PathBuf,
    /// Deletes what is in `work`, unless that is to be kept.
    temporary: Option<TempDir>,
    results: Vec<String>,
}

impl Bench {
    fn new(options: &Options) -> anyhow::Result<Self> {
        let ours: Vec<Name> = tideline::entries().iter().map(|it| it.name).collect();
        let mut engines = Name::ALL.to_vec();
        engines.retain(|it| !it.is_ours() || ours.contains(it));
        if !options.engine.is_empty() {
            let wanted: Vec<Name> = options
                .engine
                .iter()
                .map(|key| engine_of(key))
                .collect::<anyhow::Result<_>>()?;
            engines.retain(|it| it.is_ours() || wanted.contains(it));
        }
        let (runs, bound_s) = if options.quick { (3, 10) } else { (5, 60) };
        let (work, temporary) = if let Some(folder) = &options.keep {
            (folder.clone(), None)
        } else {
            let temporary = tempfile::tempdir()?;
            (temporary.path().to_owned(), Some(temporary))
        };
        Ok(Self {
            only: options.only.clone(),
            engines,
            effort: Effort {
                runs,
                bound: Duration::from_secs(bound_s),
                preparation_bound: Duration::from_secs(3 * bound_s),
            },
            work,
            temporary,
            results: Vec::new(),
        })
    }

    fn run(mut self) -> anyhow::Result<()> {
        say_machine("at the start")?;
        let files = trace::files(&traces_folder()?)?;
        for path in &files {
            if self.is_wanted(&trace::name_of(path)) {
                self.trace(&Trace::read(path)?)?;
            }
        }
        if self.is_wanted("oneline") {
            let path = files
                .iter()
                .find(|path| trace::name_of(path) == ONE_LINE_TRACE);
            match path {
                Some(path) => self.one_line(Trace::read(path)?)?,
                None => println!("\noneline: needs the trace {ONE_LINE_TRACE}"),
            }
        }
        if self.is_wanted("growth") {
            self.growth()?;
        }
        if self.is_wanted("moves") {
            self.moves()?;
        }
        println!();
        say_machine("at the end")?;
        println!();
        for line in &self.results {
            println!("{line}");
        }
        Ok(())
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| it == name)
    }

    fn those_of(&self, engines: &[Name]) -> Vec<Name> {
        let wanted = engines.iter().filter(|it| self.engines.contains(it));
        wanted.copied().collect()
    }

    fn ours_and(&self, peers: &[Name]) -> Vec<Name> {
        let mut engines = self.engines.clone();
        engines.retain(|it| it.is_ours() || peers.contains(it));
        engines
    }

    /// A folder with the trace, which is deleted with everything made of it.
    fn prepared(&self, trace: &Trace) -> anyhow::Result<Prepared> {
        let folder = self.work.join(&trace.name);
        fs::create_dir_all(&folder)?;
        let prepared = Prepared::new(folder);
        prepared.put("trace", trace)?;
        Ok(prepared)
    }

    fn done_with(&self, prepared: &Prepared) -> anyhow::Result<()> {
        if self.temporary.is_some() {
            fs::remove_dir_all(prepared.folder())?;
        }
        Ok(())
    }

    fn trace(&mut self, trace: &Trace) -> anyhow::Result<()> {
        let title = title(trace);
        if let Err(error) = trace.stretches() {
            println!("\n{title}: left out: {error}");
            return Ok(());
        }
        let prepared = self.prepared(trace)?;
        let outcomes = in_turn(&prepared, &self.engines, &Figure::ALL, self.effort)?;
        table(&title, &self.engines, &Figure::ALL, &outcomes);
        self.results.extend(results(
            &self.engines,
            &Figure::ALL,
            &outcomes,
            |engine, figure| format!("{}/{}-{}", trace.name, engine.key(), figure.name()),
        ));
        self.done_with(&prepared)?;
        Ok(())
    }

    fn one_line(&mut self, trace: Trace) -> anyhow::Result<()> {
        let trace = trace.in_one_line("oneline");
        let prepared = self.prepared(&trace)?;
        let engines = self.those_of(&[Name::Lines, Name::Diamond]);
        let figures = [Figure::Batch, Figure::CatchUp, Figure::Remote];
        let outcomes = in_turn(&prepared, &engines, &figures, self.effort)?;
        let title = format!("All of {ONE_LINE_TRACE} in one line of a document");
        table(&title, &engines, &figures, &outcomes);
        self.results.extend(results(
            &engines,
            &figures,
            &outcomes,
            |_, figure| match figure {
                Figure::Batch => format!("oneline/{ONE_LINE_TRACE}"),
                other => format!("oneline/{ONE_LINE_TRACE}-{}", other.name()),
            },
        ));
        self.done_with(&prepared)?;
        Ok(())
    }

    fn growth(&mut self) -> anyhow::Result<()> {
        let engines = self.ours_and(&[Name::Diamond, Name::Cola]);
        let figures = [Figure::Local, Figure::Remote];
        for keystrokes in GROWTH_KEYSTROKES {
            let trace = synthetic::trace(&format!("growth-{keystrokes}"), keystrokes);
            let prepared = self.prepared(&trace)?;
            let outcomes = in_turn(&prepared, &engines, &figures, self.effort)?;
            table(&title(&trace), &engines, &figures, &outcomes);
            self.results
                .extend(results(&engines, &figures, &outcomes, |engine, figure| {
                    format!("growth/{}-{}/{keystrokes}", engine.key(), figure.name())
                }));
            self.done_with(&prepared)?;
        }
        Ok(())
    }

    fn moves(&mut self) -> anyhow::Result<()> {
        let engines = self.those_of(&[Name::Lines, Name::Loro]);
        let mut outcomes = Outcomes::new();
        let (runs, bound) = (self.effort.runs, self.effort.preparation_bound);
        eprintln!("  … moves");
        rounds(&mut outcomes, &engines, Figure::Batch, runs, |engine| {
            answer(engine, &self.work, &["moves", engine.key()], bound)
        })?;
        let title = "1,000 moves received beside 1,000 of one's own, at 100,000 lines";
        table(title, &engines, &[Figure::Batch], &outcomes);
        let lines = results(&engines, &[Figure::Batch], &outcomes, |_, _| {
            "moves/1000x1000".to_owned()
        });
        self.results.extend(lines);
        Ok(())
    }
}

fn title(trace: &Trace) -> String {
    let writers = match trace.agents {
        1 => "one writer".to_owned(),
        several => format!("{several} writers"),
    };
    let transactions = trace.transactions.len();
    format!("{}: {transactions} transactions, {writers}", trace.name)
}

/// `TRACES`, or the first `shared/data/traces` from here upwards.
fn traces_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = env::var_os("TRACES") {
        return Ok(folder.into());
    }
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.find_map(|folder| {
        let folder = folder.join("shared/data/traces");
        folder.is_dir().then_some(folder)
    });
    let Some(folder) = found else {
        bail!("no folder shared/data/traces above the project; name one: TRACES=folder")
    };
    Ok(folder)
}

fn say_machine(when: &str) -> anyhow::Result<()> {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| "unknown".to_owned());
    let cores = std::thread::available_parallelism()?;
    println!(
        "Load of the machine {when}: {} ({cores} cores)",
        load.trim()
    );
    Ok(())
}
