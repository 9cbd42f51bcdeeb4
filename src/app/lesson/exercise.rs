//! The exercise of the canary's lesson: the limit that caught the candidate, to be moved.

use crate::domain::{
    Condition, EventKind, InterventionKind, Metric, Plan, Recording, SimTime, Verdict,
};

/// A limit to be moved, and where.
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
