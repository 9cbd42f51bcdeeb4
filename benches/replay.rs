//! How fast a canary is replayed, beside what a data scientist would write instead.
//!
//! Ours: 4 + 4 replicas, sticky users, latency and quality metrics, two gates, ten million requests
//! over a dataset of 100,000 rows; one thread, in processor time. The rivals, in the same run and on the same load: SimPy
//! (a process per request) and a numba kernel that queues and counts, without gates. They need a
//! Python with `simpy`, `numpy` and `numba`, named by `REHEARSAL_PYTHON` (default `python3`).
//!
//! `cargo bench --bench replay`

mod canary;

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use rehearsal::domain::{Plan, SimSpan, Window};
use rehearsal::engine::simulate;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LOAD: canary::Load = canary::Load { requests: 1e7, seconds: 36_000, users: 1_000_000 };
const RUNS: usize = 7;

fn plan(seed: u64) -> Plan {
    canary::plan(LOAD, canary::gates(SimSpan::from_secs(60)), seed)
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
    let inputs = canary::inputs([10, 8]);
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
