use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::super::sample::Story;
use super::super::task::{Rehearsal, Stored};
use super::super::{fixture, growth::Growth};
use super::*;
use crate::domain::{Recording, SimSpan};

/// Workers on an empty library, with the number of times they woke the window.
fn workers() -> (TempDir, Workers, Arc<AtomicUsize>) {
    let folder = tempfile::tempdir().unwrap();
    let woken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&woken);
    let wake = move || {
        count.fetch_add(1, Ordering::SeqCst);
    };
    let workers = Workers::new(&folder.path().join("library.rehearsal"), wake).unwrap();
    (folder, workers, woken)
}

/// Waits for the next report.
fn next(workers: &mut Workers) -> Report {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if let Some(report) = workers.try_next() {
            return report;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("no report came");
}

/// All reports of a job, the last one last.
fn all(workers: &mut Workers, job: JobId) -> Vec<News> {
    let mut news = Vec::new();
    loop {
        let report = next(workers);
        assert_eq!(report.job, job);
        let is_last = report.news.is_last();
        news.push(report.news);
        if is_last {
            return news;
        }
    }
}

fn rehearsal() -> Rehearsal {
    Rehearsal {
        plan: Arc::new(fixture::plan()),
        base: "nowhere".into(),
        inputs: Some(Arc::new(fixture::inputs())),
        interventions: Vec::new(),
        parent: None,
        author: String::new(),
    }
}

#[test]
fn a_rehearsal_grows_ends_and_is_found_in_the_library() {
    let (_folder, mut workers, woken) = workers();
    let job = workers.start(Task::Rehearse(rehearsal()));
    assert_eq!(workers.jobs().len(), 1);
    let mut news = all(&mut workers, job);
    assert!(workers.jobs().is_empty());
    let Some(News::Rehearsed { id, recording }) = news.pop() else { panic!("{news:?}") };
    let mut grown: Option<Arc<Recording>> = None;
    let growths = news.into_iter().filter_map(|news| match news {
        News::Grown(growth) => Some(growth),
        _ => None,
    });
    growths.for_each(|growth: Growth| growth.add_to(&mut grown));
    let grown = grown.expect("the first window is shown at once");
    assert_eq!(grown.windows, recording.windows[..grown.windows.len()]);
    assert_eq!(grown.events, recording.events[..grown.events.len()]);

    let job = workers.start(Task::OpenExperiment(Stored::InLibrary(id)));
    let Some(News::Experiment(opened)) = all(&mut workers, job).pop() else { panic!("not opened") };
    assert_eq!(opened.recording.as_ref(), Some(recording.as_ref()));
    assert!(woken.load(Ordering::SeqCst) >= 2);
}

#[test]
fn cancelled_jobs_say_so_whether_they_run_or_wait() {
    let (_folder, mut workers, _) = workers();
    let mut long = fixture::draft();
    long.traffic.duration = SimSpan::from_secs(20_000_000);
    let long = Rehearsal { plan: Arc::new(long.validate().unwrap()), ..rehearsal() };
    let running = workers.start(Task::Rehearse(long));
    let waiting = workers.start(Task::Rehearse(rehearsal()));
    assert!(matches!(next(&mut workers).news, News::Grown(_)));
    workers.cancel(running);
    workers.cancel(waiting);
    let ended = all(&mut workers, running).pop();
    assert!(matches!(ended, Some(News::Cancelled)), "{ended:?}");
    let ended = all(&mut workers, waiting);
    assert!(matches!(ended[..], [News::Cancelled]), "{ended:?}");
}

#[test]
fn samples_are_ready_to_run_and_failures_are_told() {
    let (folder, mut workers, _) = workers();
    let job = workers.start(Task::UnpackSample { story: Story::Churn });
    let Some(News::Sample { folder: samples, .. }) = all(&mut workers, job).pop() else {
        panic!("not unpacked")
    };
    assert!(samples.starts_with(folder.path()));
    let path = samples.join("churn/plans/canary.toml");
    let job = workers.start(Task::ReadPlan { path: path.clone() });
    let Some(News::Plan { draft, .. }) = all(&mut workers, job).pop() else { panic!("not read") };
    assert_eq!(draft.data.label.as_deref(), Some("churn"));

    let job = workers.start(Task::ReadPlan { path: path.with_file_name("none.toml") });
    let Some(News::Failed(text)) = all(&mut workers, job).pop() else { panic!("not failed") };
    assert!(text.ends_with("none.toml"), "{text}");
}
