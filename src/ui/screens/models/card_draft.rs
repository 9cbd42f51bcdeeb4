//! A card that was proposed for a model without one, to be completed and written.

use egui::{Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::Page;
use crate::app::Command;
use crate::domain::ModelSource;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::primary_button;

const HEIGHT: f32 = 260.0;

/// Draws the editor, if a card was proposed for this arm's folder.
pub fn card_draft_ui(ui: &mut Ui, page: &mut Page<'_>, place: usize, source: &ModelSource) -> bool {
    let ModelSource::Folder(folder) = source else { return false };
    let Some(card) = &page.state.card else { return false };
    if card.folder != page.state.plan.base().join(folder) {
        return false;
    }
    let note = "Proposed from the model's files. Look over the columns and classes, then write it.";
    ui.label(small(note).color(Tokens::of(ui).subdued));
    let mut text = card.text.clone();
    ScrollArea::vertical().id_salt(("card", place)).max_height(HEIGHT).show(ui, |ui| {
        let edit = TextEdit::multiline(&mut text).code_editor().desired_width(f32::INFINITY);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "The card as TOML"));
        if response.changed() {
            page.commands.push(Command::EditCard(text.clone()));
        }
    });
    let write = Command::WriteCard;
    if primary_button(ui, &write.label()).on_hover_text(write.tooltip()).clicked() {
        page.commands.push(write);
    }
    true
}
