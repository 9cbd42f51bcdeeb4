//! The program as a window drives it: commands in, workers at work, state out.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::domain::{
    Event, EventKind, InterventionKind, ModelSource, OutcomeKind, PlanDraft, Role, SimSpan,
    SimTime, StrategyKind,
};
use crate::store::Sharing;
use crate::worker::{Workers, sample};

/// A program with a library and settings of its own.
struct Desk {
    folder: TempDir,
    app: App,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = Self::start(folder.path());
        let mut desk = Self { folder, app };
        desk.settle();
        desk
    }

    fn start(folder: &Path) -> App {
        let workers = Workers::new(&folder.join("library.rehearsal"), || ()).unwrap();
        App::new(workers, Some(folder.join("settings.json")))
    }

    /// Closes the program and starts it again.
    fn restart(&mut self) {
        self.app.shut_down();
        self.app = Self::start(self.folder.path());
        self.settle();
    }

    fn samples(&self) -> PathBuf {
        sample::unpack(self.folder.path()).unwrap()
    }

    fn state(&self) -> &State {
        &self.app.state
    }

    fn run(&self) -> &Run {
        self.state().shown_run().unwrap()
    }

    /// Runs a command and all the work that follows from it.
    fn apply(&mut self, command: Command) {
        self.app.apply(command);
        self.settle();
    }

    fn edit(&mut self, change: impl FnOnce(&mut PlanDraft)) {
        let mut draft = self.state().plan.draft().clone();
        change(&mut draft);
        self.apply(Command::EditPlan(Box::new(draft)));
    }

    fn settle(&mut self) {
        let begun = Instant::now();
        self.app.logic(0.0);
        while self.state().has_jobs {
            assert!(begun.elapsed() < Duration::from_secs(60), "it never ends");
            std::thread::sleep(Duration::from_millis(1));
            self.app.logic(0.0);
        }
    }

    fn last_notice(&self) -> &Notice {
        self.state().notices.list().last().unwrap()
    }
}

#[test]
fn every_lesson_plays_through_and_its_replay_answers_its_question() {
    let mut desk = Desk::new();
    for lesson in Lesson::ALL {
        desk.apply(Command::StartLesson(lesson));
        assert_eq!(desk.state().lesson, Some(Teaching::new(lesson)));
        while desk.state().playback.is_playing() {
            desk.app.logic(1_000.0);
        }
        let read = lesson.steps().iter().filter(|step| step.part == lesson::Part::Read).count();
        let reached = desk.state().lesson.map(|teaching| teaching.step + 1);
        assert_eq!(reached, Some(read), "{lesson:?}: each step has its moment");
        let recording = desk.run().recording.clone().unwrap();
        let question = lesson::question(lesson, &recording).unwrap();
        desk.apply(Command::AnswerLesson(question.right));
        let playback = &desk.state().playback;
        assert_eq!((playback.now(), playback.is_playing()), (question.seen_at, false));
        desk.apply(Command::SkipLesson);
        assert!(desk.state().settings.known_lessons.contains(&lesson));
    }
}

#[test]
fn who_goes_on_in_a_lesson_sees_what_the_step_speaks_of() {
    let mut desk = Desk::new();
    desk.apply(Command::StartLesson(Lesson::Canary));
    desk.apply(Command::NextLessonStep);
    desk.apply(Command::NextLessonStep);
    let recording = desk.run().recording.clone().unwrap();
    let aborted = |event: &&Event| matches!(event.kind, EventKind::Aborted { .. });
    let aborted = recording.events.iter().find(aborted).unwrap().at;
    assert_eq!(desk.state().playback.now(), aborted, "the step says that it has happened");
    // A step that speaks of no moment leaves the cursor where it is.
    desk.apply(Command::NextLessonStep);
    assert_eq!(desk.state().playback.now(), aborted);
}

