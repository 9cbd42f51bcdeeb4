//! What people do with the whole window, from keys and clicks to the facts in the state.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Theme, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;

use super::file_dialog::Picker;
use super::workbench::Workbench;
use crate::app::{App, Ask, Command, DataState, LibraryState, ModelState, Overlay, Place, State};
use crate::app::{Lesson, Teaching};
use crate::domain::StrategyKind;
use crate::ui::testing::Screen;
use crate::worker::Workers;

const SMALL: Vec2 = vec2(1_024.0, 640.0);
const LARGE: Vec2 = vec2(1_600.0, 1_000.0);

/// A picker that answers what a test puts into it.
#[derive(Clone, Default)]
struct Answers(Rc<RefCell<Vec<Asked>>>);

/// What was asked for, and the answer that a test has put in.
type Asked = (Ask, Option<PathBuf>);

impl Picker for Answers {
    fn open(&mut self, ask: &Ask, _: Option<&Path>) {
        self.0.borrow_mut().push((ask.clone(), None));
    }

    fn answer(&mut self) -> Option<Option<PathBuf>> {
        let mut asked = self.0.borrow_mut();
        asked.last_mut()?.1.take().map(Some)
    }
}

pub(super) struct Bench {
    pub(super) screen: Screen<'static, Workbench>,
    picker: Answers,
    /// Holds the library.
    folder: tempfile::TempDir,
}

impl Bench {
    pub(super) fn new(theme: Theme, size: Vec2) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workers = Workers::new(&folder.path().join("library.rehearsal"), || {}).unwrap();
        let picker = Answers::default();
        let mut app = App::new(workers, None);
        app.state.settings.theme = match theme {
            Theme::Dark => crate::app::ThemeChoice::Dark,
            Theme::Light => crate::app::ThemeChoice::Light,
        };
        let bench = Workbench::new(app, Box::new(picker.clone()));
        let screen = Screen::new(theme, size, bench, |ui, bench| {
            bench.logic(ui.ctx());
            // The whole window, as the program has it: the harness leaves a margin.
            let whole = egui::UiBuilder::new().max_rect(ui.ctx().content_rect());
            bench.ui(&mut ui.new_child(whole));
        });
        let mut bench = Self { screen, picker, folder };
        bench.until("the library is read", |state| {
            matches!(state.library, LibraryState::Read(_)) && !state.has_jobs
        });
        bench
    }

    pub(super) fn state(&self) -> &State {
        &self.screen.harness.state().app.state
    }

    pub(super) fn apply(&mut self, command: Command) {
        self.screen.harness.state_mut().app.apply(command);
        self.step();
    }

    pub(super) fn step(&mut self) {
        self.screen.harness.step();
    }

    /// Draws frames until something holds; background work needs real time.
    pub(super) fn until(&mut self, what: &str, holds: impl Fn(&State) -> bool) {
        let began = Instant::now();
        loop {
            self.step();
            if holds(self.state()) {
                return self.step();
            }
            let notices = self.state().notices.list();
            assert!(began.elapsed() < Duration::from_secs(60), "waited for: {what}; {notices:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn key(&mut self, key: Key) {
        self.keys(Modifiers::NONE, key);
    }

    fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.screen.harness.key_press_modifiers(modifiers, key);
        self.step();
        self.step();
    }

    pub(super) fn click(&mut self, label: &str) {
        self.screen.harness.get_by_label(label).click();
        self.step();
        self.step();
    }

    /// Turns the wheel in the middle of the window; below 0 what is further down comes up.
    fn scroll(&mut self, points: f32) {
        let centre = self.screen.harness.ctx.content_rect().center();
        self.screen.harness.event(egui::Event::PointerMoved(centre));
        self.screen.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        // It is scrolled smoothly.
        (0..20).for_each(|_| self.step());
    }

    pub(super) fn has(&self, label: &str) -> bool {
        self.screen.harness.query_all_by_label_contains(label).next().is_some()
    }
}

