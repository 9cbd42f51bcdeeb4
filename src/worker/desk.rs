//! One thread's desk: where tasks are done and reports are sent from.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::compare::compare;
use super::error::Error;
use super::first_card::first_card;
use super::growth::Sent;
use super::jobs::{Job, JobId};
use super::odds::{Question, odds};
use super::propose::propose;
use super::report::{News, Report};
use super::status::Status;
use super::task::{KeepChange, Rehearsal, Stored, Task, file_name};
use super::{check_model, files, rehearse, resolve, reviewing, sample, verify};
use crate::domain::{Inputs, Plan, Recording, Reviewed, SimTime, StrategyKind};
use crate::models::DeviceChoice;
use crate::store::{Experiment, Library, NewExperiment, Sharing};
use crate::{data, models};

/// A growing recording is shown no more often than a screen is drawn.
const SHOW_EVERY: Duration = Duration::from_millis(33);

pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// What a thread keeps from one task to the next.
pub(super) struct Desk {
    shelf: Shelf,
    outbox: Outbox,
    /// Where models of the present task run.
    device: DeviceChoice,
}

/// The thread's own connection to the library, opened when it is first needed.
struct Shelf {
    path: PathBuf,
    library: Option<Library>,
}

struct Outbox {
    reports: Sender<Report>,
    wake: Wake,
}

impl Desk {
    pub fn new(library: PathBuf, reports: Sender<Report>, wake: Wake) -> Self {
        let shelf = Shelf { path: library, library: None };
        Self { shelf, outbox: Outbox { reports, wake }, device: DeviceChoice::default() }
    }

    /// Does a task and reports how it ended.
    pub fn work(&mut self, job: Job) {
        let Job { id, task, status, device } = job;
        self.device = device;
        let ended = caught(|| {
            // It may have been cancelled while it waited.
            status.check()?;
            self.run(id, task, &status)
        });
        let news = ended.unwrap_or_else(|panic| {
            // Nobody knows what it was in the middle of.
            self.shelf.library = None;
            News::Failed(panic)
        });
        self.outbox.send(Report { job: id, news, notes: status.notes() });
    }

