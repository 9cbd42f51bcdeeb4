//! A run as a file for people or programs.

use std::sync::Arc;

use super::error::Error;
use super::hindsight::hindsight;
use crate::data;
use crate::domain::{Inputs, Intervention, Plan, Recording, Reviewed};
use crate::report::{Dossier, Run, Series, csv, html, json, markdown, summary};
use crate::store::{Experiment, ExperimentId, Summary};

/// A run that is to be written, whoever holds its parts.
#[derive(Clone, Debug)]
pub struct Document {
    /// What the library knows of it; empty for a run that is not kept.
    pub summary: Option<Summary>,
    pub plan: Arc<Plan>,
    pub recording: Arc<Recording>,
    pub inputs: Option<Arc<Inputs>>,
    pub interventions: Vec<Intervention>,
    pub review: Option<Reviewed>,
}

/// How to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Html,
    Markdown,
    /// As on a terminal.
    Text,
    Json,
    Csv(Series),
    Parquet(Series),
}

impl Document {
    /// Of a stored experiment; `None` if nothing of it was recorded.
    pub fn of(experiment: Experiment) -> Option<Self> {
        Some(Self {
            recording: Arc::new(experiment.recording?),
            summary: Some(experiment.summary),
            plan: Arc::new(experiment.plan),
            inputs: Some(Arc::new(experiment.inputs)),
            interventions: experiment.interventions,
            review: None,
        })
    }

    pub fn with_review(self, reviewed: Reviewed) -> Self {
        Self { review: Some(reviewed), ..self }
    }

    pub fn dossier(&self) -> Dossier<'_> {
        let known = self.summary.as_ref();
        let mut run = Run::new(known.map(|s| s.id.as_str()), &self.plan, &self.recording);
        let inputs = self.inputs.as_ref();
        run.ledger.truth =
            inputs.and_then(|of| hindsight(&self.plan, of, &self.interventions, &self.recording));
        Dossier {
            run,
            created: known.map(|s| s.created.strftime("%Y-%m-%d %H:%M UTC").to_string()),
            program_version: known.map_or(env!("CARGO_PKG_VERSION"), |s| &s.program_version),
            parent: known.and_then(|s| s.parent.as_ref()).map(ExperimentId::as_str),
            inputs: self.inputs.as_deref(),
            interventions: &self.interventions,
            review: self.review.as_ref(),
        }
    }
}

impl Form {
    /// The file's bytes.
    ///
    /// # Errors
    /// If a table cannot be written as Parquet.
    pub fn write(self, dossier: &Dossier<'_>) -> Result<Vec<u8>, Error> {
        let run = &dossier.run;
        Ok(match self {
            Self::Html => html::page(dossier).into_bytes(),
            Self::Markdown => markdown::document(dossier).into_bytes(),
            Self::Text => summary::full(run).into_bytes(),
            Self::Json => json::dossier(dossier).to_string().into_bytes(),
            Self::Csv(series) => csv::series(run.recording, series).into_bytes(),
            Self::Parquet(series) => data::parquet_bytes(&series.table(run.recording))?,
        })
    }
}
