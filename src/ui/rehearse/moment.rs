//! What has just happened at a moment: the windows before the cursor as one.

use crate::domain::{Recording, SimTime, Window};

/// Windows that the diagram's numbers look back at; it never reaches into the stage before.
const WINDOWS_BACK: usize = 12;

/// The number of windows that have ended by `now`.
pub fn reached(recording: &Recording, now: SimTime) -> usize {
    recording.windows.partition_point(|window| window.end <= now)
}

/// The last few of the first `reached` windows as one; before the first has ended, that one.
pub fn recent(recording: &Recording, reached: usize) -> Option<Window> {
    let end = reached.max(1).min(recording.windows.len());
    let seen = recording.windows.get(..end)?;
    let stage = seen.last()?.stage;
    let of_stage = seen.iter().rev().take(WINDOWS_BACK).take_while(|window| window.stage == stage);
    Window::merged(seen.get(end - of_stage.count()..)?)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn looks_back_but_not_across_a_change_of_stage() {
        let recording = fixture::recording(StrategyKind::Canary);
        let at = |secs| recent(&recording, reached(&recording, SimTime::from_secs(secs))).unwrap();
        assert_eq!(at(84).start, SimTime::from_secs(60));
        assert_eq!((at(94).start, at(94).end), (SimTime::from_secs(90), SimTime::from_secs(94)));
        assert_eq!(at(0).end, SimTime::from_secs(2));
    }
}
