//! From a plan to its inputs: reading data, asking models, and all that may go wrong on the way.

mod classes;
mod dataset;
mod drift;
mod models;
mod traffic;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use dataset::roles;

use super::error::Error;
use super::status::Status;
use crate::domain::{Inputs, Plan, Rows, Table, Task};
use crate::models::{DeviceChoice, Model};
use crate::store::Library;
use dataset::Data;
use models::{Answering, Asked, Scorer};

/// Loads and computes everything that `plan` needs besides itself. Its paths start at `base`, the
/// folder of its file. Models run on `device` if it is to be had; a note in `status` says if not.
/// What models answered before is taken from `cache`.
///
/// # Errors
/// If a file or model cannot be read, does not fit, or somebody cancels; with the arm and the
/// column.
pub fn resolve(
    plan: &Plan,
    base: &Path,
    device: DeviceChoice,
    cache: Option<&Library>,
    status: &Status,
) -> Result<Inputs, Error> {
    Opened::open(plan, base, device, status)?.inputs(cache, status)
}

/// A plan with its dataset read and its models open; none was asked yet.
pub(super) struct Opened<'a> {
    plan: &'a Plan,
    base: &'a Path,
    data: Data<'a>,
    arms: Vec<Asked>,
    /// What the arms answer together.
    task: Option<Task>,
    rows: Rows,
}

impl<'a> Opened<'a> {
    pub fn open(
        plan: &'a Plan,
        base: &'a Path,
        device: DeviceChoice,
        status: &Status,
    ) -> Result<Self, Error> {
        let data = Data::load(plan, base, status)?;
        let arms = Asked::open_all(plan, base, device, &data, status)?;
        let task = classes::common_task(&arms.iter().map(Asked::task).collect::<Vec<_>>());
        let rows = data.rows(task.as_ref(), status)?;
        for arm in &arms {
            arm.check_label(&rows.labels)?;
        }
        Ok(Self { plan, base, data, arms, task, rows })
    }

    /// The dataset.
    pub fn table(&self) -> &Table {
        &self.data.dataset.table
    }

    /// Each arm's model; `None` for recorded answers.
    pub fn models(&self) -> impl Iterator<Item = Option<&Model>> {
        self.arms.iter().map(|arm| match &arm.answers {
            Answering::Model(model) => Some(&**model),
            Answering::Recorded(_) => None,
        })
    }

    /// All inputs. Scoring takes longest, so everything else that can be wrong is looked at before.
    pub fn inputs(&self, cache: Option<&Library>, status: &Status) -> Result<Inputs, Error> {
        let (plan, base) = (self.plan, self.base);
        let rows = self.rows.clone();
        let arrivals = traffic::arrivals(plan, base, &rows, status)?;
        let service_samples = traffic::service_samples(plan, base)?;

        let table = self.table();
        let mut scorer = Scorer::new(cache, status);
        let mut predictions = Vec::with_capacity(self.arms.len());
        for arm in &self.arms {
            status.check()?;
            predictions.push(arm.predictions(table, &mut scorer)?);
        }
        let mut drifted = drift::resolve(plan, table, &self.arms, &predictions, &mut scorer)?;
        let names = classes::names(&rows.labels, self.task.as_ref());
        let of_drift = drifted.iter_mut().flat_map(|drifted| &mut drifted.predictions);
        predictions.iter_mut().chain(of_drift).for_each(|arm| classes::rename(arm, &names));

        let inputs = Inputs { rows, predictions, drifted, arrivals, service_samples };
        let problems = inputs.problems(plan);
        if problems.is_empty() { Ok(inputs) } else { Err(Error::Problems(problems)) }
    }
}
