//! Everything that a person can ask of the program. Menus, keys, buttons, the palette and tests all
//! send these; one `match` runs them, and the ones here name, explain and refuse them.

use std::path::PathBuf;

use super::ask::{Ask, Export};
use super::lesson::Lesson;
use super::library_view::LibraryView;
use super::place::Place;
use super::playback_command::PlaybackCommand;
use super::settings::ThemeChoice;
use super::state::{Overlay, State};
use crate::domain::{InterventionKind, ModelSource, PlanDraft, Role, StrategyKind};
use crate::models::DeviceChoice;
use crate::store::ExperimentId;
use crate::worker::{JobId, ReviewChange, Story};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Go(Place),
    /// Opens a file dialog.
    Choose(Ask),
    /// What a file dialog, or a path field, answered.
    Picked(Ask, PathBuf),
    /// A file from the command line, the recent list or dropped on the window.
    OpenPath(PathBuf),
    /// Plays a ready plan of the sample.
    StartSample(StrategyKind),
    /// Plays an example that explains itself.
    StartLesson(Lesson),
    /// Takes the data, models and plan of a sample, without playing it.
    OpenSample(Story),
    NewPlan,
    SavePlan,
    SetRole {
        column: String,
        role: Role,
    },
    SelectColumn(String),
    IgnoreProblem(usize),
    SetModel {
        arm: usize,
        source: ModelSource,
    },
    /// Proposes a `card.toml` for the folder of an arm.
    ProposeCard(usize),
    EditCard(String),
    WriteCard,
    AddArm,
    RemoveArm(usize),
    EditPlan(Box<PlanDraft>),
    EditPlanText(String),
    Undo,
    Redo,
    Rehearse,
    /// Acts at the time cursor: forks a new run from there.
    Intervene(InterventionKind),
    CompareStrategies,
    /// Many runs of the plan, or of it under every strategy: how often it catches what.
    AskOdds(bool),
    ProposeGates,
    ShowRun(usize),
    CloseRun(usize),
    Playback(PlaybackCommand),
    /// Marks the moment under the time cursor.
    AddNote,
    WriteNote {
        place: usize,
        text: String,
    },
    RemoveNote(usize),
    RefreshLibrary,
    OpenExperiment(ExperimentId),
    DeleteExperiment(ExperimentId),
    /// Brings back what was deleted.
    RestoreExperiment(ExperimentId),
    /// Opens an experiment on the Review screen.
    ReviewExperiment(ExperimentId),
    /// Its plan as a new plan.
    DuplicateExperiment(ExperimentId),
    Archive(ExperimentId, bool),
    /// Tags and notes, in place of those before.
    KeepBeside {
        id: ExperimentId,
        tags: Vec<String>,
        notes: String,
    },
    SearchLibrary(String),
    SetLibraryView(Box<LibraryView>),
    Share(ExperimentId),
    /// Of a stored experiment; without one, of the run that is shown.
    Verify(Option<ExperimentId>),
    /// Adds to the shown run's review.
    ChangeReview(Box<ReviewChange>),
    /// Begins a comment on the shown run.
    WriteComment,
    /// The name under which the person comments and signs.
    SetReviewer(String),
    /// Copies the shown run's file into the library.
    Adopt,
    /// The shown run's plan as a new plan.
    DuplicatePlan,
    CancelJob(JobId),
    CancelAll,
    DismissNotice(usize),
    SetTheme(ThemeChoice),
    SetReducedMotion(bool),
    /// Where models run from now on.
    SetDevice(DeviceChoice),
    Zoom(Zoom),
    FullScreen,
    Show(Overlay),
    /// Closes what lies on top; without anything there, cancels the running jobs.
    Close,
    NextLessonStep,
    /// Chooses an answer to the lesson's question, by its place.
    AnswerLesson(usize),
    SkipLesson,
    Quit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    In,
    Out,
    Reset,
}

/// What the window collects while it draws, to be run after the frame.
#[derive(Debug, Default)]
pub struct Commands {
    list: Vec<Command>,
}

impl Commands {
    pub fn push(&mut self, command: Command) {
        self.list.push(command);
    }

    pub fn playback(&mut self, command: PlaybackCommand) {
        self.push(Command::Playback(command));
    }

