//! Plans that failed once are kept, and must hold. `TIDELINE_PLAN=FILE` replays another one and tells
//! its story.

use std::path::Path;

use tideline_tests::merge::operation::Operation;
use tideline_tests::merge::plan::Plan;

#[test]
fn plans_that_failed_once_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/merge/plans");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of kept plans")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "plan")
        })
        .collect();
    files.extend(std::env::var_os("TIDELINE_PLAN").map(Into::into));
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable plan");
        let plan: Plan = text.parse().expect("a plan");
        if let Err(error) = plan.run() {
            panic!("{}: {error}\nits story:\n{}", file.display(), plan.story());
        }
    }
}

#[test]
fn a_printed_plan_can_be_loaded_again() {
    let plan = Plan {
        replicas: 3,
        operations: vec![
            Operation::Undo {
                replica: 1,
                back: 0,
            },
            Operation::Heal,
        ],
    };
    assert_eq!(plan.to_string().parse(), Ok(plan));
}
