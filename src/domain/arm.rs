//! Arms: the model versions that take part in a rehearsal.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Latency, Serving};

/// More arms than these have neither a colour nor a mark of their own.
pub const MAX_ARMS: usize = 4;

/// An arm's place in the plan: 0 is the baseline, the others are candidates.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ArmId(u8);

impl ArmId {
    pub const BASELINE: Self = Self(0);
    pub const CANDIDATE: Self = Self(1);

    /// The arm at `index`; plans hold at most [`MAX_ARMS`], so larger indices are held there.
    pub fn new(index: usize) -> Self {
        Self(index.min(MAX_ARMS - 1) as u8)
    }

    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    pub fn letter(self) -> char {
        char::from(b'A' + self.0)
    }
}

impl fmt::Display for ArmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

/// One model version: where its answers come from, how long it takes, and the fleet that serves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// What charts and tables call it, for example `risk v2`.
    pub name: String,
    pub model: ModelSource,
    /// How long one answer takes on an idle server.
    #[serde(default)]
    pub latency: Latency,
    #[serde(default)]
    pub serving: Serving,
}

/// Where an arm's answers come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ModelSource {
    /// A model's folder with its `card.toml`, or its single file with a card beside it; relative to
    /// the plan's file.
    Folder(String),
    /// A column of the dataset that already holds predictions.
    Column(String),
    /// A table of predictions in a file of its own, joined to the dataset by a key column.
    File { path: String, key: String, column: String },
}

impl ModelSource {
    /// A short text for lists: the folder, column or file.
    pub fn describe(&self) -> String {
        match self {
            Self::Folder(path) => path.clone(),
            Self::Column(column) => format!("column {column}"),
            Self::File { path, column, .. } => format!("{path}, column {column}"),
        }
    }
}
