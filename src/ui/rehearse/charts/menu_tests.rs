//! What can be done with a chart, by its menu.

use egui::{Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use crate::app::{Ask, Command, Commands};
use crate::domain::{Metric, Plan, Recording, StrategyKind};
use crate::ui::rehearse::{RehearseMemory, RehearseView, fixture, rehearse_ui};
use crate::ui::testing::Screen;

type Shown = (Plan, Recording, RehearseMemory, Commands);

fn screen() -> Screen<'static, Shown> {
    let kind = StrategyKind::Canary;
    let shown: Shown =
        (fixture::plan(kind), fixture::recording(kind), Default::default(), Default::default());
    Screen::new(Theme::Light, vec2(1_400.0, 900.0), shown, |ui, shown| {
        let (plan, recording, memory, commands) = shown;
        let playback = fixture::playback(recording, 150);
        let view = RehearseView {
            run: 1,
            plan,
            recording,
            playback: &playback,
            notes: &[],
            forks: &[],
            is_still: false,
        };
        rehearse_ui(ui, &view, memory, commands);
    })
}

/// Opens the menu of a chart and presses one of its buttons.
fn choose(screen: &mut Screen<'static, Shown>, chart: &str, item: &str) {
    screen.harness.get_by_label(&format!("More about {chart}")).click();
    screen.harness.run();
    screen.harness.get_by_label(item).click();
    screen.harness.run();
}

#[test]
fn a_chart_becomes_a_table_and_comes_back() {
    let mut screen = screen();
    choose(&mut screen, "Error rate", "Show as table");
    screen.save("chart-table");
    assert!(screen.harness.query_by_label("More about Error rate").is_none());
    screen.harness.get_by_label("Back to the charts").click();
    screen.harness.run();
    screen.harness.get_by_label("More about Error rate");
}

#[test]
fn a_chart_leaves_as_a_file_with_all_its_numbers() {
    let mut screen = screen();
    choose(&mut screen, "Accuracy", "Export CSV…");
    choose(&mut screen, "Accuracy", "Export PNG…");
    let files: Vec<_> = screen
        .harness
        .state()
        .3
        .list()
        .iter()
        .filter_map(|command| match command {
            Command::Choose(Ask::Chart(file)) => Some(file.clone()),
            _ => None,
        })
        .collect();
    let [csv, png] = &files[..] else { panic!("two files: {files:?}") };
    assert_eq!((csv.stem.as_str(), csv.ending, png.ending), ("accuracy", "csv", "png"));
    let text = String::from_utf8(csv.bytes.to_vec()).unwrap();
    assert!(text.starts_with("seconds,A,A low,A high,B,B low,B high\n"), "{text:.80}");
    assert!(text.lines().count() > 100 && text.lines().all(|line| line.matches(',').count() == 6));
    assert!(png.bytes.starts_with(b"\x89PNG") && png.bytes.len() > 5_000);
}

#[test]
fn another_metric_can_stand_in_a_charts_place() {
    let mut screen = screen();
    screen.harness.state_mut().2.charts.chosen.insert(0, Metric::LatencyP50);
    screen.harness.run();
    screen.harness.get_by_label_contains("Chart p50 latency: A ");
    assert!(screen.harness.query_by_label_contains("Chart Accuracy").is_none());
}
