//! The bar above the form: the plan's name, its file, and the button that goes on.

use egui::{Align, Layout, Ui};

use super::PlanMemory;
use crate::app::{Ask, Command, Commands, State};
use crate::domain::PlanDraft;
use crate::ui::form::{Field, Form};
use crate::ui::theme::{Tokens, small};
use crate::ui::widgets::{Icon, button_or_reason, icon_button, primary_button_or_reason};

const NAME_WIDTH: f32 = 230.0;
/// Below this width the buttons have a row of their own.
const NARROW: f32 = 700.0;

/// Draws the bar.
pub fn header_ui(
    ui: &mut Ui,
    state: &State,
    draft: &mut PlanDraft,
    memory: &mut PlanMemory,
    commands: &mut Commands,
) {
    let field = Field::new("name", "Name of the plan").hint("Name of the plan");
    let (is_narrow, is_text) = (ui.available_width() < NARROW, memory.is_text);
    let mut is_toggled = false;
    let mut form = Form::new(state.plan.problems(), &mut memory.wanted);
    ui.horizontal(|ui| {
        form.cell(ui, &field, NAME_WIDTH, &mut draft.name);
        ui.label(small(standing(state)).color(Tokens::of(ui).subdued)).on_hover_text(
            state.plan.path().map_or_else(
                || "This plan has no file yet".to_owned(),
                |path| path.display().to_string(),
            ),
        );
        history_ui(ui, state, commands);
        if !is_narrow {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                is_toggled = buttons_ui(ui, state, is_text, commands);
            });
        }
    });
    form.problems_ui(ui, &field.path);
    if is_narrow {
        ui.horizontal(|ui| is_toggled = buttons_ui(ui, state, is_text, commands));
    }
    if is_toggled {
        memory.is_text = !is_text;
        memory.text = draft.to_toml();
    }
}

/// What can be done with the plan, the most usual first; tells whether the person changes between
/// form and text.
fn buttons_ui(ui: &mut Ui, state: &State, is_text: bool, commands: &mut Commands) -> bool {
    let can = Command::Rehearse.can_run(state);
    let button = primary_button_or_reason(ui, "Rehearse", can);
    if button.on_hover_text(Command::Rehearse.tooltip()).clicked() {
        commands.push(Command::Rehearse);
    }
    let can = Command::CompareStrategies.can_run(state);
    let button = button_or_reason(ui, "Compare strategies", can);
    if button.on_hover_text(Command::CompareStrategies.tooltip()).clicked() {
        commands.push(Command::CompareStrategies);
    }
    files_ui(ui, commands);
    let toggle = ui.selectable_label(is_text, "TOML");
    toggle.on_hover_text("The plan as the text that its file holds").clicked()
}

/// The way back and forth through the changes of the plan.
fn history_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    for (icon, command) in [(Icon::Undo, Command::Undo), (Icon::Redo, Command::Redo)] {
        let keys = command.shortcut().unwrap_or_default();
        let label = format!("{} ({keys})", command.label());
        let can = command.can_run(state);
        ui.add_enabled_ui(can.is_ok(), |ui| {
            let response = icon_button(ui, icon, &label);
            let response = match can {
                Ok(()) => response,
                Err(reason) => response.on_disabled_hover_text(reason),
            };
            if response.clicked() {
                commands.push(command);
            }
        });
    }
}

/// From the right: save, open. The menu has the rest.
fn files_ui(ui: &mut Ui, commands: &mut Commands) {
    for (text, command) in [("Save", Command::SavePlan), ("Open…", Command::Choose(Ask::Open))] {
        if ui.button(text).on_hover_text(command.tooltip()).clicked() {
            commands.push(command);
        }
    }
}

fn standing(state: &State) -> &'static str {
    match (state.plan.is_saved(), state.plan.path()) {
        (true, _) => "saved",
        (false, Some(_)) => "changed",
        (false, None) => "not saved",
    }
}
