//! Folders that do not fit together, or were made to harm: each is refused with a message that
//! helps, and none brings the program down.

use std::path::Path;

use proptest::prelude::*;

use super::fixture::{folder, numbers, safetensors, table, tensor, tensor_i64};
use super::*;
use crate::domain::Progress;

const CARD: &str = r#"
name = "Small"
kind = "mlp"
task = "binary"
classes = ["no", "yes"]
[[inputs]]
column = "x"
kind = "number"
[[inputs]]
column = "term"
kind = "category"
categories = [36, 60]
[[layers]]
weight = "layers.0.weight"
bias = "layers.0.bias"
activation = "relu"
[[layers]]
weight = "layers.1.weight"
"#;

fn good_weights() -> Vec<fixture::Tensor> {
    vec![
        tensor("layers.0.weight", &[2, 3], &[0.1; 6]),
        tensor("layers.0.bias", &[2], &[0.0; 2]),
        tensor("layers.1.weight", &[1, 2], &[1.0, -1.0]),
    ]
}

fn said(card: &str, tensors: &[fixture::Tensor]) -> String {
    let dir = folder(card, tensors);
    match open(dir.path(), &DeviceChoice::Cpu) {
        Ok(model) => model.describe(),
        Err(fault) => {
            let text = fault.to_string();
            let last = text.lines().last().unwrap_or_default();
            assert!(last.contains(&*dir.path().to_string_lossy()), "the path comes last:\n{text}");
            text
        }
    }
}

fn with(replaced: usize, tensor: fixture::Tensor) -> Vec<fixture::Tensor> {
    let mut tensors = good_weights();
    tensors[replaced] = tensor;
    tensors
}

#[test]
fn shapes_are_told_with_both_sides() {
    assert_eq!(said(CARD, &good_weights()), "3-2-1, 10 parameters");
    let cases = [
        (
            with(0, tensor("layers.0.weight", &[2, 4], &[0.0; 8])),
            "expects 4 inputs, the card's inputs give 3",
        ),
        (with(0, tensor("layers.0.weight", &[3, 2], &[0.0; 6])), "it may be transposed"),
        (with(0, tensor("layers.0.weight", &[6], &[0.0; 6])), "has the shape [6]"),
        (with(1, tensor("layers.0.bias", &[3], &[0.0; 3])), "so [2] is expected"),
        (
            with(2, tensor("layers.1.weight", &[1, 5], &[0.0; 5])),
            "expects 5 inputs, layer 1 gives 2",
        ),
        (with(2, tensor("layers.1.weight", &[3, 2], &[0.0; 6])), "gives 3 outputs with sigmoid"),
        (
            with(2, tensor("layers.1.weights", &[1, 2], &[0.0; 2])),
            "did you mean `layers.1.weights`?",
        ),
        (with(1, tensor_i64("layers.0.bias", &[2], &[0; 2])), "holds I64"),
        (with(2, tensor("layers.1.weight", &[1, 2], &[0.0, f32::NAN])), "NaN at index [0, 1]"),
    ];
    for (tensors, expected) in cases {
        let text = said(CARD, &tensors);
        assert!(text.contains(expected), "`{expected}` is not in\n{text}");
    }
}

#[test]
fn cards_are_refused_with_line_or_field() {
    let cases = [
        (CARD.replace("kind = \"mlp\"", "kind = \"forest\""), "Line 3: "),
        (CARD.replace("activation", "activaton"), "activaton"),
        (CARD.replace("task =", "weights = \"../w\"\ntask ="), "inside the model's folder"),
        (CARD.replace("[36, 60]", "[36, 36]"), "input 2 (`term`): `categories` names `36` twice"),
        (format!("{CARD}[output]\nactivation = \"softmax\"\n"), "gives 1 output with softmax"),
        (CARD.replace("\"binary\"", "\"multiclass\""), "needs 2 outputs with softmax"),
    ];
    for (card, expected) in cases {
        let text = said(&card, &good_weights());
        assert!(text.contains(expected), "`{expected}` is not in\n{text}");
    }
}

