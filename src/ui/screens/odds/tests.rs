use std::sync::Arc;

use egui::{Theme, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::domain::{OutcomeKind, Regression, SimSpan, Task};
use crate::stats::odds::{Rung, Trial};
use crate::ui::testing::Screen;

struct Shown {
    state: State,
    memory: OddsMemory,
    commands: Vec<Command>,
}

/// Odds in which a regression is caught the more often the worse it is.
fn odds(sharpness: f64) -> Arc<Odds> {
    let rung = |regression: Regression| {
        let step = regression.severity().map_or(0.0, |(_, severity)| severity);
        let stopped = 200.0 * (1.0 - (-sharpness * step).exp());
        let trial = |run: u32| {
            let is_stopped = f64::from(run) < stopped.max(3.0);
            Trial {
                outcome: if is_stopped { OutcomeKind::Aborted } else { OutcomeKind::Promoted },
                detected_after: is_stopped.then(|| SimSpan::from_secs(60 + u64::from(run))),
                full_after: None,
                exposed: 7_000,
                net_harm: 310,
                failed: 0,
                cost: 0.0,
                objected: if is_stopped { vec![(run % 2) as u16] } else { Vec::new() },
            }
        };
        Rung::of(regression, (0..200).map(trial).collect())
    };
    let ladders = Regression::ladders(&Task::Binary, true);
    let rungs = ladders.into_iter().map(rung).collect();
    Arc::new(Odds { runs: 200, first_seed: 1, rungs })
}

fn known() -> State {
    let (canary, direct) = (StrategyKind::Canary, StrategyKind::Direct);
    let known = vec![(canary, odds(0.9)), (direct, odds(0.3))];
    let plan = Some(Arc::new(crate::ui::rehearse::fixture::plan(canary)));
    let odds = OddsState { known, plan, asking: None };
    State { place: Place::Odds, odds, ..State::default() }
}

fn screen(theme: Theme, size: Vec2, state: State) -> Screen<'static, Shown> {
    let shown = Shown { state, memory: OddsMemory::default(), commands: Vec::new() };
    let mut screen = Screen::new(theme, size, shown, |ui, shown| {
        let mut commands = Commands::default();
        odds_ui(ui, &shown.state, &mut shown.memory, &mut commands);
        shown.commands.extend(commands.take());
    });
    screen.harness.run();
    screen
}

#[test]
fn curves_sentences_and_table_of_the_chosen_strategy_are_shown() {
    for (size, name) in [(vec2(896.0, 574.0), "small"), (vec2(1_312.0, 830.0), "large")] {
        for theme in [Theme::Dark, Theme::Light] {
            let mut screen = screen(theme, size, known());
            screen.save(&format!("odds-{name}"));
            screen.harness.get_by_label_contains("Latency, not shipped: the baseline again");
            screen.harness.get_by_label_contains("Of quality, the least that is caught");
            screen.harness.get_by_label_contains("Gates that fail if");
            screen.harness.get_by_label("Direct").click();
            screen.harness.run();
            assert_eq!(screen.harness.state().memory.chosen, Some(StrategyKind::Direct));
        }
    }
}

#[test]
fn without_odds_it_says_what_they_are_for_and_asks() {
    let mut screen = screen(Theme::Light, vec2(896.0, 574.0), State::default());
    screen.save("odds-empty");
    screen.harness.get_by_label("Show the plan").click();
    screen.harness.run();
    assert!(screen.harness.state().commands.contains(&Command::Go(Place::Plan)));
}
