//! Files from anybody: refused in words or read as they were written, and never a panic.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::*;
use crate::domain::{Recording, SimTime};

/// A shared copy with one experiment.
struct Copy {
    folder: TempDir,
    id: ExperimentId,
    recording: Recording,
}

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library.rehearsal")).unwrap();
        let recording = fixture::recording(70, 1);
        let (plan, inputs) = (fixture::plan(), fixture::inputs(400));
        let interventions = &fixture::interventions();
        let new = NewExperiment { interventions, ..fixture::new(&plan, &inputs) };
        let id = library.begin(&new).unwrap();
        library.finish(&id, &recording).unwrap();
        library.share(&id, Sharing::Whole, &folder.path().join("copy.rehearsal")).unwrap();
        Self { folder, id, recording }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("copy.rehearsal")
    }

    /// Changes the copy as its author could have.
    fn tamper(&self, change: impl FnOnce(&Connection)) {
        change(&Connection::open(self.path()).unwrap());
    }

    fn open_fault(&self) -> String {
        Library::open_stranger(&self.path()).unwrap_err().to_string()
    }

    fn load_fault(&self) -> String {
        let library = Library::open_stranger(&self.path()).unwrap();
        library.load(&self.id).unwrap_err().to_string()
    }
}

fn fault_of(path: &Path) -> String {
    Library::open_stranger(path).unwrap_err().to_string()
}

#[test]
fn what_is_no_file_of_experiments_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    assert!(fault_of(&path).contains("Opening the file failed"));
    assert!(fault_of(folder.path()).contains("it is a folder"));
    fs::write(&path, "").unwrap();
    assert!(fault_of(&path).contains("it is empty"));
    fs::write(&path, "id,label\n1,yes\n".repeat(900)).unwrap();
    assert!(fault_of(&path).contains("no SQLite database"));
    let own = Library::open(&path).unwrap_err().to_string();
    assert!(own.contains("no SQLite database") && own.ends_with("/x"), "{own}");
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE photos (x)").unwrap();
    assert!(fault_of(&path).contains("another program"));
}

#[test]
fn a_newer_file_is_refused_with_both_versions() {
    let copy = Copy::new();
    copy.tamper(|file| file.pragma_update(None, "user_version", 12).unwrap());
    let own = Library::open(&copy.path()).unwrap_err().to_string();
    for text in [copy.open_fault(), own] {
        assert!(text.contains("version 12") && text.contains("up to 3"), "{text}");
    }
}

#[test]
fn a_file_with_a_layout_of_its_own_is_refused() {
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM windows; END",
        "CREATE VIEW more AS SELECT 1",
        "DROP TABLE jobs; CREATE VIEW jobs AS SELECT * FROM events",
    ] {
        let copy = Copy::new();
        copy.tamper(|file| file.execute_batch(sql).unwrap());
        assert!(copy.open_fault().contains("tables and views have been changed"), "{sql}");
    }
}

#[test]
fn a_strangers_file_is_only_read() {
    let copy = Copy::new();
    let before = fs::read(copy.path()).unwrap();
    let library = Library::open_stranger(&copy.path()).unwrap();
    assert!(matches!(library.delete(&copy.id).unwrap_err().problem, Problem::ReadOnly));
    let begun = library.begin(&fixture::new(&fixture::plan(), &fixture::inputs(1)));
    assert!(matches!(begun.unwrap_err().problem, Problem::ReadOnly));
    // It can be passed on.
    let next = copy.folder.path().join("next # 1%.rehearsal");
    library.share(&copy.id, Sharing::Whole, &next).unwrap();
    let next = Library::open_stranger(&next).unwrap();
    assert_eq!(next.load(&copy.id).unwrap().recording.as_ref(), Some(&copy.recording));
    drop(library);
    assert!(fs::read(copy.path()).unwrap() == before, "the file was written to");
    let names = fs::read_dir(copy.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let beside = names.filter(|name| name.to_string_lossy().starts_with("copy.rehearsal")).count();
    assert_eq!(beside, 1, "nothing is written beside it");
}

#[test]
fn lies_are_found_though_their_digests_fit() {
    let lie = |change: fn(&Connection)| {
        let copy = Copy::new();
        copy.tamper(change);
        copy.load_fault()
    };
    let huge = lie(|file| {
        file.execute("UPDATE contents SET raw_bytes = 400000000", []).unwrap();
    });
    assert!(huge.contains("table contents") && huge.contains("at most"), "{huge}");

    let total = lie(|file| {
        file.execute("UPDATE contents SET raw_bytes = 9e18", []).unwrap();
    });
    assert!(total.contains("The inputs of experiment"), "{total}");

    let stage = lie(|file| {
        let mut windows = fixture::recording(70, 1).windows;
        windows[69].stage = 900;
        replace_part(file, &windows[64..]);
    });
    assert!(stage.contains("window 69: there is no stage 900"), "{stage}");

    let shorter = lie(|file| {
        file.execute("DELETE FROM recording_parts WHERE list = 'windows' AND first = 0", [])
            .unwrap();
    });
    assert!(shorter.contains("windows from 64 on"), "{shorter}");

    let other = lie(|file| {
        let mut windows = fixture::recording(70, 1).windows;
        windows[69].end = SimTime::from_secs(701);
        replace_part(file, &windows[64..]);
    });
    assert!(other.contains("not the one that was saved"), "{other}");
}

/// Puts other windows into the last part, with all that belongs to them.
fn replace_part(file: &Connection, windows: &[crate::domain::Window]) {
    let packed = codec::pack("windows", windows).unwrap();
    let changed = file
        .execute(
            "UPDATE recording_parts SET body = ?1, raw_bytes = ?2, digest = ?3
             WHERE list = 'windows' AND first = 64",
            params![packed.body, packed.raw_bytes as i64, packed.digest],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

/// Bytes are flipped and the file is cut, many times; whatever can still be loaded is what was saved.
#[test]
fn damaged_files_never_panic_and_never_lie() {
    let copy = Copy::new();
    let whole = fs::read(copy.path()).unwrap();
    let path = copy.folder.path().join("damaged.rehearsal");
    let rounds = std::env::var("REHEARSAL_FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let mut state = 42_u64;
    let mut draw = |below: usize| {
        // Knuth's multiplicative generator: reproducible, and the high bits are good enough.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut loaded = 0;
    for round in 0..rounds {
        let mut bytes = whole.clone();
        if round % 5 == 0 {
            bytes.truncate(draw(whole.len()));
        }
        // Half of the flips go to the first pages, where the layout is.
        let reach = if round % 2 == 0 { bytes.len().min(8_192) } else { bytes.len() };
        for _ in 0..=draw(8) {
            let place = draw(reach.max(1));
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << draw(8);
            }
        }
        fs::write(&path, &bytes).unwrap();
        let Ok(library) = Library::open_stranger(&path) else { continue };
        let _ = library.list();
        if let Ok(back) = library.load(&copy.id) {
            assert_eq!(back.recording.as_ref(), Some(&copy.recording), "round {round}");
            assert_eq!(back.inputs, fixture::inputs(400), "round {round}");
            loaded += 1;
        }
    }
    assert!(loaded < rounds, "some damage must be noticed");
}
