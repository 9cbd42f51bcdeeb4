//! Models of strangers: each file of a model's folder is damaged, then a card is proposed for it, the
//! model is opened and asked about a few rows.

use std::fs;
use std::path::{Path, PathBuf};

use rehearsal::data;
use rehearsal::domain::{Progress, Table};
use rehearsal::models::{DeviceChoice, Hints, open, propose_card};
use tempfile::TempDir;

use super::fuzz::{files, fuzz, samples};

/// A card for tensors whose file tells too little.
const DENSE: &str = r#"
name = "Dense"
kind = "mlp"
task = "multiclass"
classes = ["no", "yes"]
weights = "WEIGHTS"
layers = [{ weight = "first.weight", bias = "half" }]
inputs = [
    { kind = "number", column = "age" },
    { kind = "number", column = "income" },
    { kind = "number", column = "visits" },
]
"#;

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models").join(folder)
}

/// Rows that every model finds something in.
fn rows(folder: &Path) -> Table {
    let path = folder.join("rows.csv");
    let rows = "age,income,visits,x,text\n41,1200.5,3,1,It was fine.\n,,7,2,\n33,900,0,3,Höllisch \u{1f525}!\n";
    fs::write(&path, rows).unwrap();
    data::load(&path, &Progress::default()).unwrap().table
}

/// A model's folder of which one file is damaged again and again.
struct Victim {
    folder: TempDir,
    /// The damaged file's name.
    file: &'static str,
    /// Stands in where none can be proposed.
    card: String,
    rows: Table,
}

impl Victim {
    /// Of a folder with just this file.
    fn alone(file: &'static str, card: &str) -> Self {
        Self::within(None, file, card)
    }

    /// Of a copy of the folder `whole`.
    fn within(whole: Option<&Path>, file: &'static str, card: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in whole.map(|whole| files(whole, |_| true)).unwrap_or_default() {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        let rows = rows(tempfile::tempdir().unwrap().path());
        Self { folder, file, card: card.to_owned(), rows }
    }

    fn ask(&self, bytes: &[u8]) {
        let folder = self.folder.path();
        fs::write(folder.join(self.file), bytes).unwrap();
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let hints = Hints {
            numbers: vec![names(&["age", "income", "visits"])],
            texts: names(&["text"]),
            ..Hints::default()
        };
        let card = propose_card(folder, &hints).unwrap_or_else(|_| self.card.clone());
        fs::write(folder.join("card.toml"), card).unwrap();
        if let Ok(model) = open(folder, &DeviceChoice::Cpu) {
            model.score(&self.rows, &Progress::default()).ok();
        }
        fs::remove_file(folder.join("card.toml")).unwrap();
    }
}

/// The bytes of the fixtures that `is` wants.
fn corpus(folder: &str, is: fn(&Path) -> bool) -> Vec<Vec<u8>> {
    files(&fixtures(folder), is).iter().map(|path| fs::read(path).unwrap()).collect()
}

fn ends(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}

fn named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}

fn fuzz_alone(kind: &str, file: &'static str, card: &str, corpus: &[Vec<u8>]) {
    let victim = Victim::alone(file, card);
    fuzz(kind, corpus, |bytes| victim.ask(bytes));
}

/// The folder's own card, if it has one, and its file of this name.
fn fuzz_within(kind: &str, folder: &str, file: &'static str) {
    let whole = fixtures(folder);
    let card = fs::read_to_string(whole.join("card.toml")).unwrap_or_default();
    let victim = Victim::within(Some(&whole), file, &card);
    fuzz(kind, &[fs::read(whole.join(file)).unwrap()], |bytes| victim.ask(bytes));
}

#[test]
fn safetensors() {
    let small: Vec<Vec<u8>> = samples(|path| ends(path, "safetensors"))
        .into_iter()
        .filter(|bytes| bytes.len() < 10_000)
        .collect();
    fuzz_alone("safetensors", "model.safetensors", "", &small);
}

#[test]
fn archives_of_pytorch() {
    let card = DENSE.replace("WEIGHTS", "model.pt");
    fuzz_alone("pt", "model.pt", &card, &corpus("archives", |path| ends(path, "pt")));
}

#[test]
fn archives_of_numpy() {
    let card = DENSE.replace("WEIGHTS", "model.npz");
    fuzz_alone("npz", "model.npz", &card, &corpus("archives", |path| ends(path, "npz")));
}

#[test]
fn pipelines() {
    let corpus = corpus("pipelines", |path| ends(path, "onnx"));
    fuzz_alone("onnx-pipeline", "model.onnx", "", &corpus);
}

#[test]
fn networks() {
    let corpus = corpus("networks", |path| ends(path, "onnx"));
    fuzz_alone("onnx-network", "model.onnx", "", &corpus);
}

#[test]
fn language_models() {
    fuzz_alone("gguf", "model.gguf", "", &corpus("generate", |path| ends(path, "gguf")));
}

#[test]
fn forests_of_xgboost() {
    let is = |path: &Path| ends(path, "json") && !named(path, "expected.json");
    fuzz_alone("xgboost-json", "model.json", "", &corpus("trees", is));
}

#[test]
fn forests_of_xgboost_in_binary() {
    fuzz_alone("xgboost-ubj", "model.ubj", "", &corpus("trees", |path| ends(path, "ubj")));
}

#[test]
fn forests_of_lightgbm() {
    fuzz_alone("lightgbm", "model.txt", "", &corpus("trees", |path| ends(path, "txt")));
}

#[test]
fn tokenizers() {
    fuzz_within("tokenizer", "text/bert", "tokenizer.json");
    fuzz_within("tokenizer-bytes", "text/roberta", "tokenizer.json");
    fuzz_within("tokenizer-unigram", "text/xlm_roberta", "tokenizer.json");
}

#[test]
fn folders_of_texts() {
    fuzz_within("text-config", "text/bert", "config.json");
    fuzz_within("text-weights", "text/distilbert", "model.safetensors");
}

#[test]
fn folders_of_images() {
    fuzz_within("image-config", "vision/vit", "config.json");
    fuzz_within("image-steps", "vision/vit", "preprocessor_config.json");
    fuzz_within("image-weights", "vision/mobilenetv4", "model.safetensors");
}

/// What is not damaged must be understood, or nothing behind the first check was tried.
#[test]
fn what_is_whole_opens() {
    for (folder, file) in [
        ("pipelines", "logistic.onnx"),
        ("networks", "perceptron.onnx"),
        ("generate", "q8_0.gguf"),
        ("trees", "xgb_binary.json"),
        ("trees", "xgb_dart.ubj"),
        ("trees", "lgb_binary.txt"),
    ] {
        let place = tempfile::tempdir().unwrap();
        fs::copy(fixtures(folder).join(file), place.path().join(file)).unwrap();
        let hints = Hints { texts: vec!["text".to_owned()], ..Hints::default() };
        let card = propose_card(place.path(), &hints).unwrap();
        fs::write(place.path().join("card.toml"), card).unwrap();
        open(place.path(), &DeviceChoice::Cpu).unwrap();
    }
    for weights in ["state.pt", "arrays.npz"] {
        let place = tempfile::tempdir().unwrap();
        fs::copy(fixtures("archives").join(weights), place.path().join(weights)).unwrap();
        let card = DENSE.replace("WEIGHTS", weights);
        fs::write(place.path().join("card.toml"), card).unwrap();
        let model = open(place.path(), &DeviceChoice::Cpu).unwrap();
        model.score(&rows(place.path()), &Progress::default()).unwrap();
    }
}
