//! The program as people and scripts meet it: the real binary on the sample plans, with a library
//! in a folder of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A folder with the sample data, and a library that nobody else uses.
struct Desk {
    folder: tempfile::TempDir,
}

struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Done {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }

    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With `samples` in its folder.
    fn with_samples() -> Self {
        let desk = Self::new();
        desk.run(&["sample"]).expect(0);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
        command
    }

    fn run(&self, args: &[&str]) -> Done {
        Done::of(self.command(args).output().unwrap())
    }

    fn list(&self) -> Vec<Value> {
        self.run(&["list", "--json"]).expect(0).json().as_array().unwrap().clone()
    }
}

const CANARY: &str = "samples/loans/plans/canary.toml";

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

#[test]
fn a_good_candidate_is_promoted_kept_verified_and_shared() {
    let desk = Desk::with_samples();
    let run = desk.run(&["run", CANARY, "--json"]).expect(0).json();
    assert_eq!(run["outcome"], "promoted", "{run}");
    let (id, digest) = (text(&run, "id"), text(&run, "digest"));

    let listed = desk.list();
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &run["id"]));
    assert!(desk.path("data/rehearsal").is_dir(), "the library is where XDG_DATA_HOME says");

    let shown = desk.run(&["show", &id[..4]]).expect(0).out;
    assert!(shown.contains(digest) && shown.contains("Log loss against v1"), "{shown}");
    let everything = desk.run(&["show", id, "--json"]).expect(0).json();
    assert!(everything["windows"].as_array().is_some_and(|windows| windows.len() > 100));
    let windows = desk.run(&["show", id, "--csv", "windows"]).expect(0).out;
    assert!(windows.starts_with("window,start_seconds,"), "{}", &windows[..200]);

    let verified = desk.run(&["verify", id, "--json"]).expect(0).json();
    assert_eq!((text(&verified, "result"), text(&verified, "digest")), ("reproduced", digest));

    desk.run(&["report", id, "--out", "report.html"]).expect(0);
    let page = std::fs::read_to_string(desk.path("report.html")).unwrap();
    assert!(page.contains(digest) && page.contains("Log loss against v1"));
    let here = desk.path("").display().to_string();
    assert!(!page.contains(&here), "the page names a folder of this machine");
    desk.run(&["report", id, "--format", "parquet", "--out", "tables"]).expect(0);
    let table = desk.path("tables/windows.parquet").display().to_string();
    assert!(desk.run(&["data", &table]).expect(0).out.contains("latency_p95_ms"));

    desk.run(&["share", id, "canary.rehearsal"]).expect(0);
    desk.run(&["delete", id]).expect(0);
    assert!(desk.list().is_empty());
    let shared = desk.run(&["verify", "canary.rehearsal"]).expect(0).out;
    assert!(shared.contains("reproduced") && shared.contains(digest), "{shared}");
    desk.run(&["verify", id]).expect(2);
}

#[test]
fn a_bad_candidate_is_caught_and_the_exit_code_says_so() {
    let desk = Desk::with_samples();
    let run = desk.run(&["run", "samples/loans/plans/canary_bad.toml", "--json"]).expect(1).json();
    assert_eq!(run["outcome"], "aborted", "{run}");
    let shown = desk.run(&["show", text(&run, "id")]).expect(0).out;
    assert!(shown.contains("fail"), "the gate that failed is shown\n{shown}");
}

#[test]
fn equal_inputs_give_equal_digests_and_a_person_changes_the_course() {
    let desk = Desk::with_samples();
    let run = |more: &[&str], code| {
        let line = [&["run", CANARY, "--json"], more].concat();
        desk.run(&line).expect(code).json()
    };
    let (first, again) = (run(&[], 0), run(&[], 0));
    assert_eq!(text(&first, "digest"), text(&again, "digest"));
    assert_ne!(text(&run(&["--seed", "9"], 0), "digest"), text(&first, "digest"));

    let aborted = run(&["--at", "3m:abort"], 1);
    assert_eq!((text(&aborted, "outcome"), &aborted["decided_at"]), ("aborted", &180.0.into()));
    // A stored run forks from its stored inputs, without its plan's file.
    std::fs::remove_dir_all(desk.path("samples")).unwrap();
    let fork =
        desk.run(&["run", text(&first, "id"), "--at", "3m:abort", "--json"]).expect(1).json();
    assert_eq!(text(&fork, "digest"), text(&aborted, "digest"));
    let parent = &desk.list().into_iter().find(|one| one["id"] == fork["id"]).unwrap()["parent"];
    assert_eq!(parent, &first["id"]);
}

