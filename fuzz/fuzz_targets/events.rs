//! Events of any content, given to a document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tideline_fuzz::METER;
use tideline_tests::strangers::EVENTS;

fuzz_target!(|bytes: &[u8]| (EVENTS.check)(bytes, METER));
