//! What each strategy does to the traffic.

use super::*;

#[test]
fn every_strategy_promotes_a_good_candidate_and_none_that_can_see_keeps_a_bad_one() {
    for kind in StrategyKind::ALL {
        let mut draft = fixture::draft(kind);
        draft.traffic.duration = secs(2_400);
        draft.gates.push(quality_gate());
        let good = run(draft.clone(), &[0.1, 0.05]);
        let wanted = match kind {
            StrategyKind::Single => OutcomeKind::Observed,
            _ => OutcomeKind::Promoted,
        };
        assert_eq!(good.outcome.kind, wanted, "{kind:?}: {}", good.outcome.reason);
        let bad = run(draft, &[0.1, 0.3]);
        let wanted = match kind {
            StrategyKind::Single => OutcomeKind::Observed,
            StrategyKind::Direct => OutcomeKind::RolledBack,
            _ => OutcomeKind::Aborted,
        };
        assert_eq!(bad.outcome.kind, wanted, "{kind:?}: {}", bad.outcome.reason);
    }
}

#[test]
fn a_canary_waits_for_its_replica_and_holds_each_weight() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[10.0, 50.0], 60);
    let recording = run(draft, &[0.1, 0.1]);
    // Cold start 20 s: one replica for 10 %, one more for 50 %, two more for everything.
    let want = [(20.0, 0.1), (100.0, 0.5), (180.0, 1.0)];
    assert_eq!(weights(&recording), want);
    assert_eq!(at(&recording), 180.0);
    let last = recording.windows.last().unwrap();
    assert_eq!(last.arms[0].ready_replicas, 0, "the old fleet goes half a minute later");
    assert_eq!(last.arms[1].ready_replicas, 4);
}

#[test]
fn an_aborted_canary_sends_everybody_back_at_once() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[10.0, 50.0], 120);
    draft.gates.push(gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)));
    draft.faults.push(error_fault(200, 50.0));
    let recording = run(draft, &[0.1, 0.1]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Aborted);
    // In force at 20; measured each 30 s; at 200 the fault, seen at 230 (15 s before, 15 s of it).
    assert_eq!(at(&recording), 230.0);
    assert_eq!(weights(&recording).last(), Some(&(230.0, 0.0)));
    let after = recording.windows.iter().filter(|w| w.start >= SimTime::from_secs(230));
    assert_eq!(after.map(|window| window.arms[1].arrivals).sum::<u64>(), 0);
}

#[test]
fn blue_green_has_an_instant_way_back_and_direct_has_none() {
    let back = |kind| {
        let mut draft = fixture::draft(kind);
        draft.gates.push(gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)));
        draft.faults.push(error_fault(200, 100.0));
        let recording = run(draft, &[0.1, 0.1]);
        assert_eq!(recording.outcome.kind, OutcomeKind::RolledBack, "{kind:?}");
        let decided = recording.outcome.at;
        let safe = weights(&recording).last().copied().unwrap();
        assert_eq!(safe.1, 0.0);
        safe.0 - decided.as_secs_f64()
    };
    assert_eq!(back(StrategyKind::BlueGreen), 0.0);
    assert_eq!(back(StrategyKind::Direct), 20.0, "the old fleet must start again");
}

#[test]
fn replacing_in_place_means_downtime() {
    let mut draft = fixture::draft(StrategyKind::Direct);
    draft.strategy =
        Strategy::Direct { in_place: true, bake: secs(60), termination_wait: SimSpan::ZERO };
    let recording = run(draft, &[0.1, 0.1]);
    let down: u64 = recording.windows.iter().map(|window| window.arms[1].downtime).sum();
    assert_eq!(down, 20_000_000);
    let rejected: u64 = recording.windows.iter().map(|w| w.arms[1].rejected).sum();
    assert!((3_700..4_300).contains(&rejected), "{rejected} of about 4000");
    assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
}

#[test]
fn rolling_moves_the_share_replica_by_replica_within_its_limits() {
    let mut draft = fixture::draft(StrategyKind::Rolling);
    draft.strategy = Strategy::Rolling {
        max_surge_percent: 25.0,
        max_unavailable_percent: 0.0,
        min_ready: SimSpan::ZERO,
        bake: secs(60),
    };
    let recording = run(draft, &[0.1, 0.1]);
    let shares: Vec<f64> = weights(&recording).into_iter().map(|(_, share)| share).collect();
    // One surges, one goes: 1/5, 1/4, 2/5, 2/4, 3/5, 3/4, 4/5, 4/4.
    assert_eq!(shares, [0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 0.8, 1.0]);
    let ready = |w: &crate::domain::Window| w.arms.iter().map(|a| a.ready_replicas).sum::<u32>();
    assert!(recording.windows.iter().all(|w| (4..=5).contains(&ready(w))));
}

#[test]
fn a_shadow_changes_no_answer() {
    let answers = |kind| {
        let mut draft = fixture::draft(kind);
        if kind == StrategyKind::Shadow {
            draft.strategy = Strategy::Shadow {
                mirror_percent: 100.0,
                observe: secs(1_000),
                then: ShadowEnd::Remove,
            };
        }
        let recording = run(draft, &[0.1, 0.4]);
        recording
            .windows
            .into_iter()
            .map(|mut window| (window.arms.remove(0).latency, window.arms.len()))
            .map(|(latency, _)| latency)
            .collect::<Vec<_>>()
    };
    assert_eq!(answers(StrategyKind::Single), answers(StrategyKind::Shadow));
}

#[test]
fn a_shadow_is_judged_on_the_same_rows() {
    let mut draft = fixture::draft(StrategyKind::Shadow);
    draft.strategy =
        Strategy::Shadow { mirror_percent: 50.0, observe: secs(300), then: ShadowEnd::Retain };
    let recording = run(draft, &[0.1, 0.3]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Observed);
    let whole = recording.until(recording.end()).unwrap();
    let [both, only_a, only_b, neither] = whole.arms[1].paired;
    // Wrong rows are nested: B errs wherever A does.
    let all = (both + only_a + only_b + neither) as f64;
    assert_eq!(only_b, 0);
    assert!((only_a as f64 / all - 0.2).abs() < 0.01, "{only_a} of {all}");
    assert!((neither as f64 / all - 0.1).abs() < 0.01, "{neither} of {all}");
}

#[test]
fn servers_split_the_traffic_in_steps_of_a_replica() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = Strategy::Canary {
        ramp: Ramp::Steps(vec![Step { weight: 10.0, hold: Some(secs(63)) }]),
        by: SplitBy::Servers,
        dynamic_stable_scale: false,
        scale_down_delay: SimSpan::ZERO,
        abort_scale_down_delay: SimSpan::ZERO,
    };
    let recording = run(draft, &[0.1, 0.1]);
    // Four replicas at 10 %: one candidate beside four, for the 63 s that it is told to stay, which
    // end between two windows. Then one replica more than four allow and one fewer are spared: two
    // go, two start.
    let third = 0.333_333;
    assert_eq!(weights(&recording)[..3], [(20.0, 0.2), (83.0, third), (103.0, 0.6)]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Promoted, "{}", recording.outcome.reason);
}

#[test]
fn a_candidate_that_never_gets_ready_meets_the_deadline() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.deadline = secs(100);
    draft.arms[1].serving.cold_start = secs(10_000);
    let recording = run(draft, &[0.1, 0.1]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Aborted);
    assert_eq!(at(&recording), 100.0);
    assert!(recording.outcome.reason.contains("no progress"), "{}", recording.outcome.reason);
}
