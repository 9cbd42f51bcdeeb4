//! Gates that judge several metrics into a score.

use super::*;
use crate::domain::judge::{Judge, Label};

/// Half of the users for five minutes, judged every two: twelve values of ten seconds.
fn judged(errors: f64) -> PlanDraft {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[50.0], 300);
    draft.gates.push(Gate {
        name: "score".to_owned(),
        metric: Metric::Score,
        judge: Some(Judge::default()),
        interval: secs(120),
        ..Gate::default()
    });
    // Servers enough that nobody waits: else the arm with fewer of them is really slower.
    draft.arms.iter_mut().for_each(|arm| arm.serving.replicas = 40);
    if errors > 0.0 {
        draft.faults.push(error_fault(0, errors));
    }
    draft
}

fn scores(recording: &Recording) -> Vec<(f64, Vec<Label>)> {
    let scored = |event: &crate::domain::Event| match &event.kind {
        EventKind::Scored(scored) => {
            Some((scored.score, scored.metrics.iter().map(|of| of.label).collect()))
        }
        _ => None,
    };
    recording.events.iter().filter_map(scored).collect()
}

#[test]
fn equal_arms_score_a_hundred_and_failing_ones_half() {
    let good = run(judged(0.0), &[0.1, 0.1]);
    assert_eq!(good.outcome.kind, OutcomeKind::Promoted);
    assert_eq!(scores(&good), vec![(100.0, vec![Label::Pass; 3]); 2]);
    let bad = run(judged(5.0), &[0.1, 0.1]);
    // In force at 20, judged at 140: one of two groups failed.
    assert_eq!((bad.outcome.kind, at(&bad)), (OutcomeKind::Aborted, 140.0));
    assert_eq!(scores(&bad), [(50.0, vec![Label::High, Label::Pass, Label::Pass])]);
    assert!(bad.outcome.reason.contains("Error rate high"), "{}", bad.outcome.reason);
}

#[test]
fn a_marginal_score_is_inconclusive() {
    let mut draft = judged(5.0);
    if let Some(judge) = &mut draft.gates[0].judge {
        judge.marginal = 50.0;
    }
    assert_eq!(run(draft, &[0.1, 0.1]).outcome.kind, OutcomeKind::Held);
}

#[test]
fn with_too_few_values_it_holds_where_kayenta_judges() {
    let mut draft = judged(0.0);
    draft.gates[0].interval = secs(60);
    let held = run(draft.clone(), &[0.1, 0.1]);
    let first = held.events.iter().find_map(|event| match &event.kind {
        EventKind::Measured(m) => Some((m.verdict, m.samples)),
        _ => None,
    });
    assert_eq!(first, Some((Verdict::Hold, 6)));
    draft.dialect = Dialect::Argo;
    draft.gates[0].initial_delay = secs(60);
    let judged = run(draft, &[0.1, 0.1]);
    assert_eq!(scores(&judged).len(), 5, "at 60 already, and each minute to 300");
}
