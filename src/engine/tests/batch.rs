//! Rows that wait for a scheduled job.

use super::*;

fn nightly(share: f64) -> PlanDraft {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[20.0, 50.0], 120);
    draft.traffic.arrivals = Arrivals::Constant { per_second: 100.0 };
    draft.batch = Some(BatchServing {
        share,
        every: secs(60),
        first: SimTime::from_secs(60),
        overhead: secs(5),
        rows_per_second: Some(1_000.0),
        replicas: 1,
        deadline: Some(secs(64)),
    });
    draft
}

#[test]
fn a_job_scores_what_has_come_since_the_last_one() {
    let recording = run(nightly(100.0), &[0.1, 0.1]);
    let first = recording.jobs.iter().find(|job| job.arm == ArmId::BASELINE).unwrap();
    // 60 s of 100 a second, 80 % of them for the baseline: 5 s and 4.8 s.
    assert!((4_600..5_000).contains(&first.rows), "{}", first.rows);
    assert_eq!(first.start, SimTime::from_secs(60));
    let duration = first.duration().as_secs_f64();
    assert!((duration - 5.0 - first.rows as f64 / 1_000.0).abs() < 1e-3, "{duration}");
    let oldest = first.staleness(1.0).unwrap() as f64 / 1e6;
    assert!((oldest - 60.0 - duration).abs() < 1.0, "{oldest}");
    // Rows that waited more than 64 s − duration: about the first 5.8 s of the minute.
    let late = first.deadline_misses as f64 / first.rows as f64;
    assert!((late - (duration - 4.0) / 60.0).abs() < 0.02, "{late}");
    assert_eq!(recording.outcome.kind, OutcomeKind::Promoted);
    let whole = recording.until(recording.end()).unwrap();
    assert!(whole.arms.iter().all(|arm| arm.latency.is_empty() && arm.replica_time == 0));
}

#[test]
fn rows_of_jobs_roll_over_in_parts_and_come_back() {
    let mut draft = nightly(100.0);
    draft.strategy = Strategy::Rolling {
        max_surge_percent: 25.0,
        max_unavailable_percent: 0.0,
        min_ready: secs(100),
        bake: secs(100),
    };
    let parts = [(0.0, 0.25), (100.0, 0.5), (200.0, 0.75), (300.0, 1.0)];
    assert_eq!(weights(&run(draft.clone(), &[0.1, 0.1])), parts);
    draft.gates = vec![quality_gate()];
    let refused = run(draft, &[0.1, 0.4]);
    assert_eq!(refused.outcome.kind, OutcomeKind::Aborted);
    let back = weights(&refused).last().copied();
    assert_eq!(back, Some((at(&refused), 0.0)), "{:?}", weights(&refused));
}

#[test]
fn both_kinds_of_serving_share_one_rollout() {
    let recording = run(nightly(75.0), &[0.1, 0.1]);
    let whole = recording.until(recording.end()).unwrap();
    let at_once: u64 = whole.arms.iter().map(|arm| arm.latency.count()).sum();
    let arrivals = whole.arrivals() as f64;
    assert!((at_once as f64 / arrivals - 0.25).abs() < 0.01);
    let scored: u64 = recording.jobs.iter().map(|job| job.rows).sum();
    let answered: u64 = whole.arms.iter().map(|arm| arm.answered).sum();
    assert_eq!(answered, at_once + scored);
}
