//! An operating curve: how often each rung of a ladder is caught, with its uncertainty.

use egui::epaint::Mesh;
use egui::{
    Align2, FontId, Painter, Pos2, Rect, Response, Role, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::OddsState;
use crate::domain::{Ladder, Regression, StrategyKind};
use crate::report::odds::{CAUGHT, after, chance};
use crate::stats::odds::{Chance, Odds, Rung};
use crate::ui::theme::{Tokens, mix, semibold, small, strong};

const LEFT: f32 = 34.0;
const BOTTOM: f32 = 34.0;
const TOP: f32 = 22.0;
const RIGHT: f32 = 14.0;

/// One ladder of all strategies.
pub struct Curve<'a> {
    pub state: &'a OddsState,
    pub ladder: Ladder,
    pub forward: Option<StrategyKind>,
}

/// A rung as the curve shows it.
struct Point<'a> {
    rung: &'a Rung,
    caught: Chance,
}

/// The baseline itself first, then the ladder from mild to severe.
fn points(odds: &Odds, ladder: Ladder) -> Vec<Point<'_>> {
    let same = odds.rungs.iter().find(|rung| rung.regression == Regression::None);
    let rungs = same.into_iter().chain(odds.rungs_of(ladder));
    rungs.map(|rung| Point { rung, caught: rung.not_shipped() }).collect()
}

/// `−2`, `× 1.5`, `2 %`.
fn tick(regression: &Regression) -> String {
    match regression {
        Regression::AsPlanned => "plan".to_owned(),
        Regression::None => "same".to_owned(),
        Regression::Accuracy { points, .. } => format!("−{points}"),
        Regression::ErrorSize { factor } | Regression::Latency { factor } => format!("×{factor}"),
        Regression::Errors { percent } => format!("{percent} %"),
    }
}

fn heading(ladder: Ladder) -> &'static str {
    match ladder {
        Ladder::Quality => "Quality",
        Ladder::Latency => "Latency",
        Ladder::Errors => "Errors",
    }
}

fn unit(ladder: Ladder, points: &[Point<'_>]) -> &'static str {
    let is_of_numbers =
        points.iter().any(|point| matches!(point.rung.regression, Regression::ErrorSize { .. }));
    match ladder {
        Ladder::Quality if is_of_numbers => "size of its errors",
        Ladder::Quality => "points of accuracy",
        Ladder::Latency => "times as slow",
        Ladder::Errors => "requests failing",
    }
}

struct Plot<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    area: Rect,
    count: usize,
}

/// Draws the curve into `rect`.
pub fn curve_ui(ui: &Ui, rect: Rect, response: Response, curve: &Curve<'_>) {
    let of = |kind: StrategyKind| {
        curve.state.known.iter().find(|(known, _)| *known == kind).map(|(_, odds)| odds)
    };
    let Some(odds) = curve.forward.and_then(of) else { return };
    let forward = points(odds, curve.ladder);
    let area = Rect::from_min_max(rect.min + vec2(LEFT, TOP), rect.max - vec2(RIGHT, BOTTOM));
    let plot = Plot { painter: ui.painter(), tokens: Tokens::of(ui), area, count: forward.len() };
    plot.frame(rect, curve.ladder, &forward);
    for (kind, other) in &curve.state.known {
        if Some(*kind) != curve.forward {
            plot.line(&points(other, curve.ladder), false);
        }
    }
    plot.band(&forward);
    plot.line(&forward, true);
    let sentence = sentence(curve.ladder, &forward);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &sentence));
    let nearest = response.hover_pos().and_then(|at| plot.nearest(at));
    if let Some(point) = nearest.and_then(|place| forward.get(place)) {
        let place = nearest.unwrap_or(0);
        ui.painter().vline(plot.x(place), area.y_range(), Stroke::new(1.0, plot.tokens.faint));
        response.on_hover_ui_at_pointer(|ui| hover_ui(ui, curve, point, place));
    }
}

fn hover_ui(ui: &mut Ui, curve: &Curve<'_>, point: &Point<'_>, place: usize) {
    ui.label(strong(point.rung.regression.to_string()));
    ui.label(format!("not shipped in {}", chance(point.caught)));
    if point.rung.detected_after.is_some() {
        ui.label(format!("stopped after {} (median)", after(point.rung.detected_after)));
    }
    for (kind, odds) in &curve.state.known {
        if Some(*kind) != curve.forward
            && let Some(other) = points(odds, curve.ladder).get(place)
        {
            let text = format!("{} {}", kind.label(), chance(other.caught));
            ui.label(small(text).color(Tokens::of(ui).subdued));
        }
    }
}

