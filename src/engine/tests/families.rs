//! Gates that share one chance of a false alarm.

use super::*;
use crate::domain::gate_test::{Correction, Method, Test};

/// Six gates on one and the same candidate as the baseline, each with a look per half minute.
fn aborted(correction: Correction) -> usize {
    let metrics = [Metric::Accuracy, Metric::PositiveRate, Metric::LatencyMean];
    let gates = metrics.into_iter().flat_map(|metric| {
        let conditions = [Condition::AtMostAboveBaseline(0.0), Condition::AtMostBelowBaseline(0.0)];
        conditions.into_iter().enumerate().map(move |(side, condition)| Gate {
            test: Some(Test { method: Method::Fixed, alpha: 0.05 }),
            correction,
            count: Some(1),
            interval: secs(120),
            max_hold: 0,
            on_inconclusive: Reaction::Continue,
            ..gate(&format!("{} {side}", metric.label()), metric, condition)
        })
    });
    let mut draft = fixture::draft(StrategyKind::Ab);
    draft.gates = gates.collect();
    let runs = (0..40).map(|seed| PlanDraft { seed, ..draft.clone() });
    runs.filter(|draft| run(draft.clone(), &[0.2, 0.2]).outcome.kind == OutcomeKind::Aborted)
        .count()
}

#[test]
fn a_family_raises_fewer_false_alarms_than_its_members_alone() {
    let alone = aborted(Correction::None);
    let holm = aborted(Correction::Holm);
    // Six one-sided looks at 5 % each, in three pairs: three chances in ten, give or take; together
    // no more than one in twenty.
    assert!((5..=20).contains(&alone), "{alone} of 40");
    assert!(holm <= 6 && holm * 2 <= alone, "{holm} against {alone} of 40");
    assert!(aborted(Correction::BenjaminiHochberg) >= holm);
}