    pub fn take(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.list)
    }

    pub fn list(&self) -> &[Command] {
        &self.list
    }
}

impl Command {
    /// All that can be named without an argument that only a screen knows: menus and the palette.
    pub fn named() -> Vec<Self> {
        use InterventionKind as Act;
        let places = Place::ALL.map(Self::Go).into_iter();
        let samples =
            [StrategyKind::Canary, StrategyKind::Shadow, StrategyKind::BlueGreen, StrategyKind::Ab];
        let playback = [
            PlaybackCommand::Toggle,
            PlaybackCommand::Step(1),
            PlaybackCommand::Step(-1),
            PlaybackCommand::Step(10),
            PlaybackCommand::Step(-10),
            PlaybackCommand::NextEvent,
            PlaybackCommand::PreviousEvent,
            PlaybackCommand::ToStart,
            PlaybackCommand::ToEnd,
            PlaybackCommand::Faster,
            PlaybackCommand::Slower,
            PlaybackCommand::LoopFrom,
            PlaybackCommand::LoopTo,
            PlaybackCommand::Loop(None),
        ];
        let acts = [
            Act::Promote,
            Act::PromoteFully,
            Act::Abort,
            Act::RollBack,
            Act::Pause,
            Act::Resume,
            Act::Retry,
        ];
        let rest = [
            Self::Choose(Ask::Open),
            Self::Choose(Ask::Data),
            Self::NewPlan,
            Self::SavePlan,
            Self::Choose(Ask::SavePlan),
            Self::AddArm,
            Self::Undo,
            Self::Redo,
            Self::Rehearse,
            Self::CompareStrategies,
            Self::AskOdds(false),
            Self::AskOdds(true),
            Self::ProposeGates,
            Self::Verify(None),
            Self::WriteComment,
            Self::DuplicatePlan,
            Self::RefreshLibrary,
            Self::AddNote,
            Self::CancelAll,
            Self::Zoom(Zoom::In),
            Self::Zoom(Zoom::Out),
            Self::Zoom(Zoom::Reset),
            Self::FullScreen,
            Self::Close,
            Self::Quit,
        ];
        let mut all: Vec<Self> = places.collect();
        all.extend(rest);
        all.extend(Export::ALL.map(|export| Self::Choose(Ask::Export(export))));
        all.extend(Lesson::ALL.map(Self::StartLesson));
        all.extend(samples.map(Self::StartSample));
        all.extend(Story::ALL.map(Self::OpenSample));
        all.extend(playback.map(Self::Playback));
        all.extend(acts.map(Self::Intervene));
        all.extend(ThemeChoice::ALL.map(Self::SetTheme));
        all.extend([true, false].map(Self::SetReducedMotion));
        all.extend(Overlay::ALL.map(Self::Show));
        all
    }

