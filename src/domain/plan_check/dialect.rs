//! What another controller cannot do at all.

use super::Check;
use crate::domain::dialect::{Dialect, sagemaker};
use crate::domain::{PlanDraft, SimSpan, StrategyKind};

impl Check {
    pub(super) fn dialect(&mut self, plan: &PlanDraft) {
        let (dialect, kind) = (plan.dialect, plan.strategy.kind());
        if dialect == Dialect::Rehearsal {
            return;
        }
        let name = dialect.label();
        let known: Vec<&str> = dialect.strategies().iter().map(|kind| kind.label()).collect();
        self.require(
            dialect.knows(kind),
            "dialect",
            format!(
                "{name} carries out no {} rollout by itself, only: {}. Choose another strategy or dialect.",
                kind.label(),
                known.join(", ")
            ),
        );
        self.require(
            plan.batch.is_none(),
            "dialect",
            format!("{name} controls no jobs: leave the batch out, or take the dialect rehearsal."),
        );
        for (place, gate) in plan.gates.iter().enumerate() {
            self.require(
                gate.judge.is_none() || dialect == Dialect::Argo,
                format!("gates[{place}].judge"),
                format!("{name} asks no judge: only Argo Rollouts asks Kayenta's."),
            );
        }
        if dialect == Dialect::Sagemaker {
            self.sagemaker(plan);
        }
    }

    fn sagemaker(&mut self, plan: &PlanDraft) {
        self.require(
            plan.gates.len() <= sagemaker::MOST_ALARMS,
            "gates",
            format!("SageMaker watches at most {} alarms.", sagemaker::MOST_ALARMS),
        );
        let wait = sagemaker::wait(plan);
        let waits = match &plan.strategy {
            crate::domain::Strategy::Canary { ramp, .. } => {
                let fleet = plan.arms.get(1).map_or(1, |arm| arm.serving.replicas);
                sagemaker::Routing::of(ramp).shares(fleet).len() as u64 + 1
            }
            _ => 1,
        };
        let longest = sagemaker::LONGEST_DEPLOYMENT;
        let takes: SimSpan = wait.times(waits);
        self.require(
            plan.strategy.kind() == StrategyKind::Shadow || takes <= longest,
            "dialect",
            format!(
                "SageMaker ends a deployment after {}, and the waits alone take {}.",
                longest.words(),
                takes.words()
            ),
        );
    }
}
