//! The load that benchmarks share: a canary of 4 + 4 replicas with sticky users, latency and quality,
//! over a dataset of 100,000 rows.

use rehearsal::domain::{
    Answers, Arrivals, Condition, Gate, Inputs, Labels, Latency, LatencyProfile, Metric,
    ModelSource, Plan, PlanDraft, Predictions, Ramp, RowOrder, Rows, SimSpan, SplitBy, Step,
    Strategy, Task, Units,
};

const ROWS: usize = 100_000;

/// How much traffic, and of how many users.
#[derive(Clone, Copy)]
pub struct Load {
    pub requests: f64,
    pub seconds: u64,
    pub users: u32,
}

/// A canary by steps of 5, 25 and 50 %, each of a fifth of the time; four servers are 80 % busy
/// when one arm has all the traffic.
pub fn plan(load: Load, gates: Vec<Gate>, seed: u64) -> Plan {
    let step = |weight| Step { weight, hold: Some(SimSpan::from_secs(load.seconds / 5)) };
    let mut draft = PlanDraft {
        name: "bench".to_owned(),
        seed,
        strategy: Strategy::Canary {
            ramp: Ramp::Steps([5.0, 25.0, 50.0].map(step).to_vec()),
            by: SplitBy::Users,
            dynamic_stable_scale: false,
            scale_down_delay: SimSpan::from_secs(30),
            abort_scale_down_delay: SimSpan::from_secs(30),
        },
        gates,
        ..PlanDraft::default()
    };
    draft.data.path = "rows".to_owned();
    draft.traffic.arrivals = Arrivals::Poisson { per_second: load.requests / load.seconds as f64 };
    draft.traffic.duration = SimSpan::from_secs(load.seconds);
    draft.traffic.rows = RowOrder::Sampled;
    draft.traffic.units = Units::Synthetic(load.users);
    for arm in &mut draft.arms {
        arm.model = ModelSource::Column("score".to_owned());
        arm.latency = Latency::Exponential { mean: SimSpan::from_micros(11_520) };
        arm.serving.replicas = 4;
    }
    draft.validate().unwrap_or_else(|problems| unreachable!("the plan is sound: {problems:?}"))
}

/// Two gates that a good candidate passes, looked at every `interval`.
pub fn gates(interval: SimSpan) -> Vec<Gate> {
    let gate = |name: &str, metric, pass_when| Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(pass_when),
        interval,
        ..Gate::default()
    };
    vec![
        gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)),
        gate("accuracy", Metric::Accuracy, Condition::AtLeast(0.5)),
    ]
}

/// Labelled rows, and two models of which so many percent of the answers are wrong.
pub fn inputs(wrong: [usize; 2]) -> Inputs {
    let codes: Vec<u16> = (0..ROWS).map(|row| u16::from(row % 3 == 0)).collect();
    let score = |row: usize, wrong: usize| {
        let is_right = row * 7_919 % 100 >= wrong;
        let spread = (row * 31 % 1_000) as f32 / 2_500.0;
        if (codes[row] == 1) == is_right { 0.55 + spread } else { 0.45 - spread }
    };
    let arm = |wrong: usize| Predictions {
        model: "m".to_owned(),
        digest: String::new(),
        task: Task::Binary,
        answers: Answers::Scores {
            values: (0..ROWS).map(|row| score(row, wrong)).collect(),
            threshold: 0.5,
        },
        latency: LatencyProfile::default(),
    };
    let predictions = wrong.map(arm).to_vec();
    let names = vec!["no".to_owned(), "yes".to_owned()];
    Inputs {
        predictions,
        rows: Rows { count: ROWS, labels: Labels::Classes { names, codes }, ..Rows::default() },
        ..Inputs::default()
    }
}
