//! The file and what is wrong with it.

use egui::{Button, Label, RichText, ScrollArea, Sense, Ui};

use super::short::bytes;
use crate::app::{Ask, Command, Commands, State};
use crate::data::{DataProblem, Dataset, Severity};
use crate::domain::grouped;
use crate::ui::theme::{GAP, Tokens, number, small, strong};
use crate::ui::widgets::{Status, problem_line, section, value_row, value_row_ui};

/// Signs of the digest that are shown.
const SHORT: usize = 12;

/// Draws the card.
pub fn facts_ui(ui: &mut Ui, state: &State, dataset: &Dataset, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.y = 4.0;
    let name = dataset.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let heading = Label::new(strong(name.unwrap_or_default())).truncate().sense(Sense::hover());
    ui.add(heading).on_hover_text(dataset.path.display().to_string());
    let height = std::mem::replace(&mut ui.spacing_mut().interact_size.y, 18.0);
    value_row(ui, "Format", dataset.format.label());
    value_row(ui, "Size", &bytes(dataset.file_bytes));
    value_row(ui, "Rows", &grouped(dataset.table.rows as u64));
    value_row(ui, "Columns", &grouped(dataset.table.columns.len() as u64));
    digest_ui(ui, &dataset.table.digest);
    ui.spacing_mut().interact_size.y = height;
    ui.add_space(GAP / 2.0);
    ui.horizontal(|ui| {
        if ui.button("Other file…").clicked() {
            commands.push(Command::Choose(Ask::Data));
        }
    });
    ui.add_space(GAP);
    ui.separator();
    gaps_ui(ui, state);
    problems_ui(ui, state, &dataset.problems, commands);
}

fn digest_ui(ui: &mut Ui, digest: &str) {
    value_row_ui(ui, "Digest", |ui| {
        let short: String = digest.chars().take(SHORT).collect();
        let button = ui.add(Button::new(number(short).size(11.0)).frame(false));
        if button.on_hover_text(format!("{digest}\nClick to copy")).clicked() {
            ui.ctx().copy_text(digest.to_owned());
        }
    });
}

/// Roles without which a rehearsal says less; nothing is wrong.
fn gaps_ui(ui: &mut Ui, state: &State) {
    let data = &state.plan.draft().data;
    let gaps = [
        (&data.label, "No column is the label: quality cannot be judged."),
        (&data.time, "No column is the time: rows come as in the file."),
    ];
    for (_, text) in gaps.into_iter().filter(|(column, _)| column.is_none()) {
        problem_line(ui, Status::Neutral, text, None);
    }
}

fn problems_ui(ui: &mut Ui, state: &State, problems: &[DataProblem], commands: &mut Commands) {
    let told: Vec<(usize, &DataProblem)> =
        problems.iter().enumerate().filter(|(place, _)| !state.ignored.contains(place)).collect();
    let ignored = problems.len() - told.len();
    let note = if ignored > 0 { format!("{ignored} ignored") } else { String::new() };
    match told.len() {
        0 => section(ui, "No problems", &note),
        1 => section(ui, "1 problem", &note),
        count => section(ui, &format!("{count} problems"), &note),
    }
    if told.is_empty() {
        let text = Status::Pass.text("Every value could be read");
        let text = if problems.is_empty() { text } else { "All were ignored".to_owned() };
        ui.label(RichText::new(text).color(Tokens::of(ui).pass));
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (place, problem) in told {
            problem_ui(ui, place, problem, commands);
        }
    });
}

fn problem_ui(ui: &mut Ui, place: usize, problem: &DataProblem, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let status = match problem.severity {
        Severity::Warning => Status::Warn,
        Severity::Note => Status::Neutral,
    };
    let location = match (problem.row, &problem.column) {
        (Some(row), Some(column)) => format!("Row {}, {column}", grouped(row as u64)),
        (Some(row), None) => format!("Row {}", grouped(row as u64)),
        (None, Some(column)) => column.clone(),
        (None, None) => "File".to_owned(),
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(status.glyph()).color(status.colour(tokens)));
        let link = Label::new(small(location).color(tokens.text)).truncate().sense(Sense::click());
        if ui.add(link).clicked()
            && let Some(column) = &problem.column
        {
            commands.push(Command::SelectColumn(column.clone()));
        }
    });
    ui.add(Label::new(small(&problem.message).color(tokens.subdued)).wrap());
    ui.horizontal(|ui| {
        let command = Command::IgnoreProblem(place);
        let button = ui.add(Button::new(small("Ignore")));
        if button.on_hover_text(command.tooltip()).clicked() {
            commands.push(command);
        }
    });
    ui.add_space(4.0);
}
