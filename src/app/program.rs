//! The program: runs commands on the state, and starts the work that they need.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ask::Ask;
use super::command::{Command, Zoom};
use super::lesson::Lesson;
use super::note::NoteBook;
use super::place::Place;
use super::run::Run;
use super::settings::Settings;
use super::state::{LibraryState, Overlay, State};
use crate::domain::PlanDraft;
use crate::models::DeviceChoice;
use crate::worker::{JobId, KeepChange, Stored, Task, Workers};

/// The state, and the hands that change it.
pub struct App {
    pub state: State,
    pub(super) workers: Workers,
    pub(super) settings_path: Option<PathBuf>,
    pub(super) note_book: NoteBook,
    /// What follows when a job has ended well.
    pub(super) next: BTreeMap<JobId, Next>,
    /// The newest job that reads the library.
    pub(super) library_job: Option<JobId>,
}

/// What a job was started for, where its result alone does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A plan that was read is rehearsed at once, perhaps with a lesson about it.
    RehearseExample(Option<Lesson>),
    /// Unpacked examples: read this plan, to be rehearsed.
    ReadExample(&'static str, Option<Lesson>),
    /// Unpacked examples: read a plan to begin with.
    ReadSample,
    /// A plan that was read leaves the person where they are.
    Stay,
    /// A file that was written changes what is known of this arm's model.
    CheckModel(usize),
    /// An experiment that was read is shown for review.
    Review,
    /// An experiment that was read gives a new plan.
    Duplicate,
    /// An experiment that was read is run again, not shown.
    Verify,
    /// An experiment that was read lies in this file, not in the library.
    Shared(PathBuf),
}

