//! Every rule of a plan: what is wrong with a draft, each problem with its field.

mod dialect;
mod gates;
mod judge;
mod strategy;

use super::plan::{MAX_REQUESTS, MAX_WINDOWS, PlanProblem};
use super::plan_draft::PlanDraft;
use super::{
    Arm, Arrivals, FaultKind, LabelDelay, Latency, MAX_ARMS, ModelSource, SimSpan, StrategyKind,
    Units,
};

/// All problems at once.
pub(super) fn problems(plan: &PlanDraft) -> Vec<PlanProblem> {
    let mut check = Check::default();
    check.general(plan);
    check.arms(plan);
    check.traffic(plan);
    check.strategy(plan);
    check.dialect(plan);
    check.gates(plan);
    check.faults(plan);
    check.batch_and_cost(plan);
    check.problems
}

#[derive(Default)]
struct Check {
    problems: Vec<PlanProblem>,
}

impl Check {
    fn require(&mut self, holds: bool, field: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.problems.push(PlanProblem { field: field.into(), message: message.into() });
        }
    }

    fn within(&mut self, value: f64, low: f64, high: f64, field: impl Into<String>) {
        // Written so that NaN fails.
        let holds = value >= low && value <= high;
        self.require(holds, field, format!("{value} is outside {low} to {high}"));
    }

    fn span(&mut self, span: SimSpan, field: impl Into<String>) {
        self.require(
            !span.is_zero() && span <= SimSpan::LONGEST,
            field,
            format!("{span} must be more than 0s and at most {}", SimSpan::LONGEST),
        );
    }

    fn general(&mut self, plan: &PlanDraft) {
        self.require(!plan.name.trim().is_empty(), "name", "Give the plan a name.");
        self.require(
            !plan.data.path.trim().is_empty(),
            "data.path",
            "Name the dataset's file: CSV, Parquet, NDJSON or Arrow IPC.",
        );
        self.span(plan.deadline, "deadline");
        if let Some(window) = plan.window {
            self.span(window, "window");
            let count = plan.traffic.duration.micros() / window.micros().max(1);
            self.require(
                count <= MAX_WINDOWS,
                "window",
                format!("{count} windows are too many (at most {MAX_WINDOWS}): use longer ones."),
            );
        }
    }

    fn arms(&mut self, plan: &PlanDraft) {
        let count = plan.arms.len();
        let single = plan.strategy.kind() == StrategyKind::Single;
        self.require(
            count >= if single { 1 } else { 2 },
            "arms",
            "A rollout needs a baseline and a candidate: add an arm.",
        );
        self.require(
            count <= MAX_ARMS,
            "arms",
            format!("{count} arms; at most {MAX_ARMS} can take part."),
        );
        self.require(
            count <= 2 || plan.strategy.kind().takes_many(),
            "arms",
            "Only an A/B test or a bandit can have more than one candidate: remove arms, or choose one of these.",
        );
        for (index, arm) in plan.arms.iter().enumerate() {
            self.arm(&format!("arms[{index}]"), arm);
            let twin = plan.arms.iter().take(index).any(|other| other.name == arm.name);
            self.require(
                !twin,
                format!("arms[{index}].name"),
                format!("Two arms are called `{}`.", arm.name),
            );
        }
    }

    fn arm(&mut self, field: &str, arm: &Arm) {
        self.require(!arm.name.trim().is_empty(), format!("{field}.name"), "Give the arm a name.");
        let model = format!("{field}.model");
        match &arm.model {
            ModelSource::Folder(path) => {
                self.require(!path.trim().is_empty(), model, "Choose a model's folder or file.");
            }
            ModelSource::Column(column) => {
                self.require(
                    !column.is_empty(),
                    model,
                    "Choose the column that holds the predictions.",
                );
            }
            ModelSource::File { path, key, column } => self.require(
                ![path, key, column].iter().any(|text| text.trim().is_empty()),
                model,
                "A file of predictions needs its path, its key column and its prediction column.",
            ),
        }
        self.latency(&format!("{field}.latency"), &arm.latency);
        let serving = &arm.serving;
        let at = |name: &str| format!("{field}.serving.{name}");
        self.within(f64::from(serving.replicas), 1.0, 10_000.0, at("replicas"));
        self.within(f64::from(serving.concurrency), 1.0, 1_000.0, at("concurrency"));
        self.within(f64::from(serving.queue_limit), 0.0, 1e6, at("queue_limit"));
        self.span(serving.timeout, at("timeout"));
        self.require(serving.cold_start <= SimSpan::LONGEST, at("cold_start"), "That is too long.");
        if let Some(batching) = serving.batching {
            self.within(f64::from(batching.max_size), 1.0, 65_536.0, at("batching.max_size"));
            self.require(
                batching.max_wait < serving.timeout,
                at("batching.max_wait"),
                "Requests would time out while their batch fills: wait less than the timeout.",
            );
        }
        for (index, change) in serving.capacity_changes.iter().enumerate() {
            self.within(
                f64::from(change.replicas),
                0.0,
                10_000.0,
                at(&format!("capacity_changes[{index}].replicas")),
            );
        }
    }

    fn latency(&mut self, field: &str, latency: &Latency) {
        match latency {
            Latency::Measured { scale, .. } => {
                self.within(*scale, 1e-6, 1e6, format!("{field}.measured.scale"));
            }
            Latency::Constant(span) => self.span(*span, format!("{field}.constant")),
            Latency::Exponential { mean } => self.span(*mean, format!("{field}.exponential.mean")),
            Latency::Lognormal { median, p95 } => {
                self.span(*median, format!("{field}.lognormal.median"));
                self.require(
                    p95 >= median && *p95 <= SimSpan::LONGEST,
                    format!("{field}.lognormal.p95"),
                    "p95 must be at least the median.",
                );
            }
            Latency::File(path) => {
                self.require(
                    !path.is_empty(),
                    format!("{field}.file"),
                    "Name the file of service times.",
                );
            }
        }
    }

    fn traffic(&mut self, plan: &PlanDraft) {
        let traffic = &plan.traffic;
        self.span(traffic.duration, "traffic.duration");
        let at = |name: &str| format!("traffic.arrivals.{name}");
        let rate =
            |check: &mut Self, value: f64, name: &str| check.within(value, 1e-6, 1e7, at(name));
        match &traffic.arrivals {
            Arrivals::Recorded { speed_up } => {
                rate(self, *speed_up, "recorded.speed_up");
                self.require(
                    plan.data.time.is_some(),
                    "data.time",
                    "Recorded arrivals need a time column: choose one, or another kind of arrivals.",
                );
            }
            Arrivals::Trace { path, column, speed_up, unit } => {
                rate(self, *speed_up, "trace.speed_up");
                self.span(*unit, at("trace.unit"));
                self.require(!path.is_empty(), at("trace.path"), "Name the trace's file.");
                self.require(
                    !column.is_empty(),
                    at("trace.column"),
                    "Name the column of arrival times.",
                );
            }
            Arrivals::Poisson { per_second } => rate(self, *per_second, "poisson.per_second"),
            Arrivals::Constant { per_second } => rate(self, *per_second, "constant.per_second"),
            Arrivals::Bursts { per_second, burst_per_second, every, lasts } => {
                rate(self, *per_second, "bursts.per_second");
                rate(self, *burst_per_second, "bursts.burst_per_second");
                self.span(*every, at("bursts.every"));
                self.require(
                    lasts < every && !lasts.is_zero(),
                    at("bursts.lasts"),
                    "A burst must be shorter than the time from one to the next.",
                );
            }
            Arrivals::DailyWave { trough, peak, period } => {
                self.within(*trough, 0.0, 1e7, at("daily_wave.trough"));
                rate(self, *peak, "daily_wave.peak");
                self.span(*period, at("daily_wave.period"));
                self.require(
                    trough <= peak,
                    at("daily_wave.trough"),
                    "The trough is above the peak.",
                );
            }
        }
        let requests = traffic.arrivals.mean_rate().unwrap_or(0.0) * traffic.duration.as_secs_f64();
        self.require(
            requests <= MAX_REQUESTS,
            "traffic.duration",
            format!("{requests:.0} requests are more than {MAX_REQUESTS:.0}: shorten the time or lower the rate."),
        );
        if let Units::Synthetic(count) = traffic.units {
            self.within(f64::from(count), 1.0, 1e8, "traffic.units.synthetic");
        }
        if let LabelDelay::Constant(span) | LabelDelay::Exponential { mean: span } =
            traffic.label_delay
        {
            self.require(span <= SimSpan::LONGEST, "traffic.label_delay", "That is too long.");
        }
    }

    fn faults(&mut self, plan: &PlanDraft) {
        for (index, fault) in plan.faults.iter().enumerate() {
            let at = |name: &str| format!("faults[{index}].{name}");
            if let Some(name) = &fault.arm {
                self.require(
                    plan.arms.iter().any(|arm| arm.name == *name),
                    at("arm"),
                    format!("No arm is called `{name}`."),
                );
            }
            self.require(
                fault.lasts != Some(SimSpan::ZERO),
                at("lasts"),
                "A fault must last for a while.",
            );
            match &fault.what {
                FaultKind::Latency { factor, .. } => {
                    self.within(*factor, 0.001, 1e4, at("what.latency.factor"));
                }
                FaultKind::Errors { percent } => {
                    self.within(*percent, 0.0, 100.0, at("what.errors.percent"));
                }
                FaultKind::FlippedLabels { percent, .. } => {
                    self.within(*percent, 0.0, 100.0, at("what.flipped_labels.percent"));
                }
                FaultKind::Burst { factor } => {
                    self.within(*factor, 0.01, 1e3, at("what.burst.factor"));
                }
                FaultKind::Drift { feature, shift } => {
                    self.within(*shift, -100.0, 100.0, at("what.drift.shift"));
                    self.require(
                        !feature.is_empty(),
                        at("what.drift.feature"),
                        "Name the feature that drifts.",
                    );
                }
                FaultKind::ReplicaLoss { .. }
                | FaultKind::Crash
                | FaultKind::LabelOutage
                | FaultKind::MetricOutage => {}
            }
        }
    }

    fn batch_and_cost(&mut self, plan: &PlanDraft) {
        if let Some(batch) = &plan.batch {
            self.within(batch.share, 0.0, 100.0, "batch.share");
            self.span(batch.every, "batch.every");
            self.within(f64::from(batch.replicas), 1.0, 10_000.0, "batch.replicas");
            if let Some(rate) = batch.rows_per_second {
                self.within(rate, 1e-3, 1e9, "batch.rows_per_second");
            }
            let jobs = plan.traffic.duration.micros() / batch.every.micros().max(1);
            self.require(jobs <= MAX_WINDOWS, "batch.every", format!("{jobs} jobs are too many."));
        }
        for (name, price) in [
            ("replica_hour", plan.cost.replica_hour),
            ("false_positive", plan.cost.false_positive),
            ("false_negative", plan.cost.false_negative),
            ("wrong_class", plan.cost.wrong_class),
            ("failed_request", plan.cost.failed_request),
        ] {
            self.require(price.is_finite(), format!("cost.{name}"), "The price is not a number.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Condition, Fault, Gate, Metric, Ramp, SimTime, Step, Strategy};

    fn draft() -> PlanDraft {
        let mut draft = PlanDraft::default();
        draft.data.path = "loans.csv".to_owned();
        for arm in &mut draft.arms {
            arm.model = ModelSource::Column("score".to_owned());
        }
        draft
    }

    fn fields(draft: PlanDraft) -> Vec<String> {
        let problems = draft.validate().err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_complete_draft_is_a_plan() {
        assert_eq!(fields(draft()), [""; 0]);
    }

    #[test]
    fn every_problem_is_listed_with_its_field() {
        let mut bad = draft();
        bad.name.clear();
        bad.arms[1].serving.replicas = 0;
        let step = |weight| Step { weight, hold: None };
        bad.strategy = Strategy::Canary {
            ramp: Ramp::Steps(vec![step(50.0), step(25.0)]),
            by: Default::default(),
            dynamic_stable_scale: false,
            scale_down_delay: SimSpan::ZERO,
            abort_scale_down_delay: SimSpan::ZERO,
        };
        bad.gates.push(Gate {
            name: "errors".to_owned(),
            metric: Metric::ErrorRate,
            pass_when: Some(Condition::AtMost(2.0)),
            ..Gate::default()
        });
        bad.faults.push(Fault {
            at: SimTime::START,
            lasts: None,
            arm: Some("nobody".to_owned()),
            what: FaultKind::Crash,
        });
        assert_eq!(
            fields(bad),
            [
                "name",
                "arms[1].serving.replicas",
                "strategy.ramp.steps[1].weight",
                "gates[0].pass_when",
                "faults[0].arm",
            ]
        );
    }

    #[test]
    fn plans_survive_toml() {
        for kind in StrategyKind::ALL {
            let mut plan = draft();
            plan.strategy = kind.default_strategy();
            plan.gates.push(Gate { name: "g".to_owned(), count: Some(3), ..Gate::default() });
            plan.batch = Some(Default::default());
            let text = plan.to_toml();
            assert_eq!(PlanDraft::from_toml(&text).as_ref(), Ok(&plan), "{text}");
        }
    }

    #[test]
    fn a_fault_in_the_text_is_told_with_its_line() {
        let fault = PlanDraft::from_toml("name = \"x\"\nsede = 7\n").unwrap_err();
        assert_eq!(fault.line, Some(2));
        assert!(fault.message.contains("sede"), "{fault}");
    }

    #[test]
    fn no_number_makes_validation_panic() {
        let mut bad = draft();
        bad.traffic.arrivals = Arrivals::Poisson { per_second: f64::NAN };
        bad.traffic.duration = SimSpan::ZERO;
        bad.window = Some(SimSpan::ZERO);
        assert!(fields(bad).contains(&"traffic.arrivals.poisson.per_second".to_owned()));
    }
}
