//! What is refused on purpose, and in which words.
//!
//! ```text
//! cargo test --test strangers refus -- --nocapture
//! ```

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use rehearsal::domain::Progress;
use rehearsal::models::{DeviceChoice, open};
use rehearsal::store::{Library, Sharing};
use rehearsal::{data, worker};
use tempfile::TempDir;

/// Files of strangers, each in a folder of its own.
struct Hostile {
    folder: TempDir,
}

impl Hostile {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A shared experiment that its author changed by hand.
    fn experiment(&self, sql: &str) -> PathBuf {
        let old = fixture("schema/version1.rehearsal");
        let [library, shared] =
            ["library.rehearsal", "shared.rehearsal"].map(|name| self.folder.path().join(name));
        fs::copy(old, &library).unwrap();
        let open = Library::open(&library).unwrap();
        open.share(&open.list().unwrap()[0].id, Sharing::Whole, &shared).unwrap();
        rusqlite::Connection::open(&shared).unwrap().execute_batch(sql).unwrap();
        shared
    }

    /// A model's folder: a card with this line in it, and a file.
    fn model(&self, name: &str, line: &str, file: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let card = "name = \"M\"\nkind = \"KIND\"\ntask = \"binary\"\nclasses = [\"no\", \"yes\"]\n\
                    inputs = [{ kind = \"number\", column = \"x\" }]\n";
        let kind = line.split_whitespace().next().unwrap();
        let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
        let card = format!("{}{rest}\n", card.replace("KIND", kind));
        self.file(&format!("{name}/card.toml"), card);
        self.file(&format!("{name}/{file}"), bytes);
        self.folder.path().join(name)
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// Prints a line of the table, and holds the first sentence against what it must tell.
fn refused(what: &str, told: &dyn Display, expected: &str) {
    let told = told.to_string();
    let sentence = told.lines().next().unwrap_or_default();
    println!("| {what} | {sentence} |");
    assert!(told.contains(expected), "{what}: {told}");
}

fn experiment_fault(path: &Path) -> String {
    match worker::open_shared_review(path) {
        Ok(_) => "it was opened".to_owned(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn experiments_are_refused_in_words() {
    let hostile = Hostile::new();
    let text = hostile.file("text.rehearsal", "id,label\n1,yes\n".repeat(900));
    refused(
        "a text under the name of an experiment",
        &experiment_fault(&text),
        "no SQLite database",
    );
    let whole = fs::read(hostile.experiment("")).unwrap();
    let half = hostile.file("half.rehearsal", &whole[..whole.len() / 2]);
    refused("an experiment that was cut in half", &experiment_fault(&half), "damaged");
    for (what, sql, expected) in [
        ("the database of another program", "PRAGMA application_id = 7", "another program"),
        ("a newer version", "PRAGMA user_version = 12", "version 12"),
        (
            "a trigger that deletes",
            "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM windows; END",
            "tables and views have been changed",
        ),
        (
            "a view in place of a table",
            "DROP TABLE jobs; CREATE VIEW jobs AS SELECT * FROM events",
            "tables and views have been changed",
        ),
        ("a claim of 9 EB of inputs", "UPDATE contents SET raw_bytes = 9e18", "at most"),
        ("a claim of 400 MB in 1 kB", "UPDATE contents SET raw_bytes = 4e8", "at most"),
        ("another outcome, digests as they were", "UPDATE recordings SET head = x'00'", "digest"),
        (
            "windows taken out",
            "DELETE FROM recording_parts WHERE list = 'windows'",
            "not the one that was saved",
        ),
    ] {
        refused(what, &experiment_fault(&hostile.experiment(sql)), expected);
    }
}

#[test]
fn models_are_refused_in_words() {
    let hostile = Hostile::new();
    let fault = |folder: PathBuf| {
        open(&folder, &DeviceChoice::Cpu).err().map_or_else(String::new, |fault| fault.to_string())
    };
    let layers = "layers = [{ weight = \"w\" }]";
    for (name, weights) in [("up", "../secret.safetensors"), ("root", "/etc/passwd")] {
        let line = format!("mlp weights = \"{weights}\"\n{layers}");
        let told = fault(hostile.model(name, &line, "x", ""));
        refused(&format!("a card with the weights `{weights}`"), &told, "`weights`");
    }
    for (what, file, expected) in [
        ("a pickled module, which would have to be executed", "whole.pt", "model.state_dict()"),
        ("a TorchScript, which is code", "script.pt", "TorchScript"),
        ("PyTorch's pickle from before 1.6", "old.pt", "old format of PyTorch"),
        ("a compressed archive, perhaps a bomb", "compressed.npz", "numpy.savez"),
    ] {
        let bytes = fs::read(fixture("models/archives").join(file)).unwrap();
        let line = format!("mlp weights = \"{file}\"\n{layers}");
        refused(what, &fault(hostile.model(file, &line, file, bytes)), expected);
    }
    let tensors = "model.safetensors";
    let line = format!("mlp {layers}");
    let mut header = (1_u64 << 60).to_le_bytes().to_vec();
    header.extend(b"{}");
    let told = fault(hostile.model("header", &line, tensors, header));
    refused("safetensors with a header of 2^60 bytes", &told, "header");
    let claim = br#"{"w":{"dtype":"F32","shape":[1,1152921504606846976],"data_offsets":[0,4]}}"#;
    let mut bytes = (claim.len() as u64).to_le_bytes().to_vec();
    bytes.extend(claim);
    bytes.extend([0; 4]);
    let told = fault(hostile.model("claim", &line, tensors, bytes));
    refused("safetensors with 2^60 numbers in four bytes", &told, "damaged");
    let deep = format!("{{\"learner\":{}", "[".repeat(200_000));
    let told = fault(hostile.model("deep", "xgboost weights = \"m.json\"", "m.json", deep));
    refused("JSON of 200,000 brackets", &told, "no model of XGBoost");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_and_do_not_hang() {
    let hostile = Hostile::new();
    let pipe = hostile.folder.path().join("rows.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let zeros = hostile.folder.path().join("plan.toml");
    std::os::unix::fs::symlink("/dev/zero", &zeros).unwrap();
    let dataset = |path: &Path| data::load(path, &Progress::default()).unwrap_err();
    refused("a pipe as a dataset", &dataset(&pipe), "no ordinary file");
    refused("a link to /dev/zero as a dataset", &dataset(&zeros), "no ordinary file");
    refused("a link to /dev/zero as a plan", &worker::read_plan(&zeros).unwrap_err(), "no plan");
    refused("a pipe as a plan", &worker::read_plan(&pipe).unwrap_err(), "no plan");
    refused("a pipe as an experiment", &experiment_fault(&pipe), "a folder or a device");
    let folder = hostile.model("pipe", "mlp layers = [{ weight = \"w\" }]", "x", "");
    std::os::unix::fs::symlink("/dev/zero", folder.join("model.safetensors")).unwrap();
    let told = open(&folder, &DeviceChoice::Cpu).err().unwrap();
    refused("a link to /dev/zero as weights", &told, "not a file");
}
