//! Bytes that claim to be a batch of events.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tideline_fuzz::METER;
use tideline_tests::strangers::BATCH;

fuzz_target!(|bytes: &[u8]| (BATCH.check)(bytes, METER));
