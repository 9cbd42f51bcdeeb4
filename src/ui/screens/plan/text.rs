//! The plan as the text that its file holds.

use egui::{ScrollArea, TextEdit, Ui, WidgetInfo};

use super::PlanMemory;
use crate::app::{Command, Commands, State};
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{Status, is_typed_in, problem_line};

/// Draws the editor; whatever is a plan is taken at once.
pub fn text_ui(ui: &mut Ui, state: &State, memory: &mut PlanMemory, commands: &mut Commands) {
    match state.plan.broken_text() {
        Some((_, fault)) => {
            problem_line(ui, Status::Fail, &fault.to_string(), None);
        }
        None => {
            let note = "Changes are taken as you type; the form shows the same plan.";
            ui.label(small(note).color(Tokens::of(ui).subdued));
        }
    }
    ui.add_space(GAP / 2.0);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let edit = TextEdit::multiline(&mut memory.text)
            .code_editor()
            .desired_width(f32::INFINITY)
            .desired_rows(24);
        let response = ui.add(edit);
        response.widget_info(|| {
            let mut info = WidgetInfo::text_edit(true, &memory.text, &memory.text, "");
            info.label = Some("The plan as TOML".to_owned());
            info
        });
        if response.changed() {
            commands.push(Command::EditPlanText(memory.text.clone()));
        } else if !is_typed_in(&response) && state.plan.broken_text().is_none() {
            // Undo and other screens change the plan too.
            let text = state.plan.draft().to_toml();
            if text != memory.text {
                memory.text = text;
            }
        }
    });
}
