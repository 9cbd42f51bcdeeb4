//! The settings: few, and all of them commands as well.

use egui::{Context, Ui};

use super::modal;
use crate::app::{Command, Commands, Overlay, State, TextSize, ThemeChoice, Zoom};
use crate::domain::Unit;
use crate::models::DeviceChoice;
use crate::ui::theme::{GAP, Tokens, small};
use crate::ui::widgets::{name_field, value_row_ui};

/// Draws the settings.
pub fn settings_ui(ctx: &Context, state: &State, commands: &mut Commands) {
    modal::overlay(ctx, Overlay::Settings.label(), 420.0, commands, |ui, commands| {
        ui.spacing_mut().item_spacing.y = GAP;
        value_row_ui(ui, "Theme", |ui| theme_ui(ui, state, commands));
        value_row_ui(ui, "Size of everything", |ui| zoom_ui(ui, state, commands));
        value_row_ui(ui, "Size of text", |ui| text_size_ui(ui, state, commands));
        for units in Unit::ALL.chunks(2) {
            unit_row_ui(ui, units, state, commands);
        }
        value_row_ui(ui, "Models run on", |ui| device_ui(ui, state, commands));
        value_row_ui(ui, "Your name", |ui| name_ui(ui, state, commands));
        let mut is_reduced = state.settings.reduced_motion;
        if ui.checkbox(&mut is_reduced, "Stills instead of moving pictures").changed() {
            commands.push(Command::SetReducedMotion(is_reduced));
        }
        let note = "Your name stands beside your runs and comments; runs are shared without it.";
        ui.label(small(note).color(Tokens::of(ui).subdued));
        let note = "Settings are kept on this computer; experiments live in the library.";
        ui.label(small(note).color(Tokens::of(ui).subdued));
    });
}

fn name_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    if let Some(name) = name_field(ui, &state.settings.reviewer) {
        commands.push(Command::SetReviewer(name));
    }
}

fn theme_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    // From right to left.
    for theme in ThemeChoice::ALL.into_iter().rev() {
        let is_chosen = state.settings.theme == theme;
        if ui.selectable_label(is_chosen, theme.label()).clicked() {
            commands.push(Command::SetTheme(theme));
        }
    }
}

fn text_size_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    // From right to left.
    for size in TextSize::ALL.into_iter().rev() {
        let is_chosen = state.settings.text_size == size;
        if ui.selectable_label(is_chosen, size.label()).clicked() {
            commands.push(Command::SetTextSize(size));
        }
    }
}

/// The units of one kind of numbers, each as an example.
fn unit_row_ui(ui: &mut Ui, units: &[Unit], state: &State, commands: &mut Commands) {
    let what = units.first().map_or("", |unit| unit.words().0);
    value_row_ui(ui, what, |ui| {
        // From right to left.
        for unit in units.iter().rev() {
            let command = Command::SetUnit(*unit);
            let label = ui.selectable_label(unit.is_in(state.settings.notation), unit.words().1);
            if label.on_hover_text(command.tooltip()).clicked() {
                commands.push(command);
            }
        }
    });
}

fn device_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    // From right to left.
    for device in DeviceChoice::OFFERED.into_iter().rev() {
        let is_chosen = state.settings.device == device;
        let command = Command::SetDevice(device);
        let label = ui.selectable_label(is_chosen, device.label());
        if label.on_hover_text(command.tooltip()).clicked() {
            commands.push(command);
        }
    }
}

fn zoom_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let now = format!("{:.0} %", state.settings.zoom * 100.0);
    // From right to left.
    for (zoom, text) in [(Zoom::In, "+"), (Zoom::Reset, &now), (Zoom::Out, "−")] {
        let command = Command::Zoom(zoom);
        let keys = command.shortcut().unwrap_or_default();
        let button = ui.button(text).on_hover_text(format!("{} ({keys})", command.label()));
        if button.clicked() {
            commands.push(command);
        }
    }
}
