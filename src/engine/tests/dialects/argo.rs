use super::*;

fn argo(ramp: Ramp) -> PlanDraft {
    let mut draft = plan(Dialect::Argo, ramp);
    draft.gates[0].initial_delay = secs(60);
    draft
}

#[test]
fn a_failure_limit_of_three_fails_on_the_fourth() {
    let mut draft = failing(argo(one_step(50.0, 500)), &[0, 1, 2, 3, 4, 5, 6]);
    draft.gates[0].failure_limit = Some(3);
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Aborted, 240.0));
}

#[test]
fn an_outage_of_the_metrics_aborts_forty_seconds_after_the_first_error() {
    let mut draft = argo(one_step(10.0, 300));
    draft.faults.push(Fault { what: FaultKind::MetricOutage, ..error_fault(70, 0.0) });
    let recording = rehearse(draft);
    assert_eq!(end(&recording), (OutcomeKind::Aborted, 160.0));
    let asked: Vec<f64> = verdicts(&recording).iter().map(|(at, _)| *at).collect();
    assert_eq!(asked, [60.0, 120.0, 130.0, 140.0, 150.0, 160.0]);
}

#[test]
fn analyses_do_not_wait_for_the_candidate_to_start() {
    let mut draft = plan(Dialect::Argo, one_step(10.0, 300));
    draft.arms[1].serving.cold_start = secs(60);
    assert_eq!(end(&rehearse(draft.clone())), (OutcomeKind::Aborted, 40.0), "no series: an error");
    draft.gates[0].initial_delay = secs(61);
    assert_eq!(rehearse(draft).outcome.kind, OutcomeKind::Promoted);
}

/// A rollout whose labels stop, so that the accuracy of the last minute is NaN from 180 on.
fn without_labels(pass_when: Option<Condition>, fail_when: Option<Condition>) -> Recording {
    let mut draft = argo(one_step(50.0, 240));
    draft.faults.push(Fault { what: FaultKind::LabelOutage, ..error_fault(90, 0.0) });
    let accuracy = Metric::Accuracy;
    draft.gates[0] = Gate {
        metric: accuracy,
        pass_when,
        fail_when,
        initial_delay: secs(180),
        ..draft.gates[0].clone()
    };
    rehearse(draft)
}

#[test]
fn no_data_has_four_answers() {
    let (good, bad) = (Some(Condition::AtLeast(0.5)), Some(Condition::AtMost(0.5)));
    assert_eq!(end(&without_labels(good, None)), (OutcomeKind::Aborted, 180.0), "NaN fails");
    assert_eq!(end(&without_labels(None, bad)), (OutcomeKind::Promoted, 240.0), "NaN passes");
    let both = without_labels(good, bad);
    assert_eq!(both.outcome.kind, OutcomeKind::Held, "NaN is inconclusive");
    assert!(both.events.iter().any(|event| {
        matches!(event.kind, EventKind::Paused(_)) && event.at == SimTime::from_secs(180)
    }));
    let mut never = argo(one_step(50.0, 240));
    never.gates[0].metric = Metric::Accuracy;
    never.faults.push(Fault { what: FaultKind::LabelOutage, ..error_fault(0, 0.0) });
    assert_eq!(end(&rehearse(never)), (OutcomeKind::Aborted, 100.0), "no series is an error");
}

#[test]
fn a_background_that_measured_nothing_does_not_block_the_promotion() {
    let mut draft = argo(one_step(10.0, 120));
    draft.gates[0].initial_delay = secs(500);
    assert_eq!(end(&rehearse(draft.clone())), (OutcomeKind::Promoted, 120.0));
    draft.dialect = Dialect::Rehearsal;
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Promoted, 560.0), "ours waits for a look");
}

#[test]
fn a_step_s_own_analysis_follows_its_pause() {
    let mut draft = plan(Dialect::Argo, one_step(10.0, 100));
    draft.gates[0].only_stage = Some(1);
    draft.gates[0].count = Some(3);
    // Pause to 100, then looks at 100, 160 and 220.
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Promoted, 220.0));
}

#[test]
fn the_countdown_of_a_blue_green_begins_after_its_analysis() {
    let mut draft = plan(Dialect::Argo, one_step(10.0, 60));
    draft.strategy = StrategyKind::BlueGreen.default_strategy();
    draft.gates[0] = Gate {
        only_stage: Some(1),
        count: Some(2),
        initial_delay: secs(30),
        ..draft.gates[0].clone()
    };
    // Looks at 30 and 90, then the preview of two minutes.
    assert_eq!(weights(&rehearse(draft)), [(210.0, 1.0)]);
}

#[test]
fn an_inconclusive_analysis_ends_as_a_whole_and_a_resume_starts_a_new_one() {
    let mut draft = argo(one_step(50.0, 400));
    let other = Gate { name: "other".to_owned(), interval: secs(10), ..draft.gates[0].clone() };
    draft.gates[0].pass_when = Some(Condition::AtMost(0.0));
    draft.gates[0].fail_when = Some(Condition::AtLeast(1.0));
    draft.gates.push(other);
    // A few of the candidate's requests fail: neither all of them nor none.
    draft.faults.push(error_fault(0, 1.0));
    let resume = Intervention { at: SimTime::from_secs(200), kind: InterventionKind::Resume };
    let recording = simulate(&fixture::plan(draft), &fixture::inputs(&[0.1, 0.1]), &[resume]);
    let looks: Vec<f64> = verdicts(&recording).iter().map(|(at, _)| *at).collect();
    assert_eq!(looks, [60.0, 60.0, 260.0, 260.0]);
}

#[test]
fn a_late_rollout_is_only_marked() {
    let mut draft = argo(one_step(10.0, 60));
    draft.gates.clear();
    draft.arms[1].serving.cold_start = secs(400);
    draft.arms[1].serving.replicas = 1;
    draft.deadline = secs(100);
    let recording = rehearse(draft.clone());
    assert_eq!(end(&recording), (OutcomeKind::Promoted, 460.0));
    let marks: Vec<SimTime> = recording
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Degraded(_)))
        .map(|event| event.at)
        .collect();
    assert_eq!(marks, [SimTime::from_secs(100)], "once");
    draft.dialect = Dialect::Flagger;
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Aborted, 100.0), "Flagger rolls back");
}