#[test]
fn notes_are_kept_with_their_experiment_and_go_along_with_a_fork() {
    let mut desk = Desk::new();
    desk.apply(Command::StartSample(StrategyKind::Canary));
    for secs in [90, 30, 30] {
        desk.apply(Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(secs))));
        desk.apply(Command::AddNote);
    }
    desk.apply(Command::WriteNote { place: 0, text: "calm so far".to_owned() });
    let notes = desk.run().notes.clone();
    assert_eq!(notes.iter().map(|note| note.at.as_secs_f64()).collect::<Vec<_>>(), [30.0, 90.0]);
    // Stepping through the events stops at notes too.
    desk.apply(Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(29))));
    desk.apply(Command::Playback(PlaybackCommand::NextEvent));
    assert_eq!(desk.state().playback.now(), SimTime::from_secs(30));
    desk.apply(Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(91))));
    desk.apply(Command::Playback(PlaybackCommand::PreviousEvent));
    assert_eq!(desk.state().playback.now(), SimTime::from_secs(90));
    desk.apply(Command::Playback(PlaybackCommand::Seek(SimTime::from_secs(60))));
    desk.apply(Command::Intervene(InterventionKind::Abort));
    assert_eq!(desk.run().notes, notes[..1], "of the time that both runs share");

    let id = desk.state().runs[0].id.clone().unwrap();
    desk.restart();
    desk.apply(Command::OpenExperiment(id.clone()));
    assert_eq!(desk.run().notes, notes);
    desk.apply(Command::RemoveNote(1));
    desk.restart();
    desk.apply(Command::OpenExperiment(id));
    assert_eq!(desk.run().notes, notes[..1]);
}

#[test]
fn the_first_example_is_played_taught_and_kept() {
    let mut desk = Desk::new();
    desk.apply(Command::StartSample(StrategyKind::Canary));
    let state = desk.state();
    let first = Some(Teaching::new(Lesson::Canary));
    assert_eq!((state.place, state.lesson), (Place::Rehearse, first));
    assert!(state.playback.is_playing());
    assert!(matches!(state.data, DataState::Loaded(_)));
    assert!(
        state
            .models
            .iter()
            .all(|model| matches!(model, ModelState::Checked(check) if check.fits()))
    );
    let outcome = &desk.run().recording.as_ref().unwrap().outcome;
    assert_eq!(outcome.kind, OutcomeKind::Aborted, "{}", outcome.reason);
    assert_eq!(state.library.list().len(), 1);

    // The lesson follows the playback.
    while desk.state().playback.is_playing() {
        desk.app.logic(1_000.0);
    }
    assert_eq!(desk.state().lesson.map(|teaching| teaching.step), Some(2));
    desk.apply(Command::SkipLesson);
    desk.restart();
    assert!(desk.state().settings.known_lessons.contains(&Lesson::Canary));
    let id = desk.state().library.list()[0].id.clone();
    desk.apply(Command::OpenExperiment(id));
    assert!(desk.run().is_finished());
    assert_eq!(desk.state().playback.now(), desk.run().recording.as_ref().unwrap().end());
}

#[test]
fn own_files_become_a_run_that_forks_and_is_verified() {
    let mut desk = Desk::new();
    let samples = desk.samples();
    desk.apply(Command::OpenPath(samples.join("loans/loans.csv")));
    assert_eq!(desk.state().place, Place::Data);
    assert!(desk.state().guessed.contains("status"));
    desk.apply(Command::SetRole { column: "status".to_owned(), role: Role::Label });
    assert!(!desk.state().guessed.contains("status"));
    for (arm, folder) in ["v1", "v2_good"].into_iter().enumerate() {
        let folder = samples.join("loans/models").join(folder);
        desk.apply(Command::Picked(Ask::ModelFolder(arm), folder));
    }
    desk.edit(|draft| {
        draft.data.positive = Some("bad".to_owned());
        draft.traffic.duration = SimSpan::from_secs(120);
        draft.strategy = StrategyKind::Shadow.default_strategy();
    });
    let problems = desk.state().plan.problems();
    assert!(problems.is_empty(), "{problems:?}");
    desk.apply(Command::Rehearse);
    assert!(desk.run().is_finished(), "{:?}", desk.state().notices);

    let at = SimTime::from_secs(60);
    desk.apply(Command::Playback(PlaybackCommand::Seek(at)));
    desk.apply(Command::Intervene(InterventionKind::Abort));
    assert_eq!(desk.state().runs.len(), 2);
    assert_eq!((desk.run().forked_at, desk.state().playback.now()), (Some(at), at));
    let [parent, fork] = &desk.state().runs[..] else { panic!("two runs") };
    assert_eq!(fork.parent, parent.id);
    let before = |run: &Run| {
        let windows = run.recording.as_ref().unwrap().windows.iter();
        windows.take_while(|window| window.end < at).cloned().collect::<Vec<_>>()
    };
    assert!(!before(fork).is_empty());
    assert_eq!(before(fork), before(parent), "a fork equals its parent before its time");

    desk.apply(Command::Verify(None));
    assert!(desk.last_notice().text.starts_with("Reproduced"), "{:?}", desk.last_notice());
    desk.apply(Command::CompareStrategies);
    let compared = desk.state().compared.as_ref().unwrap();
    assert_eq!(compared.len(), StrategyKind::ALL.len());
}

