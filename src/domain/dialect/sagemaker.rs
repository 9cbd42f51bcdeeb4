//! A plan in the terms of SageMaker's deployment guardrails.

use crate::domain::{Gate, PlanDraft, Ramp, SimSpan, Strategy};

/// Alarms that one deployment can have.
pub const MOST_ALARMS: usize = 10;
/// The longest wait between two shifts, and the longest life of the old fleet after the last.
pub const LONGEST_WAIT: SimSpan = SimSpan::from_secs(3_600);
/// A whole deployment takes no longer.
pub const LONGEST_DEPLOYMENT: SimSpan = SimSpan::from_secs(28_800);
const USUAL_WAIT: SimSpan = SimSpan::from_secs(300);

/// How a canary's traffic is shifted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Routing {
    /// Once this share in percent, then the rest.
    Canary(f64),
    /// This share in percent again and again.
    Linear(f64),
}

impl Routing {
    /// One step is a canary of at most half the fleet; several are even steps, as many as planned.
    pub fn of(ramp: &Ramp) -> Self {
        let steps = ramp.steps();
        match (ramp, steps.as_slice()) {
            (Ramp::Linear { step, .. }, _) => Self::Linear(step.round().clamp(10.0, 50.0)),
            (_, [only]) => Self::Canary(only.weight.round().clamp(1.0, 50.0)),
            _ => Self::Linear((100.0 / (steps.len() as f64 + 1.0)).round().clamp(10.0, 50.0)),
        }
    }

    /// The shares of the new fleet before it has everything, 0 to 1, in whole instances of `fleet`,
    /// rounded up.
    pub fn shares(self, fleet: u32) -> Vec<f64> {
        let percents: Vec<f64> = match self {
            Self::Canary(size) => vec![size],
            Self::Linear(step) => (1..10).map(|k| step * f64::from(k)).collect(),
        };
        let fleet = f64::from(fleet.max(1));
        let whole = |percent: &f64| (fleet * percent / 100.0 - 1e-9).ceil() / fleet;
        let mut shares: Vec<f64> =
            percents.iter().map(whole).filter(|share| *share < 1.0).collect();
        shares.dedup();
        shares
    }
}

/// The one time for which alarms watch after each shift: the longest that is planned.
pub fn wait(plan: &PlanDraft) -> SimSpan {
    let wanted = match &plan.strategy {
        Strategy::Canary { ramp, .. } => ramp.steps().iter().filter_map(|step| step.hold).max(),
        Strategy::Direct { bake, .. }
        | Strategy::Rolling { bake, .. }
        | Strategy::BlueGreen { bake, .. } => Some(*bake),
        _ => None,
    };
    wanted.unwrap_or(USUAL_WAIT).min(LONGEST_WAIT)
}

/// The size of a batch of a rolling update, in percent of the fleet.
pub fn batch(max_surge_percent: f64) -> f64 {
    max_surge_percent.round().clamp(5.0, 50.0)
}

/// Breaching data points in a row that set off a gate's alarm; `None` for one that never acts.
pub fn datapoints(gate: &Gate) -> Option<u32> {
    let limit = gate.failure_limit.filter(|_| !gate.dry_run)?;
    Some(limit.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Step;

    #[test]
    fn shares_are_those_of_whole_instances() {
        let hold = Some(SimSpan::from_secs(60));
        let ramp = |weights: &[f64]| {
            Ramp::Steps(weights.iter().map(|weight| Step { weight: *weight, hold }).collect())
        };
        assert_eq!(Routing::of(&ramp(&[5.0])).shares(4), [0.25], "5 % of four instances is one");
        assert_eq!(Routing::of(&ramp(&[80.0])), Routing::Canary(50.0));
        assert_eq!(Routing::of(&ramp(&[5.0, 25.0, 50.0])).shares(8), [0.25, 0.5, 0.75]);
        assert_eq!(Routing::Canary(5.0).shares(1), [0.0; 0], "one instance is everything");
    }
}
