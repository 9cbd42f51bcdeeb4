//! A writer is killed at random moments, as often as `REHEARSAL_KILLS` says: the library opens, is
//! consistent, holds every experiment that was reported as finished, and knows which were not.
//!
//! ```text
//! REHEARSAL_KILLS=500 cargo test --test kill -- --nocapture
//! ```
//!
//! The writer is this test program itself, started again with `REHEARSAL_WRITE_TO` set; [`program`]
//! kills Rehearsal itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells what it did"
)]

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rehearsal::domain::{
    About, ArmId, ArmWindow, Decision, Event, EventKind, Histogram, Inputs, ModelSource, Outcome,
    OutcomeKind, Plan, PlanDraft, Quality, Recording, SimSpan, SimTime, StrategyKind, Window,
};
use rehearsal::store::{ExperimentId, Library, NewComment, NewExperiment, Sharing, Status};

mod program;

const WRITE_TO: &str = "REHEARSAL_WRITE_TO";
const HOW_MANY: &str = "REHEARSAL_WRITE_COUNT";
const SHARE_TO: &str = "REHEARSAL_SHARE_TO";
const WINDOWS: u64 = 24;

#[test]
fn a_library_survives_kills_at_any_moment() {
    let kills = kills();
    let folder = tempfile::tempdir().unwrap();
    let (mut finished, mut interrupted) = (0, 0);
    let mut checked = HashSet::new();
    let mut kill = 0;
    // On until both have been met: on a slow machine later kills come late enough.
    while kill < kills || finished == 0 || interrupted == 0 {
        assert!(kill < 10 * kills, "{finished} finished, {interrupted} interrupted");
        // A new library now and then, so that its making is interrupted too.
        let library = folder.path().join(format!("{}.rehearsal", kill / 10));
        let mut writer = start_writer(&library, usize::MAX);
        std::thread::sleep(random_delay() * (1 + kill / kills) as u32);
        writer.kill().unwrap();
        writer.wait().unwrap();
        let (whole, cut) = check(&library, &mut checked);
        finished += whole;
        interrupted += cut;
        kill += 1;
    }
    println!("running and saving: {kill} kills, {finished} runs whole, {interrupted} interrupted");
}

/// How often each kind of writer is killed.
fn kills() -> usize {
    std::env::var("REHEARSAL_KILLS").map_or(20, |n| n.parse().unwrap())
}

#[test]
fn two_processes_fill_one_library() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("both.rehearsal");
    let mut writers = [start_writer(&path, 6), start_writer(&path, 6)];
    // Opening it again and again must not take a living writer for a dead one.
    while writers.iter_mut().any(|writer| writer.try_wait().unwrap().is_none()) {
        let all = Library::open(&path).unwrap().list().unwrap();
        assert!(all.iter().all(|summary| summary.status != Status::Interrupted));
        std::thread::sleep(Duration::from_millis(5));
    }
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(check(&path, &mut HashSet::new()), (12, 0));
}

#[test]
fn a_library_survives_kills_while_it_is_brought_up_to_date() {
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/schema");
    let folder = tempfile::tempdir().unwrap();
    let mut unfinished = 0;
    for kill in 0..kills() {
        let path = folder.path().join(format!("{kill}.rehearsal"));
        let version = 1 + kill % 2;
        fs::copy(released.join(format!("version{version}.rehearsal")), &path).unwrap();
        let mut writer = start_writer(&path, 0);
        // Up to 60 ms: it starts, and brings the file up to date.
        std::thread::sleep(random_delay() / 4);
        writer.kill().unwrap();
        writer.wait().unwrap();
        unfinished += usize::from(version_of(&path) == version as i32);
        let library = Library::open(&path).unwrap();
        let [summary] = &library.list().unwrap()[..] else { panic!("one experiment") };
        let back = library.load(&summary.id).unwrap();
        assert_eq!(back.recording.map(|recording| recording.digest()), summary.digest);
        assert_eq!(library.search("canary").unwrap().len(), 1);
    }
    println!("migrating: {} kills, {unfinished} before it was done", kills());
}

