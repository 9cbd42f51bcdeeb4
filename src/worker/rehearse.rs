//! One rehearsal from its first event to its place in the library.

use std::time::{Duration, Instant};

use super::error::Error;
use super::status::Status;
use crate::domain::Recording;
use crate::engine;
use crate::store::{ExperimentId, Library, NewExperiment};

/// From one write of a growing recording to the next, at least. A crash loses little more than this.
const SAVE_EVERY: Duration = Duration::from_millis(200);
/// The writes take one part in so many of the time, however slow the disk is.
const SAVING_SHARE: u32 = 50;

/// Simulates a new experiment and writes it to the library while it grows. `watch` sees the
/// recording after each window.
///
/// # Errors
/// If the library cannot be written, or somebody cancels: the experiment then stays in the library,
/// marked as interrupted.
pub fn rehearse(
    experiment: &NewExperiment,
    library: &Library,
    status: &Status,
    watch: impl FnMut(&Recording),
) -> Result<(ExperimentId, Recording), Error> {
    let id = library.begin(experiment)?;
    match record(experiment, &id, library, status, watch) {
        Ok(recording) => Ok((id, recording)),
        Err(fault) => {
            // If even the mark cannot be written, the next opening sets it.
            library.interrupted(&id, &fault.to_string()).ok();
            Err(fault)
        }
    }
}

fn record(
    experiment: &NewExperiment,
    id: &ExperimentId,
    library: &Library,
    status: &Status,
    mut watch: impl FnMut(&Recording),
) -> Result<Recording, Error> {
    let (mut saved, mut pause) = (Instant::now(), SAVE_EVERY);
    let mut saving = Ok(());
    let watch_and_save = |recording: &Recording| {
        watch(recording);
        if saved.elapsed() >= pause && saving.is_ok() {
            let begun = Instant::now();
            saving = library.append(id, recording);
            if saving.is_err() {
                // The engine knows nothing of libraries: this is how it is told to stop.
                status.progress.cancel();
            }
            saved = Instant::now();
            pause = SAVE_EVERY.max((saved - begun) * SAVING_SHARE);
        }
    };
    status.begin(format!("Rehearsing {}", experiment.name));
    let (plan, inputs) = (experiment.plan, experiment.inputs);
    let interventions = experiment.interventions;
    let ended =
        engine::simulate_watched(plan, inputs, interventions, &status.progress, watch_and_save);
    saving?;
    let recording = ended.ok_or(Error::Cancelled)?;
    status.begin(format!("Saving {}", experiment.name));
    library.finish(id, &recording)?;
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::store;

    fn run(library: &Library, status: &Status) -> Result<(ExperimentId, Recording), Error> {
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
        let library = Library::open(&folder.path().join("library.rehearsal")).unwrap();
        let fault = run(&library, &Status::default()).unwrap_err();
        assert!(fault.is_cancelled(), "{fault}");
        let [summary] = library.list().unwrap().try_into().unwrap();
        assert_eq!(summary.status, store::Status::Interrupted);
        assert_eq!(summary.digest, None);
    }
}
