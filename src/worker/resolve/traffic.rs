//! Arrival times and service times that a plan takes from data.

use std::path::Path;

use super::super::error::Error;
use super::super::status::Status;
use crate::data;
use crate::domain::{Arrivals, Latency, Plan, Rows, SimTime};

/// Arrival times from the dataset's time column or a trace; `None` for plans that make them up.
pub(super) fn arrivals(
    plan: &Plan,
    base: &Path,
    rows: &Rows,
    status: &Status,
) -> Result<Option<Vec<SimTime>>, Error> {
    match &plan.traffic.arrivals {
        Arrivals::Recorded { speed_up } => {
            let times = rows.times.as_deref().unwrap_or_default();
            Ok(Some(data::arrivals(times, *speed_up)))
        }
        Arrivals::Trace { path, column, unit, speed_up } => {
            status.begin(format!("Reading {path}"));
            let path = base.join(path);
            Ok(Some(data::read_trace(&path, column, *unit, *speed_up, &status.progress)?))
        }
        Arrivals::Poisson { .. }
        | Arrivals::Constant { .. }
        | Arrivals::Bursts { .. }
        | Arrivals::DailyWave { .. } => Ok(None),
    }
}

/// Observed service times of the arms whose plan names a file of them.
pub(super) fn service_samples(plan: &Plan, base: &Path) -> Result<Vec<Option<Vec<f64>>>, Error> {
    let of_arm = |latency: &Latency| match latency {
        Latency::File(path) => Ok(Some(data::read_service_times(&base.join(path))?)),
        _ => Ok(None),
    };
    plan.arms.iter().map(|arm| of_arm(&arm.latency)).collect()
}
