//! Before an experiment is shared: how large the file will be, and what to leave out.

use egui::{Context, Key, Label, Modifiers, Ui};

use super::modal;
use crate::app::{Ask, Command, Commands, State};
use crate::store::Sharing;
use crate::ui::theme::{GAP, Tokens, small, title};

/// Draws the question, if an experiment is to be shared. True once it is answered.
pub fn sharing_ui(ctx: &Context, state: &State, commands: &mut Commands) -> bool {
    let Some((id, sizes)) = &state.sharing else { return false };
    let (answer, is_closed) = modal::sheet(ctx, "sharing", 440.0, |ui| sheet_ui(ui, *sizes));
    if let Some(Some(sharing)) = answer {
        commands.push(Command::Choose(Ask::Share(id.clone(), sharing)));
    }
    let is_left = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    answer.is_some() || is_closed || is_left
}

/// What was chosen; an empty choice is none.
fn sheet_ui(ui: &mut Ui, [whole, small_size]: [u64; 2]) -> Option<Option<Sharing>> {
    ui.label(title("Share the experiment"));
    ui.add_space(GAP);
    let mut answer = None;
    let choices = [
        (Sharing::Whole, "Everything…", whole, "Whoever gets it can run it again, to the bit."),
        (
            Sharing::WithoutPredictions,
            "Without predictions…",
            small_size,
            "Smaller. Verify then needs the data and the models.",
        ),
    ];
    for (sharing, name, bytes, note) in choices {
        if choice_ui(ui, name, bytes, note) {
            answer = Some(Some(sharing));
        }
    }
    let text = "The file holds plan, recording, digests, comments and sign-offs: no feature of your \
                rows, no path of this computer, and no name but those under comments and \
                sign-offs. Users are hashes.";
    ui.add(Label::new(small(text).color(Tokens::of(ui).subdued)).wrap());
    ui.add_space(GAP);
    if ui.button("Cancel").clicked() { Some(None) } else { answer }
}

fn choice_ui(ui: &mut Ui, name: &str, bytes: u64, note: &str) -> bool {
    let clicked = ui
        .horizontal(|ui| {
            let clicked = ui.button(name).clicked();
            ui.label(format!("{:.1} MB", bytes as f64 / 1e6));
            clicked
        })
        .inner;
    ui.label(small(note).color(Tokens::of(ui).subdued));
    ui.add_space(GAP / 2.0);
    clicked
}
