//! How much memory a table may take.

use std::fs;

/// No table takes more, however large the machine.
const MOST: u64 = 8_000_000_000;
/// Where the system does not say how much is free.
const CAUTIOUS: u64 = 2_000_000_000;

/// The most bytes that a table may take: half of the free memory, within limits. The other half is
/// for profiles, predictions and the rest of the machine.
pub(super) fn bound() -> u64 {
    available().map_or(CAUTIOUS, |free| (free / 2).min(MOST))
}

/// Free memory in bytes, where the system tells (Linux).
fn available() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
