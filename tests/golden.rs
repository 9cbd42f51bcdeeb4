//! Every statistic against values that others computed: SciPy, statsmodels, scikit-learn, confseq,
//! GrowthBook and more (`tests/golden/README.md`).
//!
//! `REHEARSAL_GOLDEN=folder cargo test --test golden -- --nocapture` runs another folder's cases.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test reports so")]

#[path = "golden/case.rs"]
mod case;
#[path = "golden/classes.rs"]
mod classes;
#[path = "golden/counts.rs"]
mod counts;
#[path = "golden/means.rs"]
mod means;
#[path = "golden/samples.rs"]
mod samples;
#[path = "golden/sequences.rs"]
mod sequences;

use std::fs;
use std::path::{Path, PathBuf};

use case::{Input, Worst, compare};
use serde_json::Value;

/// Computes a statistic from a case's input.
type Compute = fn(&Input) -> Value;

/// Where the cases lie.
fn folder() -> PathBuf {
    std::env::var_os("REHEARSAL_GOLDEN")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), PathBuf::from)
}

fn known(statistic: &str) -> Option<Compute> {
    [classes::ALL, counts::ALL, means::ALL, samples::ALL, sequences::ALL]
        .into_iter()
        .flatten()
        .find(|(name, _)| *name == statistic)
        .map(|(_, compute)| *compute)
}

/// Runs one file; a line for people, or what is wrong with it.
fn run(path: &Path) -> Result<String, Vec<String>> {
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    let fault = |what: &str| vec![format!("{file}: {what}")];
    let text = fs::read_to_string(path).map_err(|error| fault(&error.to_string()))?;
    let whole: Value = serde_json::from_str(&text).map_err(|error| fault(&error.to_string()))?;
    let statistic = whole["name"].as_str().ok_or_else(|| fault("it has no name"))?;
    let compute = known(statistic)
        .ok_or_else(|| fault(&format!("the statistic `{statistic}` is not known")))?;
    let cases = whole["cases"].as_array().filter(|cases| !cases.is_empty());
    let cases = cases.ok_or_else(|| fault("it has no cases"))?;
    let mut worst = Worst::default();
    let mut wrong = Vec::new();
    for case in cases {
        let got = compute(&Input::new(&case["input"]));
        let mut faults = Vec::new();
        compare(&got, &case["expected"], &case["tol"], "", &mut worst, &mut faults);
        let place = format!("{file}, case {}", case["id"]);
        wrong.extend(faults.iter().map(|fault| format!("{place}: {fault}")));
    }
    if wrong.is_empty() {
        Ok(format!("{statistic}: {} cases, worst error {worst}", cases.len()))
    } else {
        Err(wrong)
    }
}

#[test]
fn every_statistic_equals_its_reference() {
    let folder = folder();
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    assert!(!files.is_empty(), "{folder:?} holds no golden file");
    let mut wrong = Vec::new();
    for path in &files {
        match run(path) {
            Ok(line) => println!("{line}"),
            Err(faults) => wrong.extend(faults),
        }
    }
    assert!(wrong.is_empty(), "{} wrong values:\n{}", wrong.len(), wrong.join("\n"));
}
