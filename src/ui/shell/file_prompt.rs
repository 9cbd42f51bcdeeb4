//! While a file dialog is open: the same question as a path field, for whoever prefers to type or
//! has no dialogs.

use std::path::{Path, PathBuf};

use egui::{Context, Key, Modifiers, Role, TextEdit, Ui, WidgetInfo};

use super::modal;
use crate::app::{Ask, Command, Commands};
use crate::ui::theme::{GAP, Tokens, small, title};
use crate::ui::typed_path::typed_path;
use crate::ui::widgets::primary_button_or_reason;

/// A dialog that ends sooner was never shown.
const SOONEST_SECS: f64 = 0.7;

pub struct FilePrompt {
    ask: Ask,
    text: String,
    asked_at: f64,
    has_dialog: bool,
}

impl FilePrompt {
    pub fn new(ask: Ask, folder: Option<&Path>, ctx: &Context) -> Self {
        let proposal = folder.unwrap_or(Path::new("")).join(ask.file_name());
        let text = if ask.is_save() { proposal.display().to_string() } else { String::new() };
        Self { ask, text, asked_at: ctx.input(|input| input.time), has_dialog: true }
    }

    /// Takes what the dialog answered. True if nothing is left to ask.
    pub fn take_answer(
        &mut self,
        answer: Option<PathBuf>,
        ctx: &Context,
        commands: &mut Commands,
    ) -> bool {
        if let Some(path) = answer {
            commands.push(Command::Picked(self.ask.clone(), path));
            return true;
        }
        self.has_dialog = false;
        ctx.input(|input| input.time) - self.asked_at >= SOONEST_SECS
    }

    /// Draws the field. True if nothing is left to ask.
    pub fn ui(&mut self, ctx: &Context, commands: &mut Commands) -> bool {
        let (is_done, is_closed) =
            modal::sheet(ctx, "file prompt", 520.0, |ui| self.contents_ui(ui, commands));
        is_done || is_closed || ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape))
    }

    fn contents_ui(&mut self, ui: &mut Ui, commands: &mut Commands) -> bool {
        let tokens = Tokens::of(ui);
        ui.label(title(self.ask.title()));
        ui.label(if self.has_dialog {
            "Choose in the dialog that has opened, or type a path here."
        } else {
            "No file dialog could be shown here. Type a path instead."
        });
        let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let field = TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY);
        let field = ui.add(field.hint_text("/folder/file"));
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Path"));
        if ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        let path = self.path();
        let is_there = path.as_deref().is_some_and(Path::exists);
        let note = match (&path, self.ask.is_save(), is_there) {
            (Some(_), true, true) => "There is such a file already: it will be replaced.",
            (Some(_), false, false) => "There is no such file.",
            _ => "",
        };
        ui.label(small(note).color(tokens.warn));
        ui.add_space(GAP / 2.0);
        let can = match (&path, is_there || self.ask.is_save()) {
            (None, _) => Err("Type a path first"),
            (Some(_), false) => Err("There is no such file"),
            (Some(_), true) => Ok(()),
        };
        ui.horizontal(|ui| {
            let verb = if self.ask.is_save() { "Save" } else { "Open" };
            let go = primary_button_or_reason(ui, verb, can).clicked() || (enter && can.is_ok());
            if go && let Some(path) = path {
                commands.push(Command::Picked(self.ask.clone(), path));
            }
            ui.button("Cancel").clicked() || go
        })
        .inner
    }

    /// What is typed, with the ending that fits where none was given.
    fn path(&self) -> Option<PathBuf> {
        let path = typed_path(&self.text)?;
        let ending = self.ask.endings().first().filter(|_| self.ask.is_save());
        Some(match ending {
            Some(ending) if path.extension().is_none() => path.with_extension(ending),
            _ => path,
        })
    }
}
