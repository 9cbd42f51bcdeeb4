//! What the settings change in the whole window.

use egui::{FontId, Theme, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::flows::Bench;
use crate::app::{Command, Overlay, Place, PlaybackCommand, Run, TextSize};
use crate::domain::{LatencyUnit, RateUnit, StrategyKind, TimeUnit, Unit};

const SMALL: Vec2 = vec2(1_024.0, 640.0);

fn finished_run(theme: Theme) -> Bench {
    let mut bench = Bench::new(theme, SMALL);
    bench.apply(Command::StartSample(StrategyKind::Canary));
    bench.until("the run has ended", |state| state.shown_run().is_some_and(Run::is_finished));
    bench.apply(Command::Playback(PlaybackCommand::ToEnd));
    bench
}

#[test]
fn text_grows_and_units_change_everywhere_at_once() {
    for theme in [Theme::Dark, Theme::Light] {
        let mut bench = finished_run(theme);
        let line = |bench: &Bench| {
            let font = FontId::proportional(13.0);
            bench.screen.harness.ctx.fonts_mut(|fonts| fonts.row_height(&font))
        };
        let usual = line(&bench);
        let end = bench.state().playback.end();
        bench.screen.harness.get_by_label_contains(&format!("of {}", end.clock()));
        for unit in [
            Unit::Latency(LatencyUnit::Secs),
            Unit::Rate(RateUnit::Fraction),
            Unit::Time(TimeUnit::Secs),
        ] {
            bench.apply(Command::SetUnit(unit));
        }
        bench.apply(Command::SetTextSize(TextSize::Largest));
        bench.step();
        bench.step();
        let grown = line(&bench) / usual;
        assert!((grown - TextSize::Largest.scale()).abs() < 0.08, "{grown}");
        let secs = end.micros() / 1_000_000;
        bench.screen.harness.get_by_label_contains(&format!("of {secs} s"));
        let chart = bench.screen.harness.get_by_label_contains("Chart p95 latency: A 0.");
        let sentence = chart.accesskit_node().label().unwrap_or_default();
        assert!(!sentence.contains(" ms") && sentence.contains(" s"), "{sentence}");
        bench.screen.harness.get_by_label_contains("Chart Accuracy: A 0.");
        bench.screen.save("units-rehearse");
        for (place, name) in [(Place::Plan, "plan"), (Place::Library, "library")] {
            bench.apply(Command::Go(place));
            bench.step();
            bench.screen.save(&format!("largest-{name}"));
        }
        bench.apply(Command::Show(Overlay::Settings));
        bench.step();
        bench.screen.save("largest-settings");
    }
}
