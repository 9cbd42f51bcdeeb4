//! Gates that compare the arms with one another.

use super::*;

/// Half of the users for five minutes behind one gate that compares the arms.
fn compared(metric: Metric, limit: Condition) -> PlanDraft {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[50.0], 300);
    draft.gates.push(gate("between", metric, limit));
    draft
}

#[test]
fn a_split_as_planned_passes_and_says_so() {
    let recording = run(compared(Metric::Split, Condition::AtLeast(0.001)), &[0.1, 0.1]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
    let evidence = recording.events.iter().find_map(|event| event.kind.evidence());
    assert!(evidence.is_some_and(|(_, text)| text.contains("chi-square")));
}

#[test]
fn answers_that_drift_from_the_baseline_s_stop_the_rollout() {
    // The fixture's arms answer 0.8 or 0.3; the second candidate says yes more often.
    for (metric, limit) in [
        (Metric::Psi, 0.1),
        (Metric::JensenShannon, 0.01),
        (Metric::Ks, 0.1),
        (Metric::Wasserstein, 0.05),
    ] {
        let plan = compared(metric, Condition::AtMost(limit));
        let same = run(plan.clone(), &[0.1, 0.1]);
        assert_eq!(same.outcome.kind, OutcomeKind::Promoted, "{metric:?}");
        let other = run(plan, &[0.0, 0.9]);
        assert_eq!(other.outcome.kind, OutcomeKind::Aborted, "{metric:?}");
    }
}
