use egui::{Theme, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::domain::{Metric, OutcomeKind, StrategyKind};
use crate::stats::Interval;
use crate::stats::verdict::Headline;
use crate::store::{KeyMetric, Shown, Status as Stored};
use crate::ui::testing::Screen;

struct Seen {
    state: State,
    memory: LibraryMemory,
    commands: Vec<Command>,
}

fn summary(number: usize) -> Summary {
    let names = ["Churn v2, canary", "Fraud 3, shadow", "Loans, A/B", "Loans, blue-green"];
    let outcomes = [OutcomeKind::Promoted, OutcomeKind::Observed, OutcomeKind::Aborted];
    let id = |number: usize| ExperimentId::parse(&format!("x{number:07}")).unwrap();
    let delta = (number % 7) as f64 / 100.0 - 0.02;
    Summary {
        id: id(number),
        name: names[number % 4].to_owned(),
        strategy: StrategyKind::ALL[number % 7],
        status: Stored::Finished,
        outcome: Some(outcomes[number % 3]),
        reason: Some("all gates passed".to_owned()),
        created: Timestamp::now() - SignedDuration::from_mins(37 * number as i64),
        arms: vec!["risk v1".to_owned(), "risk v2".to_owned()],
        dataset: "loans.csv".to_owned(),
        digest: Some("0".repeat(64)),
        parent: (number % 4 == 1).then(|| id(number + 1)),
        program_version: "0.1.0".to_owned(),
        shown: Some(Shown {
            headline: Headline::Promote,
            key: Some(KeyMetric {
                metric: Metric::Accuracy,
                delta,
                interval: Interval::new(delta - 0.01, delta + 0.01),
            }),
        }),
        tags: if number == 0 { vec!["spring".to_owned()] } else { Vec::new() },
        author: ["Ada", "Bob", ""][number % 3].to_owned(),
        notes: String::new(),
        is_archived: number == 3,
    }
}

fn screen(theme: Theme, size: Vec2, count: usize, is_tree: bool) -> Screen<'static, Seen> {
    let mut state = State { place: Place::Library, ..State::default() };
    state.library = LibraryState::Read((0..count).map(summary).collect());
    state.settings.library.is_tree = is_tree;
    let seen = Seen { state, memory: LibraryMemory::default(), commands: Vec::new() };
    let mut screen = Screen::new(theme, size, seen, |ui, seen| {
        let mut commands = Commands::default();
        library_ui(ui, &seen.state, &mut seen.memory, &mut commands);
        for command in commands.take() {
            if let Command::SetLibraryView(view) = &command {
                seen.state.settings.library = (**view).clone();
            }
            seen.commands.push(command);
        }
    });
    screen.harness.run();
    screen
}

#[test]
fn the_chosen_experiment_is_told_and_can_be_acted_on() {
    for (size, name) in [(vec2(896.0, 574.0), "small"), (vec2(1_472.0, 930.0), "large")] {
        for theme in [Theme::Dark, Theme::Light] {
            let mut screen = screen(theme, size, 40, true);
            screen.harness.get_by_label("Churn v2, canary, Single, promoted").click();
            screen.harness.run();
            screen.save(&format!("library-{name}"));
            screen.harness.key_press(egui::Key::Enter);
            screen.harness.run();
            screen.harness.get_by_label("Review").click();
            screen.harness.get_by_label("Archive").click();
            screen.harness.run();
            let id = summary(0).id;
            let commands = &screen.harness.state().commands;
            assert_eq!(commands.first(), Some(&Command::OpenExperiment(id.clone())), "by Enter");
            assert!(commands.contains(&Command::ReviewExperiment(id.clone())), "{commands:?}");
            assert!(commands.contains(&Command::Archive(id, true)));
        }
    }
}

#[test]
fn ten_thousand_experiments_are_sorted_once_and_not_at_every_frame() {
    let mut screen = screen(Theme::Dark, vec2(896.0, 574.0), 10_000, false);
    screen.harness.get_by_label_contains("9999 of 10000 experiments");
    screen.harness.get_by_label("Sort by Name").click();
    screen.harness.run();
    let begun = std::time::Instant::now();
    screen.harness.run_steps(10);
    let frame = begun.elapsed() / 10;
    assert!(frame.as_millis() < 100, "{frame:?} a frame");
    assert_eq!(screen.harness.state().memory.rows.len(), 9_999);
}
