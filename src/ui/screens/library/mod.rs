//! The Library screen: every experiment, found again.

mod table;

use egui::{Margin, TextEdit, Ui, WidgetInfo};

use crate::app::{Command, Commands, LibraryState, Place, State};
use crate::store::{ExperimentId, Summary};
use crate::ui::theme::{GAP, Tokens, small, title};
use crate::ui::widgets::{button_or_reason, empty_state, primary_button_or_reason, problem_line};

pub use table::SortBy;

/// How the screen was left.
#[derive(Default)]
pub struct LibraryMemory {
    search: String,
    sort: SortBy,
    is_reversed: bool,
    chosen: Option<ExperimentId>,
    /// Somebody wants this experiment gone; the window asks first.
    pub delete: Option<ExperimentId>,
}

/// Draws the screen.
pub fn library_ui(ui: &mut Ui, state: &State, memory: &mut LibraryMemory, commands: &mut Commands) {
    egui::Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| match &state.library {
        LibraryState::Failed(message) => {
            ui.label(title("Library"));
            let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
            let details = (!rest.is_empty()).then_some(rest);
            problem_line(ui, crate::ui::widgets::Status::Fail, first, details);
            if ui.button("Try again").clicked() {
                commands.push(Command::RefreshLibrary);
            }
        }
        LibraryState::Read(list) if list.is_empty() => {
            let sentence = "No experiments yet. Everything that you rehearse is kept here.";
            if empty_state(ui, sentence, Some("Play an example")) {
                commands.push(Command::Go(Place::Start));
            }
        }
        LibraryState::Unread | LibraryState::Reading => {
            empty_state(ui, "Reading the library…", None);
        }
        LibraryState::Read(list) => list_ui(ui, list, memory, commands),
    });
}

fn list_ui(ui: &mut Ui, list: &[Summary], memory: &mut LibraryMemory, commands: &mut Commands) {
    let shown = table::fitting(list, &memory.search, memory.sort, memory.is_reversed);
    ui.horizontal(|ui| {
        ui.label(title("Library"));
        let count = match (shown.len(), list.len()) {
            (1, 1) => "1 experiment".to_owned(),
            (shown, all) if shown == all => format!("{all} experiments"),
            (shown, all) => format!("{shown} of {all} experiments"),
        };
        ui.label(small(count).color(Tokens::of(ui).subdued));
    });
    ui.add_space(GAP / 2.0);
    tools_ui(ui, &shown, memory, commands);
    ui.add_space(GAP / 2.0);
    table::table_ui(ui, &shown, memory, commands);
}

/// The search field, and what can be done with the chosen experiment.
fn tools_ui(ui: &mut Ui, shown: &[&Summary], memory: &mut LibraryMemory, commands: &mut Commands) {
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut memory.search)
            .hint_text("Search name, strategy, outcome, data or id")
            .margin(Margin::symmetric(8, 5))
            .desired_width(320.0);
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Search"));
        let chosen = shown
            .iter()
            .find(|experiment| Some(&experiment.id) == memory.chosen.as_ref())
            .map(|experiment| experiment.id.clone());
        let can = chosen.as_ref().map(|_| ()).ok_or("Choose an experiment first");
        if primary_button_or_reason(ui, "Open", can).clicked()
            && let Some(id) = &chosen
        {
            commands.push(Command::OpenExperiment(id.clone()));
        }
        type Make = fn(ExperimentId) -> Command;
        let more: [(&str, Make); 2] =
            [("Verify", |id| Command::Verify(Some(id))), ("Share…", Command::Share)];
        for (text, command) in more {
            let button = button_or_reason(ui, text, can);
            if let Some(command) = chosen.clone().map(command) {
                let button = button.on_hover_text(command.tooltip());
                if button.clicked() {
                    commands.push(command);
                }
            }
        }
        if button_or_reason(ui, "Delete…", can).clicked() {
            memory.delete = chosen;
        }
    });
}
