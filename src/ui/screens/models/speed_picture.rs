//! A model's times for one row as a picture: from the median to the slowest hundredth, on an axis
//! of powers of ten, above those of the baseline.

use egui::{Align2, FontId, Rangef, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::speed::micros;
use crate::domain::{ArmId, LatencyProfile};
use crate::ui::theme::{Tokens, mix};
use crate::ui::widgets::paint_mark;

const ROW: f32 = 18.0;
const AXIS: f32 = 16.0;
/// Room for an arm's letter.
const NAMES: f32 = 18.0;

/// Draws the picture; the first profile is the card's own.
pub fn picture_ui(ui: &mut Ui, profiles: &[(ArmId, &LatencyProfile)]) {
    let spreads: Vec<(ArmId, Spread)> =
        profiles.iter().filter_map(|(arm, of)| Some((*arm, Spread::of(of)?))).collect();
    let Some(decades) = decades(&spreads) else { return };
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), ROW * spreads.len() as f32 + AXIS);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, sentence(&spreads)));
    let plot = Rect::from_min_max(
        pos2(rect.left() + NAMES, rect.top()),
        pos2(rect.right() - 12.0, rect.bottom() - AXIS),
    );
    let x = |time: f64| {
        let share = (time.log10() - f64::from(decades.min)) / f64::from(decades.span());
        egui::lerp(plot.x_range(), share as f32)
    };
    let font = FontId::proportional(10.0);
    for decade in decades.min as i32..=decades.max as i32 {
        let at = x(10f64.powi(decade));
        ui.painter().vline(at, plot.y_range(), Stroke::new(1.0, tokens.grid));
        let label = pos2(at, rect.bottom());
        let text = micros(10f64.powi(decade)).replace(".0 ", " ").replace(".00 ", " ");
        ui.painter().text(label, Align2::CENTER_BOTTOM, text, font.clone(), tokens.subdued);
    }
    for (row, (arm, spread)) in spreads.iter().enumerate() {
        let y = plot.top() + ROW * (row as f32 + 0.5);
        let strength = if row == 0 { 1.0 } else { 0.5 };
        let colour = mix(tokens.card, tokens.arm(*arm), strength);
        let name = pos2(rect.left() + 2.0, y);
        let letter = if row == 0 { tokens.text } else { tokens.subdued };
        ui.painter().text(name, Align2::LEFT_CENTER, arm, FontId::proportional(11.0), letter);
        let bar = Rangef::new(x(spread.p50), x(spread.p99));
        ui.painter().hline(bar, y, Stroke::new(5.0, mix(tokens.card, colour, 0.45)));
        ui.painter().vline(x(spread.p95), Rangef::point(y).expand(5.0), Stroke::new(1.5, colour));
        paint_mark(ui.painter(), pos2(bar.min, y), 4.0, *arm, colour);
    }
    response.on_hover_text("Mark: median. Line: 95 of 100 are faster. Bar: to the slowest of 100.");
}

/// Microseconds.
#[derive(Clone, Copy)]
struct Spread {
    p50: f64,
    p95: f64,
    p99: f64,
}

impl Spread {
    fn of(profile: &LatencyProfile) -> Option<Self> {
        let at = |quantile| profile.quantile(quantile).map(|time| time.max(0.1));
        Some(Self { p50: at(0.5)?, p95: at(0.95)?, p99: at(0.99)? })
    }
}

/// The powers of ten that hold all spreads.
fn decades(spreads: &[(ArmId, Spread)]) -> Option<Rangef> {
    let low = spreads.iter().map(|(_, spread)| spread.p50).min_by(f64::total_cmp)?;
    let high = spreads.iter().map(|(_, spread)| spread.p99).max_by(f64::total_cmp)?;
    let (low, high) = (low.log10().floor() as f32, high.log10().ceil() as f32);
    Some(Rangef::new(low, high.max(low + 1.0)))
}

fn sentence(spreads: &[(ArmId, Spread)]) -> String {
    let words = spreads.iter().map(|(arm, spread)| {
        format!("{arm} takes {} at the median, {} at p99", micros(spread.p50), micros(spread.p99))
    });
    format!("Time for one row: {}", words.collect::<Vec<_>>().join("; "))
}
