//! The charts: one time axis, one cursor.

mod chart;
mod figure;
mod history;
mod measure;
pub mod scale;
mod series;

use egui::{Pos2, Rect, Ui, Vec2, vec2};

pub use chart::Timing;
pub use figure::{Figure, figures};
pub use history::History;

use crate::app::Commands;
use crate::ui::theme::{GAP, RADIUS, Tokens};

/// A chart is at least so high; else all stand in one row.
const LEAST_HEIGHT: f32 = 128.0;
const MARGIN: Vec2 = vec2(12.0, 8.0);

/// Fills `rect` with the charts.
pub fn charts_ui(
    ui: &mut Ui,
    rect: Rect,
    figures: &[Figure],
    timing: &Timing<'_>,
    commands: &mut Commands,
) {
    let tokens = Tokens::of(ui);
    for (figure, place) in figures.iter().zip(places(rect, figures.len())) {
        let line = egui::Stroke::new(1.0, tokens.edge);
        ui.painter().rect(place, RADIUS, tokens.card, line, egui::StrokeKind::Inside);
        chart::chart_ui(ui, place.shrink2(MARGIN), figure, timing, commands);
    }
    ui.advance_cursor_after_rect(rect);
}

/// Two rows where they are high enough, else one.
fn places(rect: Rect, count: usize) -> Vec<Rect> {
    let rows = if rect.height() >= 2.0 * LEAST_HEIGHT + GAP { 2 } else { 1 };
    let columns = count.div_ceil(rows).max(1);
    let size = vec2(
        (rect.width() - GAP * (columns - 1) as f32) / columns as f32,
        (rect.height() - GAP * (rows - 1) as f32) / rows as f32,
    );
    let place = |k: usize| {
        let (row, column) = (k / columns, k % columns);
        let corner = rect.min + vec2(column as f32 * (size.x + GAP), row as f32 * (size.y + GAP));
        Rect::from_min_size(Pos2::new(corner.x.round(), corner.y.round()), size.floor())
    };
    (0..count).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_share_the_space_without_touching() {
        for (width, height) in [(860.0, 200.0), (900.0, 320.0), (1_300.0, 600.0)] {
            let rect = Rect::from_min_size(Pos2::ZERO, vec2(width, height));
            let places = places(rect, 4);
            for (k, place) in places.iter().enumerate() {
                assert!(rect.expand(0.6).contains_rect(*place) && place.height() > 120.0);
                assert!(places.iter().skip(k + 1).all(|other| !place.intersects(*other)));
            }
        }
    }
}
