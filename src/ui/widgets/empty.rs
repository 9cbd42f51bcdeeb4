//! What a place says while it has nothing to show: one sentence, one action.

use egui::{Layout, RichText, Ui, vec2};

use super::primary_button;
use crate::ui::theme::Tokens;

/// A sentence in the middle of the space that is left, and a button beneath it. True if that was
/// clicked.
pub fn empty_state(ui: &mut Ui, sentence: &str, action: Option<&str>) -> bool {
    let tokens = Tokens::of(ui);
    let height = ui.available_height();
    let contents = if action.is_some() { 60.0 } else { 20.0 };
    let mut clicked = false;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), height),
        Layout::top_down(egui::Align::Center),
        |ui| {
            ui.add_space(((height - contents) / 2.0).max(8.0));
            ui.label(RichText::new(sentence).color(tokens.subdued));
            if let Some(action) = action {
                ui.add_space(6.0);
                clicked = primary_button(ui, action).clicked();
            }
        },
    );
    clicked
}