#[test]
fn one_key_press_from_the_first_screen_a_canary_plays() {
    let mut bench = Bench::new(Theme::Dark, LARGE);
    bench.screen.save("start-large");
    assert!(bench.has("Canary in 30 seconds"));
    bench.key(Key::Enter);
    bench.until("the example plays", |state| {
        state.place == Place::Rehearse
            && state.playback.is_playing()
            && state.playback.simulated().micros() > 0
    });
    assert_eq!(bench.state().shown_run().unwrap().plan.strategy.kind(), StrategyKind::Canary);
    assert_eq!(bench.state().lesson, Some(Teaching::new(Lesson::Canary)));
    assert!(bench.has("Every dot is a group of requests"));
    bench.screen.save("lesson-large");
    let step = |state: &State| state.lesson.map(|teaching| teaching.step);
    bench.until("the gate caught it", |state| step(state) == Some(2));
    bench.screen.save("lesson-caught-large");
    bench.key(Key::Enter);
    bench.screen.save("lesson-exercise-large");
    bench.click("Try it");
    bench.until("a second run forks off", |state| {
        state.runs.len() == 2
            && state.shown == Some(1)
            && state.shown_run().is_some_and(crate::app::Run::is_finished)
    });
    let [first, second] = &bench.state().runs[..] else { panic!("two runs") };
    let outcome = |run: &crate::app::Run| run.recording.as_ref().unwrap().outcome.kind;
    assert!(outcome(first).is_refusal() && !outcome(second).is_refusal());
    assert_eq!(step(bench.state()), Some(4));
    bench.step();
    bench.screen.save("lesson-question-large");
    bench.click("More than a half");
    let answered = bench.state().lesson.and_then(|teaching| teaching.answer);
    assert_eq!(answered, Some(2));
    assert!(bench.has("requests, "), "the replay tells the measured share");
    bench.screen.save("lesson-fork-large");
    bench.key(Key::Escape);
    assert_eq!(bench.state().lesson, None);
}

/// Every overlay and question, to be looked at.
#[test]
fn overlays_open_by_their_keys_and_escape_closes_them() {
    for theme in [Theme::Dark, Theme::Light] {
        for (size, name) in [(SMALL, "small"), (LARGE, "large")] {
            let mut bench = Bench::new(theme, size);
            bench.screen.save(&format!("start-{name}"));
            for (modifiers, key, overlay) in [
                (Modifiers::COMMAND, Key::K, Overlay::Palette),
                (Modifiers::NONE, Key::F1, Overlay::Keys),
                (Modifiers::COMMAND, Key::Comma, Overlay::Settings),
            ] {
                bench.keys(modifiers, key);
                assert_eq!(bench.state().overlay, Some(overlay));
                bench.screen.save(&format!("{overlay:?}-{name}").to_lowercase());
                bench.key(Key::Escape);
                assert_eq!(bench.state().overlay, None, "{overlay:?}");
            }
            for overlay in [Overlay::Notices, Overlay::About] {
                bench.apply(Command::Show(overlay));
                bench.step();
                bench.screen.save(&format!("{overlay:?}-{name}").to_lowercase());
                bench.apply(Command::Close);
            }
        }
    }
}

#[test]
fn a_file_dialog_and_a_typed_path_lead_to_the_same() {
    let mut bench = Bench::new(Theme::Dark, SMALL);
    let path = bench.folder.path().join("rows.csv");
    std::fs::write(&path, "user,amount,label\n1,2.5,yes\n2,3.5,no\n").unwrap();
    bench.keys(Modifiers::COMMAND, Key::O);
    assert_eq!(bench.picker.0.borrow().last().map(|(ask, _)| ask.clone()), Some(Ask::Open));
    bench.screen.save("prompt-small");
    bench.picker.0.borrow_mut().last_mut().unwrap().1 = Some(path.clone());
    bench.until("the dataset is read", |state| state.dataset().is_some());
    assert_eq!(bench.state().place, Place::Data);
    bench.apply(Command::Go(Place::Start));
    bench.step();
    let missing = bench.folder.path().join("missing.csv");
    let field = bench.screen.harness.get_by_label("Path of a file");
    field.focus();
    field.type_text(&missing.display().to_string());
    bench.step();
    bench.key(Key::Enter);
    bench.until("the fault is told", |state| matches!(state.data, DataState::Failed { .. }));
    bench.screen.save("data-failed-small");
}

