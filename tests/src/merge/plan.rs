//! A plan: replicas and operations. Made from a seed, shrunk when it fails, printed one operation a
//! line, loaded and carried out again.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
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
    /// Carries the plan out.
    ///
    /// # Errors
    /// What did not hold; a panic of the engine is one of those things.
    pub fn run(&self) -> Result<(), String> {
        self.run_and_tell(&mut Vec::new())
    }

    fn run_and_tell(&self, journal: &mut Vec<String>) -> Result<(), String> {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut simulation = Simulation::new(self.replicas)?;
            let outcome = catch_unwind(AssertUnwindSafe(|| simulation.run(self)));
            journal.append(&mut simulation.journal);
            outcome.unwrap_or_else(|panic| Err(describe(panic.as_ref())))
        }));
        outcome.unwrap_or_else(|panic| Err(describe(panic.as_ref())))
    }

    /// What happened when the plan was carried out, for a person to read.
    pub fn story(&self) -> String {
        let mut journal = Vec::new();
        let outcome = self.run_and_tell(&mut journal);
        format!("{}\n{outcome:?}", journal.join("\n"))
    }
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

/// Runs one random plan for each seed.
///
/// # Panics
/// At the first that fails, with the shrunk plan and the story of how it went wrong.
pub fn check_seeds(mix: Mix, effort: Effort) {
    for seed in effort.first_seed..effort.first_seed + effort.seeds {
        let replicas = 3 + usize::try_from(seed % 3).expect("a small number");
        let mut runner = runner(seed);
        let tree = vec(operation(mix), effort.operations).new_tree(&mut runner);
        let mut tree = tree.expect("nothing is filtered out");
        let plan = |operations| Plan {
            replicas,
            operations,
        };
        if let Err(error) = plan(tree.current()).run() {
            let plan = shrunk(&mut tree, plan);
            panic!(
                "seed {seed}: {error}\n\nthe shrunk plan:\n{plan}\nits story:\n{}",
                plan.story()
            );
        }
    }
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// The smallest failing plan that is found in reasonable time.
fn shrunk<T>(tree: &mut T, plan: impl Fn(Vec<Operation>) -> Plan) -> Plan
where
    T: ValueTree<Value = Vec<Operation>>,
{
    std::panic::set_hook(Box::new(|_| {}));
    let mut smallest = plan(tree.current());
    let mut fails = true;
    for _ in 0..20_000 {
        let goes_on = if fails {
            tree.simplify()
        } else {
            tree.complicate()
        };
        if !goes_on {
            break;
        }
        let candidate = plan(tree.current());
        fails = candidate.run().is_err();
        if fails {
            smallest = candidate;
        }
    }
    let _ = std::panic::take_hook();
    smallest
}
