//! What the workers report, taken into the state.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::PlaybackCommand;
use super::library_view::Found;
use super::notices::Notices;
use super::place::Place;
use super::plan_editor::PlanEditor;
use super::program::{App, Next};
use super::run::{Run, RunStage};
use super::state::{CardDraft, DataState, LibraryState, ModelState};
use super::{Command, lesson};
use crate::data::Dataset;
use crate::domain::{DataSource, PlanDraft, Recording};
use crate::store::{Experiment, ExperimentId, Status};
use crate::worker::{
    self, Difference, FirstCard, JobId, KeepChange, News, Report, Task, Verification,
};

impl App {
    /// Takes what the workers have to tell, and moves the time cursor by `wall_secs` of real time.
    /// True if the picture changes by itself and must be drawn again soon.
    pub fn logic(&mut self, wall_secs: f64) -> bool {
        while let Some(report) = self.workers.try_next() {
            self.take(report);
        }
        self.state.has_jobs = !self.workers.jobs().is_empty();
        let moves = self.move_cursor(wall_secs);
        moves || self.state.has_jobs
    }

    fn move_cursor(&mut self, wall_secs: f64) -> bool {
        let Some(run) = self.state.shown.and_then(|place| self.state.runs.get(place)) else {
            return false;
        };
        let Some(recording) = &run.recording else { return run.is_running() };
        self.state.playback.follow(recording, !run.is_running());
        let moves = self.state.playback.advance(wall_secs, recording);
        if let Some(teaching) = &mut self.state.lesson {
            let now = self.state.playback.now();
            teaching.step = lesson::step_at(teaching.lesson, teaching.step, recording, now);
        }
        moves
    }

    fn take(&mut self, report: Report) {
        let Report { job, news, notes } = report;
        let next = if news.is_last() { self.next.remove(&job) } else { None };
        if news.is_last() && self.state.comparing == Some(job) {
            self.state.comparing = None;
        }
        if news.is_last() && self.state.odds.asking == Some(job) {
            self.state.odds.asking = None;
        }
        for note in notes {
            self.state.notices.note(note);
        }
        match news {
            News::Data(dataset) => self.data_loaded(job, &dataset),
            News::Model { slot, check } => {
                self.set_model_state(slot, job, ModelState::Checked(check));
            }
            News::NoCard { slot, card } => self.card_proposed(slot, job, card),
            News::Resolved(inputs) => {
                if let Some(run) = self.run_of(job) {
                    run.inputs = Some(inputs);
                }
            }
            News::Grown(growth) => {
                if let Some(run) = self.run_of(job) {
                    growth.add_to(&mut run.recording);
                }
            }
            News::Rehearsed { id, recording } => self.rehearsed(job, id, recording),
            News::Sharpened(kind, odds) if self.state.odds.asking == Some(job) => {
                self.state.odds.take(kind, odds);
            }
            News::Sharpened(..) | News::OddsKnown => {}
            News::Compared(compared) => self.state.compared = Some(compared),
            News::Proposed(proposal) => self.take_proposal(proposal),
            News::Library(list) => {
                self.state.library = LibraryState::Read(list);
                self.state.library_version += 1;
            }
            News::Found { text, ids } => self.state.found = Some(Found { text, ids }),
            News::Kept { id, change } => self.kept(id, &change),
            News::Experiment(experiment) if next == Some(Next::Verify) => {
                self.start(Task::Verify(experiment));
            }
            News::Experiment(experiment) if next == Some(Next::Duplicate) => {
                self.duplicate_experiment(&experiment);
            }
            News::Experiment(experiment) => {
                let is_reviewed = next == Some(Next::Review);
                let file = if let Some(Next::Shared(file)) = next { Some(file) } else { None };
                self.opened(&experiment, file);
                if is_reviewed {
                    self.apply(Command::Go(Place::Review));
                }
            }
            News::Verified { id, verification } => {
                tell_verification(&mut self.state.notices, &verification);
                self.state.verified.insert(id, verification);
            }
            News::Review(shown) => self.state.review.take(*shown),
            News::Adopted(id) => {
                self.adopted(id);
                self.apply(Command::RefreshLibrary);
            }
            News::ShareMeasured { id, sizes } => self.state.sharing = Some((id, sizes)),
            News::Shared(path) => self.state.notices.done(format!("Shared as {}", path.display())),
            News::Sample { story, folder } => {
                let read = match next {
                    Some(Next::ReadExample(plan, lesson)) => {
                        Some((plan, Next::RehearseExample(lesson)))
                    }
                    Some(Next::ReadSample) => Some(("canary.toml", Next::Stay)),
                    _ => None,
                };
                if let Some((plan, then)) = read {
                    let path = folder.join(story.folder()).join("plans").join(plan);
                    let job = self.start(Task::ReadPlan { path });
                    self.next.insert(job, then);
                }
            }
            News::Plan { path, draft } => {
                self.plan_read(PlanEditor::new(*draft, Some(path)), next.as_ref());
            }
            News::PlanSaved(path) => {
                self.state.notices.done(format!("Saved as {}", path.display()));
                self.state.plan.mark_saved(path);
            }
            News::Exported(path) => {
                self.state.notices.done(format!("Written to {}", path.display()));
                if let Some(Next::CheckModel(arm)) = next {
                    self.card_written(&path, arm);
                }
            }
            News::Failed(message) => self.failed(job, &message),
            News::Cancelled => self.cancelled(job),
        }
    }

