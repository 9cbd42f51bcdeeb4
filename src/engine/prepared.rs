//! Inputs made ready once for any number of runs.

use std::sync::Arc;

use super::cases::Cases;
use super::row_order::by_time;
use super::simulation::Simulation;
use crate::domain::{Inputs, Intervention, Plan, Progress, Recording};

/// Inputs whose answers have been judged and whose rows have been put in order, which takes longer
/// than a short run.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) cases: Arc<Cases>,
    /// All rows in the order of their times.
    pub(super) by_time: Arc<[u32]>,
}

impl<'a> Prepared<'a> {
    pub fn new(inputs: &'a Inputs) -> Self {
        let rows = &inputs.rows;
        Self {
            inputs,
            cases: Arc::new(Cases::new(rows, &rows.labels, &inputs.predictions)),
            by_time: by_time(rows),
        }
    }

    /// As [`super::simulate_watched`].
    pub fn simulate(
        &self,
        plan: &Plan,
        interventions: &[Intervention],
        progress: &Progress,
        watch: impl FnMut(&Recording),
    ) -> Option<Recording> {
        Simulation::new(plan, self, interventions).run(progress, watch)
    }
}
