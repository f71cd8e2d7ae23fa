//! Inputs that the fuzz targets once found are tried again: what broke something, and what reached
//! far. `./dev fuzz` looks for new ones.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use peak_alloc::PeakAlloc;
use tideline_tests::strangers::{DOORS, Meter};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const METER: Meter = Meter {
    bytes: || ALLOCATOR.current_usage(),
    bytes_peak: || ALLOCATOR.peak_usage(),
    reset_peak: || ALLOCATOR.reset_peak_usage(),
};

/// One test for all, so that no other one's memory counts.
#[test]
fn inputs_that_were_found_break_nothing() {
    for door in DOORS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/strangers")
            .join(door.name);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .expect("a folder of kept inputs")
            .map(|entry| entry.expect("a readable folder").path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "nothing is kept for {}", door.name);
        for file in files {
            let bytes = fs::read(&file).expect("a readable file");
            let check = AssertUnwindSafe(|| (door.check)(&bytes, METER));
            assert!(catch_unwind(check).is_ok(), "broken by {}", file.display());
        }
    }
}
