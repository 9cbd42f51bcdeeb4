//! What a bandit has learned of its arms.

use serde::{Deserialize, Serialize};

use super::{ArmId, Metric, grouped};

/// The rewards that are known, arm by arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    pub reward: Metric,
    pub arms: Vec<Earned>,
}

/// What one arm has earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Earned {
    /// Rewards that are known.
    pub n: u64,
    /// Their mean, each stretch of time weighted as in all arms together, so that moving shares do
    /// not bend it.
    pub mean: f64,
    /// The chance that no other arm is better, 0 to 1.
    pub chance: f64,
}

impl Learned {
    /// `Accuracy A 85.1 % of 1,200, B 87.3 % of 3,400; chance to be the best A 2 %, B 98 %`
    pub fn sentence(&self) -> String {
        let each = |of_arm: &dyn Fn(&Earned) -> String| {
            let arms = self.arms.iter().enumerate();
            let texts: Vec<String> = arms
                .map(|(arm, earned)| format!("{} {}", ArmId::new(arm), of_arm(earned)))
                .collect();
            texts.join(", ")
        };
        let means = each(&|arm| match arm.n {
            0 => "nothing yet".to_owned(),
            n => format!("{} of {}", self.reward.format(arm.mean), grouped(n)),
        });
        let chances = each(&|arm| format!("{:.0} %", arm.chance * 100.0));
        format!("{} {means}; chance to be the best {chances}", self.reward.label())
    }
}
