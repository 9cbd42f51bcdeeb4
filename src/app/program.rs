//! The program: runs commands on the state, and starts the work that they need.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::command::{Ask, Command, Export, Zoom};
use super::place::Place;
use super::playback::{Playback, PlaybackCommand};
use super::plan_editor::PlanEditor;
use super::run::{Run, RunStage};
use super::settings::Settings;
use super::state::{DataState, LibraryState, ModelState, Overlay, State};
use crate::domain::{Intervention, InterventionKind, ModelSource, PlanDraft, Role, StrategyKind};
use crate::worker::{JobId, Source, Story, Task, Workers};

/// The state, and the hands that change it.
pub struct App {
    pub state: State,
    pub(super) workers: Workers,
    settings_path: Option<PathBuf>,
    /// What follows when a job has ended well.
    pub(super) next: BTreeMap<JobId, Next>,
}

/// What a job was started for, where its result alone does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A plan that was read is rehearsed at once: an example.
    RehearseExample,
    /// Unpacked examples: read the plan of this strategy.
    ReadExample(StrategyKind),
}

impl App {
    pub fn new(workers: Workers, settings_path: Option<PathBuf>) -> Self {
        let settings = settings_path.as_deref().map(Settings::load).unwrap_or_default();
        let mut app = Self {
            state: State { settings, ..State::default() },
            workers,
            settings_path,
            next: BTreeMap::new(),
        };
        app.apply(Command::RefreshLibrary);
        app
    }

    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Runs a command, or tells why it cannot run.
    pub fn apply(&mut self, command: Command) {
        if let Err(reason) = command.can_run(&self.state) {
            self.state.notices.note(format!("{}: {reason}.", command.label()));
            return;
        }
        match command {
            Command::Go(place) => self.go(place),
            Command::Choose(ask) => self.state.asking = Some(ask),
            Command::Picked(ask, path) => self.picked(ask, path),
            Command::OpenPath(path) => self.open_path(path),
            Command::StartSample(kind) => self.start_sample(kind),
            Command::NewPlan => self.edit_plan(PlanDraft {
                data: self.state.plan.draft().data.clone(),
                ..PlanDraft::default()
            }),
            Command::SavePlan => match self.state.plan.path().map(Path::to_owned) {
                Some(path) => self.save_plan(path),
                None => self.state.asking = Some(Ask::SavePlan),
            },
            Command::SetRole { column, role } => self.set_role(&column, role),
            Command::SelectColumn(column) => self.state.column = Some(column),
            Command::IgnoreProblem(place) => {
                self.state.ignored.insert(place);
            }
            Command::SetModel { arm, source } => self.set_model(arm, source),
            Command::AddArm => self.add_arm(),
            Command::RemoveArm(arm) => self.remove_arm(arm),
            Command::EditPlan(draft) => self.edit_plan(*draft),
            Command::EditPlanText(text) => {
                self.state.plan.edit_text(text);
                self.follow_draft();
            }
            Command::Undo => {
                self.state.plan.undo();
                self.follow_draft();
            }
            Command::Redo => {
                self.state.plan.redo();
                self.follow_draft();
            }
            Command::Rehearse => self.rehearse(),
            Command::Intervene(kind) => self.intervene(kind),
            Command::CompareStrategies => self.compare(),
            Command::ShowRun(run) => self.show_run(run),
            Command::CloseRun(run) => self.close_run(run),
            Command::Playback(command) => self.play(command),
            Command::RefreshLibrary => {
                if self.state.library.list().is_empty() {
                    self.state.library = LibraryState::Reading;
                }
                self.start(Task::ListLibrary);
            }
            Command::OpenExperiment(id) => {
                self.start(Task::OpenExperiment { source: Source::Library(id) });
            }
            Command::DeleteExperiment(id) => {
                self.start(Task::Delete { id });
            }
            Command::Share(id) => self.state.asking = Some(Ask::Share(id)),
            Command::Verify(id) => {
                let shown = || self.state.shown_run().and_then(|run| run.id.clone());
                if let Some(id) = id.or_else(shown) {
                    self.start(Task::Verify { source: Source::Library(id) });
                }
            }
            Command::DuplicatePlan => self.duplicate_plan(),
            Command::CancelJob(job) => self.workers.cancel(job),
            Command::CancelAll => self.cancel_all(),
            Command::DismissNotice(place) => self.state.notices.dismiss(place),
            Command::SetTheme(theme) => self.change_settings(|settings| settings.theme = theme),
            Command::SetReducedMotion(reduced) => {
                self.change_settings(|settings| settings.reduced_motion = reduced);
            }
            Command::Zoom(zoom) => self.change_settings(|settings| {
                settings.set_zoom(match zoom {
                    Zoom::In => settings.zoom * 1.1,
                    Zoom::Out => settings.zoom / 1.1,
                    Zoom::Reset => 1.0,
                });
            }),
            Command::FullScreen => self.state.is_full_screen = !self.state.is_full_screen,
            Command::Show(overlay) => self.show(overlay),
            Command::Close => self.close(),
            Command::NextLessonStep => self.next_lesson_step(),
            Command::SkipLesson => self.end_lesson(),
            Command::Quit => self.state.is_quitting = true,
        }
    }

