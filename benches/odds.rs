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

mod canary;

use std::process::Command;
use std::time::Instant;

use rehearsal::domain::gate_test::{Method, Test};
use rehearsal::domain::{Condition, Gate, Metric, Plan, PlanDraft, Progress, Regression};
use rehearsal::worker::odds::{Question, odds};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LOAD: canary::Load = canary::Load { requests: 1e6, seconds: 3_600, users: 100_000 };

fn plan() -> Plan {
    let mut gates = canary::gates(Gate::default().interval);
    gates.push(Gate {
        name: "label test".to_owned(),
        pass_when: None,
        metric: Metric::Accuracy,
        fail_when: Some(Condition::AtMostTimesBaseline(1.0)),
        test: Some(Test::new(Method::Label)),
        ..Gate::default()
    });
    canary::plan(LOAD, gates, PlanDraft::default().seed)
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
    let (plan, inputs) = (plan(), canary::inputs([10, 10]));
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
        f64::from(runs) * LOAD.requests / seconds / 1e6
    );
    match rival() {
        Some(rate) => {
            let theirs = f64::from(runs) * LOAD.requests / rate;
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
