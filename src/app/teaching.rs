//! Commands about examples and lessons.

use super::PlaybackCommand;
use super::lesson::{Lesson, Teaching, question};
use super::program::{App, Next};
use crate::domain::StrategyKind;
use crate::worker::{Story, Task};

impl App {
    /// Plays the example of a strategy; with its lesson, until that is known.
    pub(super) fn start_sample(&mut self, kind: StrategyKind) {
        let plan = example_plan(kind);
        let lesson = Lesson::of(kind)
            .filter(|lesson| lesson.plan().1 == plan)
            .filter(|lesson| !self.state.settings.known_lessons.contains(lesson));
        self.play_example(Story::Loans, plan, lesson);
    }

    pub(super) fn start_lesson(&mut self, lesson: Lesson) {
        let (story, plan) = lesson.plan();
        self.play_example(story, plan, Some(lesson));
    }

    fn play_example(&mut self, story: Story, plan: &'static str, lesson: Option<Lesson>) {
        let job = self.start(Task::UnpackSample { story });
        self.next.insert(job, Next::ReadExample(plan, lesson));
    }

    /// The example of `lesson` has begun to play; without one, none is going on any more.
    pub(super) fn begin_lesson(&mut self, lesson: Option<Lesson>) {
        self.state.lesson = lesson.map(Teaching::new);
        if let Some(lesson) = lesson {
            self.play(PlaybackCommand::SlowAtEvents(true));
            if let Some(speed) = lesson.speed() {
                self.play(PlaybackCommand::SetSpeed(speed));
            }
        }
    }

    /// Goes on to the next step, and with it to the moment that it speaks of.
    pub(super) fn next_lesson_step(&mut self) {
        let Some(teaching) = self.state.lesson.as_mut().filter(|teaching| !teaching.is_last())
        else {
            return self.end_lesson();
        };
        teaching.step += 1;
        let step = teaching.step();
        let recording = self.state.shown_run().and_then(|run| run.recording.as_deref());
        let moment = step.zip(recording).and_then(|(step, recording)| step.moment(recording));
        if let Some(at) = moment
            && at > self.state.playback.now()
        {
            self.play(PlaybackCommand::Seek(at));
        }
    }

    /// Notes the answer, and shows the moment that tells whether it is right.
    pub(super) fn answer_lesson(&mut self, choice: usize) {
        let Some(mut teaching) = self.state.lesson else { return };
        teaching.answer = Some(choice);
        self.state.lesson = Some(teaching);
        let run = self.state.shown_run();
        let recording = run.and_then(|run| run.recording.as_deref());
        if let Some(question) = recording.and_then(|all| question(teaching.lesson, all)) {
            self.play(PlaybackCommand::Pause);
            self.play(PlaybackCommand::Seek(question.seen_at));
        }
    }

    pub(super) fn end_lesson(&mut self) {
        if let Some(teaching) = self.state.lesson.take() {
            self.change_settings(|settings| {
                settings.known_lessons.insert(teaching.lesson);
            });
        }
    }
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
        StrategyKind::Bandit => "bandit.toml",
    }
}
