//! A lesson before it is played: what it shows, and what is worth changing in it.

use egui::{Sense, Ui, vec2};

use super::super::story::{Motion, paint_story, phase};
use crate::app::{Command, Commands, Lesson, State};
use crate::domain::StrategyKind;
use crate::ui::theme::{GAP, Tokens, small, strong, verdict};
use crate::ui::widgets::{explained, primary_button};

const PICTURE: egui::Vec2 = vec2(360.0, 150.0);

/// Draws the page.
pub fn lesson_ui(
    ui: &mut Ui,
    state: &State,
    lesson: Lesson,
    motion: &mut Motion,
    commands: &mut Commands,
) {
    let tokens = Tokens::of(ui);
    ui.label(verdict(lesson.title()));
    explained(ui, lesson.about());
    ui.add_space(GAP);
    picture_ui(ui, kind_of(lesson), state.settings.reduced_motion, motion);
    ui.add_space(GAP);
    ui.horizontal(|ui| {
        let play = Command::StartLesson(lesson);
        if primary_button(ui, "Play the lesson").on_hover_text(play.tooltip()).clicked() {
            commands.push(play);
        }
        let is_known = state.settings.known_lessons.contains(&lesson);
        let note = if is_known { "Taken before" } else { "About a minute" };
        ui.label(small(note).color(tokens.subdued));
    });
    ui.add_space(2.0 * GAP);
    ui.label(strong("What it tells"));
    for (place, step) in lesson.steps().iter().enumerate() {
        ui.horizontal_top(|ui| {
            ui.label(small(format!("{}", place + 1)).color(tokens.subdued));
            explained(ui, step.text);
        });
    }
    ui.add_space(GAP);
    ui.label(strong("Change it"));
    explained(ui, lesson.to_change());
    let note = "The lesson's plan stays in Plan when it is over: change anything in it and rehearse again.";
    ui.label(small(note).color(tokens.subdued));
}

fn kind_of(lesson: Lesson) -> StrategyKind {
    match lesson {
        Lesson::Direct => StrategyKind::Direct,
        Lesson::Shadow => StrategyKind::Shadow,
        Lesson::BlueGreen => StrategyKind::BlueGreen,
        Lesson::Canary | Lesson::Batch => StrategyKind::Canary,
        Lesson::Ab => StrategyKind::Ab,
    }
}

/// The strategy's picture; it moves while the pointer is on it.
pub fn picture_ui(ui: &mut Ui, kind: StrategyKind, is_still: bool, motion: &mut Motion) {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(PICTURE, Sense::hover());
    response.widget_info(|| {
        let label = format!("Picture of {}", kind.label());
        egui::WidgetInfo::labeled(egui::Role::Image, true, label)
    });
    let secs = motion.secs(ui, kind, !is_still && response.hovered());
    let edge = egui::Stroke::new(1.0, tokens.edge);
    let inside = egui::StrokeKind::Inside;
    ui.painter().rect(rect, crate::ui::theme::RADIUS, tokens.card, edge, inside);
    paint_story(ui.painter(), rect.shrink(12.0), tokens, kind, phase(kind, secs));
}
