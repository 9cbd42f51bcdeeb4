//! How fast a canary is replayed, beside what a data scientist would write instead.
//!
//! Ours: 4 + 4 replicas, sticky users, latency and quality metrics, two gates, ten million requests
//! over a dataset of 100,000 rows; one thread, in processor time. The rivals, in the same run and on the same load: SimPy
//! (a process per request) and a numba kernel that queues and counts, without gates. They need a
//! Python with `simpy`, `numpy` and `numba`, named by `REHEARSAL_PYTHON` (default `python3`).
//!
//! `cargo bench --bench replay`

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use rehearsal::domain::{
    Answers, Arrivals, Condition, Gate, Inputs, Labels, Latency, LatencyProfile, Metric,
    ModelSource, Plan, PlanDraft, Predictions, Ramp, RowOrder, Rows, SimSpan, SplitBy, Step,
    Strategy, Task, Units, Window,
};
use rehearsal::engine::simulate;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 100_000;
const REQUESTS: f64 = 1e7;
const SECONDS: u64 = 36_000;
const RUNS: usize = 7;

fn plan(seed: u64) -> Plan {
    let hour = Some(SimSpan::from_secs(7_200));
    let step = |weight| Step { weight, hold: hour };
    let gate = |name: &str, metric, pass_when| Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(pass_when),
        interval: SimSpan::from_secs(60),
        ..Gate::default()
    };
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
        gates: vec![
            gate("errors", Metric::ErrorRate, Condition::AtMost(0.05)),
            gate("accuracy", Metric::Accuracy, Condition::AtLeast(0.5)),
        ],
        ..PlanDraft::default()
    };
    draft.data.path = "rows".to_owned();
    draft.traffic.arrivals = Arrivals::Poisson { per_second: REQUESTS / SECONDS as f64 };
    draft.traffic.duration = SimSpan::from_secs(SECONDS);
    draft.traffic.rows = RowOrder::Sampled;
    draft.traffic.units = Units::Synthetic(1_000_000);
    for arm in &mut draft.arms {
        arm.model = ModelSource::Column("score".to_owned());
        // Four servers at 80 % when one arm has all the traffic.
        arm.latency = Latency::Exponential { mean: SimSpan::from_micros(11_520) };
        arm.serving.replicas = 4;
    }
    draft.validate().unwrap_or_else(|problems| unreachable!("the plan is sound: {problems:?}"))
}

fn inputs() -> Inputs {
    let codes: Vec<u16> = (0..ROWS).map(|row| u16::from(row % 3 == 0)).collect();
    let arm = |wrong: usize| Predictions {
        model: "m".to_owned(),
        digest: String::new(),
        task: Task::Binary,
        answers: Answers::Scores {
            values: (0..ROWS)
                .map(|row| {
                    let is_right = row * 7_919 % 100 >= wrong;
                    let spread = (row * 31 % 1_000) as f32 / 2_500.0;
                    if (codes[row] == 1) == is_right { 0.55 + spread } else { 0.45 - spread }
                })
                .collect(),
            threshold: 0.5,
        },
        latency: LatencyProfile::default(),
    };
    let names = vec!["no".to_owned(), "yes".to_owned()];
    Inputs {
        predictions: vec![arm(10), arm(8)],
        rows: Rows {
            count: ROWS,
            labels: Labels::Classes { names, codes: codes.clone() },
            ..Rows::default()
        },
        ..Inputs::default()
    }
}

/// Processor time of this thread so far; wall time where the system does not tell.
fn seconds(begun: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanos.map_or_else(|| begun.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests per second of a rival, `None` if it cannot run here.
fn rival(script: &str) -> Option<f64> {
    let python = std::env::var("REHEARSAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let path = format!("{}/benches/rivals/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python).arg(path).output().ok().filter(|o| o.status.success())?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    let inputs = inputs();
    let mut rates = Vec::new();
    let begun = Instant::now();
    for run in 0..RUNS {
        let plan = plan(run as u64 + 1);
        let before = seconds(begun);
        let recording = black_box(simulate(&plan, &inputs, &[]));
        let seconds = seconds(begun) - before;
        let requests: u64 = recording.windows.iter().map(Window::arrivals).sum();
        rates.push(requests as f64 / seconds);
        println!(
            "  {:.1} M requests/s ({})",
            requests as f64 / seconds / 1e6,
            recording.outcome.reason
        );
    }
    let ours = median(rates);
    println!("rehearsal: {:.1} M requests/s on one core (median of {RUNS})", ours / 1e6);
    for (name, script) in [("SimPy", "simpy_canary.py"), ("numba", "numba_canary.py")] {
        match rival(script) {
            Some(rate) => {
                println!("{name}: {:.3} M requests/s; ratio {:.1}", rate / 1e6, ours / rate);
            }
            None => println!("{name}: not measured (set REHEARSAL_PYTHON to a Python that has it)"),
        }
    }
}
