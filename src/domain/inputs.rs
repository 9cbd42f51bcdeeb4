//! Everything that a rehearsal needs besides its plan: the outcome of all slow and unsafe work.
//!
//! An experiment stores these, so a run can be repeated without its dataset or models.

use serde::{Deserialize, Serialize};

use super::{
    Answers, Arrivals, FaultKind, Latency, Metric, Plan, PlanProblem, Predictions, SimTime,
    Strategy,
};

/// The inputs of a rehearsal, resolved from files and models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    pub rows: Rows,
    /// One entry per arm, in the plan's order.
    pub predictions: Vec<Predictions>,
    /// The arms' answers under each drift fault of the plan.
    pub drifted: Vec<Drifted>,
    /// Arrival times, from zero and in order, for recorded arrivals and traces.
    pub arrivals: Option<Vec<SimTime>>,
    /// Observed service times in microseconds per arm, where the plan names a file of them.
    pub service_samples: Vec<Option<Vec<f64>>>,
}

/// The arms' answers while a feature has drifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drifted {
    /// The fault's place in the plan.
    pub fault: usize,
    pub predictions: Vec<Predictions>,
}

/// The columns of a dataset that a replay reads; each has `count` entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    pub count: usize,
    /// BLAKE3 of the dataset's file, in hexadecimal.
    pub digest: String,
    pub labels: Labels,
    /// A hash of each row's user, equal for equal users.
    pub users: Option<Vec<u64>>,
    pub segments: Option<Segments>,
    pub values: Option<Vec<f32>>,
    /// Time since the earliest row; rows need not be in order.
    pub times: Option<Vec<SimTime>>,
}

/// The truth, row by row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Labels {
    /// Nobody knows.
    #[default]
    None,
    /// An index into `names` (for two classes: negative, positive), or [`Labels::MISSING`].
    Classes { names: Vec<String>, codes: Vec<u16> },
    /// NaN where it is missing.
    Numbers(Vec<f32>),
}

impl Labels {
    /// The code of a missing label.
    pub const MISSING: u16 = u16::MAX;
}

/// A slice of the rows for each value of the segment column. No more than [`Segments::MOST`]; the
/// rest share the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segments {
    pub names: Vec<String>,
    pub codes: Vec<u8>,
}

impl Segments {
    pub const MOST: usize = 16;
}

impl Labels {
    fn len(&self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::Classes { codes, .. } => Some(codes.len()),
            Self::Numbers(values) => Some(values.len()),
        }
    }
}

impl Inputs {
    /// Everything that keeps these inputs from being rehearsed with `plan`: what is missing, what
    /// does not fit, and what no file of ours would hold. Each problem names the plan's field.
    pub fn problems(&self, plan: &Plan) -> Vec<PlanProblem> {
        let mut fit = Fit { inputs: self, plan, problems: Vec::new() };
        fit.rows();
        if fit.problems.is_empty() {
            fit.answers();
        }
        if fit.problems.is_empty() {
            fit.times();
            fit.metrics();
            fit.faults();
        }
        fit.problems
    }

    /// A BLAKE3 digest, in hexadecimal, over all of it.
    pub fn digest(&self) -> String {
        match postcard::to_stdvec(self) {
            Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
            // Writing plain values to memory has no way to fail.
            Err(fault) => unreachable!("inputs could not be encoded: {fault}"),
        }
    }
}

/// The comparison of inputs with a plan.
struct Fit<'a> {
    inputs: &'a Inputs,
    plan: &'a Plan,
    problems: Vec<PlanProblem>,
}

