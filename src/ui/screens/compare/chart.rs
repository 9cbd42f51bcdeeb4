//! One measure of all runs over time; one of them is brought forward.

use egui::{
    Align2, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::CompareMemory;
use super::course::Measure;
use super::lineup::Lineup;
use crate::domain::SimTime;
use crate::ui::notation;
use crate::ui::rehearse::charts::scale;
use crate::ui::rehearse::time_axis::{self, TimeAxis};
use crate::ui::theme::{Tokens, mix, semibold, small, strong};
use crate::ui::widgets::{Line, paint_line};

const AXIS_WIDTH: f32 = 40.0;
const NAMES_WIDTH: f32 = 116.0;
const TIMES_HEIGHT: f32 = 18.0;
/// A line so near to the pointer is the one that is meant.
const NEAR: f32 = 28.0;

struct Chart<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    lineup: &'a Lineup,
    measure: Measure,
    /// Where the lines are.
    plot: Rect,
    axis: TimeAxis,
    range: [f64; 2],
    forward: Option<usize>,
    pinned: Option<usize>,
}

/// Draws the measure of `memory` into `rect`.
pub fn chart_ui(ui: &mut Ui, rect: Rect, lineup: &Lineup, memory: &CompareMemory) {
    let response = ui.allocate_rect(rect, Sense::hover());
    let measure = memory.measure;
    let plot = Rect::from_min_max(
        rect.min + vec2(AXIS_WIDTH, 6.0),
        rect.max - vec2(NAMES_WIDTH, TIMES_HEIGHT),
    );
    let values = || {
        let moments = lineup.columns.iter().flat_map(|column| &column.course);
        moments.filter_map(|moment| measure.value(moment))
    };
    let range = match measure {
        Measure::Share => [0.0, 100.0],
        _ => scale::range(values(), Some(0.0)),
    };
    let mut chart = Chart {
        painter: ui.painter(),
        tokens: Tokens::of(ui),
        lineup,
        measure,
        plot,
        axis: TimeAxis::new(plot.x_range(), lineup.end),
        range,
        forward: memory.hovered.or(memory.chosen),
        pinned: memory.pinned,
    };
    let pointer = response.hover_pos().filter(|at| plot.expand(4.0).contains(*at));
    let near = pointer.and_then(|at| chart.nearest(at));
    chart.forward = near.or(chart.forward);
    chart.paint(pointer);
    let sentence = format!("{} over time, one line per run", measure.label());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &sentence));
    if let Some(at) = pointer {
        let moment = chart.axis.time_at(at.x);
        let values = chart.values_at(moment);
        let forward = chart.forward;
        response
            .on_hover_ui_at_pointer(|ui| hover_ui(ui, lineup, moment, measure, &values, forward));
    }
}

fn hover_ui(
    ui: &mut Ui,
    lineup: &Lineup,
    at: SimTime,
    measure: Measure,
    values: &[(usize, f64)],
    forward: Option<usize>,
) {
    ui.label(small(notation::time(at)).color(Tokens::of(ui).subdued));
    for (place, value) in values {
        let Some(column) = lineup.columns.get(*place) else { continue };
        let text = format!("{} {}", column.title, measure.text(*value));
        if forward == Some(*place) {
            ui.label(strong(text))
        } else {
            ui.label(text)
        };
    }
}

