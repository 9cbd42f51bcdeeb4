//! What a plan intends: the candidates' shares over time, if every gate passes and nobody acts.

mod dialects;

use crate::domain::{Dialect, PlanDraft, ShadowEnd, SimSpan, SimTime, Strategy};

/// A stretch of the rollout in which nothing changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    pub label: String,
    pub from: SimTime,
    pub to: SimTime,
    /// Percent of the live requests per candidate; empty: nobody knows before.
    pub shares: Vec<f64>,
    /// Percent of the live requests that the candidate gets copies of.
    pub mirrored: f64,
    /// It lasts until a person acts; the drawn length is made up.
    pub is_open: bool,
}

/// The intended phases, the first from zero, without gaps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    pub phases: Vec<Phase>,
    /// When the candidate has everything, or is gone.
    pub rolled_out: SimTime,
}

impl Outline {
    pub fn end(&self) -> SimTime {
        self.phases.last().map_or(SimTime::START, |phase| phase.to)
    }
}

/// Reads the outline off a draft, which need not be sound.
pub fn outline(draft: &PlanDraft) -> Outline {
    let candidate = draft.arms.get(1).map(|arm| &arm.serving);
    let cold_start = candidate.map_or(SimSpan::ZERO, |serving| serving.cold_start);
    let replicas = candidate.map_or(1, |serving| serving.replicas.max(1));
    let duration = draft.traffic.duration;
    let mut plan = Sketch { now: SimTime::START, phases: Vec::new(), duration };
    match draft.dialect {
        Dialect::Flagger => plan.flagger(draft, cold_start),
        Dialect::Sagemaker => plan.sagemaker(draft, replicas, cold_start),
        Dialect::Rehearsal | Dialect::Argo => {
            if !matches!(draft.strategy, Strategy::Single | Strategy::Rolling { .. }) {
                plan.phase("Start-up", cold_start, &[0.0]);
            }
            plan.strategy(draft, replicas, cold_start);
        }
    }
    let rolled_out = plan.now;
    plan.after(&draft.strategy);
    Outline { phases: plan.phases, rolled_out }
}

struct Sketch {
    now: SimTime,
    phases: Vec<Phase>,
    duration: SimSpan,
}

impl Sketch {
    fn phase(&mut self, label: &str, lasts: SimSpan, shares: &[f64]) {
        if lasts.is_zero() {
            return;
        }
        let from = self.now;
        self.now = from + lasts;
        self.phases.push(Phase {
            label: label.to_owned(),
            from,
            to: self.now,
            shares: shares.to_vec(),
            mirrored: 0.0,
            is_open: false,
        });
    }

    /// A phase without an end of its own gets a sixth of the time.
    fn open_phase(&mut self, label: &str, shares: &[f64]) {
        self.phase(label, SimSpan::from_micros(self.duration.micros() / 6), shares);
        if let Some(last) = self.phases.last_mut() {
            last.is_open = true;
        }
    }

    /// A share for the candidate, until a person acts where no time is given.
    fn step(&mut self, percent: f64, hold: Option<SimSpan>) {
        let label = format!("{percent} %");
        match hold {
            Some(hold) => self.phase(&label, hold, &[percent]),
            None => self.open_phase(&label, &[percent]),
        }
    }

    fn mirrored(&mut self, label: &str, lasts: SimSpan, percent: f64) {
        self.phase(label, lasts, &[0.0]);
        if let Some(last) = self.phases.last_mut() {
            last.mirrored = percent;
        }
    }

