//! Batches of a stranger, given to a document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tideline_fuzz::METER;
use tideline_tests::strangers::RECEIVED;

fuzz_target!(|bytes: &[u8]| (RECEIVED.check)(bytes, METER));
