//! What background work tells the window.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::compare::Compared;
use super::first_card::FirstCard;
use super::growth::Growth;
use super::jobs::JobId;
use super::model_check::ModelCheck;
use super::propose::Proposal;
use super::reviewing::ShownReview;
use super::sample::Story;
use super::task::KeepChange;
use super::verify::Verification;
use crate::data::Dataset;
use crate::domain::{Inputs, PlanDraft, Recording, StrategyKind};
use crate::stats::odds::Odds;
use crate::store::{Experiment, ExperimentId, Summary};

/// One message of a job.
#[derive(Debug)]
pub struct Report {
    pub job: JobId,
    pub news: News,
    /// At the end of a job: what did not stop it but should be known.
    pub notes: Vec<String>,
}

#[derive(Debug)]
pub enum News {
    /// The job goes on: the inputs of a rehearsal or comparison are known.
    Resolved(Arc<Inputs>),
    /// The job goes on: a recording has grown.
    Grown(Growth),

    Data(Arc<Dataset>),
    Model {
        slot: usize,
        check: Arc<ModelCheck>,
    },
    /// The model has no card yet: a first one, to be completed by hand.
    NoCard {
        slot: usize,
        card: FirstCard,
    },
    Rehearsed {
        id: ExperimentId,
        recording: Arc<Recording>,
    },
    Compared(Arc<Vec<Compared>>),
    /// The job goes on: the odds of one strategy have become sharper.
    Sharpened(StrategyKind, Arc<Odds>),
    /// All odds that were asked for are known.
    OddsKnown,
    /// Newest first.
    Library(Vec<Summary>),
    Proposed(Proposal),
    Experiment(Arc<Experiment>),
    Verified {
        id: ExperimentId,
        verification: Verification,
    },
    Review(Box<ShownReview>),
    Adopted(ExperimentId),
    /// Bytes of a whole copy, and of one without predictions.
    ShareMeasured {
        id: ExperimentId,
        sizes: [u64; 2],
    },
    Shared(PathBuf),
    Kept {
        id: ExperimentId,
        change: KeepChange,
    },
    Found {
        text: String,
        ids: BTreeSet<ExperimentId>,
    },
    /// The folder of all samples; the story's paths start there.
    Sample {
        story: Story,
        folder: PathBuf,
    },
    Plan {
        path: PathBuf,
        draft: Box<PlanDraft>,
    },
    PlanSaved(PathBuf),
    Exported(PathBuf),
    /// The reason, for a person.
    Failed(String),
    Cancelled,
}

impl News {
    /// True if the job has ended with it.
    pub fn is_last(&self) -> bool {
        !matches!(self, Self::Resolved(_) | Self::Grown(_) | Self::Sharpened(..))
    }
}
