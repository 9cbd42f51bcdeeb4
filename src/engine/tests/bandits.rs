//! Bandits: where their shares go, when, and what that saves.

use super::*;
use crate::domain::Policy;

fn bandit(policy: Policy) -> PlanDraft {
    let mut draft = fixture::draft(StrategyKind::Bandit);
    draft.strategy = Strategy::Bandit {
        policy,
        epsilon: 0.1,
        reward: Metric::Accuracy,
        update: secs(30),
        floor_percent: 5.0,
        min_samples: 100,
        duration: secs(480),
        ship_when: 0.95,
    };
    draft
}

/// The candidates' requested shares in percent at the end of each window in which the bandit learns.
fn shares(recording: &Recording, arm: usize) -> Vec<f64> {
    let learning = recording.windows.iter().filter(|window| window.stage == 1);
    learning.map(|window| (window.arms[arm].requested * 1e3).round() / 10.0).collect()
}

fn live_requests(recording: &Recording, arm: usize) -> u64 {
    recording.windows.iter().map(|window| window.arms[arm].arrivals).sum()
}

#[test]
fn every_policy_moves_the_traffic_to_the_better_arm() {
    for policy in Policy::ALL {
        let good = run(bandit(policy), &[0.2, 0.1]);
        let learned = shares(&good, 1);
        assert_eq!(learned[0], 50.0, "{policy:?} starts with equal shares");
        assert!(*learned.last().unwrap() >= 85.0, "{policy:?}: {learned:?}");
        assert_eq!(good.outcome.kind, OutcomeKind::Promoted, "{policy:?}: {:?}", good.outcome);
        let bad = run(bandit(policy), &[0.1, 0.3]);
        let learned = shares(&bad, 1);
        assert!(*learned.last().unwrap() <= 15.0, "{policy:?}: {learned:?}");
        assert_eq!(bad.outcome.kind, OutcomeKind::Kept, "{policy:?}: {:?}", bad.outcome);
    }
}

#[test]
fn a_bad_candidate_meets_far_fewer_than_in_an_ab_test_of_the_same_length() {
    let mut split = bandit(Policy::Thompson);
    split.strategy = Strategy::Ab {
        candidate_percent: Vec::new(),
        metric: Metric::Accuracy,
        method: crate::domain::AbMethod::Requests,
        min_duration: secs(480),
        max_duration: secs(480),
        min_samples: 100,
        alpha: 0.05,
    };
    let exposed = |draft| live_requests(&run(draft, &[0.1, 0.3]), 1);
    let (bandit, split) = (exposed(bandit(Policy::Thompson)), exposed(split));
    assert!(bandit * 3 < split, "{bandit} against {split}");
}

#[test]
fn no_share_falls_below_the_floor_and_the_worst_of_three_gets_it() {
    let mut draft = bandit(Policy::Thompson);
    let mut third = draft.arms[1].clone();
    third.name = "third".to_owned();
    draft.arms.push(third);
    let recording = run(draft, &[0.2, 0.4, 0.1]);
    assert_eq!(*shares(&recording, 1).last().unwrap(), 5.0, "the worst");
    assert!(shares(&recording, 2).iter().all(|share| *share >= 33.0), "the best");
    assert_eq!(recording.outcome.winner, ArmId::new(2));
}

#[test]
fn rewards_that_come_late_steer_late() {
    let moved_at = |delay: u64| {
        let mut draft = bandit(Policy::Thompson);
        draft.traffic.label_delay = LabelDelay::Constant(secs(delay));
        let recording = run(draft, &[0.1, 0.3]);
        let learned = |event: &crate::domain::Event| match &event.kind {
            EventKind::Weight { arm: ArmId::CANDIDATE, share } if *share < 0.2 && *share > 0.0 => {
                Some(event.at.as_secs_f64())
            }
            _ => None,
        };
        recording.events.iter().find_map(learned).unwrap()
    };
    // In force at 20 s, once the candidate is up.
    assert_eq!(moved_at(0), 50.0);
    assert_eq!(moved_at(120), 170.0);
}

#[test]
fn a_gate_stops_a_bandit_that_earns_by_breaking_something() {
    let mut draft = bandit(Policy::Thompson);
    draft.gates.push(gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)));
    draft.faults.push(error_fault(200, 50.0));
    let recording = run(draft, &[0.2, 0.1]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Aborted);
    assert_eq!(recording.windows.last().unwrap().arms[0].requested, 1.0);
}

#[test]
fn equal_arms_are_seldom_told_apart() {
    let shipped = (0..40).filter(|seed| {
        let draft = PlanDraft { seed: *seed, ..bandit(Policy::Thompson) };
        run(draft, &[0.2, 0.2]).outcome.kind == OutcomeKind::Promoted
    });
    // A chance of 95 % at one look is a one-sided 5 %: two of forty, and with luck some more.
    let shipped = shipped.count();
    assert!(shipped <= 6, "{shipped} of 40");
}
