use std::fs;
use std::path::Path;

use super::*;
use crate::domain::{About, Decision, Metric, Seal, SimTime, Tick};

/// A library with one finished experiment.
fn library(folder: &Path) -> (Library, ExperimentId) {
    let library = Library::open(&folder.join("library.rehearsal")).unwrap();
    let (plan, inputs) = (fixture::plan(), fixture::inputs(50));
    let id = library
        .begin(&NewExperiment { base_folder: "/home/ada/secret", ..fixture::new(&plan, &inputs) })
        .unwrap();
    library.finish(&id, &fixture::recording(20, 3)).unwrap();
    (library, id)
}

fn comment(library: &Library, id: &ExperimentId, about: About, answers: Option<u32>) -> u32 {
    let text = "Why so few labels?".to_owned();
    let new = NewComment { about, answers, author: "Ada".to_owned(), text };
    library.comment(id, &new).unwrap()
}

#[test]
fn what_reviewers_write_is_read_back_and_travels_with_a_shared_file() {
    let folder = tempfile::tempdir().unwrap();
    let (library, id) = library(folder.path());
    let (from, to) = (SimTime::from_secs(20), SimTime::from_secs(40));
    let first = comment(&library, &id, About::Time { from, to }, None);
    comment(&library, &id, About::Metric(Metric::Accuracy), None);
    comment(&library, &id, About::Run, Some(first));
    library.resolve(&id, first, Some("Bob")).unwrap();
    library.check(&id, "power", Tick::No, "too short", "Ada").unwrap();
    library.check(&id, "power", Tick::Yes, "run longer now", "Ada").unwrap();
    let key = Key::create(&folder.path().join("signing.key")).unwrap();
    library.sign(&id, Decision::Approve, "Ada", "fine", Some(&key)).unwrap();

    let here = library.review(&id).unwrap();
    assert_eq!(here.review.threads().len(), 2);
    assert_eq!(here.review.comments[0].resolved.as_ref().unwrap().by, "Bob");
    assert_eq!(here.review.checks.len(), 1);
    assert!(here.standings[0].holds() && here.standings[0].seal == Seal::Valid);

    let copy = folder.path().join("shared.rehearsal");
    library.share(&id, Sharing::Whole, &copy).unwrap();
    let stranger = Library::open_stranger(&copy).unwrap();
    assert_eq!(stranger.review(&id).unwrap(), here, "the folders of the plan do not count");
    let other = Library::open(&folder.path().join("other.rehearsal")).unwrap();
    let adopted =
        other.adopt(&stranger.load(&id).unwrap(), &stranger.review(&id).unwrap().review).unwrap();
    assert_eq!(adopted, id);
    assert_eq!(other.review(&id).unwrap(), here);
    assert_eq!(other.load(&id).unwrap().recording, library.load(&id).unwrap().recording);
    let again = other.adopt(&stranger.load(&id).unwrap(), &here.review);
    assert!(again.unwrap_err().to_string().contains("already"));
}

#[test]
fn a_later_change_makes_a_sign_off_void_and_a_forged_one_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (library, id) = library(folder.path());
    let key = Key::create(&folder.path().join("signing.key")).unwrap();
    library.sign(&id, Decision::Reject, "Ada", "no power", Some(&key)).unwrap();
    assert!(library.review(&id).unwrap().standings[0].holds());
    comment(&library, &id, About::Run, None);
    let reviewed = library.review(&id).unwrap();
    let reason = reviewed.standings[0].void_because.clone().unwrap();
    assert!(reason.contains("the comments changed"), "{reason}");
    assert!(reviewed.sign_off_lines()[0].contains("void"));

    library
        .connection
        .execute("UPDATE sign_offs SET decision = 'approve' WHERE experiment = ?1", [&id])
        .unwrap();
    let forged = library.review(&id).unwrap();
    assert_eq!(forged.standings[0].seal, Seal::Broken);
    assert!(forged.sign_off_lines()[0].contains("do not trust it"));
}

