use egui::{Theme, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::report::oracle::Table;
use crate::ui::testing::Screen;

struct Shown {
    state: State,
    memory: CompareMemory,
    commands: Vec<Command>,
}

fn screen(theme: Theme, size: Vec2, state: State) -> Screen<'static, Shown> {
    let shown = Shown { state, memory: CompareMemory::default(), commands: Vec::new() };
    let mut screen = Screen::new(theme, size, shown, |ui, shown| {
        let mut commands = Commands::default();
        compare_ui(ui, &shown.state, &mut shown.memory, &mut commands);
        shown.commands.extend(commands.take());
    });
    screen.harness.run();
    screen
}

#[test]
fn all_strategies_stand_side_by_side_with_their_figures() {
    for (size, name) in [(vec2(896.0, 574.0), "small"), (vec2(1_472.0, 930.0), "large")] {
        for theme in [Theme::Dark, Theme::Light] {
            let mut screen = screen(theme, size, fixture::compared());
            screen.save(&format!("compare-{name}"));
            screen.harness.get_by_label("Direct: promoted").click();
            screen.harness.run();
            screen.harness.get_by_label("Measure against it").click();
            screen.harness.run();
            screen.save(&format!("compare-{name}-pinned"));
            let row = screen.harness.get_by_label_contains("Requests exposed: Single 0");
            row.click();
            screen.harness.run();
            let memory = &screen.harness.state().memory;
            assert_eq!((memory.chosen, memory.pinned), (Some(1), Some(1)));
            assert_eq!(memory.sorted_by.as_deref(), Some("Requests exposed"));
        }
    }
}

#[test]
fn what_really_happened_is_told_beneath_the_figures() {
    let line = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let by_segment = Table {
        title: "Net wrong answers caused, by segment (all labels known)",
        heads: line(&["Segment", "Requests", "True difference", "Direct", "Canary"]),
        lines: vec![
            line(&["fixed", "85,941", "+6.55 pts", "−503", "−275"]),
            line(&["freelance", "30,848", "−42.16 pts", "1,156", "760"]),
        ],
        words: 1,
    };
    let decisions = Table {
        title: "Gate decisions that labels at once would have changed",
        heads: line(&["Gate", "Stage", "Arm", "Run", "Then", "With labels at once", ""]),
        lines: vec![line(&[
            "Accuracy floor",
            "Canary 5 %",
            "B",
            "Canary",
            "not enough data at 0:02:00",
            "fail at 0:01:00",
            "reversed",
        ])],
        words: 7,
    };
    let told = Hindsight {
        tables: vec![by_segment, decisions],
        warnings: vec![
            "B is worse in all (−3.7 pts), but not everywhere: fixed +6.55 pts.".to_owned(),
        ],
    };
    for theme in [Theme::Dark, Theme::Light] {
        let mut screen = Screen::new(theme, vec2(720.0, 300.0), told.clone(), |ui, told| {
            card(ui, |ui| hindsight::hindsight_ui(ui, told));
        });
        screen.harness.run();
        screen.harness.get_by_label("freelance");
        screen.harness.get_by_label("reversed");
        screen.harness.get_by_label_contains("B is worse in all");
        screen.save("compare-hindsight");
    }
}

#[test]
fn with_nothing_to_compare_it_says_what_to_do() {
    let mut screen = screen(Theme::Dark, vec2(896.0, 574.0), State::default());
    screen.harness.get_by_label("Show the plan").click();
    screen.harness.run();
    assert!(screen.harness.state().commands.contains(&Command::Go(Place::Plan)));
    screen.harness.get_by_label("Runs").click();
    screen.harness.run();
    screen.harness.get_by_label_contains("Compare needs two runs");
}
