//! A library of 10,000 experiments: how long it takes to open and list it, to search it and to open
//! one experiment; and what saving costs a replay.
//!
//! The experiments are one that was really saved, under other ids, names, dates, tags and notes: all
//! that lists and searches read. Each replay is timed without and with saving in turn, to its last
//! window; and then until all of it is on the disk; and then opened again. All figures are medians of
//! wall time.
//!
//! `cargo bench --bench library`

mod canary;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rehearsal::domain::{Gate, Plan, SimSpan, SimTime};
use rehearsal::engine::simulate;
use rehearsal::store::{ExperimentId, Library, NewExperiment};
use rehearsal::worker::{Status, rehearse};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const COUNT: usize = 10_000;
const RUNS: usize = 11;

/// Copies the one experiment of a library under other ids.
fn multiply(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let file = rusqlite::Connection::open(path)?;
    file.execute_batch(&format!(
        "BEGIN;
         CREATE TEMP TABLE numbers AS
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {COUNT} - 1)
             SELECT printf('x%07d', n) AS id, n FROM n;
         INSERT INTO experiments SELECT numbers.id, name || ' ' || n, strategy, status, outcome,
             decided_us, winner, reason,
             strftime('%Y-%m-%dT%H:%M:%S.000000000Z', created, '-' || n || ' minutes'),
             finished, program_version, seed, dataset, plan, plan_digest, inputs_digest, digest,
             CASE WHEN n % 5 = 0 THEN printf('x%07d', n - 1) END, writer
             FROM experiments, numbers;
         INSERT INTO arms SELECT numbers.id, arm, letter, name, model FROM arms, numbers;
         INSERT INTO verdicts SELECT numbers.id, headline, sentence, metric, delta, low, high, shows
             FROM verdicts, numbers;
         INSERT INTO tags SELECT id, 'week ' || n % 52 FROM numbers;
         INSERT INTO keeping (experiment, notes)
             SELECT id, 'Ask the fraud team of branch ' || n % 7 FROM numbers WHERE n % 3 = 0;
         INSERT INTO search (id, name, strategy, outcome, data, models, tags, notes)
             SELECT e.id, e.name, e.strategy, e.outcome, e.dataset, 'old new', 'week ' || n % 52,
                    coalesce(notes, '')
             FROM experiments e JOIN numbers ON numbers.id = e.id
             LEFT JOIN keeping ON experiment = e.id;
         COMMIT;"
    ))?;
    Ok(())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn millis<T>(work: impl FnOnce() -> T) -> f64 {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed().as_secs_f64() * 1e3
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn print<T>(what: &str, work: impl Fn() -> T) {
    let times = (0..RUNS).map(|_| millis(&work)).collect();
    println!("  {what:<52}{:>8.1} ms", median(times));
}

fn new<'a>(plan: &'a Plan, inputs: &'a rehearsal::domain::Inputs) -> NewExperiment<'a> {
    NewExperiment {
        name: &plan.name,
        plan,
        inputs,
        interventions: &[],
        parent: None,
        base_folder: "",
        author: "",
    }
}

/// Saves a canary of a hundred thousand requests in half an hour, and makes 10,000 of it.
fn filled(path: &Path) -> Result<ExperimentId, Box<dyn std::error::Error>> {
    let load = canary::Load { requests: 1e5, seconds: 1_800, users: 10_000 };
    let plan = canary::plan(load, canary::gates(Gate::default().interval), 1);
    let inputs = canary::inputs([10, 8]);
    let mut library = Library::open(path)?;
    let (id, _) = rehearse(&new(&plan, &inputs), &mut library, &Status::default(), |_| {})?;
    drop(library);
    multiply(path)?;
    Ok(id)
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn of_many(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let id = filled(path)?;
    let library = Library::open(path)?;
    assert_eq!(library.list()?.len(), COUNT);
    assert_eq!(library.search("bench 4711")?.len(), 1);
    assert_eq!(library.search("canary")?.len(), COUNT);
    println!("A library of {COUNT} experiments:");
    print("open the library", || Library::open(path));
    print("list all", || library.list());
    print("search a word that all have", || library.search("canary"));
    print("search three words that a few have", || library.search("fraud week 4"));
    print("find by the beginning of an id", || library.find(id.as_str()));
    print("open an experiment", || library.load(&id));
    Ok(())
}

/// By how much saving makes a replay longer, and how long after its end all of it is on the disk.
#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn saving(folder: &Path, load: canary::Load) -> Result<(), Box<dyn std::error::Error>> {
    let mut library = Library::open(&folder.join(format!("{}.rehearsal", load.requests)))?;
    let inputs = canary::inputs([10, 8]);
    let [mut without, mut with, mut after, mut opened] = [const { Vec::new() }; 4];
    let end = SimTime::from_secs(load.seconds);
    for seed in 0..RUNS as u64 {
        let plan = canary::plan(load, canary::gates(SimSpan::from_secs(60)), seed + 1);
        let new = new(&plan, &inputs);
        without.push(millis(|| simulate(&plan, &inputs, &[])));
        let begun = Instant::now();
        let mut ended = begun;
        let (id, _) = rehearse(&new, &mut library, &Status::default(), |recording| {
            if recording.end() >= end {
                ended = Instant::now();
            }
        })?;
        with.push((ended - begun).as_secs_f64() * 1e3);
        after.push(ended.elapsed().as_secs_f64() * 1e3);
        opened.push(millis(|| library.load(&id)));
    }
    let (without, with) = (median(without), median(with));
    println!(
        "  {:>4} M requests, {:>2} h{without:>11.0} ms{with:>11.0} ms{:>+9.1} %{:>9.1} ms{:>9.1} ms",
        load.requests / 1e6,
        load.seconds / 3_600,
        (with / without - 1.0) * 100.0,
        median(after),
        median(opened)
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    of_many(&folder.path().join("library.rehearsal"))?;
    println!("A replay:               not saved        saved   longer  saved after   opened");
    for (requests, hours) in [(1e6, 1), (1e7, 10), (1e8, 24)] {
        let load = canary::Load { requests, seconds: hours * 3_600, users: 1_000_000 };
        saving(folder.path(), load)?;
    }
    Ok(())
}
