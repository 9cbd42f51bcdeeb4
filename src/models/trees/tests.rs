//! Files that XGBoost and LightGBM wrote are opened by their proposed cards and held to the
//! libraries' own answers. `tests/files/models/trees/make.py` made them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;

use super::super::fixture::{numbers, read_csv, table};
use super::super::{DeviceChoice, Hints, open, propose_card};
use super::*;
use crate::domain::{Answers, Progress};

#[derive(Deserialize)]
struct Expected {
    kind: String,
    answers: Vec<f32>,
}

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/trees")
}

fn expected() -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(files().join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers_of(answers: Answers) -> Vec<f32> {
    match answers {
        Answers::Scores { values, .. }
        | Answers::Probabilities { values, .. }
        | Answers::Numbers(values) => values,
        Answers::Classes(_) => panic!("no numbers"),
    }
}

#[test]
fn answers_are_those_of_the_libraries() {
    let rows = read_csv(&files().join("rows.csv"));
    for (file, expected) in expected() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(files().join(&file), dir.path().join(&file)).unwrap();
        let card = propose_card(dir.path(), &Hints::default()).unwrap();
        assert!(card.contains(&format!("kind = \"{}\"", expected.kind)), "{file}: {card}");
        std::fs::write(dir.path().join("card.toml"), card).unwrap();
        let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
        let found = numbers_of(model.score(&rows, &Progress::default()).unwrap());
        assert_eq!(found.len(), expected.answers.len(), "{file}");
        for (at, (found, expected)) in found.iter().zip(&expected.answers).enumerate() {
            assert!((found - expected).abs() <= 1e-5, "{file}: {found} for {expected} at {at}");
        }
    }
}

#[test]
fn trees_stay_on_the_processor_and_say_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(files().join("lgb_binary.txt"), dir.path().join("lgb_binary.txt")).unwrap();
    let card = propose_card(dir.path(), &Hints::default()).unwrap();
    std::fs::write(dir.path().join("card.toml"), card).unwrap();
    let model = open(dir.path(), &DeviceChoice::Cuda(0)).unwrap();
    let note = model.note().unwrap();
    assert!(note.contains("this kind runs on the CPU instead of CUDA device 0"), "{note}");
    assert_eq!(open(dir.path(), &DeviceChoice::Cpu).unwrap().note(), None);
}

#[test]
fn one_row_is_answered_as_in_a_batch() {
    let rows = read_csv(&files().join("rows.csv"));
    let bytes = std::fs::read(files().join("lgb_categories.txt")).unwrap();
    let (model, told) = lightgbm::read(&bytes).unwrap();
    let mut card = super::super::fixture::card();
    card.kind = super::super::card::Kind::Lightgbm;
    card.inputs = told.inputs;
    let (bound, _) = model.bind(&card, &rows);
    let all = bound.ask(0, rows.rows).unwrap();
    for (row, answer) in all.iter().enumerate() {
        assert_eq!(bound.ask(row, 1).unwrap(), [*answer], "row {row}");
    }
}

#[test]
fn what_is_no_forest_is_refused_with_a_way_out() {
    let text = std::fs::read_to_string(files().join("lgb_binary.txt")).unwrap();
    let linear = text.replace("is_linear=0", "is_linear=1");
    let booster = std::fs::read_to_string(files().join("xgb_binary.json")).unwrap();
    let cases = [
        (lightgbm::read(linear.as_bytes()).err(), "linear_tree=false"),
        (lightgbm::read(&text.as_bytes()[..900]).err(), "cut short"),
        (lightgbm::read(b"{}").err(), "its first line is not `tree`"),
        (xgboost::read(booster.replace("\"gbtree\"", "\"gblinear\"").as_bytes()).err(), "gblinear"),
        (xgboost::read(&booster.as_bytes()[..900]).err(), "no model of XGBoost"),
        (xgboost::read(b"binf\x00").err(), "save_model(\"model.ubj\")"),
    ];
    for (fault, expected) in cases {
        let fault = fault.unwrap_or_default();
        assert!(fault.contains(expected), "`{expected}` is not in\n{fault}");
    }
}

#[test]
fn a_card_of_another_width_is_told_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(files().join("xgb_binary.json"), dir.path().join("model.json")).unwrap();
    let card = "name = \"x\"\nkind = \"xgboost\"\ntask = \"binary\"\nweights = \"model.json\"\n\
                [[inputs]]\nkind = \"number\"\ncolumn = \"age\"\n";
    std::fs::write(dir.path().join("card.toml"), card).unwrap();
    let fault = open(dir.path(), &DeviceChoice::Cpu).unwrap_err().to_string();
    assert!(fault.contains("give 1 number, the trees read 3"), "{fault}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a damaged file says, it is refused or answers.
    #[test]
    fn damaged_files_never_bring_the_program_down(
        file in prop::sample::select(vec!["xgb_categories.ubj", "xgb_dart.ubj", "lgb_categories.txt"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = std::fs::read(files().join(file)).unwrap();
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        let one = table(vec![numbers("x", &[1.0])]);
        if let Ok((model, told)) = xgboost::read(&bytes) {
            let mut card = super::super::fixture::card();
            card.inputs = told.inputs;
            let _ = model.bind(&card, &one);
            let _ = model.answers(&vec![1.0; model.forest.features()], 1);
        }
        if let Ok((model, _)) = lightgbm::read(&bytes) {
            let _ = model.answers(&vec![1.0; model.forest.features()], 1);
        }
    }
}
