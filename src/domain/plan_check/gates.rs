//! The rules of gates.

use super::Check;
use crate::domain::gate_test::Method;
use crate::domain::{Condition, Gate, Metric, PlanDraft};

impl Check {
    pub(super) fn gates(&mut self, plan: &PlanDraft) {
        for (index, gate) in plan.gates.iter().enumerate() {
            let at = |name: &str| format!("gates[{index}].{name}");
            self.require(!gate.name.trim().is_empty(), at("name"), "Give the gate a name.");
            self.span(gate.interval, at("interval"));
            self.gate_limits(gate, &at);
            self.gate_test(gate, &at);
            for (name, condition) in [("pass_when", gate.pass_when), ("fail_when", gate.fail_when)]
            {
                let Some(condition) = condition else { continue };
                self.require(
                    !(gate.metric.is_comparison() && condition.needs_baseline()),
                    at(name),
                    "This metric compares with the baseline already: write at_most or at_least.",
                );
                self.require(
                    condition.number().is_finite(),
                    at(name),
                    "The limit is not a number.",
                );
                self.percent_slip(gate, condition, &at(name));
            }
            if let Some(judge) = &gate.judge {
                self.judge(plan, gate, judge, &at);
                continue;
            }
            self.require(
                gate.metric != Metric::Score,
                at("judge"),
                "A score needs a judge: say which metrics it is made of, or choose another metric.",
            );
            self.require(
                gate.pass_when.is_some() || gate.fail_when.is_some(),
                at("pass_when"),
                "Without a condition this gate always passes: say when it passes or when it fails.",
            );
        }
    }

    /// A test needs a metric whose chance it knows, and a condition that it can settle.
    fn gate_test(&mut self, gate: &Gate, at: &dyn Fn(&str) -> String) {
        let Some(test) = gate.test else {
            self.require(
                gate.correction.is_none(),
                at("correction"),
                "Only gates with a test share a chance of false alarms: choose a test, or none.",
            );
            return;
        };
        let name = test.method.label();
        self.require(
            test.alpha > 0.0 && test.alpha <= 0.5,
            at("test.alpha"),
            "The accepted chance of a false alarm lies between 0 and 0.5, for example 0.01.",
        );
        let fitting: Vec<&str> = Metric::ALL
            .into_iter()
            .filter(|metric| test.method.fits(*metric))
            .map(Metric::label)
            .collect();
        self.require(
            test.method.fits(gate.metric),
            at("test.method"),
            format!("The {name} judges one of: {}.", fitting.join(", ")),
        );
        if test.method.is_by_users() {
            self.against_baseline(gate, name, at);
        }
        if !matches!(test.method, Method::Label | Method::Quantile) {
            return;
        }
        let is_right = match gate.fail_when {
            Some(Condition::AtMostTimesBaseline(x)) => gate.metric == Metric::Accuracy && x == 1.0,
            Some(Condition::AtLeastTimesBaseline(x)) => gate.metric != Metric::Accuracy && x > 0.0,
            _ => false,
        };
        let example = match gate.metric {
            Metric::Accuracy => "at_most_times_baseline = 1.0",
            _ => "at_least_times_baseline = 1.0",
        };
        self.require(
            is_right && gate.pass_when.is_none(),
            at("fail_when"),
            format!("The {name} shows harm only: leave pass_when empty and write {example}."),
        );
    }

    /// With users as units the arms' difference is tested, and nothing else.
    fn against_baseline(&mut self, gate: &Gate, name: &str, at: &dyn Fn(&str) -> String) {
        for (field, condition) in [("pass_when", gate.pass_when), ("fail_when", gate.fail_when)] {
            let is_difference = matches!(
                condition,
                None | Some(Condition::AtMostAboveBaseline(_) | Condition::AtMostBelowBaseline(_))
            );
            self.require(
                is_difference,
                at(field),
                format!(
                    "With {name} the test is about the difference of the arms: write \
                     at_most_below_baseline or at_most_above_baseline."
                ),
            );
        }
    }

    /// `at_most = 2` for an error rate means 200 %: surely 2 % was meant.
    fn percent_slip(&mut self, gate: &Gate, condition: Condition, field: &str) {
        let is_factor = matches!(
            condition,
            Condition::AtMostTimesBaseline(_) | Condition::AtLeastTimesBaseline(_)
        );
        let number = condition.number();
        self.require(
            is_factor || !gate.metric.is_share() || number.abs() <= 1.0,
            field,
            format!(
                "{} is a share from 0 to 1: write {} for {number} %.",
                gate.metric.label(),
                number / 100.0
            ),
        );
    }

    fn gate_limits(&mut self, gate: &Gate, at: &dyn Fn(&str) -> String) {
        if let Some(window) = gate.window {
            self.require(
                !window.is_zero() && window.micros() % gate.interval.micros().max(1) == 0,
                at("window"),
                format!("It must be a multiple of the interval, {}.", gate.interval),
            );
            self.require(
                window.micros() / gate.interval.micros().max(1) <= 1_000,
                at("window"),
                "It may hold at most 1000 intervals.",
            );
        }
        if let Some(count) = gate.count {
            let successes = gate.success_limit.unwrap_or(0);
            self.require(count > 0, at("count"), "Measure at least once, or leave it empty.");
            self.require(
                count >= gate.failure_limit.unwrap_or(0).saturating_add(successes)
                    && count >= gate.inconclusive_limit,
                at("count"),
                "The limits can never be reached with so few measurements.",
            );
        }
        self.require(
            gate.failure_limit.is_some() || gate.success_limit.is_some(),
            at("failure_limit"),
            "Set a limit of failures or of successes, or the gate never concludes.",
        );
        self.require(
            gate.success_limit != Some(0),
            at("success_limit"),
            "Leave it empty to turn it off.",
        );
        self.require(gate.from_stage >= 1, at("from_stage"), "Stages are counted from 1.");
    }
}