fn version_of(path: &Path) -> i32 {
    let file = rusqlite::Connection::open(path).unwrap();
    file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_shared_copy_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.rehearsal");
    let library = Library::open(&path).unwrap();
    let id = begin(&library, 3);
    library.finish(&id, &recording(WINDOWS, 3)).unwrap();
    let copy = folder.path().join("copy.rehearsal");
    let (mut whole, mut unfinished) = (0, 0);
    for _ in 0..kills() {
        let mut writer = start(&path, &[(SHARE_TO, copy.as_os_str())]);
        std::thread::sleep(random_delay());
        writer.kill().unwrap();
        writer.wait().unwrap();
        unfinished += usize::from(folder.path().join("copy.rehearsal.part").exists());
        if copy.exists() {
            let back = Library::open_stranger(&copy).unwrap().load(&id).unwrap();
            assert_eq!(back.recording, Some(recording(WINDOWS, 3)));
            fs::remove_file(&copy).unwrap();
            whole += 1;
        }
        check(&path, &mut HashSet::new());
    }
    println!("sharing: {} kills, {whole} copies whole, {unfinished} unfinished", kills());
}

/// Not a test of its own: the process that the tests start, and kill.
#[test]
fn writer() {
    let Some(path) = std::env::var_os(WRITE_TO).map(PathBuf::from) else { return };
    if let Some(copy) = std::env::var_os(SHARE_TO).map(PathBuf::from) {
        let library = Library::open(&path).unwrap();
        let id = library.list().unwrap().remove(0).id;
        loop {
            library.share(&id, Sharing::Whole, &copy).unwrap();
        }
    }
    let count: usize = std::env::var(HOW_MANY).unwrap().parse().unwrap();
    let library = Library::open(&path).unwrap();
    for salt in 0..count as u64 {
        let recording = recording(WINDOWS, salt % 1_000);
        let id = begin(&library, salt % 1_000);
        for windows in [5, 11, 17] {
            let mut so_far = recording.clone();
            so_far.windows.truncate(windows);
            so_far.events.truncate(windows);
            library.append(&id, &so_far).unwrap();
        }
        library.finish(&id, &recording).unwrap();
        report_finished(&path, &id);
        let author = "Ada".to_owned();
        let text = "fine".to_owned();
        let new = NewComment { about: About::Run, answers: None, author, text };
        library.comment(&id, &new).unwrap();
        library.sign(&id, Decision::Approve, "Ada", "fine", None).unwrap();
        if salt % 4 == 1 {
            let copy = path.with_extension(format!("{}.copy", std::process::id()));
            library.share(&id, Sharing::Whole, &copy).unwrap();
        }
    }
}

fn start_writer(library: &Path, count: usize) -> Child {
    start(library, &[(HOW_MANY, count.to_string().as_ref())])
}

