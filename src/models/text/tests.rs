//! Text models held to transformers' answers, and to sentences where a folder is broken.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::domain::{Answers, Progress};
use crate::models::fixture::{
    numbers, open_on_device, safetensors, table, tensor, texts, tolerance,
};
use crate::models::{DeviceChoice, Model, open};

const THREE: &str = r#"
name = "Messages"
kind = "text"
task = "multiclass"
classes = ["bill", "offer", "other"]
[[inputs]]
kind = "text"
column = "message"
"#;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/text")
}

/// A copy of a fixture with a card.
fn folder(name: &str, card: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&fixtures().join(name), dir.path());
    std::fs::write(dir.path().join("card.toml"), card).unwrap();
    dir
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&copied).unwrap();
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, copied).unwrap();
        }
    }
}

/// The fixture's texts, and the framework's outputs for each.
fn expected(name: &str) -> (Vec<String>, Vec<Vec<f32>>) {
    #[derive(serde::Deserialize)]
    struct Expected {
        texts: Vec<String>,
        outputs: Vec<Vec<f32>>,
    }
    let text = std::fs::read_to_string(fixtures().join(name).join("expected.json")).unwrap();
    let expected: Expected = serde_json::from_str(&text).unwrap();
    (expected.texts, expected.outputs)
}

/// The model's raw outputs for `count` rows from `first` on.
fn outputs(model: &Model, rows: &[String], first: usize, count: usize) -> Vec<f32> {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let table = table(vec![texts("message", &rows)]);
    let bound = model.bind(&table).unwrap();
    bound.ask(first, count).unwrap()
}

