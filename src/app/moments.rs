//! Moments of a recording that the cursor is stepped to.

use crate::domain::{EventKind, Recording, SimTime, Verdict};

/// The end of the window `windows` further on (or back).
pub(super) fn step(recording: &Recording, now: SimTime, windows: i32) -> SimTime {
    // Cursor positions are 0 for the start and k for the end of the k-th window.
    let ends = &recording.windows;
    let reached = ends.partition_point(|window| window.end <= now);
    let is_between = reached.checked_sub(1).map_or(now > SimTime::START, |k| ends[k].end < now);
    let back = windows.unsigned_abs() as usize;
    let place = if windows >= 0 {
        reached + back
    } else {
        // From the middle of a window the first step goes to its start.
        (reached + usize::from(is_between)).saturating_sub(back)
    };
    match place.min(ends.len()).checked_sub(1).and_then(|k| ends.get(k)) {
        Some(window) => window.end,
        None => SimTime::START,
    }
}

/// True for events that a person wants to see and step to; the others are details.
pub fn is_notable(kind: &EventKind) -> bool {
    match kind {
        EventKind::Measured(measurement) => {
            !matches!(measurement.verdict, Verdict::Pass | Verdict::Hold)
        }
        EventKind::Weight { .. }
        | EventKind::Feasible { .. }
        | EventKind::Scale { .. }
        | EventKind::Ready { .. }
        | EventKind::Mirror { .. }
        | EventKind::Tested(_)
        | EventKind::Scored(_)
        | EventKind::Compared(_) => false,
        _ => true,
    }
}

pub(super) fn next_notable(recording: &Recording, now: SimTime) -> Option<SimTime> {
    let first = recording.events.partition_point(|event| event.at <= now);
    let later = recording.events.get(first..)?;
    later.iter().find(|event| is_notable(&event.kind)).map(|event| event.at)
}

pub(super) fn previous_notable(recording: &Recording, now: SimTime) -> Option<SimTime> {
    let end = recording.events.partition_point(|event| event.at < now);
    let earlier = recording.events.get(..end)?;
    earlier.iter().rfind(|event| is_notable(&event.kind)).map(|event| event.at)
}
