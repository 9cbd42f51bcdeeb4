//! A plan and a recording made by hand, for the tests of this folder.

use crate::domain::{
    ArmId, ArmWindow, BatchJob, BatchServing, Condition, Event, EventKind, Gate, Histogram,
    Latency, Measurement, ModelSource, Outcome, OutcomeKind, Plan, PlanDraft, Quality, Recording,
    SimSpan, SimTime, StrategyKind, Verdict, Window,
};

pub(super) fn plan() -> Plan {
    let mut draft = PlanDraft { name: "A sample".to_owned(), ..PlanDraft::default() };
    draft.data.path = "rows.csv".to_owned();
    for arm in &mut draft.arms {
        arm.model = ModelSource::Column("score".to_owned());
        arm.latency = Latency::Constant(SimSpan::from_millis(5));
    }
    draft.gates.push(Gate {
        name: "Errors".to_owned(),
        pass_when: Some(Condition::AtMost(0.01)),
        ..Gate::default()
    });
    draft.batch = Some(BatchServing { share: 50.0, ..BatchServing::default() });
    draft.cost.replica_hour = 2.0;
    draft.validate().unwrap()
}

pub(super) fn recording() -> Recording {
    let arm = |arrivals: u64, errors: u64| ArmWindow {
        arrivals,
        answered: arrivals - errors,
        errors,
        replica_time: 3_600_000_000,
        units: arrivals / 2,
        classes: vec![[1, 0, 0]],
        quality: vec![Quality {
            answers: arrivals - errors,
            labelled: arrivals / 2,
            correct: arrivals * 2 / 5,
            ..Quality::default()
        }],
        ..ArmWindow::default()
    };
    let window = |place: u64, stage, arms| Window {
        start: SimTime::from_secs(1_800 * place),
        end: SimTime::from_secs(1_800 * (place + 1)),
        stage,
        arms,
    };
    Recording {
        strategy: StrategyKind::Canary,
        arms: vec!["old".to_owned(), "new".to_owned()],
        gates: vec!["Errors".to_owned()],
        segments: vec!["north".to_owned()],
        stages: vec!["Baseline".to_owned(), "Canary 10 %".to_owned()],
        window: SimSpan::from_secs(1_800),
        windows: vec![
            window(0, 0, vec![arm(1_000, 0), arm(0, 0)]),
            window(1, 1, vec![arm(900, 10), arm(100, 6)]),
        ],
        events: events(),
        jobs: vec![BatchJob {
            arm: ArmId::BASELINE,
            scheduled: SimTime::from_secs(1_800),
            start: SimTime::from_secs(1_800),
            end: SimTime::from_secs(1_850),
            rows: 500,
            mirrored: false,
            deadline_misses: 0,
            waits: Histogram::default(),
        }],
        outcome: Outcome {
            kind: OutcomeKind::Aborted,
            at: SimTime::from_secs(2_400),
            winner: ArmId::BASELINE,
            reason: "Errors failed".to_owned(),
        },
    }
}

fn events() -> Vec<Event> {
    let at = |secs, kind| Event { at: SimTime::from_secs(secs), kind };
    vec![
        at(1_800, EventKind::Stage(1)),
        at(
            2_400,
            EventKind::Measured(Measurement {
                gate: 0,
                arm: ArmId::CANDIDATE,
                value: Some(0.06),
                baseline: None,
                limit: Some(0.01),
                samples: 100,
                verdict: Verdict::Fail,
            }),
        ),
        at(2_400, EventKind::Aborted { reason: "Errors failed".to_owned() }),
    ]
}
