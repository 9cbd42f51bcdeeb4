//! The variants of a plan that are worth a try.

use super::super::error::Error;
use crate::domain::{
    ArmId, Condition, Inputs, Metric, Plan, PlanDraft, Progress, Ramp, SimSpan, Step, Strategy,
    StrategyKind, Window,
};
use crate::engine::simulate_watched;

/// The plan, changed in a few respects.
#[derive(Clone, Debug)]
pub struct Variant {
    pub plan: Plan,
    /// In words; empty for the plan itself.
    pub changes: Vec<String>,
    pub is_own: bool,
}

const RAMPS: [(&str, &[f64]); 4] = [
    ("1-5-25-50 %", &[1.0, 5.0, 25.0, 50.0]),
    ("5-25-50 %", &[5.0, 25.0, 50.0]),
    ("10-50 %", &[10.0, 50.0]),
    ("20 %", &[20.0]),
];
const TIMES: [f64; 3] = [0.5, 1.0, 2.0];
/// Distances of limits from the baseline's own values.
const DISTANCES: [f64; 3] = [0.5, 1.0, 1.5];
const FAILURES: [Option<u32>; 3] = [None, Some(0), Some(2)];

/// Every combination of ramps (of canaries), times, limits and failures tolerated that is a sound
/// plan, the plan itself first.
///
/// # Errors
/// If somebody cancels while the baseline is looked at.
pub fn variants(plan: &Plan, inputs: &Inputs, progress: &Progress) -> Result<Vec<Variant>, Error> {
    let usual = usual(plan, inputs, progress)?;
    let own = Variant { plan: plan.clone(), changes: Vec::new(), is_own: true };
    let mut all = vec![own];
    let is_canary = plan.strategy.kind() == StrategyKind::Canary;
    let ramps = RAMPS.into_iter().map(Some).filter(|_| is_canary);
    for ramp in std::iter::once(None).chain(ramps) {
        for time in TIMES {
            for distance in DISTANCES {
                for failures in FAILURES {
                    let change = Change { ramp, time, distance, failures };
                    if let Some(new) = change.variant(plan, &usual)
                        && all.iter().all(|old| old.plan != new.plan)
                    {
                        all.push(new);
                    }
                }
            }
        }
    }
    Ok(all)
}

/// What the baseline alone looks like on this traffic, as one window.
fn usual(plan: &Plan, inputs: &Inputs, progress: &Progress) -> Result<Window, Error> {
    let mut draft = PlanDraft::from(plan.clone());
    draft.strategy = Strategy::Single;
    draft.gates.clear();
    draft.faults.clear();
    draft.arms.truncate(1);
    let alone = draft
        .validate()
        .map_err(|problems| Error::NoVariant { kind: StrategyKind::Single, problems })?;
    let inputs = Inputs {
        rows: inputs.rows.clone(),
        predictions: inputs.predictions.iter().take(1).cloned().collect(),
        drifted: Vec::new(),
        arrivals: inputs.arrivals.clone(),
        service_samples: inputs.service_samples.iter().take(1).cloned().collect(),
    };
    let recording =
        simulate_watched(&alone, &inputs, &[], progress, |_| {}).ok_or(Error::Cancelled)?;
    Ok(recording.until(recording.end()).unwrap_or_else(|| unreachable!("a run has a window")))
}

struct Change {
    ramp: Option<(&'static str, &'static [f64])>,
    time: f64,
    distance: f64,
    failures: Option<u32>,
}

