//! Rows of a label at the left and a value at the right end.

use egui::{Align, Label, Layout, Response, Ui};

use crate::ui::theme::Tokens;

/// A label and its value, cut where there is no room for it and then told whole under the pointer.
pub fn value_row(ui: &mut Ui, label: &str, value: &str) -> Response {
    value_row_ui(ui, label, |ui| {
        ui.add(Label::new(value).truncate());
    })
}

/// A label and whatever `add_value` draws, from the right end inwards.
pub fn value_row_ui(ui: &mut Ui, label: &str, add_value: impl FnOnce(&mut Ui)) -> Response {
    ui.horizontal(|ui| {
        let subdued = Tokens::of(ui).subdued;
        ui.label(egui::RichText::new(label).color(subdued));
        ui.with_layout(Layout::right_to_left(Align::Center), add_value);
    })
    .response
}
