//! The result of one rehearsal.

use serde::{Deserialize, Serialize};

use super::{ArmId, BatchJob, Event, SimSpan, SimTime, StrategyKind, Window};

/// All that one run left behind. Equal inputs give equal recordings, to the bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    pub strategy: StrategyKind,
    /// Names of the arms, gates and segments that indices in here refer to.
    pub arms: Vec<String>,
    pub gates: Vec<String>,
    pub segments: Vec<String>,
    /// Names of the stages in the order they can occur, for example `Canary 25 %`.
    pub stages: Vec<String>,
    /// Nominal length of a window.
    pub window: SimSpan,
    pub windows: Vec<Window>,
    pub events: Vec<Event>,
    pub jobs: Vec<BatchJob>,
    pub outcome: Outcome,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub kind: OutcomeKind,
    /// When that was decided.
    pub at: SimTime,
    /// The arm that serves everybody in the end.
    pub winner: ArmId,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// The candidate took over.
    Promoted,
    /// A gate or a person sent the traffic back before the candidate had taken over.
    Aborted,
    /// The baseline came back after the candidate had taken over.
    RolledBack,
    /// The baseline was kept because nothing better was shown.
    Kept,
    /// The time ended before anything was decided.
    Held,
    /// Nothing was to be decided: a single run, or a shadow that was only watched.
    Observed,
}

impl OutcomeKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::Aborted => "aborted",
            Self::RolledBack => "rolled back",
            Self::Kept => "baseline kept",
            Self::Held => "on hold",
            Self::Observed => "observed",
        }
    }

    /// True if the rollout's answer is "no": aborted or rolled back.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Aborted | Self::RolledBack)
    }
}

impl Recording {
    /// A BLAKE3 digest, in hexadecimal, over everything in the recording, in order.
    pub fn digest(&self) -> String {
        match postcard::to_stdvec(self) {
            Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
            // Writing plain values to memory has no way to fail.
            Err(fault) => unreachable!("a recording could not be encoded: {fault}"),
        }
    }

    /// The recording without its windows, events and jobs.
    pub fn head(&self) -> Self {
        Self {
            strategy: self.strategy,
            arms: self.arms.clone(),
            gates: self.gates.clone(),
            segments: self.segments.clone(),
            stages: self.stages.clone(),
            window: self.window,
            windows: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            outcome: self.outcome.clone(),
        }
    }

    /// The end of the last window.
    pub fn end(&self) -> SimTime {
        self.windows.last().map_or(SimTime::START, |window| window.end)
    }

    /// The window that holds `at`; the last one after the end.
    pub fn window_at(&self, at: SimTime) -> Option<&Window> {
        let after = self.windows.partition_point(|window| window.end <= at);
        self.windows.get(after).or(self.windows.last())
    }

    /// All windows that end by `at` as one.
    pub fn until(&self, at: SimTime) -> Option<Window> {
        Window::merged(self.windows.iter().take_while(|window| window.end <= at))
    }
}
