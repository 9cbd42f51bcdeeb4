//! The first look at a model: does it fit the dataset, and how good and fast is it on a few rows.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::status::Status;
use crate::data::{self, Dataset};
use crate::domain::{Answers, DataSource, Labels, Metric, Table, Task};
use crate::models::{
    self, Card, ColdStart, DeviceChoice, FIRST_LOOK, Measured, Mismatch, Model, TokenTimes,
};

/// Rows that are asked.
const ROWS: usize = 200;

/// What is known of a model after a second.
#[derive(Clone, Debug)]
pub struct ModelCheck {
    pub folder: PathBuf,
    pub card: Card,
    /// For example `46-32-16-1, 2033 parameters`.
    pub size: String,
    /// Where it runs, and why not where it should.
    pub device: String,
    pub note: Option<String>,
    pub mismatches: Vec<Mismatch>,
    /// The label cannot be read, or the model's yes is the dataset's no.
    pub label_problem: Option<String>,
    /// Empty if a mismatch blocks.
    pub quick: Option<QuickCheck>,
}

/// A model's answers to a few rows, spread evenly over the dataset.
#[derive(Clone, Debug)]
pub struct QuickCheck {
    pub rows: usize,
    /// Rows with a label.
    pub labelled: usize,
    /// Accuracy, or the mean absolute error of numbers; empty without labels that fit.
    pub quality: Option<(Metric, f64)>,
    pub cold_start: ColdStart,
    pub measured: Measured,
    /// Of models that write their answers.
    pub tokens: Option<TokenTimes>,
}

impl ModelCheck {
    /// True if the model can be asked and says yes to what the dataset calls positive.
    pub fn fits(&self) -> bool {
        self.quick.is_some() && self.label_problem.is_none()
    }
}

/// Opens the model in `folder` and holds it against the dataset, with the roles of `source`.
///
/// # Errors
/// If the model cannot be opened or asked, or somebody cancels. What does not fit is no error: it
/// is listed.
pub fn check_model(
    folder: &Path,
    dataset: &Dataset,
    source: &DataSource,
    device: DeviceChoice,
    status: &Status,
) -> Result<ModelCheck, Error> {
    status.begin("Opening the model");
    let model = models::open(folder, &device)?;
    let table = &dataset.table;
    let (labels, unreadable) = labels(table, source, &model.card().task());
    let mismatches = model.mismatches(table);
    let blocked = table.rows == 0 || mismatches.iter().any(|mismatch| mismatch.blocks);
    let quick = if blocked { None } else { Some(quick(&model, table, &labels, status)?) };
    Ok(ModelCheck {
        folder: folder.to_owned(),
        card: model.card().clone(),
        size: model.describe(),
        device: model.device().to_owned(),
        note: model.note().map(str::to_owned),
        label_problem: unreadable.or_else(|| model.label_mismatch(&labels)),
        mismatches,
        quick,
    })
}

/// The dataset's labels; where they cannot be read, why.
fn labels(table: &Table, source: &DataSource, task: &Task) -> (Labels, Option<String>) {
    let only = DataSource {
        label: source.label.clone(),
        positive: source.positive.clone(),
        ..DataSource::default()
    };
    match data::rows(table, &only, Some(task)) {
        Ok((rows, _)) => (rows.labels, None),
        Err(fault) => (Labels::None, Some(fault.to_string())),
    }
}

fn quick(
    model: &Model,
    table: &Table,
    labels: &Labels,
    status: &Status,
) -> Result<QuickCheck, Error> {
    status.begin("Asking the model");
    let count = ROWS.min(table.rows);
    let places: Vec<usize> = (0..count).map(|k| k * table.rows / count).collect();
    let few = table.pick(&places);
    let cold_start = model.cold_start(&few)?;
    let answers = model.score(&few, &status.progress)?;
    status.begin("Measuring the model");
    let measured = model.measure(&few, FIRST_LOOK, &status.progress)?;
    let tokens = model.token_times(&few)?;
    let errors = errors(&answers, labels, &places);
    let metric = if let Labels::Numbers(_) = labels { Metric::Mae } else { Metric::Accuracy };
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let quality = if metric == Metric::Accuracy { 1.0 - mean } else { mean };
    Ok(QuickCheck {
        rows: count,
        labelled: errors.len(),
        quality: (!errors.is_empty()).then_some((metric, quality)),
        cold_start,
        measured,
        tokens,
    })
}

/// How wrong each labelled answer is: 0 or 1 for classes, the distance for numbers.
fn errors(answers: &Answers, labels: &Labels, places: &[usize]) -> Vec<f64> {
    let wrong = |row: usize, place: usize| match labels {
        Labels::None => None,
        Labels::Classes { codes, .. } => {
            let truth = *codes.get(place).filter(|code| **code != Labels::MISSING)?;
            Some(f64::from(u8::from(answers.class(row)? != truth)))
        }
        Labels::Numbers(values) => {
            let truth = values.get(place).filter(|x| !x.is_nan())?;
            let Answers::Numbers(numbers) = answers else { return None };
            Some(f64::from((numbers.get(row)? - truth).abs()))
        }
    };
    places.iter().enumerate().filter_map(|(row, place)| wrong(row, *place)).collect()
}
