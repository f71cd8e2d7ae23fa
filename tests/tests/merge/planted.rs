//! Faults planted into one replica's engine: the histories must find each, and shrink to what a
//! person can read. A harness that lets these pass proves nothing.

use tideline_model::{Change, Event, LineId};
use tideline_tests::merge::operation::Mix;
use tideline_tests::merge::plan::Plan;
use tideline_tests::merge::simulation::Simulation;

/// The seeds that are tried until one finds the fault.
const SEEDS: u64 = 20;

/// The second replica reads events of others with `fault`.
fn plant(fault: fn(&mut Event)) -> impl Fn(&mut Simulation) {
    move |simulation| simulation.peers[1].fault = Some(fault)
}

/// Finds the fault, shrinks the history, and gives what the shrunk plan says when it is read again
/// from what is printed of it.
fn found(fault: fn(&mut Event), operations_max: usize) -> String {
    let fails = |plan: &Plan| plan.run_on(plant(fault)).is_err();
    let mut plans = (0..SEEDS).map(|seed| Plan::random(seed, Mix::Restructuring, 120));
    let plan = plans.find(fails).expect("a seed that finds the fault");
    let shrunk = plan.shrunk(fails);
    let count = shrunk.operations.len();
    assert!(count <= operations_max, "{count} operations:\n{shrunk}");
    let again: Plan = shrunk.to_string().parse().expect("a plan that can be read");
    assert_eq!(again.run(), Ok(()), "without the fault");
    let outcome = again.run_on(plant(fault));
    outcome.expect_err("the fault is found again")
}

fn drop_changes(event: &mut Event, is_dropped: impl Fn(&Change) -> bool) {
    for change in &mut event.changes {
        if is_dropped(change) {
            *change = Change::Keep { line: LineId::ROOT };
        }
    }
}

#[test]
fn a_join_that_is_ignored_is_found_within_one_gesture() {
    let error = found(
        |event| drop_changes(event, |it| matches!(it, Change::Join { .. })),
        1,
    );
    assert!(error.contains("Convergence"), "{error}");
}

#[test]
fn a_restore_that_is_ignored_is_found_within_a_few_gestures() {
    let fault = |event: &mut Event| drop_changes(event, |it| matches!(it, Change::Restore { .. }));
    found(fault, 4);
}

#[test]
fn a_character_that_goes_missing_is_found_within_one_gesture() {
    let fault = |event: &mut Event| {
        for change in &mut event.changes {
            if let Change::EditText { insert, .. } = change {
                insert.pop();
            }
        }
    };
    found(fault, 1);
}

#[test]
fn deleting_one_character_too_few_is_found_within_one_gesture() {
    let fault = |event: &mut Event| {
        for change in &mut event.changes {
            if let Change::EditText { delete, .. } = change {
                *delete = delete.saturating_sub(1);
            }
        }
    };
    found(fault, 1);
}
