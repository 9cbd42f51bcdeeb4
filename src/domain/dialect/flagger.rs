//! A plan in the terms of Flagger.

use crate::domain::{PlanDraft, Ramp, SimSpan, Strategy};

/// No loop of Flagger turns faster.
pub const SHORTEST_INTERVAL: SimSpan = SimSpan::from_secs(10);
const USUAL_INTERVAL: SimSpan = SimSpan::from_secs(60);

/// A weight of the ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    pub percent: f64,
    /// A person has to confirm before it goes on.
    pub confirm: bool,
}

/// The one interval of everything: for a canary the longest hold, so that no stage is shorter than
/// planned, else the shortest interval of the gates. In whole seconds, rounded up.
pub fn interval(plan: &PlanDraft) -> SimSpan {
    let shortest = plan.gates.iter().map(|gate| gate.interval).min();
    let wanted = match &plan.strategy {
        Strategy::Canary { ramp, .. } => ramp.steps().iter().filter_map(|step| step.hold).max(),
        _ => None,
    };
    let interval = wanted.or(shortest).unwrap_or(USUAL_INTERVAL).max(SHORTEST_INTERVAL);
    SimSpan::from_secs(interval.micros().div_ceil(1_000_000))
}

/// So many failed checks, of whichever gates, end the rollout: one more than the strictest gate
/// tolerates.
pub fn threshold(plan: &PlanDraft) -> u32 {
    let gates = plan.gates.iter().filter(|gate| !gate.dry_run);
    let strictest = gates.filter_map(|gate| gate.failure_limit).min();
    strictest.unwrap_or(0).saturating_add(1)
}

/// The weights of a canary. A linear ramp goes past its maximum if its step does not divide it.
pub fn weights(ramp: &Ramp) -> Vec<Weight> {
    let whole = |percent: f64| super::Dialect::Flagger.weight(percent);
    let mut weights: Vec<Weight> = match ramp {
        Ramp::Linear { step, max, .. } => {
            let step = whole(*step).max(1.0);
            let count = (whole(*max) / step).ceil() as u32;
            let percent = (1..=count).map(|k| (step * f64::from(k)).min(100.0));
            percent.map(|percent| Weight { percent, confirm: false }).collect()
        }
        _ => ramp
            .steps()
            .iter()
            .filter(|step| step.weight > 0.0)
            .map(|step| Weight { percent: whole(step.weight), confirm: step.hold.is_none() })
            .collect(),
    };
    weights.dedup_by_key(|weight| weight.percent);
    weights
}

/// Checks of a blue-green release before the switch.
pub fn iterations(preview: SimSpan, interval: SimSpan) -> u32 {
    u32::try_from(preview.micros().div_ceil(interval.micros().max(1))).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_20_up_to_50_really_reaches_60() {
        let hold = SimSpan::from_secs(60);
        let percents = |ramp: &Ramp| weights(ramp).iter().map(|w| w.percent).collect::<Vec<_>>();
        assert_eq!(percents(&Ramp::Linear { step: 20.0, max: 50.0, hold }), [20.0, 40.0, 60.0]);
        assert_eq!(percents(&Ramp::Linear { step: 60.0, max: 100.0, hold }), [60.0, 100.0]);
        let exponential = Ramp::Exponential { first: 0.4, factor: 1.5, max: 2.0, hold };
        assert_eq!(percents(&exponential), [1.0, 2.0], "whole percents, each once");
    }
}
