//! What the workers report, taken into the state.

use std::sync::Arc;

use super::notices::Notices;
use super::place::Place;
use super::plan_editor::PlanEditor;
use super::playback::PlaybackCommand;
use super::program::{App, Next};
use super::run::{Run, RunStage};
use super::state::{DataState, LibraryState, ModelState};
use super::{Command, lesson};
use crate::data::{self, Dataset};
use crate::domain::{DataSource, Recording, StrategyKind};
use crate::worker::{JobId, Report, ReportKind, Verification};

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
        if let Some(step) = &mut self.state.lesson {
            *step = lesson::step_at(*step, recording, self.state.playback.now());
        }
        moves
    }

    fn take(&mut self, report: Report) {
        let job = report.job;
        let next = self.next.remove(&job);
        match report.kind {
            ReportKind::DataLoaded(dataset) => self.data_loaded(job, &dataset),
            ReportKind::ModelChecked { arm, check } => {
                self.set_model_state(arm, job, ModelState::Checked(check));
            }
            ReportKind::InputsResolved(inputs) => {
                if let Some(run) = self.run_of(job) {
                    run.inputs = Some(inputs);
                }
            }
            ReportKind::Grown(recording) => self.grown(job, recording),
            ReportKind::Rehearsed { id, recording } => self.rehearsed(job, id, recording),
            ReportKind::Compared(compared) => self.state.compared = Some(compared),
            ReportKind::Library(list) => self.state.library = LibraryState::Read(list),
            ReportKind::Opened(experiment) => self.opened(*experiment),
            ReportKind::Verified { id, verification } => {
                tell_verification(&mut self.state.notices, &id.to_string(), &verification);
            }
            ReportKind::Shared { path } => {
                self.state.notices.done(format!("Shared as {}", path.display()));
            }
            ReportKind::Deleted(id) => {
                self.state.notices.done(format!("Experiment {id} was deleted"));
                self.apply(Command::RefreshLibrary);
            }
            ReportKind::SampleUnpacked { folder } => {
                if let Some(Next::ReadExample(kind)) = next {
                    let path = folder.join("plans").join(example_plan(kind));
                    let job = self.start(crate::worker::Task::ReadPlan { path });
                    self.next.insert(job, Next::RehearseExample);
                }
            }
            ReportKind::PlanRead { path, draft } => {
                self.plan_read(PlanEditor::new(*draft, Some(path)), next.as_ref());
            }
            ReportKind::PlanSaved { path } => {
                self.state.plan.mark_saved(path.clone());
                self.state.notices.done(format!("Saved as {}", path.display()));
            }
            ReportKind::Exported { path } => {
                self.state.notices.done(format!("Written to {}", path.display()));
            }
            ReportKind::Failed(message) => self.failed(job, &message),
            ReportKind::Cancelled => self.failed(job, "Cancelled"),
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

    fn grown(&mut self, job: JobId, recording: Arc<Recording>) {
        if let Some(run) = self.run_of(job) {
            run.recording = Some(recording);
        }
    }

    fn rehearsed(&mut self, job: JobId, id: crate::store::ExperimentId, recording: Arc<Recording>) {
        if let Some(run) = self.run_of(job) {
            run.recording = Some(recording);
            run.id = Some(id);
            run.stage = RunStage::Finished;
        }
        self.apply(Command::RefreshLibrary);
    }

    fn opened(&mut self, experiment: crate::store::Experiment) {
        let base = experiment.summary.base_folder.clone().unwrap_or_default().into();
        let stage = match &experiment.recording {
            Some(_) => RunStage::Finished,
            None => RunStage::Stopped("The run was interrupted; it can be run again.".to_owned()),
        };
        let forked_at = experiment.interventions.last().map(|last| last.at);
        self.state.runs.push(Run {
            title: experiment.summary.name.clone(),
            id: Some(experiment.summary.id.clone()),
            plan: Arc::new(experiment.plan),
            base,
            inputs: Some(Arc::new(experiment.inputs)),
            interventions: experiment.interventions,
            forked_at: experiment.summary.parent.as_ref().and(forked_at),
            parent: experiment.summary.parent,
            recording: experiment.recording.map(Arc::new),
            stage,
        });
        self.show_run(self.state.runs.len() - 1);
        // A saved experiment opens on its verdict.
        self.play(PlaybackCommand::ToEnd);
    }

    fn plan_read(&mut self, editor: PlanEditor, next: Option<&Next>) {
        let base = editor.base();
        let data = editor.draft().data.path.clone();
        self.replace_plan(editor);
        if next == Some(&Next::RehearseExample) {
            self.apply(Command::Rehearse);
            let is_canary =
                self.state.plan.draft().strategy.kind() == StrategyKind::Canary;
            if is_canary && !self.state.settings.knows_first_lesson {
                self.state.lesson = Some(0);
            }
        } else {
            self.state.place = Place::Plan;
        }
        if !data.is_empty() {
            let path = base.join(data);
            let job = self.start(crate::worker::Task::LoadData { path: path.clone() });
            self.state.data = DataState::Loading { job, path };
        }
    }

    fn failed(&mut self, job: JobId, message: &str) {
        let first = message.lines().next().unwrap_or(message).to_owned();
        if let DataState::Loading { job: wanted, path } = &self.state.data
            && *wanted == job
        {
            let (path, message) = (path.clone(), message.to_owned());
            self.state.data = DataState::Failed { path, message };
        }
        for state in &mut self.state.models {
            if matches!(state, ModelState::Checking(wanted) if *wanted == job) {
                *state = ModelState::Failed(message.to_owned());
                // It is told beside the model.
                return;
            }
        }
        if let Some(run) = self.run_of(job) {
            run.stage = RunStage::Stopped(first);
        }
        if matches!(self.state.library, LibraryState::Reading) {
            self.state.library = LibraryState::Failed(message.to_owned());
        }
        if message == "Cancelled" {
            self.state.notices.note(message);
        } else {
            self.state.notices.fault(message);
        }
    }
}

/// The plan's roles where they fit the dataset, guesses for the rest.
fn roles_for(known: &DataSource, dataset: &Dataset) -> DataSource {
    let is_there = |name: &Option<String>| {
        name.clone().filter(|name| dataset.table.column(name).is_some())
    };
    let guess = data::guess_roles(&dataset.table).source;
    let label = is_there(&known.label);
    DataSource {
        path: if dataset_is(known, dataset) {
            known.path.clone()
        } else {
            dataset.path.display().to_string()
        },
        positive: known.positive.clone().filter(|_| label.is_some()),
        label: label.or(guess.label),
        time: is_there(&known.time).or(guess.time),
        user: is_there(&known.user).or(guess.user),
        segment: is_there(&known.segment).or(guess.segment),
        value: is_there(&known.value).or(guess.value),
        ignore: known.ignore.clone(),
    }
}

/// True if the plan already names this file, perhaps by a relative path.
fn dataset_is(known: &DataSource, dataset: &Dataset) -> bool {
    !known.path.is_empty() && dataset.path.ends_with(known.path.trim_start_matches("../"))
}

/// The example of a strategy that shows it best: where the candidate is caught.
fn example_plan(kind: StrategyKind) -> &'static str {
    match kind {
        StrategyKind::Single => "single.toml",
        StrategyKind::Direct => "direct_bad.toml",
        StrategyKind::Rolling => "rolling_bad.toml",
        StrategyKind::Shadow => "shadow_bad.toml",
        StrategyKind::BlueGreen => "blue_green.toml",
        StrategyKind::Canary => "first_lesson.toml",
        StrategyKind::Ab => "ab.toml",
    }
}

fn tell_verification(notices: &mut Notices, id: &str, verification: &Verification) {
    match verification {
        Verification::Reproduced { digest } => {
            let short: String = digest.chars().take(12).collect();
            notices.done(format!("{id}: reproduced, to the bit (digest {short}…)"));
        }
        Verification::Differs { at, what, stored, now } => notices.fault(format!(
            "{id}: differs from {} on\n{what}: {stored} is stored, the rerun gives {now}",
            at.clock()
        )),
        Verification::CannotRerun { reason } => {
            notices.fault(format!("{id}: cannot be rerun\n{reason}"));
        }
    }
}
