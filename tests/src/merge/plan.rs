//! A plan: replicas and operations. Made from a seed, shrunk when it fails, printed one operation a
//! line, loaded and carried out again.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::operation::{Mix, Operation, operation};
use super::simulation::Simulation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub replicas: usize,
    pub operations: Vec<Operation>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "replicas {}", self.replicas)?;
        for operation in &self.operations {
            let line = serde_json::to_string(operation).map_err(|_| fmt::Error)?;
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let first = lines.next().and_then(|line| line.strip_prefix("replicas "));
        let replicas = first.and_then(|count| count.parse().ok());
        let operations = lines
            .map(|line| serde_json::from_str(line).map_err(|error| format!("{error} in {line}")));
        Ok(Self {
            replicas: replicas.ok_or("the first line of a plan is `replicas N`")?,
            operations: operations.collect::<Result<_, String>>()?,
        })
    }
}

impl Plan {
    /// The plan of this seed, always the same.
    ///
    /// # Panics
    /// Never: nothing is filtered out.
    pub fn random(seed: u64, mix: Mix, operations: usize) -> Self {
        let tree = vec(operation(mix), operations).new_tree(&mut runner(seed));
        Self {
            replicas: 3 + usize::try_from(seed % 3).expect("a small number"),
            operations: tree.expect("nothing is filtered out").current(),
        }
    }

    /// Carries the plan out.
    ///
    /// # Errors
    /// What did not hold; a panic of the engine is one of those things.
    pub fn run(&self) -> Result<(), String> {
        self.run_on(|_| {})
    }

    /// Carries the plan out on replicas that `prepare` has had its hands on.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn run_on(&self, prepare: impl FnOnce(&mut Simulation)) -> Result<(), String> {
        catching(|| {
            let mut simulation = Simulation::new(self.replicas)?;
            prepare(&mut simulation);
            simulation.run(self)
        })
    }

    /// A failing plan without operations that it fails without, as far as they are found by leaving
    /// out ever smaller pieces (delta debugging: Zeller & Hildebrandt 2002).
    #[must_use]
    pub fn shrunk(&self, fails: impl Fn(&Plan) -> bool) -> Self {
        std::panic::set_hook(Box::new(|_| {}));
        let mut smallest = self.clone();
        let mut piece = smallest.operations.len();
        while piece > 0 {
            let mut from = smallest.operations.len();
            let mut has_shrunk = false;
            while from > 0 {
                let to = from;
                from = from.saturating_sub(piece);
                let mut candidate = smallest.clone();
                candidate.operations.drain(from..to);
                if fails(&candidate) {
                    smallest = candidate;
                    has_shrunk = true;
                }
            }
            piece = if has_shrunk && piece == 1 {
                1
            } else {
                piece / 2
            };
        }
        let _ = std::panic::take_hook();
        smallest
    }

    /// Writes the plan where it can be replayed from, and says how.
    fn save(&self, seed: u64) -> String {
        let file = std::env::temp_dir().join(format!("tideline-{seed}.plan"));
        match std::fs::write(&file, self.to_string()) {
            Ok(()) => format!(
                "to replay it: TIDELINE_PLAN={} cargo nextest run -p tideline-tests plans",
                file.display()
            ),
            Err(error) => format!("the plan could not be saved as {}: {error}", file.display()),
        }
    }

    /// The plan, and what happened when it was carried out, for a person to read.
    pub fn story(&self) -> String {
        let mut journal = Vec::new();
        let outcome = catching(|| {
            let mut simulation = Simulation::new(self.replicas)?;
            simulation.journal = Some(Vec::new());
            let outcome = catching(|| simulation.run(self));
            journal.extend(simulation.journal.take().unwrap_or_default());
            outcome
        });
        let outcome = outcome.err().unwrap_or_default();
        let journal = journal.join("\n");
        format!("the plan:\n{self}\nits story:\n{journal}\n{outcome}")
    }
}

/// A panic becomes one of the things that can be wrong.
///
/// # Errors
/// That of `run`, or its panic.
pub fn catching(run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(run));
    outcome.unwrap_or_else(|panic| Err(describe(panic.as_ref())))
}

fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without words"))
}

/// How much to try. `TIDELINE_SEEDS`, `TIDELINE_OPERATIONS` and `TIDELINE_FIRST_SEED` say otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub first_seed: u64,
    pub seeds: u64,
    pub operations: usize,
}

impl Effort {
    pub fn from_environment(usual: Self) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        Self {
            first_seed: number("TIDELINE_FIRST_SEED").unwrap_or(usual.first_seed),
            seeds: number("TIDELINE_SEEDS").unwrap_or(usual.seeds),
            operations: number("TIDELINE_OPERATIONS")
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or(usual.operations),
        }
    }
}

/// Runs one random plan for each seed. With `TIDELINE_KEEP_GOING` set, all of them, to see how often
/// and in how many ways it goes wrong.
///
/// # Panics
/// At the first that fails, with the shrunk plan, the story of how it went wrong, and what replays it.
pub fn check_seeds(mix: Mix, effort: Effort) {
    let keep_going = std::env::var_os("TIDELINE_KEEP_GOING").is_some();
    let mut failures = Vec::new();
    for seed in effort.first_seed..effort.first_seed + effort.seeds {
        let plan = Plan::random(seed, mix, effort.operations);
        let Err(error) = plan.run() else {
            continue;
        };
        failures.push(format!("seed {seed}: {error}"));
        if !keep_going {
            let is_same = |other: String| property_of(&other) == property_of(&error);
            let plan = plan.shrunk(|plan| plan.run().is_err_and(is_same));
            let advice = plan.save(seed);
            panic!("{}\n\n{advice}\n\n{}", failures[0], plan.story());
        }
    }
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} of {} failed:\n{}",
        effort.seeds,
        failures.join("\n")
    );
}

/// The name of what broke, so that shrinking does not slip from one fault into another.
fn property_of(error: &str) -> &str {
    let before = error.split(" (").next().unwrap_or_default();
    before.rsplit(' ').next().unwrap_or_default()
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}