    fn run(&mut self, id: JobId, task: Task, status: &Status) -> Result<News, Error> {
        Ok(match task {
            Task::LoadData { path } => {
                status.begin(format!("Reading {}", file_name(&path)));
                News::Data(Arc::new(data::load(&path, &status.progress)?))
            }
            Task::OpenModel { slot, folder, dataset, source } => {
                match check_model(&folder, &dataset, &source, self.device, status) {
                    Ok(check) => News::Model { slot, check: Arc::new(check) },
                    Err(Error::Model(models::Error::NoCard { .. })) => {
                        let card = first_card(&folder, Some(&dataset.table), &source)?;
                        News::NoCard { slot, card }
                    }
                    Err(fault) => return Err(fault),
                }
            }
            Task::Rehearse(rehearsal) => self.rehearse(id, rehearsal, status)?,
            Task::Compare { plan, base, inputs, kinds } => {
                let inputs = self.inputs(id, &plan, &base, inputs, status)?;
                status.begin("Comparing strategies");
                News::Compared(Arc::new(compare(&plan, &kinds, &inputs, &status.progress)?))
            }
            Task::AskOdds { plan, base, kinds, runs } => {
                let inputs = self.inputs(id, &plan, &base, None, status)?;
                self.ask_odds(id, &plan, &inputs, &kinds, runs, status)?;
                News::OddsKnown
            }
            Task::ProposeGates { plan, base } => {
                let inputs = self.inputs(id, &plan, &base, None, status)?;
                status.begin("Rehearsing the baseline alone");
                News::Proposed(propose(&plan, &inputs, &status.progress)?)
            }
            Task::ListLibrary => News::Library(self.shelf.library()?.list()?),
            Task::OpenExperiment(stored) => News::Experiment(Arc::new(self.open(&stored)?)),
            Task::Verify(experiment) => {
                status.begin(format!("Running {} again", experiment.summary.name));
                let verification = verify(&experiment, &status.progress)?;
                News::Verified { id: experiment.summary.id.clone(), verification }
            }
            Task::ReadReview(stored) => {
                News::Review(Box::new(reviewing::read(stored, self.shelf.library()?)?))
            }
            Task::ChangeReview { id, change } => {
                News::Review(Box::new(reviewing::change(&id, change, self.shelf.library()?)?))
            }
            Task::Adopt { path } => {
                let (experiment, reviewed) = open_shared_review(&path)?;
                News::Adopted(self.shelf.library()?.adopt(&experiment, &reviewed.review)?)
            }
            Task::MeasureShare { id } => {
                let library = self.shelf.library()?;
                let [whole, small] = [Sharing::Whole, Sharing::WithoutPredictions];
                let sizes = [library.share_size(&id, whole)?, library.share_size(&id, small)?];
                News::ShareMeasured { id, sizes }
            }
            Task::Share { id, sharing, path } => {
                self.shelf.library()?.share(&id, sharing, &path)?;
                News::Shared(path)
            }
            Task::Keep { id, change } => {
                let library = self.shelf.library()?;
                match &change {
                    KeepChange::Delete => library.delete(&id)?,
                    KeepChange::Restore => library.restore(&id)?,
                    KeepChange::Archive(is_archived) => library.archive(&id, *is_archived)?,
                    KeepChange::Beside { tags, notes } => {
                        library.set_tags(&id, tags)?;
                        library.set_notes(&id, notes)?;
                    }
                }
                News::Kept { id, change }
            }
            Task::Search { text } => {
                let ids = self.shelf.library()?.search(&text)?.into_iter().collect();
                News::Found { text, ids }
            }
            Task::UnpackSample { story } => {
                let folder = sample::unpack(self.shelf.folder())?;
                News::Sample { story, folder }
            }
            Task::ReadPlan { path } => {
                News::Plan { draft: Box::new(files::read_plan(&path)?), path }
            }
            Task::SavePlan { path, text } => {
                files::write(&path, text.as_bytes())?;
                News::PlanSaved(path)
            }
            Task::WriteFile { path, bytes } => {
                files::write(&path, &bytes)?;
                News::Exported(path)
            }
            Task::Export { document, form, path } => {
                files::write(&path, &form.write(&document.dossier())?)?;
                News::Exported(path)
            }
        })
    }

    /// One strategy after another, each told again and again while it becomes sharper.
    fn ask_odds(
        &self,
        id: JobId,
        plan: &Plan,
        inputs: &Inputs,
        kinds: &[StrategyKind],
        runs: u32,
        status: &Status,
    ) -> Result<(), Error> {
        for kind in kinds {
            status.begin(format!("Odds of {}", kind.label().to_lowercase()));
            let (plan, inputs) = super::compare::with_strategy(plan, *kind, inputs)?;
            let question = Question::of(&plan, &inputs, runs);
            odds(&plan, &inputs, &question, &status.progress, |odds| {
                self.outbox.tell(id, News::Sharpened(*kind, Arc::new(odds.clone())));
            })?;
        }
        Ok(())
    }

    fn rehearse(
        &mut self,
        id: JobId,
        rehearsal: Rehearsal,
        status: &Status,
    ) -> Result<News, Error> {
        let Rehearsal { plan, base, inputs, interventions, parent, author } = rehearsal;
        let inputs = self.inputs(id, &plan, &base, inputs, status)?;
        let experiment = NewExperiment {
            name: &plan.name,
            plan: &plan,
            inputs: &inputs,
            interventions: &interventions,
            parent: parent.as_ref(),
            base_folder: &base.to_string_lossy(),
            author: &author,
        };
        let (mut sent, mut shown) = (Sent::default(), None::<Instant>);
        let outbox = &self.outbox;
        let end = SimTime::START + plan.traffic.duration;
        let watch = |recording: &Recording| {
            let is_due = shown.is_none_or(|at| at.elapsed() >= SHOW_EVERY);
            // Nobody waits for the disk to see how it ended.
            if (is_due || recording.end() >= end) && outbox.has_room() {
                outbox.tell(id, News::Grown(sent.growth(recording)));
                shown = Some(Instant::now());
            }
        };
        let (id, recording) = rehearse(&experiment, self.shelf.library()?, status, watch)?;
        Ok(News::Rehearsed { id, recording: Arc::new(recording) })
    }

