//! Every key and what it does.

use egui::{Context, Grid, Ui};

use super::modal;
use crate::app::{Command, Commands, Overlay, Place, State};
use crate::ui::theme::{GAP, SMALL_RADIUS, Tokens, strong};

/// Keys that stand for no single command of the list.
const MORE: [(&str, &str); 3] = [
    ("1 to 5", "Speeds of playback"),
    ("?", "These keys"),
    ("Enter", "Press the button that has the focus"),
];

/// Draws the overlay; keys of the screen that is shown come first.
pub fn keys_ui(ctx: &Context, state: &State, commands: &mut Commands) {
    modal::overlay(ctx, Overlay::Keys.label(), 720.0, commands, |ui, _| {
        let (playback, rest): (Vec<Command>, Vec<Command>) = Command::named()
            .into_iter()
            .filter(|command| command.shortcut().is_some())
            .partition(|command| matches!(command, Command::Playback(_) | Command::AddNote));
        let height = ui.ctx().content_rect().height() * 0.65;
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            ui.columns(2, |columns| {
                if let [left, right] = columns {
                    let note = match state.place {
                        Place::Rehearse => "Rehearse, the screen that is shown",
                        _ => "Rehearse",
                    };
                    group_ui(left, "Everywhere", &rest, &[]);
                    group_ui(right, note, &playback, &MORE);
                }
            });
        });
    });
}

fn group_ui(ui: &mut Ui, heading: &str, commands: &[Command], more: &[(&str, &str)]) {
    ui.label(strong(heading));
    ui.add_space(GAP / 2.0);
    Grid::new(heading).num_columns(2).spacing([16.0, 5.0]).show(ui, |ui| {
        for command in commands {
            key_ui(ui, command.shortcut().unwrap_or_default());
            ui.label(command.label());
            ui.end_row();
        }
        for (keys, meaning) in more {
            key_ui(ui, keys);
            ui.label(*meaning);
            ui.end_row();
        }
    });
}

fn key_ui(ui: &mut Ui, keys: &str) {
    let tokens = Tokens::of(ui);
    egui::Frame::new()
        .fill(tokens.track)
        .corner_radius(SMALL_RADIUS - 2)
        .inner_margin(egui::Margin::symmetric(6, 1))
        .show(ui, |ui| ui.label(crate::ui::theme::small(keys)));
}
