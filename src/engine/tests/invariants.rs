//! What holds for every rehearsal.

use super::*;

type Shape = (StrategyKind, f64, u64, u8, bool, bool);

fn shapes() -> impl proptest::strategy::Strategy<Value = Shape> {
    let kind = prop::sample::select(StrategyKind::ALL.to_vec());
    (kind, 20.0..400.0_f64, any::<u64>(), 0..4_u8, any::<bool>(), any::<bool>())
}

fn any_plan((kind, rate, seed, fault, batches, delays): Shape) -> PlanDraft {
    let mut draft = fixture::draft(kind);
    draft.seed = seed;
    draft.traffic.arrivals = Arrivals::Poisson { per_second: rate };
    draft.gates.push(quality_gate());
    let what = match fault {
        0 => FaultKind::Crash,
        1 => FaultKind::ReplicaLoss { replicas: 2 },
        2 => FaultKind::Latency { factor: 8.0, add: SimSpan::ZERO },
        _ => FaultKind::Errors { percent: 20.0 },
    };
    draft.faults.push(Fault {
        at: SimTime::from_secs(111),
        lasts: Some(secs(95)),
        arm: Some(draft.arms[usize::from(fault % 2)].name.clone()),
        what,
    });
    if batches {
        for arm in &mut draft.arms {
            arm.serving.batching =
                Some(MicroBatching { max_size: 8, max_wait: SimSpan::from_millis(20) });
        }
    }
    if delays {
        draft.traffic.label_delay = LabelDelay::Exponential { mean: secs(40) };
    }
    draft
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_request_is_answered_by_exactly_one_arm(shape in shapes(), wrong in 0.0..0.5) {
        let draft = any_plan(shape);
        let expected = shape.1 * 600.0;
        let recording = run(draft, &[0.1, wrong]);
        let whole = recording.until(recording.end()).unwrap();
        let (mut arrivals, mut ended) = (0, 0);
        for arm in &whole.arms {
            arrivals += arm.arrivals;
            let copies = arm.mirrored - arm.mirror_dropped - arm.mirror_failed;
            prop_assert!(arm.answered >= copies);
            let live = arm.answered - copies;
            prop_assert_eq!(live + arm.failed(), arm.arrivals);
            prop_assert_eq!(arm.latency.count(), arm.answered);
            ended += live + arm.failed();
        }
        prop_assert_eq!(arrivals, ended);
        prop_assert!((arrivals as f64 - expected).abs() < 5.0 * expected.sqrt());
    }

    #[test]
    fn shares_are_shares_and_time_has_no_gaps(shape in shapes()) {
        let recording = run(any_plan(shape), &[0.1, 0.15]);
        let mut at = SimTime::START;
        for window in &recording.windows {
            prop_assert_eq!(window.start, at);
            at = window.end;
            type Get = fn(&crate::domain::ArmWindow) -> f64;
            let gets: [Get; 2] = [|arm| arm.requested, |arm| arm.feasible];
            for get in gets {
                let sum: f64 = window.arms.iter().map(get).sum();
                prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
                prop_assert!(window.arms.iter().map(get).all(|s| (0.0..=1.0).contains(&s)));
            }
            for arm in &window.arms {
                prop_assert!(u64::from(arm.ready_replicas) <= 8);
                let labelled: u64 = arm.quality.iter().map(|q| q.labelled).sum();
                let correct: u64 = arm.quality.iter().map(|q| q.correct).sum();
                prop_assert!(correct <= labelled);
            }
        }
        prop_assert_eq!(at, SimTime::from_secs(600));
        prop_assert!(recording.events.is_sorted_by_key(|event| event.at));
    }
}

#[test]
fn equal_inputs_give_equal_digests_on_one_thread_and_on_two() {
    let plans: Vec<Plan> = StrategyKind::ALL
        .into_iter()
        .map(|kind| {
            let mut draft = fixture::draft(kind);
            draft.gates.push(quality_gate());
            fixture::plan(draft)
        })
        .collect();
    let inputs: Inputs = fixture::inputs(&[0.1, 0.2]);
    let digest = |plan: &Plan| simulate(plan, &inputs, &[]).digest();
    let alone: Vec<String> = plans.iter().map(digest).collect();
    let together = std::thread::scope(|scope| {
        let (first, second) = plans.split_at(plans.len() / 2);
        let work = |plans: &[Plan]| plans.iter().map(digest).collect::<Vec<_>>();
        let other = scope.spawn(move || work(second));
        [work(first), other.join().unwrap()].concat()
    });
    assert_eq!(alone, together);
}

#[test]
fn watching_shows_growing_beginnings_of_the_same_recording() {
    let plan = fixture::plan(fixture::draft(StrategyKind::Canary));
    let inputs = fixture::inputs(&[0.1, 0.1]);
    let mut lengths = Vec::new();
    let progress = Progress::default();
    let watched = simulate_watched(&plan, &inputs, &[], &progress, |recording| {
        lengths.push(recording.windows.len());
    });
    assert_eq!(lengths, (1..=60).collect::<Vec<_>>());
    assert_eq!(watched.unwrap(), simulate(&plan, &inputs, &[]));
    progress.cancel();
    assert!(simulate_watched(&plan, &inputs, &[], &progress, |_| {}).is_none());
}
