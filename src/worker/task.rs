//! What can be done in the background.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{Document, Form};
use super::reviewing::ReviewChange;
use super::sample::Story;
use crate::data::Dataset;
use crate::domain::{DataSource, Inputs, Intervention, Plan, StrategyKind};
use crate::store::{Experiment, ExperimentId, Sharing};

/// Work for another thread. Each ends with one report: what it made, or [`super::News::Failed`] or
/// [`super::News::Cancelled`].
#[derive(Clone, Debug)]
pub enum Task {
    LoadData {
        path: PathBuf,
    },
    /// Opens a model and tries it on a few rows; one without a card gets a first one, unsaved.
    OpenModel {
        /// The arm's place in the plan, handed back with the report.
        slot: usize,
        folder: PathBuf,
        dataset: Arc<Dataset>,
        source: DataSource,
    },
    Rehearse(Rehearsal),
    Compare {
        plan: Arc<Plan>,
        base: PathBuf,
        /// Empty: they are resolved first.
        inputs: Option<Arc<Inputs>>,
        kinds: Vec<StrategyKind>,
    },
    /// Many runs of the plan under each of `kinds`, for good and for bad candidates.
    AskOdds {
        plan: Arc<Plan>,
        base: PathBuf,
        kinds: Vec<StrategyKind>,
        runs: u32,
    },
    /// Reads gates off the baseline's own traffic.
    ProposeGates {
        plan: Arc<Plan>,
        base: PathBuf,
    },
    ListLibrary,
    OpenExperiment(Stored),
    Verify(Arc<Experiment>),
    ReadReview(Stored),
    ChangeReview {
        id: ExperimentId,
        change: ReviewChange,
    },
    /// Copies a shared file's experiment into the library.
    Adopt {
        path: PathBuf,
    },
    /// How large a copy of an experiment will be.
    MeasureShare {
        id: ExperimentId,
    },
    Share {
        id: ExperimentId,
        sharing: Sharing,
        path: PathBuf,
    },
    /// Changes what the owner keeps beside an experiment.
    Keep {
        id: ExperimentId,
        change: KeepChange,
    },
    Search {
        text: String,
    },
    UnpackSample {
        story: Story,
    },
    ReadPlan {
        path: PathBuf,
    },
    SavePlan {
        path: PathBuf,
        text: String,
    },
    /// Writes what the screen has made: a chart, as a picture or a table.
    WriteFile {
        path: PathBuf,
        bytes: Vec<u8>,
    },
    /// Writes a report, or a table, of a run.
    Export {
        document: Box<Document>,
        form: Form,
        path: PathBuf,
    },
}

/// A run to simulate and to keep.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    pub plan: Arc<Plan>,
    /// The folder that the plan's paths start from.
    pub base: PathBuf,
    /// Empty: they are resolved first.
    pub inputs: Option<Arc<Inputs>>,
    pub interventions: Vec<Intervention>,
    /// The experiment that this one was forked from.
    pub parent: Option<ExperimentId>,
    /// Who runs it; empty if they do not say.
    pub author: String,
}

/// Something that the owner of the library does beside an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepChange {
    Delete,
    Restore,
    Archive(bool),
    /// In place of those before.
    Beside {
        tags: Vec<String>,
        notes: String,
    },
}

/// Where an experiment is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    InLibrary(ExperimentId),
    /// A file that somebody shared.
    File(PathBuf),
}

/// Tasks of one lane run one after another, so that no more than these run at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Simulations: as long as they take.
    Runs,
    /// A person's own files: seconds.
    Files,
    /// The library and small files: moments.
    Library,
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Runs, Self::Files, Self::Library];

    pub fn thread_name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Files => "files",
            Self::Library => "library",
        }
    }
}

impl Task {
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Rehearse(_)
            | Self::Compare { .. }
            | Self::AskOdds { .. }
            | Self::ProposeGates { .. }
            | Self::Verify(_) => Lane::Runs,
            Self::LoadData { .. } | Self::OpenModel { .. } => Lane::Files,
            Self::ListLibrary
            | Self::OpenExperiment(_)
            | Self::ReadReview(_)
            | Self::ChangeReview { .. }
            | Self::Adopt { .. }
            | Self::MeasureShare { .. }
            | Self::Share { .. }
            | Self::Keep { .. }
            | Self::Search { .. }
            | Self::UnpackSample { .. }
            | Self::ReadPlan { .. }
            | Self::SavePlan { .. }
            | Self::WriteFile { .. }
            | Self::Export { .. } => Lane::Library,
        }
    }

    /// What the status line calls it.
    pub fn title(&self) -> String {
        match self {
            Self::LoadData { path } => format!("Load {}", file_name(path)),
            Self::OpenModel { folder, .. } => format!("Check model {}", file_name(folder)),
            Self::Rehearse(rehearsal) => format!("Rehearse {}", rehearsal.plan.name),
            Self::Compare { plan, .. } => format!("Compare strategies for {}", plan.name),
            Self::AskOdds { plan, .. } => format!("Odds of {}", plan.name),
            Self::ProposeGates { plan, .. } => format!("Propose gates for {}", plan.name),
            Self::ListLibrary => "Read the library".to_owned(),
            Self::OpenExperiment(Stored::InLibrary(id)) => format!("Open {id}"),
            Self::OpenExperiment(Stored::File(path)) => format!("Open {}", file_name(path)),
            Self::Verify(experiment) => format!("Verify {}", experiment.summary.name),
            Self::ReadReview(_) => "Read the review".to_owned(),
            Self::ChangeReview { .. } => "Save the review".to_owned(),
            Self::Adopt { path } => format!("Copy {}", file_name(path)),
            Self::MeasureShare { id } => format!("Measure {id}"),
            Self::Share { id, .. } => format!("Share {id}"),
            Self::Keep { id, change: KeepChange::Delete } => format!("Delete {id}"),
            Self::Keep { id, .. } => format!("Save {id}"),
            Self::Search { text } => format!("Search for {text}"),
            Self::UnpackSample { story } => format!("Unpack {}", story.title()),
            Self::ReadPlan { path } => format!("Open {}", file_name(path)),
            Self::SavePlan { path, .. } => format!("Save {}", file_name(path)),
            Self::WriteFile { path, .. } => format!("Write {}", file_name(path)),
            Self::Export { path, .. } => format!("Write {}", file_name(path)),
        }
    }
}

/// The last part of a path.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
