//! What the fuzz targets share: an allocator that tells how much memory is in use.

use peak_alloc::PeakAlloc;
use tideline_tests::strangers::Meter;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

pub const METER: Meter = Meter {
    bytes: || ALLOCATOR.current_usage(),
    bytes_peak: || ALLOCATOR.peak_usage(),
    reset_peak: || ALLOCATOR.reset_peak_usage(),
};