#[test]
fn missing_files_are_named() {
    let dir = folder(CARD, &good_weights());
    std::fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    let fault = open(dir.path(), &DeviceChoice::Cpu).unwrap_err().to_string();
    assert!(fault.contains("The weights cannot be read"), "{fault}");
    std::fs::create_dir(dir.path().join("model.safetensors")).unwrap();
    let fault = open(dir.path(), &DeviceChoice::Cpu).unwrap_err().to_string();
    assert!(fault.contains("it is not a file"), "{fault}");
    let fault = open(&dir.path().join("nowhere"), &DeviceChoice::Cpu).unwrap_err();
    assert!(fault.to_string().contains("no such folder"), "{fault}");
}

#[test]
fn a_broken_card_of_the_folder_is_told_to_the_file_that_it_names() {
    let dir = folder(&CARD.replace("\"mlp\"", "\"forest\""), &good_weights());
    let file = dir.path().join("model.safetensors");
    let said = || open(&file, &DeviceChoice::Cpu).unwrap_err().to_string();
    assert!(said().contains("There is no model.card.toml"), "{}", said());
    let naming = CARD.replace("task =", "weights = \"model.safetensors\"\ntask = 7 #");
    std::fs::write(dir.path().join("card.toml"), naming).unwrap();
    assert!(said().contains("Line "), "{}", said());
}

#[test]
fn a_card_beside_a_file_of_the_same_name_is_not_taken_for_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let card = "name = \"Churn\"\nkind = \"lightgbm\"\ntask = \"binary\"\nweights = \"churn.txt\"\n\
                [[inputs]]\nkind = \"number\"\ncolumn = \"x\"\n";
    std::fs::write(dir.path().join("churn.card.toml"), card).unwrap();
    for file in ["churn.txt", "churn.json", "scorecard.toml"] {
        std::fs::write(dir.path().join(file), "").unwrap();
    }
    let said =
        |file: &str| open(&dir.path().join(file), &DeviceChoice::Cpu).unwrap_err().to_string();
    assert!(said("churn.json").contains("is that of `churn.txt`"), "{}", said("churn.json"));
    assert!(!said("churn.txt").contains("is that of"), "{}", said("churn.txt"));
    assert!(
        said("scorecard.toml").contains("no scorecard.card.toml"),
        "{}",
        said("scorecard.toml")
    );
}

#[test]
fn the_digest_covers_card_and_weights() {
    let digest = |card: &str, tensors: &[fixture::Tensor]| {
        open(folder(card, tensors).path(), &DeviceChoice::Cpu).unwrap().digest().to_owned()
    };
    let first = digest(CARD, &good_weights());
    assert_eq!(first, digest(CARD, &good_weights()));
    assert_ne!(first, digest(&format!("{CARD}# more\n"), &good_weights()));
    let other = with(1, tensor("layers.0.bias", &[2], &[0.5; 2]));
    assert_ne!(first, digest(CARD, &other));
}

#[test]
fn models_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Model>();
}

/// Opens the folder and asks the model, if there is one.
fn use_it(folder: &Path) {
    if let Ok(model) = open(folder, &DeviceChoice::Cpu) {
        let rows = table(vec![numbers("x", &[1.0, f64::NAN]), numbers("term", &[36.0, 1.0])]);
        let _ = model.mismatches(&rows);
        let _ = model.score(&rows, &Progress::default());
    }
    let _ = propose_card(folder, &Hints::default());
}

#[derive(Clone, Debug)]
enum Damage {
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        6 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..9))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for one in all {
        if bytes.is_empty() {
            break;
        }
        match one {
            Damage::Byte(at, byte) => *at.get_mut(&mut bytes) = *byte,
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_bring_the_program_down(
        in_card in prop::collection::vec(damage(), 0..3),
        in_weights in prop::collection::vec(damage(), 0..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let weights = safetensors(&good_weights());
        std::fs::write(dir.path().join("card.toml"), damaged(CARD.into(), &in_card)).unwrap();
        std::fs::write(dir.path().join("model.safetensors"), damaged(weights, &in_weights)).unwrap();
        use_it(dir.path());
    }
}
