//! Gates that the baseline's own traffic suggests, and what each stage can show.

use crate::domain::{
    ArmId, ArmWindow, Condition, Gate, Inputs, Metric, Plan, PlanDraft, Progress, SimSpan,
    Strategy, StrategyKind,
};
use crate::engine::simulate_watched;
use crate::stats::power::{Sides, cohens_h, detectable, rate_at, sample_size};

use super::Error;

/// A p95 latency may grow by this factor.
const LATENCY_FACTOR: f64 = 1.5;
/// An error rate below this is nobody's concern.
const LEAST_ERROR_RATE: f64 = 0.01;
/// An accuracy may fall by this much; twice as much is to be found four times out of five.
const MARGIN: f64 = 0.02;
const POWER: f64 = 0.8;
const ALPHA: f64 = 0.05;
/// A log loss may grow by this factor.
const LOSS_FACTOR: f64 = 1.05;

/// What was found out about the baseline, in gates and in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    pub gates: Vec<Proposed>,
    /// What each stage can show, or why nothing can be; a sentence each.
    pub notes: Vec<String>,
}

/// A gate, and why its limit is what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    pub gate: Gate,
    pub why: String,
}

/// Runs the baseline alone through the plan's traffic, without faults, and reads limits off it.
///
/// # Errors
/// If `inputs` do not fit, or it was cancelled.
pub fn propose(plan: &Plan, inputs: &Inputs, progress: &Progress) -> Result<Proposal, Error> {
    let mut alone = PlanDraft::from(plan.clone());
    alone.strategy = Strategy::Single;
    alone.gates.clear();
    alone.faults.clear();
    let alone = alone.validate().map_err(Error::Problems)?;
    let problems = inputs.problems(&alone);
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    let recording =
        simulate_watched(&alone, inputs, &[], progress, |_| {}).ok_or(Error::Cancelled)?;
    let whole = recording.until(recording.end());
    let baseline = whole.as_ref().and_then(|window| window.arm(ArmId::BASELINE));
    let seconds = recording.end().as_secs_f64();
    Ok(baseline
        .map_or_else(Proposal::default, |baseline| Proposer { plan, baseline, seconds }.propose()))
}

struct Proposer<'a> {
    plan: &'a Plan,
    /// What the baseline did over `seconds` with all the traffic.
    baseline: &'a ArmWindow,
    seconds: f64,
}