impl App {
    pub fn new(workers: Workers, settings_path: Option<PathBuf>) -> Self {
        let settings = settings_path.as_deref().map(Settings::load).unwrap_or_default();
        let notes_path = settings_path.as_deref().map(|path| path.with_file_name("notes.json"));
        let mut app = Self {
            state: State { settings, ..State::default() },
            workers,
            settings_path,
            note_book: NoteBook::load(notes_path),
            next: BTreeMap::new(),
            library_job: None,
        };
        app.workers.set_device(app.state.settings.device);
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
            Command::StartLesson(lesson) => self.start_lesson(lesson),
            Command::OpenSample(story) => {
                let job = self.start(Task::UnpackSample { story });
                self.next.insert(job, Next::ReadSample);
            }
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
            Command::EditCard { card, text } => self.edit_card(card, text),
            Command::WriteCard(arm) => self.write_card(arm),
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
            Command::AskOdds(of_all) => self.ask_odds(of_all),
            Command::ProposeGates => self.propose_gates(),
            Command::ShowRun(run) => self.show_run(run),
            Command::CloseRun(run) => self.close_run(run),
            Command::Playback(command) => self.play(command),
            Command::AddNote => self.add_note(),
            Command::WriteNote { place, text } => self.write_note(place, text),
            Command::RemoveNote(place) => self.remove_note(place),
            Command::RefreshLibrary
            | Command::OpenExperiment(_)
            | Command::ReviewExperiment(_)
            | Command::DuplicateExperiment(_)
            | Command::DeleteExperiment(_)
            | Command::RestoreExperiment(_)
            | Command::Archive(..)
            | Command::KeepBeside { .. }
            | Command::SearchLibrary(_)
            | Command::SetLibraryView(_)
            | Command::Share(_)
            | Command::Verify(_) => self.apply_to_library(command),
            Command::ChangeReview(_)
            | Command::WriteComment
            | Command::SetReviewer(_)
            | Command::Adopt => self.apply_to_review(command),
            Command::DuplicatePlan => self.duplicate_plan(),
            Command::CancelJob(job) => self.workers.cancel(job),
            Command::CancelAll => self.cancel_all(),
            Command::DismissNotice(place) => self.state.notices.dismiss(place),
            Command::SetTheme(theme) => self.change_settings(|settings| settings.theme = theme),
            Command::SetReducedMotion(reduced) => {
                self.change_settings(|settings| settings.reduced_motion = reduced);
            }
            Command::SetTextSize(size) => {
                self.change_settings(|settings| settings.text_size = size);
            }
            Command::SetUnit(unit) => self.change_settings(|settings| {
                settings.notation = settings.notation.with(unit);
            }),
            Command::SetDevice(device) => self.set_device(device),
            Command::Zoom(zoom) => self.zoom(zoom),
            Command::FullScreen => self.state.is_full_screen = !self.state.is_full_screen,
            Command::Show(overlay) => self.show(overlay),
            Command::Close => self.close(),
            Command::NextLessonStep => self.next_lesson_step(),
            Command::AnswerLesson(choice) => self.answer_lesson(choice),
            Command::SkipLesson => self.end_lesson(),
            Command::Quit => self.state.is_quitting = true,
        }
    }

    fn set_device(&mut self, device: DeviceChoice) {
        self.change_settings(|settings| settings.device = device);
        self.workers.set_device(device);
        self.check_models();
    }

    fn zoom(&mut self, zoom: Zoom) {
        self.change_settings(|settings| {
            settings.set_zoom(match zoom {
                Zoom::In => settings.zoom * 1.1,
                Zoom::Out => settings.zoom / 1.1,
                Zoom::Reset => 1.0,
            });
        });
    }

    /// Commands about the experiments that are kept.
    fn apply_to_library(&mut self, command: Command) {
        match command {
            Command::RefreshLibrary => self.read_library(),
            Command::OpenExperiment(id) => {
                self.start(Task::OpenExperiment(Stored::InLibrary(id)));
            }
            Command::DeleteExperiment(id) => {
                self.start(Task::Keep { id, change: KeepChange::Delete });
            }
            Command::RestoreExperiment(id) => {
                self.start(Task::Keep { id, change: KeepChange::Restore });
            }
            Command::Archive(id, is_archived) => {
                self.start(Task::Keep { id, change: KeepChange::Archive(is_archived) });
            }
            Command::KeepBeside { id, tags, notes } => {
                self.start(Task::Keep { id, change: KeepChange::Beside { tags, notes } });
            }
            Command::ReviewExperiment(id) => {
                let job = self.start(Task::OpenExperiment(Stored::InLibrary(id)));
                self.next.insert(job, Next::Review);
            }
            Command::DuplicateExperiment(id) => {
                let job = self.start(Task::OpenExperiment(Stored::InLibrary(id)));
                self.next.insert(job, Next::Duplicate);
            }
            Command::SearchLibrary(text) => self.search_library(text),
            Command::SetLibraryView(view) => {
                self.change_settings(|settings| settings.library = *view);
            }
            Command::Share(id) => {
                self.start(Task::MeasureShare { id });
            }
            Command::Verify(id) => {
                let shown = || self.state.shown_run().and_then(Run::stored);
                if let Some(stored) = id.map(Stored::InLibrary).or_else(shown) {
                    let job = self.start(Task::OpenExperiment(stored));
                    self.next.insert(job, Next::Verify);
                }
            }
            _ => {}
        }
    }

    /// Commands about the review of the shown run.
    fn apply_to_review(&mut self, command: Command) {
        match command {
            Command::ChangeReview(change) => self.change_review(*change),
            Command::WriteComment => {
                self.go(Place::Review);
                self.state.wants_comment = true;
            }
            Command::SetReviewer(name) => {
                self.change_settings(|settings| settings.reviewer = name);
            }
            Command::Adopt => self.adopt(),
            _ => {}
        }
    }

    pub(super) fn start(&mut self, task: Task) -> JobId {
        self.state.has_jobs = true;
        self.workers.start(task)
    }

    fn go(&mut self, place: Place) {
        self.state.place = place;
        self.state.overlay = None;
        match place {
            Place::Library => self.read_library(),
            Place::Review => self.read_review(),
            _ => {}
        }
    }

    fn read_library(&mut self) {
        if self.state.library.list().is_empty() {
            self.state.library = LibraryState::Reading;
        }
        self.library_job = Some(self.start(Task::ListLibrary));
    }

    fn search_library(&mut self, text: String) {
        if text.trim().is_empty() {
            self.state.found = None;
        } else {
            self.start(Task::Search { text });
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

    pub(super) fn cancel_all(&mut self) {
        let running: Vec<JobId> = self.workers.jobs().iter().map(|job| job.id).collect();
        for job in running {
            self.workers.cancel(job);
        }
    }
}
