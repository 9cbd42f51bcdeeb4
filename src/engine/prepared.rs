//! A plan and its inputs, made ready once for any number of runs.

use std::sync::Arc;

use super::cases::Cases;
use super::quantile_table::{QuantileTable, service_times};
use super::row_order::by_time;
use super::simulation::Simulation;
use crate::domain::{Arm, Inputs, Intervention, Plan, Progress, Recording};

/// All that does not depend on the seed, which takes longer to work out than a short run.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    plan: &'a Plan,
    pub(super) inputs: &'a Inputs,
    pub(super) cases: Arc<Cases>,
    /// All rows in the order of their times.
    pub(super) by_time: Arc<[u32]>,
    /// Per arm.
    pub(super) service_times: Vec<Arc<QuantileTable>>,
}

impl<'a> Prepared<'a> {
    /// `inputs` must fit the plan: [`Inputs::problems`] has found nothing.
    pub fn new(plan: &'a Plan, inputs: &'a Inputs) -> Self {
        let rows = &inputs.rows;
        let of_arm = |(place, arm): (usize, &Arm)| {
            let profile = &inputs.predictions[place].latency;
            let samples = inputs.service_samples.get(place).and_then(|samples| samples.as_deref());
            let table = service_times(&arm.latency, profile, samples);
            // Only a plan whose requests all wait for a job has no use for service times.
            Arc::new(table.unwrap_or_else(|| QuantileTable::from_tail(|_| 0.0)))
        };
        Self {
            plan,
            inputs,
            cases: Arc::new(Cases::new(rows, &rows.labels, &inputs.predictions)),
            by_time: by_time(rows),
            service_times: plan.arms.iter().enumerate().map(of_arm).collect(),
        }
    }

    /// The plan's run by another seed, as [`super::simulate_watched`] runs it by its own.
    pub fn simulate(
        &self,
        seed: u64,
        interventions: &[Intervention],
        progress: &Progress,
        watch: impl FnMut(&Recording),
    ) -> Option<Recording> {
        let plan = self.plan.with_seed(seed);
        Simulation::new(&plan, self, interventions).run(progress, watch)
    }
}
