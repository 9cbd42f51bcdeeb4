//! How fast a model was when it was measured.

use std::time::Duration;

use egui::{Grid, RichText, Ui};

use super::speed_picture::picture_ui;
use crate::domain::{ArmId, grouped};
use crate::models::TokenTimes;
use crate::stats::Interval;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{Status, section, value_row};
use crate::worker::QuickCheck;

/// Draws the quantiles of one row, the time of calls with more, and what there is to know about the
/// measurement. The baseline's profile is there to compare with.
pub fn speed_ui(
    ui: &mut Ui,
    (arm, quick): (ArmId, &QuickCheck),
    baseline: Option<(ArmId, &QuickCheck)>,
) {
    let latency = &quick.measured.profile;
    let note = match latency.threads {
        0 => String::new(),
        1 => format!("{}, 1 thread", latency.device),
        threads => format!("{}, {threads} threads", latency.device),
    };
    section(ui, "Measured", &note);
    let profiles = std::iter::once((arm, quick)).chain(baseline);
    let profiles: Vec<_> = profiles.map(|(arm, quick)| (arm, &quick.measured.profile)).collect();
    picture_ui(ui, &profiles);
    grid_ui(ui, quick);
}

fn grid_ui(ui: &mut Ui, quick: &QuickCheck) {
    let measured = &quick.measured;
    let subdued = Tokens::of(ui).subdued;
    let head = |ui: &mut Ui, text: &str| {
        ui.label(small(text).color(subdued));
    };
    Grid::new("speed").num_columns(5).spacing([12.0, 2.0]).show(ui, |ui| {
        head(ui, "One row");
        for timing in &measured.single_row {
            head(ui, &format!("p{:.0}", timing.quantile * 100.0));
        }
        ui.end_row();
        ui.label(RichText::new("Time").color(subdued));
        for timing in &measured.single_row {
            ui.label(micros(timing.micros));
        }
        ui.end_row();
        ui.label(RichText::new("95 %").color(subdued))
            .on_hover_text("Where the quantile lies with 95 % confidence");
        for timing in &measured.single_row {
            let text = timing.interval.map_or_else(|| "–".to_owned(), range);
            ui.label(small(text));
        }
        ui.end_row();
        let batches = measured.batches.iter().filter(|(rows, _)| *rows > 1).take(MOST_BATCHES);
        head(ui, "Rows a call");
        for (rows, _) in batches.clone() {
            head(ui, &rows.to_string());
        }
        ui.end_row();
        ui.label(RichText::new("Time").color(subdued));
        for (_, time) in batches.clone() {
            ui.label(micros(time.micros));
        }
        ui.end_row();
        ui.label(RichText::new("Rows/s").color(subdued));
        for (rows, time) in batches {
            let rate = f64::from(*rows) * 1e6 / time.micros.max(1e-3);
            ui.label(rate_text(rate));
        }
        ui.end_row();
        trust_ui(ui, quick);
    });
    if let Some(tokens) = &quick.tokens {
        tokens_ui(ui, tokens);
    }
}

/// Cold start, tokens, and how far the figures can be trusted: a row of names and values.
fn trust_ui(ui: &mut Ui, quick: &QuickCheck) {
    let subdued = Tokens::of(ui).subdued;
    let mut pair = |name: &str, value: &str, hint: &str| {
        ui.label(RichText::new(name).color(subdued)).on_hover_text(hint);
        ui.label(value).on_hover_text(hint);
    };
    let time = |duration: Duration| micros(duration.as_secs_f64() * 1e6);
    let cold = &quick.cold_start;
    let hint = format!(
        "Loaded in {} (its files may have lain in the system's cache), first answer after another {}",
        time(cold.load),
        time(cold.first_answer)
    );
    pair("Cold start", &time(cold.whole()), &hint);
    if let Some(noise) = &quick.measured.noise {
        let status = if noise.is_quiet() { Status::Pass } else { Status::Warn };
        let text = status.text(&format!("{:.0} %", noise.mean * 100.0));
        pair("Noise", &text, &noise.sentence());
    }
    ui.end_row();
}

fn tokens_ui(ui: &mut Ui, tokens: &TokenTimes) {
    value_row(ui, "To the first token", &micros(tokens.first.p50));
    if let Some(next) = tokens.next {
        value_row(ui, "Each further token", &micros(next.p50));
    }
}

const MOST_BATCHES: usize = 4;

/// `4.1–4.3 µs`.
fn range(interval: Interval) -> String {
    let (low, high) = (micros(interval.low), micros(interval.high));
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number}–{high}"),
        _ => format!("{low}–{high}"),
    }
}

/// `12 µs`, `1.25 ms`, `2.1 s`.
pub fn micros(micros: f64) -> String {
    match micros {
        ..10.0 => format!("{micros:.1} µs"),
        ..1e3 => format!("{micros:.0} µs"),
        ..1e4 => format!("{:.2} ms", micros / 1e3),
        ..1e6 => format!("{:.1} ms", micros / 1e3),
        _ => format!("{:.1} s", micros / 1e6),
    }
}

fn rate_text(rate: f64) -> String {
    match rate {
        ..1e4 => grouped(rate.round() as u64),
        ..1e6 => format!("{:.0} k", rate / 1e3),
        _ => format!("{:.1} M", rate / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_have_three_digits_that_matter() {
        let texts = [4.25, 431.0, 1_250.0, 31_250.0, 2.1e6].map(micros);
        assert_eq!(texts, ["4.2 µs", "431 µs", "1.25 ms", "31.2 ms", "2.1 s"]);
        assert_eq!(range(Interval::new(4.1, 4.34)), "4.1–4.3 µs");
        assert_eq!(range(Interval::new(990.0, 1_100.0)), "990 µs–1.10 ms");
        assert_eq!((rate_text(2.5e6), rate_text(81_234.4)), ("2.5 M".into(), "81 k".into()));
    }
}
