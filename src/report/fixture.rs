//! A small recording made by hand, one per strategy: 320 seconds in windows of two, with a fault.

use crate::domain::histogram::{BINS, bin_of};
use crate::domain::{
    Arm, ArmId, ArmWindow, BatchJob, BatchServing, Condition, Event, EventKind, Gate, Histogram,
    Measurement, Metric, ModelSource, Outcome, OutcomeKind, Plan, PlanDraft, Quality, Recording,
    SimSpan, SimTime, StrategyKind, Verdict, Window,
};

const WINDOWS: u64 = 160;
const WINDOW_SECS: u64 = 2;
const PER_WINDOW: f64 = 84.0;

/// A scatter of −1 to 1 that is the same in every run.
fn scatter(k: u64) -> f64 {
    let x = (k as f64 * 12.9898).sin() * 43_758.547;
    (x - x.floor()) * 2.0 - 1.0
}

/// The candidate's share at a moment, and the stage then.
fn share(kind: StrategyKind, secs: u64) -> (f64, u16) {
    match kind {
        StrategyKind::Single => (0.0, 0),
        StrategyKind::Shadow => (0.0, u16::from(secs >= 32)),
        StrategyKind::Ab => (0.5, 0),
        StrategyKind::Bandit => (0.5 + (secs.min(300) as f64 / 700.0), 0),
        StrategyKind::Direct => (f64::from(u8::from(secs >= 60)), u16::from(secs >= 60)),
        StrategyKind::BlueGreen => match secs {
            0..40 => (0.0, 0),
            40..120 => (0.0, 1),
            _ => (1.0, 2),
        },
        StrategyKind::Rolling => {
            let steps = (secs / 40).min(4);
            (steps as f64 / 4.0, steps as u16)
        }
        StrategyKind::Canary => match secs {
            0..32 => (0.0, 0),
            32..90 => (0.05, 1),
            90..170 => (0.25, 2),
            170..250 => (0.5, 3),
            _ => (1.0, 4),
        },
    }
}

