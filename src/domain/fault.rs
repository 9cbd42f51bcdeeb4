//! Faults: things scripted to go wrong.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SimSpan, SimTime};

/// Something goes wrong `at` a time and `lasts` for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub at: SimTime,
    /// Empty: until the end.
    #[serde(default)]
    pub lasts: Option<SimSpan>,
    /// The name of the arm it hits; empty: the first candidate. Bursts and outages of labels or
    /// metrics hit everybody.
    #[serde(default)]
    pub arm: Option<String>,
    pub what: FaultKind,
}

impl Fault {
    pub fn end(&self) -> SimTime {
        self.lasts.map_or(SimTime::NEVER, |lasts| self.at + lasts)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Service times × `factor` + `add`.
    Latency {
        #[serde(default = "one")]
        factor: f64,
        #[serde(default)]
        add: SimSpan,
    },
    /// A share (percent) of the requests fails in the model.
    Errors { percent: f64 },
    /// All replicas die with what they work on; they start again when the fault ends.
    Crash,
    /// So many replicas die; they start again when the fault ends.
    ReplicaLoss { replicas: u32 },
    /// Labels that would become known are lost.
    LabelOutage,
    /// Gates get no answer.
    MetricOutage,
    /// Numbers of this feature shift by so many of its standard deviations, and the model is asked
    /// again. Only models that can be run can be rehearsed under drift.
    Drift { feature: String, shift: f64 },
    /// Labels turn into their opposite (or the next class) on a share of the rows, or of one
    /// segment's rows: the world has changed.
    FlippedLabels {
        percent: f64,
        #[serde(default)]
        segment: Option<String>,
    },
    /// Arrivals × `factor`.
    Burst { factor: f64 },
}

fn one() -> f64 {
    1.0
}

impl FaultKind {
    /// True if the fault hits one arm and not everybody.
    pub fn is_of_arm(&self) -> bool {
        matches!(
            self,
            Self::Latency { .. } | Self::Errors { .. } | Self::Crash | Self::ReplicaLoss { .. }
        )
    }

    pub fn sentence(&self) -> String {
        match self {
            Self::Latency { factor, add } if add.is_zero() => format!("latency × {factor}"),
            Self::Latency { factor, add } if *factor == 1.0 => format!("latency + {add}"),
            Self::Latency { factor, add } => format!("latency × {factor} + {add}"),
            Self::Errors { percent } => format!("{percent} % errors"),
            Self::Crash => "crash".to_owned(),
            Self::ReplicaLoss { replicas } => format!("loss of {replicas} replicas"),
            Self::LabelOutage => "label outage".to_owned(),
            Self::MetricOutage => "metric outage".to_owned(),
            Self::Drift { feature, shift } => format!("drift of {feature} by {shift} sd"),
            Self::FlippedLabels { percent, segment: None } => format!("{percent} % of labels flip"),
            Self::FlippedLabels { percent, segment: Some(segment) } => {
                format!("{percent} % of labels flip in {segment}")
            }
            Self::Burst { factor } => format!("traffic × {factor}"),
        }
    }
}
