//! The picture of a plan: who gets which share of the requests when.

use egui::{
    Align2, Button, FontId, Painter, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::outline::{Outline, Phase};
use crate::domain::{ArmId, Fault, PlanDraft, SimSpan, SimTime};
use crate::ui::notation;
use crate::ui::theme::{GAP, Tokens, mix, small};
use crate::ui::widgets::{Status, paint_cross};

const HEIGHT: f32 = 64.0;
const LABELS: f32 = 16.0;

/// Draws the picture as wide as there is space, and a warning where the time is too short.
pub fn picture_ui(ui: &mut Ui, draft: &mut PlanDraft, outline: &Outline) {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), HEIGHT + 2.0 * LABELS);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let plot = rect.shrink2(vec2(0.0, LABELS));
    let traffic_end = SimTime::START + draft.traffic.duration;
    let end = outline.end().max(traffic_end);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, sentence(outline)));
    paint_shares(ui.painter(), plot, outline, end, tokens);
    paint_labels(ui, plot, outline, end);
    for fault in &draft.faults {
        paint_fault(ui, plot, fault, end);
    }
    if traffic_end < end {
        let x = x_at(plot, traffic_end, end);
        let line = Stroke::new(1.5, tokens.warn);
        ui.painter().vline(x, rect.y_range().shrink(LABELS / 2.0), line);
    }
    ui.painter().rect_stroke(plot, 2.0, Stroke::new(1.0, tokens.edge), StrokeKind::Outside);
    let hovered = response.hover_pos().and_then(|at| phase_at(outline, plot, at, end));
    if let Some(phase) = hovered {
        response.on_hover_ui_at_pointer(|ui| phase_tip(ui, phase));
    }
    if outline.rolled_out > traffic_end {
        too_short_ui(ui, draft, outline.rolled_out.since(SimTime::START));
    }
}

/// The traffic ends before the rollout can: says so, and offers the way out.
fn too_short_ui(ui: &mut Ui, draft: &mut PlanDraft, needed: SimSpan) {
    let duration = draft.traffic.duration.words();
    let text = format!(
        "{} The rollout takes {} if all goes well; the traffic ends after {duration}.",
        Status::Warn.glyph(),
        needed.words(),
    );
    ui.horizontal(|ui| {
        ui.label(small(text).color(Tokens::of(ui).warn));
        // A tenth more, in whole minutes.
        let minutes = (needed.as_secs_f64() * 1.1 / 60.0).ceil();
        let longer = SimSpan::from_secs_f64(minutes * 60.0);
        let button = ui.add(Button::new(small(format!("Let it last {longer}"))));
        if button.clicked() {
            draft.traffic.duration = longer;
        }
    });
}

/// Fills `rect` with the shares up to `end`, the candidates from below.
pub fn paint_shares(
    painter: &Painter,
    rect: Rect,
    outline: &Outline,
    end: SimTime,
    tokens: &Tokens,
) {
    painter.rect_filled(rect, 0.0, tokens.arm_ground(ArmId::BASELINE, 0.22));
    for phase in &outline.phases {
        let left = x_at(rect, phase.from, end);
        let right = x_at(rect, phase.to, end).max(left);
        if phase.shares.is_empty() {
            let unknown = Rect::from_x_y_ranges(left..=right, rect.y_range());
            painter.rect_filled(unknown, 0.0, tokens.track);
        }
        let mut bottom = rect.bottom();
        for (place, share) in phase.shares.iter().enumerate() {
            let height = rect.height() * (*share as f32 / 100.0).clamp(0.0, 1.0);
            let top = (bottom - height).max(rect.top());
            let part = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
            let arm = ArmId::new(place + 1);
            painter.rect_filled(part, 0.0, tokens.arm_ground(arm, 0.5));
            if height > 0.0 {
                painter.hline(left..=right, top + 0.75, Stroke::new(1.5, tokens.arm(arm)));
            }
            bottom = top;
        }
        if phase.mirrored > 0.0 {
            paint_mirrored(painter, rect, phase, left, right, tokens);
        }
    }
}

