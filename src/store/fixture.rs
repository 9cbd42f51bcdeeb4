//! Small experiments made by hand, for tests.

use proptest::prelude::*;

use super::NewExperiment;
use crate::domain::{
    Answers, ArmId, ArmWindow, BatchJob, Drifted, Event, EventKind, Histogram, Inputs,
    Intervention, InterventionKind, Labels, LatencyProfile, Measurement, ModelSource, Outcome,
    OutcomeKind, Plan, PlanDraft, Predictions, Quality, Recording, Rows, Segments, SimSpan,
    SimTime, StrategyKind, Task, Verdict, Window, histogram,
};

/// A plan that names files all over this machine.
pub(super) fn plan() -> Plan {
    let mut draft = PlanDraft { name: "Risk v2".to_owned(), seed: 7, ..PlanDraft::default() };
    draft.data.path = "/home/ada/secret/loans.csv".to_owned();
    draft.arms[0].model = ModelSource::Folder("/home/ada/models/v1".to_owned());
    draft.arms[1].model = ModelSource::Column("score".to_owned());
    draft.validate().unwrap()
}

/// A run of it that nobody has done anything with.
pub(super) fn new<'a>(plan: &'a Plan, inputs: &'a Inputs) -> NewExperiment<'a> {
    NewExperiment {
        name: "Risk v2",
        plan,
        inputs,
        interventions: &[],
        parent: None,
        base_folder: "",
        author: "",
    }
}

pub(super) fn predictions(model: &str, rows: usize) -> Predictions {
    let values = (0..rows).map(|row| (row % 97) as f32 / 97.0).collect();
    Predictions {
        model: model.to_owned(),
        digest: format!("digest of {model}"),
        task: Task::Binary,
        answers: Answers::Scores { values, threshold: 0.5 },
        latency: LatencyProfile { single_row: vec![1.0, 2.5, 9.0], ..LatencyProfile::default() },
    }
}

pub(super) fn inputs(rows: usize) -> Inputs {
    Inputs {
        rows: Rows {
            count: rows,
            digest: "digest of the table".to_owned(),
            labels: Labels::Classes {
                names: vec!["no".to_owned(), "yes".to_owned()],
                codes: (0..rows).map(|row| (row % 2) as u16).collect(),
            },
            users: Some((0..rows as u64).collect()),
            segments: Some(Segments {
                names: vec!["north".to_owned(), "south".to_owned()],
                codes: (0..rows).map(|row| (row % 2) as u8).collect(),
            }),
            values: None,
            times: None,
        },
        predictions: vec![predictions("v1", rows), predictions("v2", rows)],
        drifted: vec![Drifted {
            fault: 0,
            predictions: vec![predictions("v1", rows), predictions("v2 drifted", rows)],
        }],
        arrivals: Some(vec![SimTime::START, SimTime::from_secs(1)]),
        service_samples: vec![None, Some(vec![0.5, f64::MIN_POSITIVE])],
    }
}

pub(super) fn interventions() -> Vec<Intervention> {
    vec![Intervention { at: SimTime::from_secs(90), kind: InterventionKind::Pause }]
}

/// A recording with two arms and two segments, made of `windows` windows; `salt` changes its
/// numbers.
pub(super) fn recording(windows: usize, salt: u64) -> Recording {
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    let window = |number: usize| Window {
        start: SimTime::from_secs(number as u64 * 10),
        end: SimTime::from_secs(number as u64 * 10 + 10),
        stage: u16::from(number > windows / 2),
        arms: vec![arm_window(number as u64, salt), arm_window(number as u64 + 1, salt)],
    };
    let event = |number: usize| Event {
        at: SimTime::from_secs(number as u64 * 10),
        kind: match number % 3 {
            0 => EventKind::Stage(u16::from(number > windows / 2)),
            1 => EventKind::Resumed,
            _ => EventKind::Measured(measurement(number as u64 + salt)),
        },
    };
    Recording {
        strategy: StrategyKind::Canary,
        arms: names(["v1", "v2"]),
        gates: vec!["errors".to_owned()],
        segments: names(["north", "south"]),
        stages: names(["Canary 25 %", "Promoted"]),
        window: SimSpan::from_secs(10),
        windows: (0..windows).map(window).collect(),
        events: (0..windows).map(event).collect(),
        jobs: vec![job(salt)],
        outcome: Outcome {
            kind: OutcomeKind::Promoted,
            at: SimTime::from_secs(windows as u64 * 10),
            winner: ArmId::CANDIDATE,
            reason: "all gates passed".to_owned(),
        },
    }
}

fn measurement(samples: u64) -> Measurement {
    Measurement {
        gate: 0,
        arm: ArmId::CANDIDATE,
        value: Some(samples as f64 / 7.0),
        baseline: None,
        limit: Some(0.1),
        samples,
        verdict: Verdict::Pass,
    }
}

fn job(salt: u64) -> BatchJob {
    BatchJob {
        arm: ArmId::BASELINE,
        scheduled: SimTime::from_secs(60),
        start: SimTime::from_secs(61),
        end: SimTime::from_secs(75),
        rows: 1_000 + salt,
        mirrored: false,
        deadline_misses: 2,
        waits: latencies(salt),
    }
}

fn latencies(salt: u64) -> Histogram {
    let mut dense = vec![0; histogram::BINS];
    for step in 0..300u64 {
        // A spread like that of a service: a bell with a long tail.
        dense[histogram::bin_of(2_000 + step * step * (1 + salt % 5))] += (301 - step) as u32;
    }
    Histogram::from_dense(&dense)
}

pub(super) fn arm_window(number: u64, salt: u64) -> ArmWindow {
    let n = number * 31 + salt;
    let quality = Quality {
        answers: 500 + n,
        labelled: 400 + n,
        correct: 300 + n,
        log_loss: (n as f64).sqrt(),
        squared: 1.0 / (1.0 + n as f64),
        ..Quality::default()
    };
    ArmWindow {
        requested: 0.25,
        feasible: 0.25,
        arrivals: 1_000 + n,
        answered: 990 + n,
        errors: 4,
        latency: latencies(n),
        latency_sum: 12_345_678,
        busy: 900_000,
        capacity: 1_000_000,
        ready_replicas: 4,
        quality: vec![quality, quality],
        scores: (0..128).map(|bin| [bin + 1, bin / 2]).collect(),
        ..ArmWindow::default()
    }
}

/// Recordings whose floats are any bits at all, NaN among them.
pub(super) fn any_recording() -> impl Strategy<Value = Recording> {
    let float = any::<u64>().prop_map(f64::from_bits);
    let floats = prop::collection::vec(float, 8..40);
    (0usize..150, 0u64..1_000, floats).prop_map(|(windows, salt, floats)| {
        let mut recording = recording(windows, salt);
        let arms = recording.windows.iter_mut().flat_map(|window| &mut window.arms);
        for (arm, odd) in arms.zip(floats.iter().cycle()) {
            arm.requested = *odd;
            arm.quality[0].log_loss = *odd;
            arm.quality[1].cost = -*odd;
        }
        recording
    })
}
