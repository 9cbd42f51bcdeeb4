//! One run in the window: a rehearsal that is being simulated, has ended, or was opened.

use std::path::PathBuf;
use std::sync::Arc;

use super::note::Note;
use crate::domain::{Inputs, Intervention, Plan, Recording, SimTime};
use crate::store::ExperimentId;
use crate::worker::{JobId, Stored};

#[derive(Clone)]
pub struct Run {
    pub title: String,
    /// Its name in the library, once it has one.
    pub id: Option<ExperimentId>,
    /// The file that it was opened from, if somebody shared it.
    pub file: Option<PathBuf>,
    pub plan: Arc<Plan>,
    /// The folder that the plan's paths start from.
    pub base: PathBuf,
    /// Known once they are resolved; a run that was opened carries its own.
    pub inputs: Option<Arc<Inputs>>,
    pub interventions: Vec<Intervention>,
    pub parent: Option<ExperimentId>,
    /// When it forked from its parent.
    pub forked_at: Option<SimTime>,
    pub recording: Option<Arc<Recording>>,
    /// Moments that a person marked, in the order of time.
    pub notes: Vec<Note>,
    pub stage: RunStage,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStage {
    /// Inputs are being resolved, or the replay is going on.
    Running(JobId),
    Finished,
    /// Cancelled or failed: what there is may be looked at.
    Stopped(String),
}

impl Run {
    /// Where it is kept, once it is.
    pub fn stored(&self) -> Option<Stored> {
        let in_library = || self.id.clone().map(Stored::InLibrary);
        self.file.clone().map(Stored::File).or_else(in_library)
    }

    /// Several runs may have one title; `place` is the run's among those of the session. A fork
    /// has its number in its title.
    pub fn numbered_title(&self, place: usize) -> String {
        match self.forked_at {
            Some(_) => self.title.clone(),
            None => format!("Run {}, {}", place + 1, self.title),
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.stage, RunStage::Running(_))
    }

    pub fn is_finished(&self) -> bool {
        self.stage == RunStage::Finished
    }

    pub fn job(&self) -> Option<JobId> {
        if let RunStage::Running(job) = self.stage { Some(job) } else { None }
    }
}
