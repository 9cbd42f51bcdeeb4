//! Pipelines of scikit-learn, XGBoost and LightGBM are opened by their proposed cards and held to
//! the libraries' own answers. `tests/files/models/pipelines/make.py` made them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;

use super::super::fixture::read_csv;
use super::super::{DeviceChoice, Hints, open, propose_card};
use super::*;
use crate::domain::{Answers, Progress};

#[derive(Deserialize)]
struct Expected {
    /// Whether the rows are those with missing numbers.
    gaps: bool,
    answers: Vec<f32>,
}

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/pipelines")
}

#[test]
fn answers_are_those_of_the_libraries() {
    let text = std::fs::read_to_string(files().join("expected.json")).unwrap();
    let expected: BTreeMap<String, Expected> = serde_json::from_str(&text).unwrap();
    for (file, expected) in expected {
        let rows = read_csv(&files().join(if expected.gaps { "gaps.csv" } else { "rows.csv" }));
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(files().join(&file), dir.path().join(&file)).unwrap();
        let mut card = propose_card(dir.path(), &Hints::default()).unwrap();
        // One tensor of numbers does not tell its columns.
        for (place, name) in ["age", "income", "visits"].into_iter().enumerate() {
            card = card.replace(&format!("column_{}", place + 1), name);
        }
        std::fs::write(dir.path().join("card.toml"), card).unwrap();
        let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
        let found = match model.score(&rows, &Progress::default()).unwrap() {
            Answers::Scores { values, .. }
            | Answers::Probabilities { values, .. }
            | Answers::Numbers(values) => values,
            Answers::Classes(_) => panic!("no numbers"),
        };
        assert_eq!(found.len(), expected.answers.len(), "{file}");
        for (at, (found, expected)) in found.iter().zip(&expected.answers).enumerate() {
            assert!((found - expected).abs() <= 1e-5, "{file}: {found} for {expected} at {at}");
        }
    }
}

fn card_of(file: &str) -> (Vec<u8>, Card) {
    let bytes = std::fs::read(files().join(file)).unwrap();
    let mut card = super::super::fixture::card();
    card.inputs = told(&bytes).unwrap().inputs;
    (bytes, card)
}

fn pipeline(bytes: &[u8], card: &Card) -> Result<Pipeline, String> {
    Pipeline::of(&read(bytes)?, card)
}

#[test]
fn what_does_not_fit_is_told_with_both_sides() {
    let (bytes, mut card) = card_of("logistic.onnx");
    let said = |card: &Card| pipeline(&bytes, card).err().unwrap_or_default();
    assert_eq!(said(&card), "");
    card.inputs.swap(2, 3);
    assert!(said(&card).contains("input 3 (`plan`) is a text"), "{}", said(&card));
    card.inputs.swap(2, 3);
    card.inputs.push(Input::plain("more".to_owned()));
    assert!(said(&card).contains("6 inputs, of which the graph takes 5"), "{}", said(&card));
    card.inputs.truncate(4);
    assert!(said(&card).contains("`zone` needs 1 number"), "{}", said(&card));
}

#[test]
fn unknown_operators_are_named_before_the_first_row() {
    let (bytes, card) = card_of("linear.onnx");
    let mut strange = bytes.clone();
    for at in 0..bytes.len() - 10 {
        if bytes[at..].starts_with(b"Normalizer") {
            strange[at..at + 10].copy_from_slice(b"Normaliser");
        }
    }
    let fault = pipeline(&strange, &card).err().unwrap_or_default();
    assert!(fault.contains("ai.onnx.ml.Normaliser (opset 1, node `"), "{fault}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a damaged file says, it is refused or answers.
    #[test]
    fn damaged_files_never_bring_the_program_down(
        file in prop::sample::select(vec!["forest.onnx", "network.onnx", "hist.onnx", "imputer.onnx"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let (mut bytes, card) = card_of(file);
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        let rows = read_csv(&files().join("rows.csv"));
        let _ = told(&bytes);
        if let Ok(pipeline) = pipeline(&bytes, &card) {
            let (bound, _) = pipeline.bind(&card, &rows);
            let _ = bound.ask(0, 3);
        }
    }
}
