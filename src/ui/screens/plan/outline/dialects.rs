//! The outline under the rules of controllers that have stages of their own.

use super::Sketch;
use crate::domain::dialect::flagger;
use crate::domain::dialect::sagemaker::{Routing, batch, wait};
use crate::domain::{PlanDraft, SimSpan, Strategy};

impl Sketch {
    /// Every stage ends at a tick; then the primary gets the candidate's model.
    pub(super) fn flagger(&mut self, draft: &PlanDraft, cold_start: SimSpan) {
        let every = flagger::interval(draft);
        let ticks = cold_start.micros().div_ceil(every.micros().max(1)).max(1);
        self.phase("Start canary", every.times(ticks), &[0.0]);
        match &draft.strategy {
            Strategy::Canary { ramp, .. } => {
                for weight in flagger::weights(ramp) {
                    self.step(weight.percent, Some(every).filter(|_| !weight.confirm));
                }
                let shares = self.phases.last().map_or(vec![0.0], |phase| phase.shares.clone());
                self.phase("Copy to the primary", every, &shares);
            }
            Strategy::BlueGreen { preview, preview_mirror_percent, auto_promote, .. } => {
                let checks = u64::from(flagger::iterations(*preview, every));
                self.mirrored("Preview", every.times(checks), *preview_mirror_percent);
                if !auto_promote {
                    self.open_phase("Until you promote", &[0.0]);
                }
                self.phase("Switch", every, &[100.0]);
                self.phase("Copy to the primary", every, &[100.0]);
            }
            // Without analysis all is promoted once the candidate is ready.
            _ => {}
        }
    }

    /// A full second fleet takes over at once, by shifts or in batches, and bakes after each.
    pub(super) fn sagemaker(&mut self, draft: &PlanDraft, replicas: u32, cold_start: SimSpan) {
        let wait = wait(draft);
        match &draft.strategy {
            Strategy::Shadow { .. } => {
                self.phase("Provision", cold_start, &[0.0]);
                return self.strategy(draft, replicas, cold_start);
            }
            Strategy::Canary { ramp, .. } => {
                self.phase("Provision", cold_start, &[0.0]);
                for share in Routing::of(ramp).shares(replicas) {
                    self.step((share * 1e4).round() / 100.0, Some(wait));
                }
            }
            Strategy::Rolling { max_surge_percent, .. } => {
                let size = batch(*max_surge_percent);
                let batches = (100.0 / size).ceil() as u32;
                for replaced in (1..batches).map(|k| size * f64::from(k)) {
                    self.step(replaced, Some(cold_start + wait));
                }
            }
            _ => self.phase("Provision", cold_start, &[0.0]),
        }
        self.phase("Bake", wait, &[100.0]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::outline;
    use crate::domain::{Dialect, PlanDraft, StrategyKind};

    fn shares(dialect: Dialect, kind: StrategyKind) -> Vec<f64> {
        let draft =
            PlanDraft { dialect, strategy: kind.default_strategy(), ..PlanDraft::default() };
        outline(&draft).phases.iter().map(|phase| phase.shares[0]).collect()
    }

    #[test]
    fn stages_are_those_of_the_controller() {
        let canary = |dialect| shares(dialect, StrategyKind::Canary);
        assert_eq!(canary(Dialect::Argo), [0.0, 5.0, 25.0, 50.0, 100.0]);
        // The canary's share stays while the primary gets its model.
        assert_eq!(canary(Dialect::Flagger), [0.0, 5.0, 25.0, 50.0, 50.0, 100.0]);
        // Three steps are shifts of a quarter, and whole instances.
        let replicas = PlanDraft::default().arms[1].serving.replicas;
        let shifts = canary(Dialect::Sagemaker);
        assert!(
            shifts.len() > 2
                && shifts.iter().all(|share| {
                    let instances = share / 100.0 * f64::from(replicas);
                    (instances - instances.round()).abs() < 0.01
                })
        );
    }
}
