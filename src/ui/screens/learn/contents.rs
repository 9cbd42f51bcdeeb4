//! What can be read: a list in three parts.

use egui::{Align2, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::Page;
use crate::app::{Lesson, State};
use crate::domain::StrategyKind;
use crate::ui::theme::{GAP, SMALL_RADIUS, Tokens, small};
use crate::ui::widgets::{Line, paint_line};

const ROW_HEIGHT: f32 = 26.0;

/// Draws the list; a click turns to a page.
pub fn contents_ui(ui: &mut Ui, state: &State, page: &mut Page) {
    ui.spacing_mut().item_spacing.y = 2.0;
    heading(ui, "Lessons");
    for lesson in Lesson::ALL {
        let is_known = state.settings.known_lessons.contains(&lesson);
        let note = if is_known { "✓" } else { "" };
        row_ui(ui, page, Page::Lesson(lesson), lesson.title(), note);
    }
    ui.add_space(GAP);
    heading(ui, "Strategies");
    for kind in StrategyKind::ALL {
        row_ui(ui, page, Page::Strategy(kind), kind.label(), "");
    }
    ui.add_space(GAP);
    heading(ui, "Reference");
    row_ui(ui, page, Page::Words, "Words", "");
}

fn heading(ui: &mut Ui, text: &str) {
    ui.label(small(text).color(Tokens::of(ui).subdued));
}

fn row_ui(ui: &mut Ui, page: &mut Page, target: Page, label: &str, note: &str) {
    let tokens = Tokens::of(ui);
    let is_current = *page == target;
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response): (_, Response) = ui.allocate_exact_size(size, Sense::click());
    let prefix = match target {
        Page::Lesson(_) => "Lesson ",
        Page::Strategy(_) => "About ",
        Page::Words => "",
    };
    let name = format!("{prefix}{label}");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, &name));
    if is_current {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.accent_ground);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.button_hovered);
    }
    if response.has_focus() {
        let line = Stroke::new(1.5, tokens.accent);
        ui.painter().rect_stroke(rect, SMALL_RADIUS, line, egui::StrokeKind::Inside);
    }
    let font = egui::TextStyle::Body.resolve(ui.style());
    let line = Line { font: font.clone(), colour: tokens.text, align: Align2::LEFT_CENTER };
    let at = pos2(rect.left() + 8.0, rect.center().y);
    paint_line(ui.painter(), at, label, &line, rect.width() - 28.0);
    let at = pos2(rect.right() - 8.0, rect.center().y);
    ui.painter().text(at, Align2::RIGHT_CENTER, note, font, tokens.pass);
    if response.clicked() {
        *page = target;
    }
}
