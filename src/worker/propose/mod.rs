//! Gates that the baseline's own traffic suggests, and what each stage can show.

mod stages;

use self::stages::{Needs, Rates, SPARE, lengthen};
use super::Error;
use crate::domain::{
    ArmId, ArmWindow, Condition, Gate, Inputs, Metric, Plan, PlanDraft, Progress, SimSpan,
    Strategy, StrategyKind,
};
use crate::engine::simulate_watched;
use crate::stats::power::{Sides, cohens_h, detectable, rate_at, sample_size};

/// A p95 latency may grow by this factor.
const LATENCY_FACTOR: f64 = 1.5;
/// Nobody notices a shorter latency limit behind a network; in milliseconds.
const LEAST_LATENCY: f64 = 5.0;
/// An error rate below this is nobody's concern.
const LEAST_ERROR_RATE: f64 = 0.01;
/// A 95th percentile of fewer requests hangs on a handful of them, and so does an error rate.
const REQUESTS: u64 = 200;
/// So many standard deviations away, a share is no longer the same one by chance.
const DEVIATIONS: f64 = 3.0;
/// More measurements are not joined in one window.
const MOST_INTERVALS: u64 = 10;
/// An accuracy may fall by this much; twice as much is to be found four times out of five.
const MARGIN: f64 = 0.02;
/// A loss of so much accuracy shows in few answers: whatever it is, it is broken.
const COLLAPSE: f64 = 0.1;
/// No rate is read off fewer labelled answers.
const LEAST_LABELS: u64 = 30;
const POWER: f64 = 0.8;
const ALPHA: f64 = 0.05;
/// A log loss may grow by this factor.
const LOSS_FACTOR: f64 = 1.05;
/// A mean absolute error may grow by this factor, measured over so many labelled answers.
const MAE_FACTOR: f64 = 1.1;
const MAE_SAMPLES: f64 = 500.0;

/// What was found out about the baseline, in gates and in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    pub gates: Vec<Proposed>,
    /// The plan's strategy when this was asked, and with stages that are long enough for these gates.
    pub strategy: Option<(Strategy, Strategy)>,
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
    let Some(baseline) = whole.as_ref().and_then(|window| window.arm(ArmId::BASELINE)) else {
        return Ok(Proposal::default());
    };
    let seconds = recording.end().as_secs_f64().max(1e-9);
    let rates = Rates {
        requests: baseline.arrivals as f64 / seconds,
        labelled: baseline.total_quality().labelled as f64 / seconds,
    };
    Ok(Proposer { plan: PlanDraft::from(plan.clone()), baseline, rates }.propose())
}

struct Proposer<'a> {
    plan: PlanDraft,
    /// What the baseline did with all the traffic.
    baseline: &'a ArmWindow,
    rates: Rates,
}

