//! The lessons on the Start screen: one click plays one.

use egui::{Align2, FontId, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::{Command, Commands, Lesson, Place, State};
use crate::ui::theme::{SMALL_RADIUS, Tokens, small, strong};
use crate::ui::widgets::{Icon, Line, paint_icon, paint_line};

const ROW_HEIGHT: f32 = 26.0;
/// The heading, six rows and the link.
pub const HEIGHT: f32 = 6.0 * ROW_HEIGHT + 66.0;

/// Draws the list.
pub fn lessons_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    ui.label(strong("Lessons, a minute each"));
    ui.spacing_mut().item_spacing.y = 0.0;
    for lesson in Lesson::ALL {
        let is_known = state.settings.known_lessons.contains(&lesson);
        if row_ui(ui, lesson, is_known).on_hover_text(lesson.about()).clicked() {
            commands.push(Command::StartLesson(lesson));
        }
    }
    ui.add_space(6.0);
    if ui.link(small("Strategies and words explained")).clicked() {
        commands.push(Command::Go(Place::Learn));
    }
}

fn row_ui(ui: &mut Ui, lesson: Lesson, is_known: bool) -> Response {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let note = if is_known { ", taken" } else { "" };
    let label = format!("Lesson {}{note}", lesson.title());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let is_lit = response.hovered() || response.has_focus();
    if is_lit {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.button_hovered);
    }
    let colour = if is_lit { tokens.accent } else { tokens.subdued };
    let icon = Rect::from_center_size(pos2(rect.left() + 12.0, rect.center().y), vec2(10.0, 10.0));
    paint_icon(ui.painter(), icon, Icon::Play, colour);
    let font = FontId::proportional(13.0);
    let line = Line { font: font.clone(), colour: tokens.text, align: Align2::LEFT_CENTER };
    let at = pos2(rect.left() + 26.0, rect.center().y);
    paint_line(ui.painter(), at, lesson.title(), &line, rect.width() - 50.0);
    if is_known {
        let at = pos2(rect.right() - 10.0, rect.center().y);
        ui.painter().text(at, Align2::RIGHT_CENTER, "✓", font, tokens.pass);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}
