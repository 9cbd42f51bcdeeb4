//! The first lesson: four bubbles that follow the playback of a canary that goes wrong.

use crate::domain::{EventKind, Recording, SimTime};

/// What a bubble points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Router,
    Charts,
    Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LessonStep {
    pub anchor: Anchor,
    pub text: &'static str,
}

pub const STEPS: [LessonStep; 4] = [
    LessonStep {
        anchor: Anchor::Router,
        text: "Every dot is a group of requests. 5 % of the users get the new model; the others notice nothing.",
    },
    LessonStep {
        anchor: Anchor::Charts,
        text: "The band is how sure we are. It narrows as requests arrive.",
    },
    LessonStep {
        anchor: Anchor::Verdict,
        text: "The new model failed, a gate saw it, and everybody is back on the old one. Most users never met the fault.",
    },
    LessonStep {
        anchor: Anchor::Verdict,
        text: "Now you: make the limit looser and watch who gets hurt.",
    },
];

/// The step that playback has reached at `now`; steps are never taken back.
pub fn step_at(step: usize, recording: &Recording, now: SimTime) -> usize {
    let past = |wanted: fn(&EventKind) -> bool| {
        recording.events.iter().any(|event| event.at <= now && wanted(&event.kind))
    };
    let reached = if past(|kind| matches!(kind, EventKind::Aborted { .. })) {
        2
    } else if past(|kind| matches!(kind, EventKind::Stage(stage) if *stage >= 2)) {
        1
    } else {
        0
    };
    step.max(reached)
}