fn apart(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn check(name: &str, card: &str) {
    let model = open_on_device(folder(name, card).path());
    let (rows, expected) = expected(name);
    let together = outputs(&model, &rows, 0, rows.len());
    let off = apart(&together, &expected.concat());
    assert!(off < tolerance(1e-5), "{name} is {off} apart");
    for (row, expected) in expected.iter().enumerate() {
        let off = apart(&outputs(&model, &rows, row, 1), expected);
        assert!(off < tolerance(1e-5), "{name} is {off} apart in row {row} alone");
    }
}

#[test]
fn classifiers_answer_as_transformers_does() {
    for name in ["bert", "distilbert", "roberta", "xlm_roberta", "deberta_v2", "modernbert"] {
        check(name, THREE);
    }
}

#[test]
fn regression_answers_as_transformers_does() {
    let card = "name = \"R\"\nkind = \"text\"\ntask = \"regression\"\n\
                [[inputs]]\nkind = \"text\"\ncolumn = \"message\"\n";
    check("bert_regression", card);
    let model = open(folder("bert_regression", card).path(), &DeviceChoice::Cpu).unwrap();
    let table = table(vec![texts("message", &["The parcel has arrived."])]);
    let Answers::Numbers(numbers) = model.score(&table, &Progress::default()).unwrap() else {
        panic!("not numbers")
    };
    assert!(apart(&numbers, &expected("bert_regression").1[0]) < 1e-5);
}

const ENCODER: &str = r#"
head = "head.safetensors"
layers = [{ weight = "weight", bias = "bias" }]
"#;

fn encoder_card() -> String {
    format!("{ENCODER}{}", THREE.replace("kind = \"text\"\ntask", "kind = \"encoder\"\ntask"))
}

#[test]
fn sentences_are_pooled_as_the_folder_says_and_go_through_the_head() {
    check("encoder", &encoder_card());
    let file = "1_Pooling/config.json";
    let dir = folder("encoder", &encoder_card());
    let text = std::fs::read_to_string(dir.path().join(file)).unwrap();
    std::fs::write(dir.path().join(file), text.replace("mean_tokens", "lasttoken")).unwrap();
    assert!(said(&dir).contains("which are read one at a time"), "{}", said(&dir));
    let head = safetensors(&[tensor("weight", &[3, 31], &[0.0; 93])]);
    let dir = folder("encoder", &encoder_card());
    std::fs::write(dir.path().join("head.safetensors"), head).unwrap();
    assert!(said(&dir).contains("expects 31 inputs, but gets 32"), "{}", said(&dir));
    std::fs::remove_file(dir.path().join("head.safetensors")).unwrap();
    assert!(said(&dir).contains("weights cannot be read"), "{}", said(&dir));
}

/// The sentence that tells what is wrong with a folder, without the path that follows it.
fn said(dir: &TempDir) -> String {
    match open(dir.path(), &DeviceChoice::Cpu) {
        Ok(model) => model.describe(),
        Err(fault) => {
            let text = fault.to_string();
            let (message, path) = text.rsplit_once('\n').unwrap();
            assert!(path.contains(&*dir.path().to_string_lossy()), "the path comes last:\n{text}");
            message.to_owned()
        }
    }
}

#[test]
fn broken_folders_are_told_with_both_sides() {
    let cases: [(&str, &str, &str, &str); 9] = [
        (
            "config.json",
            "\"hidden_size\": 32",
            "\"hidden_size\": 36",
            "where config.json asks for [120, 36]",
        ),
        (
            "config.json",
            "\"hidden_size\": 32",
            "\"hidden_size\": 30",
            "4 heads, which do not divide",
        ),
        ("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"t5\"", "`t5`; text models"),
        ("config.json", "\"gelu\"", "\"mish\"", "the activation `mish`"),
        (
            "config.json",
            "\"vocab_size\": 120",
            "\"vocab_size\": 100",
            "tokens up to 119, but the model knows 100",
        ),
        (
            "config.json",
            "\"2\": \"other\"",
            "\"2\": \"other\", \"3\": \"more\"",
            "4 labels (`id2label`), but `classifier.weight` gives 3",
        ),
        (
            "config.json",
            "\"num_hidden_layers\": 2",
            "\"num_hidden_layers\": 999999999",
            "encoder.layer.2.attention",
        ),
        (
            "tokenizer.json",
            "\"type\": \"WordPiece\"",
            "\"type\": \"WordPieces\"",
            "The tokenizer cannot be read",
        ),
        ("tokenizer_config.json", "{", "[", "The settings are not JSON"),
    ];
    for (file, from, to, expected) in cases {
        let dir = folder("bert", THREE);
        let path = dir.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{file} has no {from}");
        std::fs::write(&path, changed).unwrap();
        let told = said(&dir);
        assert!(told.contains(expected), "`{expected}` is not in\n{told}");
    }
}

#[test]
fn missing_and_foreign_files_are_named() {
    let dir = folder("bert", THREE);
    std::fs::remove_file(dir.path().join("tokenizer.json")).unwrap();
    assert!(said(&dir).contains("There is no tokenizer.json"), "{}", said(&dir));
    let dir = folder("bert", THREE);
    std::fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    assert!(said(&dir).contains("The weights cannot be read"), "{}", said(&dir));
    // A header that claims terabytes must not be believed.
    let path = dir.path().join("model.safetensors");
    std::fs::write(&path, u64::MAX.to_le_bytes()).unwrap();
    assert!(said(&dir).contains("claims 18446744073709551615 bytes"), "{}", said(&dir));
    std::fs::write(&path, safetensors(&[tensor("x", &[1], &[0.0])])).unwrap();
    assert!(said(&dir).contains("no tensor `embeddings.word_embeddings.weight`"), "{}", said(&dir));
    let whole = std::fs::read(fixtures().join("bert/model.safetensors")).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(said(&dir).contains("do not match their header"), "{}", said(&dir));
}

#[test]
fn weights_that_are_no_numbers_are_found() {
    let dir = folder("bert", THREE);
    let path = dir.path().join("model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    assert!(said(&dir).contains("has NaN at index"), "{}", said(&dir));
}

#[test]
fn classes_must_follow_the_labels() {
    let swapped = THREE.replace("\"bill\", \"offer\"", "\"offer\", \"bill\"");
    assert!(said(&folder("bert", &swapped)).contains("must follow the outputs"));
    let two = THREE.replace("\"bill\", ", "");
    assert!(said(&folder("bert", &two)).contains("this task needs 2 outputs"));
    // Names that the label writes otherwise are a person's business.
    assert!(said(&folder("bert", &THREE.replace("bill", "Bill"))).contains("2 layers"));
}

#[test]
fn columns_that_hold_no_text_are_told() {
    let model = open(folder("bert", THREE).path(), &DeviceChoice::Cpu).unwrap();
    let told = |columns| {
        let all = model.mismatches(&table(columns));
        all.iter().map(|m| (m.blocks, m.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(
        told(vec![numbers("message", &[1.0])]),
        [(true, "column `message` holds numbers where the model needs texts".to_owned())]
    );
    let missing = told(vec![texts("massage", &["x"])]);
    assert!(missing[0].1.contains("did you mean `massage`?"), "{missing:?}");
    let empty = told(vec![texts("message", &["x", ""])]);
    assert!(!empty[0].0 && empty[0].1.contains("no text in 1 row"), "{empty:?}");
}

#[test]
fn weights_may_lie_in_several_files() {
    let dir = folder("bert", THREE);
    let path = dir.path().join("model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let all = safetensors::SafeTensors::deserialize(&bytes).unwrap().tensors();
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let mut map = serde_json::Map::new();
    for (part, shard) in all.chunks(all.len().div_ceil(2)).zip(shards) {
        let part: Vec<_> = part.iter().map(|(name, view)| (name, view)).collect();
        map.extend(part.iter().map(|(name, _)| ((*name).clone(), shard.into())));
        std::fs::write(dir.path().join(shard), safetensors::serialize(part, None).unwrap())
            .unwrap();
    }
    let index = dir.path().join("model.safetensors.index.json");
    std::fs::write(&index, serde_json::json!({ "weight_map": map }).to_string()).unwrap();
    let model = open(dir.path(), &DeviceChoice::Cpu).unwrap();
    let (rows, expected) = expected("bert");
    assert!(apart(&outputs(&model, &rows, 0, 1), &expected[0]) < 1e-5);
    std::fs::remove_file(dir.path().join(shards[1])).unwrap();
    assert!(said(&dir).contains("The weights cannot be read"), "{}", said(&dir));
    let outside = r#"{"weight_map": {"classifier.weight": "../model.safetensors"}}"#;
    std::fs::write(&index, outside).unwrap();
    assert!(said(&dir).contains("not inside the folder"), "{}", said(&dir));
}
