//! Statistics of ten million values, beside scikit-learn and scipy on values drawn alike.
//!
//! ROC AUC, Kolmogorov and Smirnov, Mann and Whitney, and the population stability index; wall time,
//! median of three. The rivals need a Python with `numpy`, `scipy` and `scikit-learn`, named by
//! `REHEARSAL_PYTHON` (default `python3`), and run in the same minutes.
//!
//! `cargo bench --bench statistics`

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use rehearsal::stats::drift::{counts_between, psi, quantile_edges};
use rehearsal::stats::ks::smirnov;
use rehearsal::stats::mann_whitney::rank_sum;
use rehearsal::stats::ranking::roc_auc_unweighted;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const VALUES: usize = 10_000_000;
const RUNS: usize = 3;

/// Normal values by Box and Muller from a SplitMix64 stream.
fn normal(count: usize, mean: f64, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut unit = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut value = || (-2.0 * (1.0 - unit()).ln()).sqrt() * (std::f64::consts::TAU * unit()).cos();
    (0..count).map(|_| mean + value()).collect()
}

fn seconds(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// Seconds of the rivals in the order of ours, `None` if they cannot run here.
fn rivals() -> Option<Vec<f64>> {
    let python = std::env::var("REHEARSAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let path = format!("{}/benches/rivals/scipy_statistics.py", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python).arg(path).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().map(|word| word.parse().ok()).collect()
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() {
    let half = VALUES / 2;
    let (first, second) = (normal(half, 0.0, 1), normal(half, 0.1, 2));
    let scores = normal(VALUES, 0.0, 3);
    let is_positive: Vec<bool> = normal(VALUES, 0.0, 4).iter().map(|x| *x > 0.0).collect();
    let roc_auc = || {
        black_box(roc_auc_unweighted(&scores, &is_positive));
    };
    let kolmogorov = || {
        black_box(smirnov(&first, &second));
    };
    let mann_whitney = || {
        black_box(rank_sum(&first, &second).map(|sum| sum.asymptotic(0.5)));
    };
    let stability = || {
        let Some(edges) = quantile_edges(&first, 10) else { return };
        let [one, two] = [&first, &second].map(|values| counts_between(values, &edges));
        black_box(psi(&one, &two));
    };
    let ours = [
        ("ROC AUC", seconds(roc_auc)),
        ("Kolmogorov and Smirnov", seconds(kolmogorov)),
        ("Mann and Whitney", seconds(mann_whitney)),
        ("PSI, 10 bins", seconds(stability)),
    ];
    let rivals = rivals();
    for (place, (name, seconds)) in ours.into_iter().enumerate() {
        match rivals.as_ref().and_then(|rivals| rivals.get(place)) {
            Some(theirs) => println!(
                "{name}: {seconds:.2} s, the rival {theirs:.2} s ({:.2} times as long)",
                theirs / seconds
            ),
            None => println!("{name}: {seconds:.2} s, the rival cannot run here"),
        }
    }
}
