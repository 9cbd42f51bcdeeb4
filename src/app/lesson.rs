//! The first lesson: four bubbles that follow the playback of a canary that goes wrong.

use crate::domain::{
    Condition, EventKind, InterventionKind, Metric, Plan, Recording, SimTime, Verdict,
};

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
        text: "Now you: make the limit looser, and watch who gets hurt. A second run forks off just before the fault; the first one stays.",
    },
];

/// The step that playback has reached at `now`; steps are never taken back.
pub fn step_at(step: usize, recording: &Recording, now: SimTime) -> usize {
    let past = |wanted: fn(&EventKind) -> bool| {
        recording.events.iter().any(|event| event.at <= now && wanted(&event.kind))
    };
    let reached = if past(|kind| matches!(kind, EventKind::Aborted { .. })) {
        2
    } else if past(|kind| matches!(kind, EventKind::Stage(stage) if *stage >= 1)) {
        1
    } else {
        0
    };
    step.max(reached)
}

/// What the last step asks a person to do: the limit that caught the candidate, to be moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exercise {
    gate: u16,
    pub metric: Metric,
    /// The most that the gate let pass.
    pub limit: f64,
    /// Just before things went wrong: where the new run forks off.
    pub from: SimTime,
}

impl Exercise {
    /// `None` if no upper limit ended the run.
    pub fn new(plan: &Plan, recording: &Recording) -> Option<Self> {
        let gate = recording.events.iter().find_map(|event| match event.kind {
            EventKind::GateEnded { gate, verdict: Verdict::Fail, .. } => Some(gate),
            _ => None,
        })?;
        let broken =
            recording.events.iter().find(|event| matches!(event.kind, EventKind::FaultBegan(_)))?;
        let planned = plan.gates.get(usize::from(gate))?;
        let Some(Condition::AtMost(limit)) = planned.pass_when else { return None };
        Some(Self { gate, metric: planned.metric, limit, from: broken.at })
    }

    /// The gate with another limit.
    pub fn with_limit(self, limit: f64) -> InterventionKind {
        InterventionKind::SetLimit { gate: self.gate, pass_when: Condition::AtMost(limit) }
    }
}
