//! Language models held to transformers' answers. `tests/files/models/generate/make.py` made them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::prompt::filled;
use crate::domain::{Progress, Table};
use crate::models::fixture::{device, open_on_device, table, texts, tolerance};
use crate::models::{Card, DeviceChoice, Hints, Model, open, propose_card};

#[derive(serde::Deserialize)]
struct Expected {
    choices: Vec<String>,
    files: BTreeMap<String, Vec<Case>>,
}

#[derive(serde::Deserialize)]
struct Case {
    prompt: String,
    written: Vec<u32>,
    likelihoods: Vec<f32>,
}

const CARD: &str = r#"
name = "Small"
kind = "generate"
task = "multiclass"
classes = ["no", "yes", "perhaps"]
weights = "model.gguf"
[[inputs]]
kind = "text"
column = "message"
[generate]
prompt = "{message}"
"#;

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/models/generate")
}

fn expected() -> Expected {
    serde_json::from_str(&std::fs::read_to_string(files().join("expected.json")).unwrap()).unwrap()
}

fn folder(name: &str, card: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = files().join(format!("{name}.gguf"));
    std::fs::copy(file, dir.path().join("model.gguf")).unwrap();
    std::fs::write(dir.path().join("card.toml"), card).unwrap();
    dir
}

fn ask(model: &Model, rows: &Table) -> Vec<f32> {
    model.bind(rows).unwrap().ask(0, rows.rows).unwrap()
}

#[test]
fn choices_are_as_likely_as_transformers_says() {
    let Expected { choices, files } = expected();
    assert_eq!(choices, [" no", " yes", " perhaps"]);
    // Q8_0 rounds what it multiplies with to eight bits, too.
    for (name, tolerance) in [("q4_1", tolerance(2e-4)), ("q8_0", 0.15)] {
        let model = open_on_device(folder(name, CARD).path());
        assert_eq!(model.describe().contains("Q4_1 weights have no fast kernel"), name == "q4_1");
        let prompts: Vec<&str> = files[name].iter().map(|case| case.prompt.as_str()).collect();
        let found = ask(&model, &table(vec![texts("message", &prompts)]));
        let expected = files[name].iter().flat_map(|case| &case.likelihoods);
        for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
            let off = (found - expected).abs();
            assert!(off < tolerance, "{name}: {found} for {expected} at {at}");
        }
    }
}

#[test]
fn written_answers_are_those_of_transformers() {
    let cases = &expected().files["q4_1"];
    let card = CARD.replace("[generate]", "[generate]\nanswer = \"length\"\nmost_tokens = 6");
    let card = card.replace("multiclass", "regression");
    let card = card.replace("classes = [\"no\", \"yes\", \"perhaps\"]\n", "");
    let dir = folder("q4_1", &card);
    let file = std::fs::read(dir.path().join("model.gguf")).unwrap();
    let mut file = super::gguf::Gguf::parse(file, dir.path(), &device().place().device).unwrap();
    let network = super::llama::Llama::load(&mut file).unwrap();
    let words = super::vocabulary::Vocabulary::load(&file, network.vocabulary()).unwrap();
    for case in cases {
        let prompt = words.of_prompt(&case.prompt).unwrap();
        let mut told = 0;
        let mut on_token = || told += 1;
        let written = super::answer::written(&network, &words, &prompt, 6, &mut on_token).unwrap();
        let ends = case.written.iter().position(|&id| words.is_end(id)).unwrap_or(6);
        assert_eq!(written, case.written[..ends]);
        assert_eq!(told, (ends + 1).min(6), "the end is a token as well");
    }
    let prompts: Vec<&str> = cases.iter().map(|case| case.prompt.as_str()).collect();
    let model = open_on_device(dir.path());
    let lengths = ask(&model, &table(vec![texts("message", &prompts)]));
    assert!(lengths.iter().all(|&length| length <= 6.0 && length.fract() == 0.0), "{lengths:?}");
}

#[test]
fn a_written_answer_that_is_no_choice_counts_as_another_class() {
    let part = "[generate]\nanswer = \"text\"\notherwise = \"perhaps\"";
    let card = CARD.replace("[generate]", part);
    let model = open(folder("q8_0", &card).path(), &DeviceChoice::Cpu).unwrap();
    assert_eq!(ask(&model, &table(vec![texts("message", &["lost today"])])), [0.0, 0.0, 1.0]);
}

#[test]
fn prompts_are_filled_once() {
    let cells = [("a", "{b}"), ("b", "x")];
    assert_eq!(filled("{a} and {b}, {c} {", &cells), "{b} and x, {c} {");
}

fn said(dir: &TempDir) -> String {
    match open(dir.path(), &DeviceChoice::Cpu) {
        Ok(model) => model.describe(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let card = |from: &str, to: &str| said(&folder("q8_0", &CARD.replace(from, to)));
    let cases = [
        ("{message}", "hello", "does not mention the input `{message}`"),
        ("\"{message}\"", "\"{message}\"\nanswer = \"length\"", "`task` must be `regression`"),
        ("\"{message}\"", "\"{message}\"\nchoices = [\"a\"]", "1 entries for 3 classes"),
        ("\"{message}\"", "\"{message}\"\notherwise = \"who\"", "`who`, which is no class"),
    ];
    for (from, to, expected) in cases {
        let told = card(from, to);
        assert!(told.contains(expected), "`{expected}` is not in\n{told}");
    }
    let dir = folder("q8_0", CARD);
    let path = dir.path().join("model.gguf");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(said(&dir).contains("Tensor `"), "{}", said(&dir));
    // A header that claims more than there is must not be believed.
    let mut bytes = whole.clone();
    bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    std::fs::write(&path, bytes).unwrap();
    assert!(said(&dir).contains("The GGUF file is damaged"), "{}", said(&dir));
    let long = "lost ".repeat(200);
    let model = open(folder("q8_0", CARD).path(), &DeviceChoice::Cpu).unwrap();
    let rows = table(vec![texts("message", &[long.as_str()])]);
    let fault = model.score(&rows, &Progress::default()).unwrap_err().to_string();
    assert!(fault.contains("the prompt of row 1 has "), "{fault}");
}

#[test]
fn proposed_cards_open() {
    let dir = folder("q8_0", CARD);
    let card = propose_card(&dir.path().join("model.gguf"), &Hints::default()).unwrap();
    assert!(Card::from_toml(&card).unwrap().generate.unwrap().prompt.contains("<|im_start|>user"));
    std::fs::write(dir.path().join("card.toml"), card).unwrap();
    assert!(said(&dir).starts_with("Llama, "), "{}", said(&dir));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a damaged header says, the file is refused or answers.
    #[test]
    fn damaged_files_never_bring_the_program_down(
        damage in prop::collection::vec((0_usize..12_000, any::<u8>()), 1..5),
    ) {
        let dir = folder("q4_1", CARD);
        let path = dir.path().join("model.gguf");
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, byte) in damage {
            bytes[at] = byte;
        }
        std::fs::write(&path, bytes).unwrap();
        let _ = propose_card(&path, &Hints::default());
        if let Ok(model) = open(dir.path(), &DeviceChoice::Cpu) {
            let _ = model.score(&table(vec![texts("message", &["lost"])]), &Progress::default());
        }
    }
}