/// The example, simulated to its end and kept.
fn rehearsed(theme: Theme, size: Vec2) -> Bench {
    let mut bench = Bench::new(theme, size);
    bench.apply(Command::StartSample(StrategyKind::Canary));
    bench.until("the example is kept", |state| {
        let is_kept = |run: &crate::app::Run| run.is_finished() && run.id.is_some();
        state.shown_run().is_some_and(is_kept) && !state.has_jobs
    });
    bench.apply(Command::SkipLesson);
    bench
}

#[test]
fn an_experiment_is_found_again_and_opens_on_its_verdict() {
    let mut bench = rehearsed(Theme::Light, LARGE);
    let name = bench.state().shown_run().unwrap().title.clone();
    bench.apply(Command::CloseRun(0));
    assert!(bench.state().shown_run().is_none());
    bench.screen.save("rehearse-nothing-large");
    bench.keys(Modifiers::COMMAND, Key::L);
    bench.until("the library is read", |state| !state.has_jobs);
    assert_eq!(bench.state().place, Place::Library);
    bench.screen.harness.get_by_label_contains(&format!("{name}, ")).click();
    bench.step();
    bench.step();
    bench.screen.save("library-large");
    bench.key(Key::Enter);
    bench.until("it is open", |state| state.shown_run().is_some());
    let state = bench.state();
    assert_eq!(state.place, Place::Rehearse);
    assert_eq!(state.playback.now(), state.playback.end(), "on its verdict");
    bench.apply(Command::Go(Place::Start));
    bench.step();
    assert!(bench.has(&format!("Open {name}, ")));
    bench.screen.save("start-recent-large");
}

#[test]
fn every_strategy_is_compared_and_so_are_runs() {
    let mut bench = rehearsed(Theme::Dark, SMALL);
    bench.apply(Command::Go(Place::Plan));
    bench.step();
    bench.scroll(-600.0);
    bench.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    assert_eq!(bench.state().place, Place::Compare);
    bench.until("the strategies are compared", |state| state.compared.is_some());
    let known = bench.state().compared.as_ref().map_or(0, |compared| compared.len());
    assert_eq!(known, StrategyKind::ALL.len());
    for kind in StrategyKind::ALL {
        let head = format!("{}: ", kind.label());
        let node = bench.screen.harness.query_all_by_label_contains(&head).next();
        let top = node.map(|node| node.rect().top());
        assert!(top.is_some_and(|top| top > 0.0), "{head}: scrolled away with the plan? {top:?}");
    }
    bench.screen.save("compare-real-small");
    bench.apply(Command::Rehearse);
    bench.until("it has ended", |state| !state.has_jobs && state.runs.len() == 2);
    bench.apply(Command::Go(Place::Compare));
    bench.step();
    bench.click("Runs");
    assert!(bench.has("Only what differs") && !bench.has("Compare needs two runs"));
    bench.screen.save("compare-runs-small");
}

#[test]
fn the_palette_runs_what_is_typed_and_the_menu_what_is_clicked() {
    let mut bench = Bench::new(Theme::Dark, SMALL);
    bench.keys(Modifiers::COMMAND, Key::K);
    bench.screen.harness.event(egui::Event::Text("golib".to_owned()));
    bench.step();
    bench.key(Key::Enter);
    assert_eq!((bench.state().place, bench.state().overlay), (Place::Library, None));
    bench.click("View");
    bench.screen.save("menu-small");
    bench.screen.harness.get_by_label_contains("Go to Plan").click();
    bench.step();
    assert_eq!(bench.state().place, Place::Plan);
}

