//! How fast a model was when it was measured.

use egui::{Grid, RichText, Ui};

use super::speed_picture::picture_ui;
use crate::domain::{ArmId, LatencyProfile, grouped};
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::section;

/// Draws the quantiles of one row, and the time of calls with more; the first profile is told in
/// numbers, the others are there to compare with.
pub fn speed_ui(ui: &mut Ui, profiles: &[(ArmId, &LatencyProfile)]) {
    let Some((_, latency)) = profiles.first() else { return };
    let note = match latency.threads {
        0 => String::new(),
        1 => format!("{}, 1 thread", latency.device),
        threads => format!("{}, {threads} threads", latency.device),
    };
    section(ui, "Measured", &note);
    picture_ui(ui, profiles);
    let subdued = Tokens::of(ui).subdued;
    let head = |ui: &mut Ui, text: &str| {
        ui.label(small(text).color(subdued));
    };
    Grid::new("speed").num_columns(5).spacing([12.0, 2.0]).show(ui, |ui| {
        head(ui, "One row");
        for (name, _) in QUANTILES {
            head(ui, name);
        }
        ui.end_row();
        ui.label(RichText::new("Time").color(subdued));
        for (_, quantile) in QUANTILES {
            ui.label(latency.quantile(quantile).map_or_else(|| "–".to_owned(), micros));
        }
        ui.end_row();
        let batches = latency.batches.iter().filter(|batch| batch.rows > 1).take(MOST_BATCHES);
        head(ui, "Rows a call");
        for batch in batches.clone() {
            head(ui, &batch.rows.to_string());
        }
        ui.end_row();
        ui.label(RichText::new("Time").color(subdued));
        for batch in batches.clone() {
            ui.label(micros(batch.micros));
        }
        ui.end_row();
        ui.label(RichText::new("Rows/s").color(subdued));
        for batch in batches {
            let rate = f64::from(batch.rows) * 1e6 / batch.micros.max(1e-3);
            ui.label(rate_text(rate));
        }
        ui.end_row();
    });
}

const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];
const MOST_BATCHES: usize = 4;

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
        assert_eq!((rate_text(2.5e6), rate_text(81_234.4)), ("2.5 M".into(), "81 k".into()));
    }
}
