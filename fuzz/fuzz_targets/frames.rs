//! Messages of a stranger, on either side of a connection.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tideline_fuzz::METER;
use tideline_tests::strangers::FRAMES;

fuzz_target!(|bytes: &[u8]| (FRAMES.check)(bytes, METER));