#[test]
fn strategies_are_compared_in_measured_numbers() {
    let desk = Desk::with_samples();
    let bad = "samples/loans/plans/canary_bad.toml";
    let table = desk.run(&["compare", bad]).expect(0).out;
    for wanted in ["Single", "Direct", "Rolling", "Shadow", "Blue-green", "Canary", "A/B", "Bandit"]
    {
        assert!(table.contains(wanted), "{wanted} is missing\n{table}");
    }
    for wanted in [
        "Requests exposed",
        "Wrong answers caused",
        "Downtime",
        "Extra compute",
        "Time to full rollout",
        "Time to detect",
        "Outcome",
    ] {
        assert!(table.contains(wanted), "{wanted} is missing\n{table}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");

    let some = ["compare", bad, "--strategies", "direct,canary", "--json"];
    let compared = desk.run(&some).expect(0).json();
    let exposed = |place: usize| compared["runs"][place]["ledger"]["exposed_requests"].as_u64();
    assert!(exposed(1).unwrap() < exposed(0).unwrap(), "a canary exposes fewer: {compared}");
    let markdown = desk.run(&["compare", CANARY, "--strategies", "single", "--markdown"]).expect(0);
    assert!(markdown.out.starts_with("|  | Single |"), "{}", markdown.out);
}

#[test]
fn odds_are_the_same_on_one_thread_and_on_two() {
    let desk = Desk::with_samples();
    let ask = |threads: &str| {
        let mut command = desk.command(&[
            "odds",
            CANARY,
            "--runs",
            "4",
            "--json",
            "--regression",
            "none",
            "--regression",
            "errors=5",
        ]);
        Done::of(command.env("RAYON_NUM_THREADS", threads).output().unwrap()).expect(0).json()
    };
    let (one, two) = (ask("1"), ask("2"));
    assert_eq!(one, two);
    let rungs = &one["plans"][0]["odds"]["rungs"];
    assert_eq!(rungs[0]["regression"], "the baseline again (A/A)");
    assert_eq!(rungs[1]["stopped"]["count"], 4, "five percent of errors are seen: {rungs}");
    let wrong = desk.run(&["odds", CANARY, "--regression", "accuracy=5@nowhere"]).expect(2);
    assert!(wrong.err.contains("`nowhere` is no segment of the data"), "{}", wrong.err);
}

#[test]
fn advice_names_a_strategy_with_its_reasons_and_a_careless_plan_is_warned() {
    let desk = Desk::with_samples();
    let advice = desk.run(&["advise", CANARY, "--runs", "2", "--json"]).expect(0).json();
    let best = &advice["strategies"][0];
    assert!(best["faults"].as_array().unwrap().is_empty(), "{best}");
    assert!(!best["reasons"].as_array().unwrap().is_empty(), "{best}");
    let checked = desk.run(&["plan", "check", CANARY]).expect(0).out;
    assert!(checked.contains("Stage 1 (Canary 5 %) does not give `Accuracy floor`"), "{checked}");
}

#[test]
fn a_model_is_scored_with_its_quality_and_its_speed() {
    let desk = Desk::with_samples();
    let (model, data) = ("samples/loans/models/v2_good", "samples/loans/loans.csv");
    let line = [
        "score",
        "--model",
        model,
        "--data",
        data,
        "--key",
        "applicant",
        "--output",
        "answers.csv",
        "--json",
    ];
    let score = desk.run(&line).expect(0).json();
    assert_eq!(score["rows"], 2454);
    let accuracy = score["metrics"]["accuracy"].as_f64().unwrap();
    assert!((0.7..0.9).contains(&accuracy), "{score}");
    assert!(score["latency"]["batches"].as_array().unwrap().len() > 3);
    let answers = std::fs::read_to_string(desk.path("answers.csv")).unwrap();
    assert!(answers.starts_with("row,applicant,score,answer,label\n1,"), "{}", &answers[..80]);
    assert_eq!(answers.lines().count(), 2455);
}

#[test]
fn a_file_of_trees_gets_a_card_and_is_held_to_its_library() {
    let desk = Desk::new();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/trees");
    let bytes = |name: &str| std::fs::read(files.join(name)).unwrap();
    std::fs::create_dir(desk.path("trees")).unwrap();
    desk.write("trees/model.ubj", bytes("xgb_classes.ubj"));
    desk.write("rows.csv", bytes("rows.csv"));
    let inspect = ["model", "inspect", "trees/model.ubj", "--data", "rows.csv"];
    let card = desk.run(&inspect).expect(0).out;
    assert!(!desk.path("trees/model.card.toml").exists(), "only proposed");
    desk.run(&[&inspect[..], &["--write"]].concat()).expect(0);
    let written = std::fs::read_to_string(desk.path("trees/model.card.toml")).unwrap();
    assert_eq!(written, card);
    let inspected = desk.run(&inspect).expect(0).out;
    assert!(inspected.contains("24 trees"), "{inspected}");
    assert!(inspected.contains("has all that the model reads"), "{inspected}");

    let expected: Value = serde_json::from_slice(&bytes("expected.json")).unwrap();
    let mut answers: Vec<f64> =
        serde_json::from_value(expected["xgb_classes.ubj"]["answers"].clone()).unwrap();
    let check = |answers: &[f64], code| {
        let rows: Vec<&[f64]> = answers.chunks(3).collect();
        desk.write("answers.json", serde_json::json!({ "p": rows }).to_string());
        let line =
            ["--model", "trees/model.ubj", "--reference", "answers.json", "--data", "rows.csv"];
        desk.run(&[&["model", "check"], &line[..], &["--json"]].concat()).expect(code).json()
    };
    let right = check(&answers, 0);
    assert_eq!((&right["rows"], &right["flips"]), (&60.into(), &0.into()), "{right}");
    answers[3..6].rotate_left(1);
    let wrong = check(&answers, 1);
    assert_eq!(wrong["first_beyond"][0]["row"], 2, "{wrong}");
    assert_eq!(wrong["flips"], 1, "{wrong}");
}

#[test]
fn broken_plans_are_told_with_file_line_and_field() {
    let desk = Desk::with_samples();
    let canary = std::fs::read_to_string(desk.path(CANARY)).unwrap();
    let broken = |from: &str, to: &str| {
        assert!(canary.contains(from), "the sample plan has no `{from}` any more");
        std::fs::write(desk.path("samples/loans/plans/broken.toml"), canary.replace(from, to))
            .unwrap();
        desk.run(&["run", "samples/loans/plans/broken.toml"]).expect(2).err
    };
    for (from, to, wanted) in [
        ("seed = 1", "sede = 1", "unknown field `sede`"),
        ("replicas = 4", "replicas = 0", "arms[0].serving.replicas: 0 is outside"),
        ("weight = 50.0", "weight = 5.0", "strategy.ramp.steps[2].weight"),
        ("at_most = 0.01", "at_most = 1.0e400", "broken.toml"),
        ("label = \"status\"", "label = \"statuss\"", "data.label: Column `statuss`"),
        ("../loans.csv", "../gone.csv", "data.path: The file cannot be read"),
        ("../models/v2_good", "../models/gone", "arms[1].model: Arm `risk v2`"),
    ] {
        let told = broken(from, to);
        assert!(told.contains(wanted), "{wanted} is not in\n{told}");
        assert!(told.contains("broken.toml:"), "the line is missing in\n{told}");
    }
    let check = desk.run(&["plan", "check", "samples/loans/plans/broken.toml"]).expect(2);
    assert!(check.err.contains("arms[1].model"), "{}", check.err);
}

#[test]
fn broken_files_are_told_and_nothing_panics() {
    let desk = Desk::new();
    desk.write("empty.csv", "");
    desk.write("latin.csv", b"name,x\nJos\xe9,1\n");
    desk.write("ragged.csv", "a,b\n1,2\n3\n");
    let of = |name: &str| desk.run(&["data", name]);
    assert!(of("empty.csv").expect(2).err.contains("empty"));
    assert!(of("gone.csv").expect(2).err.contains("gone.csv"));
    assert!(of("ragged.csv").expect(0).out.contains("Row 2"));
    let latin = of("latin.csv");
    assert!(format!("{}{}", latin.out, latin.err).contains("UTF-8"), "{}{}", latin.out, latin.err);

    desk.write("not.rehearsal", "this is text");
    desk.write("junk.toml", [0xff, 0x00, 0x9f, 0x13]);
    for line in [
        ["show", "not.rehearsal"].as_slice(),
        &["show", "gone.rehearsal"],
        &["show", "zzzz"],
        &["run", "gone.toml"],
        &["run", "junk.toml"],
        &["compare", "data"],
        &["model", "inspect", "gone"],
        &["score", "--model", "gone", "--data", "ragged.csv"],
        &["list", "--library", "ragged.csv"],
        &["run", "gone.toml", "--at", "2m:abrot"],
        &["compare", "gone.toml", "--strategies", "canry"],
    ] {
        let done = desk.run(line).expect(2);
        assert!(done.err.starts_with("error: ") && done.out.is_empty(), "{line:?}: {}", done.err);
        assert!(!done.err.contains("panicked"), "{line:?}: {}", done.err);
    }
}

#[test]
fn damaged_weights_are_told_with_arm_and_file() {
    let desk = Desk::with_samples();
    let weights = desk.path("samples/loans/models/v2_good/model.safetensors");
    let whole = std::fs::read(&weights).unwrap();
    let told = |bytes: &[u8]| {
        std::fs::write(&weights, bytes).unwrap();
        desk.run(&["run", CANARY]).expect(2).err
    };
    let huge_header = [&u64::MAX.to_le_bytes(), &whole[8..]].concat();
    for bytes in [&whole[..0], &whole[..whole.len() / 2], &huge_header] {
        let told = told(bytes);
        assert!(told.contains("arms[1].model: Arm `risk v2`: The weights"), "{told}");
        assert!(told.trim_end().ends_with("model.safetensors"), "{told}");
    }
    assert!(desk.list().is_empty(), "nothing was begun");
}

#[test]
fn without_a_display_one_line_names_the_headless_command() {
    let desk = Desk::new();
    let done = desk.run(&[]).expect(2);
    assert!(done.err.contains("rehearsal run"), "{}", done.err);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    assert!(desk.run(&["gone.toml"]).expect(2).err.contains("gone.toml"));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let desk = Desk::new();
    let mut command = desk.command(&["plan", "schema"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let done = Done::of(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(done.err, "");
}

#[test]
fn a_new_plan_takes_over_what_the_data_tell() {
    let desk = Desk::with_samples();
    let new = ["plan", "new", "--strategy", "A/B", "--data", "samples/loans/loans.csv"];
    let plan = desk.run(&new).expect(0).out;
    for wanted in ["kind = \"ab\"", "label = \"status\"", "time = \"applied_at\"", "# "] {
        assert!(plan.contains(wanted), "{wanted} is missing in\n{plan}");
    }
    desk.write("plan.toml", plan);
    let check = desk.run(&["plan", "check", "plan.toml"]).expect(2).err;
    assert!(check.contains("arms[0].model"), "only the models are still to be named\n{check}");
}

#[test]
fn a_killed_run_is_marked_and_can_be_run_again() {
    let desk = Desk::with_samples();
    let plan = std::fs::read_to_string(desk.path(CANARY)).unwrap();
    // Long enough to be caught in the middle.
    let plan = plan.replace("per_second = 150.0", "per_second = 30000.0");
    let plan = plan.replace("replicas = 4", "replicas = 900");
    std::fs::write(desk.path("samples/loans/plans/long.toml"), plan).unwrap();
    let mut command = desk.command(&["run", "samples/loans/plans/long.toml"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = wait_for(|| desk.list().into_iter().find(|one| one["status"] == "running"));
    child.kill().unwrap();
    child.wait().unwrap();
    let started = started.unwrap_or_else(|| panic!("the run never appeared in the library"));
    let listed = desk.list();
    assert_eq!((listed.len(), text(&listed[0], "status")), (1, "interrupted"));
    assert_eq!(listed[0]["id"], started["id"]);
    let verified = desk.run(&["verify", text(&started, "id")]).expect(2).err;
    assert!(verified.contains("run it again"), "{verified}");
}

/// Asks again and again for up to 20 seconds.
fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(found) = ask() {
            return Some(found);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

#[test]
fn another_library_can_be_named() {
    let desk = Desk::new();
    let library = Path::new("mine.rehearsal");
    assert_eq!(desk.run(&["list", "--library", "mine.rehearsal", "--json"]).expect(0).out, "[]\n");
    assert!(desk.path("mine.rehearsal").is_file() && !library.exists());
}
