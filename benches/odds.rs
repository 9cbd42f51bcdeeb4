//! How fast a thousand rehearsals of a canary are, beside a numba kernel that replays one after
//! another.
//!
//! Ours: a canary of a million requests with 4 + 4 replicas, sticky users, latency, quality and three
//! gates, one of them sequential; a thousand seeds on all cores, in wall time. The rival, in the same
//! run: the numba kernel of the replay bench on the same load, without gates, whose time for a
//! thousand is a thousand times its rate. It needs a Python with `numpy` and `numba`, named by
//! `REHEARSAL_PYTHON` (default `python3`).
//!
//! `cargo bench --bench odds`; with `-- --runs N` other than 1,000 runs.

use std::process::Command;
use std::time::Instant;

use rehearsal::domain::gate_test::{Method, Test};
use rehearsal::domain::{
    Answers, Arrivals, Condition, Gate, Inputs, Labels, Latency, LatencyProfile, Metric,
    ModelSource, Plan, PlanDraft, Predictions, Progress, Ramp, Regression, RowOrder, Rows, SimSpan,
    SplitBy, Step, Strategy, Task, Units,
};
use rehearsal::worker::odds::{Question, odds};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 100_000;
const REQUESTS: f64 = 1e6;
const SECONDS: u64 = 3_600;

fn plan() -> Plan {
    let step = |weight| Step { weight, hold: Some(SimSpan::from_secs(720)) };
    let gate = |name: &str, metric, pass_when| Gate {
        name: name.to_owned(),
        metric,
        pass_when: Some(pass_when),
        ..Gate::default()
    };
    let mut draft = PlanDraft {
        name: "bench".to_owned(),
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
            Gate {
                pass_when: None,
                fail_when: Some(Condition::AtMostTimesBaseline(1.0)),
                test: Some(Test::new(Method::Label)),
                ..gate("label test", Metric::Accuracy, Condition::AtLeast(0.0))
            },
        ],
        ..PlanDraft::default()
    };
    draft.data.path = "rows".to_owned();
    draft.traffic.arrivals = Arrivals::Poisson { per_second: REQUESTS / SECONDS as f64 };
    draft.traffic.duration = SimSpan::from_secs(SECONDS);
    draft.traffic.rows = RowOrder::Sampled;
    draft.traffic.units = Units::Synthetic(100_000);
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
    let score = |row: usize| {
        let spread = (row * 31 % 1_000) as f32 / 2_500.0;
        if (codes[row] == 1) == (row * 7_919 % 100 >= 10) { 0.55 + spread } else { 0.45 - spread }
    };
    let arm = Predictions {
        model: "m".to_owned(),
        digest: String::new(),
        task: Task::Binary,
        answers: Answers::Scores { values: (0..ROWS).map(score).collect(), threshold: 0.5 },
        latency: LatencyProfile::default(),
    };
    let names = vec!["no".to_owned(), "yes".to_owned()];
    Inputs {
        predictions: vec![arm.clone(), arm],
        rows: Rows { count: ROWS, labels: Labels::Classes { names, codes }, ..Rows::default() },
        ..Inputs::default()
    }
}

/// Requests per second of the rival on one core, `None` if it cannot run here.
fn rival() -> Option<f64> {
    let python = std::env::var("REHEARSAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let path = format!("{}/benches/rivals/numba_canary.py", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python).arg(path).output().ok().filter(|o| o.status.success())?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    let mut args = std::env::args().skip_while(|arg| arg != "--runs").skip(1);
    let runs: u32 = args.next().and_then(|runs| runs.parse().ok()).unwrap_or(1_000);
    let (plan, inputs) = (plan(), inputs());
    let question = Question { regressions: vec![Regression::None], runs, precision: None, seed: 1 };
    let begun = Instant::now();
    let found = odds(&plan, &inputs, &question, &Progress::default(), |_| {})
        .unwrap_or_else(|fault| unreachable!("the plan fits its inputs: {fault}"));
    let seconds = begun.elapsed().as_secs_f64();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let alarms = found.false_alarms().map_or(0, |alarms| alarms.count);
    println!(
        "rehearsal: {runs} rehearsals of a million requests in {seconds:.1} s on {cores} cores \
         ({:.1} M requests/s; {alarms} false alarms)",
        f64::from(runs) * REQUESTS / seconds / 1e6
    );
    match rival() {
        Some(rate) => {
            let theirs = f64::from(runs) * REQUESTS / rate;
            println!(
                "numba, one core, no gates: {:.1} M requests/s, so {theirs:.1} s; {:.1} times as long \
                 (on {cores} cores, were it parallel, {:.1} times)",
                rate / 1e6,
                theirs / seconds,
                theirs / seconds / cores as f64
            );
        }
        None => println!("numba: cannot run here"),
    }
}
