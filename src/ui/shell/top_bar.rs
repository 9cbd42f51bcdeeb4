//! The top bar: menus, what is open, and the way to every command.

use egui::{
    Align, Button, Label, Layout, MenuBar, Sense, Stroke, TextStyle, TextWrapMode, Ui, WidgetText,
};

use super::menu;
use crate::app::{Command, Commands, Overlay, Place, RunStage, State};
use crate::ui::theme::{Tokens, small, strong};

/// Draws the bar.
pub fn top_bar_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    MenuBar::new().ui(ui, |ui| {
        menu::menus_ui(ui, state, commands);
        let tokens = Tokens::of(ui);
        let (line, _) = ui.allocate_exact_size(egui::vec2(9.0, 20.0), Sense::hover());
        ui.painter().vline(line.center().x, line.y_range(), Stroke::new(1.0, tokens.edge));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let find = Command::Show(Overlay::Palette);
            let keys = find.shortcut().unwrap_or_default();
            let button = Button::new(find.label()).shortcut_text(keys).frame_when_inactive(false);
            if ui.add(button).on_hover_text(find.tooltip()).clicked() {
                commands.push(find);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| title_ui(ui, state));
        });
    });
}

fn title_ui(ui: &mut Ui, state: &State) {
    let tokens = Tokens::of(ui);
    let (title, note) = title(state);
    let is_changed = note == CHANGED;
    let colour = if is_changed { tokens.warn } else { tokens.subdued };
    let note = WidgetText::from(small(note).color(colour));
    let note = note.into_galley(ui, Some(TextWrapMode::Extend), 0.0, TextStyle::Small);
    let room = ui.available_width() - note.size().x - ui.spacing().item_spacing.x;
    let title = Label::new(strong(title)).truncate();
    if room < LEAST_TITLE {
        ui.add(title);
    } else {
        ui.scope(|ui| {
            ui.set_max_width(room);
            ui.add(title);
        });
        ui.label(note);
    }
}

/// A title with less room than this stands without its note.
const LEAST_TITLE: f32 = 60.0;
const CHANGED: &str = "plan not saved";

/// What is worked on, and whether it is kept.
fn title(state: &State) -> (String, &'static str) {
    let is_about_run = matches!(state.place, Place::Rehearse | Place::Review);
    if let Some(run) = state.shown_run().filter(|_| is_about_run) {
        let note = match &run.stage {
            RunStage::Running(_) => "running",
            RunStage::Finished if run.id.is_some() => "run saved",
            RunStage::Finished => "opened from a file",
            RunStage::Stopped(_) => "stopped",
        };
        return (run.title.clone(), note);
    }
    let plan = &state.plan;
    let name = plan.draft().name.trim();
    let name = if name.is_empty() { "New plan" } else { name };
    let note = match (plan.path(), plan.is_saved()) {
        (_, true) => "plan saved",
        (None, false) if !plan.can_undo() => "",
        _ => CHANGED,
    };
    (name.to_owned(), note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::PlanEditor;
    use crate::domain::PlanDraft;

    #[test]
    fn the_title_says_what_is_open_and_whether_it_is_kept() {
        let mut state = State::default();
        let draft = PlanDraft { name: "Fraud 3".to_owned(), ..PlanDraft::default() };
        state.plan = PlanEditor::new(draft.clone(), Some("fraud.toml".into()));
        assert_eq!(title(&state), ("Fraud 3".to_owned(), "plan saved"));
        state.plan.edit(PlanDraft { seed: draft.seed + 1, ..draft });
        assert_eq!(title(&state).1, CHANGED);
    }
}
