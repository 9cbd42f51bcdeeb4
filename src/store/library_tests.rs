//! A library from the outside: what goes in comes out, to the bit, whoever else is using the file.

use std::path::PathBuf;

use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::domain::{Inputs, Recording};

struct Shelf {
    folder: TempDir,
    library: Library,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The folder of the library is made by opening it.
        let library = Library::open(&folder.path().join("deep/er/library.rehearsal")).unwrap();
        Self { folder, library }
    }

    fn begin(&self, inputs: &Inputs) -> ExperimentId {
        let (plan, interventions) = (fixture::plan(), fixture::interventions());
        let new = NewExperiment {
            interventions: &interventions,
            base_folder: "/home/ada/secret",
            author: " Ada ",
            ..fixture::new(&plan, inputs)
        };
        self.library.begin(&new).unwrap()
    }

    fn finished(&self, recording: &Recording) -> ExperimentId {
        let id = self.begin(&fixture::inputs(50));
        self.library.finish(&id, recording).unwrap();
        id
    }

    /// Numbers of a query, as another program would ask them.
    fn numbers(&self, sql: &str) -> Vec<f64> {
        let shell = Connection::open(self.library.path()).unwrap();
        let mut statement = shell.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("copy.rehearsal")
    }
}

#[test]
fn an_experiment_comes_back_as_it_was() {
    let shelf = Shelf::new();
    let (inputs, recording) = (fixture::inputs(1_000), fixture::recording(130, 5));
    let id = shelf.begin(&inputs);
    shelf.library.finish(&id, &recording).unwrap();

    let back = shelf.library.load(&id).unwrap();
    assert_eq!(back.plan, fixture::plan());
    assert_eq!(back.inputs, inputs);
    assert_eq!(back.interventions, fixture::interventions());
    assert_eq!(back.base_folder.as_deref(), Some("/home/ada/secret"));
    assert_eq!(back.summary.digest, Some(recording.digest()));
    assert_eq!(back.summary.status, Status::Finished);
    assert_eq!(back.summary.arms, ["baseline", "candidate"]);
    assert_eq!(back.summary.dataset, "loans.csv");
    assert_eq!(back.summary.author, "Ada");
    assert_eq!(shelf.library.search("ada risk").unwrap(), std::slice::from_ref(&id));
    assert_eq!(back.recording, Some(recording));
    assert_eq!(shelf.library.list().unwrap(), [back.summary]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_recording_comes_back_to_the_bit_however_it_was_appended(
        recording in fixture::any_recording(), cuts in prop::collection::vec(0usize..150, 0..4)
    ) {
        let shelf = Shelf::new();
        let id = shelf.begin(&fixture::inputs(3));
        let mut cuts = cuts;
        cuts.sort_unstable();
        for cut in cuts {
            let mut so_far = recording.clone();
            so_far.windows.truncate(cut);
            so_far.events.truncate(cut / 2);
            shelf.library.append(&id, &so_far).unwrap();
            // NaN is not equal to itself, but its bits are.
            let stored = shelf.library.load(&id).unwrap().recording.unwrap();
            prop_assert!(stored.windows.len() >= so_far.windows.len());
        }
        shelf.library.append(&id, &recording).unwrap();
        let appended = shelf.library.load(&id).unwrap().recording.unwrap();
        prop_assert_eq!(appended.digest(), recording.digest());
        shelf.library.finish(&id, &recording).unwrap();
        let finished = shelf.library.load(&id).unwrap().recording.unwrap();
        prop_assert_eq!(finished.digest(), recording.digest());
    }
}

#[test]
fn a_run_is_saved_as_it_ended_whatever_was_written_before() {
    let shelf = Shelf::new();
    let id = shelf.begin(&fixture::inputs(3));
    shelf.library.append(&id, &fixture::recording(90, 1)).unwrap();
    let recording = fixture::recording(100, 2);
    shelf.library.finish(&id, &recording).unwrap();
    assert_eq!(shelf.library.load(&id).unwrap().recording, Some(recording));
    assert_eq!(shelf.numbers("SELECT count(*) * 1.0 FROM windows"), [100.0]);
}

#[test]
fn views_show_the_numbers_of_the_charts() {
    let shelf = Shelf::new();
    let recording = fixture::recording(12, 3);
    shelf.finished(&recording);
    let of_candidate = |column: &str| {
        shelf.numbers(&format!("SELECT {column} FROM window_metrics WHERE arm = 'B'"))
    };
    let charts = |metric| -> Vec<f64> {
        let arm = crate::domain::ArmId::CANDIDATE;
        recording.windows.iter().map(|window| window.metric(arm, metric).unwrap()).collect()
    };
    use crate::domain::Metric;
    assert_eq!(of_candidate("accuracy"), charts(Metric::Accuracy));
    assert_eq!(of_candidate("latency_p95"), charts(Metric::LatencyP95));
    assert_eq!(of_candidate("roc_auc"), charts(Metric::RocAuc));
    assert_eq!(of_candidate("share"), charts(Metric::Share));
    for (view, rows) in [
        ("experiment_list", 1.0),
        ("window_metrics", 24.0),
        ("segment_metrics", 48.0),
        ("event_log", 12.0),
        ("job_log", 1.0),
    ] {
        assert_eq!(shelf.numbers(&format!("SELECT count(*) * 1.0 FROM {view}")), [rows], "{view}");
    }
    let measured = "SELECT detail ->> '$.samples' * 1.0 FROM event_log WHERE kind = 'measured'";
    assert_eq!(shelf.numbers(measured), [5.0, 8.0, 11.0, 14.0]);
}

#[test]
fn equal_inputs_are_kept_once_and_go_with_their_last_reader() {
    let shelf = Shelf::new();
    let contents = || shelf.numbers("SELECT count(*) * 1.0 FROM contents")[0];
    let first = shelf.finished(&fixture::recording(2, 1));
    let of_one = contents();
    let second = shelf.finished(&fixture::recording(2, 2));
    assert_eq!(contents(), of_one);
    let cached = fixture::predictions("v1", 50);
    shelf.library.keep_predictions("a key", &cached).unwrap();
    assert_eq!(contents(), of_one, "the cache shares them too");

    shelf.library.erase(&first).unwrap();
    assert!(shelf.library.load(&second).is_ok());
    shelf.library.erase(&second).unwrap();
    assert_eq!(contents(), 1.0, "the cached predictions stay");
    assert_eq!(shelf.library.cached_predictions("a key").unwrap(), Some(cached));
    assert_eq!(shelf.library.cached_predictions("another").unwrap(), None);
    assert_eq!(shelf.numbers("SELECT count(*) * 1.0 FROM arm_windows"), [0.0]);
}

#[test]
fn a_run_is_interrupted_only_when_its_writer_is_gone() {
    let shelf = Shelf::new();
    let id = shelf.begin(&fixture::inputs(3));
    let half = fixture::recording(7, 1);
    shelf.library.append(&id, &half).unwrap();

    let other = Library::open(shelf.library.path()).unwrap();
    assert_eq!(other.list().unwrap()[0].status, Status::Running);
    assert!(matches!(other.delete(&id).unwrap_err().problem, Problem::Running(_)));
    let (plan, inputs) = (fixture::plan(), fixture::inputs(3));
    let new = NewExperiment { parent: Some(&id), ..fixture::new(&plan, &inputs) };
    let theirs = other.begin(&new).unwrap();

    let path = shelf.library.path().to_owned();
    drop(shelf.library);
    let third = Library::open(&path).unwrap();
    let status = |id| third.load(id).unwrap().summary.status;
    assert_eq!(status(&id), Status::Interrupted);
    assert_eq!(status(&theirs), Status::Running, "its writer lives");
    assert_eq!(third.load(&id).unwrap().recording, Some(half));
    assert_eq!(third.load(&theirs).unwrap().summary.parent, Some(id));
}

#[test]
fn a_finished_experiment_never_changes() {
    let shelf = Shelf::new();
    let id = shelf.finished(&fixture::recording(3, 1));
    let other = fixture::recording(9, 2);
    for result in [
        shelf.library.append(&id, &other),
        shelf.library.finish(&id, &other),
        shelf.library.interrupted(&id, "late"),
    ] {
        assert!(matches!(result.unwrap_err().problem, Problem::Finished(_)));
    }
}

#[test]
fn ids_are_found_by_how_they_begin() {
    let shelf = Shelf::new();
    let id = shelf.finished(&fixture::recording(1, 1));
    assert_eq!(shelf.library.find(id.as_str()).unwrap(), id);
    assert_eq!(shelf.library.find(&id.as_str()[..3]).unwrap(), id);
    assert!(matches!(shelf.library.find("%").unwrap_err().problem, Problem::Unknown(_)));
    assert!(matches!(shelf.library.find("").unwrap_err().problem, Problem::Unknown(_)));
    // After 37 experiments at the latest two begin alike.
    let mut before = vec![id];
    let (one, other) = loop {
        let next = shelf.finished(&fixture::recording(1, before.len() as u64 + 1));
        match before.iter().find(|id| id.as_str()[..1] == next.as_str()[..1]) {
            Some(twin) => break (twin.clone(), next),
            None => before.push(next),
        }
    };
    let text = shelf.library.find(&one.as_str()[..1]).unwrap_err().to_string();
    assert!(text.contains(one.as_str()) && text.contains(other.as_str()), "{text}");
}

#[test]
fn a_shared_copy_is_whole_and_tells_nothing_of_this_machine() {
    let shelf = Shelf::new();
    let recording = fixture::recording(40, 1);
    let id = shelf.finished(&recording);
    shelf.finished(&fixture::recording(5, 2));
    shelf.library.keep_predictions("key", &fixture::predictions("other", 9)).unwrap();
    shelf.library.share(&id, Sharing::Whole, &shelf.copy()).unwrap();

    let bytes = std::fs::read(shelf.copy()).unwrap();
    assert!(
        !bytes.windows(3).any(|three| three.eq_ignore_ascii_case(b"ada")),
        "a path or a name is told"
    );
    let names: Vec<_> = std::fs::read_dir(shelf.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2, "the library's folder and the copy, nothing beside it: {names:?}");

    let copy = Library::open_stranger(&shelf.copy()).unwrap();
    let all = copy.list().unwrap();
    assert_eq!(all.len(), 1);
    let back = copy.load(&id).unwrap();
    assert_eq!(back.recording, Some(recording));
    assert_eq!(back.inputs, fixture::inputs(50));
    assert_eq!(back.plan.data.path, "loans.csv");
    assert_eq!(back.base_folder, None);

    // Sharing again replaces the copy, but never the library.
    shelf.library.share(&id, Sharing::Whole, &shelf.copy()).unwrap();
    let onto = shelf.library.share(&id, Sharing::Whole, shelf.library.path()).unwrap_err();
    assert!(matches!(onto.problem, Problem::OntoItself));
    assert_eq!(shelf.library.list().unwrap().len(), 2);
}

#[test]
fn a_copy_without_predictions_is_smaller_and_says_what_it_lacks() {
    let shelf = Shelf::new();
    let recording = fixture::recording(40, 1);
    let mut inputs = fixture::inputs(5_000);
    // Answers that do not repeat, so that they take space when compressed.
    let values = (0..5_000).map(|row| (row as f32).sin().abs()).collect();
    inputs.predictions[0].answers = crate::domain::Answers::Scores { values, threshold: 0.5 };
    let id = shelf.begin(&inputs);
    shelf.library.finish(&id, &recording).unwrap();
    let size = |sharing| shelf.library.share_size(&id, sharing).unwrap();
    let (whole, small) = (size(Sharing::Whole), size(Sharing::WithoutPredictions));
    assert!(small < whole, "{small} of {whole}");
    shelf.library.share(&id, Sharing::WithoutPredictions, &shelf.copy()).unwrap();
    let written = std::fs::metadata(shelf.copy()).unwrap().len();
    assert!(written.abs_diff(small) * 20 <= written, "{written} bytes, {small} were told before");

    let copy = Library::open_stranger(&shelf.copy()).unwrap();
    let back = copy.load(&id).unwrap();
    assert_eq!((&back.recording, back.left_out.len()), (&Some(recording), 1));
    assert!(back.inputs.predictions.is_empty() && back.inputs.rows.count == 5_000);
    let here = shelf.library.load(&id).unwrap();
    assert_eq!(back.inputs_digest, here.inputs_digest);
}

#[test]
fn a_full_disk_and_a_locked_file_are_told_and_nothing_is_lost() {
    let shelf = Shelf::new();
    let id = shelf.begin(&fixture::inputs(3));
    let recording = fixture::recording(60, 1);
    let file = &shelf.library.connection;

    // SQLite reports a file that may not grow as it reports a full disk.
    let pages: i64 = file.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    file.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    let fault = shelf.library.finish(&id, &recording).unwrap_err();
    assert!(matches!(fault.problem, Problem::DiskFull), "{fault}");
    assert_eq!(shelf.library.load(&id).unwrap().recording, None, "all or nothing");
    file.query_row("PRAGMA max_page_count = 100000", [], |_| Ok(())).unwrap();

    let other = Connection::open(shelf.library.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    file.busy_timeout(std::time::Duration::ZERO).unwrap();
    let fault = shelf.library.finish(&id, &recording).unwrap_err();
    assert!(matches!(fault.problem, Problem::Busy), "{fault}");
    other.execute_batch("COMMIT").unwrap();

    shelf.library.finish(&id, &recording).unwrap();
    assert_eq!(shelf.library.load(&id).unwrap().recording, Some(recording));
}