impl Chart<'_> {
    fn y_of(&self, value: f64) -> f32 {
        let [low, high] = self.range;
        let share = ((value - low) / (high - low).max(1e-12)).clamp(0.0, 1.0) as f32;
        egui::lerp(self.plot.bottom()..=self.plot.top(), share)
    }

    /// Each run's value at a moment, the highest first.
    fn values_at(&self, at: SimTime) -> Vec<(usize, f64)> {
        let value = |(place, column): (usize, &super::lineup::Column)| {
            let after = column.course.partition_point(|moment| moment.end <= at);
            Some((place, self.measure.value(column.course.get(after)?)?))
        };
        let mut values: Vec<(usize, f64)> =
            self.lineup.columns.iter().enumerate().filter_map(value).collect();
        values.sort_by(|a, b| b.1.total_cmp(&a.1));
        values
    }

    fn nearest(&self, pointer: Pos2) -> Option<usize> {
        let far = |value: f64| (self.y_of(value) - pointer.y).abs();
        let values = self.values_at(self.axis.time_at(pointer.x));
        let (place, value) = values.into_iter().min_by(|a, b| far(a.1).total_cmp(&far(b.1)))?;
        (far(value) < NEAR).then_some(place)
    }

    fn paint(&self, pointer: Option<Pos2>) {
        self.paint_grid();
        for place in 0..self.lineup.columns.len() {
            if Some(place) != self.forward {
                self.paint_run(place);
            }
        }
        if let Some(place) = self.forward {
            self.paint_run(place);
        }
        self.paint_names();
        if let Some(pointer) = pointer {
            self.painter.vline(pointer.x, self.plot.y_range(), Stroke::new(1.0, self.tokens.faint));
        }
    }

    fn paint_grid(&self) {
        let [low, high] = self.range;
        let step = scale::nice_step(high - low, 4);
        let font = FontId::proportional(10.5);
        let grid = Stroke::new(1.0, self.tokens.grid);
        for value in scale::marks(low, high, 4) {
            let y = self.y_of(value).round() + 0.5;
            self.painter.hline(self.plot.x_range(), y, grid);
            let at = pos2(self.plot.left() - 6.0, y);
            let text = scale::mark_text(value, step);
            self.painter.text(at, Align2::RIGHT_CENTER, text, font.clone(), self.tokens.subdued);
        }
        let step = time_axis::step(self.lineup.end, 6);
        for at in time_axis::ticks(self.lineup.end, 6) {
            let x = self.axis.x_of(at);
            let place = pos2(x, self.plot.bottom() + 4.0);
            let text = time_axis::tick_label(at, self.lineup.end, step);
            self.painter.text(place, Align2::CENTER_TOP, text, font.clone(), self.tokens.subdued);
        }
    }

    fn stroke(&self, place: usize) -> Stroke {
        let t = self.tokens;
        if self.forward == Some(place) {
            Stroke::new(2.5, t.accent)
        } else if self.pinned == Some(place) {
            Stroke::new(1.5, t.text)
        } else {
            Stroke::new(1.2, mix(t.card, t.text, 0.42))
        }
    }

    /// Steps where shares jump, straight lines elsewhere; gaps where nothing was measured.
    fn paint_run(&self, place: usize) {
        let Some(column) = self.lineup.columns.get(place) else { return };
        let mut piece: Vec<Pos2> = Vec::new();
        for moment in &column.course {
            let Some(value) = self.measure.value(moment) else {
                self.paint_piece(place, &mut piece);
                continue;
            };
            let y = self.y_of(value);
            if self.measure == Measure::Share {
                piece.push(pos2(self.axis.x_of(moment.start), y));
            }
            piece.push(pos2(self.axis.x_of(moment.end), y));
        }
        self.paint_piece(place, &mut piece);
    }

    fn paint_piece(&self, place: usize, piece: &mut Vec<Pos2>) {
        if piece.len() > 1 {
            let stroke = self.stroke(place);
            if self.pinned == Some(place) && self.forward != Some(place) {
                self.painter.extend(Shape::dashed_line(piece, stroke, 6.0, 3.0));
            } else {
                self.painter.line(std::mem::take(piece), stroke);
            }
        }
        piece.clear();
    }

    /// Names right of the plot, at the heights where the lines end.
    fn paint_names(&self) {
        let last = |column: &super::lineup::Column| {
            column.course.iter().rev().find_map(|moment| self.measure.value(moment))
        };
        let ends: Vec<(usize, f64)> = self
            .lineup
            .columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| Some((place, last(column)?)))
            .collect();
        let heights: Vec<f32> = ends.iter().map(|(_, value)| self.y_of(*value)).collect();
        let (top, bottom) = (self.plot.top() + 4.0, self.plot.bottom() - 2.0);
        let places = scale::spread(&heights, 13.0, top, bottom);
        for ((place, value), y) in ends.iter().zip(places) {
            let Some(column) = self.lineup.columns.get(*place) else { continue };
            let is_forward = self.forward == Some(*place);
            let font = if is_forward { semibold(11.0) } else { FontId::proportional(11.0) };
            let colour = if is_forward { self.tokens.text } else { self.tokens.subdued };
            let line = Line { font, colour, align: Align2::LEFT_CENTER };
            let text = format!("{} {}", column.title, self.measure.text(*value));
            let at = pos2(self.plot.right() + 8.0, y);
            paint_line(self.painter, at, &text, &line, NAMES_WIDTH - 10.0);
        }
    }
}
