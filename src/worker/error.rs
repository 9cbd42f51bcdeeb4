//! Why a task could not be done.

use std::io;
use std::path::PathBuf;

use crate::domain::{PlanProblem, StrategyKind};
use crate::{data, models, store};

/// A failed task, in words for people. Faults of other rooms are told in their own words.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(transparent)]
    Model(#[from] models::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An arm's answers are not to be had.
    #[error("Arm `{arm}`: {fault}")]
    Arm { arm: String, fault: models::Error },
    /// A model's yes is the dataset's no.
    #[error("Arm `{arm}`: {message}")]
    Label { arm: String, message: String },
    /// The plan does not fit its data and models.
    #[error("The plan does not fit its data and models: {}", sentences(.0))]
    Problems(Vec<PlanProblem>),
    /// The plan has no sound form with another strategy.
    #[error("{} cannot be compared: {}", kind.label(), sentences(problems))]
    NoVariant { kind: StrategyKind, problems: Vec<PlanProblem> },
    /// The plan's data cannot carry a what-if.
    #[error("{regression}: {}", problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>().join(" "))]
    Regression { regression: String, problems: Vec<PlanProblem> },
    /// The file is not even a draft of a plan.
    #[error("{}{message}\n{}", line_prefix(*line), path.display())]
    NotAPlan { line: Option<usize>, message: String, path: PathBuf },
    #[error("The {what}: {fault}\n{}", path.display())]
    File { what: &'static str, fault: io::Error, path: PathBuf },
    /// A shared file without a single experiment.
    #[error("There is no experiment in this file\n{}", path.display())]
    NoExperiment { path: PathBuf },
    /// Answers of another framework that cannot be compared.
    #[error("{message}\n{}", path.display())]
    Reference { message: String, path: PathBuf },
    /// A plan cannot be served for real.
    #[error("{0}")]
    Soak(String),
    /// The system gives no more threads.
    #[error("No thread could be started for background work: {0}")]
    Thread(io::Error),
    #[error("Cancelled")]
    Cancelled,
}

impl Error {
    /// True if nothing failed: somebody asked the work to stop.
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Data(data::Error::Cancelled)
                | Self::Model(models::Error::Cancelled)
                | Self::Arm { fault: models::Error::Cancelled, .. }
        )
    }
}

fn sentences(problems: &[PlanProblem]) -> String {
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
    lines.join("; ")
}

fn line_prefix(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("Line {line} of the plan: "))
}