#[test]
fn a_shared_run_is_opened_verified_and_forked_without_its_library() {
    let mut author = Desk::new();
    author.apply(Command::StartSample(StrategyKind::Canary));
    let id = author.run().id.clone().unwrap();
    let file = author.folder.path().join("shared.rehearsal");
    author.apply(Command::Picked(Ask::Share(id, Sharing::Whole), file.clone()));

    let mut reviewer = Desk::new();
    reviewer.apply(Command::OpenPath(file));
    assert_eq!(reviewer.run().recording, author.run().recording);
    reviewer.apply(Command::Verify(None));
    assert!(reviewer.last_notice().text.starts_with("Reproduced"), "{:?}", reviewer.last_notice());
    reviewer.apply(Command::Intervene(InterventionKind::PromoteFully));
    assert!(reviewer.run().is_finished() && reviewer.run().file.is_none());
    assert_eq!(reviewer.state().library.list().len(), 1, "the fork is the reviewer's own");
}

#[test]
fn what_fails_is_told_where_it_belongs() {
    let mut desk = Desk::new();
    let samples = desk.samples();
    let missing = desk.folder.path().join("none.csv");
    desk.apply(Command::OpenPath(missing.clone()));
    let DataState::Failed { path, .. } = &desk.state().data else { panic!("not failed") };
    assert_eq!(*path, missing);

    desk.apply(Command::OpenPath(samples.join("loans/loans.csv")));
    let source = ModelSource::Folder(desk.folder.path().display().to_string());
    desk.apply(Command::SetModel { arm: 1, source });
    assert!(matches!(desk.state().models[1], ModelState::Failed(_)));
    assert!(desk.state().notices.list().is_empty(), "{:?}", desk.state().notices);

    // Not even a plan.
    desk.apply(Command::OpenPath(samples.join("loans/loans.csv").with_file_name("none.toml")));
    let notice = desk.last_notice();
    assert_eq!(notice.level, Level::Fault);
    assert!(matches!(desk.state().library, LibraryState::Read(_)), "the library is not to blame");
}

#[test]
fn cancelling_ends_a_run_and_keeps_what_there_is() {
    let mut desk = Desk::new();
    let plan = desk.samples().join("loans/plans/canary.toml");
    desk.apply(Command::OpenPath(plan));
    desk.edit(|draft| draft.traffic.duration = SimSpan::from_secs(10_000_000));
    desk.app.apply(Command::Rehearse);
    while desk.run().recording.is_none() {
        assert!(desk.run().is_running(), "{:?}", desk.state().notices);
        std::thread::sleep(Duration::from_millis(1));
        desk.app.logic(0.0);
    }
    desk.apply(Command::CancelAll);
    assert_eq!(desk.run().stage, RunStage::Stopped("Cancelled".to_owned()));
    assert!(!desk.run().recording.as_ref().unwrap().windows.is_empty());
    assert!(Command::Rehearse.can_run(desk.state()).is_ok());
}
