//! One line that says what is wrong, beside the thing that is.

use egui::{Response, RichText, Ui};

use super::Status;
use crate::ui::theme::Tokens;

/// The status' glyph and the message, wrapped to the width; `details` fold out on demand.
pub fn problem_line(ui: &mut Ui, status: Status, message: &str, details: Option<&str>) -> Response {
    let tokens = Tokens::of(ui);
    let response = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(RichText::new(status.glyph()).strong().color(status.colour(tokens)));
            ui.add(egui::Label::new(message).wrap())
        })
        .inner;
    if let Some(details) = details {
        ui.collapsing("Details", |ui| {
            ui.add(
                egui::Label::new(RichText::new(details).monospace().color(tokens.subdued))
                    .selectable(true)
                    .wrap(),
            );
        });
    }
    response
}
