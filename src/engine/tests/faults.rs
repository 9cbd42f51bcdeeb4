//! Things scripted to go wrong.

use super::*;

#[test]
fn a_crash_cuts_what_is_in_flight_and_moves_the_rest_to_the_baseline() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[50.0], 400);
    draft.arms[1].latency = Latency::Constant(SimSpan::from_millis(50));
    draft.arms[1].serving.concurrency = 4;
    draft.faults.push(Fault {
        at: SimTime::from_secs(100),
        lasts: Some(secs(30)),
        arm: None,
        what: FaultKind::Crash,
    });
    let recording = run(draft, &[0.1, 0.1]);
    let cut = recording.events.iter().any(|e| matches!(e.kind, EventKind::Cut { .. }));
    assert!(cut, "100 a second at 50 ms: five are in flight at any time");
    // Back after the fault and another cold start.
    assert_eq!(weights(&recording)[1..3], [(100.0, 0.0), (150.0, 0.5)]);
}

#[test]
fn labels_lost_in_an_outage_stay_unknown() {
    let labelled = |fault: Option<FaultKind>| {
        let mut draft = fixture::draft(StrategyKind::Single);
        draft.traffic.label_delay = LabelDelay::Constant(secs(30));
        draft.faults.extend(fault.map(|what| Fault {
            at: SimTime::from_secs(100),
            lasts: Some(secs(100)),
            arm: None,
            what,
        }));
        let recording = run(draft, &[0.1, 0.1]);
        recording.until(recording.end()).unwrap().arms[0].total_quality().labelled as f64
    };
    let (all, lost) = (labelled(None), labelled(Some(FaultKind::LabelOutage)));
    // Of 570 s whose labels become known in time, 100 s are lost.
    assert!((lost / all - 470.0 / 570.0).abs() < 0.01, "{lost} of {all}");
}

#[test]
fn flipped_labels_are_seen_while_they_last() {
    let mut draft = fixture::draft(StrategyKind::Single);
    draft.faults.push(Fault {
        at: SimTime::from_secs(200),
        lasts: Some(secs(100)),
        arm: None,
        what: FaultKind::FlippedLabels { percent: 50.0, segment: None },
    });
    let recording = run(draft, &[0.1, 0.1]);
    let accuracy = |second| {
        let window = recording.window_at(SimTime::from_secs(second)).unwrap();
        window.metric(ArmId::BASELINE, Metric::Accuracy).unwrap()
    };
    assert!((accuracy(100) - 0.9).abs() < 0.03);
    assert!((accuracy(250) - 0.5).abs() < 0.04);
    assert!((accuracy(400) - 0.9).abs() < 0.03);
}

#[test]
fn a_pause_by_an_inconclusive_gate_waits_for_a_person() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[25.0], 200);
    draft.gates.push(Gate {
        fail_when: Some(Condition::AtMost(0.5)),
        on_inconclusive: Reaction::Pause,
        ..gate("accuracy", Metric::Accuracy, Condition::AtLeast(0.95))
    });
    let recording = run(draft, &[0.1, 0.1]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Held);
    assert!(recording.outcome.reason.contains("inconclusive"), "{}", recording.outcome.reason);
}
