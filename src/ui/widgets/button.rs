//! Buttons: the one that goes on, and those that say why they cannot be pressed.

use egui::{Button, Response, RichText, Stroke, Ui};

use crate::ui::theme::{Tokens, semibold};

/// The button that a person most likely wants next; at most one on a screen.
pub fn primary_button(ui: &mut Ui, text: &str) -> Response {
    primary_button_or_reason(ui, text, Ok(()))
}

/// [`primary_button`], greyed out with its reason if there is one.
pub fn primary_button_or_reason(ui: &mut Ui, text: &str, can: Result<(), &str>) -> Response {
    ui.scope(|ui| {
        let tokens = Tokens::of(ui);
        let widgets = &mut ui.visuals_mut().widgets;
        for (visuals, fill) in [
            (&mut widgets.inactive, tokens.primary),
            (&mut widgets.hovered, tokens.primary_hovered),
            (&mut widgets.active, tokens.primary_hovered),
        ] {
            visuals.weak_bg_fill = fill;
            visuals.bg_stroke = Stroke::new(1.0, fill);
            visuals.fg_stroke.color = tokens.on_primary;
        }
        let text = RichText::new(text).font(semibold(13.0));
        with_reason(ui, Button::new(text), can)
    })
    .inner
}

/// A plain button, greyed out with the reason in its tooltip if `can` holds one.
pub fn button_or_reason(ui: &mut Ui, text: &str, can: Result<(), &str>) -> Response {
    with_reason(ui, Button::new(text), can)
}

fn with_reason(ui: &mut Ui, button: Button<'_>, can: Result<(), &str>) -> Response {
    let response = ui.add_enabled(can.is_ok(), button);
    match can {
        Ok(()) => response,
        Err(reason) => response.on_disabled_hover_text(reason),
    }
}