    /// Our own rules, and those of Argo Rollouts.
    fn strategy(&mut self, draft: &PlanDraft, replicas: u32, cold_start: SimSpan) {
        match &draft.strategy {
            Strategy::Single => {}
            Strategy::Direct { in_place, bake, .. } => {
                if *in_place && let Some(start) = self.phases.last_mut() {
                    "No fleet".clone_into(&mut start.label);
                }
                self.phase("Bake", *bake, &[100.0]);
            }
            Strategy::Rolling { max_surge_percent, max_unavailable_percent, min_ready, bake } => {
                let percent = max_surge_percent + max_unavailable_percent;
                self.rolling(percent, replicas, cold_start + *min_ready);
                self.phase("Bake", *bake, &[100.0]);
            }
            Strategy::Shadow { mirror_percent, observe, .. } => {
                self.mirrored("Shadow", *observe, *mirror_percent);
            }
            Strategy::BlueGreen { preview, preview_mirror_percent, auto_promote, bake, .. } => {
                self.mirrored("Preview", *preview, *preview_mirror_percent);
                if !auto_promote {
                    self.open_phase("Until you promote", &[0.0]);
                }
                self.phase("Bake", *bake, &[100.0]);
            }
            Strategy::Canary { ramp, .. } => {
                for step in ramp.steps() {
                    self.step(draft.dialect.weight(step.weight), step.hold);
                }
            }
            Strategy::Ab { candidate_percent, max_duration, .. } => {
                let candidates = draft.arms.len().saturating_sub(1);
                let equal = vec![100.0 / (candidates as f64 + 1.0); candidates];
                let shares = if candidate_percent.is_empty() { &equal } else { candidate_percent };
                self.phase("Split", *max_duration, shares);
            }
            Strategy::Bandit { duration, .. } => {
                let candidates = draft.arms.len().saturating_sub(1);
                let equal = vec![100.0 / (candidates as f64 + 1.0); candidates];
                self.phase("Learn", *duration, &equal);
            }
        }
    }

    /// The fleet is replaced in batches of `percent` of it.
    fn rolling(&mut self, percent: f64, replicas: u32, each: SimSpan) {
        let batch = (f64::from(replicas) * percent / 100.0).floor().max(1.0);
        let batches = (f64::from(replicas) / batch).ceil().min(100.0) as u32;
        for done in 0..batches {
            let share = (f64::from(done) * batch / f64::from(replicas)).min(1.0) * 100.0;
            self.phase("Rolling", each, &[share]);
        }
    }

    /// What is left of the time when the rollout is over. Nobody knows how an A/B test or a
    /// bandit ends.
    fn after(&mut self, strategy: &Strategy) {
        let left = (SimTime::START + self.duration).since(self.now);
        match strategy {
            Strategy::Ab { .. } | Strategy::Bandit { .. } => {
                self.phase("Ship or keep", left, &[]);
            }
            Strategy::Single | Strategy::Shadow { then: ShadowEnd::Remove, .. } => {
                self.phase("Baseline", left, &[0.0]);
            }
            Strategy::Shadow { then: ShadowEnd::Retain, mirror_percent, .. } => {
                self.mirrored("Shadow", left, *mirror_percent);
            }
            _ => self.phase("Rolled out", left, &[100.0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StrategyKind;

    fn of(strategy: Strategy) -> Outline {
        outline(&PlanDraft { strategy, ..PlanDraft::default() })
    }

    #[test]
    fn phases_follow_one_another_to_the_end_of_the_traffic() {
        for kind in StrategyKind::ALL {
            let outline = of(kind.default_strategy());
            let mut now = SimTime::START;
            for phase in &outline.phases {
                assert_eq!(phase.from, now, "{kind:?}: {phase:?}");
                now = phase.to;
            }
            assert!(now >= SimTime::from_secs(600), "{kind:?} ends at {now}");
        }
    }

    #[test]
    fn a_canary_starts_up_climbs_its_steps_and_takes_over() {
        let outline = of(StrategyKind::Canary.default_strategy());
        let shares: Vec<f64> = outline.phases.iter().map(|phase| phase.shares[0]).collect();
        assert_eq!(shares, [0.0, 5.0, 25.0, 50.0, 100.0]);
        assert_eq!(outline.rolled_out, SimTime::from_secs(200));
    }

    #[test]
    fn a_draft_that_is_not_sound_has_an_outline_too() {
        let mut draft = PlanDraft { arms: Vec::new(), ..PlanDraft::default() };
        draft.traffic.duration = SimSpan::ZERO;
        let nan = f64::NAN;
        draft.strategy = Strategy::Rolling {
            max_surge_percent: nan,
            max_unavailable_percent: nan,
            min_ready: SimSpan::LONGEST,
            bake: SimSpan::LONGEST,
        };
        assert!(outline(&draft).phases.len() < 200);
    }
}