fn start(library: &Path, how: &[(&str, &OsStr)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["writer", "--exact"])
        .env(WRITE_TO, library)
        .envs(how.iter().copied())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Up to a quarter of a second.
fn random_delay() -> Duration {
    Duration::from_millis(250).mul_f64(random_share())
}

/// From 0 to 1, drawn from the operating system's randomness.
fn random_share() -> f64 {
    RandomState::new().hash_one(0) as f64 / u64::MAX as f64
}

fn reports(library: &Path) -> PathBuf {
    library.with_extension("finished")
}

/// Tells the test, outside the library, that an experiment was saved.
fn report_finished(library: &Path, id: &ExperimentId) {
    let mut file = OpenOptions::new().create(true).append(true).open(reports(library)).unwrap();
    file.write_all(format!("{id}\n").as_bytes()).unwrap();
}

/// Opens the library and looks at all that is not in `checked` yet. Returns how many experiments
/// are finished and interrupted among those.
fn check(path: &Path, checked: &mut HashSet<ExperimentId>) -> (usize, usize) {
    let library = Library::open(path).unwrap();
    let shell = rusqlite::Connection::open(path).unwrap();
    let found: String = shell.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    assert!(!shell.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());

    let all = library.list().unwrap();
    let reported = fs::read_to_string(reports(path)).unwrap_or_default();
    for id in reported.lines().filter(|line| line.len() == 8) {
        let summary = all.iter().find(|summary| summary.id.as_str() == id);
        assert_eq!(summary.map(|summary| summary.status), Some(Status::Finished), "{id}");
    }
    let (mut finished, mut interrupted) = (0, 0);
    for summary in all {
        if checked.insert(summary.id.clone()) {
            match check_experiment(&library, &summary.id) {
                Status::Finished => finished += 1,
                Status::Interrupted => interrupted += 1,
                Status::Running => panic!("{} has no writer", summary.id),
            }
        }
    }
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let copy = entry.unwrap().path();
        if copy.extension().is_some_and(|extension| extension == "copy") {
            assert_eq!(Library::open_stranger(&copy).unwrap().list().unwrap().len(), 1);
        }
    }
    (finished, interrupted)
}

fn check_experiment(library: &Library, id: &ExperimentId) -> Status {
    let back = library.load(id).unwrap();
    let whole = recording(WINDOWS, back.plan.seed);
    // A review is whole: every sign-off is over the comment before it.
    let reviewed = library.review(id).unwrap();
    assert!(reviewed.sign_offs().all(|(_, standing)| standing.holds()));
    if back.summary.status == Status::Finished {
        assert_eq!(back.recording, Some(whole));
    } else {
        let stored = back.recording.map_or(Vec::new(), |stored| stored.windows);
        assert!(whole.windows.starts_with(&stored));
        // It can be run again: all that it needs is there.
        assert_eq!(back.inputs, inputs());
    }
    back.summary.status
}

fn begin(library: &Library, seed: u64) -> ExperimentId {
    let new = NewExperiment {
        name: "killed",
        plan: &plan(seed),
        inputs: &inputs(),
        interventions: &[],
        parent: None,
        base_folder: "/somewhere",
        author: "",
    };
    library.begin(&new).unwrap()
}

fn plan(seed: u64) -> Plan {
    let mut draft = PlanDraft { name: "kill".to_owned(), seed, ..PlanDraft::default() };
    draft.data.path = "loans.csv".to_owned();
    for arm in &mut draft.arms {
        arm.model = ModelSource::Column("score".to_owned());
    }
    draft.validate().unwrap()
}

fn inputs() -> Inputs {
    let arrivals = (0..5_000).map(|n| SimTime::from_micros(n * n)).collect();
    Inputs { arrivals: Some(arrivals), ..Inputs::default() }
}

fn recording(windows: u64, salt: u64) -> Recording {
    let arm = |number: u64| ArmWindow {
        arrivals: number * 100 + salt,
        latency: Histogram::from_dense(&vec![1 + salt as u32; 400]),
        quality: vec![Quality { answers: number, log_loss: number as f64, ..Quality::default() }],
        ..ArmWindow::default()
    };
    let window = |number: u64| Window {
        start: SimTime::from_secs(number),
        end: SimTime::from_secs(number + 1),
        stage: 0,
        arms: vec![arm(number), arm(number + 1)],
    };
    let event = |number: u64| Event { at: SimTime::from_secs(number), kind: EventKind::Stage(0) };
    Recording {
        strategy: StrategyKind::Canary,
        arms: vec!["a".to_owned(), "b".to_owned()],
        gates: Vec::new(),
        segments: Vec::new(),
        stages: vec!["only".to_owned()],
        window: SimSpan::from_secs(1),
        windows: (0..windows).map(window).collect(),
        events: (0..windows).map(event).collect(),
        jobs: Vec::new(),
        outcome: Outcome {
            kind: OutcomeKind::Promoted,
            at: SimTime::from_secs(windows),
            winner: ArmId::CANDIDATE,
            reason: String::new(),
        },
    }
}