    fn data_loaded(&mut self, job: JobId, dataset: &Arc<Dataset>) {
        if !matches!(&self.state.data, DataState::Loading { job: wanted, .. } if *wanted == job) {
            return;
        }
        let mut draft = self.state.plan.draft().clone();
        let roles = roles_for(&draft.data, dataset);
        self.state.guessed = dataset
            .table
            .names()
            .filter(|name| draft.data.role_of(name).is_none())
            .map(str::to_owned)
            .collect();
        draft.data = roles;
        self.state.ignored.clear();
        self.state.column =
            draft.data.label.clone().or_else(|| dataset.table.names().next().map(str::to_owned));
        self.state.data = DataState::Loaded(dataset.clone());
        self.apply(Command::EditPlan(Box::new(draft)));
        self.check_models();
    }

    /// Looks again at the arm's model, and at those of other arms that waited for the same card.
    fn card_written(&mut self, path: &Path, arm: usize) {
        self.state.cards.remove(path);
        let waits = |model: &ModelState| matches!(model, ModelState::NoCard(card) if card == path);
        let models = self.state.models.iter().enumerate();
        let waiting = models.filter(|(place, model)| *place == arm || waits(model));
        let waiting: Vec<usize> = waiting.map(|(place, _)| place).collect();
        waiting.into_iter().for_each(|arm| self.check_model(arm));
    }

    fn card_proposed(&mut self, arm: usize, job: JobId, card: FirstCard) {
        let FirstCard { path, text } = card;
        self.set_model_state(arm, job, ModelState::NoCard(path.clone()));
        let draft = CardDraft::new(text, false);
        let known = self.state.cards.entry(path).or_insert_with(|| draft.clone());
        if !known.is_edited {
            *known = draft;
        }
    }

    fn set_model_state(&mut self, arm: usize, job: JobId, new: ModelState) {
        let state = self.state.models.get_mut(arm);
        // A newer check may have been started since.
        if let Some(state) = state
            && matches!(state, ModelState::Checking(wanted) if *wanted == job)
        {
            *state = new;
        }
    }

    fn run_of(&mut self, job: JobId) -> Option<&mut Run> {
        self.state.runs.iter_mut().find(|run| run.job() == Some(job))
    }

    fn rehearsed(&mut self, job: JobId, id: ExperimentId, recording: Arc<Recording>) {
        if let Some(run) = self.run_of(job) {
            run.recording = Some(recording);
            run.id = Some(id);
            run.stage = RunStage::Finished;
        }
        self.keep_notes();
        self.apply(Command::RefreshLibrary);
    }

    fn opened(&mut self, experiment: &Experiment, file: Option<PathBuf>) {
        let stage = if experiment.summary.status == Status::Finished {
            RunStage::Finished
        } else {
            RunStage::Stopped("It was interrupted, and can be run again.".to_owned())
        };
        let is_shared = file.is_some();
        let forked_at = experiment.interventions.last().map(|last| last.at);
        self.state.runs.push(Run {
            title: experiment.summary.name.clone(),
            id: Some(experiment.summary.id.clone()),
            file,
            plan: Arc::new(experiment.plan.clone()),
            base: experiment.base_folder.clone().unwrap_or_default().into(),
            inputs: Some(Arc::new(experiment.inputs.clone())),
            interventions: experiment.interventions.clone(),
            forked_at: experiment.summary.parent.as_ref().and(forked_at),
            parent: experiment.summary.parent.clone(),
            recording: experiment.recording.clone().map(Arc::new),
            notes: self.note_book.of(&experiment.summary.id),
            stage,
        });
        self.state.lesson = None;
        self.show_run(self.state.runs.len() - 1);
        // A saved experiment opens on its verdict.
        self.play(PlaybackCommand::ToEnd);
        if is_shared {
            self.apply(Command::Go(Place::Review));
        }
    }

