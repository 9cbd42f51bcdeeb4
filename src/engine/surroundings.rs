//! What answers are worth at the moment: cases, labels and their timing, under the faults that are on.

use std::sync::Arc;

use crate::domain::{Inputs, LabelDelay, Labels, Plan, Strategy};

use super::cases::{Cases, flip_labels};
use super::faults::Faults;
use super::flow::World;
use super::late::LabelTiming;
use super::tally::Shape;
use super::units::UnitSource;

pub(super) struct Surroundings<'a> {
    inputs: &'a Inputs,
    plan: &'a Plan,
    cases: Arc<Cases>,
    pub timing: LabelTiming,
    outages: Vec<(u64, u64)>,
    /// Who sends the requests, where a test has users as units.
    users: Option<Arc<UnitSource>>,
}

impl<'a> Surroundings<'a> {
    /// `cases` are those of the inputs, before any fault.
    pub fn new(plan: &'a Plan, inputs: &'a Inputs, cases: Arc<Cases>, faults: &Faults) -> Self {
        Self {
            inputs,
            plan,
            cases,
            timing: LabelTiming::new(plan.traffic.label_delay, plan.seed),
            outages: faults.label_outages(),
            users: None,
        }
    }

    /// The same, with answers told apart by who asked.
    pub fn with_users(self, users: Option<Arc<UnitSource>>) -> Self {
        Self { users, ..self }
    }

    /// A drift or a flip of labels has begun or ended: answers are judged anew.
    pub fn judge_again(&mut self, faults: &Faults) {
        let drifted =
            faults.drift().and_then(|place| self.inputs.drifted.iter().find(|d| d.fault == place));
        let predictions = drifted.map_or(&self.inputs.predictions, |drifted| &drifted.predictions);
        let mut rows = self.inputs.rows.clone();
        for (percent, segment, number) in faults.flips() {
            rows.labels = flip_labels(&rows, percent, segment, self.plan.seed.wrapping_add(number));
        }
        self.cases = Arc::new(Cases::new(&rows, &rows.labels, predictions));
    }

    /// What answers are worth now.
    pub fn cases(&self) -> Arc<Cases> {
        Arc::clone(&self.cases)
    }

    pub fn world(&self, until: u64) -> World<'_> {
        World {
            cases: &self.cases,
            values: self.inputs.rows.values.as_deref(),
            timing: &self.timing,
            outages: &self.outages,
            users: self.users.as_deref(),
            until,
        }
    }
}

/// Whether a gate or the A/B test has users as units.
fn has_users_as_units(plan: &Plan) -> bool {
    let decides = match &plan.strategy {
        Strategy::Ab { method, .. } => method.is_by_users(),
        _ => false,
    };
    decides || plan.gates.iter().any(|gate| gate.test.is_some_and(|test| test.method.is_by_users()))
}

/// Which counters this rehearsal needs, for the baseline.
pub(super) fn shape(plan: &Plan, inputs: &Inputs) -> Shape {
    use crate::domain::Answers;
    let classes = match &inputs.rows.labels {
        Labels::Classes { names, .. } if names.len() > 2 => names.len(),
        _ => 0,
    };
    let of_arms =
        |wanted: fn(&Answers) -> bool| inputs.predictions.iter().all(|p| wanted(&p.answers));
    let numbers = of_arms(|answers| matches!(answers, Answers::Numbers(_)));
    let cost = &plan.cost;
    Shape {
        arm: 0,
        segments: inputs.rows.segments.as_ref().map_or(1, |s| s.names.len().max(1)),
        classes,
        scores: of_arms(|answers| matches!(answers, Answers::Scores { .. })) && classes == 0,
        numbers: numbers && matches!(inputs.rows.labels, Labels::Numbers(_)),
        labels_at_once: match plan.traffic.label_delay {
            LabelDelay::None => true,
            LabelDelay::Constant(span) | LabelDelay::Exponential { mean: span } => span.is_zero(),
        },
        mistakes: match classes {
            0 => [cost.false_positive, cost.false_negative],
            _ => [cost.wrong_class; 2],
        },
        by_users: has_users_as_units(plan),
    }
}