impl Fit<'_> {
    fn require(&mut self, holds: bool, field: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.problems.push(PlanProblem { field: field.into(), message: message.into() });
        }
    }

    fn rows(&mut self) {
        let rows = &self.inputs.rows;
        let count = rows.count;
        self.require(count > 0, "data.path", "The dataset has no rows to replay.");
        self.require(
            u32::try_from(count).is_ok(),
            "data.path",
            format!("{count} rows are more than can be numbered ({}).", u32::MAX),
        );
        let lengths = [
            ("data.label", rows.labels.len()),
            ("data.user", rows.users.as_ref().map(Vec::len)),
            ("data.segment", rows.segments.as_ref().map(|segments| segments.codes.len())),
            ("data.value", rows.values.as_ref().map(Vec::len)),
            ("data.time", rows.times.as_ref().map(Vec::len)),
        ];
        for (field, length) in lengths {
            if let Some(length) = length {
                self.require(
                    length == count,
                    field,
                    format!("{length} values for {count} rows: the inputs are damaged."),
                );
            }
        }
        if let Some(segments) = &rows.segments {
            let known = segments.names.len().min(Segments::MOST);
            let fits = segments.codes.iter().all(|code| usize::from(*code) < known);
            self.require(fits, "data.segment", "A row's segment has no name.");
        }
        if let Labels::Classes { names, codes } = &rows.labels {
            let fits = |code: &u16| *code == Labels::MISSING || usize::from(*code) < names.len();
            self.require(codes.iter().all(fits), "data.label", "A row's label has no name.");
        }
    }

    fn answers(&mut self) {
        let arms = self.plan.arms.len();
        let found = self.inputs.predictions.len();
        self.require(found == arms, "arms", format!("{found} models' answers for {arms} arms."));
        for (place, arm) in self.inputs.predictions.iter().enumerate() {
            self.arm(&format!("arms[{place}].model"), arm);
        }
        let numbers = |arm: &Predictions| matches!(arm.answers, Answers::Numbers(_));
        let of_numbers = self.inputs.predictions.iter().filter(|arm| numbers(arm)).count();
        self.require(
            of_numbers == 0 || of_numbers == found,
            "arms",
            "Some arms answer with a class and others with a number: they cannot be compared.",
        );
        let fits = match self.inputs.rows.labels {
            Labels::None => true,
            Labels::Classes { .. } => of_numbers == 0,
            Labels::Numbers(_) => of_numbers == found,
        };
        self.require(
            fits,
            "data.label",
            "The label is of another kind than the models' answers: one is a class, one a number.",
        );
    }

    fn arm(&mut self, field: &str, arm: &Predictions) {
        let (rows, count) = (arm.answers.rows(), self.inputs.rows.count);
        self.require(
            rows == count,
            field,
            format!("`{}` has answered {rows} of {count} rows.", arm.model),
        );
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let fits = match &arm.answers {
            Answers::Scores { values, threshold } => finite(values) && threshold.is_finite(),
            Answers::Numbers(values) => finite(values),
            Answers::Probabilities { values, classes } => {
                finite(values) && *classes > 0 && values.len() == classes.saturating_mul(count)
            }
            Answers::Classes(_) => true,
        };
        self.require(fits, field, format!("An answer of `{}` is no number.", arm.model));
        let latency = &arm.latency;
        let times = latency.single_row.iter().chain(latency.batches.iter().map(|b| &b.micros));
        self.require(
            times.into_iter().all(|micros| micros.is_finite() && *micros >= 0.0),
            field,
            format!("A measured time of `{}` is no time.", arm.model),
        );
    }

    fn times(&mut self) {
        let batch = self.plan.batch.as_ref();
        let all_wait = batch.is_some_and(|batch| batch.share >= 100.0);
        for (place, (arm, predictions)) in
            self.plan.arms.iter().zip(&self.inputs.predictions).enumerate()
        {
            let measured = predictions.latency.is_measured();
            let samples = self.inputs.service_samples.get(place).and_then(Option::as_ref);
            match &arm.latency {
                Latency::Measured { .. } => self.require(
                    measured || all_wait,
                    format!("arms[{place}].latency"),
                    format!(
                        "Recorded predictions of `{}` have no measured times: state a distribution, \
                         for example {{ lognormal = {{ median = \"20ms\", p95 = \"45ms\" }} }}.",
                        arm.name
                    ),
                ),
                Latency::File(path) => self.require(
                    samples.is_some_and(|samples| {
                        !samples.is_empty() && samples.iter().all(|x| x.is_finite() && *x >= 0.0)
                    }),
                    format!("arms[{place}].latency.file"),
                    format!("`{path}` holds no service times."),
                ),
                _ => {}
            }
            let has_rate = predictions.latency.rows_per_second().is_some();
            self.require(
                batch.is_none_or(|batch| batch.rows_per_second.is_some() || has_rate),
                "batch.rows_per_second",
                format!("`{}` was not measured in batches: say how fast a job is.", arm.name),
            );
        }
        let needs_times = match self.plan.traffic.arrivals {
            Arrivals::Recorded { .. } => Some("data.time"),
            Arrivals::Trace { .. } => Some("traffic.arrivals.trace.path"),
            _ => None,
        };
        if let Some(field) = needs_times {
            let times = self.inputs.arrivals.as_deref().unwrap_or_default();
            self.require(!times.is_empty(), field, "There are no arrival times.");
            self.require(times.is_sorted(), field, "The arrival times are not in order.");
        }
    }

    /// A gate on something that nobody can know would hold the rollout for ever.
    fn metrics(&mut self) {
        let gates = self.plan.gates.iter().enumerate();
        let mut asked: Vec<(String, Metric)> =
            gates.map(|(place, gate)| (format!("gates[{place}].metric"), gate.metric)).collect();
        match self.plan.strategy {
            Strategy::Ab { metric, .. } => asked.push(("strategy.metric".to_owned(), metric)),
            Strategy::Bandit { reward, .. } => asked.push(("strategy.reward".to_owned(), reward)),
            _ => {}
        }
        for (field, metric) in asked {
            if let Some(why) = self.why_unknown(metric) {
                self.require(false, field, format!("{} can never be known: {why}", metric.label()));
            }
        }
    }

    fn why_unknown(&self, metric: Metric) -> Option<&'static str> {
        let numbers = matches!(metric, Metric::Rmse | Metric::Mae | Metric::R2);
        let neutral = matches!(metric, Metric::Cost | Metric::Value);
        let scores = matches!(metric, Metric::RocAuc | Metric::PrAuc);
        let has_scores =
            self.inputs.predictions.iter().all(|arm| matches!(arm.answers, Answers::Scores { .. }));
        match &self.inputs.rows.labels {
            Labels::None if metric.needs_labels() => {
                Some("the dataset has no label column: choose one, or another metric.")
            }
            Labels::Numbers(_) if metric.needs_labels() && !numbers && !neutral => {
                Some("it is for classes, and the label is a number. Choose RMSE, MAE or R².")
            }
            Labels::Classes { .. } if numbers => {
                Some("it is for numbers, and the label is a class. Choose accuracy, for example.")
            }
            _ if scores && !has_scores => Some("it needs scores from every arm."),
            _ if metric == Metric::Value && self.inputs.rows.values.is_none() => {
                Some("the dataset has no value column: choose one.")
            }
            _ => None,
        }
    }

    fn faults(&mut self) {
        for (place, fault) in self.plan.faults.iter().enumerate() {
            match &fault.what {
                FaultKind::Drift { .. } => {
                    let drifted = self.inputs.drifted.iter().find(|drifted| drifted.fault == place);
                    let fits = drifted.is_some_and(|drifted| {
                        let same_kind = |(a, b): (&Predictions, &Predictions)| {
                            std::mem::discriminant(&a.answers) == std::mem::discriminant(&b.answers)
                                && a.answers.rows() == b.answers.rows()
                        };
                        drifted.predictions.len() == self.inputs.predictions.len()
                            && drifted
                                .predictions
                                .iter()
                                .zip(&self.inputs.predictions)
                                .all(same_kind)
                    });
                    self.require(
                        fits,
                        format!("faults[{place}].what.drift"),
                        "The models were not asked under this drift.",
                    );
                }
                FaultKind::FlippedLabels { segment: Some(segment), .. } => {
                    let names = self.inputs.rows.segments.as_ref().map(|segments| &segments.names);
                    self.require(
                        names.is_some_and(|names| names.contains(segment)),
                        format!("faults[{place}].what.flipped_labels.segment"),
                        format!("No segment is called `{segment}`."),
                    );
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Gate, LatencyProfile, PlanDraft, Task};

    fn arm(values: Vec<f32>) -> Predictions {
        Predictions {
            model: "m".to_owned(),
            digest: String::new(),
            task: Task::Binary,
            answers: Answers::Scores { values, threshold: 0.5 },
            latency: LatencyProfile { single_row: vec![1.0, 2.0], ..LatencyProfile::default() },
        }
    }

    fn inputs() -> Inputs {
        let names = vec!["no".to_owned(), "yes".to_owned()];
        Inputs {
            rows: Rows {
                count: 2,
                labels: Labels::Classes { names, codes: vec![0, Labels::MISSING] },
                ..Rows::default()
            },
            predictions: vec![arm(vec![0.1, 0.9]), arm(vec![0.2, 0.8])],
            ..Inputs::default()
        }
    }

    fn fields(inputs: &Inputs, change: impl FnOnce(&mut PlanDraft)) -> Vec<String> {
        let mut draft = PlanDraft::default();
        draft.data.path = "rows.csv".to_owned();
        for arm in &mut draft.arms {
            arm.model = crate::domain::ModelSource::Column("score".to_owned());
        }
        change(&mut draft);
        let plan = draft.validate().unwrap();
        inputs.problems(&plan).into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn fitting_inputs_have_no_problem() {
        assert_eq!(fields(&inputs(), |_| {}), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_named_by_its_field() {
        let mut short = inputs();
        short.predictions[1] = arm(vec![0.5]);
        assert_eq!(fields(&short, |_| {}), ["arms[1].model"]);
        let mut unmeasured = inputs();
        unmeasured.predictions[0].latency = LatencyProfile::default();
        assert_eq!(fields(&unmeasured, |_| {}), ["arms[0].latency"]);
        let mut unlabelled = inputs();
        unlabelled.rows.labels = Labels::None;
        let gate = Gate {
            name: "g".to_owned(),
            metric: Metric::Accuracy,
            pass_when: Some(crate::domain::Condition::AtLeast(0.5)),
            ..Gate::default()
        };
        assert_eq!(fields(&unlabelled, |draft| draft.gates.push(gate)), ["gates[0].metric"]);
        assert_eq!(
            fields(&inputs(), |draft| draft.traffic.arrivals = Arrivals::Trace {
                path: "t.csv".to_owned(),
                column: "t".to_owned(),
                unit: crate::domain::SimSpan::from_secs(1),
                speed_up: 1.0
            }),
            ["traffic.arrivals.trace.path"]
        );
        let mut damaged = inputs();
        damaged.predictions[0] = arm(vec![f32::NAN, 0.5]);
        assert_eq!(fields(&damaged, |_| {}), ["arms[0].model"]);
    }
}