    pub(super) fn start(&mut self, task: Task) -> JobId {
        self.state.has_jobs = true;
        self.workers.start(task)
    }

    fn go(&mut self, place: Place) {
        self.state.place = place;
        self.state.overlay = None;
        if place == Place::Library {
            self.start(Task::ListLibrary);
        }
    }

    fn show(&mut self, overlay: Overlay) {
        let is_open = self.state.overlay == Some(overlay);
        self.state.overlay = (!is_open).then_some(overlay);
    }

    fn close(&mut self) {
        if self.state.overlay.take().is_some() {
            return;
        }
        if self.state.lesson.is_some() {
            self.end_lesson();
        } else if self.state.has_jobs {
            self.cancel_all();
        }
    }

    fn cancel_all(&mut self) {
        let running: Vec<JobId> = self.workers.jobs().iter().map(|job| job.id).collect();
        for job in running {
            self.workers.cancel(job);
        }
    }

    // Files

    fn picked(&mut self, ask: Ask, path: PathBuf) {
        match ask {
            Ask::Open => self.open_path(path),
            Ask::Data => self.load_data(path),
            Ask::ModelFolder(arm) => {
                let folder = path.display().to_string();
                self.set_model(arm, ModelSource::Folder(folder));
            }
            Ask::PredictionsFile(arm) => {
                let path = path.display().to_string();
                let source = ModelSource::File { path, key: String::new(), column: String::new() };
                self.set_model(arm, source);
            }
            Ask::ServiceTimes(arm) => {
                let mut draft = self.state.plan.draft().clone();
                if let Some(arm) = draft.arms.get_mut(arm) {
                    arm.latency = crate::domain::Latency::File(path.display().to_string());
                }
                self.edit_plan(draft);
            }
            Ask::Trace => {
                let mut draft = self.state.plan.draft().clone();
                draft.traffic.arrivals = crate::domain::Arrivals::Trace {
                    path: path.display().to_string(),
                    column: String::new(),
                    unit: crate::domain::SimSpan::from_secs(1),
                    speed_up: 1.0,
                };
                self.edit_plan(draft);
            }
            Ask::SavePlan => self.save_plan(path),
            Ask::Share(id) => {
                self.start(Task::Share { id, path });
            }
            Ask::Export(export) => self.export(export, path),
        }
    }

