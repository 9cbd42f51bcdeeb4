use super::*;

fn sagemaker(ramp: Ramp) -> PlanDraft {
    plan(Dialect::Sagemaker, ramp)
}

#[test]
fn a_canary_moves_whole_instances_and_bakes_twice() {
    // 5 % of four instances is one.
    let recording = rehearse(sagemaker(one_step(5.0, 60)));
    assert_eq!(weights(&recording), [(0.0, 0.25), (60.0, 1.0)]);
    assert_eq!(end(&recording), (OutcomeKind::Promoted, 120.0));
}

#[test]
fn a_linear_ramp_goes_on_to_everything_in_even_steps() {
    let mut draft = sagemaker(linear(20.0, 50.0));
    draft.arms[1].serving.replicas = 10;
    let shares = [(0.0, 0.2), (60.0, 0.4), (120.0, 0.6), (180.0, 0.8), (240.0, 1.0)];
    assert_eq!(weights(&rehearse(draft)), shares);
}

#[test]
fn only_breaches_in_a_row_set_off_an_alarm() {
    let mut draft = sagemaker(one_step(50.0, 200));
    draft.gates[0].failure_limit = Some(1);
    let apart = rehearse(failing(draft.clone(), &[0, 2]));
    assert_eq!(apart.outcome.kind, OutcomeKind::Promoted);
    assert_eq!(end(&rehearse(failing(draft, &[1, 2]))), (OutcomeKind::Aborted, 180.0));
}

#[test]
fn an_alarm_in_the_last_bake_brings_the_old_fleet_back_at_once() {
    let recording = rehearse(failing(sagemaker(one_step(50.0, 120)), &[2]));
    assert_eq!(end(&recording), (OutcomeKind::RolledBack, 180.0));
    assert_eq!(weights(&recording), [(0.0, 0.5), (120.0, 1.0), (180.0, 0.0)]);
}

#[test]
fn without_data_or_without_alarms_nothing_goes_back() {
    let mut draft = failing(sagemaker(one_step(50.0, 120)), &[0, 1, 2, 3]);
    draft.gates[0].metric = Metric::Rmse;
    assert_eq!(rehearse(draft.clone()).outcome.kind, OutcomeKind::Promoted, "no data");
    draft.gates[0].metric = Metric::ErrorRate;
    draft.gates[0].dry_run = true;
    assert_eq!(rehearse(draft).outcome.kind, OutcomeKind::Promoted, "no alarm");
}

#[test]
fn a_shadow_test_has_no_alarms() {
    let mut draft = failing(sagemaker(one_step(50.0, 120)), &[0, 1, 2, 3]);
    draft.strategy = StrategyKind::Shadow.default_strategy();
    let recording = rehearse(draft);
    assert_eq!(recording.outcome.kind, OutcomeKind::Promoted, "the end of the schedule decides");
    assert!(verdicts(&recording).iter().any(|(_, verdict)| *verdict == Verdict::Fail));
}
