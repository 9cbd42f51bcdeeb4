//! The notes on a run: a line each, to write in and to jump to.

use egui::{Margin, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use crate::app::{Command, Commands, Note, PlaybackCommand};
use crate::ui::notation;
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{Icon, icon_button};

/// Draws the list, the earliest first.
pub fn notes_ui(ui: &mut Ui, notes: &[Note], commands: &mut Commands) {
    let add = Command::AddNote;
    let text = format!("Mark this moment ({})", add.shortcut().unwrap_or_default());
    if ui.button(text).on_hover_text(add.tooltip()).clicked() {
        commands.push(add);
    }
    if notes.is_empty() {
        let note = "No moment is marked yet. Notes stay on this computer and never change a run.";
        ui.label(small(note).color(Tokens::of(ui).subdued));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (place, note) in notes.iter().enumerate() {
            ui.push_id(note.at.micros(), |ui| note_ui(ui, place, note, commands));
        }
    });
}

fn note_ui(ui: &mut Ui, place: usize, note: &Note, commands: &mut Commands) {
    ui.horizontal(|ui| {
        let clock = notation::time(note.at);
        if ui.link(&clock).on_hover_text("Go to this moment").clicked() {
            commands.playback(PlaybackCommand::Seek(note.at));
        }
        let width = (ui.available_width() - 44.0).max(60.0);
        let mut text = note.text.clone();
        let field = TextEdit::singleline(&mut text)
            .hint_text("What is worth remembering")
            .margin(Margin::symmetric(6, 3))
            .desired_width(width);
        let field = ui.add(field);
        field
            .widget_info(|| WidgetInfo::labeled(Role::TextInput, true, format!("Note at {clock}")));
        if field.changed() {
            commands.push(Command::WriteNote { place, text });
        }
        let remove = Command::RemoveNote(place);
        if icon_button(ui, Icon::Close, &remove.label()).clicked() {
            commands.push(remove);
        }
    });
}