/// For those who hear it.
fn sentence(ladder: Ladder, points: &[Point<'_>]) -> String {
    let told = points.iter().map(|point| {
        let share = point.caught.share().unwrap_or(0.0) * 100.0;
        format!("{} {share:.0} %", point.rung.regression)
    });
    format!("{}, not shipped: {}", heading(ladder), told.collect::<Vec<_>>().join(", "))
}

impl Plot<'_> {
    fn x(&self, place: usize) -> f32 {
        let last = self.count.saturating_sub(1).max(1) as f32;
        egui::lerp(self.area.x_range(), place as f32 / last)
    }

    fn y(&self, share: f64) -> f32 {
        egui::lerp(self.area.bottom()..=self.area.top(), share.clamp(0.0, 1.0) as f32)
    }

    fn nearest(&self, at: Pos2) -> Option<usize> {
        let far = |place: &usize| (self.x(*place) - at.x).abs();
        (0..self.count).min_by(|a, b| far(a).total_cmp(&far(b)))
    }

    /// Heading, axes, and the line above which a regression counts as caught.
    fn frame(&self, rect: Rect, ladder: Ladder, points: &[Point<'_>]) {
        let t = self.tokens;
        let font = FontId::proportional(10.5);
        let head = pos2(self.area.left(), rect.top() + 2.0);
        self.painter.text(head, Align2::LEFT_TOP, heading(ladder), semibold(12.0), t.text);
        for percent in [0, 50, 100] {
            let y = self.y(f64::from(percent) / 100.0).round() + 0.5;
            self.painter.hline(self.area.x_range(), y, Stroke::new(1.0, t.grid));
            let at = pos2(self.area.left() - 6.0, y);
            let text = format!("{percent} %");
            self.painter.text(at, Align2::RIGHT_CENTER, text, font.clone(), t.subdued);
        }
        let y = self.y(CAUGHT).round() + 0.5;
        let at = pos2(self.area.left() - 6.0, y);
        let text = format!("{:.0} %", CAUGHT * 100.0);
        self.painter.text(at, Align2::RIGHT_CENTER, text, font.clone(), t.faint);
        let ends = [pos2(self.area.left(), y), pos2(self.area.right(), y)];
        self.painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, t.faint), 4.0, 4.0));
        for (place, point) in points.iter().enumerate() {
            let at = pos2(self.x(place), self.area.bottom() + 5.0);
            let text = tick(&point.rung.regression);
            self.painter.text(at, Align2::CENTER_TOP, text, font.clone(), t.subdued);
        }
        let at = pos2(self.area.center().x, rect.bottom());
        self.painter.text(at, Align2::CENTER_BOTTOM, unit(ladder, points), font, t.subdued);
    }

    /// What the runs so far leave open.
    fn band(&self, points: &[Point<'_>]) {
        let mut mesh = Mesh::default();
        let colour = self.tokens.accent.gamma_multiply(0.18);
        for (place, point) in (0u32..).zip(points) {
            let x = self.x(place as usize);
            mesh.colored_vertex(pos2(x, self.y(point.caught.interval.high)), colour);
            mesh.colored_vertex(pos2(x, self.y(point.caught.interval.low)), colour);
            if place > 0 {
                let first = 2 * (place - 1);
                mesh.add_triangle(first, first + 1, first + 2);
                mesh.add_triangle(first + 1, first + 2, first + 3);
            }
        }
        self.painter.add(mesh);
    }

    fn line(&self, points: &[Point<'_>], is_forward: bool) {
        let t = self.tokens;
        let colour = if is_forward { t.accent } else { mix(t.card, t.text, 0.38) };
        let at = |(place, point): (usize, &Point<'_>)| {
            Some(pos2(self.x(place), self.y(point.caught.share()?)))
        };
        let line: Vec<Pos2> = points.iter().enumerate().filter_map(at).collect();
        if is_forward {
            for center in &line {
                self.painter.circle_filled(*center, 3.0, colour);
            }
        }
        self.painter.line(line, Stroke::new(if is_forward { 2.0 } else { 1.2 }, colour));
    }
}
