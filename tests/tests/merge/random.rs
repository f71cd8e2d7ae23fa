//! Random histories, with every property of the merge rules checked along the way.
//!
//! A quick look by default; `./dev test` sets `TIDELINE_HISTORIES` to 2,000, each of 500 operations.
//! `TIDELINE_SEEDS` and `TIDELINE_OPERATIONS` say how many for each kind and how long,
//! `TIDELINE_FIRST_SEED` where to start, and `TIDELINE_KEEP_GOING` that a failure does not end the
//! test. A failure prints its plan; `TIDELINE_PLAN=FILE` carries a plan out again.

use tideline_tests::merge::operation::Mix;
use tideline_tests::merge::plan::{Effort, check_seeds};

/// How many tests share the histories.
const KINDS: u64 = 4;

fn check(mix: Mix, first_seed: u64) {
    let asked = std::env::var("TIDELINE_HISTORIES").ok();
    let usual = match asked.and_then(|count| count.parse::<u64>().ok()) {
        Some(histories) => Effort {
            first_seed,
            seeds: histories.div_ceil(KINDS),
            operations: 500,
        },
        None => Effort {
            first_seed,
            seeds: 100,
            operations: 200,
        },
    };
    check_seeds(mix, Effort::from_environment(usual));
}

#[test]
fn people_who_mostly_type_lose_nothing_and_see_the_same() {
    check(Mix::Ordinary, 0);
}

#[test]
fn people_who_mostly_type_lose_nothing_and_see_the_same_again() {
    check(Mix::Ordinary, 1_000_000);
}

#[test]
fn people_who_restructure_the_same_lines_lose_nothing_and_see_the_same() {
    check(Mix::Restructuring, 2_000_000);
}

#[test]
fn hostile_events_mean_the_same_to_everybody() {
    check(Mix::Hostile, 3_000_000);
}
