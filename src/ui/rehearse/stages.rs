//! How each stage stands at a moment.

use crate::domain::{EventKind, Recording, SimTime, Verdict};

pub use crate::report::figures::{StageSpan, current, stage_spans};

/// How a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageState {
    Passed,
    /// The traffic went back from here.
    Stopped,
    Current,
    /// It may still come.
    Waiting,
    /// The run was decided without it.
    NotReached,
}

impl StageState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Stopped => "stopped",
            Self::Current => "running",
            Self::Waiting => "waiting",
            Self::NotReached => "not reached",
        }
    }
}

/// What was decided about a run up to a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    pub is_over: bool,
    /// When the traffic last went back to the baseline.
    pub went_back: Option<SimTime>,
}

impl Decided {
    pub fn until(recording: &Recording, now: SimTime) -> Self {
        let mut decided = Self::default();
        for event in recording.events.iter().take_while(|event| event.at <= now) {
            match event.kind {
                EventKind::Ended(_) => decided.is_over = true,
                EventKind::Aborted { .. } | EventKind::RolledBack { .. } => {
                    decided.went_back = Some(event.at);
                }
                _ => {}
            }
        }
        decided
    }
}

/// How the stage at `stage` stands at `now`.
pub fn state(spans: &[StageSpan], stage: usize, now: SimTime, decided: Decided) -> StageState {
    let ended = spans.iter().rev().find(|span| span.stage == stage && span.end <= now);
    if current(spans, now).is_some_and(|span| span.stage == stage) {
        StageState::Current
    } else if let Some(span) = ended {
        let is_stopped = decided.went_back == Some(span.end);
        if is_stopped { StageState::Stopped } else { StageState::Passed }
    } else if decided.is_over {
        StageState::NotReached
    } else {
        StageState::Waiting
    }
}

/// Gate measurements in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    pub passed: usize,
    pub failed: usize,
    /// Inconclusive, without an answer, or held for lack of data.
    pub open: usize,
}

impl Checks {
    pub fn between(recording: &Recording, start: SimTime, until: SimTime) -> Self {
        let mut checks = Self::default();
        for event in &recording.events {
            let EventKind::Measured(measurement) = &event.kind else { continue };
            // What is measured at the very start of a stage is about the one before.
            if event.at <= start || event.at > until {
                continue;
            }
            match measurement.verdict {
                Verdict::Pass => checks.passed += 1,
                Verdict::Fail => checks.failed += 1,
                _ => checks.open += 1,
            }
        }
        checks
    }

    pub fn all(self) -> usize {
        self.passed + self.failed + self.open
    }

    /// `3 of 6 checks passed`; empty without a check.
    pub fn sentence(self) -> String {
        match (self.all(), self.passed) {
            (0, _) => String::new(),
            (1, 1) => "1 check passed".to_owned(),
            (all, passed) if all == passed => format!("{passed} checks passed"),
            (all, passed) => format!("{passed} of {all} checks passed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::domain::StrategyKind;

    #[test]
    fn a_stage_is_waiting_then_current_then_passed() {
        let recording = fixture::recording(StrategyKind::Canary);
        let spans = stage_spans(&recording);
        assert_eq!(spans.len(), recording.stages.len());
        let (start, end) = (spans[1].start, spans[1].end);
        let open = Decided::default();
        assert_eq!(state(&spans, 1, SimTime::START, open), StageState::Waiting);
        assert_eq!(state(&spans, 1, start, open), StageState::Current);
        assert_eq!(state(&spans, 1, end, open), StageState::Passed);
        let over = Decided { is_over: true, went_back: Some(end) };
        assert_eq!(state(&spans, 1, end, over), StageState::Stopped);
        assert_eq!(state(&spans, 4, start, over), StageState::NotReached);
        let mut hasty = recording.clone();
        hasty.events.retain(|event| event.kind != EventKind::Stage(2));
        let third = hasty.events.iter().position(|event| event.kind == EventKind::Stage(3));
        let kind = EventKind::Stage(2);
        let at = hasty.events[third.unwrap()].at;
        hasty.events.insert(third.unwrap(), crate::domain::Event { at, kind });
        assert_eq!(state(&stage_spans(&hasty), 2, at, open), StageState::Passed);
    }

    #[test]
    fn checks_are_counted_up_to_the_cursor() {
        let recording = fixture::recording(StrategyKind::Canary);
        let whole = Checks::between(&recording, SimTime::START, recording.end());
        let half = Checks::between(&recording, SimTime::START, SimTime::from_secs(160));
        assert!(half.all() < whole.all() && half.passed > 0);
        assert_eq!(Checks::default().sentence(), "");
        assert_eq!(Checks { passed: 3, failed: 1, open: 2 }.sentence(), "3 of 6 checks passed");
    }
}
