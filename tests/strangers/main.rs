//! Files of strangers, damaged at random: each gives an error or something sound, never a panic, and
//! never takes long or much memory. One second a kind of file, or as many as `REHEARSAL_FUZZ_SECS`
//! says:
//!
//! ```text
//! REHEARSAL_FUZZ_SECS=600 cargo test --release --test strangers -- --nocapture
//! ```
//!
//! A case that was found once lies in `tests/files/strangers` and is tried first, for ever.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod fuzz;
mod models;
mod refusals;

use std::fs;
use std::path::Path;

use fuzz::{fuzz, fuzz_tables, samples};
use rehearsal::domain::{PlanDraft, Progress};
use rehearsal::models::Card;
use rehearsal::store::{Library, Sharing};
use rehearsal::{data, worker};

#[test]
fn plans() {
    let corpus = samples(|path| path.parent().is_some_and(|folder| folder.ends_with("plans")));
    fuzz("plan", &corpus, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        if let Ok(draft) = PlanDraft::from_toml(text)
            && let Ok(plan) = draft.validate()
        {
            // What is sound can be written and read again.
            assert!(PlanDraft::from_toml(&plan.to_toml()).is_ok());
        }
    });
}

#[test]
fn cards() {
    let corpus = samples(|path| path.ends_with("card.toml"));
    fuzz("card", &corpus, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            Card::from_toml(text).ok();
        }
    });
}

#[test]
fn tables_of_text() {
    let mut corpus = vec![
        b"id,when,amount,label\n1,2024-03-01,2.5,good\n2,\"2024-03-02\",x,bad\n".repeat(20),
        b"a;b;c\n1,5;2;\"x\ny\"\n".repeat(20),
        b"\xef\xbb\xbfname\tvalue\nM\xc3\xbcller\t3\n".to_vec(),
    ];
    corpus.extend(
        samples(|path| path.ends_with("churn.csv")).iter().map(|all| all[..4_000].to_vec()),
    );
    datasets("csv", &corpus);
}

#[test]
fn tables_of_json() {
    datasets("ndjson", &[table("ndjson")]);
}

#[test]
fn tables_of_parquet() {
    datasets("parquet", &[table("parquet")]);
}

#[test]
fn tables_of_arrow() {
    datasets("arrow", &[table("arrow")]);
}

/// `tests/files/data/make.py` made them.
fn table(format: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/data");
    fs::read(root.join(format!("rows.{format}"))).unwrap()
}

fn datasets(format: &str, corpus: &[Vec<u8>]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("rows.{format}"));
    fuzz_tables(format, corpus, |bytes| {
        fs::write(&path, bytes).unwrap();
        data::load(&path, &Progress::default()).ok();
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else was written");
}

#[test]
fn experiments() {
    let folder = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/schema/version1.rehearsal");
    let library = folder.path().join("library.rehearsal");
    fs::copy(&old, &library).unwrap();
    let shared = folder.path().join("shared.rehearsal");
    let open = Library::open(&library).unwrap();
    open.share(&open.list().unwrap()[0].id, Sharing::Whole, &shared).unwrap();
    let corpus = [fs::read(&shared).unwrap(), fs::read(&old).unwrap()];
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("stranger.rehearsal");
    fuzz("experiment", &corpus, |bytes| {
        fs::write(&path, bytes).unwrap();
        if let Ok((experiment, _)) = worker::open_shared_review(&path)
            && let Some(recording) = &experiment.recording
            && let Some(digest) = &experiment.summary.digest
        {
            assert_eq!(*digest, recording.digest(), "what is opened is what was saved");
        }
    });
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing else was written");
}