    /// The inputs that are at hand, or those that the plan's files give.
    fn inputs(
        &mut self,
        id: JobId,
        plan: &Plan,
        base: &Path,
        known: Option<Arc<Inputs>>,
        status: &Status,
    ) -> Result<Arc<Inputs>, Error> {
        let Some(inputs) = known else {
            let inputs =
                Arc::new(resolve(plan, base, self.device, Some(self.shelf.library()?), status)?);
            self.outbox.tell(id, News::Resolved(Arc::clone(&inputs)));
            return Ok(inputs);
        };
        let problems = inputs.problems(plan);
        if problems.is_empty() { Ok(inputs) } else { Err(Error::Problems(problems)) }
    }

    fn open(&mut self, stored: &Stored) -> Result<Experiment, Error> {
        match stored {
            Stored::InLibrary(id) => Ok(self.shelf.library()?.load(id)?),
            Stored::File(path) => open_shared(path),
        }
    }
}

/// Opens an experiment's file that may come from anybody; of several, the newest.
///
/// # Errors
/// If the file is damaged, too large, no experiment's, or holds none.
pub fn open_shared(path: &Path) -> Result<Experiment, Error> {
    let library = Library::open_stranger(path)?;
    match library.list()?.first() {
        Some(summary) => Ok(library.load(&summary.id)?),
        None => Err(Error::NoExperiment { path: path.to_owned() }),
    }
}

/// The same with what reviewers added to it.
///
/// # Errors
/// As [`open_shared`].
pub fn open_shared_review(path: &Path) -> Result<(Experiment, Reviewed), Error> {
    let library = Library::open_stranger(path)?;
    match library.list()?.first() {
        Some(summary) => Ok((library.load(&summary.id)?, library.review(&summary.id)?)),
        None => Err(Error::NoExperiment { path: path.to_owned() }),
    }
}

impl Shelf {
    fn library(&mut self) -> Result<&mut Library, Error> {
        let library = match self.library.take() {
            Some(library) => library,
            None => Library::open(&self.path)?,
        };
        Ok(self.library.insert(library))
    }

    /// The folder that the library lies in.
    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

impl Outbox {
    /// False if nobody has read the last reports yet.
    fn has_room(&self) -> bool {
        !self.reports.is_full()
    }

    fn tell(&self, job: JobId, news: News) {
        self.send(Report { job, news, notes: Vec::new() });
    }

    fn send(&self, report: Report) {
        // Nobody is left to read it when the program closes.
        self.reports.send(report).ok();
        (self.wake)();
    }
}

/// How a task ended; a panic becomes a text, and the thread lives on.
fn caught(work: impl FnOnce() -> Result<News, Error>) -> Result<News, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(news)) => Ok(news),
        Ok(Err(fault)) if fault.is_cancelled() => Ok(News::Cancelled),
        Ok(Err(fault)) => Ok(News::Failed(fault.to_string())),
        Err(payload) => Err(panic_text(payload.as_ref())),
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no more is known");
    format!(
        "The program has a fault here, and this task cannot be done ({said}). Everything else goes \
         on; what was saved is safe. Please report it."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_its_own_words() {
        let place = String::from("row 7");
        let text = caught(|| panic!("no answer for {place}")).unwrap_err();
        assert!(text.contains("(no answer for row 7)"), "{text}");
        let text = caught(|| panic!("a plain text")).unwrap_err();
        assert!(text.contains("(a plain text)"), "{text}");
    }
}
