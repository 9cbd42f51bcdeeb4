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
use crate::domain::{Inputs, Plan};
use crate::models::DeviceChoice;
use crate::store::Library;
use dataset::Data;
use models::{Asked, Scorer};

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
    // Scoring takes longest, so everything that can be wrong is looked at before it.
    let data = Data::load(plan, base, status)?;
    let arms = Asked::open_all(plan, base, device, &data, status)?;
    let task = classes::common_task(&arms.iter().map(Asked::task).collect::<Vec<_>>());
    let rows = data.rows(task.as_ref(), status)?;
    for arm in &arms {
        arm.check_label(&rows.labels)?;
    }
    let arrivals = traffic::arrivals(plan, base, &rows, status)?;
    let service_samples = traffic::service_samples(plan, base)?;

    let table = &data.dataset.table;
    let mut scorer = Scorer::new(cache, status);
    let mut predictions = Vec::with_capacity(arms.len());
    for arm in &arms {
        status.check()?;
        predictions.push(arm.predictions(table, &mut scorer)?);
    }
    let mut drifted = drift::resolve(plan, table, &arms, &predictions, &mut scorer)?;
    let names = classes::names(&rows.labels, task.as_ref());
    let of_drift = drifted.iter_mut().flat_map(|drifted| &mut drifted.predictions);
    predictions.iter_mut().chain(of_drift).for_each(|arm| classes::rename(arm, &names));

    let inputs = Inputs { rows, predictions, drifted, arrivals, service_samples };
    let problems = inputs.problems(plan);
    if problems.is_empty() { Ok(inputs) } else { Err(Error::Problems(problems)) }
}
