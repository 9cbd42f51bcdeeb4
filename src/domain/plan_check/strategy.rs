//! The rules of a strategy's parameters.

use super::Check;
use crate::domain::gate_test::Method;
use crate::domain::plan::MAX_WINDOWS;
use crate::domain::strategy::MAX_STEPS;
use crate::domain::{Metric, PlanDraft, Ramp, Strategy};

impl Check {
    pub(super) fn strategy(&mut self, plan: &PlanDraft) {
        let at = |name: &str| format!("strategy.{name}");
        match &plan.strategy {
            Strategy::Single => {}
            Strategy::Direct { bake, .. } => self.span(*bake, at("bake")),
            Strategy::Rolling { max_surge_percent, max_unavailable_percent, bake, .. } => {
                self.within(*max_surge_percent, 0.0, 100.0, at("max_surge_percent"));
                self.within(*max_unavailable_percent, 0.0, 100.0, at("max_unavailable_percent"));
                self.span(*bake, at("bake"));
            }
            Strategy::Shadow { mirror_percent, observe, .. } => {
                self.within(*mirror_percent, 0.01, 100.0, at("mirror_percent"));
                self.span(*observe, at("observe"));
            }
            Strategy::BlueGreen { preview_mirror_percent, preview_replicas, bake, .. } => {
                self.within(*preview_mirror_percent, 0.0, 100.0, at("preview_mirror_percent"));
                self.require(
                    *preview_replicas != Some(0),
                    at("preview_replicas"),
                    "Green needs a replica.",
                );
                self.span(*bake, at("bake"));
            }
            Strategy::Canary { ramp, .. } => self.ramp(ramp),
            Strategy::Ab {
                candidate_percent,
                metric,
                method,
                min_duration,
                max_duration,
                alpha,
                ..
            } => {
                let candidates = plan.arms.len().saturating_sub(1);
                self.require(
                    candidate_percent.is_empty() || candidate_percent.len() == candidates,
                    at("candidate_percent"),
                    format!("{} shares for {candidates} candidates.", candidate_percent.len()),
                );
                for (index, share) in candidate_percent.iter().enumerate() {
                    self.within(*share, 0.01, 99.99, at(&format!("candidate_percent[{index}]")));
                }
                self.require(
                    candidate_percent.iter().sum::<f64>() < 100.0,
                    at("candidate_percent"),
                    "Nothing is left for the baseline: the shares must add up to less than 100.",
                );
                self.require(
                    min_duration <= max_duration && !max_duration.is_zero(),
                    at("min_duration"),
                    "It must not be longer than the maximum duration.",
                );
                self.within(*alpha, 1e-9, 0.5, at("alpha"));
                self.require(
                    Metric::ALL.contains(metric),
                    at("metric"),
                    "Only a metric of each arm can decide an A/B test.",
                );
                self.require(
                    !method.is_by_users() || Method::Users.fits(*metric),
                    at("method"),
                    "With users as units, accuracy or mae can decide: choose one, or requests.",
                );
            }
            Strategy::Bandit { .. } => self.bandit(plan),
        }
    }

    fn ramp(&mut self, ramp: &Ramp) {
        let at = |name: &str| format!("strategy.ramp.{name}");
        match ramp {
            Ramp::Steps(_) => {}
            Ramp::Linear { step, max, hold } => {
                self.within(*step, 0.01, 100.0, at("linear.step"));
                self.within(*max, *step, 100.0, at("linear.max"));
                self.span(*hold, at("linear.hold"));
            }
            Ramp::Exponential { first, factor, max, hold } => {
                self.within(*first, 0.01, 100.0, at("exponential.first"));
                self.within(*factor, 1.01, 100.0, at("exponential.factor"));
                self.within(*max, *first, 100.0, at("exponential.max"));
                self.span(*hold, at("exponential.hold"));
            }
        }
        let steps = ramp.steps();
        self.require(!steps.is_empty(), at("steps"), "A canary needs at least one stage.");
        self.require(
            steps.len() < MAX_STEPS,
            at("steps"),
            format!("More than {} stages: take larger steps.", MAX_STEPS - 1),
        );
        let mut before = 0.0;
        for (index, step) in steps.iter().enumerate() {
            let weight = at(&format!("steps[{index}].weight"));
            self.within(step.weight, 0.0, 100.0, weight.clone());
            self.require(
                step.weight >= before,
                weight,
                format!(
                    "Stage {} sends less traffic to the candidate than stage {index}.",
                    index + 1
                ),
            );
            before = step.weight;
        }
    }

    fn bandit(&mut self, plan: &PlanDraft) {
        let Strategy::Bandit {
            epsilon, reward, update, floor_percent, duration, ship_when, ..
        } = &plan.strategy
        else {
            return;
        };
        let at = |name: &str| format!("strategy.{name}");
        self.within(*epsilon, 0.0, 1.0, at("epsilon"));
        self.within(
            *floor_percent,
            0.0,
            100.0 / plan.arms.len().max(1) as f64,
            at("floor_percent"),
        );
        self.within(*ship_when, 0.5, 1.0, at("ship_when"));
        self.require(
            Metric::REWARDS.contains(reward),
            at("reward"),
            "An answer can earn accuracy, positive_rate, error_rate, timeout_rate, mae or latency_mean.",
        );
        self.span(*update, at("update"));
        self.span(*duration, at("duration"));
        self.require(
            update <= duration && duration.micros() / update.micros().max(1) <= MAX_WINDOWS,
            at("update"),
            format!("The shares must change at least once and at most {MAX_WINDOWS} times."),
        );
    }
}