impl Change {
    /// `None` where the change does not lead to a sound plan that ends within its traffic.
    fn variant(&self, plan: &Plan, usual: &Window) -> Option<Variant> {
        let mut draft = PlanDraft::from(plan.clone());
        let mut changes = Vec::new();
        if let (Some((name, weights)), Strategy::Canary { ramp, .. }) =
            (self.ramp, &mut draft.strategy)
        {
            let steps = ramp.steps();
            let whole: SimSpan = steps.iter().map(|step| step.hold).sum::<Option<SimSpan>>()?;
            let hold = SimSpan::from_micros(whole.micros() / weights.len() as u64);
            let step = |weight: &f64| Step { weight: *weight, hold: Some(whole_seconds(hold)) };
            *ramp = Ramp::Steps(weights.iter().map(step).collect());
            changes.push(format!("ramp {name}"));
        }
        if self.time != 1.0 {
            stretch(&mut draft.strategy, self.time);
            changes.push(format!("times × {}", self.time));
        }
        if self.distance != 1.0 {
            for gate in &mut draft.gates {
                let base = usual.metric(ArmId::BASELINE, gate.metric);
                gate.pass_when = gate.pass_when.map(|c| self.moved(c, gate.metric, base));
                if gate.test.is_none() {
                    gate.fail_when = gate.fail_when.map(|c| self.moved(c, gate.metric, base));
                }
            }
            changes.push(format!("limits {} × as far from the baseline", self.distance));
        }
        if let Some(failures) = self.failures {
            for gate in &mut draft.gates {
                gate.failure_limit = Some(failures);
            }
            changes.push(format!("{failures} failures tolerated"));
        }
        let stages = crate::stats::lint::stages(&draft);
        let whole: Option<SimSpan> = stages.iter().map(|stage| stage.hold).sum();
        let fits = whole.is_some_and(|whole| whole < draft.traffic.duration);
        let plan = draft.validate().ok().filter(|_| fits)?;
        Some(Variant { plan, changes, is_own: false })
    }

    /// A limit nearer to the baseline's own value, or farther from it.
    fn moved(&self, condition: Condition, metric: Metric, base: Option<f64>) -> Condition {
        let moved = |limit: f64, base: f64| {
            let moved = base + (limit - base) * self.distance;
            if metric.is_share() { moved.clamp(0.0, 1.0) } else { moved }
        };
        match condition {
            Condition::AtMost(x) => Condition::AtMost(base.map_or(x, |base| moved(x, base))),
            Condition::AtLeast(x) => Condition::AtLeast(base.map_or(x, |base| moved(x, base))),
            Condition::AtMostTimesBaseline(x) => {
                Condition::AtMostTimesBaseline(1.0 + (x - 1.0) * self.distance)
            }
            Condition::AtLeastTimesBaseline(x) => {
                Condition::AtLeastTimesBaseline(1.0 + (x - 1.0) * self.distance)
            }
            Condition::AtMostAboveBaseline(x) => Condition::AtMostAboveBaseline(x * self.distance),
            Condition::AtMostBelowBaseline(x) => Condition::AtMostBelowBaseline(x * self.distance),
        }
    }
}

/// Every hold, bake and minimum of a strategy × `factor`.
fn stretch(strategy: &mut Strategy, factor: f64) {
    let longer = |span: &mut SimSpan| {
        *span = whole_seconds(SimSpan::from_secs_f64(span.as_secs_f64() * factor));
    };
    match strategy {
        Strategy::Single => {}
        Strategy::Direct { bake, .. } | Strategy::Rolling { bake, .. } => longer(bake),
        Strategy::Shadow { observe, .. } => longer(observe),
        Strategy::BlueGreen { preview, bake, .. } => {
            longer(preview);
            longer(bake);
        }
        Strategy::Canary { ramp, .. } => match ramp {
            Ramp::Steps(steps) => steps.iter_mut().filter_map(|s| s.hold.as_mut()).for_each(longer),
            Ramp::Linear { hold, .. } | Ramp::Exponential { hold, .. } => longer(hold),
        },
        Strategy::Ab { min_duration, max_duration, .. } => {
            longer(min_duration);
            longer(max_duration);
        }
        Strategy::Bandit { duration, .. } => longer(duration),
    }
}

/// As a person would write it; never nothing.
fn whole_seconds(span: SimSpan) -> SimSpan {
    SimSpan::from_secs(((span.micros() + 500_000) / 1_000_000).max(1))
}
