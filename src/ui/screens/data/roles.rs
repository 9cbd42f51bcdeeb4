//! What a column is for: shown, marked where it is only guessed, and changed.

use egui::{ComboBox, Role as Part, Ui, WidgetInfo};

use crate::app::{Command, Commands, State};
use crate::data::{self, Guess};
use crate::domain::Role;
use crate::ui::theme::{Tokens, small};

const WIDTH: f32 = 104.0;

/// What the role does in a rehearsal.
pub fn purpose(role: Role) -> &'static str {
    match role {
        Role::Feature => "Models may read it",
        Role::Text => "Text that models may read",
        Role::Label => "The truth: quality is judged by it",
        Role::Time => "When it happened: order and pace of the replay",
        Role::User => "Who sent it: users keep their arm",
        Role::Segment => "Slices to look at apart, such as a region",
        Role::Value => "What an answer is worth, in money",
        Role::Prediction => "Answers of a model that ran elsewhere",
        Role::Ignore => "Nothing reads it",
    }
}

/// Draws the role as a list to choose from.
pub fn role_ui(ui: &mut Ui, state: &State, guess: &Guess, column: &str, commands: &mut Commands) {
    let tokens = Tokens::of(ui);
    let (role, _) = data::role_of(&state.plan.draft().data, guess, column);
    let combo = ComboBox::from_id_salt(("role", column)).selected_text(role.label());
    let response = combo.width(WIDTH).truncate().show_ui(ui, |ui| {
        for other in Role::ALL.into_iter().filter(|other| can_be(*other, role)) {
            let choice = ui.selectable_label(other == role, other.label());
            if choice.on_hover_text(purpose(other)).clicked() {
                commands.push(Command::SetRole { column: column.to_owned(), role: other });
            }
        }
    });
    let label = format!("Role of {column}: {}", role.label());
    response.response.widget_info(|| WidgetInfo::labeled(Part::ComboBox, true, &label));
    response.response.on_hover_text(purpose(role));
    if state.guessed.contains(column) {
        ui.label(small("guess").color(tokens.faint)).on_hover_text(
            "Guessed from the column's name and values: choose a role to confirm or change it",
        );
    }
}

/// Texts and predictions are what they are by their values.
fn can_be(role: Role, now: Role) -> bool {
    !matches!(role, Role::Text | Role::Prediction) || role == now
}
