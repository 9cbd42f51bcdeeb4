//! A small picture of a rollout: who served the traffic, over time.

use egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::course::Moment;
use crate::domain::{ArmId, MAX_ARMS, OutcomeKind, SimTime};
use crate::ui::rehearse::time_axis::TimeAxis;
use crate::ui::theme::{Tokens, mix};
use crate::ui::widgets::paint_cross;

/// Paints the shares as a band of full height: candidates from below, the baseline above them. The
/// width of `rect` stands for the time until `end`, which other pictures share.
pub fn paint_shares(
    painter: &Painter,
    rect: Rect,
    tokens: &Tokens,
    course: &[Moment],
    end: SimTime,
) {
    painter.rect_filled(rect, 2.0, tokens.track);
    let axis = TimeAxis::new(rect.x_range(), end);
    // A mesh, because the soft edges of rectangles would show as seams.
    let mut mesh = Mesh::default();
    for moment in course {
        let x = axis.x_of(moment.start)..=axis.x_of(moment.end);
        let mut bottom = rect.bottom();
        for place in (0..MAX_ARMS).rev() {
            let share = moment.shares.get(place).copied().unwrap_or(0.0);
            let top = bottom - rect.height() * share;
            let slice = Rect::from_x_y_ranges(x.clone(), top..=bottom);
            mesh.add_colored_rect(slice, fill(tokens, ArmId::new(place)));
            bottom = top;
        }
    }
    painter.add(mesh);
    copies(painter, rect, tokens, course, &axis);
}

fn fill(tokens: &Tokens, arm: ArmId) -> Color32 {
    let strength = if arm == ArmId::BASELINE { 0.3 } else { 0.85 };
    mix(tokens.card, tokens.arm(arm), strength)
}

/// Copies answer nobody: an outline, no surface.
fn copies(painter: &Painter, rect: Rect, tokens: &Tokens, course: &[Moment], axis: &TimeAxis) {
    let line = Stroke::new(1.5, tokens.arm(ArmId::CANDIDATE));
    for piece in course.chunk_by(|before, after| before.is_copying() == after.is_copying()) {
        if !piece.first().is_some_and(Moment::is_copying) {
            continue;
        }
        let corners = piece.iter().flat_map(|moment| {
            let y = rect.bottom() - 1.0 - (rect.height() - 2.0) * moment.copied.min(1.0);
            [pos2(axis.x_of(moment.start), y), pos2(axis.x_of(moment.end), y)]
        });
        let points: Vec<Pos2> = corners.collect();
        painter.extend(Shape::dashed_line(&points, line, 4.0, 3.0));
    }
}

/// Where it was decided, and how.
pub fn paint_decision(
    painter: &Painter,
    rect: Rect,
    tokens: &Tokens,
    outcome: &crate::domain::Outcome,
    end: SimTime,
) {
    if !matches!(
        outcome.kind,
        OutcomeKind::Promoted | OutcomeKind::Aborted | OutcomeKind::RolledBack
    ) {
        return;
    }
    let x = TimeAxis::new(rect.x_range(), end).x_of(outcome.at);
    let line = Stroke::new(1.0, tokens.text);
    painter.line_segment([pos2(x, rect.top()), pos2(x, rect.bottom())], line);
    let head = pos2(x.clamp(rect.left() + 6.0, rect.right() - 6.0), rect.top() + 7.0);
    painter.circle(head, 5.5, tokens.card, line);
    if outcome.kind.is_refusal() {
        paint_cross(painter, head, 2.4, Stroke::new(1.6, tokens.fail));
    } else {
        let tick = vec![head + vec2(-2.6, 0.2), head + vec2(-0.6, 2.2), head + vec2(2.8, -2.0)];
        painter.line(tick, Stroke::new(1.6, tokens.pass));
    }
}
