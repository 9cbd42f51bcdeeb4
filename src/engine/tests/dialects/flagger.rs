use super::*;

/// `stepWeight: 20, maxWeight: 50, threshold: 2`, a tick a minute.
fn flagger() -> PlanDraft {
    let mut draft = plan(Dialect::Flagger, linear(20.0, 50.0));
    draft.gates[0].failure_limit = Some(1);
    draft
}

#[test]
fn a_passing_canary_overshoots_to_60_and_succeeds_at_the_sixth_tick() {
    let recording = rehearse(flagger());
    let shares = [(60.0, 0.2), (120.0, 0.4), (180.0, 0.6), (300.0, 1.0)];
    assert_eq!(weights(&recording), shares);
    assert_eq!(end(&recording), (OutcomeKind::Promoted, 360.0));
    let checks: Vec<f64> = verdicts(&recording).iter().map(|(at, _)| *at).collect();
    assert_eq!(checks, [120.0, 180.0, 240.0], "none while it is promoted");
}

#[test]
fn two_failed_checks_roll_back_at_the_tick_after() {
    let recording = rehearse(failing(flagger(), &[1, 2, 3]));
    assert_eq!(end(&recording), (OutcomeKind::Aborted, 240.0));
    let failed = [(120.0, Verdict::Fail), (180.0, Verdict::Fail)];
    assert_eq!(verdicts(&recording), failed, "no check at the tick that rolls back");
    assert_eq!(weights(&recording), [(60.0, 0.2), (240.0, 0.0)], "the weight stays");
}

#[test]
fn a_pass_in_between_forgives_nothing() {
    assert_eq!(end(&rehearse(failing(flagger(), &[1, 3]))), (OutcomeKind::Aborted, 300.0));
}

#[test]
fn failures_of_different_checks_add_up_and_the_first_ends_the_tick() {
    let mut draft = failing(flagger(), &[1]);
    draft.gates.push(Gate {
        name: "never".to_owned(),
        pass_when: Some(Condition::AtMost(-1.0)),
        failure_limit: Some(9),
        ..draft.gates[0].clone()
    });
    let recording = rehearse(draft);
    assert_eq!(end(&recording), (OutcomeKind::Aborted, 240.0));
    assert_eq!(verdicts(&recording).len(), 3, "one at 120, two at 180");
}

#[test]
fn no_data_and_no_answer_are_failed_checks() {
    let mut draft = flagger();
    draft.gates[0].metric = Metric::Rmse;
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Aborted, 240.0));
    let mut draft = flagger();
    draft.faults.push(Fault { what: FaultKind::MetricOutage, ..error_fault(70, 0.0) });
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Aborted, 240.0));
}

#[test]
fn a_check_looks_back_over_the_last_weight() {
    let mut draft = flagger();
    draft.traffic.arrivals = Arrivals::Constant { per_second: 200.0 };
    draft.gates[0].window = Some(secs(120));
    let recording = rehearse(draft);
    let samples = recording.events.iter().find_map(|event| match &event.kind {
        EventKind::Measured(m) if event.at == SimTime::from_secs(180) => Some(m.samples as f64),
        _ => None,
    });
    let expected = 200.0 * 60.0 * (0.2 + 0.4);
    assert!((samples.unwrap() / expected - 1.0).abs() < 0.05, "{samples:?} {expected}");
}

fn blue_green(mirror: f64) -> Recording {
    let mut draft = flagger();
    draft.strategy = StrategyKind::BlueGreen.default_strategy();
    if let Strategy::BlueGreen { preview_mirror_percent, .. } = &mut draft.strategy {
        *preview_mirror_percent = mirror;
    }
    rehearse(draft)
}

#[test]
fn a_blue_green_of_n_iterations_takes_n_plus_1_checks_and_n_plus_5_ticks() {
    // Two minutes of preview: two iterations.
    let recording = blue_green(100.0);
    let checks: Vec<f64> = verdicts(&recording).iter().map(|(at, _)| *at).collect();
    assert_eq!(checks, [120.0, 180.0, 240.0]);
    assert_eq!(weights(&recording), [(180.0, 1.0)]);
    assert_eq!(end(&recording), (OutcomeKind::Promoted, 360.0), "the seventh tick from 0");
}

#[test]
fn a_blue_green_without_traffic_is_rolled_back() {
    assert_eq!(end(&blue_green(0.0)), (OutcomeKind::Aborted, 240.0));
}

#[test]
fn without_analysis_readiness_is_all_that_counts() {
    let mut draft = failing(flagger(), &[0, 1, 2, 3]);
    draft.strategy = StrategyKind::Direct.default_strategy();
    assert_eq!(end(&rehearse(draft)), (OutcomeKind::Promoted, 60.0));
}