    /// What menus and the palette call it.
    pub fn label(&self) -> String {
        match self {
            Self::Go(place) => format!("Go to {}", place.label()),
            Self::Choose(Ask::Open) => "Open…".to_owned(),
            Self::Choose(Ask::Data) => "Choose a dataset…".to_owned(),
            Self::Choose(Ask::SavePlan) => "Save the plan as…".to_owned(),
            Self::Choose(Ask::Export(export)) => export.label().to_owned(),
            Self::Choose(ask) => format!("{}…", ask.title()),
            Self::Picked(_, path) | Self::OpenPath(path) => format!("Open {}", path.display()),
            Self::StartSample(kind) => format!("Play the example: {}", kind.label()),
            Self::StartLesson(lesson) => format!("Lesson: {}", lesson.title().to_lowercase()),
            Self::OpenSample(story) => format!("Take the sample: {}", story.title()),
            Self::NewPlan => "New plan".to_owned(),
            Self::SavePlan => "Save the plan".to_owned(),
            Self::SetRole { column, role } => format!("Use `{column}` as {}", role.label()),
            Self::SelectColumn(column) => format!("Look at `{column}`"),
            Self::IgnoreProblem(_) => "Ignore the problem".to_owned(),
            Self::SetModel { arm, source } => {
                format!("Take {} for arm {}", source.describe(), arm + 1)
            }
            Self::ProposeCard(arm) => format!("Propose a card for arm {}", arm + 1),
            Self::EditCard(_) => "Edit the card".to_owned(),
            Self::WriteCard => "Write card.toml".to_owned(),
            Self::AddArm => "Add a candidate".to_owned(),
            Self::RemoveArm(arm) => format!("Remove arm {}", arm + 1),
            Self::EditPlan(_) | Self::EditPlanText(_) => "Edit the plan".to_owned(),
            Self::Undo => "Undo".to_owned(),
            Self::Redo => "Redo".to_owned(),
            Self::Rehearse => "Rehearse".to_owned(),
            Self::Intervene(kind) => kind.label(),
            Self::CompareStrategies => "Compare all strategies".to_owned(),
            Self::AskOdds(false) => "Ask for the odds".to_owned(),
            Self::AskOdds(true) => "Odds of every strategy".to_owned(),
            Self::ProposeGates => "Propose gates from the baseline's numbers".to_owned(),
            Self::ShowRun(run) => format!("Show run {}", run + 1),
            Self::CloseRun(run) => format!("Close run {}", run + 1),
            Self::Playback(command) => command.label(),
            Self::AddNote => "Add a note".to_owned(),
            Self::WriteNote { place, .. } => format!("Write note {}", place + 1),
            Self::RemoveNote(place) => format!("Remove note {}", place + 1),
            Self::RefreshLibrary => "Read the library again".to_owned(),
            Self::OpenExperiment(id) => format!("Open experiment {id}"),
            Self::DeleteExperiment(id) => format!("Delete experiment {id}"),
            Self::RestoreExperiment(id) => format!("Bring back experiment {id}"),
            Self::ReviewExperiment(id) => format!("Review experiment {id}"),
            Self::DuplicateExperiment(id) => format!("Experiment {id} as a new plan"),
            Self::Archive(id, true) => format!("Archive experiment {id}"),
            Self::Archive(id, false) => format!("Take experiment {id} out of the archive"),
            Self::KeepBeside { id, .. } => format!("Keep tags and notes beside {id}"),
            Self::SearchLibrary(text) => format!("Search for {text}"),
            Self::SetLibraryView(_) => "Change what the library shows".to_owned(),
            Self::Share(id) => format!("Share experiment {id}…"),
            Self::Verify(_) => "Verify".to_owned(),
            Self::ChangeReview(change) => change_label(change).to_owned(),
            Self::WriteComment => "Write a comment".to_owned(),
            Self::SetReviewer(name) => format!("Review as {name}"),
            Self::Adopt => "Copy to my library".to_owned(),
            Self::DuplicatePlan => "Duplicate as a new plan".to_owned(),
            Self::CancelJob(_) => "Cancel".to_owned(),
            Self::CancelAll => "Cancel what is running".to_owned(),
            Self::DismissNotice(_) => "Dismiss".to_owned(),
            Self::SetTheme(theme) => format!("Theme: {}", theme.label().to_lowercase()),
            Self::SetDevice(device) => format!("Run models on {}", device.label()),
            Self::SetReducedMotion(true) => "Show stills instead of moving pictures".to_owned(),
            Self::SetReducedMotion(false) => "Show moving pictures".to_owned(),
            Self::Zoom(Zoom::In) => "Zoom in".to_owned(),
            Self::Zoom(Zoom::Out) => "Zoom out".to_owned(),
            Self::Zoom(Zoom::Reset) => "Original size".to_owned(),
            Self::FullScreen => "Full screen".to_owned(),
            Self::Show(overlay) => overlay.label().to_owned(),
            Self::Close => "Close or cancel".to_owned(),
            Self::NextLessonStep => "Next".to_owned(),
            Self::AnswerLesson(choice) => format!("Answer {}", choice + 1),
            Self::SkipLesson => "Skip".to_owned(),
            Self::Quit => "Quit".to_owned(),
        }
    }

