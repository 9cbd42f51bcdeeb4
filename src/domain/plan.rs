//! The checked plan: the only kind that can be simulated.

use std::ops::Deref;

use serde::Serialize;

use super::plan_check;
use super::plan_draft::PlanDraft;
use super::{ArmId, Fault, SimSpan};

/// No recording has more windows.
pub const MAX_WINDOWS: u64 = 20_000;
/// No plan asks for more requests than this.
pub const MAX_REQUESTS: f64 = 1e10;

/// A plan in which every field has been found sound. It reads like its draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan(PlanDraft);

/// One thing that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanProblem {
    /// Where, as TOML writes it with list places from 0: `strategy.ramp.steps[2].weight`.
    pub field: String,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Deref for Plan {
    type Target = PlanDraft;

    fn deref(&self) -> &PlanDraft {
        &self.0
    }
}

impl From<Plan> for PlanDraft {
    fn from(plan: Plan) -> Self {
        plan.0
    }
}

impl Plan {
    /// The same with another seed: every seed is sound.
    pub fn with_seed(&self, seed: u64) -> Self {
        Self(PlanDraft { seed, ..self.0.clone() })
    }

    /// The place of the arm that a fault hits.
    pub fn arm_of(&self, fault: &Fault) -> ArmId {
        match &fault.arm {
            Some(name) => {
                ArmId::new(self.arms.iter().position(|arm| arm.name == *name).unwrap_or(1))
            }
            None => ArmId::CANDIDATE,
        }
    }

    pub fn arm_names(&self) -> Vec<String> {
        self.arms.iter().map(|arm| arm.name.clone()).collect()
    }
}

impl PlanDraft {
    /// The window length: the plan's own, or a round one that gives about 240 windows.
    pub fn window_span(&self) -> SimSpan {
        self.window.unwrap_or_else(|| {
            const ROUND: [u64; 16] =
                [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
            let ideal = self.traffic.duration.micros() / 240;
            let whole_secs = ROUND.map(SimSpan::from_secs).into_iter();
            let sub_secs = [1, 10, 100, 250, 500].map(SimSpan::from_millis).into_iter();
            let mut spans = sub_secs.chain(whole_secs);
            spans.find(|span| span.micros() >= ideal).unwrap_or(SimSpan::from_secs(86_400))
        })
    }

    /// Checks every rule.
    ///
    /// # Errors
    /// All problems at once, each with its field.
    pub fn validate(self) -> Result<Plan, Vec<PlanProblem>> {
        let problems = plan_check::problems(&self);
        if problems.is_empty() { Ok(Plan(self)) } else { Err(problems) }
    }
}
