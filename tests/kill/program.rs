//! The program itself is killed while it runs and saves a long rehearsal. Whatever moment it was,
//! what was finished before is whole, and the run that was cut off comes out the same when it is run
//! again from what was kept of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rehearsal::store::{ExperimentId, Library, Status, Summary};

use super::{kills, random_share};

#[test]
fn the_program_killed_while_it_runs_and_saves_can_run_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.rehearsal");
    let plan = long_plan(&library);
    let begun = Instant::now();
    let (whole, digest) = run_to_the_end(&library, plan.as_os_str().to_str().unwrap());
    let takes = begun.elapsed();

    let (mut early, mut interrupted, mut finished) = (0, 0, 0);
    // A run of seconds each: fewer of them than of the writers.
    let wanted = kills().div_ceil(5);
    let mut kills = 0;
    while kills < wanted || interrupted == 0 {
        kills += 1;
        assert!(kills < 10 * wanted, "{early} not begun, {finished} finished");
        kill_after(&library, &plan, takes.mul_f64(random_share()));
        let Some(summary) = left_behind(&library, &whole, &digest) else {
            early += 1;
            continue;
        };
        if summary.status == Status::Finished {
            finished += 1;
        } else {
            interrupted += 1;
            // Seconds again: not every time.
            if interrupted % 10 == 1 {
                let (again, same) = run_to_the_end(&library, summary.id.as_str());
                assert_eq!(same, digest, "{} was run again as {again}", summary.id);
                delete(&library, &again);
            }
        }
        delete(&library, &summary.id);
    }
    println!(
        "the program: {kills} kills, {interrupted} runs interrupted, {finished} finished before, \
         {early} not yet begun"
    );
}

/// The sample canary, with so much traffic that it takes seconds.
fn long_plan(library: &Path) -> PathBuf {
    let samples = library.with_file_name("samples");
    let written = program(library, &["sample", samples.to_str().unwrap()]).status().unwrap();
    assert!(written.success());
    let path = samples.join("loans/plans/canary.toml");
    let text = fs::read_to_string(&path).unwrap();
    let long = text.replace("duration = \"15m\"", "duration = \"20h\"");
    assert_ne!(long, text);
    let path = path.with_file_name("long.toml");
    fs::write(&path, long).unwrap();
    path
}

/// The id and the digest of a plan, or of a stored run, that nobody interrupts.
fn run_to_the_end(library: &Path, what: &str) -> (ExperimentId, String) {
    let done = program(library, &["run", what, "--json"]).stdout(Stdio::piped()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let id = ExperimentId::parse(told["id"].as_str().unwrap()).unwrap();
    (id, told["digest"].as_str().unwrap().to_owned())
}

fn kill_after(library: &Path, plan: &Path, delay: Duration) {
    let mut running =
        program(library, &["run", plan.to_str().unwrap(), "--quiet"]).spawn().unwrap();
    std::thread::sleep(delay);
    running.kill().unwrap();
    running.wait().unwrap();
}

/// Opens the library after a kill. Returns the run that was killed, if it had begun.
fn left_behind(path: &Path, whole: &ExperimentId, digest: &str) -> Option<Summary> {
    let library = Library::open(path).unwrap();
    let shell = rusqlite::Connection::open(path).unwrap();
    let found: String = shell.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    let before = library.load(whole).unwrap();
    assert_eq!(before.summary.status, Status::Finished);
    assert_eq!(before.recording.unwrap().digest(), digest);

    let mut others = library.list().unwrap();
    others.retain(|summary| summary.id != *whole);
    let killed = others.pop()?;
    assert_eq!(others.len(), 0);
    let kept = library.load(&killed.id).unwrap();
    assert_eq!(kept.inputs, before.inputs);
    match killed.status {
        // Just before the kill.
        Status::Finished => assert_eq!(kept.recording.unwrap().digest(), digest),
        Status::Interrupted => {}
        Status::Running => panic!("nobody runs {}", killed.id),
    }
    Some(killed)
}

fn delete(library: &Path, id: &ExperimentId) {
    let done = program(library, &["delete", id.as_str(), "--for-good"]).status().unwrap();
    assert!(done.success());
}

fn program(library: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.arg("--library").arg(library).args(arguments).stdout(Stdio::null());
    command
}
