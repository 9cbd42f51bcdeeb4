//! The Library screen: every experiment, found again.

mod details;
mod table;
mod tools;

use egui::{Margin, Ui};

use crate::app::{Command, Commands, LibraryRow, LibraryState, LibraryView, Place, State};
use crate::store::{ExperimentId, Summary};
use crate::ui::theme::{GAP, Tokens, small, title};
use crate::ui::widgets::{Status, empty_state, problem_line};

const DETAILS_WIDTH: f32 = 292.0;

/// How the screen was left, and what is dear to compute.
#[derive(Default)]
pub struct LibraryMemory {
    search: String,
    chosen: Option<ExperimentId>,
    /// What is being written beside the chosen experiment.
    editing: Option<Editing>,
    rows: Vec<LibraryRow>,
    has_authors: bool,
    /// What `rows` were computed from.
    of: Option<(u64, LibraryView, Option<String>)>,
}

/// Tags and notes that are being written.
#[derive(Clone, Debug, PartialEq)]
struct Editing {
    id: ExperimentId,
    tags: String,
    notes: String,
}

/// Draws the screen.
pub fn library_ui(ui: &mut Ui, state: &State, memory: &mut LibraryMemory, commands: &mut Commands) {
    egui::Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| match &state.library {
        LibraryState::Failed(message) => {
            ui.label(title("Library"));
            let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
            let details = (!rest.is_empty()).then_some(rest);
            problem_line(ui, Status::Fail, first, details);
            if ui.button("Try again").clicked() {
                commands.push(Command::RefreshLibrary);
            }
        }
        LibraryState::Read(list) if list.is_empty() => {
            let sentence = "No experiments yet. Everything that you rehearse is kept here.";
            if empty_state(ui, sentence, Some("Play an example")) {
                commands.push(Command::Go(Place::Start));
            }
            undo_ui(ui, state, commands);
        }
        LibraryState::Unread | LibraryState::Reading => {
            empty_state(ui, "Reading the library…", None);
        }
        LibraryState::Read(list) => list_ui(ui, state, list, memory, commands),
    });
}

fn list_ui(
    ui: &mut Ui,
    state: &State,
    list: &[Summary],
    memory: &mut LibraryMemory,
    commands: &mut Commands,
) {
    memory.follow(state, list);
    let whole = ui.available_rect_before_wrap();
    ui.horizontal(|ui| {
        ui.label(title("Library"));
        let count = match (memory.rows.len(), list.len()) {
            (1, 1) => "1 experiment".to_owned(),
            (shown, all) if shown == all => format!("{all} experiments"),
            (shown, all) => format!("{shown} of {all} experiments"),
        };
        ui.label(small(count).color(Tokens::of(ui).subdued));
        undo_ui(ui, state, commands);
    });
    ui.add_space(GAP / 2.0);
    tools::tools_ui(ui, state, list, memory, commands);
    ui.add_space(GAP / 2.0);
    let rect = whole.with_min_y(ui.cursor().top());
    let details = rect.with_min_x(rect.right() - DETAILS_WIDTH);
    let table = rect.with_max_x(details.left() - GAP);
    let mut left = ui.new_child(egui::UiBuilder::new().max_rect(table));
    table::table_ui(&mut left, &state.settings.library, list, memory, commands);
    details::details_ui(ui, details, list, memory, commands);
}

/// What was deleted last can be had back.
fn undo_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let Some((id, name)) = &state.deleted else { return };
    ui.label(small(format!("{name} was deleted.")).color(Tokens::of(ui).subdued));
    if ui.small_button("Bring it back").clicked() {
        commands.push(Command::RestoreExperiment(id.clone()));
    }
}

impl LibraryMemory {
    /// Computes the lines anew if list, view or search have changed.
    fn follow(&mut self, state: &State, list: &[Summary]) {
        let found = state.found.as_ref().filter(|_| !self.search.trim().is_empty());
        let text = found.map(|found| found.text.clone());
        let view = &state.settings.library;
        let now = (state.library_version, view.clone(), text);
        if self.of.as_ref() != Some(&now) {
            self.rows = view.rows(list, found);
            self.has_authors = list.iter().any(|one| !one.author.is_empty());
            self.of = Some(now);
        }
    }

    fn chosen<'a>(&self, list: &'a [Summary]) -> Option<&'a Summary> {
        let chosen = self.chosen.as_ref()?;
        list.iter().find(|one| one.id == *chosen)
    }
}

#[cfg(test)]
mod tests;