    /// Something was changed beside an experiment of the library.
    fn kept(&mut self, id: ExperimentId, change: &KeepChange) {
        match change {
            KeepChange::Delete => {
                let known = self.state.library.list().iter().find(|known| known.id == id);
                let name = known.map_or_else(|| id.to_string(), |known| known.name.clone());
                self.state.deleted = Some((id, name));
            }
            KeepChange::Restore => self.state.deleted = None,
            KeepChange::Archive(_) | KeepChange::Beside { .. } => {}
        }
        self.apply(Command::RefreshLibrary);
    }

    fn duplicate_experiment(&mut self, experiment: &Experiment) {
        let mut draft: PlanDraft = experiment.plan.clone().into();
        draft.name = format!("{} (copy)", draft.name);
        self.plan_read(PlanEditor::new(draft, None), None);
    }

    fn plan_read(&mut self, editor: PlanEditor, next: Option<&Next>) {
        let base = editor.base();
        let data = editor.draft().data.path.clone();
        self.replace_plan(editor);
        if let Some(Next::RehearseExample(lesson)) = next {
            self.apply(Command::Rehearse);
            self.begin_lesson(*lesson);
        } else if next != Some(&Next::Stay) {
            self.state.place = Place::Plan;
        }
        if !data.is_empty() {
            let path = base.join(data);
            let job = self.start(Task::LoadData { path: path.clone() });
            self.state.data = DataState::Loading { job, path };
        }
    }

    /// What failed is told where it belongs, and as a notice where it belongs to nothing.
    fn failed(&mut self, job: JobId, message: &str) {
        match &self.state.data {
            DataState::Loading { job: wanted, path } if *wanted == job => {
                let (path, message) = (path.clone(), message.to_owned());
                self.state.data = DataState::Failed { path, message };
                return;
            }
            _ => {}
        }
        let checked = |state: &&mut ModelState| matches!(state, ModelState::Checking(wanted) if *wanted == job);
        if let Some(state) = self.state.models.iter_mut().find(checked) {
            *state = ModelState::Failed(message.to_owned());
            return;
        }
        if self.library_job == Some(job) {
            self.state.library = LibraryState::Failed(message.to_owned());
            return;
        }
        if let Some(run) = self.run_of(job) {
            run.stage = RunStage::Stopped(message.lines().next().unwrap_or(message).to_owned());
        }
        self.state.notices.fault(message);
    }

    fn cancelled(&mut self, job: JobId) {
        if matches!(&self.state.data, DataState::Loading { job: wanted, .. } if *wanted == job) {
            self.state.data = DataState::Empty;
        }
        for state in &mut self.state.models {
            if matches!(state, ModelState::Checking(wanted) if *wanted == job) {
                *state = ModelState::Unknown;
            }
        }
        if let Some(run) = self.run_of(job) {
            run.stage = RunStage::Stopped("Cancelled".to_owned());
        }
        self.state.notices.note("Cancelled");
    }
}

/// The plan's roles where they fit the dataset, guesses for the rest.
fn roles_for(known: &DataSource, dataset: &Dataset) -> DataSource {
    let mut fitting = known.clone();
    for role in [
        &mut fitting.label,
        &mut fitting.time,
        &mut fitting.user,
        &mut fitting.segment,
        &mut fitting.value,
    ] {
        role.take_if(|name| dataset.table.column(name).is_none());
    }
    if fitting.label.is_none() {
        fitting.positive = None;
    }
    if !dataset_is(known, dataset) {
        fitting.path = dataset.path.display().to_string();
    }
    worker::roles(&fitting, &dataset.table)
}

/// True if the plan already names this file, perhaps by a relative path.
fn dataset_is(known: &DataSource, dataset: &Dataset) -> bool {
    !known.path.is_empty() && dataset.path.ends_with(known.path.trim_start_matches("../"))
}

fn tell_verification(notices: &mut Notices, verification: &Verification) {
    match verification {
        Verification::Reproduced { digest } => {
            let short: String = digest.chars().take(12).collect();
            notices.done(format!("Reproduced to the bit (digest {short}…)"));
        }
        Verification::Differs(Difference { at, what, stored, now }) => notices.fault(format!(
            "Differs from {} on\n{what}: {stored} is stored, the rerun gives {now}",
            at.clock()
        )),
        Verification::CannotRerun { reason } => {
            notices.fault(format!("Cannot be rerun\n{reason}"));
        }
    }
}
