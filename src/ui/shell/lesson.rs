//! The bubbles of the first lesson.

use egui::{
    Align2, Area, Id, Key, Label, Modifiers, Order, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2,
};

use crate::app::lesson::{Anchor, STEPS};
use crate::app::{Command, Commands};
use crate::ui::rehearse::RehearsePlaces;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{card_frame, primary_button};

const WIDTH: f32 = 280.0;
const TIP: f32 = 9.0;

/// Where a bubble's tip is and which corner of it lies there.
fn place(anchor: Anchor, places: &RehearsePlaces) -> (Pos2, Align2) {
    match anchor {
        Anchor::Router => {
            let at = pos2(places.diagram.center().x, places.diagram.bottom() - 18.0);
            (at, Align2::CENTER_TOP)
        }
        Anchor::Charts => (places.charts.center_top() + vec2(0.0, 14.0), Align2::CENTER_BOTTOM),
        Anchor::Verdict if places.is_folded => {
            let at = pos2(places.verdict.left() + 120.0, places.verdict.bottom() - 4.0);
            (at, Align2::CENTER_TOP)
        }
        Anchor::Verdict => {
            (pos2(places.verdict.left() + 6.0, places.verdict.top() + 60.0), Align2::RIGHT_CENTER)
        }
    }
}

/// Draws the bubble of a step; Enter goes on, Escape skips the rest.
pub fn bubble_ui(ui: &Ui, step: usize, places: &RehearsePlaces, commands: &mut Commands) {
    let Some(lesson) = STEPS.get(step) else { return };
    let tokens = Tokens::of(ui);
    let (tip, align) = place(lesson.anchor, places);
    let away = match align {
        Align2::CENTER_TOP => vec2(0.0, TIP),
        Align2::CENTER_BOTTOM => vec2(0.0, -TIP),
        _ => vec2(-TIP, 0.0),
    };
    let area = Area::new(Id::unique("lesson")).order(Order::Foreground).pivot(align);
    let bubble = area.fixed_pos(tip + away).show(ui.ctx(), |ui| {
        let frame = card_frame(tokens)
            .fill(tokens.accent_ground)
            .stroke(Stroke::new(1.0, tokens.accent))
            .shadow(ui.visuals().popup_shadow);
        frame.show(ui, |ui| {
            ui.set_width(WIDTH);
            let count = format!("{} of {}", step + 1, STEPS.len());
            ui.label(small(count).color(tokens.subdued));
            ui.add(Label::new(lesson.text).wrap());
            ui.add_space(2.0);
            ui.horizontal(|ui| {
                let next = if step + 1 == STEPS.len() { "Done" } else { "Next" };
                let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
                if primary_button(ui, next).clicked() || enter {
                    commands.push(Command::NextLessonStep);
                }
                let skip = Command::SkipLesson;
                if ui.button(skip.label()).on_hover_text(skip.tooltip()).clicked() {
                    commands.push(skip);
                }
            });
        });
    });
    tip_ui(ui, tip, bubble.response.rect);
}

/// The bubble's tip, from the side of `bubble` that is next to it.
fn tip_ui(ui: &Ui, tip: Pos2, bubble: Rect) {
    let tokens = Tokens::of(ui);
    let base = bubble.clamp(tip);
    let side = (tip - base).normalized().rot90() * (TIP * 0.8);
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("lesson tip"));
    let painter = ui.ctx().layer_painter(layer);
    let points = vec![base + side, tip, base - side];
    painter.add(Shape::convex_polygon(points, tokens.accent, Stroke::NONE));
}