    /// One sentence for tooltips.
    pub fn tooltip(&self) -> &'static str {
        match self {
            Self::Go(place) => place.purpose(),
            Self::Choose(_) | Self::Picked(..) | Self::OpenPath(_) => {
                "Pick a file on this computer"
            }
            Self::StartSample(kind) => kind.sentence(),
            Self::StartLesson(lesson) => lesson.about(),
            Self::OpenSample(_) => "Its data, its models and a plan for them",
            Self::NewPlan => "Start from the defaults; the plan before can be had back with Undo",
            Self::SavePlan => "Write the plan as a TOML file",
            Self::SetRole { .. } => "What the column is for",
            Self::SelectColumn(_) => "Show how the column's values are spread",
            Self::IgnoreProblem(_) => "Keep the data as it is and hide this line",
            Self::SetModel { .. } => "Where this arm's answers come from",
            Self::ProposeCard(_) => "Reads from the weights what can be read, for you to complete",
            Self::EditCard(_) => "What the model reads and answers",
            Self::WriteCard => "Into the model's folder; the model is checked again",
            Self::AddArm => "One more model; more than one candidate needs an A/B test",
            Self::RemoveArm(_) => "Take this model out of the plan",
            Self::EditPlan(_) | Self::EditPlanText(_) => "Change the plan",
            Self::Undo => "Take back the last change of the plan",
            Self::Redo => "Make the change again",
            Self::Rehearse => "Simulate the whole rollout and save it in the library",
            Self::Intervene(_) => {
                "Act at the time cursor: a new run forks from there, the old one stays"
            }
            Self::CompareStrategies => "Every strategy on the same traffic with the same seed",
            Self::AskOdds(false) => {
                "Runs the plan by many seeds, for good and for bad candidates: how often it is right"
            }
            Self::AskOdds(true) => "The same seeds under every strategy: whose curve is steeper?",
            Self::ProposeGates => {
                "Rehearses the baseline alone, and sets limits that it would keep itself"
            }
            Self::ShowRun(_) => "Play this run",
            Self::CloseRun(_) => "Take the run off the list; it stays in the library",
            Self::Playback(_) => "Moves the time cursor; nothing recorded changes",
            Self::AddNote => "Marks this moment, to come back to it",
            Self::WriteNote { .. } => "What is worth remembering",
            Self::RemoveNote(_) => "The moment is no longer marked",
            Self::RefreshLibrary => "Other windows and the command line may have added experiments",
            Self::OpenExperiment(_) => "Play it, look into it, or run it again",
            Self::DeleteExperiment(_) => "Takes it off the list; it can be had back for a week",
            Self::RestoreExperiment(_) => "Takes back that it was deleted",
            Self::ReviewExperiment(_) => "Verdict, checks, comments and sign-off",
            Self::DuplicateExperiment(_) => "Change a copy; the experiment stays as it is",
            Self::Archive(..) => "Out of the way, and nothing of it is lost",
            Self::KeepBeside { .. } => "They stay in your library",
            Self::SearchLibrary(_) => "Every word must be found",
            Self::SetLibraryView(_) => "Filters and order stay as they are",
            Self::Share(_) => "Write one file that needs nothing beside it",
            Self::Verify(_) => "Run it again from what is stored, and compare to the bit",
            Self::ChangeReview(_) => {
                "The recording stays as it is; sign-offs given before are void"
            }
            Self::WriteComment => "About the run, a time, a metric or a stage",
            Self::SetReviewer(_) => "Comments and sign-offs carry it",
            Self::Adopt => "So that you can comment on it and sign",
            Self::DuplicatePlan => "Change a copy; the experiment stays as it is",
            Self::CancelJob(_) | Self::CancelAll => "Stop; what is finished is kept",
            Self::DismissNotice(_) => "It stays in the history",
            Self::SetTheme(_) => "Colours of the window",
            Self::SetDevice(_) => "Where a device cannot be used, models run on the CPU and say so",
            Self::SetReducedMotion(_) => "For people who are disturbed by motion",
            Self::Zoom(_) => "Size of everything",
            Self::FullScreen => "Use the whole screen, or give it back",
            Self::Show(overlay) => overlay.purpose(),
            Self::Close => "Closes what lies on top, else stops what is running",
            Self::NextLessonStep => "Go on with the lesson",
            Self::AnswerLesson(_) => "The replay shows whether it is right",
            Self::SkipLesson => "Leave the lesson; Learn has it again",
            Self::Quit => "Close the window",
        }
    }

    /// Whether it can run now.
    ///
    /// # Errors
    /// The reason why not, for the tooltip of a greyed-out button.
    pub fn can_run(&self, state: &State) -> Result<(), &'static str> {
        let require = |holds: bool, reason: &'static str| if holds { Ok(()) } else { Err(reason) };
        match self {
            Self::Undo => require(state.plan.can_undo(), "Nothing was changed yet"),
            Self::Redo => require(state.plan.can_redo(), "Nothing was taken back"),
            Self::AddArm => require(
                state.plan.draft().arms.len() < crate::domain::MAX_ARMS,
                "Four models can take part at most",
            ),
            Self::WriteCard => require(state.card.is_some(), "No card was proposed"),
            Self::RemoveArm(arm) => {
                require(*arm > 0, "A plan needs its baseline")?;
                require(state.plan.draft().arms.len() > 2, "A rollout needs a candidate")
            }
            Self::AskOdds(_) => {
                require(
                    state.plan.problems().is_empty(),
                    "The plan has problems: see the Plan screen",
                )?;
                require(
                    state.plan.draft().arms.len() > 1,
                    "Odds are about candidates; this plan has none",
                )?;
                require(state.odds.asking.is_none(), "The odds are being worked out")
            }
            Self::Rehearse | Self::CompareStrategies | Self::ProposeGates => {
                require(
                    state.plan.problems().is_empty(),
                    "The plan has problems: see the Plan screen",
                )?;
                require(!state.is_rehearsing(), "A rehearsal is running")
            }
            Self::Intervene(_) => {
                let run = state.shown_run().ok_or("No run is shown")?;
                require(run.is_finished(), "The run is still being simulated")?;
                require(run.inputs.is_some(), "Its inputs are not at hand")
            }
            Self::Playback(_)
            | Self::AddNote
            | Self::DuplicatePlan
            | Self::WriteComment
            | Self::Choose(Ask::Export(_)) => {
                require(state.shown_run().is_some(), "No run is shown")
            }
            Self::Verify(None) => {
                let run = state.shown_run().ok_or("No run is shown")?;
                require(run.is_finished(), "The run is still being simulated")?;
                require(run.id.is_some(), "The run is not in the library")
            }
            Self::CancelAll => require(state.has_jobs, "Nothing is running"),
            Self::AnswerLesson(_) => {
                require(state.lesson.is_some(), "No lesson is under way")?;
                let run = state.shown_run().ok_or("No run is shown")?;
                require(run.is_finished(), "The run is still being simulated")
            }
            _ => Ok(()),
        }
    }
}

