//! Dialects: the same plan under the rules of other controllers.
//!
//! A controller cannot say all that a plan says, and reads some of it differently. What is left of a
//! plan in a controller's own terms stands in a file for each, from which both the engine and the
//! notes for people are drawn.

pub mod argo;
pub mod flagger;
mod notes;
pub mod sagemaker;

pub use notes::notes;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Gate, StrategyKind};

/// Whose rules a rollout follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Our own: holds for lack of evidence, and gates that weigh chance.
    #[default]
    Rehearsal,
    /// Argo Rollouts: steps, and analyses beside them with four verdicts.
    Argo,
    /// Flagger: a loop of ticks with one counter of failed checks.
    Flagger,
    /// Amazon SageMaker: fleets that are shifted by whole instances while alarms watch.
    Sagemaker,
}

impl Dialect {
    pub const ALL: [Self; 4] = [Self::Rehearsal, Self::Argo, Self::Flagger, Self::Sagemaker];

    pub fn label(self) -> &'static str {
        match self {
            Self::Rehearsal => "Rehearsal",
            Self::Argo => "Argo Rollouts",
            Self::Flagger => "Flagger",
            Self::Sagemaker => "SageMaker",
        }
    }

    /// One sentence for a person who has not met the controller.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Rehearsal => {
                "Every gate counts for itself, holds while it has too little evidence, and must have seen something before the last stage ends."
            }
            Self::Argo => {
                "Analyses start with the step, before the candidate answers; no data may pass, fail or be an error, and a gate that saw nothing blocks nothing."
            }
            Self::Flagger => {
                "Once per tick all checks must pass or the weight stays; failed checks of all gates add up, are never forgotten, and no data is a failed check."
            }
            Self::Sagemaker => {
                "A full second fleet takes over by whole instances; an alarm goes off after breaches in a row, and no data never sets one off."
            }
        }
    }

    /// The strategies that the controller carries out by itself.
    pub fn strategies(self) -> &'static [StrategyKind] {
        use StrategyKind::{BlueGreen, Canary, Direct, Rolling, Shadow};
        match self {
            Self::Rehearsal => &StrategyKind::ALL,
            Self::Argo => &[Rolling, Shadow, BlueGreen, Canary],
            Self::Flagger => &[Direct, BlueGreen, Canary],
            Self::Sagemaker => &[Direct, Rolling, Shadow, BlueGreen, Canary],
        }
    }

    pub fn knows(self, kind: StrategyKind) -> bool {
        self.strategies().contains(&kind)
    }

    /// A weight as the controller can write it: whole percents everywhere but here, and at least one.
    pub fn weight(self, percent: f64) -> f64 {
        match self {
            Self::Rehearsal => percent,
            _ if percent > 0.0 => percent.round().max(1.0),
            _ => percent,
        }
    }
}

/// Whether a bare value is within a gate's conditions, as controllers without an "inconclusive" see
/// it; `None` without a value, or without the baseline's where that is needed.
pub fn is_within(gate: &Gate, value: Option<f64>, baseline: Option<f64>) -> Option<bool> {
    let value = value?;
    let holds = |condition: Condition| condition.holds(value, baseline);
    let passes = gate.pass_when.map_or(Some(true), holds)?;
    let fails = gate.fail_when.map_or(Some(false), holds)?;
    Some(passes && !fails)
}