#[test]
fn what_cannot_be_added_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (library, id) = library(folder.path());
    let new = |text: &str, answers| NewComment {
        about: About::Run,
        answers,
        author: "Ada".to_owned(),
        text: text.to_owned(),
    };
    let told = |new: &NewComment| library.comment(&id, new).unwrap_err().to_string();
    assert!(told(&new("  ", None)).contains("The comment is missing"));
    assert!(told(&new("x", Some(9))).contains("no comment 9"));
    assert!(told(&new(&"x".repeat(30_000), None)).contains("30000 bytes"));
    assert!(library.sign(&id, Decision::Approve, "Ada", "", None).is_err());
    assert!(library.resolve(&id, 3, None).is_err());

    let copy = folder.path().join("shared.rehearsal");
    library.share(&id, Sharing::Whole, &copy).unwrap();
    let stranger = Library::open_stranger(&copy).unwrap();
    assert!(stranger.comment(&id, &new("x", None)).is_err(), "it is read only");
}

#[test]
fn files_of_older_versions_are_backed_up_and_lose_nothing() {
    (1..=2).for_each(is_brought_up_to_date);
}

fn is_brought_up_to_date(version: i32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.rehearsal");
    fs::copy(released(version), &path).unwrap();
    let library = Library::open(&path).unwrap();
    let [summary] = &library.list().unwrap()[..] else { panic!("one experiment") };
    let experiment = library.load(&summary.id).unwrap();
    let digest = experiment.recording.as_ref().map(crate::domain::Recording::digest);
    assert_eq!(digest, summary.digest, "every window and event is there");
    assert_eq!(library.search("canar").unwrap(), std::slice::from_ref(&summary.id));
    assert!(summary.shown.is_some(), "what it showed is drawn up");
    comment(&library, &summary.id, About::Run, None);
    let backup = folder.path().join(format!("library.v{version}-backup1.rehearsal"));
    let kept: i32 = rusqlite::Connection::open(&backup)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(kept, version);
}

#[test]
fn a_shared_file_of_an_older_version_is_read_and_stays_as_it_is() {
    for (version, comments) in [(1, 0), (2, 1), (3, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shared.rehearsal");
        fs::copy(released(version), &path).unwrap();
        let before = fs::read(&path).unwrap();
        let stranger = Library::open_stranger(&path).unwrap();
        let [summary] = &stranger.list().unwrap()[..] else { panic!("one experiment") };
        let experiment = stranger.load(&summary.id).unwrap();
        assert_eq!(experiment.recording.map(|whole| whole.digest()), summary.digest);
        let review = stranger.review(&summary.id).unwrap();
        assert_eq!(review.review.comments.len(), comments);
        assert!(review.standings.iter().all(crate::domain::Standing::holds), "{review:?}");
        let events = stranger.query(&summary.id, "SELECT count(*) FROM event_log").unwrap();
        assert_ne!(events.rows, [[Some("0".to_owned())]]);
        assert!(matches!(stranger.delete(&summary.id).unwrap_err().problem, Problem::ReadOnly));
        let next = folder.path().join("next.rehearsal");
        stranger.share(&summary.id, Sharing::Whole, &next).unwrap();
        assert_eq!(Library::open_stranger(&next).unwrap().review(&summary.id).unwrap(), review);
        drop(stranger);
        assert!(fs::read(&path).unwrap() == before, "version {version} was written to");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else lies beside it");
    }
}

/// A library as a released version wrote it.
fn released(version: i32) -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/schema");
    root.join(format!("version{version}.rehearsal"))
}

#[test]
fn words_find_experiments_by_all_that_people_remember() {
    let folder = tempfile::tempdir().unwrap();
    let (library, id) = library(folder.path());
    for text in ["risk", "RIS v2", "loans", "canary promoted", id.as_str()] {
        assert_eq!(library.search(text).unwrap(), std::slice::from_ref(&id), "{text}");
    }
    for text in ["secret", "risk shadow", "\"", "NOT risk OR", "", "*"] {
        assert!(library.search(text).unwrap().is_empty(), "{text}");
    }
    library.delete(&id).unwrap();
    assert!(library.search("risk").unwrap().is_empty());
}
