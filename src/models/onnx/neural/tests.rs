//! Networks that torch exported are opened by their proposed cards and held to onnxruntime's answers.
//! `tests/files/models/networks/make.py` made them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use crate::domain::{Column, Table};
use crate::models::fixture::{numbers, table, texts};
use crate::models::{Card, DeviceChoice, Hints, Input, Model, TaskKind, open, propose_card};

#[derive(serde::Deserialize)]
struct Expected {
    #[serde(default)]
    rows: Vec<Vec<f64>>,
    #[serde(default)]
    texts: Vec<String>,
    answers: Vec<f32>,
}

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models")
}

fn expected() -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(files().join("networks/expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A folder with the network and its proposed card, which `change` completes.
fn folder(name: &str, change: impl FnOnce(&mut Card)) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("{name}.onnx");
    std::fs::copy(files().join("networks").join(&file), dir.path().join(&file)).unwrap();
    if name == "bert" {
        for file in ["tokenizer.json", "tokenizer_config.json"] {
            std::fs::copy(files().join("text/bert").join(file), dir.path().join(file)).unwrap();
        }
    }
    let mut card = Card::from_toml(&propose_card(dir.path(), &Hints::default()).unwrap()).unwrap();
    change(&mut card);
    std::fs::write(dir.path().join("card.toml"), toml::to_string(&card).unwrap()).unwrap();
    dir
}

/// Images are columns of pixels as they are.
fn complete(card: &mut Card) {
    if let Some(Input::Image(image)) = card.inputs.first_mut() {
        (image.column, image.rescale) = ("column_*".to_owned(), 1.0);
    }
}

/// The expected rows as the columns that proposed cards name.
fn rows(card: &Card, expected: &Expected) -> Table {
    let asked: Vec<&str> = expected.texts.iter().map(String::as_str).collect();
    if !asked.is_empty() {
        return table(vec![texts("text", &asked)]);
    }
    let column = |place: usize| -> Column {
        let values: Vec<f64> = expected.rows.iter().map(|row| row[place]).collect();
        let named = card.inputs.get(place).map(|input| input.column().to_owned());
        let name = named.filter(|name| !name.contains('*'));
        numbers(&name.unwrap_or_else(|| format!("column_{}", place + 1)), &values)
    };
    table((0..expected.rows[0].len()).map(column).collect())
}

fn ask(model: &Model, rows: &Table, first: usize, count: usize) -> Vec<f32> {
    model.bind(rows).unwrap().ask(first, count).unwrap()
}

#[test]
fn answers_are_those_of_onnxruntime() {
    for (name, expected) in expected() {
        let change = |card: &mut Card| {
            complete(card);
            if name == "two_inputs" {
                card.inputs = ["a", "b", "c", "place"].map(|c| Input::plain(c.to_owned())).to_vec();
            }
        };
        let dir = folder(&name, change);
        let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
        let rows = rows(model.card(), &expected);
        let all = ask(&model, &rows, 0, rows.rows);
        assert_eq!(all.len(), expected.answers.len(), "{name}");
        let outputs = all.len() / rows.rows;
        for row in 0..rows.rows {
            let alone = ask(&model, &rows, row, 1);
            for (place, alone) in alone.iter().enumerate() {
                let at = row * outputs + place;
                let (together, expected) = (all[at], expected.answers[at]);
                assert!(
                    (together - expected).abs() < 1e-5,
                    "{name}: {together} for {expected} at {at}"
                );
                assert!(
                    (alone - expected).abs() < 1e-5,
                    "{name}: {alone} for {expected} alone at {at}"
                );
            }
        }
    }
}

fn said(dir: &TempDir) -> String {
    match open(dir.path(), &DeviceChoice::Cpu) {
        Ok(model) => model.describe(),
        Err(fault) => fault.to_string(),
    }
}

/// The file with every `from` in it made `to`, which is as long.
fn changed(dir: &TempDir, file: &str, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let path = dir.path().join(file);
    let mut bytes = std::fs::read(&path).unwrap();
    let places: Vec<usize> =
        (0..bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_not_run_is_named_before_the_first_row() {
    let dir = folder("perceptron", complete);
    changed(&dir, "perceptron.onnx", b"LayerNormalization", b"LayerNormalisation");
    let fault = said(&dir);
    assert!(fault.contains("Operator LayerNormalisation (opset 18, node `"), "{fault}");
    let dir = folder("perceptron_older", complete);
    changed(&dir, "perceptron_older.onnx", b"Gemm", b"Conv");
    let fault = said(&dir);
    assert!(fault.contains("Operator Conv (opset 17, node `/0/Conv"), "{fault}");
    let dir = folder("perceptron_older", |card| card.inputs.truncate(3));
    assert!(
        said(&dir).contains("needs 4 numbers in a row, the card's inputs give it 3"),
        "{}",
        said(&dir)
    );
    let dir = folder("images", |card| {
        complete(card);
        if let Some(Input::Image(image)) = card.inputs.first_mut() {
            image.height = 9;
        }
    });
    assert!(said(&dir).contains("the card's image 9 × 8 × 3"), "{}", said(&dir));
    let dir = folder("bert", complete);
    std::fs::remove_file(dir.path().join("tokenizer.json")).unwrap();
    assert!(said(&dir).contains("There is no tokenizer.json"), "{}", said(&dir));
}

#[test]
fn proposed_cards_tell_images_texts_and_tasks() {
    let card = |name: &str| {
        let file = files().join("networks").join(format!("{name}.onnx"));
        Card::from_toml(&propose_card(&file, &Hints::default()).unwrap()).unwrap()
    };
    assert_eq!(card("recurrent").task, TaskKind::Regression);
    assert_eq!(card("two_inputs").task, TaskKind::Binary);
    let images = card("images");
    assert_eq!((images.task, images.classes.len(), images.width()), (TaskKind::Multiclass, 3, 240));
    assert!(matches!(card("bert").inputs.as_slice(), [Input::Text { .. }]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a damaged file says, it is refused or answers.
    #[test]
    fn damaged_files_never_bring_the_program_down(
        name in prop::sample::select(vec!["perceptron", "images_older", "one_row", "recurrent"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let dir = folder(name, complete);
        let path = dir.path().join(format!("{name}.onnx"));
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        std::fs::write(&path, bytes).unwrap();
        let _ = propose_card(&path, &Hints::default());
        if let Ok(model) = open(dir.path(), &DeviceChoice::Cpu) {
            let rows = rows(model.card(), &expected()[name]);
            if let Ok(bound) = model.bind(&rows) {
                let _ = bound.ask(0, 3);
            }
        }
    }
}
