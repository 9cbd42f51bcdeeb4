//! A plan as a form or a TOML file holds it: every field may still be wrong.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Arm, BatchServing, Cost, DataSource, Dialect, Fault, Gate, Latency, ModelSource, Serving,
    SimSpan, Strategy, TomlFault, Traffic, toml_text,
};

/// A rehearsal's plan before [`PlanDraft::validate`] has looked at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlanDraft {
    pub name: String,
    /// What the rehearsal is to find out, in a sentence or two.
    pub description: String,
    pub seed: u64,
    /// Length of the windows in which metrics are counted; empty: about 240 windows.
    pub window: Option<SimSpan>,
    /// A rollout that makes no progress for so long outside a hold is aborted.
    pub deadline: SimSpan,
    pub data: DataSource,
    pub traffic: Traffic,
    pub strategy: Strategy,
    /// Whose rules the rollout follows; left out: our own.
    #[serde(skip_serializing_if = "is_usual")]
    pub dialect: Dialect,
    /// A job for all or a part of the requests; empty: all are answered on arrival.
    pub batch: Option<BatchServing>,
    pub cost: Cost,
    /// The baseline first, then one to three candidates.
    pub arms: Vec<Arm>,
    pub gates: Vec<Gate>,
    pub faults: Vec<Fault>,
}

impl Default for PlanDraft {
    fn default() -> Self {
        let arm = |name: &str, folder: &str| Arm {
            name: name.to_owned(),
            model: ModelSource::Folder(folder.to_owned()),
            latency: Latency::default(),
            serving: Serving::default(),
        };
        Self {
            name: "New plan".to_owned(),
            description: String::new(),
            seed: 1,
            window: None,
            deadline: SimSpan::from_secs(600),
            data: DataSource::default(),
            traffic: Traffic::default(),
            strategy: Strategy::default(),
            dialect: Dialect::default(),
            batch: None,
            cost: Cost::default(),
            arms: vec![arm("baseline", ""), arm("candidate", "")],
            gates: Vec::new(),
            faults: Vec::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_usual(dialect: &Dialect) -> bool {
    *dialect == Dialect::default()
}

impl PlanDraft {
    /// Reads TOML.
    ///
    /// # Errors
    /// If the text is not TOML, or a field is unknown or of the wrong type; with its line.
    pub fn from_toml(text: &str) -> Result<Self, TomlFault> {
        toml_text::read(text)
    }

    /// Writes TOML that [`PlanDraft::from_toml`] reads back to the same draft.
    pub fn to_toml(&self) -> String {
        match toml::to_string_pretty(self) {
            Ok(text) => text,
            // Every field is a plain value with a TOML form; a test writes and reads them all.
            Err(fault) => unreachable!("a plan could not be written: {fault}"),
        }
    }
}
