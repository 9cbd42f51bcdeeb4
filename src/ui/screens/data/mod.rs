//! The Data screen: the rows that are replayed, what is wrong with them, and what their columns
//! are for.

mod choose;
mod columns;
mod facts;
mod histogram;
mod images;
mod profile;
mod roles;
mod rows;
mod short;
mod table;
#[cfg(test)]
mod tests;

pub use columns::range;

use std::path::Path;
use std::sync::Arc;

use super::guesses::Guesses;
use egui::{Frame, Margin, Rect, Ui, UiBuilder};

use crate::app::{Ask, Command, Commands, DataState, State};
use crate::data::Dataset;
use crate::ui::theme::{GAP, number, small, title};
use crate::ui::widgets::{Status, card_frame, filled_card, problem_line};
use crate::worker::{JobId, RunningJob};

/// From this width on the chosen column has a card at the right, else beneath the table.
const WIDE: f32 = 1_100.0;
const PROFILE_WIDTH: f32 = 300.0;
const PROFILE_HEIGHT: f32 = 190.0;
/// Width of the card at the left.
const FACTS_WIDTH: f32 = 236.0;

/// How the screen was left.
#[derive(Default)]
pub struct DataMemory {
    /// The path that is being typed.
    path: String,
    /// The first rows instead of the columns.
    shows_rows: bool,
    guesses: Guesses,
    images: images::Images,
}

/// Draws the screen.
pub fn data_ui(
    ui: &mut Ui,
    state: &State,
    jobs: &[RunningJob],
    memory: &mut DataMemory,
    commands: &mut Commands,
) {
    Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| match &state.data {
        DataState::Empty => choose::choose_ui(ui, &mut memory.path, commands),
        DataState::Loading { job, path } => loading_ui(ui, jobs, *job, path, commands),
        DataState::Failed { path, message } => failed_ui(ui, path, message, commands),
        DataState::Loaded(dataset) => loaded_ui(ui, state, dataset, memory, commands),
    });
}

fn loading_ui(ui: &mut Ui, jobs: &[RunningJob], job: JobId, path: &Path, commands: &mut Commands) {
    card_frame(crate::ui::theme::Tokens::of(ui)).show(ui, |ui| {
        ui.set_width(ui.available_width().min(520.0));
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        ui.label(title(name.unwrap_or_default()));
        super::job::job_ui(ui, jobs, job, "rows", commands);
    });
}

fn failed_ui(ui: &mut Ui, path: &Path, message: &str, commands: &mut Commands) {
    card_frame(crate::ui::theme::Tokens::of(ui)).show(ui, |ui| {
        ui.set_width(ui.available_width().min(620.0));
        ui.label(title("This file cannot be used"));
        // The path comes last, on a line of its own.
        let (what, _) = message.split_once('\n').unwrap_or((message, ""));
        problem_line(ui, Status::Fail, what, None);
        ui.label(number(path.display().to_string()));
        ui.add_space(GAP / 2.0);
        ui.horizontal(|ui| {
            if ui.button("Choose another file…").clicked() {
                commands.push(Command::Choose(Ask::Data));
            }
            if ui.button("Try again").clicked() {
                commands.push(Command::Picked(Ask::Data, path.to_owned()));
            }
        });
    });
}

fn loaded_ui(
    ui: &mut Ui,
    state: &State,
    dataset: &Arc<Dataset>,
    memory: &mut DataMemory,
    commands: &mut Commands,
) {
    let space = ui.available_rect_before_wrap();
    let places = Places::in_space(space);
    filled_card(ui, places.facts, |ui| facts::facts_ui(ui, state, dataset, commands));
    filled_card(ui, places.table, |ui| table::table_ui(ui, state, dataset, memory, commands));
    filled_card(ui, places.profile, |ui| {
        let chosen = state.column.as_deref();
        let profile = dataset.profiles.iter().find(|profile| Some(&*profile.name) == chosen);
        match profile {
            Some(profile) => {
                profile::profile_ui(ui, state, dataset, profile, &mut memory.images, commands);
            }
            None => _ = ui.label(small("Choose a column to see how its values are spread.")),
        }
    });
    ui.scope_builder(UiBuilder::new().max_rect(space), Ui::take_available_space);
}

/// Fixed by the space alone.
struct Places {
    facts: Rect,
    table: Rect,
    profile: Rect,
}

impl Places {
    fn in_space(space: Rect) -> Self {
        let (facts, rest) = space.split_left_right_at_x(space.left() + FACTS_WIDTH);
        let rest = rest.with_min_x(rest.left() + GAP);
        let (table, profile) = if space.width() >= WIDE {
            let (table, profile) = rest.split_left_right_at_x(rest.right() - PROFILE_WIDTH);
            (table.with_max_x(table.right() - GAP), profile)
        } else {
            let (table, profile) = rest.split_top_bottom_at_y(rest.bottom() - PROFILE_HEIGHT);
            (table.with_max_y(table.bottom() - GAP), profile)
        };
        Self { facts, table, profile }
    }
}
