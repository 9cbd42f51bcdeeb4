//! The charts: one time axis, one cursor.

mod chart;
mod menu;
#[cfg(test)]
mod menu_tests;
mod table;
mod view;

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Ui, Vec2, vec2};

pub use chart::Timing;
pub use view::TimeView;

use crate::app::Commands;
use crate::domain::{Metric, Recording, SimTime};
pub use crate::report::figures::{Figure, History, figure_of, figures, known_metrics, scale};
use crate::ui::theme::{GAP, RADIUS, Tokens};
use crate::ui::widgets::filled_card;

/// A chart is at least so high; else all stand in one row.
const LEAST_HEIGHT: f32 = 128.0;
const MARGIN: Vec2 = vec2(12.0, 8.0);

/// How the charts were left.
#[derive(Clone, Debug, Default)]
pub struct ChartsMemory {
    pub view: TimeView,
    /// Metrics that were chosen instead of the usual ones, by the place of their chart.
    pub chosen: BTreeMap<usize, Metric>,
    /// The chart that is shown as a table, and the row of the cursor that was scrolled to.
    table: Option<(usize, Option<usize>)>,
}

impl ChartsMemory {
    /// The same choice of charts, over the whole of another run.
    pub fn of_another_run(&self) -> Self {
        Self { chosen: self.chosen.clone(), ..Self::default() }
    }
}

/// What the charts show.
#[derive(Clone, Copy)]
pub struct Charts<'a> {
    /// Whose run it is.
    pub recording: &'a Recording,
    pub figures: &'a [Figure],
    /// What else could be shown.
    pub known: &'a [Metric],
}

/// Fills `rect` with the charts. `timing` has the view of `memory`.
pub fn charts_ui(
    ui: &mut Ui,
    rect: Rect,
    charts: Charts<'_>,
    timing: &Timing<'_>,
    memory: &mut ChartsMemory,
    commands: &mut Commands,
) {
    if let Some((place, row)) = &mut memory.table
        && let Some(figure) = charts.figures.get(*place)
    {
        let is_closed =
            filled_card(ui, rect, |ui| table::table_ui(ui, figure, timing.now, row, commands));
        if is_closed {
            memory.table = None;
        }
        return;
    }
    let tokens = Tokens::of(ui);
    let mut pointed: Option<SimTime> = None;
    let places = places(rect, charts.figures.len());
    let label_width = chart::label_width(ui, charts.figures);
    for (number, (figure, place)) in charts.figures.iter().zip(places).enumerate() {
        let line = egui::Stroke::new(1.0, tokens.edge);
        ui.painter().rect(place, RADIUS, tokens.card, line, egui::StrokeKind::Inside);
        let inner = place.shrink2(MARGIN);
        let drawn = chart::chart_ui(ui, inner, figure, timing, label_width, commands);
        if let Some(at) = drawn.pointed {
            memory.view.take_input(ui, &drawn.response, at, timing.end);
            pointed = Some(at);
        }
        let subject = menu::Subject { figure, number, charts, timing };
        menu::menu_ui(ui, inner, &drawn.response, &subject, memory, commands);
    }
    memory.view.pointed = pointed;
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
