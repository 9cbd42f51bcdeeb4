//! Each arm's answers: from a model that is asked now, from the cache, or from a recording.

use std::path::Path;

use super::super::error::Error;
use super::super::status::Status;
use super::dataset::Data;
use crate::data;
use crate::domain::{
    Answers, Arm, Labels, Latency, LatencyProfile, ModelSource, Plan, Predictions, Table, Task,
};
use crate::models::{self, DeviceChoice, FIRST_LOOK, Model};
use crate::store::Library;

/// An arm whose answers are at hand or can be asked for.
pub(super) struct Asked {
    pub arm: String,
    pub answers: Answering,
    /// The plan goes by the times that its model's calls are found to take.
    goes_by_measure: bool,
}

pub(super) enum Answering {
    Model(Box<Model>),
    Recorded(Box<Predictions>),
}

impl Asked {
    /// Opens every arm; none is asked yet.
    pub fn open_all(
        plan: &Plan,
        base: &Path,
        device: DeviceChoice,
        data: &Data,
        status: &Status,
    ) -> Result<Vec<Self>, Error> {
        let open = |arm| Self::open(arm, base, device, data, status);
        plan.arms.iter().map(open).collect()
    }

    fn open(
        arm: &Arm,
        base: &Path,
        device: DeviceChoice,
        data: &Data,
        status: &Status,
    ) -> Result<Self, Error> {
        let of_arm = |fault| Error::Arm { arm: arm.name.clone(), fault };
        let table = &data.dataset.table;
        status.begin(format!("Opening {}", arm.name));
        let answers = match &arm.model {
            ModelSource::Folder(folder) => {
                let model = models::open(&base.join(folder), &device);
                let model = model.map_err(of_arm)?;
                check(&arm.name, &model, table, status)?;
                Answering::Model(Box::new(model))
            }
            ModelSource::Column(column) => {
                let (task, answers) =
                    models::recorded_column(table, column, data.source).map_err(of_arm)?;
                let recorded = models::recorded_digest(table, None, column);
                Answering::recorded(column, table, &recorded, task, answers)
            }
            ModelSource::File { path, key, column } => {
                let file = data::load(&base.join(path), &status.progress)?.table;
                let (task, answers) =
                    models::joined_file(table, &file, key, column, data.source).map_err(of_arm)?;
                let recorded = models::recorded_digest(&file, Some(key), column);
                Answering::recorded(column, table, &recorded, task, answers)
            }
        };
        let goes_by_measure = matches!(arm.latency, Latency::Measured { .. });
        Ok(Self { arm: arm.name.clone(), answers, goes_by_measure })
    }

    /// What kind of question the arm answers.
    pub fn task(&self) -> Task {
        match &self.answers {
            Answering::Model(model) => model.card().task(),
            Answering::Recorded(predictions) => predictions.task.clone(),
        }
    }

    /// Refuses a model that means another class by "yes".
    pub fn check_label(&self, labels: &Labels) -> Result<(), Error> {
        let Answering::Model(model) = &self.answers else { return Ok(()) };
        match model.label_mismatch(labels) {
            Some(message) => Err(Error::Label { arm: self.arm.clone(), message }),
            None => Ok(()),
        }
    }

    /// The arm's answers to the dataset.
    pub fn predictions(&self, table: &Table, scorer: &mut Scorer) -> Result<Predictions, Error> {
        match &self.answers {
            Answering::Recorded(predictions) => Ok(predictions.as_ref().clone()),
            Answering::Model(model) => {
                let times = Times::Measure { noise_matters: self.goes_by_measure };
                scorer.ask(&self.arm, model, table, times)
            }
        }
    }
}

impl Answering {
    fn recorded(
        column: &str,
        table: &Table,
        recorded_digest: &str,
        task: Task,
        answers: Answers,
    ) -> Self {
        let key = models::content_key(recorded_digest, &table.digest);
        let latency = LatencyProfile::default();
        Self::Recorded(Box::new(models::predictions(column, task, answers, latency, &key)))
    }
}

/// Refuses a model that cannot read the dataset.
fn check(arm: &str, model: &Model, table: &Table, status: &Status) -> Result<(), Error> {
    let mismatches = model.mismatches(table);
    if mismatches.iter().any(|mismatch| mismatch.blocks) {
        let fault = models::Error::Mismatch { model: model.card().name.clone(), mismatches };
        return Err(Error::Arm { arm: arm.to_owned(), fault });
    }
    for mismatch in mismatches {
        status.note(format!("Arm `{arm}`: {mismatch}"));
    }
    if let Some(note) = model.note() {
        status.note(format!("Arm `{arm}`: {note}"));
    }
    Ok(())
}

/// Where a model's service times come from.
#[derive(Clone, Copy)]
pub(super) enum Times<'t> {
    Known(&'t LatencyProfile),
    /// A person is told of a noisy machine only where its noise would come into the plan.
    Measure {
        noise_matters: bool,
    },
}

/// Asks models, each only once for the same rows.
pub(super) struct Scorer<'a> {
    cache: Option<&'a Library>,
    status: &'a Status,
    /// Answers of this very task by content key, for arms that share a model.
    known: Vec<(String, Predictions)>,
}

impl<'a> Scorer<'a> {
    pub fn new(cache: Option<&'a Library>, status: &'a Status) -> Self {
        Self { cache, status, known: Vec::new() }
    }

    /// A model's answers with its service times.
    pub fn ask(
        &mut self,
        arm: &str,
        model: &Model,
        table: &Table,
        times: Times<'_>,
    ) -> Result<Predictions, Error> {
        let key = models::content_key(model.digest(), &table.digest);
        if let Some(found) = self.find(&key, table.rows) {
            return Ok(found);
        }
        let of_arm = |fault| Error::Arm { arm: arm.to_owned(), fault };
        let progress = &self.status.progress;
        self.status.begin(format!("Scoring {arm}"));
        let answers = model.score(table, progress).map_err(of_arm)?;
        let latency = match times {
            Times::Known(profile) => profile.clone(),
            Times::Measure { noise_matters } => {
                self.status.begin(format!("Measuring {arm}"));
                let measured = model.measure(table, FIRST_LOOK, progress).map_err(of_arm)?;
                if let Some(noise) =
                    measured.noise.filter(|noise| noise_matters && !noise.is_quiet())
                {
                    self.status.note(format!("Service times of `{arm}`: {}", noise.sentence()));
                }
                measured.profile
            }
        };
        let card = model.card();
        let predictions = models::predictions(&card.name, card.task(), answers, latency, &key);
        self.keep(key, &predictions);
        Ok(predictions)
    }

    fn find(&self, key: &str, rows: usize) -> Option<Predictions> {
        if let Some((_, found)) = self.known.iter().find(|(known, _)| known == key) {
            return Some(found.clone());
        }
        match self.cache?.cached_predictions(key) {
            // Answers to another number of rows were damaged on the way: they are made anew.
            Ok(found) => found.filter(|found| found.answers.rows() == rows),
            Err(fault) => {
                self.status.note(format!("Kept answers could not be read: {fault}"));
                None
            }
        }
    }

    /// A library that cannot be written costs time at the next run, and nothing else.
    fn keep(&mut self, key: String, predictions: &Predictions) {
        if let Some(Err(fault)) = self.cache.map(|cache| cache.keep_predictions(&key, predictions))
        {
            self.status.note(format!("Answers could not be kept for the next run: {fault}"));
        }
        self.known.push((key, predictions.clone()));
    }
}
