//! The mark of an arm: a shape as well as a colour, so that neither has to be told apart alone.

use std::f32::consts::SQRT_2;

use egui::{Color32, Painter, Pos2, Response, RichText, Sense, Shape, Stroke, Ui, Vec2, vec2};

use crate::domain::ArmId;
use crate::ui::theme::Tokens;

/// The corners of an arm's shape around `center`; empty for the circle. Shapes are sized so that
/// all of them look equally large.
fn corners(arm: ArmId, center: Pos2, radius: f32) -> Vec<Pos2> {
    let at = |x: f32, y: f32| center + radius * vec2(x, y);
    match arm.index() {
        0 => Vec::new(),
        1 => vec![at(-0.88, -0.88), at(0.88, -0.88), at(0.88, 0.88), at(-0.88, 0.88)],
        2 => vec![at(0.0, -1.15), at(1.1, 0.85), at(-1.1, 0.85)],
        _ => {
            let far = 0.88 * SQRT_2;
            vec![at(0.0, -far), at(far, 0.0), at(0.0, far), at(-far, 0.0)]
        }
    }
}

/// ● A, ■ B, ▲ C, ◆ D.
pub fn paint_mark(painter: &Painter, center: Pos2, radius: f32, arm: ArmId, fill: Color32) {
    let corners = corners(arm, center, radius);
    if corners.is_empty() {
        painter.circle_filled(center, radius, fill);
    } else {
        painter.add(Shape::convex_polygon(corners, fill, Stroke::NONE));
    }
}

/// The outline of the mark, for copies and for late answers.
pub fn paint_mark_hollow(painter: &Painter, center: Pos2, radius: f32, arm: ArmId, line: Stroke) {
    let corners = corners(arm, center, radius);
    if corners.is_empty() {
        painter.circle_stroke(center, radius, line);
    } else {
        painter.add(Shape::closed_line(corners, line));
    }
}

/// ✕: a request that failed.
pub fn paint_cross(painter: &Painter, center: Pos2, radius: f32, line: Stroke) {
    for slope in [1.0, -1.0] {
        let arm = radius * vec2(1.0, slope);
        painter.line_segment([center - arm, center + arm], line);
    }
}

/// The mark as a widget as high as a line of text.
pub fn mark(ui: &mut Ui, arm: ArmId) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
    paint_mark(ui.painter(), rect.center(), 4.5, arm, Tokens::of(ui).arm(arm));
    response
}

/// The mark, the arm's letter, and a text.
pub fn mark_label(ui: &mut Ui, arm: ArmId, text: &str) -> Response {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        mark(ui, arm);
        ui.label(RichText::new(format!("{arm} {text}")))
    })
    .inner
}