    /// What it is shows in its name; whatever is unknown is tried as a dataset.
    fn open_path(&mut self, path: PathBuf) {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("rehearsal") => {
                self.remember(&path);
                self.start(Task::OpenExperiment { source: Source::File(path) });
            }
            Some("toml") => {
                self.remember(&path);
                self.start(Task::ReadPlan { path });
            }
            _ => self.load_data(path),
        }
    }

    fn load_data(&mut self, path: PathBuf) {
        self.remember(&path);
        let job = self.start(Task::LoadData { path: path.clone() });
        self.state.data = DataState::Loading { job, path };
        self.state.place = Place::Data;
    }

    fn save_plan(&mut self, path: PathBuf) {
        self.remember(&path);
        let text = self.state.plan.draft().to_toml();
        self.start(Task::SavePlan { path, text });
    }

    fn export(&mut self, export: Export, path: PathBuf) {
        let Some(run) = self.state.shown_run() else { return };
        let Some(recording) = &run.recording else { return };
        let text = match export {
            Export::Markdown => crate::report::markdown(&run.title, &run.plan, recording),
            Export::Windows => crate::report::windows_csv(recording),
            Export::Events => crate::report::events_csv(recording),
            Export::Json => crate::report::json(&run.plan, recording),
        };
        self.start(Task::ExportText { path, text });
    }

    fn remember(&mut self, path: &Path) {
        let path = path.to_owned();
        self.change_settings(|settings| settings.remember(&path));
    }

    pub(super) fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state.settings);
        let Some(path) = &self.settings_path else { return };
        if let Err(fault) = self.state.settings.save(path) {
            self.state.notices.note(format!("The settings could not be saved: {fault}."));
            self.settings_path = None;
        }
    }

    /// Takes note of the window's size, to be saved when it closes.
    pub fn set_window_size(&mut self, size: [f32; 2]) {
        self.state.settings.window_size = size;
    }

    /// Before the window closes.
    pub fn shut_down(&mut self) {
        self.change_settings(|_| {});
        self.cancel_all();
    }

    // The plan

    fn edit_plan(&mut self, draft: PlanDraft) {
        self.state.plan.edit(draft);
        self.follow_draft();
    }

    pub(super) fn replace_plan(&mut self, editor: PlanEditor) {
        self.state.plan = editor;
        self.state.models.clear();
        self.follow_draft();
        self.check_models();
    }

    fn duplicate_plan(&mut self) {
        let Some(run) = self.state.shown_run() else { return };
        let mut draft = PlanDraft::from(run.plan.as_ref().clone());
        draft.name = format!("{} (copy)", draft.name);
        let base = run.base.clone();
        make_paths_absolute(&mut draft, &base);
        self.replace_plan(PlanEditor::new(draft, None));
        self.state.place = Place::Plan;
    }

    fn set_role(&mut self, column: &str, role: Role) {
        let mut draft = self.state.plan.draft().clone();
        draft.data.set_role(column, role);
        self.state.guessed.remove(column);
        self.edit_plan(draft);
        self.check_models();
    }

    fn set_model(&mut self, arm: usize, source: ModelSource) {
        let mut draft = self.state.plan.draft().clone();
        if let Some(arm) = draft.arms.get_mut(arm) {
            arm.model = source;
        }
        self.edit_plan(draft);
        self.check_model(arm);
    }

    fn add_arm(&mut self) {
        let mut draft = self.state.plan.draft().clone();
        if let Some(last) = draft.arms.last() {
            let mut arm = last.clone();
            arm.name = format!("candidate {}", draft.arms.len());
            arm.model = ModelSource::Folder(String::new());
            draft.arms.push(arm);
        }
        self.edit_plan(draft);
    }

    fn remove_arm(&mut self, arm: usize) {
        let mut draft = self.state.plan.draft().clone();
        if arm < draft.arms.len() {
            draft.arms.remove(arm);
        }
        if arm < self.state.models.len() {
            self.state.models.remove(arm);
        }
        self.edit_plan(draft);
    }

    /// One model state per arm, whatever was done to the draft.
    fn follow_draft(&mut self) {
        let arms = self.state.plan.draft().arms.len();
        self.state.models.resize(arms, ModelState::Unknown);
    }

    pub(super) fn check_models(&mut self) {
        for arm in 0..self.state.models.len() {
            self.check_model(arm);
        }
    }

    fn check_model(&mut self, arm: usize) {
        let Some(dataset) = self.state.dataset().cloned() else { return };
        let draft = self.state.plan.draft();
        let Some(source) = draft.arms.get(arm).map(|arm| arm.model.clone()) else { return };
        if !is_chosen(&source) {
            return;
        }
        let base = self.state.plan.base();
        let data = draft.data.clone();
        let job = self.start(Task::CheckModel { arm, source, base, data, dataset });
        if let Some(state) = self.state.models.get_mut(arm) {
            *state = ModelState::Checking(job);
        }
    }

    // Runs

    fn rehearse(&mut self) {
        let Some(plan) = self.state.plan.plan() else { return };
        let base = self.state.plan.base();
        self.start_run(Run {
            title: plan.name.clone(),
            id: None,
            plan: Arc::new(plan),
            base,
            inputs: None,
            interventions: Vec::new(),
            parent: None,
            forked_at: None,
            recording: None,
            stage: RunStage::Stopped(String::new()),
        });
    }

    fn intervene(&mut self, kind: InterventionKind) {
        let at = self.state.playback.now();
        let Some(run) = self.state.shown_run() else { return };
        let mut fork = run.clone();
        fork.interventions.retain(|before| before.at <= at);
        fork.interventions.push(Intervention { at, kind });
        fork.parent = run.id.clone();
        fork.forked_at = Some(at);
        fork.id = None;
        fork.recording = None;
        fork.title = format!("Run {}, from {}", self.state.runs.len() + 1, at.clock());
        self.start_run(fork);
        self.play(PlaybackCommand::Seek(at));
        self.play(PlaybackCommand::Play);
    }

    pub(super) fn start_run(&mut self, mut run: Run) {
        let task = Task::Rehearse {
            title: run.title.clone(),
            plan: run.plan.clone(),
            base: run.base.clone(),
            inputs: run.inputs.clone(),
            interventions: run.interventions.clone(),
            parent: run.parent.clone(),
        };
        let job = self.start(task);
        run.stage = RunStage::Running(job);
        self.state.runs.push(run);
        self.show_run(self.state.runs.len() - 1);
        self.play(PlaybackCommand::Play);
    }

    pub(super) fn show_run(&mut self, place: usize) {
        let Some(run) = self.state.runs.get(place) else { return };
        let mut playback = Playback::new(run.plan.traffic.duration);
        if let Some(recording) = &run.recording {
            playback.follow(recording, run.is_finished());
        }
        self.state.shown = Some(place);
        self.state.playback = playback;
        self.state.place = Place::Rehearse;
    }

    fn close_run(&mut self, place: usize) {
        if place >= self.state.runs.len() {
            return;
        }
        let run = self.state.runs.remove(place);
        if let Some(job) = run.job() {
            self.workers.cancel(job);
        }
        let last = self.state.runs.len().checked_sub(1);
        match (self.state.shown, last) {
            (Some(shown), Some(last)) if shown == place => {
                let current = self.state.place;
                self.show_run(place.min(last));
                self.state.place = current;
            }
            (Some(shown), Some(_)) if shown > place => self.state.shown = Some(shown - 1),
            (_, None) => self.state.shown = None,
            _ => {}
        }
    }

    pub(super) fn play(&mut self, command: PlaybackCommand) {
        let Some(run) = self.state.shown.and_then(|place| self.state.runs.get(place)) else {
            return;
        };
        match &run.recording {
            Some(recording) => self.state.playback.apply(command, recording),
            None => self.state.playback.apply(command, &Default::default()),
        }
    }

    fn compare(&mut self) {
        let Some(plan) = self.state.plan.plan() else { return };
        let base = self.state.plan.base();
        self.state.compared = None;
        self.state.place = Place::Compare;
        self.start(Task::Compare {
            plan: Arc::new(plan),
            base,
            inputs: None,
            kinds: StrategyKind::ALL.to_vec(),
        });
    }

    fn start_sample(&mut self, kind: StrategyKind) {
        let job = self.start(Task::UnpackSample { story: Story::Loans });
        self.next.insert(job, Next::ReadExample(kind));
    }

    // The first lesson

    fn next_lesson_step(&mut self) {
        match self.state.lesson {
            Some(step) if step + 1 < super::lesson::STEPS.len() => {
                self.state.lesson = Some(step + 1);
            }
            _ => self.end_lesson(),
        }
    }

    fn end_lesson(&mut self) {
        self.state.lesson = None;
        self.change_settings(|settings| settings.knows_first_lesson = true);
    }
}

/// False for a model that still has to be picked.
fn is_chosen(source: &ModelSource) -> bool {
    match source {
        ModelSource::Folder(text) | ModelSource::Column(text) => !text.is_empty(),
        ModelSource::File { path, key, column } => {
            ![path, key, column].iter().any(|text| text.is_empty())
        }
    }
}

/// Paths of a plan without a file of its own must not depend on where a file would lie.
fn make_paths_absolute(draft: &mut PlanDraft, base: &Path) {
    let absolute = |path: &mut String| {
        if !path.is_empty() && !base.as_os_str().is_empty() {
            *path = base.join(&*path).display().to_string();
        }
    };
    absolute(&mut draft.data.path);
    for arm in &mut draft.arms {
        match &mut arm.model {
            ModelSource::Folder(path) | ModelSource::File { path, .. } => absolute(path),
            ModelSource::Column(_) => {}
        }
        if let crate::domain::Latency::File(path) = &mut arm.latency {
            absolute(path);
        }
    }
    if let crate::domain::Arrivals::Trace { path, .. } = &mut draft.traffic.arrivals {
        absolute(path);
    }
}
