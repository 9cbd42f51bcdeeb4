//! Files of strangers, damaged at random: each gives an error or something sound, never a panic, and
//! never takes long. Two seconds a kind of file, or as many as `REHEARSAL_FUZZ_SECS` says:
//!
//! ```text
//! REHEARSAL_FUZZ_SECS=600 cargo test --test strangers -- --nocapture
//! ```
//!
//! A case that was found once lies in `tests/files/strangers` and is tried first, for ever.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rehearsal::domain::{PlanDraft, Progress};
use rehearsal::models::Card;
use rehearsal::store::{Library, Sharing};
use rehearsal::{data, worker};

/// No file of this size may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Random numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What parsers stumble over.
const ODD: [&[u8]; 16] = [
    b"\0",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"1e999",
    b"-0",
    b"nan",
    b"99999999999999999999",
    b"\"\"\"",
    b"[[[[[[[[",
    b"{{{{{{{{",
    b"\r\n",
    b",,,,,,,,",
    b"../../../../etc/passwd",
    b"\xef\xbb\xbf",
    b"'; DROP TABLE experiments; --",
    "\u{202e}".as_bytes(),
];

/// One file with a few damages, perhaps continued by another file.
fn damaged(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(1 + bytes.len() / 8).min(bytes.len() - at);
        match random.below(6) {
            0 => {
                for byte in bytes.iter_mut().skip(at).take(1 + length.min(8)) {
                    *byte = random.next() as u8;
                }
            }
            1 => _ = bytes.drain(at..at + length),
            2 => {
                let part = bytes[at..at + length].to_vec();
                bytes.splice(at..at, part);
            }
            3 => _ = bytes.splice(at..at, ODD[random.below(ODD.len())].iter().copied()),
            4 => {
                let odd = ODD[random.below(ODD.len())];
                for (to, from) in bytes.iter_mut().skip(at).zip(odd) {
                    *to = *from;
                }
            }
            _ => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
        }
    }
    bytes
}

fn seconds() -> u64 {
    std::env::var("REHEARSAL_FUZZ_SECS").map_or(2, |text| text.parse().unwrap())
}

/// Tries files of one kind until the time is over. What panics or takes too long is written down.
fn fuzz(kind: &str, corpus: &[Vec<u8>], attempt: impl Fn(&[u8])) {
    assert!(!corpus.is_empty(), "nothing to begin with");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/strangers").join(kind);
    for found in files(&root, |_| true) {
        attempt(&fs::read(found).unwrap());
    }
    corpus.iter().for_each(|bytes| attempt(bytes));
    let (begun, mut random, mut count) = (Instant::now(), Random(20_261_125), 0_u64);
    while begun.elapsed() < Duration::from_secs(seconds()) {
        let bytes = damaged(corpus, &mut random);
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| attempt(&bytes)));
        if outcome.is_err() || started.elapsed() > PATIENCE {
            let case = std::env::temp_dir().join(format!("rehearsal-{kind}-{count}"));
            fs::write(&case, &bytes).unwrap();
            assert!(outcome.is_ok(), "a panic: {}", case.display());
            assert!(started.elapsed() <= PATIENCE, "it takes too long: {}", case.display());
        }
        count += 1;
    }
    println!("{kind}: {count} files in {} s", seconds());
}

/// Files below `folder` that `is` wants, in order.
fn files(folder: &Path, is: fn(&Path) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() { files(&path, is) } else { vec![path] }
    };
    paths.into_iter().flat_map(below).filter(|path| is(path)).collect()
}

fn samples(is: fn(&Path) -> bool) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data");
    files(&root, is).iter().map(|path| fs::read(path).unwrap()).collect()
}

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
fn datasets() {
    let mut corpus = vec![
        b"id,when,amount,label\n1,2024-03-01,2.5,good\n2,\"2024-03-02\",x,bad\n".repeat(20),
        b"a;b;c\n1,5;2;\"x\ny\"\n".repeat(20),
        b"\xef\xbb\xbfname\tvalue\nM\xc3\xbcller\t3\n".to_vec(),
    ];
    corpus.extend(
        samples(|path| path.ends_with("churn.csv")).iter().map(|all| all[..4_000].to_vec()),
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    fuzz("dataset", &corpus, |bytes| {
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