fn change_label(change: &ReviewChange) -> &'static str {
    match change {
        ReviewChange::Comment(_) => "Comment",
        ReviewChange::Resolve { by: Some(_), .. } => "Resolve the comment",
        ReviewChange::Resolve { by: None, .. } => "Open the comment again",
        ReviewChange::Check { .. } => "Answer the checklist",
        ReviewChange::Sign { .. } => "Sign off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_commands_have_distinct_labels_and_shortcuts() {
        let named = Command::named();
        let mut labels: Vec<String> = named.iter().map(Command::label).collect();
        let mut keys: Vec<&str> = named.iter().filter_map(Command::shortcut).collect();
        let counts = (labels.len(), keys.len());
        labels.sort();
        labels.dedup();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((labels.len(), keys.len()), counts);
        assert!(named.iter().all(|command| !command.tooltip().is_empty()));
    }

    #[test]
    fn in_an_empty_window_what_needs_a_run_or_a_plan_says_what_is_missing() {
        let state = State::default();
        let needs_work = |command: &Command| {
            matches!(
                command,
                Command::Undo
                    | Command::Redo
                    | Command::Rehearse
                    | Command::AskOdds(_)
                    | Command::CompareStrategies
                    | Command::ProposeGates
                    | Command::Verify(None)
                    | Command::DuplicatePlan
                    | Command::CancelAll
                    | Command::AddNote
                    | Command::WriteComment
                    | Command::Playback(_)
                    | Command::Intervene(_)
                    | Command::Choose(Ask::Export(_))
            )
        };
        for command in Command::named() {
            match command.can_run(&state) {
                Ok(()) => assert!(!needs_work(&command), "{}", command.label()),
                Err(reason) => {
                    assert!(needs_work(&command), "{}: {reason}", command.label());
                    // It stands in a tooltip, and before a full stop in a notice.
                    assert!(reason.starts_with(char::is_uppercase) && !reason.ends_with('.'));
                }
            }
        }
    }
}
