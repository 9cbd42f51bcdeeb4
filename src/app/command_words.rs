//! What commands are called, and one sentence about each.

use super::ask::Ask;
use super::command::{Command, Zoom};
use crate::domain::ArmId;
use crate::worker::ReviewChange;

impl Command {
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
            Self::EditCard { .. } => "Edit the card".to_owned(),
            Self::WriteCard(arm) => format!("Write the card of {}", ArmId::new(*arm)),
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
            Self::SetReviewer(name) => format!("Call me {name}"),
            Self::Adopt => "Copy to my library".to_owned(),
            Self::DuplicatePlan => "Duplicate as a new plan".to_owned(),
            Self::CancelJob(_) => "Cancel".to_owned(),
            Self::CancelAll => "Cancel what is running".to_owned(),
            Self::DismissNotice(_) => "Dismiss".to_owned(),
            Self::SetTheme(theme) => format!("Theme: {}", theme.label().to_lowercase()),
            Self::SetTextSize(size) => format!("Text: {}", size.label().to_lowercase()),
            Self::SetUnit(unit) => {
                let (what, example) = unit.words();
                format!("{what} as {example}")
            }
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
            Self::EditCard { .. } => "What the model reads and answers",
            Self::WriteCard(_) => "Beside the model; the model is checked again",
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
            Self::SetReviewer(_) => "Runs, comments and sign-offs carry it",
            Self::Adopt => "So that you can comment on it and sign",
            Self::DuplicatePlan => "Change a copy; the experiment stays as it is",
            Self::CancelJob(_) | Self::CancelAll => "Stop; what is finished is kept",
            Self::DismissNotice(_) => "It stays in the history",
            Self::SetTheme(_) => "Colours of the window",
            Self::SetTextSize(_) => "Size of letters alone",
            Self::SetUnit(_) => {
                "Units of the window's numbers; reports and sentences on record keep theirs"
            }
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
