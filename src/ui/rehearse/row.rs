//! A line of a list about moments: time, glyph, sentence, and a value at the end.

use egui::{Align2, FontId, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::domain::SimTime;
use crate::ui::notation;
use crate::ui::theme::{SMALL_RADIUS, Tokens};
use crate::ui::widgets::Status;
use crate::ui::widgets::{Line, paint_line};

/// What a line shows.
pub struct Row<'a> {
    pub at: SimTime,
    pub status: Status,
    pub text: &'a str,
    pub value: &'a str,
}

impl Row<'_> {
    /// In points.
    pub const HEIGHT: f32 = 22.0;
}

/// The whole line can be clicked; a text that does not fit is cut and told in full on hover.
pub fn row_ui(ui: &mut Ui, row: &Row<'_>) -> Response {
    let tokens = Tokens::of(ui);
    let size = vec2(ui.available_width(), Row::HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let clock = notation::time(row.at);
    let label = format!("{clock} {} {}", row.text, row.value);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label.trim()));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, SMALL_RADIUS, tokens.button_hovered);
    }
    let line = |colour, align| Line { font: FontId::proportional(12.0), colour, align };
    let painter = ui.painter();
    let y = rect.center().y;
    let time = Line { font: FontId::monospace(11.0), ..line(tokens.subdued, Align2::LEFT_CENTER) };
    let clock = paint_line(painter, pos2(rect.left() + 4.0, y), &clock, &time, 110.0);
    let glyph = pos2(clock.right() + 12.0, y);
    let mark = line(row.status.colour(tokens), Align2::CENTER_CENTER);
    paint_line(painter, glyph, &row.status.glyph().to_string(), &mark, 20.0);
    let value = line(tokens.subdued, Align2::RIGHT_CENTER);
    let value =
        paint_line(painter, pos2(rect.right() - 4.0, y), row.value, &value, rect.width() / 2.0);
    let start = glyph.x + 10.0;
    let text = line(tokens.text, Align2::LEFT_CENTER);
    let room = value.left() - start - 6.0;
    let shown = paint_line(painter, pos2(start, y), row.text, &text, room);
    if shown.width() + 2.0 >= room { response.on_hover_text(row.text) } else { response }
}
