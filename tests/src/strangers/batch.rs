//! What is read from bytes can be written and is then read alike.

use tideline_wire::{decode_batch, encode_batch};

use super::Meter;

/// The size of an event over the fewest bytes that one takes.
const BYTES_EACH: usize = 100;
const BYTES_ONCE: usize = 4_096;

pub(super) fn check(bytes: &[u8], meter: Meter) {
    let bound = (bytes.len(), BYTES_EACH, BYTES_ONCE);
    let events = match meter.expect_bounded(bound, || decode_batch(bytes)) {
        Ok(events) => events,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let written = encode_batch(&events).expect("what was read can be written");
    let again = decode_batch(&written).expect("what was written can be read");
    assert_eq!(again, events);
    assert_eq!(encode_batch(&again), Ok(written));
}
