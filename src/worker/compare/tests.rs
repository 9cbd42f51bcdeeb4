use super::super::fixture;
use super::*;
use crate::domain::{Fault, FaultKind, SimSpan, Strategy};

fn digests(threads: usize) -> Vec<String> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (plan, inputs) = (fixture::plan(), fixture::inputs());
    let all =
        pool.install(|| compare(&plan, &StrategyKind::ALL, &inputs, &Progress::default())).unwrap();
    assert!(all.iter().map(|one| one.kind).eq(StrategyKind::ALL), "the order is kept");
    all.iter().map(|one| one.recording.digest()).collect()
}

#[test]
fn threads_do_not_change_a_comparison() {
    assert_eq!(digests(1), digests(2));
}

#[test]
fn every_sample_plan_has_a_form_for_every_strategy_that_fits_its_traffic() {
    for plan in super::super::Story::ALL.into_iter().flat_map(super::super::Story::plans) {
        let path = plan.path;
        let plan = plan.draft.validate().unwrap();
        for kind in StrategyKind::ALL {
            let derived = Variant::derive(&plan, kind, &Inputs::default());
            if plan.arms.len() == 1 && kind != StrategyKind::Single {
                assert!(matches!(derived, Err(Error::NoVariant { .. })), "{path} {kind:?}");
                continue;
            }
            let derived = derived.unwrap().plan;
            let takes = match derived.strategy {
                Strategy::Direct { bake, .. } => bake,
                Strategy::Shadow { observe, .. } => observe,
                Strategy::BlueGreen { preview, bake, .. } => preview + bake,
                Strategy::Ab { max_duration, .. } => max_duration,
                _ => SimSpan::from_secs(1),
            };
            assert!(!takes.is_zero() && takes < plan.traffic.duration, "{path} {kind:?}: {takes}");
        }
    }
}

#[test]
fn one_candidate_is_left_with_its_faults_and_inputs() {
    let mut draft = fixture::draft();
    draft.strategy = StrategyKind::Ab.default_strategy();
    let mut third = draft.arms[1].clone();
    third.name = "third".to_owned();
    draft.arms.push(third);
    let fault = |arm: Option<&str>, what| Fault {
        at: SimTime::START,
        lasts: None,
        arm: arm.map(str::to_owned),
        what,
    };
    let drift = FaultKind::Drift { feature: "x".to_owned(), shift: 1.0 };
    draft.faults = vec![fault(Some("third"), FaultKind::Crash), fault(Some("third"), drift)];
    let mut inputs = fixture::inputs();
    inputs.predictions.push(inputs.predictions[0].clone());
    inputs.drifted = vec![Drifted { fault: 1, predictions: inputs.predictions.clone() }];

    let plan = draft.validate().unwrap();
    let canary = Variant::derive(&plan, StrategyKind::Canary, &inputs).unwrap();
    assert_eq!(canary.faults, [1], "a crash of a missing arm is gone, drift hits everybody");
    assert_eq!((canary.plan.arms.len(), canary.plan.gates[0].from_stage), (2, 1));
    let left = inputs_of(&canary, &inputs);
    assert_eq!((left.predictions.len(), left.drifted[0].fault), (2, 0));
    assert_eq!(left.drifted[0].predictions.len(), 2);
}
