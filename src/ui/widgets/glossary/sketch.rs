//! Small pictures that say what takes many words. They show the idea and no figures.

use egui::{Color32, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::domain::ArmId;
use crate::ui::theme::{SMALL_RADIUS, Tokens, mix};

const SIZE: egui::Vec2 = vec2(200.0, 46.0);

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sketch {
    /// Power: two bells with a limit between them.
    Bells,
    /// A shadow: every request goes on to A, and a copy to B.
    Copies,
    /// An interval beside zero.
    Interval,
    /// A confidence sequence: a band that narrows.
    Narrowing,
    /// A bell of which one part in twenty lies behind a line.
    Percentile,
    /// Two bells of which one has moved.
    Shift,
    /// How the traffic was split, and how it should have been.
    Split,
    /// A canary's shares.
    Steps,
    /// A bell whose end lies beyond a limit.
    Tail,
}

/// Draws it at the end of a tooltip.
pub fn sketch_ui(ui: &mut Ui, sketch: Sketch) {
    ui.add_space(4.0);
    let (rect, response) = ui.allocate_exact_size(SIZE, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "A small picture of it"));
    let tokens = Tokens::of(ui);
    ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.well);
    let draw = Draw { painter: ui.painter(), tokens, rect: rect.shrink2(vec2(12.0, 7.0)) };
    match sketch {
        Sketch::Bells => draw.bells(),
        Sketch::Copies => draw.copies(),
        Sketch::Interval => draw.interval(),
        Sketch::Narrowing => draw.narrowing(),
        Sketch::Percentile => draw.percentile(),
        Sketch::Shift => draw.shift(),
        Sketch::Split => draw.split(),
        Sketch::Steps => draw.steps(),
        Sketch::Tail => draw.tail(),
    }
}

struct Draw<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    rect: Rect,
}

impl Draw<'_> {
    /// From 0, 0 at the lower left to 1, 1.
    fn at(&self, x: f32, y: f32) -> Pos2 {
        pos2(
            egui::lerp(self.rect.x_range(), x),
            egui::lerp(self.rect.bottom()..=self.rect.top(), y),
        )
    }

    fn a(&self) -> Color32 {
        self.tokens.arm(ArmId::BASELINE)
    }

    fn b(&self) -> Color32 {
        self.tokens.arm(ArmId::CANDIDATE)
    }

    fn pale(&self, colour: Color32) -> Color32 {
        mix(self.tokens.well, colour, 0.35)
    }

    fn line(&self, points: Vec<Pos2>, colour: Color32) {
        self.painter.add(Shape::line(points, Stroke::new(1.5, colour)));
    }

    fn limit(&self, x: f32) {
        let ends = [self.at(x, 0.0), self.at(x, 1.0)];
        let stroke = Stroke::new(1.0, self.tokens.subdued);
        self.painter.extend(Shape::dashed_line(&ends, stroke, 3.0, 3.0));
    }

    /// A bell around `middle`, filled from `from` on.
    fn bell(&self, middle: f32, width: f32, colour: Color32, from: f32) {
        let height = |x: f32| 0.95 * (-0.5 * ((x - middle) / width).powi(2)).exp();
        let xs = || (0..=80).map(|k| k as f32 / 80.0);
        for x in xs().filter(|x| *x >= from) {
            let stroke = Stroke::new(self.rect.width() / 78.0, self.pale(colour));
            self.painter.line_segment([self.at(x, 0.0), self.at(x, height(x))], stroke);
        }
        self.line(xs().map(|x| self.at(x, height(x))).collect(), colour);
    }

    fn bells(&self) {
        self.bell(0.33, 0.11, self.a(), 2.0);
        self.bell(0.66, 0.11, self.b(), 0.5);
        self.limit(0.5);
    }

    fn shift(&self) {
        self.bell(0.4, 0.12, self.a(), 2.0);
        self.bell(0.58, 0.15, self.b(), 2.0);
    }

    fn tail(&self) {
        self.bell(0.42, 0.14, self.a(), 0.68);
        self.limit(0.68);
    }

    fn percentile(&self) {
        // Steeper on one side, as latencies are.
        let height = |x: f32| 2.6 * (x * 7.0) * (-x * 7.0).exp();
        let bars = 28;
        for bar in 0..bars {
            let x = bar as f32 / bars as f32;
            let colour = if x > 0.66 { self.b() } else { self.pale(self.a()) };
            let corners = [self.at(x, 0.0), self.at(x + 0.026, height(x + 0.013).min(1.0))];
            self.painter.rect_filled(Rect::from_points(&corners), 0.0, colour);
        }
        self.limit(0.67);
    }

    fn interval(&self) {
        self.limit(0.3);
        let (low, high) = (self.at(0.42, 0.5), self.at(0.86, 0.5));
        self.painter.line_segment([low, high], Stroke::new(2.0, self.b()));
        for end in [low, high] {
            let cap = [end - vec2(0.0, 5.0), end + vec2(0.0, 5.0)];
            self.painter.line_segment(cap, Stroke::new(2.0, self.b()));
        }
        self.painter.circle_filled(self.at(0.64, 0.5), 4.0, self.b());
    }

    fn narrowing(&self) {
        let half = |x: f32| 0.5 / (1.0 + 9.0 * x);
        for k in 0..=80 {
            let x = k as f32 / 80.0;
            let ends = [self.at(x, 0.6 - half(x)), self.at(x, (0.6 + half(x)).min(1.0))];
            let stroke = Stroke::new(self.rect.width() / 78.0, self.pale(self.b()));
            self.painter.line_segment(ends, stroke);
        }
        self.line(vec![self.at(0.0, 0.6), self.at(1.0, 0.6)], self.b());
    }

    fn split(&self) {
        for (y, share) in [(0.62, 0.5), (0.08, 0.42)] {
            let bar =
                |from: f32, to: f32| Rect::from_points(&[self.at(from, y), self.at(to, y + 0.3)]);
            self.painter.rect_filled(bar(0.0, share - 0.005), 0.0, self.a());
            self.painter.rect_filled(bar(share + 0.005, 1.0), 0.0, self.b());
        }
        self.limit(0.5);
    }

    fn steps(&self) {
        let shares = [0.06, 0.06, 0.28, 0.28, 0.52, 0.52, 1.0, 1.0];
        let xs = [0.0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1.0];
        self.line(xs.into_iter().zip(shares).map(|(x, y)| self.at(x, y)).collect(), self.b());
    }

    fn copies(&self) {
        let middle = 0.3;
        self.line(vec![self.at(0.0, 0.72), self.at(1.0, 0.72)], self.a());
        self.line(
            vec![self.at(middle, 0.72), self.at(middle + 0.14, 0.22), self.at(0.92, 0.22)],
            self.pale(self.b()),
        );
        for k in 0..5 {
            let x = 0.08 + 0.2 * k as f32;
            self.painter.circle_filled(self.at(x, 0.72), 3.5, self.a());
            if x > middle + 0.14 {
                let stroke = Stroke::new(1.5, self.b());
                self.painter.circle(self.at(x, 0.22), 3.5, self.tokens.well, stroke);
            }
        }
    }
}
