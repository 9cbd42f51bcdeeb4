//! Verify with models: every row is scored again from the dataset's and the models' files, and held
//! against the predictions that were stored.

use std::path::Path;

use serde::Serialize;

use super::error::Error;
use super::resolve;
use super::status::Status;
use super::verify::{Verification, verify};
use crate::domain::{Answers, Predictions};
use crate::models::DeviceChoice;
use crate::store::Experiment;

/// How far today's predictions are from the stored ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rescored {
    pub rows: usize,
    /// The dataset's file has the digest that was stored.
    pub is_same_dataset: bool,
    pub tolerance: f64,
    pub arms: Vec<RescoredArm>,
    /// The rerun on today's predictions, where none are stored to compare with.
    pub rerun: Option<Verification>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RescoredArm {
    pub name: String,
    /// The largest absolute difference of a score.
    pub largest: f64,
    /// Rows whose score differs by more than the tolerance, and the first of them, from 1.
    pub beyond: usize,
    pub first: Option<usize>,
    /// Rows that get another class.
    pub flips: usize,
}

impl Rescored {
    pub fn fits(&self) -> bool {
        let is_near = self.arms.iter().all(|arm| arm.beyond == 0 && arm.flips == 0);
        let is_rerun = self
            .rerun
            .as_ref()
            .is_none_or(|verification| matches!(verification, Verification::Reproduced { .. }));
        self.is_same_dataset && is_near && is_rerun
    }
}

/// Scores again. The plan's paths start at `base`.
///
/// # Errors
/// If the dataset or a model cannot be read, does not fit, or somebody cancels.
pub fn rescore(
    experiment: &Experiment,
    base: &Path,
    device: DeviceChoice,
    tolerance: f64,
    status: &Status,
) -> Result<Rescored, Error> {
    let stored = &experiment.inputs;
    // Nothing is taken from the library: what was kept is what is doubted.
    let now = resolve(&experiment.plan, base, device, None, status)?;
    let arms = experiment.plan.arms.iter().zip(stored.predictions.iter().zip(&now.predictions));
    let arms = arms.map(|(arm, (a, b))| compared(&arm.name, a, b, tolerance)).collect();
    let is_same_dataset = stored.rows.digest == now.rows.digest;
    let rows = now.rows.count;
    let rerun = if experiment.left_out.is_empty() {
        None
    } else {
        status.begin("Rehearsing it again");
        let whole = Experiment { inputs: now, left_out: Vec::new(), ..experiment.clone() };
        Some(verify(&whole, &status.progress)?)
    };
    Ok(Rescored { rows, is_same_dataset, tolerance, arms, rerun })
}

fn compared(name: &str, a: &Predictions, b: &Predictions, tolerance: f64) -> RescoredArm {
    let mut arm =
        RescoredArm { name: name.to_owned(), largest: 0.0, beyond: 0, first: None, flips: 0 };
    let rows = a.answers.rows().max(b.answers.rows());
    for row in 0..rows {
        let difference = difference(&a.answers, &b.answers, row);
        arm.largest = arm.largest.max(difference);
        if difference > tolerance {
            arm.beyond += 1;
            arm.first.get_or_insert(row + 1);
        }
        arm.flips += usize::from(a.answers.class(row) != b.answers.class(row));
    }
    arm
}

/// The largest difference of a row's numbers; infinite where only one of them has any.
fn difference(a: &Answers, b: &Answers, row: usize) -> f64 {
    let (a, b) = (numbers(a, row), numbers(b, row));
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let differences = a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs()));
    // A number that became NaN differs, whatever the tolerance; two NaN do not.
    differences.map(|d| if d.is_nan() { f64::INFINITY } else { d }).fold(0.0, f64::max)
}

fn numbers(answers: &Answers, row: usize) -> &[f32] {
    let range = match answers {
        Answers::Scores { values, .. } | Answers::Numbers(values) => values.get(row..=row),
        Answers::Probabilities { values, classes } => {
            values.get(row * classes..(row + 1) * classes)
        }
        // Classes have no numbers: they are compared as they are.
        Answers::Classes(_) => None,
    };
    range.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LatencyProfile, Task};

    fn scores(values: &[f32]) -> Predictions {
        Predictions {
            model: "m".to_owned(),
            digest: String::new(),
            task: Task::Binary,
            answers: Answers::Scores { values: values.to_vec(), threshold: 0.5 },
            latency: LatencyProfile::default(),
        }
    }

    #[test]
    fn differences_beyond_the_tolerance_and_flips_are_counted() {
        let stored = scores(&[0.1, 0.499_999, 0.9]);
        let arm = compared("B", &stored, &scores(&[0.1, 0.500_001, 0.9]), 1e-5);
        assert_eq!((arm.beyond, arm.flips), (0, 1), "a flip counts however near it is");
        let arm = compared("B", &stored, &scores(&[0.1, 0.499_999, 0.8]), 1e-5);
        assert_eq!((arm.beyond, arm.first, arm.flips), (1, Some(3), 0));
        let arm = compared("B", &stored, &scores(&[0.1, 0.499_999]), 1e-5);
        assert_eq!((arm.beyond, arm.first), (1, Some(3)));
        assert!(arm.largest.is_infinite());
        let arm = compared("B", &scores(&[f32::NAN]), &scores(&[0.2]), 1.0);
        assert_eq!(arm.beyond, 1);
    }
}
