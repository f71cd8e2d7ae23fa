//! What this process holds in memory, as the system counts it.

/// Bytes of memory in use, in MB; 0 where the system does not say.
pub fn resident_mb() -> f64 {
    field("VmRSS:")
}

/// The most that was in use since the last [`forget_peak`], in MB.
pub fn peak_mb() -> f64 {
    field("VmHWM:")
}

/// Peaks count from here on.
pub fn forget_peak() {
    // Where the system has no such file it has no peak either.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn field(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kb.map_or(0.0, |kb: f64| kb / 1024.0)
}
