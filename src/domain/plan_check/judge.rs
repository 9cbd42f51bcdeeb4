//! The rules of gates that judge several metrics into a score.

use super::Check;
use crate::domain::{Gate, Judge, Metric, PlanDraft};

impl Check {
    pub(super) fn judge(
        &mut self,
        plan: &PlanDraft,
        gate: &Gate,
        judge: &Judge,
        at: &dyn Fn(&str) -> String,
    ) {
        self.require(
            gate.metric == Metric::Score,
            at("metric"),
            "A gate with a judge has the metric score.",
        );
        let has_none = [gate.pass_when, gate.fail_when].iter().all(Option::is_none);
        self.require(
            has_none && gate.test.is_none(),
            at("pass_when"),
            "A judge decides by its own limits: leave conditions and test out.",
        );
        self.within(judge.pass, 0.0, 100.0, at("judge.pass"));
        self.within(judge.marginal, 0.0, judge.pass, at("judge.marginal"));
        let window = plan.window_span();
        if let Some(point) = judge.point {
            self.require(
                !point.is_zero() && point.micros() % window.micros().max(1) == 0,
                at("judge.point"),
                format!("It must be a multiple of the plan's window, {window}."),
            );
        }
        self.require(
            judge.metrics().next().is_some(),
            at("judge.groups"),
            "Name at least one metric to judge.",
        );
        let weights: f64 = judge.groups.iter().filter_map(|group| group.weight).sum();
        let is_complete = judge.groups.iter().all(|group| group.weight.is_some());
        self.require(
            // NaN is in no range.
            (0.0..=100.0).contains(&weights) && (!is_complete || weights == 100.0),
            at("judge.groups"),
            "The weights of all groups add up to 100; groups without one share what is left.",
        );
        for (number, group) in judge.groups.iter().enumerate() {
            for (place, judged) in group.metrics.iter().enumerate() {
                use Metric::{Cost, Requests, Share, Value};
                self.require(
                    Metric::ALL.contains(&judged.metric)
                        && !matches!(judged.metric, Requests | Share | Value | Cost),
                    at(&format!("judge.groups[{number}].metrics[{place}].metric")),
                    "Judge a rate, a latency or a quality of each arm: totals follow the share of the traffic.",
                );
            }
        }
    }
}
