//! The chosen experiment: what is known, what its owner keeps beside it, what can be done with it.

use egui::{Label, Margin, Rect, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::super::outcome::standing;
use super::{Editing, LibraryMemory};
use crate::app::{Command, Commands};
use crate::store::{ExperimentId, Summary};
use crate::ui::notation;
use crate::ui::theme::{Tokens, small, strong};
use crate::ui::widgets::{filled_card, primary_button, value_row};

pub(super) fn details_ui(
    ui: &mut Ui,
    rect: Rect,
    list: &[Summary],
    memory: &mut LibraryMemory,
    commands: &mut Commands,
) {
    filled_card(ui, rect, |ui| {
        let Some(one) = memory.chosen(list) else {
            let text = "Choose an experiment to see more of it.";
            ui.label(small(text).color(Tokens::of(ui).subdued));
            return;
        };
        let area = ScrollArea::vertical().id_salt("details").auto_shrink(false);
        area.show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            facts_ui(ui, one);
            ui.add_space(6.0);
            acts_ui(ui, one, commands);
            ui.add_space(6.0);
            keeping_ui(ui, one, memory, commands);
        });
    });
}

fn facts_ui(ui: &mut Ui, one: &Summary) {
    ui.add(Label::new(strong(&one.name)).wrap());
    let (status, word) = standing(one);
    ui.label(strong(status.text(word)).color(status.colour(Tokens::of(ui))));
    if let Some(reason) = one.reason.as_ref().filter(|reason| !reason.is_empty()) {
        ui.add(Label::new(small(reason)).wrap());
    }
    let mut lines = vec![("Id", one.id.to_string()), ("Arms", one.arms.join(", "))];
    if let Some(key) = one.shown.as_ref().and_then(|shown| shown.key) {
        let text = notation::delta_within(key.metric, key.delta, key.interval);
        lines.push((key.metric.label(), text));
    }
    lines.extend([
        ("Data", one.dataset.clone()),
        ("Author", one.author.clone()),
        ("Created", one.created.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        ("Program", one.program_version.clone()),
    ]);
    lines.extend(one.parent.as_ref().map(|parent| ("Forked from", parent.to_string())));
    for (label, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        value_row(ui, label, &value);
    }
}

fn acts_ui(ui: &mut Ui, one: &Summary, commands: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        if primary_button(ui, "Open").clicked() {
            commands.push(Command::OpenExperiment(one.id.clone()));
        }
        type Make = fn(ExperimentId) -> Command;
        let archive: (&str, Make) = if one.is_archived {
            ("Take out of the archive", |id| Command::Archive(id, false))
        } else {
            ("Archive", |id| Command::Archive(id, true))
        };
        let acts: [(&str, Make); 6] = [
            ("Review", Command::ReviewExperiment),
            ("Verify", |id| Command::Verify(Some(id))),
            ("Share…", Command::Share),
            ("As a new plan", Command::DuplicateExperiment),
            archive,
            ("Delete", Command::DeleteExperiment),
        ];
        for (text, make) in acts {
            let command = make(one.id.clone());
            if ui.button(text).on_hover_text(command.tooltip()).clicked() {
                commands.push(command);
            }
        }
    });
}

/// Tags and notes, saved when the field is left.
fn keeping_ui(ui: &mut Ui, one: &Summary, memory: &mut LibraryMemory, commands: &mut Commands) {
    let saved = Editing { id: one.id.clone(), tags: one.tags.join(", "), notes: one.notes.clone() };
    if memory.editing.as_ref().is_none_or(|editing| editing.id != one.id) {
        memory.editing = Some(saved.clone());
    }
    let Some(editing) = &mut memory.editing else { return };
    ui.label(small("Tags, parted by commas").color(Tokens::of(ui).subdued));
    let tags = TextEdit::singleline(&mut editing.tags)
        .margin(Margin::symmetric(7, 4))
        .desired_width(f32::INFINITY);
    let tags = ui.add(tags);
    tags.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Tags"));
    ui.label(small("Notes; they stay in your library").color(Tokens::of(ui).subdued));
    let notes = TextEdit::multiline(&mut editing.notes)
        .margin(Margin::symmetric(7, 5))
        .desired_rows(4)
        .desired_width(f32::INFINITY);
    let notes = ui.add(notes);
    notes.widget_info(|| WidgetInfo::labeled(Role::MultilineTextInput, true, "Notes"));
    if (tags.lost_focus() || notes.lost_focus()) && *editing != saved {
        let tags = editing.tags.split(',').map(|tag| tag.trim().to_owned());
        let tags = tags.filter(|tag| !tag.is_empty()).collect();
        let notes = editing.notes.clone();
        commands.push(Command::KeepBeside { id: one.id.clone(), tags, notes });
    }
}
