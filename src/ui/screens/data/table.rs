//! The middle of the screen: all columns, or the first rows.

use egui::{Align, Layout, Ui};

use super::{DataMemory, columns, rows};
use crate::app::{Command, Commands, Place, State};
use crate::data::Dataset;
use crate::ui::theme::GAP;
use crate::ui::widgets::primary_button;

/// Draws the switch and what it shows.
pub fn table_ui(
    ui: &mut Ui,
    state: &State,
    dataset: &Dataset,
    memory: &mut DataMemory,
    commands: &mut Commands,
) {
    ui.horizontal(|ui| {
        ui.selectable_value(&mut memory.shows_rows, false, "Columns");
        ui.selectable_value(&mut memory.shows_rows, true, "First rows");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let next = Command::Go(Place::Models);
            if primary_button(ui, "Choose models").on_hover_text(next.tooltip()).clicked() {
                commands.push(next);
            }
        });
    });
    ui.add_space(GAP / 2.0);
    if memory.shows_rows {
        rows::rows_ui(ui, &dataset.table, &mut memory.images);
    } else {
        let guess = memory.guesses.of(&dataset.table);
        columns::columns_ui(ui, state, dataset, guess, commands);
    }
}