impl Proposer<'_> {
    fn propose(mut self) -> Proposal {
        let needs = Needs { requests: REQUESTS as f64, labelled: self.labels() };
        let before = self.plan.strategy.clone();
        let longer = lengthen(&mut self.plan, &needs, &self.rates);
        let longer_stages = self.plan.strategy.clone();
        let strategy = (longer_stages != before).then_some((before, longer_stages));
        let mut proposal = Proposal { strategy, notes: longer, ..Proposal::default() };
        self.errors(&mut proposal);
        self.latency(&mut proposal);
        if self.rates.labelled > 0.0 {
            self.collapse(&mut proposal);
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

    /// Labelled answers that the gates of quality need.
    fn labels(&self) -> f64 {
        match self.baseline.metric(Metric::Accuracy) {
            Some(accuracy) => labels_needed(accuracy),
            None if self.baseline.metric(Metric::Mae).is_some() => MAE_SAMPLES,
            None => 0.0,
        }
    }

    fn gate(&self, name: &str, metric: Metric, pass_when: Condition) -> Gate {
        let interval = self.interval();
        let (name, pass_when) = (name.to_owned(), Some(pass_when));
        Gate { name, metric, pass_when, interval, ..Gate::default() }
    }

    fn errors(&self, proposal: &mut Proposal) {
        let Some(rate) = self.baseline.metric(Metric::ErrorRate) else { return };
        let deviation = (rate * (1.0 - rate) / REQUESTS as f64).sqrt();
        let limit = nice((2.0 * rate).max(rate + DEVIATIONS * deviation)).max(LEAST_ERROR_RATE);
        if limit >= 1.0 {
            return;
        }
        let gate = self.gate("Errors", Metric::ErrorRate, Condition::AtMost(limit));
        let why = self.sentence("error rate", &gate, rate, limit);
        proposal.gates.push(Proposed { gate: self.watching_requests(gate), why });
    }

    fn latency(&self, proposal: &mut Proposal) {
        let Some(p95) = self.baseline.metric(Metric::LatencyP95) else { return };
        let limit = nice(LATENCY_FACTOR * p95).max(LEAST_LATENCY);
        let gate = self.gate("p95 latency", Metric::LatencyP95, Condition::AtMost(limit));
        let why = self.sentence("p95 latency", &gate, p95, limit);
        proposal.gates.push(Proposed { gate: self.watching_requests(gate), why });
    }

    fn accuracy(&self, proposal: &mut Proposal) {
        let Some(accuracy) = self.baseline.metric(Metric::Accuracy) else { return };
        let limit = ((accuracy - MARGIN) * 100.0).round() / 100.0;
        if limit <= 0.0 {
            return;
        }
        let gate = self.gate("Accuracy floor", Metric::Accuracy, Condition::AtLeast(limit));
        let why = self.sentence("accuracy", &gate, accuracy, limit);
        let gate = self.watching_labels(gate, labels_needed(accuracy));
        proposal.gates.push(Proposed { gate, why });
        proposal.notes.extend(self.what_stages_show(accuracy));
    }

    /// What the other gates of quality see in the last stage only, if it is bad enough to be seen at
    /// once.
    fn collapse(&self, proposal: &mut Proposal) {
        let Some(accuracy) = self.baseline.metric(Metric::Accuracy) else { return };
        let limit = ((accuracy - COLLAPSE) * 100.0).round() / 100.0;
        if limit <= 0.0 {
            return;
        }
        let gate = self.gate("Accuracy collapse", Metric::Accuracy, Condition::AtLeast(limit));
        let needed = (DEVIATIONS / COLLAPSE).powi(2) * accuracy * (1.0 - accuracy);
        let min_samples = (needed.ceil() as u64).max(LEAST_LABELS);
        let why = format!(
            "{min_samples} labelled answers show that accuracy is below {}, long before they show a \
             loss of {:.0} points.",
            gate.metric.format(limit),
            200.0 * MARGIN
        );
        let window = self.window(&gate, min_samples as f64, self.rates.labelled * self.smallest());
        proposal.gates.push(Proposed { gate: Gate { min_samples, window, ..gate }, why });
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
            let why =
                format!("The log loss may be {LOSS_FACTOR} times that of A at the same time.");
            let gate = self.watching_both(gate, labels_needed(accuracy));
            proposal.gates.extend(gate.map(|gate| Proposed { gate, why }));
        }
    }

    fn absolute_error(&self, proposal: &mut Proposal) {
        let Some(error) = self.baseline.metric(Metric::Mae) else { return };
        let limit = nice(MAE_FACTOR * error);
        let gate = self.gate("Mean error", Metric::Mae, Condition::AtMost(limit));
        let why = self.sentence("mean absolute error", &gate, error, limit);
        proposal.gates.push(Proposed { gate: self.watching_labels(gate, MAE_SAMPLES), why });
    }

    fn sentence(&self, what: &str, gate: &Gate, value: f64, limit: f64) -> String {
        let [value, limit] = [value, limit].map(|x| gate.metric.format(x));
        format!("The {what} of {} is {value}: the limit is {limit}.", self.plan.arms[0].name)
    }

    /// Over a window that holds enough requests even in the smallest stage.
    fn watching_requests(&self, gate: Gate) -> Gate {
        let window = self.window(&gate, REQUESTS as f64, self.rates.requests * self.smallest());
        Gate { min_samples: REQUESTS, window, ..gate }
    }

    /// Over a window that holds so many labelled answers where a canary is largest.
    fn watching_labels(&self, gate: Gate, needed: f64) -> Gate {
        self.in_last_stage(gate, needed, self.largest())
    }

    /// As [`Self::watching_labels`], of either arm; none if the candidate gets everything in the end.
    fn watching_both(&self, gate: Gate, needed: f64) -> Option<Gate> {
        let share = match self.plan.strategy.kind() {
            StrategyKind::Canary => self.largest().min(1.0 - self.largest()),
            _ => self.largest(),
        };
        (share > 0.0).then(|| self.in_last_stage(gate, needed, share))
    }

    fn in_last_stage(&self, gate: Gate, needed: f64, share: f64) -> Gate {
        let window = self.window(&gate, needed, self.rates.labelled * share);
        let from_stage = u32::try_from(self.shares().len()).unwrap_or(1).max(1);
        Gate { min_samples: needed.ceil() as u64, window, from_stage, ..gate }
    }

    /// Whole intervals in which so much arrives; nothing if one is enough.
    fn window(&self, gate: &Gate, needed: f64, per_second: f64) -> Option<SimSpan> {
        let intervals = SPARE * needed / (per_second * gate.interval.as_secs_f64());
        let intervals = (intervals.ceil() as u64).clamp(1, MOST_INTERVALS);
        (intervals > 1).then(|| gate.interval.times(intervals))
    }

    /// The power line of a canary: the loss that each of its stages can tell from chance.
    fn what_stages_show(&self, accuracy: f64) -> Vec<String> {
        let Strategy::Canary { ramp, .. } = &self.plan.strategy else { return Vec::new() };
        let stages = ramp.steps().into_iter().filter_map(|step| {
            let hold = step.hold?;
            let share = step.weight / 100.0;
            let all = self.rates.labelled * hold.as_secs_f64();
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

    /// The last of the [`Self::shares`].
    fn largest(&self) -> f64 {
        self.shares().last().copied().unwrap_or(1.0)
    }

    /// The smallest of the [`Self::shares`].
    fn smallest(&self) -> f64 {
        self.shares().into_iter().fold(1.0, f64::min)
    }

    /// The parts of the traffic that the candidate gets while it is measured, stage by stage.
    fn shares(&self) -> Vec<f64> {
        let percents = match &self.plan.strategy {
            Strategy::Canary { ramp, .. } => {
                ramp.steps().iter().map(|step| step.weight.max(1.0)).collect()
            }
            Strategy::Shadow { mirror_percent, .. } => vec![*mirror_percent],
            Strategy::BlueGreen { preview_mirror_percent, .. } => {
                vec![preview_mirror_percent.max(1.0)]
            }
            Strategy::Ab { .. } | Strategy::Bandit { .. } => {
                vec![100.0 / self.plan.arms.len() as f64]
            }
            Strategy::Single | Strategy::Direct { .. } | Strategy::Rolling { .. } => vec![100.0],
        };
        percents.into_iter().map(|percent| percent / 100.0).collect()
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

/// Labelled answers of either arm that show a loss of twice the margin.
fn labels_needed(accuracy: f64) -> f64 {
    let h = cohens_h(accuracy, (accuracy - 2.0 * MARGIN).max(0.0));
    sample_size(h, POWER, 1.0, ALPHA, Sides::One).unwrap_or(1_000.0)
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
    use super::*;
    use crate::domain::{Answers, EventKind, OutcomeKind, Recording, Units};
    use crate::engine::simulate;
    use crate::stats::lint::lint;
    use crate::worker::fixture;

    #[test]
    fn limits_come_from_the_baselines_own_numbers() {
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        let proposal = propose(&plan, &inputs, &Progress::default()).unwrap();
        let names: Vec<&str> = proposal.gates.iter().map(|one| one.gate.name.as_str()).collect();
        assert_eq!(names, ["Errors", "p95 latency", "Accuracy collapse", "Accuracy floor"]);
        assert!(proposal.gates[0].why.contains("limit is 1 %"), "{:?}", proposal.gates[0].why);
        assert_eq!(proposal.gates[1].gate.pass_when, Some(Condition::AtMost(12.0)), "1.5 x 8 ms");
        assert_eq!(proposal.gates[2].gate.pass_when, Some(Condition::AtLeast(0.65)), "0.75 - 0.1");
        assert_eq!(proposal.gates[3].gate.pass_when, Some(Condition::AtLeast(0.73)));
    }

    /// The fixture's plan with what is proposed for it, and the old model as the candidate, but for
    /// `wrong` of its right answers in a hundred.
    fn rehearsed(wrong: usize) -> (Plan, Recording) {
        let mut draft = PlanDraft::from(fixture::plan());
        draft.gates.clear();
        draft.traffic.duration = SimSpan::from_secs(3_600);
        draft.traffic.units = Units::Request;
        let mut inputs = fixture::inputs();
        let Answers::Classes(old) = inputs.predictions[0].answers.clone() else {
            panic!("classes")
        };
        let broken = old.iter().enumerate().map(|(row, code)| {
            let is_right = row % 4 != 0;
            if is_right && row * 37 % 100 < wrong { 1 - code } else { *code }
        });
        inputs.predictions[1].answers = Answers::Classes(broken.collect());
        let plan = draft.clone().validate().unwrap();
        let proposal = propose(&plan, &inputs, &Progress::default()).unwrap();
        draft.gates = proposal.gates.into_iter().map(|one| one.gate).collect();
        draft.strategy = proposal.strategy.map_or(draft.strategy, |(_, longer)| longer);
        let plan = draft.validate().unwrap();
        let recording = simulate(&plan, &inputs, &[]);
        (plan, recording)
    }

    #[test]
    fn what_is_proposed_draws_no_advice_promotes_an_equal_and_stops_a_broken_one_early() {
        let (plan, equal) = rehearsed(0);
        assert_eq!(lint(&PlanDraft::from(plan)), [], "nothing to have second thoughts about");
        assert_eq!(equal.outcome.kind, OutcomeKind::Promoted, "{}", equal.outcome.reason);
        let (_, broken) = rehearsed(60);
        assert_eq!(broken.outcome.kind, OutcomeKind::Aborted);
        let reached = broken.events.iter().filter_map(|event| match event.kind {
            EventKind::Stage(stage) => Some(broken.stages[usize::from(stage)].as_str()),
            _ => None,
        });
        assert_eq!(reached.collect::<Vec<_>>(), ["Canary 5 %", "Back to the baseline"]);
    }

    #[test]
    fn numbers_are_rounded_as_people_do() {
        assert_eq!(nice(61.5), 60.0);
        assert!((nice(0.037) - 0.04).abs() < 1e-12);
        assert_eq!(nice(0.0), 0.0);
        assert_eq!(nice(9.6), 10.0);
    }
}
