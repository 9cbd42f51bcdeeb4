//! Answers that were recorded elsewhere.

use egui::{RichText, Ui};

use crate::app::{Command, Commands, Place, State};
use crate::domain::{Latency, grouped};
use crate::ui::screens::data::range;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Status, problem_line, value_row};

/// Draws what the column holds.
pub fn answers_ui(ui: &mut Ui, state: &State, column: &str) {
    let Some(dataset) = state.dataset() else { return };
    let Some(profile) = dataset.profiles.iter().find(|profile| profile.name == column) else {
        return;
    };
    let text = Status::Pass.text("The answers are in the data");
    ui.label(RichText::new(text).color(Tokens::of(ui).pass));
    ui.spacing_mut().interact_size.y = 18.0;
    value_row(ui, "Type", profile.kind());
    value_row(ui, "Values", &range(&profile.shape));
    value_row(ui, "Distinct", &grouped(profile.distinct as u64));
    if profile.missing > 0 {
        let text = format!("{} rows have no answer.", grouped(profile.missing as u64));
        problem_line(ui, Status::Warn, &text, None);
    }
}

/// Recorded answers carry no service time: says so where the plan wants a measured one.
pub fn latency_note_ui(ui: &mut Ui, latency: &Latency, commands: &mut Commands) {
    if !matches!(latency, Latency::Measured { .. }) {
        return;
    }
    let text = "How long these answers took is not known: state a service time in the plan.";
    problem_line(ui, Status::Warn, text, None);
    ui.horizontal(|ui| {
        if ui.button("Go to Plan").clicked() {
            commands.push(Command::Go(Place::Plan));
        }
    });
}
