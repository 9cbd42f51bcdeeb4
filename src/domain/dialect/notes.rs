//! What a dialect ignores of a plan or reads differently, in words.

use super::{Dialect, flagger, sagemaker};
use crate::domain::{Gate, PlanDraft, PlanProblem, SimSpan, SplitBy, Strategy, StrategyKind};

/// One note for each thing, with the field it is about. Empty for our own dialect.
pub fn notes(plan: &PlanDraft) -> Vec<PlanProblem> {
    let mut notes = Notes { plan, found: Vec::new() };
    match plan.dialect {
        Dialect::Rehearsal => {}
        Dialect::Argo => notes.argo(),
        Dialect::Flagger => notes.flagger(),
        Dialect::Sagemaker => notes.sagemaker(),
    }
    if plan.dialect != Dialect::Rehearsal {
        notes.everywhere();
    }
    notes.found
}

struct Notes<'a> {
    plan: &'a PlanDraft,
    found: Vec<PlanProblem>,
}

impl Notes<'_> {
    fn note(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.found.push(PlanProblem { field: field.into(), message: message.into() });
    }

    /// A note at the field of each gate for which `is_meant` holds.
    fn gates(
        &mut self,
        field: &str,
        is_meant: impl Fn(&Gate) -> bool,
        says: &dyn Fn(&Gate) -> String,
    ) {
        let plan = self.plan;
        for (place, gate) in plan.gates.iter().enumerate().filter(|(_, gate)| is_meant(gate)) {
            self.note(format!("gates[{place}].{field}"), says(gate));
        }
    }

    fn everywhere(&mut self) {
        let name = self.plan.dialect.label();
        self.gates("test", |gate| gate.test.is_some(), &|gate| {
            format!(
                "{name} compares bare values: `{}` does not weigh chance here, and fails on any that is past its limit.",
                gate.name
            )
        });
        let Strategy::Canary { ramp, .. } = &self.plan.strategy else { return };
        let dialect = self.plan.dialect;
        let is_broken = |weight: f64| dialect.weight(weight) != weight;
        if dialect != Dialect::Sagemaker && ramp.steps().iter().any(|step| is_broken(step.weight)) {
            self.note(
                "strategy.ramp",
                format!("{name} knows whole percents: weights are rounded."),
            );
        }
    }

    fn argo(&mut self) {
        self.note(
            "dialect",
            "Argo Rollouts has no min_samples, max_hold or on_no_data: before the candidate's first request a measurement is an error, later without any it passes or fails by how the condition is written. A gate that saw nothing blocks nothing.",
        );
        self.note(
            "deadline",
            "Argo Rollouts marks a rollout that is late as degraded and goes on waiting.",
        );
        let start = self.plan.arms.get(1).map_or(SimSpan::ZERO, |arm| arm.serving.cold_start);
        self.gates(
            "initial_delay",
            |gate| {
                let patience = Gate::ERROR_RETRY.times(u64::from(gate.error_limit));
                gate.from_stage <= 1
                    && gate.only_stage.is_none()
                    && gate.initial_delay + patience < start
            },
            &|gate| {
                let patience = Gate::ERROR_RETRY.times(u64::from(gate.error_limit));
                format!(
                    "Argo Rollouts measures `{}` from the start, while the candidate needs {} to be ready: {} errors in a row abort after {}. Set initial_delay.",
                    gate.name,
                    start.words(),
                    gate.error_limit + 1,
                    (gate.initial_delay + patience).words()
                )
            },
        );
    }

    fn flagger(&mut self) {
        let plan = self.plan;
        if plan.strategy.kind() == StrategyKind::Direct {
            self.note(
                "strategy.bake",
                "Flagger promotes without analysis once the candidate is ready: no gate is asked and nothing bakes.",
            );
            return;
        }
        let interval = flagger::interval(plan);
        let failures = match flagger::threshold(plan) {
            1 => "One failed check rolls back".to_owned(),
            threshold => format!("{threshold} failed checks, of whichever gates, roll back"),
        };
        self.note(
            "gates",
            format!(
                "Flagger checks everything once per tick of {}; a tick ends with the first check that fails, and no data is a failed check. {failures}, one tick later. count, initial_delay, from_stage, only_stage, and the limits of errors, successes and inconclusive results are ignored.",
                interval.words()
            ),
        );
        self.gates("dry_run", |gate| gate.dry_run, &|gate| {
            format!("Flagger has no dry run: `{}` is left out.", gate.name)
        });
        match &plan.strategy {
            Strategy::Canary { ramp, by, dynamic_stable_scale, .. } => {
                let holds = ramp.steps().into_iter().filter_map(|step| step.hold);
                if holds.into_iter().any(|hold| hold != interval) {
                    let message = format!(
                        "Flagger has one interval: every stage lasts {}.",
                        interval.words()
                    );
                    self.note("strategy.ramp", message);
                }
                let reached = flagger::weights(ramp).last().map_or(0.0, |weight| weight.percent);
                let planned = ramp.steps().last().map_or(0.0, |step| step.weight);
                if reached > planned.round() {
                    let message =
                        format!("Flagger goes on to {reached} % before it stops at {planned} %.");
                    self.note("strategy.ramp.linear.max", message);
                }
                if *by == SplitBy::Servers || *dynamic_stable_scale {
                    self.note(
                        "strategy.by",
                        "Flagger keeps two full fleets and splits the traffic between them by weight.",
                    );
                }
            }
            Strategy::BlueGreen { preview, bake, preview_replicas, .. } => {
                let checks = flagger::iterations(*preview, interval);
                self.note(
                    "strategy.preview",
                    format!("Flagger makes {checks} checks before the switch."),
                );
                if *bake != interval {
                    let message = format!(
                        "Flagger checks once after the switch, {} later.",
                        interval.words()
                    );
                    self.note("strategy.bake", message);
                }
                if preview_replicas.is_some() {
                    self.note("strategy.preview_replicas", "Flagger starts a full fleet.");
                }
            }
            _ => {}
        }
    }

    fn sagemaker(&mut self) {
        let plan = self.plan;
        if plan.strategy.kind() == StrategyKind::Shadow {
            let message = "A shadow test of SageMaker has no alarms: gates are measured and shown, but do nothing.";
            return self.note("gates", message);
        }
        if plan.gates.iter().all(|gate| sagemaker::datapoints(gate).is_none()) {
            self.note("gates", "Without an alarm SageMaker never goes back by itself.");
        } else {
            self.note(
                "gates",
                "Gates are alarms to SageMaker: breaches in a row, one more than failure_limit, set one off, and any that does ends the rollout. Without data nothing happens. All alarms watch from the first shift on; counts and other limits are ignored.",
            );
        }
        let wait = sagemaker::wait(plan);
        match &plan.strategy {
            Strategy::Canary { ramp, .. } => self.sagemaker_canary(ramp, wait),
            Strategy::BlueGreen { .. } => self.note(
                "strategy.preview",
                "SageMaker has no preview: all traffic is switched as soon as the new fleet is ready.",
            ),
            Strategy::Direct { in_place: true, .. } => {
                self.note("strategy.in_place", "SageMaker always starts a second fleet first.");
            }
            Strategy::Rolling { max_surge_percent, .. } => self.note(
                "strategy.max_surge_percent",
                format!(
                    "SageMaker moves batches of {} % of the fleet and waits {} after each.",
                    sagemaker::batch(*max_surge_percent),
                    wait.words()
                ),
            ),
            _ => {}
        }
    }

    fn sagemaker_canary(&mut self, ramp: &crate::domain::Ramp, wait: SimSpan) {
        let fleet = self.plan.arms.get(1).map_or(1, |arm| arm.serving.replicas);
        let routing = sagemaker::Routing::of(ramp);
        let mut shares: Vec<String> = routing
            .shares(fleet)
            .iter()
            .map(|share| format!("{} %", (share * 1e4).round() / 100.0))
            .collect();
        shares.push("100 %".to_owned());
        let (name, size) = match routing {
            sagemaker::Routing::Canary(size) => ("CANARY", size),
            sagemaker::Routing::Linear(size) => ("LINEAR", size),
        };
        let message = format!(
            "SageMaker shifts {name} by {size} % of the capacity, in whole instances ({}), and waits {} after each shift, the last too.",
            shares.join(", "),
            wait.words()
        );
        self.note("strategy.ramp", message);
        if ramp.steps().iter().any(|step| step.hold.is_none()) {
            self.note("strategy.ramp", "SageMaker waits for no person.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Metric, Ramp};

    fn fields(dialect: Dialect, change: impl Fn(&mut PlanDraft)) -> Vec<String> {
        let mut plan = PlanDraft { dialect, ..PlanDraft::default() };
        plan.gates.push(Gate {
            name: "errors".to_owned(),
            metric: Metric::ErrorRate,
            ..Gate::default()
        });
        change(&mut plan);
        notes(&plan).into_iter().map(|note| note.field).collect()
    }

    #[test]
    fn only_what_is_changed_is_noted() {
        assert_eq!(fields(Dialect::Rehearsal, |_| {}), [""; 0]);
        let starting = |secs: u64| {
            move |plan: &mut PlanDraft| plan.arms[1].serving.cold_start = SimSpan::from_secs(secs)
        };
        assert_eq!(fields(Dialect::Argo, starting(40)), ["dialect", "deadline"]);
        assert_eq!(
            fields(Dialect::Argo, starting(41)),
            ["dialect", "deadline", "gates[0].initial_delay"]
        );
        let overshoots = |plan: &mut PlanDraft| {
            let hold = SimSpan::from_secs(60);
            plan.strategy = StrategyKind::Canary.default_strategy();
            if let Strategy::Canary { ramp, .. } = &mut plan.strategy {
                *ramp = Ramp::Linear { step: 20.0, max: 50.0, hold };
            }
        };
        assert_eq!(fields(Dialect::Flagger, overshoots), ["gates", "strategy.ramp.linear.max"]);
        assert_eq!(fields(Dialect::Sagemaker, overshoots), ["gates", "strategy.ramp"]);
    }
}
