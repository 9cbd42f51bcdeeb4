//! A library of 10,000 experiments: listing, searching and opening stay instant.
//!
//! ```text
//! cargo test --release --test large_library -- --nocapture
//! ```

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use rehearsal::store::Library;

const COUNT: usize = 10_000;

/// Copies the one experiment of a library under other ids.
fn multiply(path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(&format!(
        "BEGIN;
         CREATE TEMP TABLE numbers AS
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {COUNT} - 1)
             SELECT printf('x%07d', n) AS id, n FROM n;
         INSERT INTO experiments SELECT numbers.id, name || ' ' || n, strategy, status, outcome,
             decided_us, winner, reason, strftime('%Y-%m-%dT%H:%M:%S.000000000Z', created, '-' || n || ' minutes'),
             finished, program_version, seed, dataset, plan, plan_digest, inputs_digest, digest,
             CASE WHEN n % 5 = 0 THEN printf('x%07d', n - 1) END, writer
             FROM experiments, numbers;
         INSERT INTO arms SELECT numbers.id, arm, letter, name, model FROM arms, numbers;
         INSERT INTO verdicts SELECT numbers.id, headline, sentence, metric, delta, low, high, shows
             FROM verdicts, numbers;
         INSERT INTO tags SELECT id, 'week ' || n % 52 FROM numbers;
         INSERT INTO search (id, name, strategy, outcome, data, models, tags, notes)
             SELECT e.id, e.name, e.strategy, e.outcome, e.dataset, 'old new', 'week ' || n % 52, ''
             FROM experiments e JOIN numbers ON numbers.id = e.id;
         COMMIT;"
    ))
    .unwrap();
}

/// Prints the median of seven.
fn time<T>(what: &str, work: impl Fn() -> T) {
    let mut times: Vec<Duration> = (0..7)
        .map(|_| {
            let begun = Instant::now();
            black_box(work());
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!("{what}: {:.1} ms", times[3].as_secs_f64() * 1e3);
}

#[test]
fn ten_thousand_experiments_are_listed_searched_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.rehearsal");
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/schema/version1.rehearsal");
    fs::copy(old, &path).unwrap();
    let id = Library::open(&path).unwrap().list().unwrap()[0].id.clone();
    multiply(&path);
    let library = Library::open(&path).unwrap();
    assert_eq!(library.list().unwrap().len(), COUNT);
    assert_eq!(library.search("canary 4711").unwrap().len(), 1);
    time("open the library", || Library::open(&path).unwrap());
    time("list", || library.list().unwrap());
    time("search one word", || library.search("canary").unwrap());
    time("search three words", || library.search("small week promot").unwrap());
    time("open an experiment", || library.load(&id).unwrap());
}
