//! Waiting for a moment on the real clock, as precisely as calls that last microseconds need.

use std::thread;
use std::time::{Duration, Instant};

/// The system wakes a sleeper up to so late: the last part of a wait is spent awake.
const OVERSLEPT: Duration = Duration::from_micros(250);

/// Returns at `moment`, or after `at_most` if that is sooner; at once if the moment has passed. Sleeps
/// but for the end, when it lets other threads go first.
pub fn wait_until(moment: Instant, at_most: Duration) {
    let moment = moment.min(Instant::now() + at_most);
    loop {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        match left.checked_sub(OVERSLEPT) {
            Some(sleep) if !sleep.is_zero() => thread::sleep(sleep),
            _ => thread::yield_now(),
        }
    }
}
