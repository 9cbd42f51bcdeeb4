//! Gates at work, by the rules of one controller: when they measure, how their verdicts count, and
//! what they ask of the rollout.

mod argo;
mod flagger;
mod rehearsal;
mod sagemaker;

use crate::domain::gate::Reaction;
use crate::domain::{
    ArmId, Condition, Dialect, EventKind, Gate, Measurement, Plan, SimSpan, SimTime, UnitSum,
    Verdict,
};

use super::comparing::between;
use super::gates::GateRun;
use super::recorder::Sight;

/// All gates of a plan.
pub(super) trait Checks {
    /// True if there is no gate that could object.
    fn is_empty(&self) -> bool;

    /// The longest stretch of time that a measurement looks at, or that passes between two.
    fn longest_span(&self) -> SimSpan;

    fn set_limit(&mut self, gate: u16, pass_when: Condition);

    /// A stage is asked for; `number` is what gates call it, where they measure in it.
    fn enter_stage(&mut self, _number: Option<u32>, _now: SimTime) {}

    /// Stage `number` has come into force.
    fn begin_stage(&mut self, number: u32, now: SimTime);

    fn stop(&mut self);

    /// New runs for the gates that have ended, as when a person resumes or goes on.
    fn restart_ended(&mut self, now: SimTime);

    /// When the next measurement is due.
    fn next(&self) -> SimTime;

    /// Takes what became known since the last look, per arm and bucket of users, at these shares.
    fn count_users(&mut self, _shares: &[f64], _units: &[Vec<UnitSum>]) {}

    /// Takes all measurements that are due; `sight` is `None` while the metrics are down.
    fn measure(&mut self, now: SimTime, sight: Option<&Sight<'_>>) -> Vec<EventKind>;

    /// The strongest thing that gates ask for, with the reason.
    fn reaction(&self) -> Option<(Reaction, String)>;

    /// Whether a stage whose hold is over may end.
    fn allow_end(&mut self, end: StageEnd) -> bool;
}

/// A stage that would end now.
#[derive(Clone, Copy, Debug)]
pub(super) struct StageEnd {
    pub number: u32,
    pub now: SimTime,
    /// No later stage measures anything.
    pub is_last: bool,
    pub baseline_takes_part: bool,
}

/// The checks of a plan in its dialect. `arms` are those that gates look at: the candidates, or the
/// baseline of a single run.
pub(super) fn checks(plan: &Plan, arms: &[ArmId]) -> Box<dyn Checks> {
    match plan.dialect {
        Dialect::Rehearsal => Box::new(rehearsal::OwnGates::new(plan, arms)),
        Dialect::Argo => Box::new(argo::Analyses::new(plan, arms)),
        Dialect::Flagger => Box::new(flagger::Ticks::new(plan)),
        Dialect::Sagemaker => Box::new(sagemaker::Alarms::new(plan)),
    }
}

/// One gate on one candidate.
#[derive(Clone, Debug)]
struct Check {
    /// Its place in the plan.
    gate: usize,
    arm: ArmId,
    run: Option<GateRun>,
    /// What its last measurement said, for the reason of an abort.
    last: String,
}

fn of_plan(plan: &Plan, arms: &[ArmId]) -> Vec<Check> {
    let of_gate = |gate: usize| {
        arms.iter().map(move |arm| Check { gate, arm: *arm, run: None, last: String::new() })
    };
    (0..plan.gates.len()).flat_map(of_gate).collect()
}

/// Why the rollout must not go on as it does.
fn reason(gate: &Gate, verdict: Verdict, last: &str) -> String {
    match verdict {
        Verdict::Fail => format!("gate {} failed: {last}", gate.name),
        Verdict::Error => format!("gate {} got no answer from the metrics", gate.name),
        _ => format!("gate {} is inconclusive: {last}", gate.name),
    }
}

/// `Error rate 5.2 %, limit 1 %`
fn sentence(gate: &Gate, value: Option<f64>, limit: Option<f64>) -> String {
    let number = |x: Option<f64>| x.map(|x| gate.metric.format(x));
    match (number(value), number(limit)) {
        (Some(value), Some(limit)) => {
            format!("{} {value}, limit {limit}", gate.metric.label())
        }
        (Some(value), None) => format!("{} {value}", gate.metric.label()),
        (None, _) => format!("{} has no value", gate.metric.label()),
    }
}

/// A bare value of the candidate with what it is held against, looking back over changes of weight;
/// the verdict is left to the caller.
fn reading(gate: &Gate, place: usize, sight: Option<&Sight<'_>>) -> Measurement {
    let arm = ArmId::CANDIDATE;
    let sight = sight.map(Sight::across_weights);
    let (value, baseline, samples) = match &sight {
        None => (None, None, 0),
        Some(sight) if gate.metric.is_comparison() => match between(gate, arm, sight) {
            Some(found) => (Some(found.value), None, found.n.into_iter().min().unwrap_or(0)),
            None => (None, None, 0),
        },
        Some(sight) => {
            let window = sight.window(gate.span());
            let of_arm = |arm| window.metric(arm, gate.metric).filter(|x: &f64| x.is_finite());
            let samples = window.arm(arm).map_or(0, |arm| arm.samples(gate.metric));
            (of_arm(arm), of_arm(ArmId::BASELINE), samples)
        }
    };
    Measurement {
        gate: place as u16,
        arm,
        value,
        baseline,
        limit: gate.pass_when.or(gate.fail_when).and_then(|condition| condition.limit(baseline)),
        samples,
        verdict: Verdict::Hold,
    }
}

/// The same gate with another limit.
fn set_limit<'g>(gates: impl IntoIterator<Item = &'g mut Gate>, place: u16, pass_when: Condition) {
    if let Some(gate) = gates.into_iter().nth(usize::from(place)) {
        gate.pass_when = Some(pass_when);
    }
}
