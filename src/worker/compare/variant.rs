//! The same plan with another strategy.

use super::super::error::Error;
use crate::domain::{
    Dialect, Inputs, Labels, Metric, Plan, PlanDraft, Ramp, SimSpan, Step, Strategy, StrategyKind,
    Task,
};

/// A plan derived for one strategy.
pub(super) struct Variant {
    pub kind: StrategyKind,
    pub plan: Plan,
    /// Places in the original plan of the faults that are left.
    pub faults: Vec<usize>,
}

impl Variant {
    /// The plan itself for its own kind. Any other strategy gets as much time for its rollout as the
    /// plan gives its own, the same gates, and the first candidate where it can have only one.
    pub fn derive(plan: &Plan, kind: StrategyKind, inputs: &Inputs) -> Result<Self, Error> {
        let all_faults = (0..plan.faults.len()).collect();
        if plan.strategy.kind() == kind {
            return Ok(Self { kind, plan: plan.clone(), faults: all_faults });
        }
        let mut draft = PlanDraft::from(plan.clone());
        draft.strategy = strategy(plan, kind, inputs);
        if !draft.dialect.knows(kind) {
            draft.dialect = Dialect::Rehearsal;
        }
        for gate in &mut draft.gates {
            // Stages are counted, and the first stage of one strategy is not that of another.
            gate.from_stage = 1;
            gate.only_stage = None;
        }
        let faults = if kind.takes_many() { all_faults } else { first_candidate(&mut draft) };
        match draft.validate() {
            Ok(plan) => Ok(Self { kind, plan, faults }),
            Err(problems) => Err(Error::NoVariant { kind, problems }),
        }
    }
}

/// Leaves the baseline and its first candidate; returns the places of the faults that are left.
fn first_candidate(draft: &mut PlanDraft) -> Vec<usize> {
    draft.arms.truncate(2);
    let arms = &draft.arms;
    let is_gone = |name: &String| arms.iter().all(|arm| arm.name != *name);
    let (mut places, mut left) = (Vec::new(), Vec::new());
    for (place, mut fault) in std::mem::take(&mut draft.faults).into_iter().enumerate() {
        if fault.arm.as_ref().is_some_and(is_gone) {
            if fault.what.is_of_arm() {
                continue;
            }
            // What hits everybody does so without a name.
            fault.arm = None;
        }
        places.push(place);
        left.push(fault);
    }
    draft.faults = left;
    places
}

/// A strategy of `kind` whose own parts take together as long as the plan's rollout.
fn strategy(plan: &Plan, kind: StrategyKind, inputs: &Inputs) -> Strategy {
    let time = rollout_time(plan);
    let part = |share: u64| SimSpan::from_micros(time.micros() / share);
    let mut strategy = kind.default_strategy();
    match &mut strategy {
        Strategy::Single => {}
        Strategy::Direct { bake, .. } => *bake = time,
        Strategy::Rolling { min_ready, bake, .. } => {
            // A quarter of the replicas at a time makes about four batches.
            (*min_ready, *bake) = (part(8), part(2));
        }
        Strategy::Shadow { observe, .. } => *observe = time,
        Strategy::BlueGreen { preview, bake, .. } => (*preview, *bake) = (part(2), part(2)),
        Strategy::Canary { ramp, .. } => {
            let step = |weight| Step { weight, hold: Some(part(3)) };
            *ramp = Ramp::Steps([5.0, 25.0, 50.0].map(step).to_vec());
        }
        Strategy::Ab { metric, min_duration, max_duration, .. } => {
            *metric = deciding_metric(plan, inputs);
            (*min_duration, *max_duration) = (part(2), time);
        }
        Strategy::Bandit { reward, update, duration, .. } => {
            *reward = reward_of(plan, inputs);
            (*update, *duration) = (part(20).max(plan.window_span()), time);
        }
    }
    strategy
}

/// How long the plan's own rollout takes, starts of replicas left out; never so long that another
/// one could not end within the traffic.
fn rollout_time(plan: &Plan) -> SimSpan {
    let own = match &plan.strategy {
        Strategy::Single => SimSpan::ZERO,
        Strategy::Direct { bake, .. } => *bake,
        Strategy::Rolling { bake, .. } => bake.times(2),
        Strategy::Shadow { observe, .. } => *observe,
        Strategy::BlueGreen { preview, bake, .. } => *preview + *bake,
        Strategy::Canary { ramp, .. } => ramp
            .steps()
            .iter()
            .filter_map(|step| step.hold)
            .fold(SimSpan::ZERO, |sum, hold| sum + hold),
        Strategy::Ab { max_duration: time, .. } | Strategy::Bandit { duration: time, .. } => *time,
    };
    // Four starts in a row: that of the candidate, or those of a rolling update.
    let start = plan.arms.iter().map(|arm| arm.serving.cold_start).max().unwrap_or(SimSpan::ZERO);
    let room = plan.traffic.duration.micros().saturating_sub(start.times(4).micros());
    let longest = (room / 5 * 4).max(plan.traffic.duration.micros() / 4);
    let micros = if own.is_zero() { longest / 4 * 3 } else { own.micros().min(longest) };
    // Whole seconds read better, where there are some.
    let rounded = micros - micros % 1_000_000;
    SimSpan::from_micros(if rounded > 0 { rounded } else { micros.max(1) })
}

/// What an A/B test decides by: the share that the plan's first quality gate watches.
fn deciding_metric(plan: &Plan, inputs: &Inputs) -> Metric {
    if inputs.predictions.iter().any(|arm| arm.task == Task::Regression) {
        return Metric::Rmse;
    }
    let watched = plan.gates.iter().map(|gate| gate.metric);
    watched
        .into_iter()
        .find(|metric| metric.needs_labels() && metric.is_share())
        .unwrap_or(Metric::Accuracy)
}

/// What a bandit's answers earn: being right, or where nobody knows what is right, being answered.
fn reward_of(plan: &Plan, inputs: &Inputs) -> Metric {
    let is_regression = inputs.predictions.iter().any(|arm| arm.task == Task::Regression);
    match (&inputs.rows.labels, deciding_metric(plan, inputs)) {
        (Labels::None, _) => Metric::ErrorRate,
        _ if is_regression => Metric::Mae,
        (_, metric) if Metric::REWARDS.contains(&metric) => metric,
        _ => Metric::Accuracy,
    }
}