impl Proposer<'_> {
    fn propose(&self) -> Proposal {
        let mut proposal = Proposal::default();
        self.errors(&mut proposal);
        self.latency(&mut proposal);
        if self.labelled_per_second() > 0.0 {
            self.accuracy(&mut proposal);
            self.log_loss(&mut proposal);
            self.absolute_error(&mut proposal);
        } else {
            proposal.notes.push(
                "No label becomes known while the rehearsal lasts, so no gate can watch quality."
                    .to_owned(),
            );
        }
        proposal
    }

    fn gate(&self, name: &str, metric: Metric, pass_when: Condition) -> Gate {
        let interval = self.interval();
        let (name, pass_when) = (name.to_owned(), Some(pass_when));
        Gate { name, metric, pass_when, interval, ..Gate::default() }
    }

    fn errors(&self, proposal: &mut Proposal) {
        let Some(rate) = self.baseline.metric(Metric::ErrorRate) else { return };
        let limit = nice(2.0 * rate).max(LEAST_ERROR_RATE);
        let gate = self.gate("Errors", Metric::ErrorRate, Condition::AtMost(limit));
        let why = self.sentence("error rate", &gate, rate, limit);
        proposal.gates.push(Proposed { gate: Gate { failure_limit: Some(1), ..gate }, why });
    }

    fn latency(&self, proposal: &mut Proposal) {
        let Some(p95) = self.baseline.metric(Metric::LatencyP95) else { return };
        let limit = nice(LATENCY_FACTOR * p95);
        let gate = self.gate("p95 latency", Metric::LatencyP95, Condition::AtMost(limit));
        let why = self.sentence("p95 latency", &gate, p95, limit);
        let gate = Gate { failure_limit: Some(1), min_samples: 200, ..gate };
        proposal.gates.push(Proposed { gate, why });
    }

    fn accuracy(&self, proposal: &mut Proposal) {
        let Some(accuracy) = self.baseline.metric(Metric::Accuracy) else { return };
        let limit = ((accuracy - MARGIN) * 100.0).round() / 100.0;
        let gate = self.gate("Accuracy floor", Metric::Accuracy, Condition::AtLeast(limit));
        let why = self.sentence("accuracy", &gate, accuracy, limit);
        proposal.gates.push(Proposed { gate: self.watching_quality(gate, accuracy), why });
        proposal.notes.extend(self.what_stages_show(accuracy));
    }

    /// Sharper than accuracy, but only beside a baseline that answers at the same time.
    fn log_loss(&self, proposal: &mut Proposal) {
        let side_by_side = matches!(
            self.plan.strategy.kind(),
            StrategyKind::Shadow
                | StrategyKind::BlueGreen
                | StrategyKind::Canary
                | StrategyKind::Ab
                | StrategyKind::Bandit
        );
        let accuracy = self.baseline.metric(Metric::Accuracy);
        let has_loss = self.baseline.metric(Metric::LogLoss).is_some();
        if let (true, true, Some(accuracy)) = (side_by_side, has_loss, accuracy) {
            let condition = Condition::AtMostTimesBaseline(LOSS_FACTOR);
            let gate = self.gate("Log loss against A", Metric::LogLoss, condition);
            let gate = self.watching_quality(gate, accuracy);
            let why =
                format!("The log loss may be {LOSS_FACTOR} times that of A at the same time.");
            proposal.gates.push(Proposed { gate, why });
        }
    }

    fn absolute_error(&self, proposal: &mut Proposal) {
        let Some(error) = self.baseline.metric(Metric::Mae) else { return };
        let limit = nice(1.1 * error);
        let gate = self.gate("Mean error", Metric::Mae, Condition::AtMost(limit));
        let why = self.sentence("mean absolute error", &gate, error, limit);
        proposal.gates.push(Proposed { gate: Gate { min_samples: 500, ..gate }, why });
    }

    fn sentence(&self, what: &str, gate: &Gate, value: f64, limit: f64) -> String {
        let [value, limit] = [value, limit].map(|x| gate.metric.format(x));
        format!("The {what} of {} is {value}: the limit is {limit}.", self.plan.arms[0].name)
    }

    /// As many labelled answers as it takes to see twice the margin, and a window that holds them.
    fn watching_quality(&self, gate: Gate, accuracy: f64) -> Gate {
        let h = cohens_h(accuracy, (accuracy - 2.0 * MARGIN).max(0.0));
        let needed = sample_size(h, POWER, 1.0, ALPHA, Sides::One).unwrap_or(1_000.0);
        let per_second = self.labelled_per_second() * self.largest_share();
        let intervals = needed / (per_second * gate.interval.as_secs_f64());
        let intervals = (intervals.ceil() as u64).clamp(1, 20);
        Gate {
            min_samples: needed.ceil() as u64,
            window: Some(gate.interval.times(intervals)),
            ..gate
        }
    }

    /// The power line of a canary: the loss that each of its stages can tell from chance.
    fn what_stages_show(&self, accuracy: f64) -> Vec<String> {
        let Strategy::Canary { ramp, .. } = &self.plan.strategy else { return Vec::new() };
        let stages = ramp.steps().into_iter().filter_map(|step| {
            let hold = step.hold?;
            let share = step.weight / 100.0;
            let all = self.labelled_per_second() * hold.as_secs_f64();
            let (baseline, candidate) = (all * (1.0 - share), all * share);
            let h = detectable(baseline, POWER, candidate / baseline, ALPHA, Sides::One)?;
            let loss = accuracy - rate_at(accuracy, -h);
            Some(format!(
                "Canary {} % for {}: about {candidate:.0} labelled answers; they show a loss of {:.1} \
                 points of accuracy or more, four times out of five.",
                step.weight,
                hold.words(),
                loss * 100.0
            ))
        });
        stages.collect()
    }

    fn labelled_per_second(&self) -> f64 {
        self.baseline.total_quality().labelled as f64 / self.seconds.max(1e-9)
    }

    /// The largest share of the traffic that the candidate gets while it is measured.
    fn largest_share(&self) -> f64 {
        let percent = match &self.plan.strategy {
            Strategy::Canary { ramp, .. } => {
                ramp.steps().last().map_or(100.0, |step| step.weight.max(1.0))
            }
            Strategy::Shadow { mirror_percent, .. } => *mirror_percent,
            Strategy::BlueGreen { preview_mirror_percent, .. } => preview_mirror_percent.max(1.0),
            Strategy::Ab { .. } | Strategy::Bandit { .. } => 100.0 / self.plan.arms.len() as f64,
            Strategy::Single | Strategy::Direct { .. } | Strategy::Rolling { .. } => 100.0,
        };
        percent / 100.0
    }

    /// Two looks in the shortest stage, but not more than one in ten seconds.
    fn interval(&self) -> SimSpan {
        let shortest = match &self.plan.strategy {
            Strategy::Canary { ramp, .. } => ramp.steps().iter().filter_map(|step| step.hold).min(),
            Strategy::Direct { bake, .. } | Strategy::Rolling { bake, .. } => Some(*bake),
            Strategy::Shadow { observe, .. } => Some(*observe),
            Strategy::BlueGreen { preview, .. } => Some(*preview),
            Strategy::Ab { min_duration: time, .. } | Strategy::Bandit { duration: time, .. } => {
                Some(*time)
            }
            Strategy::Single => None,
        };
        let half = shortest.unwrap_or(self.plan.traffic.duration).micros() / 2;
        SimSpan::from_secs((half / 1_000_000).max(10))
    }
}

/// The nearest number that a person would have written.
fn nice(x: f64) -> f64 {
    const LEADING: [f64; 11] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    if x.is_nan() || x <= 0.0 {
        return 0.0;
    }
    let scale = 10f64.powf(x.log10().floor());
    let off = |leading: f64| (leading * scale - x).abs();
    let best = LEADING.into_iter().min_by(|a, b| off(*a).total_cmp(&off(*b)));
    best.unwrap_or(1.0) * scale
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn limits_come_from_the_baselines_own_numbers() {
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        let proposal = propose(&plan, &inputs, &Progress::default()).unwrap();
        let names: Vec<&str> = proposal.gates.iter().map(|one| one.gate.name.as_str()).collect();
        assert!(names.starts_with(&["Errors", "p95 latency"]), "{names:?}");
        assert!(proposal.gates[0].why.contains("limit is 1 %"), "{:?}", proposal.gates[0].why);
        // With the gates in place the plan is still sound.
        let mut draft = PlanDraft::from(plan);
        draft.gates = proposal.gates.into_iter().map(|one| one.gate).collect();
        assert!(draft.validate().is_ok());
    }

    #[test]
    fn numbers_are_rounded_as_people_do() {
        assert_eq!(nice(61.5), 60.0);
        assert!((nice(0.037) - 0.04).abs() < 1e-12);
        assert_eq!(nice(0.0), 0.0);
        assert_eq!(nice(9.6), 10.0);
    }
}