/// Copies: hatched, because nobody gets their answers.
fn paint_mirrored(
    painter: &Painter,
    rect: Rect,
    phase: &Phase,
    left: f32,
    right: f32,
    tokens: &Tokens,
) {
    let height = rect.height() * (phase.mirrored as f32 / 100.0).clamp(0.0, 1.0);
    let part = Rect::from_min_max(pos2(left, rect.bottom() - height), pos2(right, rect.bottom()));
    let colour = tokens.arm(ArmId::CANDIDATE);
    let painter = painter.with_clip_rect(part.intersect(painter.clip_rect()));
    let line = Stroke::new(1.0, mix(tokens.card, colour, 0.7));
    let step = 6.0;
    let count = ((part.width() + part.height()) / step).ceil().min(2_000.0) as u32;
    for place in 0..count {
        let x = part.left() + place as f32 * step;
        painter.line_segment([pos2(x, part.top()), pos2(x - part.height(), part.bottom())], line);
    }
    painter.rect_stroke(part, 0.0, Stroke::new(1.0, colour), StrokeKind::Inside);
}

/// What each phase is called above it, where that fits, and when it begins beneath.
fn paint_labels(ui: &Ui, plot: Rect, outline: &Outline, end: SimTime) {
    let tokens = Tokens::of(ui);
    let font = FontId::proportional(11.0);
    let mut free_from = plot.left();
    for phase in &outline.phases {
        let (left, right) = (x_at(plot, phase.from, end), x_at(plot, phase.to, end));
        let text = if phase.is_open { format!("{} …", phase.label) } else { phase.label.clone() };
        let label = ui.painter().layout_no_wrap(text, font.clone(), tokens.text);
        if label.size().x + 4.0 <= right - left {
            let at = pos2(left + 1.0, plot.top() - 3.0 - label.size().y);
            ui.painter().galley(at, label, tokens.text);
        }
        if left >= free_from {
            let at = pos2(left, plot.bottom() + 3.0);
            let clock = notation::time(phase.from);
            let drawn =
                ui.painter().text(at, Align2::LEFT_TOP, clock, font.clone(), tokens.subdued);
            free_from = drawn.right() + GAP;
        }
    }
    let at = plot.right_bottom() + vec2(0.0, 3.0);
    if at.x - 34.0 >= free_from {
        ui.painter().text(at, Align2::RIGHT_TOP, notation::time(end), font, tokens.subdued);
    }
}

fn paint_fault(ui: &Ui, plot: Rect, fault: &Fault, end: SimTime) {
    let tokens = Tokens::of(ui);
    if fault.at > end {
        return;
    }
    let from = x_at(plot, fault.at, end);
    let to = x_at(plot, fault.end(), end);
    let y = plot.top() + 7.0;
    ui.painter().hline(from..=to, y, Stroke::new(2.0, mix(tokens.card, tokens.fail, 0.6)));
    paint_cross(ui.painter(), pos2(from, y), 3.5, Stroke::new(1.8, tokens.fail));
}

fn x_at(rect: Rect, at: SimTime, end: SimTime) -> f32 {
    let share = at.min(end).as_secs_f64() / end.as_secs_f64().max(1e-6);
    rect.left() + rect.width() * share as f32
}

fn phase_at(outline: &Outline, plot: Rect, at: Pos2, end: SimTime) -> Option<&Phase> {
    outline
        .phases
        .iter()
        .find(|phase| (x_at(plot, phase.from, end)..x_at(plot, phase.to, end)).contains(&at.x))
}

fn phase_tip(ui: &mut Ui, phase: &Phase) {
    ui.label(crate::ui::theme::strong(&phase.label));
    let until =
        if phase.is_open { "until a person acts".to_owned() } else { notation::time(phase.to) };
    ui.label(format!("{} to {until}", notation::time(phase.from)));
    if phase.mirrored > 0.0 {
        ui.label(format!("Copies of {} % go to B; nobody gets its answers", phase.mirrored));
    }
    for (place, share) in phase.shares.iter().enumerate() {
        ui.label(format!("{share:.1} % to {}", ArmId::new(place + 1)));
    }
}

/// The picture in words.
fn sentence(outline: &Outline) -> String {
    let parts = outline.phases.iter().map(|phase| {
        // Of no shares `sum` makes -0, which would be read out.
        let share = phase.shares.iter().fold(0.0, |sum, share| sum + share);
        format!(
            "from {} {}: {share:.0} % to the candidate",
            notation::time(phase.from),
            phase.label
        )
    });
    format!("The plan's stages: {}", parts.collect::<Vec<_>>().join("; "))
}
