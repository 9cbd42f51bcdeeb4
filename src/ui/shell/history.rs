//! All notices so far, the newest first.

use egui::{Context, Label, ScrollArea};

use super::modal;
use super::toasts::{details_ui, status_of};
use crate::app::{Commands, Overlay, State};
use crate::ui::theme::{Tokens, strong};

/// Draws the list.
pub fn history_ui(ctx: &Context, state: &State, commands: &mut Commands) {
    modal::overlay(ctx, Overlay::Notices.label(), 560.0, commands, |ui, _| {
        let tokens = Tokens::of(ui);
        let list = state.notices.list();
        if list.is_empty() {
            ui.label(egui::RichText::new("Nothing to tell so far.").color(tokens.subdued));
            return;
        }
        ScrollArea::vertical().max_height(ui.ctx().content_rect().height() * 0.6).show(ui, |ui| {
            for (place, notice) in list.iter().enumerate().rev() {
                ui.push_id(place, |ui| {
                    ui.horizontal_top(|ui| {
                        let status = status_of(notice.level);
                        ui.label(strong(status.glyph()).color(status.colour(tokens)));
                        ui.add(Label::new(&notice.text).wrap());
                    });
                    details_ui(ui, notice);
                    ui.add_space(4.0);
                });
            }
        });
    });
}