fn stages(kind: StrategyKind) -> Vec<String> {
    let names: &[&str] = match kind {
        StrategyKind::Single => &["Baseline"],
        StrategyKind::Shadow => &["Baseline", "Shadow 100 %"],
        StrategyKind::Ab => &["Experiment"],
        StrategyKind::Bandit => &["Learn"],
        StrategyKind::Direct => &["Baseline", "Candidate 100 %"],
        StrategyKind::BlueGreen => &["Blue", "Preview", "Green"],
        StrategyKind::Rolling => &["Baseline", "1 of 4", "2 of 4", "3 of 4", "4 of 4"],
        StrategyKind::Canary => {
            &["Baseline", "Canary 5 %", "Canary 25 %", "Canary 50 %", "Candidate 100 %"]
        }
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn latencies(count: u64, middle_ms: f64, seed: u64) -> (Histogram, u64) {
    let mut dense = vec![0; BINS];
    let mut sum = 0;
    for k in 0..count {
        let spread = (scatter(seed * 1_000 + k) * 0.7).exp();
        let micros = (middle_ms * 1e3 * spread) as u64;
        dense[bin_of(micros)] += 1;
        sum += micros;
    }
    (Histogram::from_dense(&dense), sum)
}

fn arm_window(arm: u64, k: u64, share: f64, copies: f64) -> ArmWindow {
    let secs = k * WINDOW_SECS;
    let is_faulty = arm == 1 && (140..164).contains(&secs);
    let arrivals = (PER_WINDOW * share * (1.0 + 0.1 * scatter(k + 7 * arm))).round() as u64;
    let mirrored = (PER_WINDOW * copies).round() as u64;
    let load = arrivals + mirrored;
    let (errors, timeouts) = if is_faulty { (arrivals / 8, arrivals / 6) } else { (0, 0) };
    let answered = load - errors - timeouts;
    let middle = if is_faulty { 44.0 } else { 24.0 + 4.0 * arm as f64 };
    let (latency, latency_sum) = latencies(answered, middle, k * 4 + arm);
    let rate = 0.81 + 0.03 * arm as f64 + 0.05 * scatter(k * 3 + arm);
    let correct = (answered as f64 * rate).round() as u64;
    let quality = Quality {
        answers: answered,
        labelled: answered,
        correct,
        positive: answered / 3,
        true_positive: answered / 4,
        agree: if arm == 0 { answered } else { answered * 9 / 10 },
        log_loss: answered as f64 * 0.4,
        squared: answered as f64 * 0.14,
        ..Quality::default()
    };
    let (both, none) = (mirrored * 8 / 10, mirrored / 20);
    ArmWindow {
        requested: share,
        feasible: share,
        arrivals,
        mirrored,
        answered,
        errors,
        timeouts,
        latency,
        latency_sum,
        longest_queue: if is_faulty { 14 } else { 0 },
        busy: answered * 24_000,
        capacity: 8 * WINDOW_SECS * 1_000_000,
        ready_replicas: 4,
        units: secs * 3,
        quality: vec![quality],
        scores: vec![[(answered / 2) as u32, (answered / 2) as u32]; 2],
        paired: [both, none, mirrored - both - 2 * none, none],
        ..ArmWindow::default()
    }
}

fn windows(kind: StrategyKind, arms: usize) -> Vec<Window> {
    (0..WINDOWS)
        .map(|k| {
            let secs = k * WINDOW_SECS;
            let (candidate, stage) = share(kind, secs);
            let copies = match kind {
                StrategyKind::Shadow | StrategyKind::BlueGreen if stage == 1 => 1.0,
                _ => 0.0,
            };
            let of = |arm: usize| match arm {
                0 => arm_window(0, k, 1.0 - candidate, 0.0),
                _ => {
                    let each = candidate / (arms - 1) as f64;
                    arm_window(arm as u64, k, each, copies)
                }
            };
            Window {
                start: SimTime::from_secs(secs),
                end: SimTime::from_secs(secs + WINDOW_SECS),
                stage,
                arms: (0..arms).map(of).collect(),
            }
        })
        .collect()
}

fn events(kind: StrategyKind) -> Vec<Event> {
    let at = SimTime::from_secs;
    let mut events = vec![Event { at: at(0), kind: EventKind::Stage(0) }];
    let mut stage = 0;
    for k in 0..WINDOWS {
        let secs = k * WINDOW_SECS;
        let (_, now) = share(kind, secs);
        if now != stage {
            stage = now;
            events.push(Event { at: at(secs), kind: EventKind::Stage(now) });
        }
        if secs == 140 {
            let what = "latency + 30ms".to_owned();
            events.push(Event { at: at(secs), kind: EventKind::FaultBegan(what) });
        }
        if secs == 164 {
            let what = "latency + 30ms".to_owned();
            events.push(Event { at: at(secs), kind: EventKind::FaultEnded(what) });
        }
        if secs > 40 && secs.is_multiple_of(20) {
            let is_faulty = (140..=164).contains(&secs);
            let measured = Measurement {
                gate: 1,
                arm: ArmId::CANDIDATE,
                value: Some(if is_faulty { 88.0 } else { 52.0 }),
                baseline: Some(41.0),
                limit: Some(70.0),
                samples: 240,
                verdict: if is_faulty { Verdict::Inconclusive } else { Verdict::Pass },
            };
            events.push(Event { at: at(secs), kind: EventKind::Measured(measured) });
        }
    }
    if kind == StrategyKind::Canary {
        let reason = "all gates passed".to_owned();
        events.push(Event {
            at: at(300),
            kind: EventKind::Promoted { arm: ArmId::CANDIDATE, reason },
        });
    }
    events
}

/// The recording of [`plan`].
pub fn recording(kind: StrategyKind) -> Recording {
    let arms = plan(kind).arm_names();
    Recording {
        strategy: kind,
        gates: vec!["Errors".to_owned(), "p95".to_owned()],
        segments: Vec::new(),
        stages: stages(kind),
        window: SimSpan::from_secs(WINDOW_SECS),
        windows: windows(kind, arms.len()),
        arms,
        events: events(kind),
        jobs: Vec::new(),
        outcome: Outcome {
            kind: OutcomeKind::Promoted,
            at: SimTime::from_secs(300),
            winner: ArmId::CANDIDATE,
            reason: "all gates passed".to_owned(),
        },
    }
}

/// Two arms (three in an A/B test, one alone) and two gates.
pub fn plan(kind: StrategyKind) -> Plan {
    let arm = |name: &str| Arm {
        name: name.to_owned(),
        model: ModelSource::Column(name.to_owned()),
        latency: Default::default(),
        serving: Default::default(),
    };
    let names: &[&str] = match kind {
        StrategyKind::Single => &["risk v1"],
        StrategyKind::Ab => &["risk v1", "risk v2", "risk v3"],
        _ => &["risk v1", "risk v2"],
    };
    let gate = |name: &str, metric, limit| Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(Condition::AtMost(limit)),
        interval: SimSpan::from_secs(20),
        ..Gate::default()
    };
    let mut draft = PlanDraft {
        name: "Risk v2".to_owned(),
        seed: 7,
        strategy: kind.default_strategy(),
        arms: names.iter().map(|name| arm(name)).collect(),
        gates: vec![gate("Errors", Metric::ErrorRate, 0.05), gate("p95", Metric::LatencyP95, 70.0)],
        ..PlanDraft::default()
    };
    draft.data.path = "rows.csv".to_owned();
    draft.traffic.duration = SimSpan::from_secs(WINDOWS * WINDOW_SECS);
    draft.validate().unwrap()
}

/// The shadow's recording with every answer from a job once a minute.
pub fn batch() -> (Plan, Recording) {
    let mut draft: PlanDraft = plan(StrategyKind::Shadow).into();
    draft.batch = Some(BatchServing {
        every: SimSpan::from_secs(60),
        first: SimTime::from_secs(60),
        overhead: SimSpan::from_secs(4),
        rows_per_second: Some(200.0),
        ..BatchServing::default()
    });
    let mut recording = recording(StrategyKind::Shadow);
    let job = |arm: usize, k: u64| BatchJob {
        arm: ArmId::new(arm),
        scheduled: SimTime::from_secs(60 * k),
        start: SimTime::from_secs(60 * k),
        end: SimTime::from_secs(60 * k + 17 + 2 * arm as u64),
        rows: 2_520,
        mirrored: arm == 1,
        deadline_misses: 0,
        waits: latencies(200, 30_000.0, k).0,
    };
    recording.jobs = (1..=5).flat_map(|k| [job(0, k), job(1, k)]).collect();
    (draft.validate().unwrap(), recording)
}
