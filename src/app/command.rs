//! Everything that a person can ask of the program. Menus, keys, buttons, the palette and tests all
//! send these, and one `match` runs them. Their words are in `command_words`, and why one
//! cannot run now in `command_refusal`.

use std::path::PathBuf;

use super::ask::{Ask, Export};
use super::lesson::Lesson;
use super::library_view::LibraryView;
use super::place::Place;
use super::playback_command::PlaybackCommand;
use super::settings::{TextSize, ThemeChoice};
use super::state::Overlay;
use crate::domain::{InterventionKind, ModelSource, PlanDraft, Role, StrategyKind, Unit};
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
    /// Changes a card that is not written yet, by the place where it belongs.
    EditCard {
        card: PathBuf,
        text: String,
    },
    /// Writes the first card of an arm's model.
    WriteCard(usize),
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
    /// The name under which the person runs, comments and signs.
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
    SetTextSize(TextSize),
    /// The unit of one kind of numbers.
    SetUnit(Unit),
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
        all.extend(TextSize::ALL.map(Self::SetTextSize));
        all.extend(Unit::ALL.map(Self::SetUnit));
        all.extend(Overlay::ALL.map(Self::Show));
        all
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
}
