//! The first card of a model that has none, to be completed and written.

use std::path::Path;

use egui::{Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::Page;
use crate::app::{CardDraft, Command};
use crate::ui::theme::{Tokens, number, small};
use crate::ui::widgets::{Status, primary_button_or_reason, problem_line};

const HEIGHT: f32 = 260.0;

/// Draws the editor of an arm's card, which belongs at `path`.
pub fn card_draft_ui(
    ui: &mut Ui,
    page: &mut Page<'_>,
    place: usize,
    path: &Path,
    card: &CardDraft,
) {
    let note = "What the model reads and answers, as its file and the data tell it. Look over the \
                columns and classes, then write it.";
    ui.label(small(note).color(Tokens::of(ui).subdued));
    let mut text = card.text.clone();
    let area = ScrollArea::vertical().id_salt(("card", place));
    area.min_scrolled_height(HEIGHT).max_height(HEIGHT).show(ui, |ui| {
        let edit = TextEdit::multiline(&mut text).code_editor().desired_width(f32::INFINITY);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "The card as TOML"));
        if response.changed() {
            let card = path.to_owned();
            page.commands.push(Command::EditCard { card, text: text.clone() });
        }
    });
    for problem in &card.problems {
        problem_line(ui, Status::Fail, problem, None);
    }
    let write = Command::WriteCard(place);
    let can = write.can_run(page.state);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ui.horizontal(|ui| {
        let button = primary_button_or_reason(ui, &format!("Write {name}"), can);
        if button.on_hover_text(write.tooltip()).clicked() {
            page.commands.push(write);
        }
        ui.label(number(path.display().to_string()));
    });
}
