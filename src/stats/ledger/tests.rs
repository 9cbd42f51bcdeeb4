//! Ledgers of recordings made by hand.
use super::*;
use crate::domain::{ArmId, Event, EventKind, Outcome, PlanDraft, StrategyKind};

fn plan() -> Plan {
    let mut draft = PlanDraft::default();
    draft.data.path = "rows.csv".to_owned();
    for (arm, replicas) in draft.arms.iter_mut().zip([4, 2]) {
        arm.model = crate::domain::ModelSource::Column(format!("score {replicas}"));
        arm.serving.replicas = replicas;
        arm.latency = crate::domain::Latency::Constant(SimSpan::from_millis(5));
    }
    draft.cost.replica_hour = 2.0;
    draft.cost.failed_request = 0.5;
    draft.validate().unwrap()
}

fn recording() -> Recording {
    let hour = 3_600_000_000;
    let window = |place: u64, baseline: ArmWindow, candidate: ArmWindow| Window {
        start: SimTime::from_secs(1_800 * place),
        end: SimTime::from_secs(1_800 * (place + 1)),
        stage: 0,
        arms: vec![baseline, candidate],
    };
    let arm = |arrivals, errors, replica_time| ArmWindow {
        arrivals,
        answered: arrivals - errors,
        errors,
        replica_time,
        units: arrivals / 2,
        classes: vec![[1, 0, 0]],
        ..ArmWindow::default()
    };
    let baseline = arm(900, 10, 2 * hour);
    let mut candidate = arm(100, 0, hour);
    candidate.downtime = 1_500_000;
    candidate.quality = vec![Quality {
        answers: 100,
        labelled: 100,
        correct: 80,
        harm: 12,
        gain: 5,
        cost: 30.0,
        ..Quality::default()
    }];
    Recording {
        strategy: StrategyKind::Canary,
        arms: vec!["old".to_owned(), "new".to_owned()],
        gates: Vec::new(),
        segments: Vec::new(),
        stages: vec!["Canary 10 %".to_owned()],
        window: SimSpan::from_secs(1_800),
        windows: vec![
            window(0, arm(1_000, 0, 2 * hour), arm(0, 0, 0)),
            window(1, baseline, candidate),
        ],
        events: Vec::new(),
        jobs: Vec::new(),
        outcome: Outcome {
            kind: OutcomeKind::Aborted,
            at: SimTime::from_secs(2_400),
            winner: ArmId::BASELINE,
            reason: "too many errors".to_owned(),
        },
    }
}

fn at(secs: u64, kind: EventKind) -> Event {
    Event { at: SimTime::from_secs(secs), kind }
}

#[test]
fn sums_are_those_on_paper() {
    let ledger = ledger(&recording(), &plan());
    assert_eq!((ledger.exposed_requests, ledger.exposed_units), (100, 50));
    assert!((ledger.exposed_share - 0.05).abs() < 1e-12);
    assert_eq!((ledger.harm, ledger.gain, ledger.net_harm), (12, 5, 7));
    assert_eq!((ledger.failed, ledger.arms[1].wrong), (10, 20));
    assert_eq!(ledger.downtime, SimSpan::from_millis(1_500));
    // 2 + 2 + 1 replica-hours, against 4 replicas for an hour.
    assert!((ledger.replica_hours - 5.0).abs() < 1e-12 && (ledger.extra_hours - 1.0).abs() < 1e-12);
    // 5 × 2 for replicas, 30 for mistakes, 10 × 0.5 for failures.
    assert!((ledger.money.total - 45.0).abs() < 1e-12, "{:?}", ledger.money);
}

#[test]
fn detection_is_timed_from_the_first_request_or_a_later_fault() {
    let mut recording = recording();
    let aborted = EventKind::Aborted { reason: "errors".to_owned() };
    recording.events = vec![
        at(1_900, EventKind::Feasible { arm: ArmId::CANDIDATE, share: 0.1 }),
        at(2_400, aborted.clone()),
    ];
    let detected = |recording: &Recording| ledger(recording, &plan()).time_to_detect;
    assert_eq!(detected(&recording), Some(SimSpan::from_secs(500)));
    recording.events.insert(1, at(2_100, EventKind::FaultBegan("latency".to_owned())));
    assert_eq!(detected(&recording), Some(SimSpan::from_secs(300)));
    recording.events[1].at = SimTime::from_secs(2_900);
    recording.events.sort_by_key(|event| event.at);
    assert_eq!(detected(&recording), Some(SimSpan::from_secs(500)), "a fault after the decision");
    recording.events.retain(|event| event.kind != aborted);
    assert_eq!(detected(&recording), None);
}

#[test]
fn a_rollout_is_full_when_its_fleet_carries_everything() {
    let mut recording = recording();
    assert_eq!(ledger(&recording, &plan()).time_to_full, None);
    recording.events = vec![
        at(600, EventKind::Feasible { arm: ArmId::CANDIDATE, share: 0.5 }),
        at(900, EventKind::Feasible { arm: ArmId::CANDIDATE, share: 1.0 }),
        at(1_200, EventKind::Promoted { arm: ArmId::CANDIDATE, reason: String::new() }),
    ];
    assert_eq!(ledger(&recording, &plan()).time_to_full, Some(SimSpan::from_secs(900)));
}

#[test]
fn the_best_of_each_row_is_marked() {
    let mut other = recording();
    other.windows.truncate(1);
    let runs = [("Canary", &recording()), ("Single", &other)]
        .map(|(name, recording)| (name.to_owned(), ledger(recording, &plan())));
    let table = comparison(&runs);
    assert_eq!(table.columns, ["Canary", "Single"]);
    let row = |label: &str| table.rows.iter().find(|row| row.label == label).unwrap();
    let exposed = row("Requests exposed");
    assert_eq!(exposed.cells[0].text, "100 (5.0 %)");
    assert!(exposed.cells[1].is_best && !exposed.cells[0].is_best);
    assert_eq!(row("Wrong answers caused").cells[1].text, "no labels");
    assert_eq!(row("Time to detect").cells[0].text, "–");
    assert!(row("Outcome").cells.iter().all(|cell| !cell.is_best));
}

#[test]
fn numbers_read_well() {
    assert_eq!(grouped(1_234_567), "1,234,567");
    assert_eq!(signless(-1_200), "−1,200");
    assert_eq!(SimSpan::from_millis(1_500).words(), "1.5 s");
    assert_eq!(SimSpan::from_secs(3_720).words(), "1 h 02 min");
    assert_eq!(SimSpan::from_secs(90).words(), "1 min 30 s");
}
