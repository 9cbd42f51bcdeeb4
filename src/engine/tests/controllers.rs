//! Gates and the rollout by our own rules: limits, answers to no data, stages that wait.

use super::*;

#[test]
fn an_outage_of_the_metrics_aborts_forty_seconds_after_the_first_error() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[10.0], 300);
    draft.gates.push(Gate {
        interval: secs(60),
        ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
    });
    draft.faults.push(Fault {
        at: SimTime::from_secs(70),
        lasts: None,
        arm: None,
        what: FaultKind::MetricOutage,
    });
    let recording = run(draft, &[0.1, 0.1]);
    // In force at 20, asked at 80 for the first time, then every ten seconds; the fifth error.
    assert_eq!((recording.outcome.kind, at(&recording)), (OutcomeKind::Aborted, 120.0));
}

/// What becomes of a rollout whose gate never sees enough.
fn without_data(answer: Answer) -> Recording {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[10.0], 120);
    draft.gates.push(Gate {
        min_samples: 1_000_000,
        on_no_data: answer,
        max_hold: 3,
        ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
    });
    run(draft, &[0.1, 0.1])
}

#[test]
fn the_answers_to_no_data_lead_to_different_ends() {
    let end = |answer| {
        let recording = without_data(answer);
        (recording.outcome.kind, at(&recording))
    };
    assert_eq!(end(Answer::Pass), (OutcomeKind::Promoted, 160.0));
    assert_eq!(end(Answer::Fail), (OutcomeKind::Aborted, 50.0));
    assert_eq!(end(Answer::Error), (OutcomeKind::Aborted, 90.0));
    assert_eq!(end(Answer::Inconclusive).0, OutcomeKind::Held);
    let held = without_data(Answer::Hold);
    assert_eq!(held.outcome.kind, OutcomeKind::Held, "never promoted unseen");
    let paused = held.events.iter().find(|e| matches!(e.kind, EventKind::Paused(_))).unwrap();
    // Held at 50, 80 and 110, inconclusive at 140.
    assert_eq!(paused.at, SimTime::from_secs(140));
}

#[test]
fn a_gate_of_one_stage_keeps_it_until_it_has_concluded() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[10.0, 50.0], 30);
    draft.gates.push(Gate {
        count: Some(4),
        only_stage: Some(1),
        ..gate("errors", Metric::ErrorRate, Condition::AtMost(0.05))
    });
    let recording = run(draft, &[0.1, 0.1]);
    // In force at 20; four looks, 30 s apart, end at 140; the next replica is ready at 160.
    assert_eq!(weights(&recording)[1], (160.0, 0.5));
}

#[test]
fn a_dry_run_is_measured_and_has_no_effect() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.gates.push(Gate { dry_run: true, ..quality_gate() });
    let recording = run(draft, &[0.1, 0.5]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
    let failed =
        |kind: &EventKind| matches!(kind, EventKind::Measured(m) if m.verdict == Verdict::Fail);
    assert!(recording.events.iter().any(|event| failed(&event.kind)));
}
