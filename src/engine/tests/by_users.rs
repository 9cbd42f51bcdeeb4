//! Tests with users as units: who sends many requests is one observation.

use super::super::{fixture, simulate};
use crate::domain::gate_test::{Method, Test};
use crate::domain::{
    AbMethod, Condition, Gate, Inputs, LabelDelay, Metric, OutcomeKind, PlanDraft, Recording,
    SimSpan, Strategy, StrategyKind, Units,
};

/// Forty users, whose requests are all answered alike.
fn inputs(wrong: &[f64]) -> Inputs {
    let mut inputs = fixture::inputs(wrong);
    let user = |row: usize| ((row * 7_919) % fixture::ROWS / 50) as u64;
    inputs.rows.users = Some((0..fixture::ROWS).map(user).collect());
    inputs
}

fn run(mut draft: PlanDraft, seed: u64, inputs: &Inputs) -> Recording {
    draft.seed = seed;
    draft.traffic.units = Units::Column;
    simulate(&fixture::plan(draft), inputs, &[])
}

#[test]
fn an_ab_test_of_users_is_not_fooled_by_those_who_send_many_requests() {
    // Both models are the same: whatever is shipped is a false finding.
    let inputs = inputs(&[0.3, 0.3]);
    let shipped = |wanted: AbMethod| {
        let mut draft = fixture::draft(StrategyKind::Ab);
        if let Strategy::Ab { method, min_duration, max_duration, .. } = &mut draft.strategy {
            *method = wanted;
            (*min_duration, *max_duration) = (SimSpan::from_secs(100), SimSpan::from_secs(300));
        }
        let runs = (0..12).map(|seed| run(draft.clone(), seed, &inputs));
        runs.filter(|recording| recording.outcome.kind == OutcomeKind::Promoted).count()
    };
    let (by_requests, by_users) = (shipped(AbMethod::Requests), shipped(AbMethod::Users));
    assert!(by_requests >= 3 && by_users <= 1, "{by_requests} and {by_users} of 12");
    // The baseline would have answered the same: nothing is left that could differ.
    assert_eq!(shipped(AbMethod::Cuped), 0);
}

#[test]
fn gates_of_users_find_a_loss_however_late_the_labels_come() {
    for (method, delay) in [
        (Method::Users, LabelDelay::None),
        (Method::Cuped, LabelDelay::None),
        (Method::Cuped, LabelDelay::Constant(SimSpan::from_secs(45))),
    ] {
        let mut draft = fixture::draft(StrategyKind::Canary);
        draft.traffic.label_delay = delay;
        draft.gates = vec![Gate {
            name: "loss".to_owned(),
            metric: Metric::Accuracy,
            fail_when: Some(Condition::AtMostAboveBaseline(0.0)),
            test: Some(Test::new(method)),
            interval: SimSpan::from_secs(10),
            ..Gate::default()
        }];
        let mut inputs = fixture::inputs(&[0.1, 0.4]);
        inputs.rows.users = Some((0..fixture::ROWS as u64).map(|row| row / 4).collect());
        let recording = run(draft.clone(), 7, &inputs);
        assert_eq!(recording.outcome.kind, OutcomeKind::Aborted, "{method:?}, {delay:?}");
        let same = fixture::inputs(&[0.1, 0.1]);
        let good = run(draft, 7, &Inputs { predictions: same.predictions, ..inputs });
        assert_eq!(good.outcome.kind, OutcomeKind::Promoted, "{method:?}, {delay:?}");
    }
}
