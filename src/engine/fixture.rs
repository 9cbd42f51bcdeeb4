//! A small world for tests: rows with known labels, and arms that are wrong as often as told.

use crate::domain::{
    Answers, Arrivals, Condition, Gate, Inputs, Labels, Latency, LatencyProfile, Metric,
    ModelSource, Plan, PlanDraft, Predictions, RowOrder, Rows, SimSpan, StrategyKind, Task, Units,
};

pub const ROWS: usize = 2_000;

pub fn secs(secs: u64) -> SimSpan {
    SimSpan::from_secs(secs)
}

/// Two arms of four replicas, 200 requests a second for ten minutes, 10 ms each.
pub fn draft(kind: StrategyKind) -> PlanDraft {
    let mut draft = PlanDraft {
        name: "test".to_owned(),
        seed: 7,
        window: Some(secs(10)),
        strategy: kind.default_strategy(),
        ..PlanDraft::default()
    };
    draft.data.path = "rows.csv".to_owned();
    draft.traffic.arrivals = Arrivals::Poisson { per_second: 200.0 };
    draft.traffic.duration = secs(600);
    draft.traffic.rows = RowOrder::Sampled;
    draft.traffic.units = Units::Synthetic(5_000);
    for arm in &mut draft.arms {
        arm.model = ModelSource::Column("score".to_owned());
        arm.latency = Latency::Exponential { mean: SimSpan::from_millis(10) };
        arm.serving.replicas = 4;
        arm.serving.cold_start = secs(20);
    }
    draft
}

pub fn plan(draft: PlanDraft) -> Plan {
    match draft.validate() {
        Ok(plan) => plan,
        Err(problems) => panic!("{problems:?}"),
    }
}

/// Every half minute, one failure too many aborts.
pub fn gate(name: &str, metric: Metric, pass_when: Condition) -> Gate {
    Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(pass_when),
        interval: secs(30),
        ..Gate::default()
    }
}

/// Arms that are wrong on this share of the rows; equal shares are wrong on the same rows.
pub fn inputs(wrong: &[f64]) -> Inputs {
    let codes: Vec<u16> = (0..ROWS).map(|row| u16::from(row % 3 == 0)).collect();
    let arm = |share: &f64| {
        let is_wrong = |row: usize| ((row * 7_919) % ROWS) as f64 <= share * ROWS as f64 - 1.0;
        let score = |row: usize| if (codes[row] == 1) != is_wrong(row) { 0.8 } else { 0.3 };
        Predictions {
            model: "m".to_owned(),
            digest: format!("{share}"),
            task: Task::Binary,
            answers: Answers::Scores { values: (0..ROWS).map(score).collect(), threshold: 0.5 },
            latency: LatencyProfile::default(),
        }
    };
    let names = vec!["no".to_owned(), "yes".to_owned()];
    Inputs {
        predictions: wrong.iter().map(arm).collect(),
        rows: Rows {
            count: ROWS,
            labels: Labels::Classes { names, codes: codes.clone() },
            ..Rows::default()
        },
        ..Inputs::default()
    }
}