#[test]
fn unsaved_work_is_asked_about_before_it_is_lost() {
    let mut bench = Bench::new(Theme::Light, SMALL);
    let mut draft = bench.state().plan.draft().clone();
    draft.name = "Unsaved".to_owned();
    bench.apply(Command::EditPlan(Box::new(draft)));
    bench.keys(Modifiers::COMMAND, Key::Q);
    assert!(!bench.state().is_quitting && bench.has("Close without saving the plan?"));
    bench.screen.save("question-small");
    bench.click("Keep");
    assert!(!bench.has("Close without saving the plan?"));
    // An example brings a plan of its own.
    let card = "Canary in 30 seconds";
    bench.screen.harness.get_by_label_contains(card).click();
    bench.step();
    bench.step();
    assert!(bench.has("Leave the plan without saving it?"));
    bench.click("Keep");
    assert_eq!(bench.state().plan.draft().name, "Unsaved");
    bench.screen.harness.get_by_label_contains(card).click();
    bench.step();
    bench.step();
    bench.click("Leave it");
    bench.until("the example plays", |state| state.playback.is_playing());
}

#[test]
fn an_idle_window_asks_for_no_frame() {
    let mut bench = Bench::new(Theme::Dark, SMALL);
    bench.apply(Command::Go(Place::Library));
    bench.until("the library is read", |state| !state.has_jobs);
    // Fails if frames are asked for without end.
    bench.screen.harness.run();
}

#[test]
fn own_rows_and_two_models_lead_to_an_experiment_that_is_kept() {
    let mut bench = Bench::new(Theme::Light, LARGE);
    let samples = crate::worker::sample::unpack(bench.folder.path()).unwrap();
    let rows = bench.folder.path().join("mine.csv");
    std::fs::copy(samples.join("loans/loans.csv"), &rows).unwrap();

    let field = bench.screen.harness.get_by_label("Path of a file");
    field.focus();
    field.type_text(&rows.display().to_string());
    bench.step();
    bench.key(Key::Enter);
    bench.until("the rows are read", |state| state.dataset().is_some());
    assert_eq!(bench.state().place, Place::Data);
    bench.screen.save("own-data-large");

    bench.keys(Modifiers::COMMAND, Key::Num3);
    for (arm, model) in [(0, "v1"), (1, "v2_good")] {
        bench.apply(Command::Choose(Ask::ModelFolder(arm)));
        bench.step();
        let folder = samples.join("loans/models").join(model);
        bench.picker.0.borrow_mut().last_mut().unwrap().1 = Some(folder);
        bench.until("the model is checked", |state| {
            matches!(state.models.get(arm), Some(ModelState::Checked(_)))
        });
    }
    bench.screen.save("own-models-large");
    bench.keys(Modifiers::COMMAND, Key::Num4);
    assert_eq!(bench.state().plan.problems(), []);
    bench.screen.save("own-plan-large");
    bench.key(Key::F5);
    bench.until("the rehearsal is kept", |state| {
        state.shown_run().is_some_and(|run| run.is_finished() && run.id.is_some())
            && !state.has_jobs
    });
    bench.screen.save("own-run-large");
    let id = bench.state().shown_run().unwrap().id.clone().unwrap();
    let recording = bench.state().shown_run().unwrap().recording.clone();
    bench.apply(Command::CloseRun(0));
    bench.apply(Command::OpenExperiment(id.clone()));
    bench.until("it is open again", |state| state.shown_run().is_some());
    assert_eq!(bench.state().shown_run().unwrap().recording, recording);
    bench.apply(Command::Verify(None));
    bench.until("it is verified", |state| {
        state.notices.list().iter().any(|notice| notice.text.starts_with("Reproduced"))
    });
    bench.screen.save("own-verified-large");
}
