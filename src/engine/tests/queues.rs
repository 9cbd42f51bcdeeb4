//! Waiting times.

use super::*;

/// The mean wait in a queue with Poisson arrivals, exponential service and `c` servers, in
/// units of the mean service time (Erlang 1917).
fn erlang_wait(c: u32, utilisation: f64) -> f64 {
    let load = f64::from(c) * utilisation;
    let mut blocked = 1.0;
    for k in 1..=c {
        blocked = load * blocked / (f64::from(k) + load * blocked);
    }
    let waits = blocked / (1.0 - utilisation * (1.0 - blocked));
    waits / (f64::from(c) * (1.0 - utilisation))
}

#[test]
fn waiting_times_are_erlangs() {
    for c in [1, 2, 4, 16] {
        for utilisation in [0.3, 0.8, 0.95] {
            let mut draft = fixture::draft(StrategyKind::Single);
            let mean = 0.01;
            let rate = f64::from(c) * utilisation / mean;
            draft.traffic.arrivals = Arrivals::Poisson { per_second: rate };
            draft.traffic.duration = SimSpan::from_secs_f64(2_000_000.0 / rate);
            draft.window = None;
            for arm in &mut draft.arms {
                arm.latency = Latency::Exponential { mean: SimSpan::from_secs_f64(mean) };
                arm.serving.replicas = c;
                arm.serving.queue_limit = 1_000_000;
                arm.serving.timeout = secs(1_000);
            }
            let recording = run(draft, &[0.1, 0.1]);
            let whole = recording.until(recording.end()).unwrap();
            let arm = &whole.arms[0];
            let latency = arm.latency_sum as f64 / 1e6 / arm.answered as f64;
            let service = arm.busy as f64 / 1e6 / arm.answered as f64;
            let wait = latency - service;
            // The load that this stream really was, which takes out most of its luck.
            let span = recording.end().as_secs_f64();
            let load = arm.arrivals as f64 / span * service / f64::from(c);
            let want = erlang_wait(c, load) * service;
            // Two million requests: the busiest queue's mean still scatters by some percent.
            let allowed = if utilisation > 0.9 { 0.06 } else { 0.03 };
            let slack = allowed * want + 2e-6;
            assert!((wait - want).abs() < slack, "c {c}, ρ {utilisation}: {wait} for {want}");
        }
    }
}

#[test]
fn a_slow_candidate_shows_in_its_own_latency_only() {
    let mut draft = fixture::draft(StrategyKind::Canary);
    draft.strategy = canary(&[25.0], 300);
    draft.arms[1].latency = Latency::Exponential { mean: SimSpan::from_millis(30) };
    draft.gates.push(gate("p95", Metric::LatencyP95, Condition::AtMostTimesBaseline(1.5)));
    let recording = run(draft, &[0.1, 0.1]);
    assert_eq!(recording.outcome.kind, OutcomeKind::Aborted, "{}", recording.outcome.reason);
    assert!(recording.outcome.reason.contains("p95"), "{}", recording.outcome.reason);
}
