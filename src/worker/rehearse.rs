//! One rehearsal from its first event to its place in the library.

use std::thread;

use crossbeam_channel::bounded;

use super::error::Error;
use super::scribe::{Feed, Scribe, Written};
use super::status::Status;
use crate::domain::Recording;
use crate::engine;
use crate::store::{ExperimentId, Library, NewExperiment};

/// Simulates a new experiment, and writes it to the library on a second thread while it grows.
/// `watch` sees the recording after each window.
///
/// # Errors
/// If the library cannot be written, or somebody cancels: the experiment then stays in the library,
/// marked as interrupted.
pub fn rehearse(
    experiment: &NewExperiment,
    library: &mut Library,
    status: &Status,
    watch: impl FnMut(&Recording),
) -> Result<(ExperimentId, Recording), Error> {
    let (id, ended) = record(experiment, library, status, watch)?;
    let saved = ended.and_then(|recording| {
        status.begin(format!("Saving {}", experiment.name));
        library.finish(&id, &recording)?;
        Ok(recording)
    });
    match saved {
        Ok(recording) => Ok((id, recording)),
        Err(fault) => {
            // If even the mark cannot be written, the next opening sets it.
            library.interrupted(&id, &fault.to_string()).ok();
            Err(fault)
        }
    }
}

/// The run's id, and its recording if nothing was in the way.
fn record(
    experiment: &NewExperiment,
    library: &mut Library,
    status: &Status,
    mut watch: impl FnMut(&Recording),
) -> Result<(ExperimentId, Result<Recording, Error>), Error> {
    thread::scope(|scope| {
        let (growths, inbox) = bounded(1);
        let (turns, turn) = bounded(1);
        let scribe = thread::Builder::new()
            .name("saving".to_owned())
            .spawn_scoped(scope, move || Scribe::new(library, turns).write(experiment, &inbox))
            .map_err(Error::Thread)?;
        let mut feed = Feed::new(growths, turn);
        status.begin(format!("Rehearsing {}", experiment.name));
        let watch_and_save = |recording: &Recording| {
            watch(recording);
            if feed.offer(recording).is_err() {
                // The engine knows nothing of libraries: this is how it is told to stop.
                status.progress.cancel();
            }
        };
        let NewExperiment { plan, inputs, interventions, .. } = experiment;
        let progress = &status.progress;
        let ended = engine::simulate_watched(plan, inputs, interventions, progress, watch_and_save);
        drop(feed);
        let written = scribe.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let Written { id, growth } = written?;
        Ok((id, growth.and_then(|()| ended.ok_or(Error::Cancelled))))
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::store;

    fn run(library: &mut Library, status: &Status) -> Result<(ExperimentId, Recording), Error> {
        let (plan, inputs) = (fixture::plan(), fixture::inputs());
        let experiment = NewExperiment {
            name: "Test",
            plan: &plan,
            inputs: &inputs,
            interventions: &[],
            parent: None,
            base_folder: "",
            author: "",
        };
        let mut windows = 0;
        rehearse(&experiment, library, status, |recording| {
            assert!(recording.windows.len() > windows, "each call has more");
            windows = recording.windows.len();
            if windows == 20 {
                status.progress.cancel();
            }
        })
    }

    #[test]
    fn a_cancelled_run_stays_as_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = Library::open(&folder.path().join("library.rehearsal")).unwrap();
        let fault = run(&mut library, &Status::default()).unwrap_err();
        assert!(fault.is_cancelled(), "{fault}");
        let [summary] = library.list().unwrap().try_into().unwrap();
        assert_eq!(summary.status, store::Status::Interrupted);
        assert_eq!(summary.digest, None);
    }
}
