//! A small rehearsal for the tests of this folder: two recorded arms on a few rows.

use crate::domain::{
    Answers, Arm, Arrivals, Condition, Gate, Inputs, Labels, Latency, LatencyProfile, Metric,
    ModelSource, Plan, PlanDraft, Predictions, Rows, SimSpan, Task,
};

/// A canary of ten minutes, with one gate.
pub fn plan() -> Plan {
    draft().validate().unwrap()
}

pub fn draft() -> PlanDraft {
    let arm = |name: &str| Arm {
        name: name.to_owned(),
        model: ModelSource::Column(name.to_owned()),
        latency: Latency::Constant(SimSpan::from_millis(5)),
        serving: Default::default(),
    };
    let mut draft = PlanDraft { arms: vec![arm("old"), arm("new")], ..PlanDraft::default() };
    draft.data.path = "rows.csv".to_owned();
    draft.traffic.arrivals = Arrivals::Poisson { per_second: 20.0 };
    draft.gates.push(Gate {
        name: "Accuracy".to_owned(),
        metric: Metric::Accuracy,
        pass_when: Some(Condition::AtLeast(0.5)),
        from_stage: 2,
        ..Gate::default()
    });
    draft
}

/// Rows that the old arm gets right three times in four, and the new one always.
pub fn inputs() -> Inputs {
    const ROWS: usize = 40;
    let codes: Vec<u16> = (0..ROWS).map(|row| u16::from(row % 2 == 0)).collect();
    let old =
        codes.iter().enumerate().map(|(row, code)| if row % 4 == 0 { 1 - code } else { *code });
    let arm = |name: &str, classes: Vec<u16>| Predictions {
        model: name.to_owned(),
        digest: name.to_owned(),
        task: Task::Binary,
        answers: Answers::Classes(classes),
        latency: LatencyProfile::default(),
    };
    let names = ["no", "yes"].map(str::to_owned).to_vec();
    Inputs {
        predictions: vec![arm("old", old.collect()), arm("new", codes.clone())],
        rows: Rows {
            count: ROWS,
            labels: Labels::Classes { names, codes },
            digest: "test rows".to_owned(),
            ..Rows::default()
        },
        service_samples: vec![None, None],
        ..Inputs::default()
    }
}
